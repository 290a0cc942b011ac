"""The market around an order on the two clocks of its run: as it was published, and as it was known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.following import Follower
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.tape import Tape
from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tickreel.backtest.runs.run import Run
    from tickreel.book import Book
    from tickreel.store import Cache

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_AROUND_US = 2_000_000
"""Of the feed that is read before an instant, and after it: what was on its way is known."""

_SAMPLED_US = 60_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """Both books at one instant, and how old what the strategy knew was."""

    at_us: int
    known: Book
    exchange: Book
    heard_us: int | None
    """When the last message that the strategy knew had been published."""


@dataclass(frozen=True, slots=True, eq=False)
class MarketAround:
    """Best prices and trades of [from_us, to_us) by the clock of the exchange, and books at some instants."""

    from_us: int
    to_us: int
    touch_us: Ints
    """When best bid or ask changed, ascending; the first is what held before."""
    bid: Floats
    ask: Floats
    trade_us: Ints
    trade_price: Floats
    trade_amount: Floats
    trade_is_buy: NDArray[np.bool_]
    """Whether the taker bought; of an unknown side it says no."""
    moments: tuple[Moment, ...]


def read_market(
    cache: Cache, run: Run, pair: tuple[str, str], from_us: int, to_us: int, instants_us: Iterable[int]
) -> MarketAround:
    """Read the market of an instrument of a run over a window, and its books at instants inside it.

    Messages have the times that the run's model of the feed gave them. The feed is read from two seconds
    before to two seconds after; what took longer to arrive is taken as known, or not seen.

    Raises:
        NotHeldError: no order book is held.
        UsageError, DataError: as :class:`~tickreel.replay.arrivals.Arrivals` and :meth:`Library.rows`.
    """
    request = BacktestRequest.from_form(run.request)
    reach = (from_us, max(to_us, from_us + 1))
    book = _tape(cache, request, pair, DataType.INCREMENTAL_BOOK_L2, reach)
    moments = tuple(_moment(cache, request, pair, at_us) for at_us in sorted(set(instants_us)))
    bids, asks = (np.concatenate(([book.first_quad[side]], book.held.quads[:, side])) for side in (0, 1))
    times_us = np.concatenate(([request.start_us], book.held.published_us))
    has_changed = np.ones(len(times_us), np.bool_)
    has_changed[1:] = _differs(bids) | _differs(asks)
    inside = has_changed & (times_us < to_us)
    first = max(0, int(np.searchsorted(times_us[inside], from_us, "right")) - 1)
    held = cache.library.held_types(*pair, (DataType.TRADES,))
    trades = _trades(cache, request, pair, reach) if held else _NO_TRADES
    is_inside = (trades[0] >= from_us) & (trades[0] < to_us)
    return MarketAround(
        from_us,
        to_us,
        times_us[inside][first:],
        bids[inside][first:],
        asks[inside][first:],
        trades[0][is_inside],
        trades[1][is_inside],
        trades[2][is_inside],
        trades[3][is_inside],
        moments,
    )


def feed_delay_us(cache: Cache, run: Run, pair: tuple[str, str]) -> int:
    """Give how late the strategy knew of messages of the book: the median over the first minute of its run.

    Raises:
        NotHeldError, UsageError, DataError: as :func:`read_market`.
    """
    request = BacktestRequest.from_form(run.request)
    reach = (request.start_us, min(request.end_us, request.start_us + _SAMPLED_US))
    held = _tape(cache, request, pair, DataType.INCREMENTAL_BOOK_L2, reach).held
    delays = held.known_us - held.published_us
    return int(np.median(delays)) if len(delays) else 0


_NO_TRADES = (np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.bool_))


def _tape(
    cache: Cache,
    request: BacktestRequest,
    pair: tuple[str, str],
    data_type: DataType,
    reach: tuple[int, int],
) -> Tape:
    """Read what of a range of the run is published or known in [from, to) onto a tape."""
    begin_us = max(request.start_us, reach[0] - _AROUND_US)
    end_us = max(begin_us, min(request.end_us, reach[1] + _AROUND_US))
    library = cache.library
    plan = library.plan(library.select(*pair, data_type), begin_us, end_us)
    tape = Tape(library, plan, request.models.feed, 0, pair)
    while not tape.is_exhausted:
        tape.load()
    return tape


def _moment(cache: Cache, request: BacktestRequest, pair: tuple[str, str], at_us: int) -> Moment:
    tape = _tape(cache, request, pair, DataType.INCREMENTAL_BOOK_L2, (at_us, at_us + 1))
    shown, held = tape.shown(), tape.held
    published = int(np.searchsorted(held.published_us, at_us, "right"))
    known = int(np.searchsorted(held.known_us, at_us, "right"))
    exchange, strategy = Follower(), Follower()
    exchange.follow(shown, published)
    strategy.follow(shown, known)
    heard_us = int(held.published_us[known - 1]) if known else None
    return Moment(at_us, strategy.book(), exchange.book(), heard_us)


def _trades(
    cache: Cache, request: BacktestRequest, pair: tuple[str, str], reach: tuple[int, int]
) -> tuple[Ints, Floats, Floats, NDArray[np.bool_]]:
    held = _tape(cache, request, pair, DataType.TRADES, reach).held
    at_us = np.repeat(held.published_us, np.diff(held.first_row))
    return at_us, held.price, held.amount, held.mark == 0


def _differs(values: Floats) -> NDArray[np.bool_]:
    before, after = values[:-1], values[1:]
    same: NDArray[np.bool_] = (before == after) | (np.isnan(before) & np.isnan(after))
    return ~same
