"""The article's replay engine, over Tickreel's replay: ticks with the best bid and ask they met."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.article.tickevent import TickEvent
from tickreel.errors import UsageError
from tickreel.market.time import EARLIEST_US, LATEST_US, US_PER_SECOND, parse_instant
from tickreel.market.types import SIDES, DataType, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from numpy.typing import NDArray

    from tickreel.analysis import Analysis, LiveAnalyses
    from tickreel.book import BookBuilder
    from tickreel.market.time import Instant
    from tickreel.replay.merging import BatchPart, MessageBatch
    from tickreel.store import Cache

    Quotes = NDArray[np.float64]

_TRADE_SIDES = SIDES[Kind.TRADE_SIDE]
_UNKNOWN = np.full(4, np.nan)


class TickKind(StrEnum):
    """What makes a tick."""

    TRADES = "trades"
    """Every trade, with the best bid and ask of the book just before it."""
    BBO = "bbo"
    """Every change of the best bid or ask or their sizes; side, volume and price are None."""


OnTick = Callable[[TickEvent], Awaitable[object] | object]


class TickReplayEngine:
    """Replays ticks at any speed; *now* and *sleep* stand for the wall.

    Where an analysis is asked for, it is by *model*, else as it is set: by the offline analyst unless
    something else is.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        model: str | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._cache = cache
        self._now = now
        self._sleep = sleep
        self._model = model
        self.ticks_processed = 0
        """Ticks handed out by all replays of this engine, of all symbols."""
        self.ai_calls = 0
        """Analyses by all replays of this engine; those answered from the store are among them."""
        self.ai_records: list[int] = []
        """Records of analyses that its replays have made, by which they are had again."""
        self._lives: list[LiveAnalyses] = []
        self._spent_usd = 0.0

    @property
    def ai_cost_usd(self) -> float:
        """What the calls of this engine did cost so far, those that failed or were stopped included."""
        return self._spent_usd + sum(live.spent_usd for live in self._lives)

    async def ticks(
        self,
        symbols: Sequence[tuple[str, str]],
        start: Instant,
        end: Instant,
        *,
        kind: TickKind | str = TickKind.TRADES,
        allow_missing: bool = False,
    ) -> AsyncIterator[TickEvent]:
        """Read the ticks of some (exchange, symbol) in [start, end) from the cache, merged by time.

        Only some thousands of them are in memory at a time.

        Raises:
            NotHeldError: an order book, or the trades asked for, are not held, or days are missing.
            UsageError: a time or kind that there is not.
        """
        from tickreel.replay import Replay
        from tickreel.replay.asynchronous import batches

        try:
            kind = TickKind(kind)
        except ValueError:
            raise UsageError(f"{kind!r} makes no ticks: choose {' or '.join(TickKind)}") from None
        types = [DataType.INCREMENTAL_BOOK_L2]
        if kind is TickKind.TRADES:
            types.append(DataType.TRADES)

        def begin() -> tuple[Replay, _Touches]:
            replay = Replay(self._cache, symbols, start, end, types=types, allow_missing=allow_missing)
            return replay, _Touches(self._cache, symbols, replay.start_us)

        replay, touches = await asyncio.to_thread(begin)
        reader = batches(replay)
        try:
            async for batch in reader:
                columns = await asyncio.to_thread(touches.columns, batch, kind)
                for cells in zip(*columns, strict=True):
                    yield TickEvent(*cells)
        finally:
            await reader.aclose()

    async def analyze_tick_with_ai(self, tick: TickEvent, *, window_s: float = 60.0) -> dict[str, Any]:
        """Analyse the *window_s* seconds up to and with a tick; give the article's dict, and all of it.

        ``analysis`` is the prose, ``tokens_used`` and ``cost_usd`` are counted, ``result`` has the rest.

        Raises:
            NotHeldError, UsageError, CapReached, CallFailed: as :func:`tickreel.analyze`.
        """
        from tickreel.analysis import opened_service, take_snapshot

        to_us = tick.timestamp + 1
        span = to_us - int(window_s * US_PER_SECOND), to_us
        snapshot = await asyncio.to_thread(
            take_snapshot, self._cache, tick.exchange, tick.symbol, *span, cuts=True
        )
        async with opened_service(self._cache, model=self._model) as service:
            try:
                (result,) = await service.analyse(snapshot)
            finally:
                self._spent_usd += service.spent_usd
        self.ai_calls += 1
        call = result.call
        tokens = None if call is None else call.tokens
        return {
            "analysis": result.prose,
            "tokens_used": 0 if tokens is None else tokens.sent + tokens.received,
            "cost_usd": 0.0 if call is None else call.usd,
            "result": result,
        }

    async def _analysed(self, live: LiveAnalyses, tick: TickEvent, start_us: int) -> Analysis:
        from tickreel.analysis import CallFailed

        # What comes after the tick is not known at it.
        landed = await live.analyse(tick.exchange, tick.symbol, start_us, tick.timestamp + 1)
        if landed.analysis is None:
            raise landed.error or CallFailed(landed.reason, is_taken=False)
        self.ai_calls += 1
        if live.record_id is not None and live.record_id not in self.ai_records:
            self.ai_records.append(live.record_id)
        return landed.analysis

    @asynccontextmanager
    async def _analyses(self, record: int | None) -> AsyncIterator[LiveAnalyses]:
        from tickreel.analysis import opened_live

        async with AsyncExitStack() as stack:
            opened = opened_live(self._cache, model=self._model, record=record)
            live = await stack.enter_async_context(opened)
            self._lives.append(live)
            try:
                yield live
            finally:
                await stack.aclose()  # what is stopped by it is paid
                self._lives.remove(live)
                self._spent_usd += live.spent_usd

    async def replay_ticks(
        self,
        ticks: Iterable[TickEvent] | AsyncIterable[TickEvent],
        speed_multiplier: float | str = 1.0,
        on_tick: OnTick | None = None,
        ai_analysis_interval: int | None = None,
        *,
        ai_record: int | None = None,
    ) -> AsyncIterator[TickEvent]:
        """Hand out ticks when they are due: call *on_tick*, a function or a coroutine function, then yield.

        The first is due at once, the others on a schedule counted from it, so that delays never add up;
        ``"max"`` is as fast as they are taken. A list is put in order of time first. What *on_tick*
        raises is raised here.

        With *ai_analysis_interval* every so many ticks of a symbol are analysed, from the first of them
        to the last, from the cache; the last of them has the analysis, and is not handed out before it is
        there. The schedule goes on meanwhile. With *ai_record*, one of :attr:`ai_records`, nothing is sent:
        the analyses are those of that record.

        Raises:
            UsageError: it is no speed or interval, or a tick's time lies outside the years 2010 to 2100,
                as one in another unit does.
            NotHeldError, CapReached, CallFailed: an analysis was not possible, as :func:`tickreel.analyze`.
            NotRecorded: the record has not what is to be analysed.
        """
        from tickreel.replay.pacing import Pace

        if ai_analysis_interval is not None and ai_analysis_interval < 1:
            raise UsageError(f"every {ai_analysis_interval} ticks nothing can be analysed: give 1 or more")
        if ai_analysis_interval is None and ai_record is not None:
            raise UsageError("a record of analyses is of no use without an interval of them")
        since: dict[tuple[str, str], list[int]] = {}
        pace: Pace | None = None
        reached_us = 0
        async with AsyncExitStack() as stack:
            live: LiveAnalyses | None = None
            if ai_analysis_interval is not None:
                live = await stack.enter_async_context(self._analyses(ai_record))
            async for tick in _in_order(ticks):
                if not EARLIEST_US <= tick.timestamp < LATEST_US:
                    parse_instant(tick.timestamp)  # it says which unit the time seems to be in
                if pace is None:
                    pace = Pace(speed_multiplier, tick.timestamp, LATEST_US, now=self._now, sleep=self._sleep)
                elif tick.timestamp > pace.due_us:
                    await pace.until(tick.timestamp, reached_us)
                elif pace.now() >= pace.breathe_s:
                    await pace.breathe()
                reached_us = tick.timestamp
                if live is not None:
                    times_us = since.setdefault((tick.exchange, tick.symbol), [])
                    times_us.append(tick.timestamp)
                    if len(times_us) == ai_analysis_interval:
                        tick = replace(tick, ai_analysis=await self._analysed(live, tick, times_us[0]))
                        times_us.clear()
                if on_tick is not None:
                    answer = on_tick(tick)
                    if answer is not None and inspect.isawaitable(answer):
                        await answer
                self.ticks_processed += 1
                yield tick

    async def batch_backtest(
        self,
        strategy_fn: Callable[[TickEvent], Awaitable[Any] | Any],
        dates: Sequence[Instant],
        symbols: Sequence[tuple[str, str]],
        *,
        amount: float,
        models: str = "typical",
        allow_missing: bool = False,
    ) -> dict[str, Any]:
        """Backtest as :func:`tickreel.article.batch_backtest`, with what this engine's analyses did cost.

        ``ai_cost_usd`` is what :meth:`analyze_tick_with_ai` cost while it ran.

        Raises:
            UsageError, StrategyError, NotHeldError: as there.
        """
        from tickreel.article.batchbacktest import batch_backtest

        before_usd = self.ai_cost_usd
        how: dict[str, Any] = {"amount": amount, "models": models, "allow_missing": allow_missing}
        result = await batch_backtest(self._cache, strategy_fn, dates, symbols, **how)
        self.ticks_processed += result["ticks_processed"]
        return result | {"ai_cost_usd": self.ai_cost_usd - before_usd}


