"""What is read of a window of market before anything is measured: touch, weights, trades, health.

Read block by block. Of the levels behind the touch only what is weighed from them is kept, so that an
hour of a busy market takes some hundred megabytes at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from tickreel.analysis.figures import LEVELS
from tickreel.book.features import depth_slope, imbalance
from tickreel.book.series import Tops, Touch
from tickreel.errors import NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY, day_of, day_start_us, parse_range
from tickreel.market.types import DataType
from tickreel.progress import UNWATCHED
from tickreel.replay.bands import Band, BandKind, find_bands
from tickreel.replay.series import TradeSeries
from tickreel.store import refuse_missing
from tickreel.store.library.booktime import L2_COLUMNS, books_before, l2_rows
from tickreel.store.model import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tickreel.book import Book
    from tickreel.market.time import Instant
    from tickreel.progress import Monitor
    from tickreel.replay import Replay
    from tickreel.store import Cache, Library, RangePlan, Selection

LONGEST_US = US_PER_DAY
"""The longest window that is looked at as one."""
_TYPES = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES)
_TRADED = ("side", "price", "amount")
_OF_DAYS = {BandKind.BAD: Grade.BAD, BandKind.USABLE: Grade.USABLE}
"""Kinds of band that are whole days, the worst first, and the grade that they stand for."""


class Weights(NamedTuple):
    """What is weighed from the best levels after each message that changed any of them."""

    time_us: NDArray[np.int64]
    imbalance: NDArray[np.float64]
    bid_slope: NDArray[np.float64]
    ask_slope: NDArray[np.float64]


_Series = TypeVar("_Series", Touch, Weights)


class Source(NamedTuple):
    """A part of a day that the window was read from."""

    type: DataType
    day: str
    rows_sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """A window [start_us, end_us) of one instrument, as it was recorded."""

    exchange: str
    symbol: str
    start_us: int
    end_us: int
    touch: Touch | None
    """It begins with what stood before the window, a microsecond before; None where no book is held."""
    weights: Weights | None
    """The same of the best levels."""
    book: Book | None
    """At the end of the window."""
    messages: int
    resets: int
    trades: TradeSeries | None
    """None where no trades are held."""
    bands: tuple[Band, ...]
    grade: Grade | None
    """The worst of a day that the window touches."""
    sources: tuple[Source, ...]


def observe(
    cache: Cache,
    exchange: str,
    symbol: str,
    start: Instant,
    end: Instant,
    *,
    cuts: bool = False,
    monitor: Monitor = UNWATCHED,
) -> Observation:
    """Read [start, end) of an instrument, order book and trades, those that are held.

    With *cuts* it begins later where days before are missing. The health of its days is worked out where
    it is not known, which takes as long as reading them. The *monitor* hears of days that come from the
    shared cache for it.

    Raises:
        NotHeldError: neither is held, or days are missing.
        UsageError: a time that there is not, a group, or more than a day.
        DataError: a day is damaged.
        Cancelled: the monitor said so; days that came before stay.
    """
    start_us, end_us = parse_range(start, end)
    if end_us - start_us > LONGEST_US:
        raise UsageError("a window of more than 24 hours is not looked at as one: ask for parts of it")
    library = cache.library
    library.bring([(exchange, symbol)], _TYPES, start_us, end_us, monitor)
    types = library.held_types(exchange, symbol, _TYPES)
    if not types:
        raise NotHeldError(
            f"neither an order book nor trades are held of {exchange} {symbol}: {library.advice()}"
        )
    selections = {data_type: library.select(exchange, symbol, data_type) for data_type in types}
    if cuts:
        start_us = max(start_us, *(_held_from(library, one, start_us, end_us) for one in selections.values()))
    plans = {
        data_type: library.plan(selection, start_us, end_us) for data_type, selection in selections.items()
    }
    for plan in plans.values():
        if plan.selection.key.is_grouped and plan.selection.member is None:
            raise UsageError(f"{symbol} is a group: name one of its instruments")
    missing = [day for plan in plans.values() for day in plan.missing]
    library.count_misses(missing)
    refuse_missing(missing, can_be_allowed=False)
    book_plan, trade_plan = (plans.get(data_type) for data_type in _TYPES)
    played = None if book_plan is None else _Played(library, book_plan)
    bands = [
        band for band in find_bands(cache, plans.values()) if band.from_us < end_us and band.to_us > start_us
    ]
    return Observation(
        exchange=exchange,
        symbol=symbol,
        start_us=start_us,
        end_us=end_us,
        touch=None if played is None else played.touch,
        weights=None if played is None else played.weights,
        book=None if played is None else played.book,
        messages=0 if played is None else played.messages,
        resets=0 if played is None else played.resets,
        trades=None if trade_plan is None else _trades(library, trade_plan),
        bands=tuple(band for band in bands if band.kind not in _OF_DAYS),
        grade=_worst(bands) if any(plan.parts for plan in plans.values()) else None,
        sources=_sources(plans),
    )


def sources_of(cache: Cache, exchange: str, symbol: str, start_us: int, end_us: int) -> tuple[Source, ...]:
    """Tell from which days, as they are now, a window would be read; none where nothing is held."""
    library = cache.library
    types = library.held_types(exchange, symbol, _TYPES)
    return _sources(
        {each: library.plan(library.select(exchange, symbol, each), start_us, end_us) for each in types}
    )


def _sources(plans: Mapping[DataType, RangePlan]) -> tuple[Source, ...]:
    return tuple(
        Source(data_type, f"{part.day}", part.rows_sha256)
        for data_type, plan in plans.items()
        for part in plan.parts
    )


def observe_replay(cache: Cache, replay: Replay, exchange: str, symbol: str, last_us: int) -> Observation:
    """Read the last *last_us* microseconds up to where a replay stands, by local time and nothing later.

    What lies before the range of the replay is past as well, and is read where it is held. The window
    begins later where days before it are missing.

    Raises:
        NotHeldError, UsageError, DataError: as :func:`observe`.
    """
    end_us = replay.at_us + 1
    return observe(cache, exchange, symbol, end_us - last_us, end_us, cuts=True)


def _held_from(library: Library, selection: Selection, start_us: int, end_us: int) -> int:
    """Find from where on no day is missing; the last day may be."""
    today = day_of(end_us - 1)
    gone = [one.day for one in library.plan(selection, start_us, end_us).missing if one.day != today]
    return day_start_us(gone[-1]) + US_PER_DAY if gone else start_us


class _Played:
    """The order book of a window, played once."""

    def __init__(self, library: Library, plan: RangePlan) -> None:
        (builder,) = books_before(library, plan.selection, plan.start_us).values()
        before, counted = builder.view(), builder.counts
        touches, weighed = (
            [_touch_of(before, plan.start_us - 1)],
            [_weigh(_tops_of(before, plan.start_us - 1))],
        )
        breaks = list(plan.breaks_us)

        def forget(at_us: int) -> None:
            builder.forget()
            touches.append(_unknown(Touch, at_us))
            weighed.append(_unknown(Weights, at_us))

        for block in library.rows(plan, L2_COLUMNS):
            while breaks and breaks[0] <= int(block.local_us[0]):
                forget(breaks.pop(0))
            touch, tops = builder.apply_with_tops(l2_rows(block), LEVELS)
            touches.append(touch)
            weighed.append(_weigh(tops))
        for at_us in breaks:
            forget(at_us)
        counts = builder.counts - counted
        self.touch = Touch(*(np.concatenate(column) for column in zip(*touches, strict=True)))
        self.weights = Weights(*(np.concatenate(column) for column in zip(*weighed, strict=True)))
        self.book = builder.view()
        self.messages, self.resets = counts.messages, counts.resets


def _unknown(kind: type[_Series], at_us: int) -> _Series:
    return kind(np.array([at_us]), *(np.full(1, np.nan) for _ in kind._fields[1:]))


def _touch_of(book: Book, at_us: int) -> Touch:
    bid, ask = book.best_bid or (np.nan, np.nan), book.best_ask or (np.nan, np.nan)
    return Touch(np.array([at_us]), *(np.array([cell]) for cell in (bid[0], ask[0], bid[1], ask[1])))


def _tops_of(book: Book, at_us: int) -> Tops:
    tops = Tops.for_entries(1, LEVELS)
    tops.time_us[:] = at_us
    tops.price[:], tops.amount[:] = np.nan, 0.0
    for side, levels in enumerate((book.bids[:LEVELS], book.asks[:LEVELS])):
        tops.price[0, side, : len(levels)] = levels[:, 0]
        tops.amount[0, side, : len(levels)] = levels[:, 1]
    return tops


def _weigh(tops: Tops) -> Weights:
    slopes = depth_slope(tops, LEVELS)
    return Weights(tops.time_us, imbalance(tops, LEVELS), slopes[:, 0], slopes[:, 1])


def _trades(library: Library, plan: RangePlan) -> TradeSeries:
    return TradeSeries.joined(
        [
            TradeSeries(block.local_us, *(block.array(name) for name in _TRADED))
            for block in library.rows(plan, _TRADED)
        ]
    )


def _worst(bands: Iterable[Band]) -> Grade:
    kinds = {band.kind for band in bands}
    return next((grade for kind, grade in _OF_DAYS.items() if kind in kinds), Grade.GOOD)
