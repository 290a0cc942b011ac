"""Days that are held in several parts: there as parts, back as the same parts, all of them or none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.segmentrows import START_US, some_rows
from support.shareddesk import tier_at

from tickreel import open_cache
from tickreel.errors import ConflictError, EnvironmentProblem, NotHeldError
from tickreel.market.block import Block
from tickreel.market.types import DatasetKey, DataType
from tickreel.shared.naming import DayKeys
from tickreel.shared.putting import PutOutcome
from tickreel.shared.supply import SharedSupply
from tickreel.store import Cache, DayState, Provenance, Source
from tickreel.store.records.catalog import Catalog

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa
    from support.redisserver import RedisServer

    from tickreel.store import Day
    from tickreel.store.records.catalog import NewPart

_MINUTE_US = 60_000_000
KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)


@pytest.fixture
def desk(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """Set the server as the shared cache of every home."""
    monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
    return server


@pytest.fixture
def one(desk: RedisServer, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(tmp_path / "one") as cache:
        yield cache


@pytest.fixture
def two(desk: RedisServer, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(tmp_path / "two") as cache:
        yield cache


def supply_of(cache: Cache) -> SharedSupply:
    assert isinstance(cache.farther, SharedSupply)
    return cache.farther


def held_in_parts(cache: Cache, spans: Sequence[tuple[float, float]], rows: int = 40_000) -> Day:
    """Hold parts of a day, each from minute to minute, the short ones first."""
    midnight_us = START_US - START_US % 86_400_000_000
    for number, (first, last) in sorted(enumerate(spans), key=lambda one: one[1][1] - one[1][0]):
        block = some_rows(KEY.type, rows, seed=number)
        low_us, high_us = midnight_us + int(first * _MINUTE_US), midnight_us + int(last * _MINUTE_US)
        local_us = np.sort(np.random.default_rng(number).integers(low_us, high_us, rows))
        local_us[0], local_us[-1] = low_us, high_us - 1
        block = Block(block.schema, KEY.exchange, KEY.symbol, {**block.columns, "local_timestamp": local_us})
        with cache.ingest(KEY) as ingest:
            ingest.append(block)
            ingest.commit(
                Provenance(
                    Source.TARDIS_MACHINE, None, 100 + number, disconnects_us=((low_us, low_us + number),)
                )
            )
    (day,) = cache.all_days()
    assert len(day.parts) == len(spans)
    return day


def facts(day: Day) -> list[tuple[object, ...]]:
    return [(part.start_us, part.end_us, part.rows, part.rows_sha256) for part in day.parts]


def all_rows(cache: Cache, day: Day) -> pa.Table:
    return cache.arrow(
        KEY.exchange, KEY.symbol, KEY.type, day.first_local_us or 0, (day.last_local_us or 0) + 1
    )


@pytest.mark.parametrize(
    "spans",
    [
        [(60, 120), (180, 181), (600, 700)],
        [(1, 1_435), (1_437, 1_438)],  # the first alone would be taken for all of the day
        [(1, 2), (5, 1_439)],
    ],
)
def test_the_parts_come_back_as_they_were(one: Cache, two: Cache, spans: list[tuple[float, float]]) -> None:
    day = held_in_parts(one, spans)
    assert supply_of(one).share(day) is PutOutcome.PUT
    assert supply_of(one).share(day) is PutOutcome.ALREADY_THERE
    assert all_rows(two, day).equals(all_rows(one, day))
    (back,) = two.all_days()
    assert facts(back) == facts(day)
    assert back.rows_sha256 == day.rows_sha256
    assert back.state is day.state is DayState.PARTIAL
    assert [part.source_bytes for part in back.parts] == [part.source_bytes for part in day.parts]
    assert {part.source for part in back.parts} == {Source.SHARED}
    asked = (KEY.exchange, KEY.symbol, KEY.type, day.first_local_us or 0, (day.last_local_us or 0) + 1)
    cuts = [cache.library.disconnects(cache.library.plan_read(*asked)) for cache in (one, two)]
    assert len(cuts[0]) == len(spans)
    assert cuts[0] == cuts[1]


def test_a_range_is_read_over_the_edges_of_parts(desk: RedisServer, one: Cache) -> None:
    day = held_in_parts(one, [(60, 120), (180, 181), (600, 700)])
    supply_of(one).share(day)
    midnight_us = START_US - START_US % 86_400_000_000
    chance = np.random.default_rng(3)
    with tier_at(desk.url) as cold, tier_at(desk.url) as warm:
        for _ in range(60):
            low, high = sorted(chance.integers(50, 720, 2).tolist())
            span = (midnight_us + low * _MINUTE_US, midnight_us + high * _MINUTE_US)
            wanted = one.arrow(KEY.exchange, KEY.symbol, KEY.type, *span)["local_timestamp"].cast("int64")
            for tier in (cold, warm):
                cold.forget()
                block = tier.read(KEY, day.day, *span, ["price"])
                assert block is not None
                assert block.local_us.tolist() == wanted.to_pylist()


def test_without_one_chunk_of_one_part_the_day_is_not_there_and_only_that_is_sent_again(
    desk: RedisServer, one: Cache, two: Cache
) -> None:
    day = held_in_parts(one, [(60, 120), (180, 181), (600, 700)])
    supply = supply_of(one)
    supply.share(day)
    record = supply.tier.records.of_day(KEY, day.day)
    assert record is not None
    keys, sent = DayKeys(KEY, day.day), supply.tier.counts.bytes_in
    with desk.admin() as admin:
        admin.delete(keys.chunk(record.parts[1].version, 0))
    assert supply.tier.records.unbroken(KEY, [day.day]) == {}
    with pytest.raises(NotHeldError):
        all_rows(two, day)
    assert two.all_days() == []  # nor anything of the parts that were there
    assert supply.share(day) is PutOutcome.PUT
    assert 0 < supply.tier.counts.bytes_in - sent < 0.5 * sent
    assert supply.tier.drop(KEY, day.day)
    with desk.admin() as admin:
        assert admin.keys("*") == []


def test_parts_that_are_not_together_the_day_that_was_told_of_are_not_kept(
    desk: RedisServer, one: Cache, two: Cache
) -> None:
    day = held_in_parts(one, [(60, 120), (180, 181)])
    supply_of(one).share(day)
    record = supply_of(one).tier.records.of_day(KEY, day.day)
    assert record is not None
    keys = DayKeys(KEY, day.day)
    for spoiled in (
        replace(record, rows_sha256="ab" * 32),
        replace(record, parts=record.parts[:1]),
        replace(record, parts=record.parts[::-1]),
    ):
        with desk.admin() as admin:
            admin.set(keys.day_name, spoiled.value(keys))
        assert supply_of(two).bring_day(KEY, day.day) is None
        assert supply_of(two).bring({KEY: [day.day]}) == set()
        assert two.all_days() == []
        supply_of(two)._on_change(keys)


@pytest.mark.parametrize("fails_at", [0, 1, 2])
def test_a_day_whose_parts_cannot_all_be_recorded_is_not_there_in_part(
    one: Cache, two: Cache, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    day = held_in_parts(one, [(60, 120), (180, 181), (600, 700)])
    supply_of(one).share(day)
    add_part, added = Catalog.add_part, list[str]()

    def failing(self: Catalog, connection: sqlite3.Connection, new: NewPart, *rest: Any) -> None:
        if len(added) == fails_at:
            raise EnvironmentProblem("the catalog cannot be written")
        added.append(new.part.segment_id)
        add_part(self, connection, new, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "add_part", failing)
        with pytest.raises(EnvironmentProblem):
            supply_of(two).bring({KEY: [day.day]})
    assert len(added) == fails_at
    assert two.all_days() == []
    assert not list(two.home.glob("segments/*/*"))
    assert supply_of(two).bring({KEY: [day.day]}) == {(KEY, day.day)}
    (back,) = two.all_days()
    assert facts(back) == facts(day)


def test_a_part_that_was_added_is_another_version_of_the_day(one: Cache, two: Cache) -> None:
    day = held_in_parts(one, [(60, 120), (180, 181)])
    supply_of(one).share(day)
    with tier_at(supply_of(one).view().address) as reader:
        assert reader.read(KEY, day.day, day.first_local_us or 0, (day.last_local_us or 0) + 1) is not None
        block = some_rows(KEY.type, 100)
        with one.ingest(KEY) as ingest:
            local_us = np.arange(100) + (day.last_local_us or 0) + _MINUTE_US
            columns = {**block.columns, "local_timestamp": local_us}
            ingest.append(Block(block.schema, KEY.exchange, KEY.symbol, columns))
            ingest.commit(Provenance(Source.TARDIS_MACHINE, None, 1))
        (more,) = one.all_days()
        sent = supply_of(one).tier.counts.bytes_in
        assert supply_of(one).share(more) is PutOutcome.PUT
        assert supply_of(one).tier.counts.bytes_in - sent < 20_000  # the other parts are there
        read = reader.read(KEY, day.day, day.first_local_us or 0, (more.last_local_us or 0) + 1)
        assert read is not None
        assert len(read) == more.rows
    assert all_rows(two, more).equals(all_rows(one, more))


def test_more_parts_than_a_record_tells_of_stay_here(one: Cache) -> None:
    day = held_in_parts(one, [(2 * number + 1, 2 * number + 2) for number in range(65)], rows=3)
    with pytest.raises(ConflictError, match="65 parts"):
        supply_of(one).share(day)
