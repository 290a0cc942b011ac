"""What the charts of a replay look at together: a span of time, a span of prices, a cursor, a selection.

Each chart reads it, changes it by pointer and keys, and follows its signals; so a moment is one
vertical line through all of them, and a price one height.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from tickreel.market.time import US_PER_SECOND
from tickreel_desktop.replay.pace import Turns

SHORTEST_US = 1_000
LONGEST_US = 24 * 3_600 * US_PER_SECOND
FIRST_SPAN_US = 5 * 60 * US_PER_SECOND


class Cursor(NamedTuple):
    """Where the user points; a chart without prices, or without time, gives None for that."""

    at_us: int | None
    price: float | None


NO_CURSOR = Cursor(None, None)


class SharedView(QObject):
    """The time, prices, cursor and selection that all charts of a replay share.

    While it follows, the span ends at the moment that is played; it stops following when the user
    moves it, and :meth:`follow` brings it back.
    """

    span_changed = Signal()
    prices_changed = Signal()
    cursor_changed = Signal()
    selection_changed = Signal()
    following_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.turns = Turns()
        """Of what charts do less often than with every frame."""
        self._range_us = (0, 1)
        self._now_us = 0
        self._to_us = 0
        self._width_us = FIRST_SPAN_US
        self._prices: tuple[float, float] | None = None
        self._cursor = NO_CURSOR
        self._is_held = False
        self._selection: tuple[int, int] | None = None
        self._follows = True

    def begin(self, start_us: int, end_us: int) -> None:
        """Look at another replay, of [start, end), from its first moment on."""
        self._range_us = (start_us, end_us)
        self._now_us = self._to_us = start_us
        self.forget_prices()
        self.select(None)
        self.follow()
        self.span_changed.emit()

    @property
    def now_us(self) -> int:
        """The moment that is played."""
        return self._now_us

    @property
    def from_us(self) -> int:
        """The first moment in view; it may lie before the replay's range."""
        return self._to_us - self._width_us

    @property
    def to_us(self) -> int:
        """The moment before which the view ends."""
        return self._to_us

    @property
    def width_us(self) -> int:
        """How much time is in view."""
        return self._width_us

    @property
    def prices(self) -> tuple[float, float] | None:
        """The lowest and the highest price in view; None until a book is known."""
        return self._prices

    @property
    def cursor(self) -> Cursor:
        """Where the user points."""
        return self._cursor

    @property
    def is_cursor_held(self) -> bool:
        """Whether the cursor stays where it is, wherever the pointer goes."""
        return self._is_held

    @property
    def selection(self) -> tuple[int, int] | None:
        """The stretch [from, to) of time that is selected."""
        return self._selection

    @property
    def follows(self) -> bool:
        """Whether the span goes along with what is played."""
        return self._follows

    def set_now(self, at_us: int) -> None:
        """Take note of the moment that is played; while following, the span goes along."""
        self._now_us = at_us
        if self._follows and self._to_us != at_us:
            self._to_us = at_us
            self.span_changed.emit()

    def follow(self, *, follows: bool = True) -> None:
        """Let the span go along with what is played, or stay where it is."""
        if follows != self._follows:
            self._follows = follows
            self.following_changed.emit(follows)
        self.set_now(self._now_us)

    def set_width(self, width_us: int) -> None:
        """Bring so much time into view, ending where it ends now."""
        self._look(self._to_us, width_us)

    def zoom(self, factor: float, around_us: int) -> None:
        """Bring *factor* times as much time into view; *around_us* stays where it is on the screen.

        While following, what is played stays at the end.
        """
        width_us = _within(round(self._width_us * factor))
        if self._follows:
            self._look(self._to_us, width_us)
            return
        share = (self._to_us - around_us) / self._width_us
        self._look(around_us + round(share * width_us), width_us)

    def pan(self, by_us: int) -> None:
        """Look later by so much time, earlier below 0; it follows no more."""
        start_us, end_us = self._range_us
        to_us = min(max(self._to_us + by_us, start_us + 1), end_us + self._width_us - 1)
        self.follow(follows=False)
        self._look(to_us, self._width_us)

    def set_prices(self, low: float, high: float) -> None:
        """Bring the prices from *low* to *high* into view; *high* lies above *low*."""
        if high > low and self._prices != (low, high):
            self._prices = (low, high)
            self.prices_changed.emit()

    def forget_prices(self) -> None:
        """Look at another symbol: no price is in view until its book is known, and none is pointed at."""
        self._prices = None
        self.hold_cursor(is_held=False)
        self.set_cursor(NO_CURSOR)

    def set_cursor(self, cursor: Cursor) -> None:
        """Put the cursor somewhere, or nowhere; a held one stays."""
        if cursor != self._cursor and not self._is_held:
            self._cursor = cursor
            self.cursor_changed.emit()

    def hold_cursor(self, *, is_held: bool) -> None:
        """Let the cursor stay where it is, or go with the pointer again."""
        if is_held != self._is_held:
            self._is_held = is_held
            self.cursor_changed.emit()

    def select(self, selection: tuple[int, int] | None) -> None:
        """Select a stretch [from, to) of time, or nothing."""
        if selection is not None and selection[0] >= selection[1]:
            selection = None
        if selection != self._selection:
            self._selection = selection
            self.selection_changed.emit()

    def _look(self, to_us: int, width_us: int) -> None:
        width_us = _within(width_us)
        if (to_us, width_us) != (self._to_us, self._width_us):
            self._to_us, self._width_us = to_us, width_us
            self.span_changed.emit()


def _within(width_us: int) -> int:
    return min(max(width_us, SHORTEST_US), LONGEST_US)
