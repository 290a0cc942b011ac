"""What the engine hands over of a run: orders, fills, equity, and all else that was noted on the way.

Tables are structured NumPy arrays. Times are int64 microseconds since 1970 UTC, :data:`NEVER` where
something did not happen. Prices and amounts are in the units of the vendor's rows; *value* is in the
instrument's settlement currency, which :class:`Traded` names. Numbers that are not known are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.store import MissingDay

    Table = NDArray[np.void]

NEVER = -(2**63)
"""A time at which something would have been, had it happened."""


HORIZONS_US = (100_000, 1_000_000, 10_000_000, 60_000_000)
"""How long after a fill the market is looked at."""


class Side(IntEnum):
    """Of an order, and of what it fills."""

    BUY = 1
    SELL = -1


class OrderKind(IntEnum):
    """What an order asks for."""

    LIMIT = 0
    MARKET = 1


class TimeInForce(IntEnum):
    """How long an order asks for it."""

    GTC = 0
    """Until it is filled or cancelled."""
    POST_ONLY = 1
    """As GTC, but rejected where it would take."""
    IOC = 2
    """What cannot be filled at once is cancelled. Market orders are always so."""


class Status(IntEnum):
    """Where an order stands at the exchange."""

    SENT = 0
    """On its way."""
    OPEN = 1
    """In the book, perhaps filled in part."""
    FILLED = 2
    CANCELLED = 3
    """By the strategy."""
    EXPIRED = 4
    """What an IOC or market order could not fill, or what was open when the book was lost."""
    REJECTED = 5


class Reason(IntEnum):
    """Why an order was rejected, or ended without anybody asking for it."""

    NONE = 0
    WOULD_TAKE = 1
    """Post-only, and the other side's best price was there."""
    OFF_TICK = 2
    OFF_LOT = 3
    TOO_SMALL = 4
    """Below the least amount."""
    TOO_CHEAP = 5
    """Below the least value."""
    NO_BOOK = 6
    """No book was known when it arrived."""
    NOT_FILLED = 7
    """IOC or market: nothing more was there at its price."""
    BOOK_LOST = 8
    """Days are missing: the book is unknown from here on."""
    RUN_ENDED = 9
    """It was open, or on its way, at the end of the run."""


class Rule(IntEnum):
    """Which rule filled an order, or moved it in its queue."""

    TAKEN = 0
    """It took what the book showed when it arrived."""
    TRADED_AT = 1
    """Somebody traded at its price, and nothing was ahead of it any more."""
    TRADED_THROUGH = 2
    """Somebody traded at a worse price than its own, so its own was used up."""
    CROSSED = 3
    """The other side's best price reached its own, so its own was used up."""
    ARRIVED = 4
    """It joined the queue. Of traces alone, as the rules below."""
    LEVEL_CHANGED = 5
    """The amount at its price changed."""
    ENDED = 6
    """It left the book without a fill."""


ORDER = np.dtype(
    [
        ("id", "i8"),  # its place in the table
        ("instrument", "i4"),  # its place in Outcome.instruments
        ("side", "i1"),  # Side
        ("kind", "i1"),  # OrderKind
        ("force", "i1"),  # TimeInForce
        ("status", "i1"),  # Status, at the end of the run
        ("reason", "i1"),  # Reason
        ("price", "f8"),  # NaN of a market order
        ("amount", "f8"),
        ("filled", "f8"),
        ("submit_us", "i8"),  # the strategy sent it
        ("arrive_us", "i8"),  # it reached the exchange
        ("ack_us", "i8"),  # the strategy knew that it had been taken, filled or rejected
        ("cancel_us", "i8"),  # the strategy sent the cancellation
        ("end_us", "i8"),  # it ended at the exchange
        ("known_end_us", "i8"),  # the strategy knew that
        ("queue_ahead", "f8"),  # amount ahead when it joined the queue; NaN where it never did
        ("bid", "f8"),  # best bid and ask at the exchange when it arrived
        ("ask", "f8"),
        ("mid_sent", "f8"),  # mid that the strategy knew when it sent it
    ]
)

FILL = np.dtype(
    [
        ("order", "i8"),  # ORDER.id
        ("instrument", "i4"),
        ("side", "i1"),
        ("is_maker", "?"),
        ("rule", "i1"),  # Rule
        ("time_us", "i8"),  # at the exchange
        ("known_us", "i8"),  # when the strategy knew; may lie behind the end of the run
        ("price", "f8"),
        ("amount", "f8"),
        ("fee", "f8"),  # value; below zero it was paid to the trader
        ("position", "f8"),  # after it, at the exchange
        ("mid", "f8"),  # at the exchange
    ]
)

