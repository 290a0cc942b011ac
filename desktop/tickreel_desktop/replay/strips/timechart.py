"""A chart over time: the pointer and the keys move its cursor, its span and what is played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication

from tickreel.market.time import US_PER_SECOND
from tickreel_desktop.replay.chart import Chart
from tickreel_desktop.replay.sharedview import NO_CURSOR, Cursor
from tickreel_desktop.replay.strips.timewindow import TimeWindow

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.replay.player import ReplayRequest
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

_ZOOM_PER_NOTCH: Final = 0.8
_NOTCH: Final = 120
_PAN_PER_NOTCH: Final = 0.1


class TimeChart(Chart):
    """Show the span of the shared view: wheel zooms, a drag pans, a click asks to go there."""

    seek_requested = Signal(object)
    """The user points at this instant (microseconds, int) and wants to be there."""

    def __init__(self, theme: Theme, name: str, shared: SharedView, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, shared, parent)
        self._range_us = (0, 1)
        self._now_us = 0
        self._right_px = 0
        self._hover_px: float | None = None
        self._pressed_px: float | None = None
        self._panned_px: float | None = None
        """Where the pointer was when the view was last moved by it; None while nothing is dragged."""

    def _complete(self) -> None:
        super()._complete()
        self._shared.span_changed.connect(self._on_span_changed)
        self._shared.selection_changed.connect(self._renew_if_seen)

    def set_right_px(self, right_px: int) -> None:
        """Leave so many pixels free to the right of the span, as a chart above may need for a profile."""
        self._right_px = right_px
        self._renew_if_seen()

    def _begin(self, request: ReplayRequest) -> None:
        self._range_us = (request.start_us, request.end_us)
        self._now_us = request.start_us
        self._hover_px = self._pressed_px = self._panned_px = None

    def _pass_to(self, at_us: int) -> None:
        """Draw what was taken up to an instant, once: while it follows, when the span comes along."""
        self._now_us = at_us
        if not self._shared.follows or self._shared.now_us == at_us:
            self._renew_if_seen()

    def _on_span_changed(self) -> None:
        # The frame of the moment that is followed is yet to come, and draws.
        if not self._shared.follows or self._shared.now_us == self._now_us:
            self._renew_if_seen()

    def _window(self) -> TimeWindow:
        shared = self._shared
        width_px = max(1, round(self._box.width()) - self._right_px)
        return TimeWindow(shared.from_us, shared.to_us, self._now_us, width_px)

    def _span_s(self) -> tuple[float, float]:
        """Give the ends of the time axis, in seconds after the end of the span."""
        window = self._window()
        length_s = window.length_us / US_PER_SECOND
        return -length_s, length_s * self._right_px / window.width_px

    def _instant_at(self, across_px: float) -> int | None:
        """Find the instant at a place of the plots, in their pixels; None outside of the span."""
        window = self._window()
        if not 0 <= across_px < window.width_px:
            return None
        at_us = window.from_us + round(across_px / window.width_px * window.length_us)
        start_us, end_us = self._range_us
        return min(max(at_us, start_us), end_us - 1)

    def _has_cursor(self) -> bool:
        return self._shared.cursor.at_us is not None

    def _point_at(self, place: QPointF) -> None:
        at_us = self._instant_at(place.x())
        self._hover_px = None if at_us is None else place.x()
        self._shared.set_cursor(NO_CURSOR if at_us is None else Cursor(at_us, None))

    def _keep_pointing(self) -> None:
        """Keep the cursor below a pointer that rests while time moves."""
        if self._hover_px is not None and self.underMouse():
            self._shared.set_cursor(Cursor(self._instant_at(self._hover_px), None))

    def _release_cursor(self) -> None:
        self._hover_px = None
        self._shared.set_cursor(NO_CURSOR)

    def _step_cursor(self, steps: int) -> bool:
        window = self._window()
        start_us, end_us = self._range_us
        earliest_us = max(start_us, window.from_us)
        latest_us = min(window.until_us, end_us - 1)
        if latest_us < earliest_us:
            return False
        at_us = self._shared.cursor.at_us
        moved_us = (self._now_us if at_us is None else at_us) + steps * window.column_us
        self._hover_px = None
        self._shared.set_cursor(Cursor(min(max(moved_us, earliest_us), latest_us), None))
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus; what follows tells a click from a drag."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_px = self._place_of(event).x()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the view with a pressed pointer, else the cursor."""
        across_px = self._place_of(event).x()
        if self._pressed_px is None:
            super().mouseMoveEvent(event)
            return
        if self._panned_px is None and abs(across_px - self._pressed_px) >= QApplication.startDragDistance():
            self._panned_px = self._pressed_px
        if self._panned_px is not None:
            window = self._window()
            by_us = round((self._panned_px - across_px) / window.width_px * window.length_us)
            self._panned_px = across_px
            self._hover_px = None
            self._shared.pan(by_us)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or ask to go where the pointer was clicked."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed_px is None:
            return
        was_dragged = self._panned_px is not None
        self._pressed_px = self._panned_px = None
        at_us = self._instant_at(self._place_of(event).x())
        if not was_dragged and at_us is not None:
            self.seek_requested.emit(at_us)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; sideways, or with Shift, pan."""
        turned = event.angleDelta()
        window = self._window()
        if turned.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            notches = (turned.x() or turned.y()) / _NOTCH
            self._shared.pan(round(-notches * _PAN_PER_NOTCH * window.length_us))
        elif turned.y():
            around_us = self._instant_at(self._place_of(event).x())
            self._shared.zoom(
                _ZOOM_PER_NOTCH ** (turned.y() / _NOTCH),
                self._shared.to_us if around_us is None else around_us,
            )
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go where the cursor is by Enter; the other keys move it."""
        at_us = self._shared.cursor.at_us
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and at_us is not None:
            self.seek_requested.emit(at_us)
        else:
            super().keyPressEvent(event)
