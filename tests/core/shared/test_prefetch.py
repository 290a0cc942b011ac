"""Replays that begin while their later days are on their way from the shared cache, and never end early."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from support.feeds import EXCHANGE, SYMBOL
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel import Replay, open_cache
from tickreel.errors import NotHeldError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DataType
from tickreel.replay import read_outlines
from tickreel.replay.asynchronous import run
from tickreel.replay.crossings import CrossingSearch, Threshold
from tickreel.shared import supply as supplying
from tickreel.shared.supply import SharedSupply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.redisserver import RedisServer

    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache

_HANG_S = 30.0
_MINUTE_US = 60_000_000
_PAIR = [(EXCHANGE, SYMBOL)]
FIRST = date(2024, 7, 23)
END_US = START_US + 3 * US_PER_DAY
BOOK, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES


class Gate:
    """Lets the days come that it was opened for, and tells in which order they were begun."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: set[date] = {FIRST}
        self.begun: list[date] = []

    def open(self, *days: date) -> None:
        with self._changed:
            self._open.update(days)
            self._changed.notify_all()

    def pass_through(self, day: date) -> None:
        with self._changed:
            self.begun.append(day)
            assert self._changed.wait_for(lambda: day in self._open, _HANG_S)


def nth(number: int) -> date:
    return FIRST + timedelta(days=number)


def fill(cache: Cache, folder: Path, days: int = 3) -> None:
    """Import days whose book is only told whole on the first: it is carried over each midnight."""
    chance = random.Random(11)
    for number in range(days):
        start_us = START_US + number * US_PER_DAY
        rows = [
            l2_line(start_us, side, f"{100 + sign * (level + 1) / 10:.1f}", "5", snapshot=True)
            for side, sign in (("bid", -1), ("ask", 1))
            for level in range(20 if number == 0 else 0)
        ]
        for minute in range(1, 1_440, 7):
            side, sign = chance.choice((("bid", -1), ("ask", 1)))
            price = f"{100 + sign * chance.randint(1, 25) / 10:.1f}"
            amount = str(chance.choice((0, 1, 2.5, 7)))
            rows.append(l2_line(start_us + minute * _MINUTE_US, side, price, amount))
        trades = [
            line(TRADES, start_us + hour * 60 * _MINUTE_US, id=str(hour), price="100.1") for hour in range(24)
        ]
        for data_type, lines in ((BOOK, rows), (TRADES, trades)):
            name = f"{EXCHANGE}_{data_type.value}_{nth(number)}_{SYMBOL}.csv.gz"
            cache.import_file(write_csv(folder / name, data_type, lines))


def supply_of(cache: Cache) -> SharedSupply:
    assert isinstance(cache.farther, SharedSupply)
    return cache.farther


def share_all(cache: Cache) -> None:
    for day in cache.all_days():
        supply_of(cache).share(day)


def played(session: Replay) -> list[Any]:
    summary = session.summary()
    return [summary.totals, *((one.totals, one.last_message_us, one.state_hash) for one in summary.symbols)]


def held(cache: Cache, data_type: DataType = BOOK) -> list[date]:
    return [day.day for day in cache.all_days() if day.key.type is data_type]


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def goes_on() -> bool:
    return any(thread.name == "tickreel-prefetch" for thread in threading.enumerate())


@pytest.fixture
def one(server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cache]:
    """Give a machine that holds three days and has put them on the server."""
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", "2")
    with open_cache(tmp_path / "one") as cache:
        fill(cache, tmp_path / "files")
        share_all(cache)
        yield cache


@pytest.fixture
def two(one: Cache, tmp_path: Path) -> Iterator[Cache]:
    """Give another machine, that holds nothing."""
    with open_cache(tmp_path / "two") as cache:
        yield cache
    assert not goes_on()


