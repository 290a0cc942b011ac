"""The least and the greatest best prices in each short stretch of time, ready to be drawn.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import TouchSeries

_NONE = -1 << 62
_MOST_AT_ONCE = 64


class TouchExtent(NamedTuple):
    """What the best prices went through in stretches of time; NaN where there was none."""

    bid_low: NDArray[np.float64]
    bid_high: NDArray[np.float64]
    ask_low: NDArray[np.float64]
    ask_high: NDArray[np.float64]


class TouchBins:
    """Keep the extremes of the newest stretches (bins) of equal width; a price holds until the next."""

    def __init__(self, bin_us: int, capacity: int) -> None:
        self.bin_us = bin_us
        self._capacity = max(1, capacity)
        self._numbers = np.full(self._capacity, _NONE)
        self._extremes = np.full((4, self._capacity), np.nan)
        self._ends = np.full((2, self._capacity), np.nan)
        self._last = np.full(2, np.nan)
        self._newest: int | None = None

    def append(self, touch: TouchSeries, now_us: int) -> None:
        """Take what happened since the last time, up to and including *now_us*."""
        bins = touch.time_us // self.bin_us
        newest = now_us // self.bin_us
        start = self._newest
        if start is None:
            if not len(bins):
                return
            start = int(bins[0])
        start = min(start, newest)
        sides = np.stack([touch.bid, touch.ask])
        first = np.flatnonzero(np.diff(bins, prepend=_NONE))
        n = newest + 1 - start
        # By the exchange's clock a message may be keyed beside the clock's reading.
        places = np.clip(bins[first] - start, 0, n - 1)
        latest = np.full(n, -1)
        ends = np.append(first[1:], len(bins)) - 1
        latest[places] = ends[: len(places)]
        latest = np.maximum.accumulate(latest)
        if len(bins):
            at_end = np.where(latest >= 0, sides[:, latest], self._last[:, None])
        else:
            at_end = np.repeat(self._last[:, None], n, axis=1)
        low = np.concatenate([self._last[:, None], at_end[:, :-1]], axis=1)
        high = low.copy()
        if len(bins):
            low[:, places] = np.fmin(low[:, places], np.fmin.reduceat(sides, first, axis=1))
            high[:, places] = np.fmax(high[:, places], np.fmax.reduceat(sides, first, axis=1))
        self._put(start, np.stack([low[0], high[0], low[1], high[1]]), at_end)
        self._last = at_end[:, -1].copy()
        self._newest = newest

    def _put(self, start: int, extremes: NDArray[np.float64], ends: NDArray[np.float64]) -> None:
        slot = start % self._capacity
        if self._numbers[slot] == start:
            before = self._extremes[:, slot]
            extremes[0::2, 0] = np.fmin(extremes[0::2, 0], before[0::2])
            extremes[1::2, 0] = np.fmax(extremes[1::2, 0], before[1::2])
        numbers = start + np.arange(extremes.shape[1])[-self._capacity :]
        slots = numbers % self._capacity
        self._numbers[slots] = numbers
        self._extremes[:, slots] = extremes[:, -self._capacity :]
        self._ends[:, slots] = ends[:, -self._capacity :]

    def mid_after(self, at_us: int) -> float | None:
        """Give the mid at the end of the bin that holds an instant; None when it is not known."""
        number = at_us // self.bin_us
        slot = number % self._capacity
        mid = float(self._ends[:, slot].mean())
        return None if self._numbers[slot] != number or isnan(mid) else mid

    def extent(self, first_us: NDArray[np.int64], last_us: NDArray[np.int64]) -> TouchExtent:
        """Give the extremes of stretches, each from its first to its last instant, widened to whole bins."""
        first, last = first_us // self.bin_us, last_us // self.bin_us
        found = np.full((4, len(first)), np.nan)
        count = int((last - first).max(initial=0)) + 1
        # Bins are about as wide as what is drawn; only just after a wide zoom are there many, and some do.
        for step in range(0, count, -(-count // _MOST_AT_ONCE)):
            numbers = np.minimum(first + step, last)
            slots = numbers % self._capacity
            values = np.where(self._numbers[slots] == numbers, self._extremes[:, slots], np.nan)
            found[0::2] = np.fmin(found[0::2], values[0::2])
            found[1::2] = np.fmax(found[1::2], values[1::2])
        return TouchExtent(*found)
