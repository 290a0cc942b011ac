"""The book of one symbol while rows go in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tickreel.book import window as placing
from tickreel.book.book import Book, Levels
from tickreel.book.series import NO_TOPS, NO_TOUCH, Tops, Touch
from tickreel.market.types import MISSING_INTEGER

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from tickreel.book.rows import L2Rows
    from tickreel.book.window import Placement

_SMALLEST_CAPACITY = 1024
"""32 KB a book: a grouped file may hold a thousand symbols."""
_NO_LEVELS = np.empty((0, 2))
_NO_ROOM = np.empty((2, 0, 2))
_NO_PRICES = np.empty(0)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a book has been given since it was made."""

    messages: int
    rows: int
    resets: int
    skipped_rows: int
    """Rows met while no snapshot had been, which were counted but not applied."""

    def __sub__(self, earlier: Counts) -> Counts:
        return Counts(
            self.messages - earlier.messages,
            self.rows - earlier.rows,
            self.resets - earlier.resets,
            self.skipped_rows - earlier.skipped_rows,
        )


def _kernels() -> ModuleType:
    """Import the kernel at its first use: Numba takes half a second, which most commands never need."""
    from tickreel.book import kernels

    return kernels


def _level_kernels() -> ModuleType:
    """Import what reads a book, which not all that build one need."""
    from tickreel.book import levelkernels

    return levelkernels


Side: TypeAlias = "NDArray[np.float64]"
"""The levels of a side: (n, 2) of price and amount, best first."""


