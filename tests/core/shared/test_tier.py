"""Days on a real server: bit for bit what was put there, or not there; never anything else."""

from __future__ import annotations

import pickle
from datetime import date
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.redisserver import RedisCluster, RedisServer
from support.segmentrows import ALWAYS, plain, some_rows
from support.shareddesk import blocks_of, stored_day, tier_at

from tickreel.market.types import DatasetKey, DataType
from tickreel.shared import versions
from tickreel.shared.leases import Held, Lease, Leases
from tickreel.shared.naming import DayKeys
from tickreel.shared.putting import Piece, PutOutcome
from tickreel.shared.tier import SharedTier
from tickreel.shared.trouble import LineFailed, Trouble
from tickreel.shared.values import Foreign, packed, unpacked
from tickreel.store import Cache, Provenance, Source
from tickreel.store.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.market.block import Block
    from tickreel.store import Day


def put(tier: SharedTier, cache: Cache, day: Day, token: int = 0) -> PutOutcome:
    piece = Piece(cache.library.file_of(day.parts[0]), day.source.value)
    return tier.putter.put(day.key, day.day, [piece], rows_sha256=day.rows_sha256, token=token)


def local(cache: Cache, day: Day, start_us: int = ALWAYS[0], end_us: int = ALWAYS[1]) -> Block:
    with Segment.open(cache.library.file_of(day.parts[0])) as segment:
        return segment.read(start_us, end_us)


def read(tier: SharedTier, day: Day, start_us: int = ALWAYS[0], end_us: int = ALWAYS[1]) -> Block | None:
    return tier.read(day.key, day.day, start_us, end_us)


def found(block: Block | None) -> dict[str, list[object]]:
    assert block is not None
    return plain(block)


@pytest.mark.parametrize("data_type", list(DataType))
def test_every_type_comes_back_bit_for_bit(server: RedisServer, cache: Cache, data_type: DataType) -> None:
    day = stored_day(cache, rows=40_000, data_type=data_type)
    with tier_at(server.url) as here, tier_at(server.unix_url) as there:
        assert put(here, cache, day) is PutOutcome.PUT
        record = there.records.of_day(day.key, day.day)
        assert record is not None
        assert (record.rows, record.rows_sha256) == (day.rows, day.rows_sha256)
        (part,) = record.parts
        assert (part.first_local_us, part.last_local_us) == (day.first_local_us, day.last_local_us)
        assert (part.source, part.source_sha256, part.source_bytes) == ("import", "cd" * 32, 12_345)
        assert found(read(there, day)) == plain(local(cache, day))
        whole: dict[str, list[object]] = {}
        for block in blocks_of(there, day, record):
            for name, cells in plain(block).items():
                whole.setdefault(name, []).extend(cells)
        assert whole == plain(local(cache, day))


def test_any_range_is_the_same_with_and_without_a_table_in_memory(
    server: RedisServer, cache: Cache, day: Day
) -> None:
    first, last = day.first_local_us, day.last_local_us
    assert first is not None
    assert last is not None
    third = (last - first) // 3
    ranges = [
        (first, first + 1),
        (first + third, first + third + 60_000_000),
        (last, last + 1),
        (last + 1, last + 9),
    ]
    with tier_at(server.url) as tier:
        put(tier, cache, day)
        for span in ranges:
            for _ in range(2):
                assert found(read(tier, day, *span)) == plain(local(cache, day, *span))
            tier.forget()


def test_a_cold_read_of_a_minute_takes_two_calls_and_a_warm_one_takes_one(
    server: RedisServer, tier: SharedTier, cache: Cache, day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tier, cache, day)
    tier.forget()
    first = day.first_local_us
    assert first is not None
    calls: list[int] = []
    ask = tier.line.read

    def counted(work: Callable[[Any], object], size: int) -> object:
        calls.append(1)
        return ask(work, size)

    monkeypatch.setattr(tier.line, "read", counted)
    for wanted in (2, 1):
        calls.clear()
        assert read(tier, day, first, first + 60_000_000) is not None
        assert len(calls) == wanted
    with server.admin() as admin:  # without the index the table is asked
        admin.delete(DayKeys(day.key, day.day).index)
    tier.forget()
    assert found(read(tier, day)) == plain(local(cache, day))


