"""What a book tells after its messages: the touch after each, and the top levels where they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Touch(NamedTuple):
    """Best prices and their amounts after each message, oldest first; five arrays of one length."""

    time_us: NDArray[np.int64]
    """Local time of the message."""
    bid: NDArray[np.float64]
    """NaN where that side is empty, as its amount is."""
    ask: NDArray[np.float64]
    bid_amount: NDArray[np.float64]
    ask_amount: NDArray[np.float64]

    @classmethod
    def for_messages(cls, messages: int) -> Touch:
        """Make room for as many entries."""
        return cls(np.empty(messages, np.int64), *(np.empty(messages) for _ in range(4)))


class Tops(NamedTuple):
    """The best levels of both sides after each message that changed any of them, oldest first.

    Sides are 0 (bids) and 1 (asks), levels best first; a level that is not there has the price NaN
    and the amount 0.
    """

    time_us: NDArray[np.int64]
    """Local time of the message; shape (entries,)."""
    price: NDArray[np.float64]
    """Shape (entries, 2, levels)."""
    amount: NDArray[np.float64]
    """Shape (entries, 2, levels)."""

    @classmethod
    def for_entries(cls, entries: int, levels: int) -> Tops:
        """Make room for as many entries."""
        shape = (entries, 2, levels)
        return cls(np.empty(entries, np.int64), np.empty(shape), np.empty(shape))


NO_TOUCH = Touch.for_messages(0)
NO_TOPS = Tops.for_entries(0, 0)