async def _in_order(ticks: Iterable[TickEvent] | AsyncIterable[TickEvent]) -> AsyncIterator[TickEvent]:
    if isinstance(ticks, AsyncIterable):
        async for tick in ticks:
            yield tick
    else:
        for tick in sorted(ticks, key=attrgetter("timestamp")):
            yield tick


class _Touches:
    """Best bids and asks of some instruments while their messages pass; rows of bid, ask and their sizes."""

    def __init__(self, cache: Cache, symbols: Sequence[tuple[str, str]], start_us: int) -> None:
        from tickreel.store.library.booktime import books_before

        self._builders: dict[tuple[str, str], BookBuilder] = {}
        self._last: dict[tuple[str, str], Quotes] = {}
        for exchange, symbol in symbols:
            selection = cache.book_selection(exchange, symbol)
            (builder,) = books_before(cache.library, selection, start_us).values()
            book = builder.view()
            bid, ask = book.best_bid or (np.nan, np.nan), book.best_ask or (np.nan, np.nan)
            self._builders[exchange, symbol] = builder
            self._last[exchange, symbol] = np.array([bid[0], ask[0], bid[1], ask[1]])

    def columns(self, batch: MessageBatch, kind: TickKind) -> Iterator[Iterable[Any]]:
        """Apply a batch, and give the fields of its ticks, column by column."""
        found: list[_Ticks] = []
        for name in self._builders:
            messages, quotes = self._touched(batch, *name)
            known = np.vstack([self._last[name], quotes])
            self._last[name] = known[-1]
            if kind is TickKind.BBO:
                is_same = (known[1:] == known[:-1]) | (np.isnan(known[1:]) & np.isnan(known[:-1]))
                changed = np.flatnonzero(~is_same.all(axis=1))
                places = messages[changed]
                found.append(_Ticks(*name, places, batch.clock_us[places], quotes[changed], None))
                continue
            for number, part in enumerate(batch.parts):
                if (part.exchange, part.symbol, part.type) == (*name, DataType.TRADES):
                    own = np.flatnonzero(batch.part == number)
                    rows = np.repeat(own, batch.stop[own] - batch.start[own])
                    before = np.searchsorted(messages, rows)
                    found.append(_Ticks(*name, rows, part.array("local_timestamp"), known[before], part))
        return _merged(found)

    def _touched(self, batch: MessageBatch, exchange: str, symbol: str) -> tuple[NDArray[np.intp], Quotes]:
        """Apply the book messages of an instrument; give their places, and bid and ask after each."""
        from tickreel.store.library.booktime import l2_rows

        builder = self._builders[exchange, symbol]
        places: list[NDArray[np.intp]] = [np.empty(0, np.intp)]
        quotes: list[Quotes] = [np.empty((0, 4))]
        for number, part in enumerate(batch.parts):
            if (part.exchange, part.symbol, part.type) != (exchange, symbol, DataType.INCREMENTAL_BOOK_L2):
                continue
            places.append(np.flatnonzero(batch.part == number))
            if part.rows is None:
                builder.forget()
                quotes.append(_UNKNOWN[None])
            else:
                touch = builder.apply_with_touch(l2_rows(part.rows))
                quotes.append(np.column_stack([touch.bid, touch.ask, touch.bid_amount, touch.ask_amount]))
        return np.concatenate(places), np.concatenate(quotes)


