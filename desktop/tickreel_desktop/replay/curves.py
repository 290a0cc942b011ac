"""The book as a depth chart sees it: amounts summed outward from the touch, cut to what a screen can show.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.book import Book

_WALL_TIMES = 5.0
_MOST_WALLS = 3
_FEWEST_LEVELS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side summed up: after ``price[i]``, seen from the touch, ``total[i]`` is on offer."""

    price: NDArray[np.float64]
    total: NDArray[np.float64]
    amount: NDArray[np.float64]
    """What rests at each price."""

    def total_at(self, price: float) -> float:
        """Sum up the amounts from the touch to a price, that price included."""
        if not len(self.price):
            return 0.0
        outward = self.price if self.price[0] <= self.price[-1] else -self.price
        at = price if outward is self.price else -price
        count = int(np.searchsorted(outward, at, side="right"))
        return float(self.total[count - 1]) if count else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class DepthCurves:
    """Both sides of a book around the price between them."""

    reference: float
    """The mid; the best price of the only side where the other is empty."""
    low: float
    """Least price that is shown."""
    high: float
    bids: Side
    asks: Side

    @property
    def most(self) -> float:
        """Largest sum that is shown; 0 without one."""
        return max((float(side.total[-1]) for side in (self.bids, self.asks) if len(side.total)), default=0.0)


def depth_curves(
    book: Book, span: float | None, between: tuple[float, float] | None = None
) -> DepthCurves | None:
    """Sum up both sides within *span* (a fraction of the mid) of it, or all of them; None when empty.

    With *between*, a lowest and a highest price, they are summed up from the touch to these.
    """
    bid, ask = book.best_bid, book.best_ask
    if bid is None and ask is None:
        return None
    bests = [best[0] for best in (bid, ask) if best is not None]
    reference = sum(bests) / len(bests)
    reach = abs(reference) * span if span is not None else 0.0
    if between is not None:
        low, high = between
    elif reach > 0:
        low, high = reference - reach, reference + reach
    else:
        # All of it; also when the mid is zero, of which every fraction is nothing.
        low = float(book.bids[-1, 0]) if bid is not None else reference
        high = float(book.asks[-1, 0]) if ask is not None else reference
        low, high = min(low, *bests), max(high, *bests)
        if high <= low:
            room = max(abs(reference) * 1e-3, 1e-9)
            low, high = low - room, high + room
    return DepthCurves(
        reference, low, high, _summed(book.bids, low, falling=True), _summed(book.asks, high, falling=False)
    )


@dataclass(frozen=True, slots=True)
class Wall:
    """A level that holds far more than the others in view."""

    price: float
    amount: float
    total: float
    """The sum from the touch to it."""
    is_bid: bool


def walls(curves: DepthCurves) -> list[Wall]:
    """Find the walls: at least five times the median amount of the levels in view, both sides.

    At most the three greatest of each side are given, the greatest of all first; where fewer than
    ten levels are in view nothing stands out.
    """
    amounts = np.concatenate([curves.bids.amount, curves.asks.amount])
    if len(amounts) < _FEWEST_LEVELS:
        return []
    least = _WALL_TIMES * float(np.median(amounts))
    found = []
    for side in (curves.bids, curves.asks):
        is_in_view = (side.price >= curves.low) & (side.price <= curves.high)
        those = np.flatnonzero((side.amount >= least) & (side.amount > 0) & is_in_view)
        those = those[np.argsort(-side.amount[those], kind="stable")][:_MOST_WALLS]
        found += [
            Wall(float(side.price[n]), float(side.amount[n]), float(side.total[n]), side is curves.bids)
            for n in those
        ]
    return sorted(found, key=lambda wall: -wall.amount)


def stairs(side: Side, edge: float, places: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the corners of the stairs that *side* makes from its touch out to the price *edge*.

    Of more levels than *places* only those are kept that stand at different places.
    """
    price, total = side.price, side.total
    if not len(price):
        return price, total
    if len(price) > places:
        place = np.floor((price - price[0]) / (edge - price[0]) * places)
        # The last level of a place holds the sum of all before it.
        kept = np.append(np.flatnonzero(np.diff(place)), len(price) - 1)
        price, total = price[kept], total[kept]
    across = np.empty(2 * len(price) + 1)
    across[0:-1:2] = across[1:-1:2] = price
    across[-1] = edge
    up = np.empty(2 * len(price) + 1)
    up[0] = 0.0
    up[1::2] = up[2::2] = total
    return across, up


def _summed(levels: NDArray[np.float64], edge: float, *, falling: bool) -> Side:
    price = levels[:, 0]
    outward, limit = (-price, -edge) if falling else (price, edge)
    count = int(np.searchsorted(outward, limit, side="right"))
    amount = levels[:count, 1]
    return Side(price[:count], np.cumsum(amount), amount)
