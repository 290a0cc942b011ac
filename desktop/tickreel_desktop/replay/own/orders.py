"""The orders and fills of one instrument of a run, laid out so that a moment or a window is found at once.

Pure arithmetic without Qt. All times are those of the exchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FAR_US = 2**62
"""A time that never comes."""


class OwnEvent(StrEnum):
    """What can be stepped to."""

    ORDER = "order"
    """An order reaches the exchange."""
    FILL = "fill"


class LiveOrder(NamedTuple):
    """An order in the book at some instant."""

    id: int
    is_buy: bool
    price: float
    amount: float
    """What of it is not filled by then."""
    ahead: float
    """What is ahead of it, as far as it is known; NaN where it never joined a queue."""
    is_exact: bool
    """Whether *ahead* is that of the instant; otherwise it is that of when it joined."""


class Lines(NamedTuple):
    """Orders in a window; arrays of one length."""

    from_us: Ints
    to_us: Ints
    price: Floats
    is_buy: Flags


class Fills(NamedTuple):
    """Fills in a window; arrays of one length."""

    time_us: Ints
    price: Floats
    is_buy: Flags


class Ways(NamedTuple):
    """How much was ahead of orders after each change, by order and then by time; arrays of one length."""

    order: Ints
    time_us: Ints
    ahead: Floats


@dataclass(frozen=True, slots=True, eq=False)
class OwnOrders:
    """The orders that reached the exchange and rested there, by when they did, and all fills, by time."""

    run_id: str
    id: Ints
    from_us: Ints
    to_us: Ints
    price: Floats
    amount: Floats
    is_buy: Flags
    joined_ahead: Floats
    fill_us: Ints
    fill_order: Ints
    fill_price: Floats
    fill_amount: Floats
    fill_is_buy: Flags
    longest_us: int
    """The longest time that an order rested."""
    ways: Ways | None = None

    def __len__(self) -> int:
        return len(self.id)

    def lines(self, from_us: int, to_us: int, low: float, high: float) -> Lines:
        """Give the orders that were in the book in [from, to) at prices within bounds, the oldest first."""
        last = int(np.searchsorted(self.from_us, to_us))
        first = int(np.searchsorted(self.from_us, from_us - self.longest_us))
        part = slice(first, last)
        seen = (self.to_us[part] >= from_us) & (self.price[part] >= low) & (self.price[part] <= high)
        return Lines(
            self.from_us[part][seen], self.to_us[part][seen], self.price[part][seen], self.is_buy[part][seen]
        )

    def fills(self, from_us: int, to_us: int, low: float, high: float) -> Fills:
        """Give the fills in [from, to) at prices within bounds, in time."""
        part = slice(*np.searchsorted(self.fill_us, (from_us, to_us)).tolist())
        seen = (self.fill_price[part] >= low) & (self.fill_price[part] <= high)
        return Fills(self.fill_us[part][seen], self.fill_price[part][seen], self.fill_is_buy[part][seen])

    def live(self, at_us: int) -> list[LiveOrder]:
        """List the orders in the book after all that happened up to an instant."""
        last = int(np.searchsorted(self.from_us, at_us, "right"))
        first = int(np.searchsorted(self.from_us, at_us - self.longest_us))
        places = np.flatnonzero(self.to_us[first:last] > at_us) + first
        return [self._live(int(place), at_us) for place in places]

    def _live(self, place: int, at_us: int) -> LiveOrder:
        order = int(self.id[place])
        reached = int(np.searchsorted(self.fill_us, at_us, "right"))
        first = int(np.searchsorted(self.fill_us, self.from_us[place]))
        own = self.fill_order[first:reached] == order
        left = float(self.amount[place] - self.fill_amount[first:reached][own].sum())
        ahead, is_exact = float(self.joined_ahead[place]), False
        if self.ways is not None:
            begin, end = np.searchsorted(self.ways.order, (order, order + 1)).tolist()
            line = begin + int(np.searchsorted(self.ways.time_us[begin:end], at_us, "right")) - 1
            if line >= begin:
                ahead, is_exact = float(self.ways.ahead[line]), True
        return LiveOrder(order, bool(self.is_buy[place]), float(self.price[place]), left, ahead, is_exact)

    def next_us(self, event: OwnEvent, at_us: int, direction: int) -> int | None:
        """Give when the next order or fill after an instant is (1), or the last before it (-1)."""
        times = self.fill_us if event is OwnEvent.FILL else self.from_us
        if direction > 0:
            place = int(np.searchsorted(times, at_us, "right"))
            return int(times[place]) if place < len(times) else None
        place = int(np.searchsorted(times, at_us, "left")) - 1
        return int(times[place]) if place >= 0 else None

    def nearest(self, at_us: int) -> int | None:
        """Give the order whose fill, or else whose arrival, is the last up to an instant."""
        found: list[tuple[int, int, int]] = []
        for rank, (times, ids) in enumerate(((self.from_us, self.id), (self.fill_us, self.fill_order))):
            place = int(np.searchsorted(times, at_us, "right")) - 1
            if place >= 0:
                found.append((int(times[place]), rank, int(ids[place])))
        return max(found)[2] if found else None