def test_what_is_there_is_not_sent_again_and_lives_longer(
    server: RedisServer, tier: SharedTier, cache: Cache, day: Day
) -> None:
    assert put(tier, cache, day) is PutOutcome.PUT
    sent = tier.counts.bytes_in
    with server.admin() as admin:
        names = admin.keys("*")
        assert len(names) == 8  # record, table, index, and three chunks; two of the list of datasets
        for name in names:
            assert 598 <= admin.ttl(name) <= 601
            admin.expire(name, 100)
        assert put(tier, cache, day) is PutOutcome.ALREADY_THERE
        assert all(admin.ttl(name) > 500 for name in names)
        record = DayKeys(day.key, day.day).day_name.encode()
        assert admin.ttl(record) == min(admin.ttl(name) for name in names)  # nothing is promised that is gone
    assert tier.counts.bytes_in == sent


def test_times_to_live_differ_by_up_to_a_tenth(server: RedisServer, cache: Cache, day: Day) -> None:
    with tier_at(server.url) as tier, server.admin() as admin:
        for chance, least, most in ((0.0, 538, 540), (1.0, 658, 660)):
            other = SharedTier(tier.line, ttl_s=600, now_us=lambda: 0, chance=lambda chance=chance: chance)  # type: ignore[misc]
            put(other, cache, day)
            assert least <= admin.ttl(DayKeys(day.key, day.day).day_name) <= most


def test_a_day_that_is_partly_evicted_is_a_miss_and_only_what_lacks_is_sent_again(
    server: RedisServer, tier: SharedTier, cache: Cache, day: Day
) -> None:
    put(tier, cache, day)
    record = tier.records.of_day(day.key, day.day)
    assert record is not None
    sent = tier.counts.bytes_in
    keys = DayKeys(day.key, day.day)
    with server.admin() as admin:
        admin.delete(keys.chunk(record.version, 1))
        admin.expire(keys.chunk(record.version, 0), 300)
    assert tier.records.unbroken(day.key, [day.day]) == {}
    assert read(tier, day) is None
    assert tier.counts.lacking == 1
    first = day.first_local_us
    assert first is not None
    assert found(read(tier, day, first, first + 1_000)) == plain(local(cache, day, first, first + 1_000))
    with pytest.raises(Exception, match="left the shared cache"):
        list(blocks_of(tier, day, record))
    assert put(tier, cache, day) is PutOutcome.PUT
    assert 0 < tier.counts.bytes_in - sent < 0.6 * sent
    with server.admin() as admin:
        for name in admin.keys("*"):
            assert admin.ttl(name) > 500
    assert found(read(tier, day)) == plain(local(cache, day))
    with server.admin() as admin:
        admin.delete(keys.tail(record.version))
    tier.forget()
    assert read(tier, day) is None
    assert tier.records.unbroken(day.key, [day.day]) == {}
    put(tier, cache, day)
    assert found(read(tier, day)) == plain(local(cache, day))


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("a value was unpickled",))


