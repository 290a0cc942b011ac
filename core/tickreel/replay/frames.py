"""What a session answers when it is asked to advance: everything a screen may draw, and no more.

A frame owns its arrays; the session never changes them afterwards, so it may cross threads.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.book import Book
    from tickreel.market.types import DataType
    from tickreel.replay.feedlatency import LatencyColumns
    from tickreel.replay.known import Known
    from tickreel.replay.notes import Note
    from tickreel.replay.series import TouchSeries, TradeSeries
    from tickreel.replay.views import Balance, HeatColumns


@dataclass(frozen=True, slots=True)
class TypeCount:
    """Messages and rows of one data type."""

    messages: int = 0
    rows: int = 0

    def __add__(self, other: TypeCount) -> TypeCount:
        return TypeCount(self.messages + other.messages, self.rows + other.rows)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of what was played since the start of the range, or since the last seek."""

    messages: int = 0
    rows: int = 0
    trades: int = 0
    resets: int = 0
    skipped_rows: int = 0

    @classmethod
    def summed(cls, parts: Iterable[Totals]) -> Totals:
        """Add up the counts of several instruments."""
        listed = tuple(parts)
        return cls(*(sum(getattr(part, one.name) for part in listed) for one in fields(cls)))


@dataclass(frozen=True, slots=True)
class SymbolClock:
    """When the newest message of a symbol came, by the clocks of the recorder and of the exchange."""

    local_us: int
    exchange_us: int | None
    """None where exchange times were not asked for, or where it is the local time: it is not known."""

    @property
    def latency_us(self) -> int | None:
        """How much later it came than the exchange says; below 0 where the clocks disagree by more."""
        return None if self.exchange_us is None else self.local_us - self.exchange_us


@dataclass(frozen=True, slots=True, eq=False)
class SymbolFrame:
    """One symbol at the frame's instant, and what happened to it since the last frame."""

    exchange: str
    symbol: str
    book: Book | None
    """None when the replay plays no order book of this symbol, or was not asked to show it."""
    touch: TouchSeries
    trades: TradeSeries
    totals: Totals
    gap_since_us: int | None = None
    """No order book is known: a day that is not held began here, and no snapshot has come since."""
    heat: HeatColumns | None = None
    """None where the session was asked for no heatmap of it."""
    balance: Balance | None = None
    """None where the session was asked for none."""
    clock: SymbolClock | None = None
    """None before its first message."""
    latency: LatencyColumns | None = None
    """None where the session was asked for none."""
    known: Known | None = None
    """None while what is known does not lag."""

    def __repr__(self) -> str:
        book = "no book"
        if self.book is not None:
            book = "{} bids and {} asks".format(*self.book.levels)
        return f"SymbolFrame({self.exchange} {self.symbol}, {book}, {self.touch!r}, {self.trades!r})"


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
    generation: int = 0
    """That of the session when the frame was made: an answer of an older one than it has now is late."""
    notes: tuple[Note, ...] = ()
    """What the plan's health policy, its loop and its skipping of quiet did since the last frame."""


@dataclass(frozen=True, slots=True)
class SymbolSummary:
    """What was played of one instrument, and the book it ended with."""

    exchange: str
    symbol: str
    totals: Totals
    last_message_us: int | None
    state_hash: str | None
    """None when no order book was played."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a session has played since its start, or since its last seek."""

    totals: Totals
    types: dict[DataType, TypeCount]
    symbols: tuple[SymbolSummary, ...]
