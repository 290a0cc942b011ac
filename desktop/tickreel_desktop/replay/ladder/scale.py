"""Prices as rows of a ladder: whole multiples of a group of ticks, found exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tickreel.instruments.commonstep import CommonStep

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

    from tickreel.book import Book

MULTIPLES: tuple[int, ...] = tuple(digit * 10**power for power in range(7) for digit in (1, 2, 5))
"""How many ticks may make a row."""
_ON_TICK = 1e-4
"""A price within so much of a tick is meant to be on it: more is lost in a quotient of large numbers."""
_FURTHEST = 2.0**52
_NEAR_LEVELS = 25
"""Best levels a side that the rows should hold when their height is chosen for the user."""
_LEARNT_LEVELS = 100


@dataclass(frozen=True, slots=True)
class RowScale:
    """Which price is which row: row *r* stands at the price of *r* groups."""

    tick: Decimal
    multiple: int = 1
    """Ticks of a row."""

    @property
    def group(self) -> Decimal:
        """How far two rows are apart, in price."""
        return self.tick * self.multiple

    @property
    def decimals(self) -> int:
        """Decimals of the tick, with which prices are printed."""
        return _decimals(self.tick)

    def price(self, row: int) -> float:
        """Give the price at which a row stands."""
        return float(self.group * row)

    def ticks(self, prices: NDArray[np.float64], *, up: bool = False) -> NDArray[np.int64]:
        """Count the ticks of prices; one between two ticks is taken down, or *up*."""
        quotient = np.clip(prices / float(self.tick), -_FURTHEST, _FURTHEST)
        whole = np.rint(quotient)
        near = np.ceil(quotient) if up else np.floor(quotient)
        return np.where(np.abs(quotient - whole) < _ON_TICK, whole, near).astype(np.int64)

    def floor(self, prices: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give the rows at or below prices: those of bids, and of what was sold."""
        return self.ticks(prices) // self.multiple

    def ceil(self, prices: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give the rows at or above prices: those of asks, and of what was bought."""
        return -(-self.ticks(prices, up=True) // self.multiple)


@cache
def _decimals(tick: Decimal) -> int:
    exponent = tick.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


class TickFinder:
    """Learns the tick of a symbol from the books it is shown; it only ever grows finer."""

    def __init__(self) -> None:
        self._step = CommonStep()

    def learn(self, book: Book) -> None:
        """Look at the levels near the touch."""
        for side in (book.bids, book.asks):
            self._step.add(side[:_LEARNT_LEVELS, 0])

    @property
    def tick(self) -> Decimal | None:
        """The greatest price of which all that were seen are multiples; None before there were two."""
        return self._step.step


def wanted_multiple(book: Book, tick: Decimal, rows: int) -> float:
    """Give how many ticks high rows should be, so that so many of them hold the best levels of both sides.

    The spread takes no more than a quarter of them.
    """
    bids, asks = book.bids[:_NEAR_LEVELS, 0], book.asks[:_NEAR_LEVELS, 0]
    reach = max((float(abs(side[-1] - side[0])) for side in (bids, asks) if len(side)), default=0.0)
    apart = abs(book.spread or 0.0)
    half = max(1, rows // 2)
    return max((reach + apart / 2) / half, 2 * apart / half) / float(tick)


def chosen_multiple(wanted: float) -> int:
    """Give the least multiple that is no less than what is wanted."""
    return next((each for each in MULTIPLES if each >= wanted - _ON_TICK), MULTIPLES[-1])
