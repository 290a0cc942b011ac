"""Trades summed up by short stretches of time, rows of price and side; and merged into bubbles.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import TradeSeries

BUYS, SELLS, OTHERS = 0, 1, 2
_SIDES = 3
MOST_BUBBLES = 400
_NEAR = 1e-6
_ROWS_PER_BUBBLE = 2.5


class Bubbles(NamedTuple):
    """Trades that lie close together, merged by side; from large to small."""

    time_us: NDArray[np.float64]
    """Mean of the times, by amount."""
    price: NDArray[np.float64]
    """Mean of the prices, by amount."""
    side: NDArray[np.int64]
    amount: NDArray[np.float64]


class TradeBins:
    """Keep the sums of bins of *bin_us* and rows of *group*; a bin is forgotten as a whole."""

    def __init__(self, bin_us: int, group: float, capacity: int) -> None:
        """Keep about *capacity* bins."""
        self.bin_us = bin_us
        self.group = group
        self._capacity = capacity
        self._size = 0
        self._keys = np.empty((3, 1024), np.int64)
        """Bin, row and side."""
        self._sums = np.empty((3, 1024))
        """Amount, and amount times time after the bin's begin and times price."""

    def append(self, trades: TradeSeries) -> None:
        """Take the trades since the last time; those without price or amount do not count."""
        is_whole = np.isfinite(trades.price) & np.isfinite(trades.amount) & (trades.amount > 0)
        if not is_whole.any():
            return
        time_us = trades.time_us[is_whole]
        price, amount = trades.price[is_whole], trades.amount[is_whole]
        bins = time_us // self.bin_us
        side = np.minimum(trades.side[is_whole].astype(np.int64), OTHERS)
        keys = np.stack([bins, rows_of(price, self.group), side])
        sums = np.stack([amount, amount * (time_us - bins * self.bin_us), amount * price])
        keys, sums = _summed(keys, sums)
        self._make_room(keys.shape[1], int(bins.max()))
        part = slice(self._size, self._size + keys.shape[1])
        self._keys[:, part], self._sums[:, part] = keys, sums
        self._size = part.stop

    def _make_room(self, wanted: int, newest: int) -> None:
        if self._size + wanted <= self._keys.shape[1]:
            return
        kept = self._keys[0, : self._size] > newest - self._capacity
        # One bin may lie in several pieces, of frames that ended inside it.
        keys, sums = _summed(self._keys[:, : self._size][:, kept], self._sums[:, : self._size][:, kept])
        room = max(2 * (keys.shape[1] + wanted), 1024)
        self._keys, self._sums = np.empty((3, room), np.int64), np.empty((3, room))
        self._size = keys.shape[1]
        self._keys[:, : self._size], self._sums[:, : self._size] = keys, sums

    def traded(self, from_us: int, to_us: int, row: int | None = None) -> NDArray[np.float64]:
        """Give the amounts bought, sold and of no known side in [from, to), in one row or in all."""
        bins, rows, sides = self._keys[:, : self._size]
        chosen = (bins * self.bin_us >= from_us) & (bins * self.bin_us < to_us)
        if row is not None:
            chosen &= rows == row
        amounts = self._sums[0, : self._size][chosen]
        return np.bincount(sides[chosen], amounts, _SIDES).astype(np.float64)

    def traded_between(self, from_us: int, to_us: int, first_row: int, last_row: int) -> NDArray[np.float64]:
        """Give the amounts bought, sold and of no known side in the bins and rows that a box touches."""
        bins, rows, sides = self._keys[:, : self._size]
        chosen = (bins >= from_us // self.bin_us) & (bins <= to_us // self.bin_us)
        chosen &= (rows >= first_row) & (rows <= last_row)
        amounts = self._sums[0, : self._size][chosen]
        return np.bincount(sides[chosen], amounts, _SIDES).astype(np.float64)

    def traded_by_row(self, from_us: int, to_us: int, first_row: int, rows: int) -> NDArray[np.float64]:
        """Give (3, rows) of the amounts in [from, to), from a row upward."""
        bins, at, sides = self._keys[:, : self._size]
        at = at - first_row
        chosen = (bins * self.bin_us >= from_us) & (bins * self.bin_us < to_us) & (at >= 0) & (at < rows)
        places = sides[chosen] * rows + at[chosen]
        amounts = self._sums[0, : self._size][chosen]
        return np.bincount(places, amounts, _SIDES * rows).astype(np.float64).reshape(_SIDES, rows)

    def bubbles(self, from_us: int, to_us: int, bucket_us: int, low: float, high: float) -> Bubbles:
        """Merge the trades in [from, to) and [low, high] within *bucket_us* and 2.5 rows; the largest few."""
        keys, sums = self._keys[:, : self._size], self._sums[:, : self._size]
        first, last = from_us // self.bin_us, (to_us - 1) // self.bin_us
        chosen = (keys[0] >= first) & (keys[0] <= last)
        chosen &= (keys[1] >= low / self.group - 1) & (keys[1] <= high / self.group)
        keys, sums = keys[:, chosen], sums[:, chosen].copy()
        if not keys.shape[1]:
            return Bubbles(np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0))
        begin_us = keys[0] * self.bin_us
        sums[1] += sums[0] * (begin_us - from_us)
        # Buckets count from a fixed instant, so that bubbles stay as they are while time goes by.
        buckets = np.stack(
            [begin_us // bucket_us, np.floor(keys[1] / _ROWS_PER_BUBBLE).astype(np.int64), keys[2]]
        )
        buckets, sums = _summed(buckets, sums)
        order = np.argsort(-sums[0], kind="stable")[:MOST_BUBBLES]
        amount, times, prices = sums[:, order]
        return Bubbles(from_us + times / amount, prices / amount, buckets[2, order], amount)


def rows_of(price: NDArray[np.float64], group: float) -> NDArray[np.int64]:
    """Count the rows from price 0 up to the one that holds a price; borders are meant as decimals."""
    exact = price / group
    nearest = np.rint(exact)
    rows: NDArray[np.int64] = np.where(np.abs(exact - nearest) < _NEAR, nearest, np.floor(exact)).astype(
        np.int64
    )
    return rows


def rows_between(low: float, high: float, group: float) -> tuple[int, int]:
    """Give the rows that hold two prices."""
    first, last = rows_of(np.array([low, high]), group).tolist()
    return first, last


def _summed(
    keys: NDArray[np.int64], sums: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Add up what has the same three keys."""
    if not keys.shape[1]:
        return keys, sums
    low = keys.min(axis=1, keepdims=True)
    places = keys - low
    ranges = places.max(axis=1) + 1
    packed = (places[0] * ranges[1] + places[1]) * ranges[2] + places[2]
    order = np.argsort(packed, kind="stable")
    first = np.flatnonzero(np.diff(packed[order], prepend=-1))
    return keys[:, order[first]], np.add.reduceat(sums[:, order], first, axis=1)
