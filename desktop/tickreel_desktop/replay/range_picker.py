"""A bar of the days that are held, with two handles that cut a range out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us, days_touched
from tickreel.store import DayState
from tickreel_desktop.replay.ticks import time_step_us
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import axis_text, range_text, utc_day_text

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from tickreel_desktop.replay.offer import ReplayOffer
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_PX_PER_LABEL = 96
_REACH_PX = 12
_MOST_DAYS = 400
_FRAME_ALPHA = 40
_HEIGHT_PX = 64
_HIGH_PX = 80
"""Height with the names of the UTC days below the bar."""


class RangePicker(QWidget):
    """Show what is held, and let the begin and the end of a range be dragged.

    Moments are those of the display zone; in any other than UTC the UTC days are named below.
    With the keyboard the arrows move the begin, and with Shift the end.
    """

    range_changed = Signal(object, object)
    """The user moved begin or end: both in microseconds (int)."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, offer: ReplayOffer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._offer = offer
        self._begin_us, self._end_us = offer.span_us
        self._from_us, self._to_us = offer.span_us
        self._held_is_begin: bool | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Range within what is held: arrows move the begin, Shift and arrows the end")
        theme.changed.connect(self.update)
        zone.changed.connect(self._on_zone_changed)

    @property
    def range_us(self) -> tuple[int, int]:
        """Give the range [from, to) that is marked."""
        return self._from_us, self._to_us

    def set_range(self, from_us: int, to_us: int) -> None:
        """Mark another range without telling anyone."""
        self._from_us, self._to_us = from_us, to_us
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(range_text(self._zone.zone, self._from_us, self._to_us))

    def _on_zone_changed(self) -> None:
        self._describe()
        self.updateGeometry()
        self.update()

    def place(self, at_us: int) -> float:
        """Find where an instant lies, in pixels from the left; the ends for what lies beyond."""
        margin = self._theme.px(8)
        share = (at_us - self._begin_us) / (self._end_us - self._begin_us)
        return margin + min(max(share, 0.0), 1.0) * (self.width() - 2 * margin)

    def _instant(self, across: float) -> int:
        margin = self._theme.px(8)
        share = (across - margin) / max(1, self.width() - 2 * margin)
        at_us = self._begin_us + round(min(max(share, 0.0), 1.0) * (self._end_us - self._begin_us))
        return self._rounded(at_us)

    def _rounded(self, at_us: int) -> int:
        """Take the nearest round moment, and the very ends where they are nearer."""
        step_us = self._step_us()
        around = self._zone.zone.round_instants(at_us - step_us, at_us + step_us, step_us)
        near = (*around, self._begin_us, self._end_us)
        inside = [each for each in near if self._begin_us <= each <= self._end_us]
        return min(inside, key=lambda each: abs(each - at_us))

    def _step_us(self) -> int:
        return max(US_PER_SECOND, time_step_us(self._end_us - self._begin_us, max(1, self.width() // 2)))

    def _move(self, at_us: int, *, is_begin: bool) -> None:
        step_us = self._step_us()
        if is_begin:
            moved = (min(max(at_us, self._begin_us), self._to_us - step_us), self._to_us)
        else:
            moved = (self._from_us, max(min(at_us, self._end_us), self._from_us + step_us))
        if moved != self.range_us and moved[0] < moved[1]:
            self.set_range(*moved)
            self.range_changed.emit(*moved)

    def _handle_at(self, across: float) -> bool | None:
        """Tell whether the pointer is at the begin (True), the end (False), or at neither (None)."""
        begin, end = abs(across - self.place(self._from_us)), abs(across - self.place(self._to_us))
        if min(begin, end) > self._theme.px(_REACH_PX):
            return None
        return begin < end

    def sizeHint(self) -> QSize:
        """Be as high as labels and bar need."""
        return QSize(self._theme.px(400), self._theme.px(_HEIGHT_PX if self._zone.zone.is_utc else _HIGH_PX))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle under the pointer, or bring the nearer one there."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        across = event.position().x()
        handle = self._handle_at(across)
        if handle is None:
            handle = abs(across - self.place(self._from_us)) < abs(across - self.place(self._to_us))
        self._held_is_begin = handle
        self._move(self._instant(across), is_begin=handle)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle, or show that there is one."""
        across = event.position().x()
        if self._held_is_begin is not None:
            self._move(self._instant(across), is_begin=self._held_is_begin)
            return
        is_near = self._handle_at(across) is not None
        self.setCursor(Qt.CursorShape.SizeHorCursor if is_near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held_is_begin = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the begin, or with Shift the end, to the next round moment."""
        direction = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}.get(event.key())
        if direction is None:
            super().keyPressEvent(event)
            return
        is_begin = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step_us = time_step_us(self._end_us - self._begin_us, 48)
        start_us = self._from_us if is_begin else self._to_us
        # Two steps reach over any change of the clocks.
        edges = sorted((start_us + direction, start_us + direction * (2 * step_us + US_PER_DAY)))
        around = self._zone.zone.round_instants(edges[0], edges[1], step_us)
        if around:
            self._move(around[-1] if direction < 0 else around[0], is_begin=is_begin)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw moments, what is held of each day, and the frame with its handles."""
        px, colour = self._theme.px, self._theme.colour
        painter = QPainter(self)
        bar = QRectF(px(8), px(30), self.width() - 2 * px(8), px(16))
        self._paint_moments(painter, bar)
        self._paint_days(painter, bar)
        left, right = self.place(self._from_us), self.place(self._to_us)
        ground = QColor(colour("accent"))
        ground.setAlpha(_FRAME_ALPHA)
        frame = QRectF(round(left), px(20), round(right - left), px(36))
        painter.fillRect(frame, ground)
        painter.setPen(QPen(colour("accent"), 1))
        painter.drawRect(frame.adjusted(0.5, 0.5, -0.5, -0.5))
        for across in (left, right):
            grip = QRectF(round(across) - px(3), px(27), px(6), px(20))
            painter.fillRect(grip, colour("accent"))
            painter.fillRect(QRectF(round(across), px(32), 1, px(10)), colour("on_accent"))
        painter.end()

    def _paint_moments(self, painter: QPainter, bar: QRectF) -> None:
        painter.setFont(self._theme.font(FontRole.CAPTION))
        step_us = time_step_us(
            self._end_us - self._begin_us, int(self.width() / self._theme.px(_PX_PER_LABEL))
        )
        words = painter.fontMetrics()
        for at_us in self._zone.zone.round_instants(self._begin_us, self._end_us, step_us):
            text = axis_text(self._zone.zone, at_us, step_us)
            across, width = self.place(at_us), words.horizontalAdvance(text)
            painter.fillRect(
                QRectF(round(across), self._theme.px(16), 1, bar.bottom() - self._theme.px(16)),
                self._theme.colour("line_strong"),
            )
            painter.setPen(self._theme.colour("text_3"))
            begin = min(max(across - width / 2, 0.0), self.width() - width)
            painter.drawText(QRectF(begin, 0, width + 1, words.height()), Qt.AlignmentFlag.AlignLeft, text)

    def _paint_days(self, painter: QPainter, bar: QRectF) -> None:
        colour = self._theme.colour
        for day in days_touched(self._begin_us, self._end_us)[:_MOST_DAYS]:
            state = self._offer.state_of(day)
            start_us = day_start_us(day)
            left, right = self.place(start_us), self.place(start_us + US_PER_DAY)
            if not self._zone.zone.is_utc:
                self._paint_name(painter, utc_day_text(day), left, right)
            cell = QRectF(round(left), bar.top(), max(1.0, round(right) - round(left)), bar.height())
            if state is DayState.ABSENT:
                painter.fillRect(
                    QRectF(cell.left(), cell.center().y() - 1, cell.width(), 2), colour("text_3")
                )
            elif state.is_hole:
                tint = colour("error" if state is DayState.DAMAGED else "control")
                painter.setPen(QPen(tint, 1))
                painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
                if painter.fontMetrics().horizontalAdvance(state) + 8 <= cell.width():
                    painter.setPen(colour("text_2"))
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, state)
        for begin_us, end_us in self._offer.spans_us:
            left, right = self.place(begin_us), self.place(end_us)
            painter.fillRect(QRectF(left, bar.top(), max(1.0, right - left), bar.height()), colour("present"))

    def _paint_name(self, painter: QPainter, text: str, left: float, right: float) -> None:
        """Name a UTC day below the bar, with a mark where it begins."""
        px = self._theme.px
        painter.fillRect(QRectF(round(left), px(57), 1, px(6)), self._theme.colour("line_strong"))
        words = painter.fontMetrics()
        if words.horizontalAdvance(text) + px(8) <= right - left:
            painter.setPen(self._theme.colour("text_3"))
            cell = QRectF(left + px(4), px(60), right - left - px(8), words.height())
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
