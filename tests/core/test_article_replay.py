"""The article's replay engine tells every trade with the book it met, on time, and swallows nothing."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import pytest
from support.fakechat import FakeChat, refuses, sends, streams
from support.plainmarket import END_US, EXCHANGE, L2, TRADES, Market
from support.vendorfiles import START_US, write_csv

from tickreel.analysis import CallFailed, NotRecorded
from tickreel.article import TickEvent, TickReplayEngine
from tickreel.errors import NotHeldError, UsageError
from tickreel.store import Cache, open_cache
from tickreel.store.segments import writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping

    from tickreel.market.types import DataType

SYMBOLS = [(EXCHANGE, "A"), (EXCHANGE, "B")]


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(11, types=(L2, TRADES))


@pytest.fixture(scope="module")
def cache(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cache]:
    folder = tmp_path_factory.mktemp("held")
    with open_cache(folder / "home") as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "CHUNK_ROWS", 15)

        def put(data_type: DataType, lines: list[str], *, complete: bool) -> None:
            path = write_csv(folder / "rows.csv", data_type, lines)
            opened.import_file(path, type=data_type, complete=complete)

        market.store(put)
        yield opened


def awaited(work: Coroutine[Any, Any, Any]) -> Any:
    async def guarded() -> Any:
        async with asyncio.timeout(60):
            return await work

    return asyncio.run(guarded())


def quote(tick: TickEvent) -> list[float | None]:
    cells = (tick.bid_price, tick.ask_price, tick.bid_size, tick.ask_size)
    return [None if math.isnan(cell) else cell for cell in cells]


def plain(best: tuple[float, ...]) -> list[float | None]:
    return [None if math.isnan(cell) else cell for cell in best]


async def ticks_of(cache: Cache, start_us: int = START_US, **named: Any) -> list[TickEvent]:
    return [tick async for tick in TickReplayEngine(cache).ticks(SYMBOLS, start_us, END_US, **named)]


@pytest.mark.parametrize("start_us", [START_US, START_US + 222])
def test_every_trade_comes_with_the_best_bid_and_ask_just_before_it(
    cache: Cache, market: Market, start_us: int
) -> None:
    best: Mapping[str, tuple[float, ...]] = dict.fromkeys("AB", (math.nan,) * 4)
    expected = []
    for one in market.merged("AB"):
        if one.type is TRADES and one.clock_us >= start_us:
            expected += [(one.symbol, one.local_us, plain(best[one.symbol]), price) for price in one.rows]
        best = one.best
    ticks: list[TickEvent] = awaited(ticks_of(cache, start_us))
    assert [(tick.symbol, tick.timestamp, quote(tick), tick.price) for tick in ticks] == expected
    assert {(tick.exchange, tick.side, tick.volume) for tick in ticks} == {(EXCHANGE, "buy", 0.002)}


@pytest.mark.parametrize("start_us", [START_US, START_US + 222])
def test_every_change_of_the_best_bid_or_ask_is_a_tick_without_side_and_volume(
    cache: Cache, market: Market, start_us: int
) -> None:
    best: dict[str, list[float | None]] = dict.fromkeys("AB", [None] * 4)
    expected = []
    for one in market.merged("AB"):
        now = plain(one.best[one.symbol])
        if now != best[one.symbol] and one.clock_us >= start_us:
            expected.append((one.symbol, one.local_us, now))
        best[one.symbol] = now
    ticks: list[TickEvent] = awaited(ticks_of(cache, start_us, kind="bbo"))
    assert [(tick.symbol, tick.timestamp, quote(tick)) for tick in ticks] == expected
    assert {(tick.side, tick.volume, tick.price) for tick in ticks} == {(None, None, None)}


def test_ticks_that_cannot_be_had_are_refused_not_left_out(cache: Cache) -> None:
    with pytest.raises(UsageError, match="choose trades or bbo"):
        awaited(ticks_of(cache, kind="candles"))
    engine = TickReplayEngine(cache)

    async def first(symbol: str, end_us: int) -> None:
        await anext(engine.ticks([(EXCHANGE, symbol)], START_US, end_us))

    with pytest.raises(NotHeldError, match="nothing is held"):
        awaited(first("C", END_US))
    with pytest.raises(NotHeldError, match="missing"):
        awaited(first("A", START_US + 3 * 86_400_000_000))
    assert engine.ticks_processed == 0


def tick_at(timestamp: int, symbol: str = "A") -> TickEvent:
    return TickEvent(EXCHANGE, symbol, timestamp, 100.0, 101.0, 2.0, 3.0, "buy", 0.5, 101.0)


def test_the_fields_that_strategies_read_are_there() -> None:
    tick = tick_at(START_US)
    assert (tick.spread, tick.mid_price) == (1.0, 100.5)
    assert tick.to_dict() == {
        "exchange": EXCHANGE,
        "symbol": "A",
        "timestamp": START_US,
        "bid": 100.0,
        "ask": 101.0,
        "bid_size": 2.0,
        "ask_size": 3.0,
        "side": "buy",
        "volume": 0.5,
        "price": 101.0,
        "spread": 1.0,
        "mid_price": 100.5,
    }


class Wall:
    """A wall clock that only moves when somebody sleeps or works."""

    def __init__(self) -> None:
        self.now_s = 50.0

    def now(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds + 0.0005  # a timer is always a little late


@pytest.mark.parametrize("speed", [1.0, 100.0, "1000x"])
def test_delays_of_many_ticks_never_add_up(cache: Cache, speed: float | str) -> None:
    wall = Wall()
    factor = 1000.0 if isinstance(speed, str) else speed
    ticks = [tick_at(START_US + int(n * 10_000 * factor)) for n in range(5000)]
    late_s: list[float] = []

    async def on_tick(tick: TickEvent) -> None:
        late_s.append(wall.now_s - 50.0 - (tick.timestamp - START_US) / factor / 1e6)
        await wall.sleep(0.004)  # the strategy

    async def scenario() -> int:
        engine = TickReplayEngine(cache, now=wall.now, sleep=wall.sleep)
        return len([tick async for tick in engine.replay_ticks(ticks, speed, on_tick)])

    assert awaited(scenario()) == 5000
    assert max(late_s) < 0.002
    assert min(late_s) > -1e-6
    assert wall.now_s - 50.0 == pytest.approx(4999 * 0.01, abs=0.01), "the article would take 35 hours"


def test_a_list_is_put_in_order_and_ticks_of_all_symbols_are_counted(cache: Cache) -> None:
    ticks = [tick_at(START_US + 5, "B"), tick_at(START_US, "A"), tick_at(START_US + 5, "A")]

    async def scenario() -> None:
        engine = TickReplayEngine(cache)
        seen: list[TickEvent] = []
        told = [tick async for tick in engine.replay_ticks(ticks, "max", seen.append)]
        assert [(tick.timestamp - START_US, tick.symbol) for tick in told] == [(0, "A"), (5, "B"), (5, "A")]
        assert seen == told
        assert engine.ticks_processed == 3
        read = engine.ticks(SYMBOLS, START_US, END_US)
        count = len([tick async for tick in engine.replay_ticks(read, speed_multiplier="max")])
        assert engine.ticks_processed == 3 + count == 3 + len(await ticks_of(cache))

    awaited(scenario())


@pytest.mark.parametrize(
    ("timestamp", "unit"),
    [(START_US * 1000, "nanoseconds"), (START_US // 1000, "milliseconds"), (START_US // 10**6, "seconds")],
)
def test_ticks_in_another_unit_are_refused_by_its_name(cache: Cache, timestamp: int, unit: str) -> None:
    async def scenario() -> None:
        engine = TickReplayEngine(cache)
        ticks = [tick_at(timestamp + n) for n in range(3)]
        with pytest.raises(UsageError, match=f"it looks like {unit}, and times are microseconds"):
            await anext(engine.replay_ticks(ticks))
        assert engine.ticks_processed == 0

    awaited(scenario())


def test_others_on_the_loop_run_where_every_tick_is_just_due(cache: Cache) -> None:
    wall = Wall()

    async def scenario() -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        def on_tick(_: TickEvent) -> None:
            wall.now_s += 0.001001  # the strategy takes as long as the next tick is away

        engine = TickReplayEngine(cache, now=wall.now, sleep=wall.sleep)
        task = asyncio.create_task(other())
        ticks = [tick_at(START_US + n * 1000) for n in range(100)]
        async for _ in engine.replay_ticks(ticks, 1.0, on_tick):
            pass
        task.cancel()
        assert turns >= 30

    awaited(scenario())


def test_what_a_callback_raises_is_raised(cache: Cache, capsys: pytest.CaptureFixture[str]) -> None:
    def on_tick(tick: TickEvent) -> None:
        raise KeyError("the strategy")

    async def scenario() -> None:
        engine = TickReplayEngine(cache)
        read = engine.ticks(SYMBOLS, START_US, END_US)
        with pytest.raises(KeyError, match="the strategy"):
            await anext(engine.replay_ticks(read, "max", on_tick))
        await read.aclose()  # type: ignore[attr-defined]  # here, and not by a search for garbage later
        assert engine.ticks_processed == 0

    awaited(scenario())
    assert capsys.readouterr() == ("", "")


def test_every_so_many_ticks_of_a_symbol_are_analysed_and_the_cost_is_counted(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def replayed(engine: TickReplayEngine) -> list[TickEvent]:
        ticks = engine.ticks(SYMBOLS, START_US, END_US)
        return [tick async for tick in engine.replay_ticks(ticks, "max", ai_analysis_interval=50)]

    offline = TickReplayEngine(cache)
    ticks: list[TickEvent] = awaited(replayed(offline))
    expected = []
    since: dict[str, list[TickEvent]] = {"A": [], "B": []}
    for tick in ticks:
        since[tick.symbol].append(tick)
        if len(since[tick.symbol]) == 50:
            expected.append((tick.symbol, since[tick.symbol][0].timestamp, tick.timestamp + 1))
            since[tick.symbol].clear()
    found = [tick.ai_analysis for tick in ticks if tick.ai_analysis is not None]
    assert [(one.snapshot.symbol, one.snapshot.from_us, one.snapshot.to_us) for one in found] == expected
    assert (offline.ai_calls, offline.ai_cost_usd) == (len(found), 0.0)
    assert "ai_analysis" not in ticks[0].to_dict()
    with FakeChat(streams(usage=(1_000, 500))) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        engine = TickReplayEngine(cache, model="gpt-4.1")
        awaited(replayed(engine))
        assert engine.ai_calls == len(fake.requests) == len(expected)
        assert engine.ai_cost_usd == pytest.approx(len(expected) * 1_500 * 8 / 1e6)
        form = awaited(engine.analyze_tick_with_ai(ticks[-1], window_s=0.0005))
    assert (form["tokens_used"], form["cost_usd"]) == (1_500, pytest.approx(1_500 * 8 / 1e6))
    assert form["result"].snapshot.to_us == ticks[-1].timestamp + 1
    assert form["analysis"] == form["result"].prose


def test_what_was_analysed_is_had_again_by_its_record_without_a_server(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def replayed(engine: TickReplayEngine, interval: int, **named: Any) -> list[Any]:
        ticks = engine.ticks(SYMBOLS, START_US, END_US)
        told = engine.replay_ticks(ticks, "max", ai_analysis_interval=interval, **named)
        found = [tick.ai_analysis async for tick in told]
        return [None if one is None else one.to_short_form() for one in found]

    with FakeChat(streams(usage=(700, 300))) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        engine = TickReplayEngine(cache, model="gpt-4.1")
        found = awaited(replayed(engine, 37))
        (record,) = engine.ai_records
        assert engine.ai_calls == len(fake.requests) > 3
    again = TickReplayEngine(cache, model="gpt-4.1")
    assert awaited(replayed(again, 37, ai_record=record)) == found
    assert (again.ai_calls, again.ai_cost_usd, again.ai_records) == (engine.ai_calls, 0, [])
    with pytest.raises(NotRecorded, match="has nothing about"):
        awaited(replayed(again, 36, ai_record=record))
    with pytest.raises(UsageError, match="without an interval"):
        awaited(_all_of(again.replay_ticks([], ai_record=record)))


async def _all_of(ticks: AsyncIterator[TickEvent]) -> list[TickEvent]:
    return [tick async for tick in ticks]


def test_a_call_that_breaks_off_is_among_the_costs(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    async def replayed(engine: TickReplayEngine) -> None:
        ticks = engine.ticks(SYMBOLS, START_US, END_US)
        async for _ in engine.replay_ticks(ticks, "max", ai_analysis_interval=31):
            pass

    begun = b'data: {"choices": [{"delta": {"content": "It begins"}}]}\n\n'
    with FakeChat(streams(usage=(700, 300)), sends(begun, cuts=True)) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        engine = TickReplayEngine(cache, model="gpt-4.1")
        with pytest.raises(CallFailed, match="the connection broke"):
            awaited(replayed(engine))
    assert engine.ai_calls == 1
    assert engine.ai_cost_usd > 1_000 * 8 / 1e6, "what came of the second is paid too"


def test_an_analysis_that_fails_ends_the_replay_with_its_error(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def replayed(engine: TickReplayEngine, interval: int) -> None:
        async for _ in engine.replay_ticks(engine.ticks(SYMBOLS, START_US, END_US), "max", None, interval):
            pass

    with FakeChat(refuses(401, "no")) as fake:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        engine = TickReplayEngine(cache, model="gpt-4.1")
        with pytest.raises(CallFailed, match="HTTP 401"):
            awaited(replayed(engine, 20))
    assert engine.ticks_processed < 40, "the twentieth of a symbol was not handed out"
    with pytest.raises(UsageError, match="every 0 ticks"):
        awaited(replayed(engine, 0))