TRACE = np.dtype(
    [
        ("order", "i8"),
        ("time_us", "i8"),  # at the exchange
        ("rule", "i1"),
        ("level", "f8"),  # amount at its price on its side, after it
        ("ahead", "f8"),  # amount ahead of it, after it
        ("traded", "f8"),  # amount of the trade, of TRADED_AT and TRADED_THROUGH
        ("filled", "f8"),  # amount that this filled of the order
        ("bid", "f8"),
        ("ask", "f8"),
    ]
)


def equity_dtype(instruments: int) -> np.dtype[Any]:
    """Give the fields of a sample of equity; all but the time are (instruments,) float64.

    *cash* is what trades brought and cost, fees and funding left out; *fees* is their sum so far, what was
    paid above zero; *funding* is what was received, below zero what was paid; *equity* is cash less fees
    plus funding plus the position at the mid, all values. Without a mid yet it is NaN while there is a
    position. *position* is in amounts, *mid* a price, both at the exchange.
    """
    names = ("position", "mid", "cash", "fees", "funding", "equity")
    return np.dtype([("time_us", "i8"), *((name, "f8", (instruments,)) for name in names)])


def mid_at(
    changed_us: NDArray[np.int64], mid: NDArray[np.float64], instants_us: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the mid that held at instants, float64 (n,): NaN before the first one known.

    *changed_us* int64 (m,) ascending, *mid* float64 (m,) from each of them on.
    """
    places = np.searchsorted(changed_us, instants_us, side="right") - 1
    known = np.concatenate((mid, [np.nan]))
    return np.asarray(known[places], np.float64)


@dataclass(frozen=True, slots=True)
class Traded:
    """One instrument of a run, with the facts that the run used."""

    exchange: str
    symbol: str
    tick: float
    lot: float
    multiplier: float
    """What an amount of 1 stands for: base currency, or quote currency where *inverse*."""
    is_inverse: bool
    currency: str
    """Of values: that in which gains are paid. Empty where nobody says."""
    maker_fee: float
    taker_fee: float
    fee_source: str
    """``instrument``, ``venue`` or ``given``."""

    def value(self, amount: float, price: float) -> float:
        """Give what an amount is worth at a price."""
        return amount * self.multiplier / price if self.is_inverse else amount * self.multiplier * price


@dataclass(frozen=True, slots=True)
class LogLine:
    """What a strategy, or the engine, said on the way."""

    time_us: int
    level: str
    """``info``, ``warning`` or ``error``."""
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """A series that the strategy recorded under a name; two arrays of one length."""

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AnalysisUse:
    """What analyses a strategy asked for."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    """What is known of it."""
    record: int | None = None
    """The record that was made of them, or that they were taken from; None without either."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A run as the engine leaves it; one that was cancelled or that failed holds what there was by then."""

    instruments: tuple[Traded, ...]
    strategy_name: str
    strategy_sha256: str
    """Of the file it was read from, and of the modules that this imports from its folder."""
    params: Mapping[str, bool | int | float | str]
    """All of them, those not given as the strategy declares them."""
    orders: Table
    """:data:`ORDER`, by id, which is the order of sending."""
    fills: Table
    """:data:`FILL`, in the order in which the exchange made them."""
    mids_after: NDArray[np.float64]
    """(fills, horizons): the mid at the exchange each of :data:`HORIZONS_US` after a fill; NaN where there
    was none, or where the run had ended."""
    equity: Table
    """:func:`equity_dtype`, at equal steps and at the end."""
    equity_step_us: int
    messages: int
    """Of market data that the exchange played."""
    rows: int
    trades: int
    """Rows of trades."""
    reached_us: int
    """Everything before it was played; the end of the range unless it is partial."""
    is_partial: bool = False
    """Whether it was cancelled, or failed, before the end of the range."""
    log: tuple[LogLine, ...] = ()
    series: Mapping[str, Recorded] = field(default_factory=dict)
    clock_shifts_us: Mapping[tuple[str, str, str], Mapping[date, int]] = field(default_factory=dict)
    """By (exchange, symbol, type): what a measured latency put the recorder's clock right by, day by day."""
    missing: tuple[MissingDay, ...] = ()
    analyses: AnalysisUse = AnalysisUse()
    traces: Table = field(default_factory=lambda: np.empty(0, TRACE))
    """:data:`TRACE` of the orders that were asked for, in the order of time."""
    strategy_beside: Mapping[str, bytes] = field(default_factory=dict)
    """The code of these modules, by path below the folder."""
