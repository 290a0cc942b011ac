"""What a session answers when it is asked to advance: everything a screen may draw, and no more.

A frame owns its arrays; the session never changes them afterwards, so it may cross threads.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.book.series import Touch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tickreel.book import Book
    from tickreel.market.types import DataType
    from tickreel.replay.bands import Band
    from tickreel.replay.feedlatency import LatencyColumns
    from tickreel.replay.known import Known
    from tickreel.replay.views import Balance, HeatColumns


@dataclass(frozen=True, slots=True, eq=False)
class TouchSeries:
    """Best bid and ask after each book message of a span, oldest first; all arrays have one length."""

    time_us: NDArray[np.int64]
    bid: NDArray[np.float64]
    """Best bid price; NaN where that side is empty, as its amount is."""
    ask: NDArray[np.float64]
    """Best ask price; NaN where that side is empty, as its amount is."""
    bid_amount: NDArray[np.float64]
    ask_amount: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.time_us)

    def __repr__(self) -> str:
        return f"TouchSeries({len(self)} moments)"

    @classmethod
    def joined(cls, pieces: list[TouchSeries]) -> TouchSeries:
        """Join spans that follow one another."""
        return cls(
            np.concatenate([p.time_us for p in pieces] or [np.empty(0, np.int64)]),
            *(
                np.concatenate([getattr(p, name) for p in pieces] or [np.empty(0, np.float64)])
                for name in ("bid", "ask", "bid_amount", "ask_amount")
            ),
        )

    def as_touch(self) -> Touch:
        """Give the same arrays as the formulas of :mod:`tickreel.book.features` take them."""
        return Touch(self.time_us, self.bid, self.ask, self.bid_amount, self.ask_amount)


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

    def __repr__(self) -> str:
        return f"TradeSeries({len(self)} trades)"

    def part(self, start: int, stop: int) -> TradeSeries:
        """Give trades [start, stop) without copying."""
        return TradeSeries(
            self.time_us[start:stop], self.side[start:stop], self.price[start:stop], self.amount[start:stop]
        )

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


class NoteKind(StrEnum):
    """What a frame has to say about its time."""

    WARNED = "warned"
    """It is in a band of which the plan wants a warning, or passed one since the last frame."""
    SKIPPED = "skipped"
    """The clock jumped over this stretch, which a band covers; the books went through it."""
    STOPPED = "stopped"
    """A band begins here: the replay stands before it until it is told to go on."""
    QUIET = "quiet"
    """The clock jumped over this stretch, in which nothing happens."""
    LOOPED = "looped"
    """The replay went back to the beginning of this loop."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the stretch [from_us, to_us) that whoever looks at a frame should know."""

    kind: NoteKind
    from_us: int
    to_us: int
    band: Band | None = None
    """The band that is the reason, if one is."""


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