@pytest.mark.parametrize("place", ["day", "tail", "chunk"])
@pytest.mark.parametrize("harm", ["bit", "cut", "empty", "pickle", "swapped", "string of a list", "list"])
def test_a_damaged_or_foreign_value_is_a_counted_miss_and_is_mended(
    server: RedisServer, tier: SharedTier, cache: Cache, day: Day, place: str, harm: str
) -> None:
    put(tier, cache, day)
    record = tier.records.of_day(day.key, day.day)
    assert record is not None
    keys = DayKeys(day.key, day.day)
    name = {"day": keys.day_name, "tail": keys.tail(record.version), "chunk": keys.chunk(record.version, 1)}[
        place
    ]
    with server.admin() as admin:
        value = admin.get(name)
        assert isinstance(value, bytes)
        middle = len(value) // 2
        harmed = {
            "bit": value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :],
            "cut": value[:middle],
            "empty": b"",
            "pickle": pickle.dumps(_Bomb()),
            "swapped": admin.get(keys.chunk(record.version, 0)),
            "string of a list": b"*1\r\n$1\r\nx\r\n",
            "list": None,
        }[harm]
        if harmed is None:
            admin.delete(name)
            admin.rpush(name, value)
        else:
            admin.set(name, harmed)
    tier.forget()
    assert read(tier, day) is None
    assert tier.counts.foreign == int(
        (place, harm) != ("day", "empty")
    )  # which is no record, and none is there
    assert tier.counts.misses == 1
    assert tier.counts.failures == 0
    assert put(tier, cache, day) is PutOutcome.PUT
    assert found(read(tier, day)) == plain(local(cache, day))


def test_a_key_of_another_kind_is_no_error_of_a_read(
    server: RedisServer, tier: SharedTier, cache: Cache, day: Day
) -> None:
    keys = DayKeys(day.key, day.day)
    with server.admin() as admin:
        admin.set(keys.index, "no sorted set")
        with tier_at(server.url) as other:
            assert not other.records.unbroken(day.key, [day.day])
        put(tier, cache, day)
        admin.set(keys.index, "no sorted set")
    with tier_at(server.url) as other:  # the table tells as well which chunks hold a range
        span = (day.first_local_us or 0, (day.first_local_us or 0) + 1_000)
        assert found(read(other, day, *span)) == plain(local(cache, day, *span))
        assert other.line.view().breaker.failures == 0


def test_the_same_rows_that_are_known_to_be_all_of_the_day_take_the_place_of_those_that_are_not(
    tier: SharedTier, tmp_path: Path
) -> None:
    with Cache(tmp_path / "part") as part, Cache(tmp_path / "whole") as whole:
        block = some_rows(DataType.TRADES, 1_000)
        days = []
        for cache, is_complete in ((part, False), (whole, True)):
            with cache.ingest(DatasetKey(block.exchange, "BTCUSDT", DataType.TRADES)) as ingest:
                ingest.append(block)
                (done,) = ingest.commit(Provenance(Source.IMPORT, None, None), complete=is_complete)
            days.append(done.day)
        assert days[0].rows_sha256 == days[1].rows_sha256
        for cache, day, outcome, is_whole in (
            (part, days[0], PutOutcome.PUT, False),
            (whole, days[1], PutOutcome.PUT, True),
            (part, days[0], PutOutcome.ALREADY_THERE, True),
        ):
            assert put(tier, cache, day) is outcome
            record = tier.records.of_day(day.key, day.day)
            assert record is not None
            assert record.is_whole is is_whole


def test_another_version_is_seen_by_whoever_knew_the_old_one(
    server: RedisServer, cache: Cache, day: Day
) -> None:
    with tier_at(server.url) as here, tier_at(server.url) as there:
        put(here, cache, day)
        assert found(read(there, day)) == plain(local(cache, day))
        newer = stored_day(cache, rows=40_000, seed=2, replace=True)
        assert put(here, cache, newer) is PutOutcome.PUT
        assert found(read(there, newer)) == plain(local(cache, newer))  # without any message
        assert here.drop(day.key, day.day)
        assert read(there, day) is None
        assert not here.drop(day.key, day.day)


def test_who_was_let_in_earlier_does_not_undo_what_came_later(
    tier: SharedTier, cache: Cache, server: RedisServer, day: Day
) -> None:
    keys = DayKeys(day.key, day.day)
    newer = stored_day(cache, rows=40_000, seed=2, replace=True)
    with server.admin() as admin:
        admin.set(keys.fence, "20")
    assert put(tier, cache, newer, token=20) is PutOutcome.PUT
    older = stored_day(cache, rows=40_000, seed=3, replace=True)
    assert put(tier, cache, older, token=19) is PutOutcome.OUTRUN
    record = tier.records.of_day(day.key, day.day)
    assert record is not None
    assert record.rows_sha256 == newer.rows_sha256