class BookBuilder:
    """Build the book of one symbol from its rows; one thread at a time may use it.

    The lock of the interpreter is released while rows are applied. Rows given before the first
    snapshot, and between a break in coverage and the next snapshot, are counted and not applied.
    """

    __slots__ = (
        "_amounts",
        "_grid",
        "_keys",
        "_prices",
        "_rows_placed",
        "_sides",
        "_state",
        "_top",
        "_window",
    )

    def __init__(self) -> None:
        kernels = _kernels()
        self._state: NDArray[np.int64] = np.zeros(kernels.STATE_SIZE, np.int64)
        self._keys: NDArray[np.float64]
        self._amounts: NDArray[np.float64]
        self._sides: NDArray[np.int64]
        self._window: NDArray[np.float64]
        self._grid: NDArray[np.float64]
        self._prices: NDArray[np.float64]
        """Of the cells of the window; empty until somebody asks for what is made of them."""
        self._rows_placed = 0
        """Rows applied when the window was last looked at."""
        self._top: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        """Prices and amounts of the top levels that were given last, (2, levels) each."""
        self._state[kernels.STRAIN_LIMIT] = placing.FIRST_LIMIT
        self._hold((_NO_LEVELS, _NO_LEVELS), _SMALLEST_CAPACITY, placing.NO_WINDOW)
        self.forget()

    @classmethod
    def from_levels(
        cls, bids: NDArray[np.float64], asks: NDArray[np.float64], message_us: int | None
    ) -> BookBuilder:
        """Make a book that has its snapshot behind it and holds the given levels.

        Each side is float64 (n, 2) of price and amount, best first, without a price twice, as
        :class:`Book` has them; *message_us* is the local time of the message they come after,
        which was the last. The counts begin at zero.
        """
        kernels = _kernels()
        made = cls()
        sides = np.ascontiguousarray(bids, np.float64), np.ascontiguousarray(asks, np.float64)
        ticks = placing.first_ticks(max(len(bids), len(asks)))
        placement = placing.place([_keys_of(side, own) for side, own in enumerate(sides)], ticks)
        made._hold(sides, max(_SMALLEST_CAPACITY, 2 * max(len(bids), len(asks))), placement)
        made._state[kernels.IS_PRIMED] = 1
        made._state[kernels.PREVIOUS_US] = MISSING_INTEGER if message_us is None else message_us
        return made

    @property
    def counts(self) -> Counts:
        """Count what was applied since the builder was made; breaks and resets do not set it back."""
        kernels, state = _kernels(), self._state
        return Counts(
            int(state[kernels.MESSAGES]),
            int(state[kernels.ROWS]),
            int(state[kernels.RESETS]),
            int(state[kernels.SKIPPED_ROWS]),
        )

    @property
    def message_us(self) -> int | None:
        """Local time of the last message, applied or skipped; None without one since the last break."""
        previous_us = int(self._state[_kernels().PREVIOUS_US])
        return None if previous_us == MISSING_INTEGER else previous_us

    @property
    def is_primed(self) -> bool:
        """Whether a snapshot has been met, so that rows are applied."""
        return bool(self._state[_kernels().IS_PRIMED])

    @property
    def levels(self) -> Levels:
        """Count the levels of each side, without copying them."""
        return Levels(*self._list_levels(_NO_ROOM))

    @property
    def window_ticks(self) -> int:
        """How many ticks of each side lie densely; 0 while the book is too small or too scattered for it."""
        return self._window.size // 2 - 1

    def apply(self, rows: L2Rows) -> None:
        """Apply whole messages: none of them was begun in an earlier call or ends in a later one.

        Raises:
            TypeError: an array is not of its type or not contiguous.
        """
        self.apply_stretch(rows, 0, len(rows), NO_TOUCH, 0)

    def apply_with_touch(self, rows: L2Rows) -> Touch:
        """Apply whole messages as :meth:`apply` does, and give the touch after each of them."""
        touch = Touch.for_messages(rows.messages)
        self.apply_stretch(rows, 0, len(rows), touch, self.counts.messages)
        return touch

    def apply_with_tops(self, rows: L2Rows, levels: int) -> tuple[Touch, Tops]:
        """Apply whole messages, and give the touch after each and the best *levels* where they changed.

        The first call gives an entry for the first message; a later one compares with what the
        call before gave last, so that it does not matter how rows are cut into calls.

        Raises:
            ValueError: *levels* is less than 1.
        """
        if levels < 1:
            raise ValueError(f"{levels} levels are no top of a book: ask for 1 or more")
        kernels = _kernels()
        messages = rows.messages
        touch = Touch.for_messages(messages)
        tops = Tops.for_entries(1 + messages, levels)
        if self._top is not None and self._top[0].shape[1] == levels:
            tops.price[0], tops.amount[0] = self._top
        else:
            tops.amount[0] = -1.0  # as no level has it
        self._state[kernels.TOPS] = 1
        self._apply(rows, 0, len(rows), touch, self.counts.messages, tops)
        end = int(self._state[kernels.TOPS])
        self._top = tops.price[end - 1].copy(), tops.amount[end - 1].copy()
        return touch, Tops(tops.time_us[1:end], tops.price[1:end], tops.amount[1:end])

    def apply_stretch(self, rows: L2Rows, start: int, stop: int, touch: Touch, first_message: int) -> None:
        """Apply rows [*start*, *stop*), which may end inside a message, of *rows* that hold it whole.

        Whoever calls goes on at *stop* with the same rows. A *touch* that has room gets an entry
        for each message that ends here, at its number counted from *first_message*.
        """
        self._apply(rows, start, stop, touch, first_message, NO_TOPS)

    def _apply(
        self, rows: L2Rows, start: int, stop: int, touch: Touch, first_message: int, tops: Tops
    ) -> None:
        kernels = _kernels()
        done = start
        while True:
            if len(touch.time_us) and not len(self._prices):
                self._prices = self._prices_of_cells()
            done = kernels.apply_rows(
                done,
                stop,
                rows.local_us,
                rows.is_snapshot,
                rows.side,
                rows.price,
                rows.amount,
                self._window,
                self._grid,
                self._prices,
                self._keys,
                self._amounts,
                self._sides,
                self._state,
                first_message,
                *touch,
                tops.time_us,
                tops.price.reshape(-1),
                tops.amount.reshape(-1),
                tops.price.shape[2],
            )
            if done == stop:
                return
            if self._state[kernels.WANTS_ROOM]:
                self._make_room()
            else:
                self._place_window()

    def mismatches(self, rows: L2Rows, start: int, stop: int) -> int:
        """Count where the book as it is now and a snapshot, rows [*start*, *stop*), differ.

        Counted are prices between the lowest and the highest level that the snapshot has on that
        side, whose amount is not the same in both; 0 while no snapshot has been met.
        """
        if not self.is_primed:
            return 0
        is_ask = rows.side[start:stop] == 1
        differing = 0
        for side in range(2):
            own = is_ask if side else ~is_ask
            price = rows.price[start:stop][own]
            if len(price):
                keys, amounts = last_of_each(
                    0.0 - price if side else 0.0 + price, rows.amount[start:stop][own]
                )
                differing += int(
                    _level_kernels().count_mismatches(
                        side, keys, amounts, self._window, self._grid, self._keys, self._amounts, self._sides
                    )
                )
        return differing

    def amount_at(self, side: int, price: float) -> float:
        """Give the amount at a price of the bids (*side* 0) or asks (1); 0 where there is no level."""
        amount: float = _level_kernels().amount_at(
            side, price, self._window, self._grid, self._keys, self._amounts, self._sides
        )
        return amount

    def view(self) -> Book:
        """Give the book as it is now, as a copy that later rows do not change."""
        bids, asks = self._levels()
        return Book(bids, asks, self.message_us)

    def copy(self) -> BookBuilder:
        """Give an independent builder in the same state, held in no more memory than its levels need."""
        kernels = _kernels()
        twin = object.__new__(BookBuilder)
        twin._state = self._state.copy()
        # The twin has no window until it needs one.
        twin._state[kernels.STRAIN] = 0
        twin._state[kernels.STRAIN_LIMIT] = placing.FIRST_LIMIT
        twin._rows_placed = self.counts.rows
        twin._top = self._top
        sides = self._levels()
        twin._hold(sides, 0, placing.NO_WINDOW)
        return twin

    def forget(self) -> None:
        """Pass a break in coverage: the book is empty until the next snapshot; the counts go on."""
        kernels = _kernels()
        self._state[kernels.IS_PRIMED] = 0
        self._state[kernels.PREVIOUS_IS_SNAPSHOT] = 0
        self._state[kernels.PREVIOUS_US] = MISSING_INTEGER
        self._window[:] = 0.0
        self._clear_sides()

    def _clear_sides(self) -> None:
        kernels = _kernels()
        self._sides[:, [kernels.LOW, kernels.HIGH]] = self._keys.shape[1] // 2
        none = np.array([0, self._window.size // 2])
        self._window[none] = np.nan
        self._sides[:, kernels.BEST] = none
        self._sides[:, kernels.FLOOR] = kernels.NO_CELL

    def _levels(self) -> tuple[Side, Side]:
        """Copy the levels of both sides, from the window and the block."""
        room = max(high - low + max(0, best + 1 - floor) for low, high, best, floor in self._sides.tolist())
        found = np.empty((2, room, 2))
        bids, asks = self._list_levels(found)
        return found[0, :bids].copy(), found[1, :asks].copy()

    def _list_levels(self, found: NDArray[np.float64]) -> tuple[int, int]:
        bids, asks = _level_kernels().list_levels(
            self._window, self._grid, self._keys, self._amounts, self._sides, found
        )
        return bids, asks

    def _place_window(self) -> None:
        """Look at what the window was worth: place it anew, widen it, leave it, or do without for a while."""
        kernels, state = _kernels(), self._state
        rows = int(state[kernels.ROWS]) - self._rows_placed
        strain, limit = int(state[kernels.STRAIN]), int(state[kernels.STRAIN_LIMIT])
        ticks = self.window_ticks
        has_paid = rows > 2 * strain
        state[kernels.STRAIN] = 0
        state[kernels.STRAIN_LIMIT] = placing.next_limit(limit, has_paid=has_paid)
        self._rows_placed = int(state[kernels.ROWS])
        wanted = placing.next_ticks(ticks, rows, strain)
        bests = [
            best - 1 - side * (1 + ticks) for side, best in enumerate(self._sides[:, kernels.BEST].tolist())
        ]
        if wanted == ticks and placing.may_stay(ticks, rows, strain, bests):
            return
        sides = self._levels()
        placement = placing.NO_WINDOW
        if has_paid or not ticks:
            keys = [_keys_of(number, levels) for number, levels in enumerate(sides)]
            placement = placing.place(keys, wanted)
        self._hold(sides, self._keys.shape[1], placement)

    def _make_room(self) -> None:
        """Put the levels of the block in the middle of one four times their number.

        The next call comes after as many further levels as there are now, or a few hundred, so
        that a level costs the same however many there are.
        """
        kernels = _kernels()
        used = self._sides[:, kernels.HIGH] - self._sides[:, kernels.LOW]
        scale, *bases = self._grid.tolist()
        placement = placing.Placement(self.window_ticks, scale, (bases[0], bases[1]))
        self._hold(self._levels(), max(_SMALLEST_CAPACITY, 4 * int(used.max())), placement)

    def _prices_of_cells(self) -> NDArray[np.float64]:
        """Give the price of each cell of the window, and NaN for the two that are no tick."""
        scale, *bases = self._grid.tolist()
        prices = np.full((2, 1 + self.window_ticks), np.nan)
        steps = np.arange(float(self.window_ticks))
        # Adding to zero or subtracting from it leaves no negative zero.
        prices[0, 1:] = 0.0 + (bases[0] + steps) / scale
        prices[1, 1:] = 0.0 - (bases[1] + steps) / scale
        return prices.reshape(-1)

    def _hold(self, sides: tuple[Side, Side], capacity: int, placement: Placement) -> None:
        """Take the levels given, each into the place that *placement* says; the block grows if it must."""
        # Some to spare, so that a block cleared by a reset has room at either end.
        capacity = max(capacity, 2 + max(map(len, sides)))
        self._window = np.zeros(2 * (1 + placement.ticks))
        self._grid = np.array([placement.scale, *placement.bases])
        self._prices = _NO_PRICES
        self._keys = np.empty((2, capacity))
        self._amounts = np.empty((2, capacity))
        self._sides = np.zeros((2, _kernels().SIDE_SIZE), np.int64)
        self._clear_sides()
        for side, levels in enumerate(sides):
            if len(levels):
                _level_kernels().put_levels(
                    side, levels, self._window, self._grid, self._keys, self._amounts, self._sides
                )


def _keys_of(side: int, levels: Side) -> NDArray[np.float64]:
    """Give the keys of a side's levels, which rise: an ask's key is its price negated."""
    # Subtracting from zero, unlike a minus sign, leaves no negative zero.
    return 0.0 - levels[::-1, 0] if side else levels[::-1, 0]


def last_of_each(
    keys: NDArray[np.float64], amounts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sort levels by key, of equal keys keeping what was said last."""
    order = np.argsort(keys, kind="stable")
    keys, amounts = keys[order], amounts[order]
    is_last = np.append(keys[1:] != keys[:-1], True)
    return keys[is_last], amounts[is_last]
