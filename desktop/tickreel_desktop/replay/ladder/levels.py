"""The levels of a book, summed into the rows of a ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.book import Book
    from tickreel_desktop.replay.ladder.scale import RowScale

WALL_TIMES = 5.0
"""A row of so many times the median of its side's rows in view is a wall."""
_FEWEST_ROWS = 5
"""Rows with an amount that a side must have in view before one of them is called a wall."""


class TouchRows(NamedTuple):
    """The rows of the best prices; None for a side that is empty."""

    bid: int | None
    ask: int | None

    @property
    def middle(self) -> int | None:
        """The row over which the spread stands: the last one of the bids where the touch is narrow."""
        if self.bid is None or self.ask is None:
            return self.bid if self.ask is None else self.ask - 1
        return (self.bid + self.ask) // 2


def touch_rows(book: Book, scale: RowScale) -> TouchRows:
    """Find the rows of the best prices."""
    bid, ask = scale.floor(book.bids[:1, 0]), scale.ceil(book.asks[:1, 0])
    return TouchRows(int(bid[0]) if len(bid) else None, int(ask[0]) if len(ask) else None)


def row_amounts(book: Book, scale: RowScale, low: int, count: int) -> NDArray[np.float64]:
    """Sum the amounts of *count* rows from *low* upward: (count, 2), bids and asks.

    A row of bids holds the prices from it up to the next, a row of asks those from it down, so that
    a level never looks better than it is.
    """
    below, above = scale.price(low - 1), scale.price(low + count)
    bids, asks = book.bids, book.asks
    first, last = np.searchsorted(-bids[:, 0], (-above, -below))
    near_bids = bids[first:last]
    first, last = np.searchsorted(asks[:, 0], (below, above))
    near_asks = asks[first:last]
    return np.column_stack(
        [
            _summed(scale.floor(near_bids[:, 0]) - low, near_bids[:, 1], count),
            _summed(scale.ceil(near_asks[:, 0]) - low, near_asks[:, 1], count),
        ]
    )


def walls(amounts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rows are walls: many times larger than their side's usual row in view."""
    found = np.zeros(amounts.shape, np.bool_)
    for side in range(amounts.shape[1]):
        there = amounts[:, side][amounts[:, side] > 0]
        if len(there) >= _FEWEST_ROWS:
            found[:, side] = amounts[:, side] >= WALL_TIMES * np.median(there)
    return found


def _summed(rows: NDArray[np.int64], amounts: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    inside = (rows >= 0) & (rows < count)
    summed: NDArray[np.float64] = np.bincount(rows[inside], amounts[inside], count).astype(np.float64)
    return summed
