"""The thumbnail of a day: one point a minute, what goes beside it below, and bands of health notes."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from tickreel.market.time import US_PER_DAY, US_PER_SECOND
from tickreel.market.units import format_amount, format_count, format_price, price_decimals
from tickreel.store.library.minutes import MINUTES, DayMinutes, Measure
from tickreel_desktop.data.detail.kinds import colour_of
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import short_axis_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.store.health import Interval
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_HEIGHT_PX = 150
_COMPACT_HEIGHT_PX = 104
_AXIS_PX = 66
_HOURS_PX = 16
_BESIDE_SHARE = 0.3
_US_PER_MINUTE = 60 * US_PER_SECOND
_HOURS_STEP_US = 6 * 3600 * US_PER_SECOND
_BAND_ALPHA = 0.34

_CAPTIONS = {
    Measure.TOUCH: "Mid and widest spread by the minute. Bands: health notes.",
    Measure.TRADES: "Price and amount traded by the minute. Bands: health notes.",
    Measure.ROWS: "Rows by the minute. Bands: health notes.",
}
_BESIDE = {Measure.TOUCH: "spread", Measure.TRADES: "amount"}


def chart_caption(measure: Measure) -> str:
    """Say what the chart of a day shows."""
    return _CAPTIONS[measure]


class DayChart(QWidget):
    """Draw the minutes of a UTC day, or say why there is nothing to draw."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._start_us = 0
        self._minutes: DayMinutes | None = None
        self._intervals: tuple[Interval, ...] = ()
        self._message = ""
        self._is_error = False
        self._decimals = 0
        self._is_compact = False
        self._picture: QPixmap | None = None
        self.setAccessibleName("The day by its minutes")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._forget_picture)
        zone.changed.connect(self._forget_picture)

    def show_minutes(self, start_us: int, minutes: DayMinutes) -> None:
        """Draw a day that begins at an instant."""
        self._start_us, self._minutes, self._message = start_us, minutes, ""
        self._decimals = _decimals(minutes.level)
        self.setAccessibleDescription(self._words())
        self._forget_picture()

    def show_intervals(self, intervals: Sequence[Interval]) -> None:
        """Mark what the health report tells."""
        self._intervals = tuple(intervals)
        self._forget_picture()

    def show_message(self, text: str, *, is_error: bool = False) -> None:
        """Say why nothing is drawn, or how far it is read."""
        self._minutes, self._message, self._is_error = None, text, is_error
        self.setAccessibleDescription(text)
        self._forget_picture()

    @property
    def message(self) -> str:
        """What is said in place of a drawing; empty when a day is drawn."""
        return self._message

    def _words(self) -> str:
        """Say in a sentence what the lines show."""
        minutes = self._minutes
        if minutes is None:
            return self._message
        known = minutes.level[np.isfinite(minutes.level)]
        if not known.size:
            return "No minute of the day has a figure"
        low, high, last = (self._value(float(value)) for value in (known.min(), known.max(), known[-1]))
        match minutes.measure:
            case Measure.ROWS:
                return f"Rows in a minute from {low} to {high}"
            case Measure.TRADES:
                return f"Price from {low} to {high}, last {last}"
            case Measure.TOUCH:
                return f"Mid from {low} to {high}, last {last}"

    def _value(self, value: float) -> str:
        if self._minutes is not None and self._minutes.measure is Measure.ROWS:
            return format_count(round(value))
        return format_price(value, self._decimals)

    def _beside_text(self, value: float) -> str:
        is_touch = self._minutes is not None and self._minutes.measure is Measure.TOUCH
        return format_price(value, self._decimals) if is_touch else format_amount(value)

    def set_compact(self, compact: bool) -> None:
        """Be low, or as high as usual."""
        self._is_compact = compact
        self.updateGeometry()

    # Where things are

    def _plot(self) -> QRect:
        width = self.width() - self._theme.px(_AXIS_PX)
        return QRect(0, 0, max(1, width), max(1, self.height() - self._theme.px(_HOURS_PX)))

    def _across(self, at_us: float, plot: QRect) -> float:
        return plot.left() + (at_us - self._start_us) / US_PER_DAY * plot.width()

    def sizeHint(self) -> QSize:
        """Be as high as two small charts need."""
        height = _COMPACT_HEIGHT_PX if self._is_compact else _HEIGHT_PX
        return QSize(self._theme.px(400), self._theme.px(height))

    def minimumSizeHint(self) -> QSize:
        """Be readable."""
        return QSize(self._theme.px(220), self.sizeHint().height())

    # Drawing

    def _forget_picture(self) -> None:
        self._picture = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show what was drawn once."""
        ratio = self.devicePixelRatioF()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        if self._picture is None or self._picture.size() != size:
            self._picture = self._drawn(size, ratio)
        painter = QPainter(self)
        painter.drawPixmap(QPoint(0, 0), self._picture)
        painter.end()

    def _drawn(self, size: QSize, ratio: float) -> QPixmap:
        picture = QPixmap(size)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        plot = self._plot()
        painter.fillRect(plot, self._theme.colour("plot"))
        if self._minutes is None:
            painter.setPen(self._theme.colour("error" if self._is_error else "text_3"))
            room = plot.adjusted(self._theme.px(12), 0, -self._theme.px(12), 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        else:
            self._paint_bands(painter, plot)
            self._paint_minutes(painter, plot, self._minutes)
            self._paint_hours(painter, plot)
        painter.end()
        return picture

    def _paint_bands(self, painter: QPainter, plot: QRect) -> None:
        """Paint each column once, however many intervals lie in it; warnings above the rest."""
        for name in ("text_3", "warning"):
            columns = np.zeros(plot.width() + 3, np.bool_)
            for one in self._intervals:
                if colour_of(one.kind) == name:
                    low, high = (floor(self._across(at, plot)) for at in (one.from_us, one.to_us))
                    columns[max(0, low) : max(low + 2, high + 1)] = True
            colour = self._theme.colour("warning" if name == "warning" else "text_3")
            colour.setAlphaF(_BAND_ALPHA)
            edges = np.flatnonzero(np.diff(columns[: plot.width()].astype(np.int8), prepend=0, append=0))
            for low, high in edges.reshape(-1, 2).tolist():
                painter.fillRect(plot.left() + low, plot.top(), high - low, plot.height(), colour)

    def _paint_minutes(self, painter: QPainter, plot: QRect, minutes: DayMinutes) -> None:
        if minutes.measure is Measure.ROWS:
            self._paint_bars(painter, plot.adjusted(0, self._theme.px(6), 0, 0), minutes.level)
            self._paint_value(painter, plot, plot.top() + self._theme.px(6), float(minutes.level.max()))
            return
        beside = round(plot.height() * _BESIDE_SHARE)
        self._paint_line(painter, plot.adjusted(0, 0, 0, -beside - self._theme.px(4)), minutes.level)
        below = plot.adjusted(0, plot.height() - beside, 0, 0)
        self._paint_bars(painter, below, minutes.beside)
        known = minutes.beside[np.isfinite(minutes.beside)]
        if known.size:
            words = painter.fontMetrics()
            painter.setPen(self._theme.colour("text_3"))
            left, top = plot.right() + self._theme.px(8), below.top() + words.ascent()
            painter.drawText(left, top, _BESIDE[minutes.measure])
            painter.drawText(left, top + words.height(), f"to {self._beside_text(float(known.max()))}")

    def _paint_line(self, painter: QPainter, room: QRect, level: NDArray[np.float64]) -> None:
        known = np.isfinite(level)
        if not known.any():
            return
        low, high = float(level[known].min()), float(level[known].max())
        inner = room.adjusted(0, self._theme.px(8), 0, -self._theme.px(6))
        span = high - low

        def down(value: float) -> float:
            return inner.center().y() if span <= 0 else inner.bottom() - (value - low) / span * inner.height()

        for value in (low, (low + high) / 2, high) if span > 0 else (low,):
            y = round(down(value))
            painter.fillRect(room.left(), y, room.width(), 1, self._theme.colour("grid"))
            self._paint_value(painter, room, y, value)
        painter.setPen(QPen(self._theme.colour("text"), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = room.width() / MINUTES
        edges = np.flatnonzero(np.diff(known.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
        for begin, end in edges.tolist():
            points = [
                QPointF(room.left() + (place + 0.5) * step, down(value))
                for place, value in enumerate(level[begin:end].tolist(), begin)
            ]
            painter.drawPolyline(QPolygonF(points))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _paint_bars(self, painter: QPainter, room: QRect, values: NDArray[np.float64]) -> None:
        """Draw a bar for each pixel column: the greatest of its minutes."""
        finite = np.nan_to_num(np.maximum(values, 0))
        top = float(finite.max())
        if top <= 0:
            return
        columns = np.arange(room.width()) * MINUTES // room.width()
        lasts = np.maximum(columns, np.append(columns[1:], MINUTES) - 1)
        colour = self._theme.colour("text_3")
        for place, (low, high) in enumerate(zip(columns.tolist(), lasts.tolist(), strict=True)):
            height = round(float(finite[low : high + 1].max()) / top * room.height())
            if height:
                painter.fillRect(QRectF(room.left() + place, room.bottom() + 1 - height, 1, height), colour)

    def _paint_value(self, painter: QPainter, room: QRect, y: int, value: float) -> None:
        words = painter.fontMetrics()
        painter.setPen(self._theme.colour("text_3"))
        baseline = y + (words.ascent() - words.descent()) // 2
        baseline = max(baseline, words.ascent())
        painter.drawText(room.right() + self._theme.px(8), baseline, self._value(value))

    def _paint_hours(self, painter: QPainter, plot: QRect) -> None:
        words = painter.fontMetrics()
        zone = self._zone.zone
        top = plot.bottom() + 1
        for at_us in zone.round_instants(self._start_us, self._start_us + US_PER_DAY, _HOURS_STEP_US):
            text = short_axis_text(zone, at_us, _HOURS_STEP_US)
            across = self._across(at_us, plot)
            width = words.horizontalAdvance(text)
            left = min(max(across - width / 2, plot.left()), plot.right() + self._theme.px(4) - width / 2)
            painter.fillRect(
                QRectF(round(across), top, 1, self._theme.px(3)), self._theme.colour("line_strong")
            )
            painter.setPen(self._theme.colour("text_3"))
            painter.drawText(QPointF(left, top + self._theme.px(3) + words.ascent()), text)

    def event(self, event: QEvent) -> bool:
        """Tell of the minute under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self)
            return True
        return super().event(event)

    def _tip(self, place: QPoint) -> str:
        plot, minutes = self._plot(), self._minutes
        if minutes is None or not plot.contains(place):
            return ""
        number = min(MINUTES - 1, (place.x() - plot.left()) * MINUTES // plot.width())
        at_us = self._start_us + number * _US_PER_MINUTE
        level, beside = float(minutes.level[number]), float(minutes.beside[number])
        clock = self._zone.zone.clock(at_us, 0)
        if minutes.measure is Measure.ROWS:
            return f"{clock}: {self._value(level)} rows"
        if not isfinite(level):
            return f"{clock}: nothing known"
        tip = f"{clock}: {'mid' if minutes.measure is Measure.TOUCH else 'price'} {self._value(level)}"
        return f"{tip}, {_BESIDE[minutes.measure]} {self._beside_text(beside)}" if isfinite(beside) else tip


def _decimals(values: NDArray[np.float64]) -> int:
    """Find decimals that tell values apart: as few as show them, and no more than five digits' worth."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0
    size = float(np.abs(known).max())
    most = 5 - floor(log10(size)) if size > 0 else 0
    return max(0, min(price_decimals(known), most))