def test_where_the_token_was_dropped_only_who_still_has_the_lease_may_put_the_day(
    tier: SharedTier, cache: Cache, server: RedisServer, day: Day
) -> None:
    leases, keys = Leases(tier.line, lease_s=60.0), DayKeys(day.key, day.day)
    lease = leases.claim(day.key, day.day)
    assert isinstance(lease, Lease)
    with server.admin() as admin:
        admin.delete(keys.fence)
        assert put(tier, cache, day, token=lease.token) is PutOutcome.PUT
        assert tier.drop(day.key, day.day)
        lease.release()
        assert put(tier, cache, day, token=lease.token) is PutOutcome.OUTRUN
        later = leases.claim(day.key, day.day)
        assert isinstance(later, Lease)
        admin.delete(keys.fence)
        assert put(tier, cache, day, token=lease.token) is PutOutcome.OUTRUN
        assert admin.exists(keys.day_name, keys.index) == 0
        assert put(tier, cache, day) is PutOutcome.PUT  # by hand, which asks for no lease
        members = admin.zrange(keys.index, 0, -1)
        older = stored_day(cache, rows=40_000, seed=3, replace=True)
        admin.set(keys.fence, str(later.token))
        assert put(tier, cache, older, token=lease.token) is PutOutcome.OUTRUN
        assert admin.zrange(keys.index, 0, -1) == members != []
    leases.close()


@pytest.mark.parametrize("what", ["record", "tail", "chunk", "lease", "fence"])
def test_of_a_foreign_value_that_is_huge_next_to_nothing_is_read(
    tier: SharedTier, cache: Cache, server: RedisServer, day: Day, what: str
) -> None:
    put(tier, cache, day)
    keys, leases = DayKeys(day.key, day.day), Leases(tier.line)
    record = tier.records.of_day(day.key, day.day)
    assert record is not None
    names = {
        "record": keys.day_name,
        "tail": keys.tail(record.version),
        "chunk": keys.chunk(record.version, 1),
        "lease": keys.lease,
        "fence": keys.fence,
    }
    with server.admin() as admin:
        admin.setrange(names[what], 100_000_000, b"x")
        before = int(server.info("stats")["total_net_output_bytes"])
        if what in ("lease", "fence"):
            assert isinstance(leases.claim(day.key, day.day), Held if what == "lease" else Lease)
            assert put(tier, cache, day, token=7) is PutOutcome.ALREADY_THERE
        else:
            assert read(tier, day) is None
            assert tier.counts.foreign == 1
        came = int(server.info("stats")["total_net_output_bytes"]) - before
        assert came < 8_000_000 + 4 * day.bytes if what == "tail" else came < 4 * day.bytes + 100_000
        admin.unlink(names[what])
    leases.close()


def test_under_any_policy_of_a_small_server_reads_are_right_or_not_there(tmp_path: Path) -> None:
    seen, asked, troubles = 0, 0, set[Trouble]()
    for policy in ("allkeys-lru", "volatile-ttl", "noeviction"):
        options = {"maxmemory": "2500kb", "maxmemory-policy": policy, "maxmemory-samples": "3"}
        with (
            RedisServer(options) as small,
            tier_at(small.url, failures=1_000) as tier,
            Cache(tmp_path / policy) as store,
        ):
            days = [stored_day(store, rows=40_000, seed=n, symbol=f"S{n}") for n in range(5)]
            for _ in range(2):
                for day in days:
                    try:
                        put(tier, store, day)
                    except LineFailed as failed:
                        troubles.add(failed.trouble)
                for day in days:
                    block = read(tier, day)
                    if block is not None:
                        assert plain(block) == plain(local(store, day))
                        seen += 1
            asked += 2 * len(days)
            assert small.info("memory")["used_memory"] < 10_000_000
    # How many days outlive the others is the server's choice; without eviction the first ones do.
    assert 0 < seen < asked
    assert troubles == {Trouble.OUT_OF_MEMORY}


