"""The ground of the charts around an order: one time for all, values at the left, moments as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.units import MINUS
from tickreel_desktop.backtest.charts import TwinChart
from tickreel_desktop.replay.ticks import round_ticks, time_step_us
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import axis_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QColor, QPaintEvent

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_LEFT_PX, _RIGHT_PX, _TOP_PX, _AXIS_PX = 66, 16, 30, 22
_PX_PER_VALUE, _PX_PER_MOMENT = 46, 110
_MOST_VALUES = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """From time and value to pixels of a plot."""

    plot: QRectF
    from_us: int
    to_us: int
    low: float
    high: float

    def x(self, at_us: float) -> float:
        """Give the place of an instant."""
        return (
            self.plot.left() + (at_us - self.from_us) / max(1, self.to_us - self.from_us) * self.plot.width()
        )

    def y(self, value: float) -> float:
        """Give the height of a value."""
        span = self.high - self.low or 1.0
        return self.plot.bottom() - (value - self.low) / span * self.plot.height()

    def steps(self, at_us: NDArray[np.int64], values: NDArray[np.float64], until_us: int) -> list[QPolygonF]:
        """Give the lines of values that hold until the next; where one is not known the line is parted."""
        lines: list[QPolygonF] = []
        line = QPolygonF()
        ends = np.append(at_us[1:], until_us)
        for begin, end, value in zip(at_us.tolist(), ends.tolist(), values.tolist(), strict=True):
            if not np.isfinite(value):
                if line.size():
                    lines.append(line)
                line = QPolygonF()
                continue
            y = self.y(value)
            line.append(QPointF(max(self.x(begin), self.plot.left()), y))
            line.append(QPointF(min(max(self.x(end), self.plot.left()), self.plot.right()), y))
        return [*lines, line] if line.size() else lines


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant that is marked over the charts."""

    at_us: int
    name: str


class OrderChart(TwinChart):
    """A chart over the time of an order; what it draws is its own."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, name: str, *, has_axis: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._zone = zone
        self._has_axis = has_axis
        self._span = (0, 1)
        self._range = (0.0, 1.0)
        self._decimals: int | None = None
        self.moments: tuple[Moment, ...] = ()
        self.message = ""
        """What stands in it while there is nothing to draw."""
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)
        zone.changed.connect(self.update)

    def set_span(self, from_us: int, to_us: int, moments: Sequence[Moment]) -> None:
        """Show this time, with moments that are marked."""
        self._span, self.moments = (from_us, max(to_us, from_us + 1)), tuple(moments)
        self.update()

    def set_range(self, low: float, high: float, decimals: int | None = None) -> None:
        """Show these values."""
        room = 0.08 * (high - low) or max(abs(high) * 1e-4, 1e-9)
        self._range = (low - (room if low else 0.0), high + room)
        self._decimals = decimals
        self.update()

    def sizeHint(self) -> QSize:
        """Be as large as the design has it."""
        return QSize(self._theme.px(640), self._theme.px(320))

    def minimumSizeHint(self) -> QSize:
        """Keep room for a few values."""
        return QSize(self._theme.px(320), self._theme.px(120))

    def scale(self) -> Scale:
        """Give the places as they are now."""
        px = self._theme.px
        foot = px(_AXIS_PX) if self._has_axis else px(6)
        plot = QRectF(
            px(_LEFT_PX),
            px(_TOP_PX),
            max(1, self.width() - px(_LEFT_PX) - px(_RIGHT_PX)),
            max(1, self.height() - px(_TOP_PX) - foot),
        )
        return Scale(plot, *self._span, *self._range)

    def draw(self, painter: QPainter, scale: Scale) -> None:
        """Draw what is shown, over grid and moments."""

    def time_text(self, at_us: int) -> str:
        """Print an instant for the table of the chart."""
        return self._zone.zone.stamp(at_us, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, grid, moments and what is shown."""
        colour, px = self._theme.colour, self._theme.px
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("plot"))
        painter.setFont(self._theme.font(FontRole.CAPTION))
        scale = self.scale()
        if self.message:
            painter.setPen(colour("text_2"))
            centre = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(px(40), 0, -px(40), 0), centre, self.message)
            painter.end()
            return
        self._draw_values(painter, scale)
        if self._has_axis:
            self._draw_times(painter, scale)
        for moment in self.moments:
            if scale.from_us <= moment.at_us <= scale.to_us:
                x = round(scale.x(moment.at_us))
                painter.setPen(QPen(colour("text_2"), 1, Qt.PenStyle.DashLine))
                painter.drawLine(x, 0, x, round(scale.plot.bottom()))
        self.draw(painter, scale)
        painter.end()

    def _draw_values(self, painter: QPainter, scale: Scale) -> None:
        colour = self._theme.colour
        most = int(min(_MOST_VALUES, max(2, scale.plot.height() / self._theme.px(_PX_PER_VALUE))))
        ticks = round_ticks(scale.low, scale.high, most)
        decimals = ticks.decimals if self._decimals is None else max(self._decimals, ticks.decimals)
        words = painter.fontMetrics()
        for value in ticks.values:
            y = round(scale.y(value))
            painter.fillRect(
                QRectF(scale.plot.left(), y, scale.plot.width(), 1),
                colour("line_strong" if value == 0 else "grid"),
            )
            text = f"{value:,.{decimals}f}".replace(",", "\u2009").replace("-", MINUS)
            painter.setPen(colour("text_2"))
            room = QRectF(0, y - words.height() / 2, scale.plot.left() - self._theme.px(8), words.height())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)

    def _draw_times(self, painter: QPainter, scale: Scale) -> None:
        zone, words = self._zone.zone, painter.fontMetrics()
        most = max(1, int(scale.plot.width() / self._theme.px(_PX_PER_MOMENT)))
        step_us = time_step_us(scale.to_us - scale.from_us, most)
        painter.setPen(self._theme.colour("text_2"))
        top = scale.plot.bottom() + self._theme.px(4)
        for at_us in zone.round_instants(scale.from_us, scale.to_us, step_us):
            text = axis_text(zone, at_us, step_us)
            left = scale.x(at_us) - words.horizontalAdvance(text) / 2
            if left >= scale.plot.left() and left + words.horizontalAdvance(text) <= self.width():
                painter.drawText(QPointF(left, top + words.ascent()), text)
        painter.setPen(self._theme.colour("text_3"))
        painter.drawText(QPointF(self._theme.px(12), top + words.ascent()), zone.short_name(scale.from_us))

    def label_box(self, painter: QPainter, text: str, x: float, *, before: bool) -> QRect:
        """Give the place of words beside a line, before it or after it, at the head of the chart."""
        words, px = painter.fontMetrics(), self._theme.px
        width = words.horizontalAdvance(text) + px(10)
        left = x - width - px(4) if before else x + px(4)
        left = min(max(left, px(2)), self.width() - width - px(2))
        return QRect(round(left), px(6), width, words.height() + px(4))

    def label(self, painter: QPainter, text: str, box: QRect) -> None:
        """Write words in a box."""
        painter.fillRect(box, self._theme.colour("panel"))
        painter.setPen(self._theme.colour("control"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        painter.setPen(self._theme.colour("text"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def area_under(line: QPolygonF, bottom: float) -> QPolygonF:
    """Close a line down to the foot of a plot."""
    closed = QPolygonF(line)
    if line.size():
        closed.append(QPointF(line.at(line.size() - 1).x(), bottom))
        closed.append(QPointF(line.at(0).x(), bottom))
    return closed


def faint(colour: QColor, share: float) -> QColor:
    """Give a colour that lets through what lies below."""
    colour.setAlphaF(share)
    return colour
