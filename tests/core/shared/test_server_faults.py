"""What real servers do to those who use them: each state by its name, reads right, and an end by itself."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import contextmanager
from importlib.resources import files
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from support.faketardis.authority import make_authority
from support.redisserver import RedisCluster, RedisServer
from support.segmentrows import some_rows
from support.shareddesk import line_to, stored_day, tier_at

from tickreel import open_cache
from tickreel.fetch.filling import WarmResult
from tickreel.fetch.sharing import SharedService
from tickreel.fetch.warming import WarmRequest
from tickreel.market.block import Block
from tickreel.market.types import DatasetKey, DataType
from tickreel.shared.breaker import BreakerState
from tickreel.shared.deadline import within
from tickreel.shared.leases import Lease, Leases
from tickreel.shared.opening import supply_of
from tickreel.shared.putting import Piece, PutOutcome
from tickreel.shared.trial import TrialOutcome, try_out
from tickreel.shared.trouble import LineFailed, TierState, Trouble
from tickreel.store import Cache, Provenance, Source
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tickreel.shared.tier import SharedTier
    from tickreel.store import Day

_HANG_S = 120.0
_WORD = "quite-a-word"


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


def put(tier: SharedTier, cache: Cache, day: Day) -> PutOutcome:
    (part,) = day.parts
    piece = Piece(cache.library.file_of(part), part.source.value)
    return tier.putter.put(day.key, day.day, [piece], rows_sha256=day.rows_sha256)


def read(tier: SharedTier, day: Day) -> Block | None:
    return tier.read(day.key, day.day, day.first_local_us or 0, (day.last_local_us or 0) + 1)


def is_right(block: Block | None, day: Day) -> bool:
    """Tell whether a block is the rows of a generated day, by all of its times."""
    return block is not None and len(block) == day.rows and int(block.local_us[-1]) == day.last_local_us


def trouble_of(work: Callable[[], object]) -> Trouble:
    with pytest.raises(LineFailed) as failed:
        work()
    assert failed.value.trouble.advice
    return failed.value.trouble


def test_a_tls_server_that_stands_still_costs_what_is_left_of_the_call(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    with RedisServer(authority=authority) as server:
        line = line_to(server.url, ca_file=str(authority.ca_file), timeout_s=60.0, connect_timeout_s=60.0)
        server.pause()  # connections are still accepted, and no handshake is answered
        try:
            began_s = monotonic()
            with within(0.3):
                assert trouble_of(line.ping_s) is Trouble.TLS
            assert monotonic() - began_s < 30  # a hang guard: half of what a handshake was given
        finally:
            server.go_on()
        assert line.ping_s() > 0
        line.close()


def test_a_name_server_that_is_silent_costs_what_is_left_of_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def silent(*_: object) -> list[object]:
        asked.set()
        goes_on.wait(_HANG_S)
        raise OSError("nobody knows it")

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    line = line_to("redis://cache.desk:6379/0", timeout_s=60.0, connect_timeout_s=60.0)
    began_s = monotonic()
    try:
        with within(0.3):
            assert trouble_of(line.ping_s) is Trouble.SILENT
        assert asked.is_set()
        assert monotonic() - began_s < 30  # a hang guard
    finally:
        goes_on.set()
        line.close()


@contextmanager
def served_by_rule(rule: str) -> Iterator[tuple[RedisServer, dict[str, str]]]:
    with RedisServer(users=(rule,)) as server:
        yield server, {"username": "desk", "password": _WORD}


def documented_rule() -> str:
    page = files("tickreel_resources").joinpath("docs/shared.md").read_text("utf-8")
    found = re.search(r"ACL SETUSER (desk on .*?)\n\n", page, re.DOTALL)
    assert found is not None
    return " ".join(found[1].split()).replace(">PASSWORD", f">{_WORD}")


def test_the_rights_that_the_page_names_suffice_for_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served_by_rule(documented_rule()) as (server, given):
        assert TrialOutcome.FAILED not in {one.outcome for one in try_out(line_to(server.url, **given))}
        monkeypatch.setenv("TICKREEL_REDIS_URL", server.url)
        monkeypatch.setenv("TICKREEL_REDIS_USERNAME", "desk")
        monkeypatch.setenv("TICKREEL_REDIS_PASSWORD", _WORD)
        with open_cache(tmp_path / "one", listens=True) as one, open_cache(tmp_path / "two") as two:
            day = stored_day(one)
            key, service = day.key, SharedService(one)
            days = DayRange(key, day.day, day.day)
            for expected in (WarmResult.PUT, WarmResult.ALREADY_THERE):
                assert service.warm(WarmRequest((days,), asks_vendor=False)).days[0].result is expected
            span = (day.first_local_us or 0, (day.last_local_us or 0) + 1)
            assert two.arrow(key.exchange, key.symbol, key.type, *span).num_rows == day.rows
            with tier_at(server.url, **given) as tier:  # type: ignore[arg-type]  # settings by name
                assert is_right(read(tier, day), day)
                leases = Leases(tier.line)
                lease = leases.claim(key, day.day)
                assert isinstance(lease, Lease)
                lease.release()
                leases.close()
            snapshot = service.look()
            assert (snapshot.state, snapshot.trouble) == (TierState.OK, None)
            assert snapshot.server is not None
            assert snapshot.server.keys
            assert service.drop(days)[0].was_there
            supply = supply_of(one)
            assert supply is not None
            assert supply.tier.counts.failures == 0


def test_who_may_only_read_reads_on_however_often_a_write_is_refused(tmp_path: Path) -> None:
    rule = documented_rule()
    for right in ("+set", "+del", "+unlink", "+expire", "+zadd", "+eval"):
        rule = rule.replace(f" {right} ", " ")
    with RedisServer(users=(rule,)) as server, Cache(tmp_path / "home") as cache:
        day = stored_day(cache)
        other = stored_day(cache, symbol="OTHER")
        with server.admin() as admin:
            admin.acl_setuser(
                "writer", enabled=True, passwords=["+w"], keys=["*"], categories=["+@all"], channels=["*"]
            )
        with tier_at(server.url, username="writer", password="w") as writing:
            put(writing, cache, day)
        with tier_at(server.url, username="desk", password=_WORD, failures=2) as tier:
            for _ in range(3):
                assert trouble_of(lambda: put(tier, cache, other)) is Trouble.NO_PERMISSION
            view = tier.line.view()
            assert (view.breaker.state, view.writes.state) == (BreakerState.CLOSED, BreakerState.OPEN)
            assert is_right(read(tier, day), day)


def test_a_server_that_cannot_write_to_its_disk_is_named_and_still_read(tmp_path: Path) -> None:
    with RedisServer({"save": "3600 1"}) as server, Cache(tmp_path / "home") as cache:
        day, other = stored_day(cache), stored_day(cache, symbol="OTHER")
        with tier_at(server.url, recovery_s=0.2) as tier:
            put(tier, cache, day)
            in_the_way = server.folder / "dump.rdb"
            in_the_way.mkdir()
            with server.admin() as admin:
                admin.bgsave()
                until(lambda: admin.info("persistence")["rdb_last_bgsave_status"] == "err")
            assert trouble_of(lambda: put(tier, cache, other)) is Trouble.DISK
            assert tier.line.view().trouble is Trouble.DISK
            assert is_right(read(tier, day), day)
            in_the_way.rmdir()
            with server.admin() as admin:
                admin.bgsave()
                until(lambda: admin.info("persistence")["rdb_last_bgsave_status"] == "ok")
            assert put(tier, cache, other) is PutOutcome.PUT
            assert tier.line.view().trouble is None


def test_a_server_that_reads_its_own_data_after_a_start_is_waited_for(tmp_path: Path) -> None:
    with RedisServer() as server, Cache(tmp_path / "home") as cache:
        day = stored_day(cache)
        with tier_at(server.url, failures=2, recovery_s=0.1) as tier:
            put(tier, cache, day)
            with server.admin() as admin:
                for number in range(200):
                    admin.set(f"other:{number}", b"x" * 1_000)
                admin.save()
            server.kill()
            server.options |= {"key-load-delay": "10000", "loading-process-events-interval-bytes": "1024"}
            starting = threading.Thread(target=server.start)
            starting.start()
            met: set[Trouble] = set()

            def is_well() -> bool:
                try:
                    return is_right(read(tier, day), day)
                except LineFailed as failed:
                    if failed.was_asked:
                        met.add(failed.trouble)
                    return False

            until(is_well)
            starting.join()
            assert Trouble.LOADING in met
            assert "by itself" in Trouble.LOADING.advice


@pytest.mark.cluster
def test_a_warm_outlives_a_primary_that_is_killed_under_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TIMEOUT_S", "1"), ("RECOVERY_S", "0.5"), ("FAILURES", "3")):
        monkeypatch.setenv(f"TICKREEL_REDIS_{name}", value)
    with RedisCluster() as cluster:
        monkeypatch.setenv("TICKREEL_REDIS_URL", cluster.whole_url)
        with open_cache(tmp_path / "one") as one, open_cache(tmp_path / "two") as two:
            days = [stored_day(one, rows=150_000, seed=n, symbol=f"S{n}") for n in range(24)]
            ranges = tuple(DayRange(day.key, day.day, day.day) for day in days)
            service = SharedService(one)
            killer = threading.Timer(0.3, cluster.servers[0].kill)
            killer.start()
            report = service.warm(WarmRequest(ranges, asks_vendor=False))
            killer.join()
            assert [done.result for done in report.days] == [WarmResult.PUT] * 24
            cluster.wait_until_ok()
            # What had been put on the node that died may be lost with it; then it is put there again.
            assert all(
                done.result.is_good for done in service.warm(WarmRequest(ranges, asks_vendor=False)).days
            )
            for day in days:
                span = (day.first_local_us or 0, (day.last_local_us or 0) + 1)
                key = day.key
                assert two.arrow(key.exchange, key.symbol, key.type, *span).num_rows == day.rows
            assert [day.rows_sha256 for day in two.all_days()] == [day.rows_sha256 for day in one.all_days()]


@pytest.mark.cluster
def test_replicas_that_serve_reads_give_the_right_rows_or_none(cache: Cache) -> None:
    with RedisCluster() as cluster:
        days = [stored_day(cache, rows=40_000, seed=n, symbol=f"S{n}") for n in range(6)]
        with tier_at(cluster.url) as tier:
            for day in days:
                put(tier, cache, day)
        with cluster.servers[0].admin() as admin:  # replicas are told of once they have taken something
            until(lambda: all(len(one) > 3 for one in admin.execute_command("CLUSTER", "SLOTS")))
        with tier_at(cluster.url, read_from_replicas=True) as tier:
            for day in days:
                until(lambda day=day: is_right(read(tier, day), day))  # type: ignore[misc]
        served = [server.info("commandstats") for server in cluster.servers]
        assert sum(1 for one in served if "cmdstat_getrange" in one) > 3


@pytest.mark.cluster
def test_fifty_megabytes_that_are_given_five_hundred_serve_right_rows_or_none(tmp_path: Path) -> None:
    options = {"maxmemory": "50mb", "maxmemory-policy": "allkeys-lru"}
    put_bytes, right = 0, 0
    first: Day | None = None
    with RedisServer(options) as small, Cache(tmp_path / "home") as cache, tier_at(small.url) as tier:
        number = 0
        while put_bytes < 500_000_000:
            number += 1
            block = some_rows(DataType.TRADES, 300_000, seed=number, flavour="bits")
            key = DatasetKey(block.exchange, f"S{number}", DataType.TRADES)
            with cache.ingest(key) as ingest:
                ingest.append(Block(block.schema, block.exchange, key.symbol, block.columns))
                (done,) = ingest.commit(Provenance(Source.IMPORT, None, None), complete=True)
            day = done.day
            assert put(tier, cache, day) is PutOutcome.PUT
            put_bytes += day.bytes
            found = read(tier, day)
            if found is not None:
                assert is_right(found, day)
                right += 1
            first = day if first is None else first
            found = read(tier, first)
            assert found is None or is_right(found, first)
            with small.admin() as admin:
                assert admin.info("memory")["used_memory"] < 80_000_000
        with small.admin() as admin:
            assert admin.info("stats")["evicted_keys"] > 0
    assert right > 0
