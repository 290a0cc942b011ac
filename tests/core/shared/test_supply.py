"""Reads that go on to the shared tier: the very rows, promoted and counted; or as missing as before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.shareddesk import stored_day

from tickreel import Replay, open_cache
from tickreel.errors import NotHeldError
from tickreel.market.types import DatasetKey, DataType
from tickreel.shared.naming import CHANNEL, DayKeys
from tickreel.shared.supply import SharedSupply
from tickreel.store import Cache, DayState, Provenance, Source
from tickreel.store.records.usage import Tier, tier_usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa
    from support.redisserver import RedisServer

    from tickreel.store import Day

_HANG_S = 30.0


@pytest.fixture
def desk(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """Set the server as the shared cache of every home."""
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", "1")
    return server


def supply_of(cache: Cache) -> SharedSupply:
    assert isinstance(cache.farther, SharedSupply)
    return cache.farther


def share_all(cache: Cache) -> None:
    for day in cache.all_days():
        supply_of(cache).share(day)


def rows_of(cache: Cache, day: Day) -> pa.Table:
    """Read all rows of a day, which another cache may hold."""
    assert day.first_local_us is not None
    assert day.last_local_us is not None
    key = day.key
    return cache.arrow(key.exchange, key.symbol, key.type, day.first_local_us, day.last_local_us + 1)


def is_heard(desk: RedisServer) -> bool:
    """Tell whether somebody listens to what changes."""
    with desk.admin() as admin:
        ((_, count),) = admin.pubsub_numsub(CHANNEL)
    return bool(count)


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def test_without_a_shared_cache_nothing_of_it_is_loaded(home: Path) -> None:
    with open_cache(home) as cache:
        assert cache.farther is None


def test_books_replays_and_rows_are_the_same_on_a_machine_that_held_nothing(
    desk: RedisServer, tmp_path: Path
) -> None:
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        start_us, end_us = import_walk(one, tmp_path)
        share_all(one)
        at_us = (start_us + end_us) // 2
        assert (
            two.book(EXCHANGE, SYMBOL, at_us).state_hash() == one.book(EXCHANGE, SYMBOL, at_us).state_hash()
        )
        with open_cache(tmp_path / "three") as three:
            told = []
            for cache in (one, three):
                session = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
                session.advance(end_us)
                told.append([(s.totals, s.state_hash) for s in session.summary().symbols])
            assert told[0] == told[1]
            for type_name in ("incremental_book_L2", "trades"):
                rows = [
                    cache.arrow(EXCHANGE, SYMBOL, type_name, start_us, end_us) for cache in (one, two, three)
                ]
                assert rows[0].equals(rows[1])
                assert rows[0].equals(rows[2])
            for mine, theirs in zip(one.all_days(), three.all_days(), strict=True):
                assert mine.rows_sha256 == theirs.rows_sha256
                assert mine.state is theirs.state
                assert theirs.source is Source.SHARED
                assert theirs.source_sha256 == mine.source_sha256
                assert theirs.grade == mine.grade


def test_each_step_is_counted_and_timed(desk: RedisServer, tmp_path: Path) -> None:
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        day = stored_day(one, rows=5_000)
        share_all(one)
        for _ in range(3):
            rows_of(two, day)
        with pytest.raises(NotHeldError):
            two.arrow(day.key.exchange, day.key.symbol, day.key.type, "2024-08-01", "2024-08-02")
        database = two.connect()
        until(lambda: tier_usage(database, Tier.LOCAL).hits == 2)
        shared = tier_usage(database, Tier.SHARED)
        database.close()
        assert shared.hits == 1
        assert shared.misses == 1
        assert shared.p50_ms is not None
        assert shared.p50_ms > 0


def test_a_day_that_is_put_there_later_is_found_though_it_was_not_there(
    desk: RedisServer, tmp_path: Path
) -> None:
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        supply_of(two).listen()
        day = stored_day(one, rows=500)

        def rows() -> int:
            try:
                return len(rows_of(two, day))
            except NotHeldError:
                return 0

        assert rows() == 0
        until(lambda: is_heard(desk))
        share_all(one)
        until(lambda: rows() > 0)


def test_what_is_damaged_there_is_missing_here_and_nothing_of_it_is_kept(
    desk: RedisServer, tmp_path: Path
) -> None:
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        day = stored_day(one, rows=100_000)
        share_all(one)
        record = supply_of(one).tier.records.of_day(day.key, day.day)
        assert record is not None
        with desk.admin() as admin:
            admin.setrange(DayKeys(day.key, day.day).chunk(record.version, 2), 500, "XXXX")
        with pytest.raises(NotHeldError):
            rows_of(two, day)
        assert two.all_days() == []
        assert not list((tmp_path / "two" / "segments").rglob("*.tick"))
        assert supply_of(two).tier.counts.foreign == 1


def test_rows_that_are_not_those_told_of_are_not_taken(desk: RedisServer, tmp_path: Path) -> None:
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        day = stored_day(one, rows=1_000)
        share_all(one)
        keys = DayKeys(day.key, day.day)
        record = supply_of(one).tier.records.of_day(day.key, day.day)
        assert record is not None
        with desk.admin() as admin:
            admin.set(keys.day_name, replace(record, rows_sha256="ab" * 32).value(keys))
        assert supply_of(two).bring({day.key: [day.day]}) == set()
        assert two.all_days() == []


def test_a_damaged_day_is_cured_from_there(desk: RedisServer, tmp_path: Path) -> None:
    with open_cache(tmp_path / "one") as one:
        day = stored_day(one, rows=50_000)
        share_all(one)
        path = one.library.file_of(day.parts[0])
        content = bytearray(path.read_bytes())
        content[1_000] ^= 1
        path.write_bytes(content)
        one.verify()
        assert one.all_days()[0].state is DayState.DAMAGED
        assert len(rows_of(one, day)) == 50_000
        assert one.all_days()[0].state is DayState.PRESENT


def test_an_empty_day_and_a_partial_one_come_as_they_are(desk: RedisServer, tmp_path: Path) -> None:
    key = DatasetKey("binance", "QUIET", DataType.LIQUIDATIONS)
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        with one.ingest(key) as ingest:
            ingest.append_empty_day(date(2024, 7, 23))
            ingest.commit(Provenance(Source.TARDIS, None, 20), complete=True)
        start_us, end_us = import_walk(one, tmp_path)
        share_all(one)
        assert len(two.arrow("binance", "QUIET", "liquidations", "2024-07-23", "2024-07-24")) == 0
        assert len(two.arrow(EXCHANGE, SYMBOL, "trades", start_us, end_us)) == 60
        assert {day.key.symbol: day.state for day in two.all_days()} == {
            "QUIET": DayState.PRESENT,
            SYMBOL: DayState.PARTIAL,
        }


def test_a_server_that_is_away_costs_a_deadline_and_the_day_is_missing(
    desk: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", "0.3")
    monkeypatch.setenv("TICKREEL_REDIS_FAILURES", "1")
    monkeypatch.setenv("TICKREEL_REDIS_RECOVERY_S", "0.5")
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
        held = stored_day(two, rows=1_000, symbol="HELD")
        day = stored_day(one, rows=1_000)
        share_all(one)
        desk.pause()
        try:
            with pytest.raises(NotHeldError):
                rows_of(two, day)
            assert supply_of(two).view().state == "open"
            assert supply_of(two).state() == "open"
            assert len(
                two.arrow(day.key.exchange, "HELD", held.key.type, held.day, (held.last_local_us or 0) + 1)
            )
        finally:
            desk.go_on()
        until(lambda: supply_of(two).state() == "ok")
        assert len(rows_of(two, day)) == 1_000


def test_a_home_that_is_only_read_is_left_as_it_is(desk: RedisServer, tmp_path: Path) -> None:
    with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two"):
        day = stored_day(one, rows=1_000)
        share_all(one)
    with open_cache(tmp_path / "two", read_only=True) as two, pytest.raises(NotHeldError):
        rows_of(two, day)