def test_a_day_that_is_on_its_way_when_the_tier_is_let_go_of_fails_as_with_a_server_that_ends(
    server: RedisServer, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "_BATCH_BYTES", 10_000)  # a call a chunk
    day = stored_day(cache, rows=200_000)
    with tier_at(server.url) as tier:
        put(tier, cache, day)
        record = tier.records.of_day(day.key, day.day)
        assert record is not None
        coming = blocks_of(tier, day, record)
        next(coming)
        tier.close()
        with pytest.raises(LineFailed):
            list(coming)


def test_no_symbol_breaks_out_of_its_keys() -> None:
    names = ["BTCUSDT", "a}b", "{}", "x:y", "é/ü", "a b\r\nDEL x", "%7D"]
    tags = set()
    for name in names:
        keys = DayKeys(DatasetKey("binance", name, DataType.TRADES), date(2024, 7, 23))
        tags.add(keys.tag)
        for key in (keys.day_name, keys.index, keys.tail("v"), keys.chunk("v", 1), keys.lease, keys.fence):
            assert key.partition("{")[2].partition("}")[0] == keys.tag
            assert key.isascii()
            assert key.isprintable()
            assert " " not in key
    assert len(tags) == len(names)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_are_taken_for_a_value(data: bytes) -> None:
    with pytest.raises(Foreign):
        unpacked("name", data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=50), st.integers(0, 10_000), st.integers(1, 255))
def test_no_single_byte_of_a_value_can_change(body: bytes, place: int, change: int) -> None:
    value = bytearray(packed("name", ["v", 3], body))
    fields, rest = unpacked("name", bytes(value))
    assert (fields, bytes(rest)) == (["v", 3], body)
    value[place % len(value)] ^= change
    with pytest.raises(Foreign):
        unpacked("name", bytes(value))
    with pytest.raises(Foreign):
        unpacked("other", packed("name", ["v", 3], body))


@pytest.mark.cluster
def test_a_cluster_keeps_each_day_on_one_node_and_spreads_days(cache: Cache) -> None:
    with RedisCluster() as cluster, tier_at(cluster.url) as tier:
        days = [stored_day(cache, rows=40_000, seed=n, symbol=f"S{n}") for n in range(12)]
        for day in days:
            assert put(tier, cache, day) is PutOutcome.PUT
            assert put(tier, cache, day) is PutOutcome.ALREADY_THERE
        used = [s.info("keyspace").get("db0", {}).get("keys", 0) for s in cluster.servers]
        assert sum(1 for count in used[:3] if count) == 3
        for day in days:
            assert found(read(tier, day)) == plain(local(cache, day))
            assert tier.records.unbroken(day.key, [day.day])
        assert tier.drop(days[0].key, days[0].day)
        assert read(tier, days[0]) is None


@pytest.mark.cluster
def test_a_primary_that_dies_is_replaced_and_reads_are_right_all_the_while(cache: Cache) -> None:
    with RedisCluster() as cluster, tier_at(cluster.url, timeout_s=1.0, recovery_s=0.2, failures=3) as tier:
        days = [stored_day(cache, rows=40_000, seed=n, symbol=f"S{n}") for n in range(6)]
        for day in days:
            put(tier, cache, day)
        sleep(0.5)  # until the replicas have it
        cluster.servers[0].kill()
        ends_s = monotonic() + 60
        right: set[str] = set()
        while len(right) < len(days):
            assert monotonic() < ends_s
            for day in days:
                began_s = monotonic()
                try:
                    block = read(tier, day)
                except LineFailed:
                    block = None
                assert monotonic() - began_s < 20  # a hang guard
                if block is not None:
                    assert plain(block) == plain(local(cache, day))
                    right.add(day.key.symbol)
            sleep(0.05)

        def is_put(day: Day) -> bool:
            try:
                put(tier, cache, day)
            except LineFailed:  # on a machine with much to do a topology takes longer than a call may
                return False
            return True

        for day in days:
            while not is_put(day):
                assert monotonic() < ends_s
                sleep(0.05)