@pytest.fixture
def gate(two: Cache, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Hold up what comes to the other machine."""
    gate = Gate()
    bring = SharedSupply._bring

    def held_up(self: SharedSupply, key: DatasetKey, day: date, *args: Any, **given: Any) -> Any:
        gate.pass_through(day)
        return bring(self, key, day, *args, **given)

    monkeypatch.setattr(SharedSupply, "_bring", held_up)
    yield gate
    gate.open(*map(nth, range(9)))


def test_it_plays_what_is_here_and_waits_at_the_edge_for_what_is_on_its_way(
    one: Cache, two: Cache, gate: Gate
) -> None:
    local, session = (Replay(cache, _PAIR, START_US, END_US) for cache in (one, two))
    assert held(two) == held(two, TRADES) == [FIRST]
    assert session.missing == ()
    for edge in (nth(1), nth(2)):
        edge_us = day_start_us(edge)
        with ThreadPoolExecutor(1) as pool:
            frame = pool.submit(session.advance, edge_us + US_PER_DAY // 2)
            until(lambda edge_us=edge_us: session.at_us == edge_us - 1)  # type: ignore[misc]
            local.advance(edge_us - 1)
            assert played(session) == played(local)
            assert edge not in held(two)
            assert not frame.done()
            gate.open(edge)
            assert frame.result(_HANG_S).at_us == edge_us + US_PER_DAY // 2
    for each in (local, session):
        each.advance_to_end()
        assert each.is_end
    assert played(session) == played(local)
    assert gate.begun == sorted(gate.begun)
    assert [day.rows_sha256 for day in two.all_days()] == [day.rows_sha256 for day in one.all_days()]


def test_days_come_ahead_of_the_playing_in_the_order_of_time(two: Cache, gate: Gate) -> None:
    gate.open(nth(1), nth(2))
    session = Replay(two, _PAIR, START_US, END_US)
    until(lambda: held(two) == held(two, TRADES) == [FIRST, nth(1), nth(2)])
    assert session.at_us == START_US - 1
    assert gate.begun == [FIRST] * 2 + [nth(1)] * 2 + [nth(2)] * 2


@pytest.mark.parametrize("order", ["local", "exchange"])
@pytest.mark.parametrize("way", ["seek", "events", "steps", "budget", "step back"])
def test_by_every_way_the_state_is_that_of_a_local_replay(
    one: Cache, two: Cache, gate: Gate, way: str, order: str
) -> None:
    told = []
    for cache in (one, two):
        session = Replay(cache, _PAIR, START_US, END_US, order=order)
        threading.Timer(0.2, gate.open, (nth(1), nth(2))).start()
        counted: Any = None
        match way:
            case "seek":
                session.seek(day_start_us(nth(2)) + US_PER_DAY // 2)
                counted = session.step_back("trade", 5).at_us, session.step_back("price", 5).at_us
            case "events":
                counted = asyncio.run(run(session, lambda _event: None))
            case "steps":
                counted = [session.advance_messages(300).at_us, session.until("trade").at_us]
            case "budget":
                while session.at_us < END_US - 1:
                    session.advance(END_US - 1, budget_s=0.0)
            case _:
                session.advance_to_end()
                counted = [session.step_back("second", 100_000).at_us, session.step_back("message", 9).at_us]
        told.append((counted, session.at_us, played(session)))
    assert told[0] == told[1]


@pytest.mark.parametrize("allow_missing", [False, True])
def test_a_day_that_does_not_come_is_an_error_there_and_no_shorter_replay(
    one: Cache,
    two: Cache,
    gate: Gate,
    server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    allow_missing: bool,
) -> None:
    monkeypatch.setattr(supplying, "_NOT_THERE_S", 0.0)
    session = Replay(two, _PAIR, START_US, END_US, allow_missing=allow_missing)
    with server.admin() as admin:
        admin.flushall()
    gate.open(nth(1), nth(2))
    for _ in range(2):
        with pytest.raises(NotHeldError, match=r"2024-07-24 was in the shared cache .* does not come"):
            session.advance_to_end()
        assert session.at_us == day_start_us(nth(1)) - 1
        assert not session.is_end
    with pytest.raises(NotHeldError, match="does not come"):
        session.seek(day_start_us(nth(2)) + 1)
    with pytest.raises(NotHeldError, match="does not come"):
        asyncio.run(run(session, lambda _event: None))
    share_all(one)  # and once it is there again, all is as if it always had been
    local = Replay(one, _PAIR, START_US, END_US)
    for each in (session, local):
        each.advance_to_end()
    assert played(session) == played(local)


def test_a_server_that_is_gone_when_the_edge_is_reached_is_an_error_and_may_come_back(
    one: Cache, two: Cache, gate: Gate, server: RedisServer
) -> None:
    session = Replay(two, _PAIR, START_US, END_US)
    server.kill()
    try:
        gate.open(nth(1), nth(2))
        with pytest.raises(NotHeldError, match="does not come"):
            session.advance_to_end()
    finally:
        server.start()
    share_all(one)
    until(lambda: supply_of(two).state() == "ok")
    session.advance_to_end()
    local = Replay(one, _PAIR, START_US, END_US)
    local.advance_to_end()
    assert played(session) == played(local)


@pytest.mark.parametrize("end", ["close", "garbage", "detach"])
def test_with_the_session_ends_what_is_brought_for_it(two: Cache, gate: Gate, end: str) -> None:
    session: Replay | None = Replay(two, _PAIR, START_US, END_US)
    until(lambda: nth(1) in gate.begun)
    assert session is not None
    match end:
        case "close":
            session.close()
        case "detach":
            threading.Timer(0.2, gate.open, (nth(1),)).start()
            two.attach(None)
        case _:
            session = None
            gc.collect()
    gate.open(nth(1), nth(2))
    until(lambda: not goes_on())
    assert held(two) + held(two, TRADES) == [FIRST] * 2
    assert nth(2) not in gate.begun
    if session is not None:
        with pytest.raises(NotHeldError, match="open the replay again"):
            session.advance_to_end()


def test_closing_ends_a_wait(two: Cache, gate: Gate) -> None:
    session = Replay(two, _PAIR, START_US, END_US)
    with ThreadPoolExecutor(1) as pool:
        frame = pool.submit(session.advance_to_end)
        until(lambda: session.at_us == day_start_us(nth(1)) - 1)
        session.close()
        gate.open(nth(1))  # a call to the server that is under way ends by itself, and is the last
        with pytest.raises(NotHeldError, match="open the replay again"):
            frame.result(_HANG_S)
    assert held(two) + held(two, TRADES) == [FIRST] * 2


def test_one_session_ends_and_another_still_gets_its_days(one: Cache, two: Cache, gate: Gate) -> None:
    first, second = (Replay(two, _PAIR, START_US, END_US) for _ in range(2))
    first.close()
    gate.open(nth(1), nth(2))
    second.advance_to_end()
    local = Replay(one, _PAIR, START_US, END_US)
    local.advance_to_end()
    assert played(second) == played(local)


def test_what_is_nowhere_is_missing_before_it_begins(
    one: Cache, two: Cache, gate: Gate, server: RedisServer
) -> None:
    supply_of(one).tier.drop(one.all_days()[0].key, nth(1))
    with pytest.raises(NotHeldError, match=r"1 day is missing: .*2024-07-24"):
        Replay(two, _PAIR, START_US, END_US)
    session = Replay(two, _PAIR, START_US, END_US, allow_missing=True)
    assert [day.day for day in session.missing] == [nth(1)]
    gate.open(nth(1), nth(2))
    session.advance_to_end()
    assert session.is_end
    assert session.summary().types[BOOK].rows == 246 + 206
    assert session.summary().types[TRADES].rows == 72


def test_a_dataset_that_begins_on_a_later_day_is_played_too(one: Cache, two: Cache, gate: Gate) -> None:
    key = next(day.key for day in one.all_days() if day.key.type is TRADES)
    supply_of(one).tier.drop(key, FIRST)
    gate.open(nth(1), nth(2))
    with pytest.raises(NotHeldError, match=r"1 day is missing: .*trades 2024-07-23"):
        Replay(two, _PAIR, START_US, END_US)
    session = Replay(two, _PAIR, START_US, END_US, allow_missing=True)
    session.advance_to_end()
    assert session.summary().types[TRADES].rows == 48


def test_what_needs_the_whole_range_waits_for_it(one: Cache, two: Cache, gate: Gate) -> None:
    from tickreel.replay import ReplayPlan

    plan = ReplayPlan.of(_PAIR, START_US, END_US, health={"gap": "warn", "usable": "warn", "bad": "warn"})
    told = []
    for cache in (one, two):
        session = Replay.from_plan(cache, plan)
        threading.Timer(0.2, gate.open, (nth(1), nth(2))).start()
        outlines = [
            (one.day, one.state, one.bands, None if one.columns is None else one.columns.volume.tolist())
            for one in read_outlines(cache, EXCHANGE, SYMBOL, START_US, END_US)
            if one.is_whole
        ]
        search = CrossingSearch(cache, plan, EXCHANGE, SYMBOL)
        crossing = search.after(day_start_us(nth(1)), Threshold(0.35, is_bps=False))
        told.append(
            (
                outlines,
                crossing,
                session.policy.warnings(START_US, END_US),
                session.advance(START_US + 1).notes,
            )
        )
    assert told[0] == told[1]
