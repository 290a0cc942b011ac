"""What was traded at each price, since a moment or in the last minutes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import TradeSeries
    from tickreel_desktop.replay.ladder.scale import RowScale

SIDES = ("buy", "sell", "unknown")
_SLICES = 30
"""A window forgets in slices, a thirtieth of its length each."""
_BUY = 0
_SELL = 1


class TradedVolume:
    """Amounts traded by price and by the side of who took.

    With a window, what is older than it is forgotten, a slice of a thirtieth at a time; so the
    figures hold the window and up to one slice more.
    """

    def __init__(self) -> None:
        self._slices: deque[tuple[int, _PriceVolume]] = deque()
        self._window_us: int | None = None
        self.since_us: int | None = None
        """The first moment that may be counted; None before there is one."""

    @property
    def window_us(self) -> int | None:
        """How much time is counted; None counts everything since :attr:`since_us`."""
        return self._window_us

    def set_window(self, window_us: int | None, at_us: int) -> None:
        """Count another stretch of time, from *at_us* on: what was forgotten does not come back."""
        self._window_us = window_us
        self.reset(at_us)

    def reset(self, since_us: int | None) -> None:
        """Count from a moment on."""
        self._slices.clear()
        self.since_us = since_us

    def add(self, trades: TradeSeries, now_us: int) -> None:
        """Count trades that follow, and forget what is too old by *now_us*."""
        known = ~(np.isnan(trades.price) | np.isnan(trades.amount))
        prices, sides, amounts = trades.price[known], trades.side[known], trades.amount[known]
        if self._window_us is None:
            self._slice(0).add(prices, sides, amounts)
            return
        width_us = self._slice_us()
        numbers = trades.time_us[known] // width_us
        oldest = (now_us - self._window_us) // width_us
        for number in np.unique(numbers[numbers >= oldest]).tolist():
            chosen = numbers == number
            self._slice(number).add(prices[chosen], sides[chosen], amounts[chosen])
        while self._slices and self._slices[0][0] < oldest:
            self._slices.popleft()

    def rows(self, scale: RowScale, low: int, count: int) -> NDArray[np.float64]:
        """Sum what was traded in *count* rows from *low* upward: (count, 3) in the order of ``SIDES``.

        What was bought is in the row where the asks it took are shown, the rest where bids are.
        """
        total = np.zeros((count, len(SIDES)))
        for _, volume in self._slices:
            volume.add_rows(total, scale, low)
        return total

    def total(self) -> NDArray[np.float64]:
        """Sum everything that is counted, in the order of ``SIDES``."""
        total = np.zeros(len(SIDES))
        for _, volume in self._slices:
            total += volume.amounts.sum(axis=0)
        return total

    def _slice_us(self) -> int:
        return max(1, (self._window_us or 1) // _SLICES)

    def _slice(self, number: int) -> _PriceVolume:
        if not self._slices or self._slices[-1][0] != number:
            self._slices.append((number, _PriceVolume()))
        return self._slices[-1][1]


class _PriceVolume:
    """Amounts by price, ascending."""

    def __init__(self) -> None:
        self.prices = np.empty(0)
        self.amounts = np.empty((0, len(SIDES)))

    def add(self, prices: NDArray[np.float64], sides: NDArray[np.int8], amounts: NDArray[np.float64]) -> None:
        if not len(prices):
            return
        fresh, place = np.unique(prices, return_inverse=True)
        kind = np.where(sides == _BUY, 0, np.where(sides == _SELL, 1, 2))
        cells = len(SIDES) * len(fresh)
        summed = np.bincount(len(SIDES) * place + kind, amounts, cells).reshape(-1, len(SIDES))
        at = np.searchsorted(self.prices, fresh)
        is_new = np.ones(len(fresh), np.bool_)
        inside = at < len(self.prices)
        is_new[inside] = self.prices[at[inside]] != fresh[inside]
        self.amounts[at[~is_new]] += summed[~is_new]
        if is_new.any():
            self.prices = np.insert(self.prices, at[is_new], fresh[is_new])
            self.amounts = np.insert(self.amounts, at[is_new], summed[is_new], axis=0)

    def add_rows(self, total: NDArray[np.float64], scale: RowScale, low: int) -> None:
        count = len(total)
        first, last = np.searchsorted(self.prices, (scale.price(low - 1), scale.price(low + count)))
        prices, amounts = self.prices[first:last], self.amounts[first:last]
        for kind in range(len(SIDES)):
            rows = (scale.ceil(prices) if kind == 0 else scale.floor(prices)) - low
            inside = (rows >= 0) & (rows < count)
            total[:, kind] += np.bincount(rows[inside], amounts[inside, kind], count)
