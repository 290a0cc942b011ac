"""Curves over the span that several charts share: its cursor, its chosen part, read-out, gaps and marks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QApplication

from tickreel.market.time import format_us
from tickreel_desktop.backtest.charts.figure import Figure, value_text
from tickreel_desktop.backtest.charts.layers import Band
from tickreel_desktop.backtest.charts.scale import Place, range_around
from tickreel_desktop.replay.charttable import ChartTable, plain
from tickreel_desktop.replay.ticks import time_step_us
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import axis_text, day_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.backtest.charts.layers import Layer
    from tickreel_desktop.backtest.charts.span import Span
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

AXIS_HEIGHT_PX: Final = 20
_END_ROOM_PX: Final = 72
"""Right of the plot, for what lines end with: the same for all charts over one span, which lie in line."""
_PX_PER_MOMENT: Final = 96
_STEPS: Final = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}
_LONG_STEP: Final = 10
_NOTCH: Final = 120
_ZOOM_PER_NOTCH: Final = 0.8
_PAN_PER_NOTCH: Final = 0.1
_DESCRIBE_S: Final = 1.0
_MOST_ROWS: Final = 20_000
_MOST_END_LABELS: Final = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of which nothing is known, with a word for it."""

    from_us: int
    to_us: int
    word: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with a word, such as where the worst drawdown ended; without a value, an instant."""

    at_us: int
    value: float | None
    word: str


class TimeChart(Figure):
    """Layers over a span; wheel zooms, a drag chooses a part, a double click shows all again."""

    pointed = Signal(object)
    """The user clicked at an instant (microseconds, int)."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        name: str,
        span: Span,
        text: Callable[[float, int], str] = value_text,
        told: Callable[[float], str] | None = None,
        *,
        has_times: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Print values by *text* on the axis and by *told* in the read-out; *has_times* has a time axis."""
        super().__init__(theme, name, text, parent)
        self._zone = zone
        self._span = span
        self._told = told or (lambda value: text(value, 2))
        self._layers: tuple[Layer, ...] = ()
        self._gaps: tuple[Gap, ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self._ends: tuple[tuple[float, str], ...] = ()
        self._with_zero = True
        self._has_times = has_times
        self._picture: QPixmap | None = None
        self._place: Place | None = None
        self._pressed_px: float | None = None
        self._is_pointed = False
        self._described_s = float("-inf")
        self.shows_read_out = False
        """Whether the cursor's values stand in a box: one of several charts does."""
        self.foot_px = theme.px(AXIS_HEIGHT_PX) if has_times else 0
        self.setMouseTracking(True)
        span.view_changed.connect(self._renew)
        span.cursor_changed.connect(self._on_cursor_changed)
        span.chosen_changed.connect(self.update)
        zone.changed.connect(self._renew)
        theme.changed.connect(self._renew)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What is drawn."""
        return self._layers

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is known to be unknown."""
        return self._gaps

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The points with a word."""
        return self._marks

    def set_layers(self, layers: Sequence[Layer], *, with_zero: bool = True) -> None:
        """Draw other layers, the first of them at the bottom; *with_zero* zero is always in view."""
        self._layers, self._with_zero = tuple(layers), with_zero
        self._renew()

    def set_gaps(self, gaps: Sequence[Gap]) -> None:
        """Mark other stretches."""
        self._gaps = tuple(gaps)
        self._renew()

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Mark other points."""
        self._marks = tuple(marks)
        self._renew()

    def set_ends(self, ends: Sequence[tuple[float, str]]) -> None:
        """Write values at the right edge, at most three: what a line ends with."""
        self._ends = tuple(ends)[:_MOST_END_LABELS]
        self._renew()

    def clear(self) -> None:
        """Draw nothing."""
        self._layers = self._gaps = self._marks = self._ends = ()
        self._renew()

    def area(self) -> QRectF:
        """Give the rectangle of the plot, which leaves room for what lines end with."""
        return super().area().adjusted(0, 0, -self._theme.px(_END_ROOM_PX), 0)

    def place(self) -> Place:
        """Give where instants and values lie now."""
        if self._place is None:
            span = self._span
            extremes = [layer.extremes(span.from_us, span.to_us) for layer in self._layers]
            low, high = range_around(extremes, with_zero=self._with_zero)
            self._place = Place(self.area(), span.from_us, span.to_us, low, high)
        return self._place

    def read_out(self) -> str:
        """Give the values at the cursor, a line for each layer; empty without a cursor."""
        at_us = self._span.cursor_us
        if at_us is None:
            return ""
        zone = self._zone.zone
        lines = [f"{day_text(zone.day_of(at_us))} {zone.clock(at_us, 0)}"]
        for layer in self._layers:
            values = [value for value in layer.told(at_us) if isfinite(value)]
            if values:
                lines.append(f"{layer.name}  {' to '.join(map(self._told, values))}")
        return "\n".join(lines)

    def words(self) -> str:
        """Say in a sentence what is drawn."""
        told = [layer for layer in self._layers if len(layer.values)]
        if not told:
            return "Nothing is drawn."
        parts = [f"{layer.name} ends at {self._told(float(layer.values[-1]))}" for layer in told]
        ranges = [layer.extremes(self._span.from_us, self._span.to_us) for layer in told[:1]]
        if ranges[0] is not None:
            parts[0] += f", between {self._told(ranges[0][0])} and {self._told(ranges[0][1])} in view"
        return f"{'; '.join(parts)}."

    def table(self) -> ChartTable:
        """Give the samples in view; where they are many, those at equal distances."""
        span = self._span
        times = [layer.at_us[layer.trace.in_view(span.from_us, span.to_us)] for layer in self._layers]
        every = np.unique(np.concatenate(times)) if times else np.empty(0, np.int64)
        every = every[(every >= span.from_us) & (every <= span.to_us)]
        every = every[:: max(1, -(-len(every) // _MOST_ROWS))]
        names: list[str] = ["time UTC"]
        columns = [[format_us(int(at_us)) for at_us in every]]
        for layer in self._layers:
            edges = ("low", "high") if isinstance(layer, Band) else ("",)
            told = [layer.told(int(at_us)) for at_us in every]
            for number, edge in enumerate(edges):
                names.append(f"{layer.name} {edge}".strip())
                columns.append([plain(values[number]) for values in told])
        return ChartTable(self.accessibleName(), tuple(names), tuple(zip(*columns, strict=True)))

    def _renew(self) -> None:
        self._picture = self._place = None
        self._describe()
        self.update()

    def _describe(self) -> None:
        now_s = time.monotonic()
        if now_s - self._described_s >= _DESCRIBE_S:
            self._described_s = now_s
            self.setAccessibleDescription(self.words())

    def _on_cursor_changed(self) -> None:
        self._describe()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for another size."""
        super().resizeEvent(event)
        self._picture = self._place = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the curves, from a picture where only the cursor has moved, and the cursor over them."""
        painter = QPainter(self)
        if self._picture is None or self._picture.devicePixelRatioF() != self.devicePixelRatioF():
            self._picture = self._drawn()
        painter.drawPixmap(0, 0, self._picture)
        self._paint_chosen(painter)
        self._paint_cursor(painter)
        painter.end()

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        painter = QPainter(picture)
        self._ground(painter)
        place = self.place()
        for gap in self._gaps:
            self._paint_gap(painter, place, gap)
        self._paint_axis(painter, place)
        painter.setClipRect(place.area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for layer in self._layers:
            layer.paint(painter, place, self._theme)
        for mark in self._marks:
            self._paint_mark(painter, place, mark)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setClipping(False)
        self._paint_ends(painter, place)
        if self._has_times:
            self._paint_times(painter, place)
        painter.end()
        return picture

    def _paint_gap(self, painter: QPainter, place: Place, gap: Gap) -> None:
        left, right = (
            max(place.x_of(gap.from_us), place.area.left()),
            min(place.x_of(gap.to_us), self.width()),
        )
        if right < left:
            return
        ground = QColor(self._theme.colour("line"))
        band = QRectF(left, 0, max(3.0, right - left), place.area.height())
        painter.fillRect(band, ground)
        if gap.word:
            painter.setPen(self._theme.colour("text_2"))
            width, px = QFontMetricsF(painter.font()).horizontalAdvance(gap.word), self._theme.px
            x = band.center().x() - width / 2
            if width + px(12) > band.width():  # beside it, where there is room
                x = band.right() + px(6)
                x = x if x + width < self.width() else band.left() - width - px(6)
            painter.drawText(QPointF(x, place.area.bottom() - self._theme.px(8)), gap.word)

    def _paint_mark(self, painter: QPainter, place: Place, mark: Mark) -> None:
        x = place.x_of(mark.at_us)
        if not place.area.left() <= x <= place.area.right():
            return
        if mark.value is None:
            self._paint_ribbon(painter, place, x, mark.word)
            return
        px, y = self._theme.px, place.y_of(mark.value)
        # The triangle points at its value from the side that has room.
        is_low = y + px(12) > place.area.bottom()
        away = -1 if is_low else 1
        corners = ((0, 2), (-4, 8), (4, 8))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("text"))
        painter.drawPolygon(QPolygonF([QPointF(x + px(dx), y + away * px(dy)) for dx, dy in corners]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._theme.colour("text_2"))
        width = QFontMetricsF(painter.font()).horizontalAdvance(mark.word)
        left = x + px(8) if x + px(8) + width < place.area.right() else x - px(8) - width
        painter.drawText(QPointF(left, y - px(4) if is_low else y + px(11)), mark.word)

    def _paint_ribbon(self, painter: QPainter, place: Place, x: float, word: str) -> None:
        """Draw a line through an instant, with its word on a ground of its own at the top."""
        metrics, px, colour = QFontMetricsF(painter.font()), self._theme.px, self._theme.colour("note")
        painter.fillRect(QRectF(round(x), 0, 1, place.area.height()), colour)
        width = metrics.horizontalAdvance(word) + px(12)
        left = x if x + width < place.area.right() else x - width
        ribbon = QRectF(round(left), px(2), round(width), metrics.height() + px(4))
        painter.fillRect(ribbon, colour)
        painter.setPen(self._theme.colour("window"))
        painter.drawText(ribbon, Qt.AlignmentFlag.AlignCenter, word)

    def _paint_ends(self, painter: QPainter, place: Place) -> None:
        """Write what lines end with right of the plot, none over another."""
        metrics = QFontMetricsF(painter.font())
        height, px = metrics.height() + self._theme.px(2), self._theme.px
        lowest = place.area.bottom() - height - 1
        taken: list[float] = []
        for value, word in self._ends:
            top = _free(min(max(place.y_of(value) - height / 2, 1.0), lowest), height, lowest, taken)
            taken.append(top)
            width = metrics.horizontalAdvance(word) + px(12)
            box = QRectF(place.area.right() + px(4), top, width, height)
            if len(taken) == 1:
                painter.fillRect(box, self._theme.colour("plot"))
                painter.setPen(self._theme.colour("accent"))
                painter.drawRect(box)
            painter.setPen(self._theme.colour("text" if len(taken) == 1 else "text_2"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

    def _paint_times(self, painter: QPainter, place: Place) -> None:
        zone, area = self._zone.zone, place.area
        most = max(2, int(area.width() / self._theme.px(_PX_PER_MOMENT)))
        step_us = time_step_us(self._span.length_us, most)
        metrics = QFontMetricsF(painter.font())
        painter.setPen(self._theme.colour("text_2"))
        base = area.bottom() + metrics.ascent() + self._theme.px(3)
        for at_us in zone.round_instants(place.from_us, place.to_us, step_us):
            text = axis_text(zone, at_us, step_us)
            width = metrics.horizontalAdvance(text)
            left = min(max(place.x_of(at_us) - width / 2, area.left()), area.right() - width)
            painter.drawText(QPointF(left, base), text)
        painter.setPen(self._theme.colour("text_3"))
        name = zone.short_name(place.to_us)
        left = max(0.0, self.axis_px - metrics.horizontalAdvance(name) - self._theme.px(8))
        painter.drawText(QPointF(left, base), name)

    def _paint_chosen(self, painter: QPainter) -> None:
        if self._span.chosen is None:
            return
        place = self.place()
        left, right = (place.x_of(at_us) for at_us in self._span.chosen)
        left, right = max(left, place.area.left()), min(right, place.area.right())
        if right > left:
            ground = QColor(self._theme.colour("accent"))
            ground.setAlpha(40)
            painter.fillRect(QRectF(left, 0, right - left, place.area.height()), ground)
            for x in (left, right):
                painter.fillRect(QRectF(x, 0, 1, place.area.height()), self._theme.colour("accent"))

    def _paint_cursor(self, painter: QPainter) -> None:
        at_us, place = self._span.cursor_us, self.place()
        if at_us is None or not place.from_us <= at_us <= place.to_us:
            return
        x = round(place.x_of(at_us)) + 0.5
        pen = QPen(self._theme.colour("text"), 1)
        pen.setDashPattern([3.0, 3.0])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 0), QPointF(x, place.area.bottom()))
        text = self.read_out() if self.shows_read_out else ""
        if text:
            self._paint_box(painter, x, text)

    def _paint_box(self, painter: QPainter, x: float, text: str) -> None:
        """Draw the read-out, on the side of the cursor that has room."""
        painter.setFont(self._theme.font(FontRole.CAPTION))
        metrics, px = QFontMetricsF(painter.font()), self._theme.px
        lines = text.split("\n")
        width = max(metrics.horizontalAdvance(line) for line in lines) + px(16)
        height = metrics.height() * len(lines) + px(10)
        left = x + px(10) if x + px(10) + width < self.width() else x - px(10) - width
        box = QRectF(round(left) + 0.5, px(8) + 0.5, round(width), round(height))
        painter.setPen(self._theme.colour("control"))
        painter.setBrush(self._theme.colour("raised"))
        painter.drawRect(box)
        painter.setPen(self._theme.colour("text"))
        painter.drawText(box.adjusted(px(8), px(5), 0, 0), 0, text)

    def _within(self, across_px: float) -> int:
        place = self.place()
        at_us = place.instant_at(across_px)
        return min(max(at_us, place.from_us), place.to_us)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus; what follows tells a click from a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_px = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Let the cursor follow the pointer; choose a part where it is pressed."""
        across_px = event.position().x()
        self._is_pointed = True
        self._span.set_cursor(self._within(across_px))
        pressed_px = self._pressed_px
        if pressed_px is not None and abs(across_px - pressed_px) >= QApplication.startDragDistance():
            ends = sorted((self._within(pressed_px), self._within(across_px)))
            self._span.choose((ends[0], ends[1]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or point where the pointer was clicked; that lets go of what was chosen."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_px is None:
            return
        was_dragged = abs(event.position().x() - self._pressed_px) >= QApplication.startDragDistance()
        self._pressed_px = None
        if not was_dragged:
            self._span.choose(None)
            self.pointed.emit(self._within(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all again."""
        self._span.look_at_all()

    def leaveEvent(self, event: QEvent) -> None:
        """Take the cursor away with the pointer; one that was put elsewhere stays."""
        super().leaveEvent(event)
        if self._is_pointed:
            self._is_pointed = False
            self._span.set_cursor(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; sideways, or with Shift, pan."""
        turned = event.angleDelta()
        if turned.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            notches = (turned.x() or turned.y()) / _NOTCH
            self._span.pan(round(-notches * _PAN_PER_NOTCH * self._span.length_us))
        elif turned.y():
            self._span.zoom(_ZOOM_PER_NOTCH ** (turned.y() / _NOTCH), self._within(event.position().x()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor by a column, by ten with Shift; Enter points there, Escape takes it away."""
        steps, span = _STEPS.get(event.key()), self._span
        if steps is not None:
            is_long = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            by_us = max(1, span.length_us // self.place().columns) * steps * (_LONG_STEP if is_long else 1)
            begin_us = span.from_us if steps > 0 else span.to_us
            self._is_pointed = False
            span.bring((begin_us if span.cursor_us is None else span.cursor_us) + by_us)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and span.cursor_us is not None:
            self.pointed.emit(span.cursor_us)
        elif event.key() == Qt.Key.Key_Escape and (span.cursor_us is not None or span.chosen is not None):
            span.set_cursor(None)
            span.choose(None)
        else:
            super().keyPressEvent(event)


def _free(top: float, height: float, lowest: float, taken: Sequence[float]) -> float:
    """Give the place nearest to one that was wanted at which nothing lies over what is taken."""
    sides = [each + height for each in taken] + [each - height for each in taken]
    wanted = sorted([top, *sides], key=lambda place: abs(place - top))
    return next(
        (
            place
            for place in wanted
            if 0 <= place <= lowest and all(abs(place - each) >= height - 0.01 for each in taken)
        ),
        top,
    )