@dataclass(frozen=True, slots=True, eq=False)
class _Ticks:
    """Ticks of one instrument, as arrays of one length."""

    exchange: str
    symbol: str
    places: NDArray[np.intp]
    """Which message of the batch each comes from; never goes back."""
    times_us: NDArray[np.int64]
    quotes: Quotes
    trades: BatchPart | None
    """Its rows are the ticks, unless they are changes of the best bid or ask."""


def _merged(found: list[_Ticks]) -> Iterator[Iterable[Any]]:
    """Give the fields of all ticks in the order of the batch, column by column."""
    if not found:
        return iter([[]])
    order = np.argsort(np.concatenate([ticks.places for ticks in found]), kind="stable")
    owners = np.repeat(np.arange(len(found)), [len(ticks.places) for ticks in found])[order].tolist()
    quotes = np.concatenate([ticks.quotes for ticks in found])[order]
    columns: list[Iterable[Any]] = [
        [found[owner].exchange for owner in owners],
        [found[owner].symbol for owner in owners],
        np.concatenate([ticks.times_us for ticks in found])[order].tolist(),
        *(quotes[:, place].tolist() for place in range(4)),
    ]
    trades = [ticks.trades for ticks in found if ticks.trades is not None]
    if trades:
        side, amount, price = (
            np.concatenate([part.array(name) for part in trades])[order].tolist()
            for name in ("side", "amount", "price")
        )
        columns += [[_TRADE_SIDES[code] for code in side], amount, price]
    return iter(columns)
