"""Pointer, wheel and keys on the ladder: what they do to its rows and to the cursor that all charts share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QToolTip

from tickreel_desktop.components.announce import announce
from tickreel_desktop.replay.sharedview import NO_CURSOR, Cursor

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.replay.ladder.arrangement import Arrangement
    from tickreel_desktop.replay.ladder.sight import Sight
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

_WHEEL_STEP = 120
_ROWS_PER_STEP = 3
_OWN_KEYS = (Qt.Key.Key_Home.value, Qt.Key.Key_K.value)
"""Keys that may be shortcuts of the window as well; here they are meant for the ladder."""


class Rows(Protocol):
    """What the hand is on, as far as it is rows."""

    @property
    def is_locked(self) -> bool:
        """Whether every row keeps its place."""

    @property
    def shown(self) -> Sight | None:
        """The figures as they were computed last."""

    def row_at(self, y: float) -> int | None:
        """Give the row at a height of the widget."""

    def foot_of(self, row: int) -> int:
        """Give where a row ends, in pixels from the upper edge."""

    def cursor_row(self) -> int | None:
        """Give the row in which the cursor is."""

    def centre(self) -> None:
        """Put the spread into the middle."""

    def set_locked(self, *, is_locked: bool) -> None:
        """Let every row keep its place, or keep the spread in the middle."""

    def rearrange(self, move: Callable[[], None]) -> None:
        """Show other rows."""


class LadderHand:
    """Turn what the hand does into other rows, and a price under the cursor."""

    def __init__(
        self, rows: Rows, widget: QWidget, arrangement: Arrangement, theme: Theme, shared: SharedView
    ) -> None:
        self._rows = rows
        self._widget = widget
        self._arrangement = arrangement
        self._theme = theme
        self._shared = shared
        self._points = False
        """Whether the pointer has put the cursor where it is."""
        self._wheeled = 0

    def claims(self, event: QEvent) -> bool:
        """Tell whether a key that may be a shortcut of the window as well is meant for the ladder."""
        return (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() in _OWN_KEYS
            and not event.modifiers()
        )

    def show_tip(self, event: QHelpEvent) -> None:
        """Tell of the row under the pointer."""
        row, sight = self._rows.row_at(event.pos().y()), self._rows.shown
        if row is not None and sight is not None:
            QToolTip.showText(event.globalPos(), sight.row_text(row), self._widget)
        else:
            QToolTip.hideText()

    def move(self, event: QMouseEvent) -> None:
        """Put the cursor at the price under the pointer."""
        row, sight = self._rows.row_at(event.position().y()), self._rows.shown
        if row is not None and sight is not None:
            self._points = True
            self._shared.set_cursor(Cursor(None, sight.scale.price(row)))

    def leave(self) -> None:
        """Take away the cursor that the pointer put there."""
        if self._points:
            self._points = False
            self._shared.set_cursor(NO_CURSOR)

    def wheel(self, event: QWheelEvent) -> None:
        """Scroll locked rows."""
        if not self._rows.is_locked:
            event.ignore()
            return
        self._wheeled += event.angleDelta().y() * _ROWS_PER_STEP
        rows, self._wheeled = divmod(self._wheeled, _WHEEL_STEP)
        self._rows.rearrange(lambda: self._arrangement.scroll(rows))

    def key(self, event: QKeyEvent) -> bool:
        """Go by a row or a page, centre, lock, read out; tell whether the key means anything here."""
        page = max(1, self._arrangement.places - 2)
        steps = {
            Qt.Key.Key_Up.value: 1,
            Qt.Key.Key_Down.value: -1,
            Qt.Key.Key_PageUp.value: page,
            Qt.Key.Key_PageDown.value: -page,
        }
        key = event.key()
        if key in steps:
            self._step_cursor(steps[key])
        elif key == Qt.Key.Key_Home:
            self._rows.centre()
        elif key == Qt.Key.Key_K and not event.modifiers():
            self._rows.set_locked(is_locked=not self._rows.is_locked)
        elif key == Qt.Key.Key_Escape and self._shared.cursor != NO_CURSOR:
            self._shared.set_cursor(NO_CURSOR)
        else:
            return key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._read_out()
        return True

    def _step_cursor(self, rows: int) -> None:
        sight = self._rows.shown
        if sight is None:
            return
        row = self._rows.cursor_row()
        if row is None:
            row = self._arrangement.middle or 0
        row += rows
        self._rows.rearrange(lambda: self._arrangement.reveal(row))
        self._points = False
        self._shared.set_cursor(Cursor(None, sight.scale.price(row)))

    def _read_out(self) -> bool:
        row, sight = self._rows.cursor_row(), self._rows.shown
        if row is None or sight is None:
            return False
        announce(self._widget, sight.row_text(row))
        place = QPoint(self._theme.px(8), self._rows.foot_of(row))
        QToolTip.showText(self._widget.mapToGlobal(place), sight.row_text(row), self._widget)
        return True
