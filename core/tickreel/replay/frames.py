"""What a session answers when it is asked to advance: everything a screen may draw, and no more.

A frame owns its arrays; the session never changes them afterwards, so it may cross threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.book import Book


@dataclass(frozen=True, slots=True, eq=False)
class TouchSeries:
    """Best bid and ask after each book message of a span, oldest first; all arrays have one length."""

    time_us: NDArray[np.int64]
    bid: NDArray[np.float64]
    """Best bid price; NaN where that side is empty."""
    ask: NDArray[np.float64]
    """Best ask price; NaN where that side is empty."""

    def __len__(self) -> int:
        return len(self.time_us)

    @classmethod
    def joined(cls, pieces: list[TouchSeries]) -> TouchSeries:
        """Join spans that follow one another."""
        return cls(
            np.concatenate([p.time_us for p in pieces] or [np.empty(0, np.int64)]),
            np.concatenate([p.bid for p in pieces] or [np.empty(0, np.float64)]),
            np.concatenate([p.ask for p in pieces] or [np.empty(0, np.float64)]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class TradeSeries:
    """Trades of a span, oldest first; all arrays have one length."""

    time_us: NDArray[np.int64]
    side: NDArray[np.int8]
    """0 buy, 1 sell, 2 unknown, 3 empty."""
    price: NDArray[np.float64]
    """NaN where the vendor gave none."""
    amount: NDArray[np.float64]
    """NaN where the vendor gave none."""

    def __len__(self) -> int:
        return len(self.time_us)

    @classmethod
    def joined(cls, pieces: list[TradeSeries]) -> TradeSeries:
        """Join spans that follow one another."""
        return cls(
            np.concatenate([p.time_us for p in pieces] or [np.empty(0, np.int64)]),
            np.concatenate([p.side for p in pieces] or [np.empty(0, np.int8)]),
            np.concatenate([p.price for p in pieces] or [np.empty(0, np.float64)]),
            np.concatenate([p.amount for p in pieces] or [np.empty(0, np.float64)]),
        )


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of what was played since the start of the range, or since the last seek."""

    messages: int = 0
    rows: int = 0
    trades: int = 0
    resets: int = 0
    skipped_rows: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class SymbolFrame:
    """One symbol at the frame's instant, and what happened to it since the last frame."""

    exchange: str
    symbol: str
    book: Book | None
    """None when the replay plays no order book of this symbol."""
    touch: TouchSeries
    trades: TradeSeries
    totals: Totals


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Everything that is known at an instant of a replay."""

    at_us: int
    """The clock of the replay: everything up to and including this microsecond is in."""
    symbols: tuple[SymbolFrame, ...]
    """In the order asked for."""
    rows_since: int
    """Rows played since the last frame, all symbols and types."""
    is_jump: bool
    """This frame answers a seek: its series are the history before at_us and replace what was drawn."""
    is_end: bool
    """The range holds nothing more."""
