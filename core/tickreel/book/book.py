"""A book at an instant: all its levels, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tickreel.book.statehash import state_hash
from tickreel.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Levels(NamedTuple):
    """How many levels each side has."""

    bids: int
    asks: int


class Depth(NamedTuple):
    """The best levels of both sides: float64 (k, 2) of price and amount, best first, read-only."""

    bids: NDArray[np.float64]
    asks: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """The whole book of one symbol between two messages; it never changes.

    A crossed book (best bid at or above best ask) is what the feed said, and is kept so.
    """

    bids: NDArray[np.float64]
    """(n, 2): price and amount, highest price first; read-only."""
    asks: NDArray[np.float64]
    """(n, 2): price and amount, lowest price first; read-only."""
    message_us: int | None
    """Local time of the last message, applied or skipped; None without one since the last break."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bids", _read_only(self.bids))
        object.__setattr__(self, "asks", _read_only(self.asks))

    @property
    def levels(self) -> Levels:
        """Count the levels of each side."""
        return Levels(len(self.bids), len(self.asks))

    @property
    def best_bid(self) -> tuple[float, float] | None:
        """Price and amount of the highest bid; None when there is none."""
        return _best(self.bids)

    @property
    def best_ask(self) -> tuple[float, float] | None:
        """Price and amount of the lowest ask; None when there is none."""
        return _best(self.asks)

    @property
    def spread(self) -> float | None:
        """Best ask less best bid, negative in a crossed book; None when a side is empty."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else ask[0] - bid[0]

    @property
    def mid(self) -> float | None:
        """Price halfway between best bid and best ask; None when a side is empty."""
        bid, ask = self.best_bid, self.best_ask
        return None if bid is None or ask is None else (bid[0] + ask[0]) / 2

    def depth(self, n: int) -> Depth:
        """Give the best *n* levels of each side, fewer where there are fewer.

        Raises:
            UsageError: *n* is negative.
        """
        if n < 0:
            raise UsageError(f"a depth of {n} levels cannot be shown: ask for 0 or more")
        return Depth(self.bids[:n], self.asks[:n])

    def imbalance(self, n: int) -> float | None:
        """Weigh the amounts of the best *n* levels: 1 only bids, -1 only asks; None when both are empty.

        Raises:
            UsageError: *n* is negative.
        """
        top = self.depth(n)
        bid, ask = float(top.bids[:, 1].sum()), float(top.asks[:, 1].sum())
        return (bid - ask) / (bid + ask) if bid + ask else None

    def uncrossed(self) -> Book:
        """Read the book without the levels that cross: a view, of which no state or hash is made.

        While the best bid is at or above the best ask, the one of them with the smaller amount is
        left out, both where the amounts are equal. What stays is as the feed said it. A feed does
        not tell which side is out of date, so neither is believed more than the other.
        """
        bid, ask = 0, 0
        while bid < len(self.bids) and ask < len(self.asks) and self.bids[bid, 0] >= self.asks[ask, 0]:
            left = self.bids[bid, 1] - self.asks[ask, 1]
            bid += bool(left <= 0)
            ask += bool(left >= 0)
        return Book(self.bids[bid:], self.asks[ask:], self.message_us)

    def state_hash(self) -> str:
        """Hash all levels (SHA-256, hexadecimal): equal books have equal hashes on every platform."""
        return state_hash(self.bids, self.asks)


def _best(levels: NDArray[np.float64]) -> tuple[float, float] | None:
    return (float(levels[0, 0]), float(levels[0, 1])) if len(levels) else None


def _read_only(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    view = levels.view()
    view.flags.writeable = False
    return view
