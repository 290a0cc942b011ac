"""Books written by hand, for what draws or reads them."""

from __future__ import annotations

import numpy as np

from tickreel.book import Book

Level = tuple[float, float]


def make_book(bids: list[Level], asks: list[Level], message_us: int | None = 1_722_816_000_000_000) -> Book:
    """Make a book of (price, amount) levels, best first."""
    return Book(
        np.array(bids, np.float64).reshape(-1, 2), np.array(asks, np.float64).reshape(-1, 2), message_us
    )


def deep_book(mid: float, levels: int, tick: float = 0.5) -> Book:
    """Make a book of equal steps with amounts 1, 2, 3 and so on from the touch outward."""
    steps = np.arange(levels)
    amounts = 1.0 + steps
    bids = np.column_stack([mid - tick / 2 - steps * tick, amounts])
    asks = np.column_stack([mid + tick / 2 + steps * tick, amounts])
    return Book(bids, asks, 1_722_816_000_000_000)
