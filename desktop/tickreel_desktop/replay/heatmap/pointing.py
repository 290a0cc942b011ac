"""Pointer, wheel, pinch and keys on the picture: what they do to the view that all charts share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QNativeGestureEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from tickreel_desktop.replay.sharedview import NO_CURSOR

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

    from tickreel_desktop.replay.heatmap.measuring import Measuring
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.replay.sharedview import SharedView

_STEPS: Final = {
    Qt.Key.Key_Left.value: (-1, 0),
    Qt.Key.Key_Right.value: (1, 0),
    Qt.Key.Key_Up.value: (0, 1),
    Qt.Key.Key_Down.value: (0, -1),
}
_LONG_STEP: Final = 10
_ZOOM_PER_NOTCH: Final = 0.8
_NOTCH: Final = 120
_DRAG_FROM_PX: Final = 4


class Picture(Protocol):
    """What the hand is on."""

    def mapFromGlobal(self, place: QPoint, /) -> QPoint:
        """Give a place of the screen in the picture."""

    def keep_measure(self) -> None:
        """Let the box that measures be as it is."""

    def read_out(self) -> None:
        """Say what the cell at the cursor holds."""


class Pointing:
    """Turn what the hand does into changes of the shared view."""

    def __init__(
        self, picture: Picture, viewport: Viewport, shared: SharedView, measuring: Measuring
    ) -> None:
        self._picture = picture
        self._viewport = viewport
        self._shared = shared
        self._measuring = measuring
        self._pressed: QPoint | None = None
        self._grabbed: Projection | None = None
        """The view as it was when it was taken hold of."""
        self._selects_from_us: int | None = None
        self._is_dragged = False
        self._measures = False

    def press(self, event: QMouseEvent) -> None:
        """Take hold of the picture, or begin to select with Shift, or to measure while that is on."""
        view = self._viewport.projection()
        if event.button() != Qt.MouseButton.LeftButton or view is None:
            event.ignore()
            return
        self._pressed, self._grabbed, self._is_dragged = event.position().toPoint(), view, False
        shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        self._measures = self._measuring.is_on and not shifted
        if self._measures:
            self._measuring.press(event.position().toPoint())
        self._selects_from_us = self._viewport.instant_at(event.position().toPoint().x()) if shifted else None

    def move(self, event: QMouseEvent) -> None:
        """Move the cursor, or what is held."""
        at = event.position().toPoint()
        if self._pressed is not None and (at - self._pressed).manhattanLength() >= _DRAG_FROM_PX:
            self._is_dragged = True
        if self._is_dragged and self._selects_from_us is not None:
            here_us = self._viewport.instant_at(at.x())
            if here_us is not None:
                self._shared.select(
                    (min(self._selects_from_us, here_us), max(self._selects_from_us, here_us))
                )
        elif self._measures:
            if self._is_dragged:
                self._measuring.drag(at)
        elif self._is_dragged and self._grabbed is not None and self._pressed is not None:
            self._drag(self._grabbed, at - self._pressed)
        self._shared.set_cursor(self._viewport.cursor_at(at))

    def release(self, event: QMouseEvent) -> None:
        """Let go; a click with Shift that selects nothing takes the selection away."""
        if self._pressed is None:
            event.ignore()
            return
        if self._selects_from_us is not None and not self._is_dragged:
            self._shared.select(None)
        if self._measures:
            self._picture.keep_measure()
        self._pressed = self._grabbed = self._selects_from_us = None
        self._is_dragged = self._measures = False

    def _drag(self, grabbed: Projection, moved: QPoint) -> None:
        ratio = self._viewport.ratio
        to_us = grabbed.to_us - round(moved.x() * ratio * grabbed.us_per_place)
        if to_us != self._shared.to_us and (moved.x() or not self._shared.follows):
            self._shared.pan(to_us - self._shared.to_us)
        by = moved.y() * ratio / grabbed.height * (grabbed.high - grabbed.low)
        if by:
            self._shared.set_prices(grabbed.low + by, grabbed.high + by)

    def leave(self) -> None:
        """Take the cursor away with the pointer."""
        self._shared.set_cursor(NO_CURSOR)

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom in time around the pointer; with Ctrl in prices."""
        turned = event.angleDelta().y() or event.angleDelta().x()
        if not turned or self._viewport.projection() is None:
            event.ignore()
            return
        factor = _ZOOM_PER_NOTCH ** (turned / _NOTCH)
        place = event.position().toPoint()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._viewport.zoom_prices(factor, place.y())
        else:
            self._viewport.zoom_time(factor, place.x())

    def gesture(self, event: QEvent) -> bool:
        """Zoom in time by a pinch of a touch pad or a touch screen; tell whether it was one."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self._pinch(1 / (1 + event.value()), event.position().toPoint())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                place = self._picture.mapFromGlobal(pinch.centerPoint().toPoint())
                self._pinch(1 / pinch.scaleFactor(), place)
                return True
        return False

    def _pinch(self, factor: float, place: QPoint) -> None:
        if factor > 0:
            self._viewport.zoom_time(factor, place.x())

    def key(self, event: QKeyEvent) -> None:
        """Move the cursor by a cell, by ten with Shift; Enter reads it out, Escape takes it away.

        While a box is measured, the arrows extend it, Enter keeps it and Escape ends measuring.
        """
        step = _STEPS.get(event.key())
        if step is not None:
            times = _LONG_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            move = self._measuring.step if self._measuring.is_open else self._viewport.step_cursor
            move(step[0] * times, step[1] * times)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._measuring.is_open:
                self._picture.keep_measure()
            else:
                self._picture.read_out()
        elif event.key() == Qt.Key.Key_Escape and self._measuring.is_on:
            self._measuring.end()
        elif event.key() == Qt.Key.Key_Escape and self._shared.cursor != NO_CURSOR:
            self._shared.set_cursor(NO_CURSOR)
        else:
            event.ignore()
