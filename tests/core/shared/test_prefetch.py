"""Replays that begin while their later days are on their way from the shared cache, and never end early."""

from __future__ import annotations

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from support.feeds import EXCHANGE, SYMBOL
from support.prefetching import (
    BOOK,
    END_US,
    FIRST,
    HANG_S,
    TRADES,
    Gate,
    fill,
    gated,
    goes_on,
    nth,
    share_all,
)
from support.vendorfiles import START_US

from tickreel import Replay, open_cache
from tickreel.analysis.observation import observe
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.data import days_of
from tickreel.errors import Cancelled, NotHeldError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey
from tickreel.replay import ReplayPlan, read_outlines
from tickreel.replay.asynchronous import run
from tickreel.replay.crossings import CrossingSearch, Threshold
from tickreel.settings import save
from tickreel.shared import supply as supplying
from tickreel.shared.supply import SharedSupply
from tickreel.store.library import coming as comings
from tickreel.store.library.coming import Ahead, DaysComing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from support.redisserver import RedisServer

    from tickreel.market.types import DataType
    from tickreel.progress import Monitor
    from tickreel.store import Cache

_PAIR = [(EXCHANGE, SYMBOL)]


def supply_of(cache: Cache) -> SharedSupply:
    assert isinstance(cache.farther, SharedSupply)
    return cache.farther


def played(session: Replay) -> list[Any]:
    summary = session.summary()
    return [summary.totals, *((one.totals, one.last_message_us, one.state_hash) for one in summary.symbols)]


def held(cache: Cache, data_type: DataType = BOOK) -> list[date]:
    return [day.day for day in cache.all_days() if day.key.type is data_type]


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


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
    with gated(monkeypatch) as gate:
        yield gate


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
            assert frame.result(HANG_S).at_us == edge_us + US_PER_DAY // 2
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
            frame.result(HANG_S)
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


class Arrivals:
    """Stands for a cache: days that were brought, and how much room is left."""

    def __init__(self, room_bytes: int = 10**9) -> None:
        self.begun: list[date] = []
        self.room = room_bytes

    def bring(self, asked: Mapping[DatasetKey, Sequence[date]], monitor: Monitor) -> None:
        monitor.report(0, None)
        self.begun += [day for days in asked.values() for day in days if day not in self.begun]


def coming_of(arrivals: Arrivals, ahead: Ahead, days: int = 9) -> DaysComing:
    key = DatasetKey(EXCHANGE, SYMBOL, TRADES)
    promised = {(key, nth(number)): 100 for number in range(1, days)}
    coming = DaysComing(promised, arrivals.bring, lambda: arrivals.room, ahead)
    coming.reached(day_start_us(FIRST))
    coming.start()
    return coming


def settled(arrivals: Arrivals, number: int) -> None:
    """Wait until so many days were begun, and see that it stays at that."""
    until(lambda: len(arrivals.begun) >= number)
    sleep(0.1)
    assert arrivals.begun == [nth(day) for day in range(1, number + 1)]


@pytest.mark.parametrize(
    ("ahead", "room_bytes", "at_once"),
    [
        (Ahead(days=3), 10**9, 3),
        (Ahead(bytes=250), 10**9, 2),
        (Ahead(bytes=50), 10**9, 1),  # the next one always comes, or nothing would be played
        (Ahead(), 0, 1),
        (Ahead(), 99, 1),
    ],
)
def test_days_come_no_farther_ahead_than_is_set_and_than_there_is_room(
    ahead: Ahead, room_bytes: int, at_once: int
) -> None:
    arrivals = Arrivals(room_bytes)
    coming = coming_of(arrivals, ahead)
    try:
        settled(arrivals, at_once)
        coming.reached(day_start_us(nth(1)) + 5)
        settled(arrivals, 1 + at_once)
        coming.reached(day_start_us(FIRST))  # a seek back takes nothing from what may come
        settled(arrivals, 1 + at_once)
        coming.reached(day_start_us(nth(5)))
        settled(arrivals, min(8, 5 + at_once))
    finally:
        coming.cancel()
        coming.join()


def test_days_that_had_no_room_come_when_there_is_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comings, "_ROOM_EVERY_S", 0.02)
    arrivals = Arrivals(0)
    coming = coming_of(arrivals, Ahead())
    settled(arrivals, 1)
    arrivals.room = 100
    settled(arrivals, 8)
    coming.cancel()
    coming.join()


def test_what_waits_for_its_turn_ends_when_nobody_wants_it() -> None:
    arrivals = Arrivals()
    coming = coming_of(arrivals, Ahead(days=1))
    settled(arrivals, 1)
    coming.cancel()
    coming.join()
    assert coming.is_over
    assert arrivals.begun == [nth(1)]


def test_a_home_whose_quota_is_full_is_played_day_by_day_and_right(
    one: Cache, two: Cache, gate: Gate, tmp_path: Path
) -> None:
    two.close()
    save(tmp_path / "two", {"store.quota_bytes": 1})
    gate.open(nth(1), nth(2))
    with open_cache(tmp_path / "two") as small:
        assert small.life.room_bytes() <= 1
        session, local = Replay(small, _PAIR, START_US, END_US), Replay(one, _PAIR, START_US, END_US)
        until(lambda: held(small) == held(small, TRADES) == [FIRST, nth(1)])
        sleep(0.1)
        assert nth(2) not in gate.begun
        for each in (session, local):
            each.advance(day_start_us(nth(1)) + 1)
        until(lambda: nth(2) in gate.begun)
        for each in (session, local):
            each.advance_to_end()
        assert played(session) == played(local)
        session.close()


def test_how_far_the_first_day_has_come_is_told_and_it_can_be_left(one: Cache, two: Cache) -> None:
    told: list[tuple[int, int | None, str]] = []

    class Watch:
        is_patient = False

        def report(self, done: int, total: int | None, note: str = "") -> None:
            told.append((done, total, note))
            if not self.is_patient and done:
                raise Cancelled("enough")

    watch = Watch()
    request = BacktestRequest.of("twap", _PAIR, START_US, END_US, models="typical")
    plan = ReplayPlan.of(_PAIR, START_US, END_US)
    with pytest.raises(Cancelled):
        Replay.from_plan(two, plan, watch)
    assert not goes_on()
    for call in (
        lambda: days_of(two, request, Never()),
        lambda: observe(two, EXCHANGE, SYMBOL, day_start_us(nth(2)), END_US, monitor=Never()),
    ):
        with pytest.raises(Cancelled):
            call()
    watch.is_patient = True
    told.clear()
    session = Replay.from_plan(two, plan, watch)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert len({total for _, total, _ in told}) == 1
    assert any("from the shared cache, 1 of " in note for _, _, note in told)
    session.close()


class Never:
    """A monitor of whoever has gone before anything came."""

    def report(self, done: int, total: int | None, note: str = "") -> None:
        raise Cancelled("gone")
