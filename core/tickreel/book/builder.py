"""The book of one symbol while rows go in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.book.book import Book
from tickreel.market.types import MISSING_INTEGER

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from tickreel.book.rows import L2Rows

_SMALLEST_CAPACITY = 1024
"""32 KB a book: a grouped file may hold a thousand symbols."""


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


class Touch(NamedTuple):
    """Best prices after each message, oldest first; three arrays of one length."""

    time_us: NDArray[np.int64]
    bid: NDArray[np.float64]
    """NaN where that side is empty."""
    ask: NDArray[np.float64]
    """NaN where that side is empty."""


def _kernels() -> ModuleType:
    """Import the kernels at their first use: Numba takes half a second, which most commands never need."""
    from tickreel.book import kernels

    return kernels


class BookBuilder:
    """Build the book of one symbol from its rows; one thread at a time may use it.

    The lock of the interpreter is released while rows are applied. Rows given before the first
    snapshot, and between a break in coverage and the next snapshot, are counted and not applied.
    """

    __slots__ = ("_amounts", "_blocks", "_keys", "_state")

    def __init__(self) -> None:
        kernels = _kernels()
        self._state: NDArray[np.int64] = np.zeros(kernels.STATE_SIZE, np.int64)
        self._keys: NDArray[np.float64] = np.empty((2, _SMALLEST_CAPACITY))
        self._amounts: NDArray[np.float64] = np.empty((2, _SMALLEST_CAPACITY))
        self._blocks: NDArray[np.int64] = np.zeros((2, kernels.BLOCK_SIZE), np.int64)
        self.forget()

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

    def apply(self, rows: L2Rows) -> None:
        """Apply whole messages: none of them was begun in an earlier call or ends in a later one.

        Raises:
            TypeError: an array is not of its type or not contiguous.
        """
        self._apply(rows, Touch(np.empty(0, np.int64), np.empty(0), np.empty(0)))

    def apply_with_touch(self, rows: L2Rows) -> Touch:
        """Apply whole messages as :meth:`apply` does, and give the touch after each of them."""
        local_us = rows.local_us
        messages = 1 + int(np.count_nonzero(local_us[1:] != local_us[:-1])) if len(rows) else 0
        touch = Touch(np.empty(messages, np.int64), np.empty(messages), np.empty(messages))
        self._apply(rows, touch)
        return touch

    def _apply(self, rows: L2Rows, touch: Touch) -> None:
        kernels = _kernels()
        first_message = int(self._state[kernels.MESSAGES])
        done = 0
        while True:
            done = kernels.apply_rows(
                done,
                rows.local_us,
                rows.is_snapshot,
                rows.side,
                rows.price,
                rows.amount,
                self._keys,
                self._amounts,
                self._blocks,
                self._state,
                first_message,
                *touch,
            )
            if done == len(rows):
                return
            self._make_room()

    def view(self) -> Book:
        """Give the book as it is now, as a copy that later rows do not change."""
        (bid_keys, bid_amounts), (ask_keys, ask_amounts) = self._levels(0), self._levels(1)
        return Book(
            bids=np.column_stack((bid_keys[::-1], bid_amounts[::-1])),
            # Subtracting from zero, unlike a minus sign, leaves no negative zero.
            asks=np.column_stack((0.0 - ask_keys[::-1], ask_amounts[::-1])),
            message_us=self.message_us,
        )

    def copy(self) -> BookBuilder:
        """Give an independent builder in the same state, held in no more memory than its levels need."""
        twin = object.__new__(BookBuilder)
        twin._state = self._state.copy()
        levels = [self._levels(side) for side in range(2)]
        # Two slots at least, so that a block cleared by a reset has room at either end.
        twin._hold(levels, max(2, *(len(keys) for keys, _ in levels)))
        return twin

    def forget(self) -> None:
        """Pass a break in coverage: the book is empty until the next snapshot; the counts go on."""
        kernels = _kernels()
        self._state[kernels.IS_PRIMED] = 0
        self._state[kernels.PREVIOUS_IS_SNAPSHOT] = 0
        self._state[kernels.PREVIOUS_US] = MISSING_INTEGER
        self._blocks[:] = self._keys.shape[1] // 2

    def _levels(self, side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Copy keys and amounts of a side's levels, worst first, without the gaps between them."""
        kernels = _kernels()
        used = slice(self._blocks[side, kernels.LOW], self._blocks[side, kernels.HIGH])
        is_live = self._amounts[side, used] > 0
        return self._keys[side, used][is_live], self._amounts[side, used][is_live]

    def _make_room(self) -> None:
        """Put the levels in the middle of blocks four times their number.

        The next call comes after as many further levels as there are now, or a few hundred, so
        that a level costs the same however many there are.
        """
        levels = [self._levels(side) for side in range(2)]
        most = max(len(keys) for keys, _ in levels)
        self._hold(levels, max(_SMALLEST_CAPACITY, 4 * most))

    def _hold(self, levels: list[tuple[NDArray[np.float64], NDArray[np.float64]]], capacity: int) -> None:
        kernels = _kernels()
        self._keys = np.empty((2, capacity))
        self._amounts = np.empty((2, capacity))
        self._blocks = np.zeros((2, kernels.BLOCK_SIZE), np.int64)
        for side, (keys, amounts) in enumerate(levels):
            low = (capacity - len(keys)) // 2
            high = low + len(keys)
            self._keys[side, low:high] = keys
            self._amounts[side, low:high] = amounts
            self._blocks[side, kernels.LOW] = low
            self._blocks[side, kernels.HIGH] = high
