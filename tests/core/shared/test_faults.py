"""Bad lines and servers that die: rows are right or not there, in a deadline, and it heals by itself."""

from __future__ import annotations

import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from support.faultyproxy import FaultyProxy, Harm
from support.redisserver import RedisServer
from support.segmentrows import plain
from support.shareddesk import stored_day, tier_at

from tickreel.shared.opening import open_cache
from tickreel.shared.putting import Piece
from tickreel.shared.supply import SharedSupply
from tickreel.shared.trouble import LineFailed, Trouble
from tickreel.store import Cache
from tickreel.store.model import DayRange
from tickreel.store.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tickreel.market.block import Block
    from tickreel.shared.tier import SharedTier
    from tickreel.store import Day

_HANG_S = 60.0
_DEADLINE_S = 0.4
_MOST_S = 10 * _DEADLINE_S
"""A hang guard: on a busy machine a deadline of 0.4 s may take longer."""


@pytest.fixture
def proxy(server: RedisServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.port) as proxy:
        yield proxy


def put(tier: SharedTier, cache: Cache, day: Day) -> None:
    piece = Piece(cache.library.file_of(day.parts[0]), day.source.value)
    tier.putter.put(day.key, day.day, [piece], rows_sha256=day.rows_sha256)


def local(cache: Cache, day: Day, span: tuple[int, int]) -> Block:
    with Segment.open(cache.library.file_of(day.parts[0])) as segment:
        return segment.read(*span)


def until(is_so: Callable[[], bool]) -> None:
    ends_s = monotonic() + _HANG_S
    while not is_so():
        assert monotonic() < ends_s
        sleep(0.02)


@pytest.mark.parametrize("harm", list(Harm))
def test_over_a_bad_line_rows_are_right_or_not_there_and_it_heals(
    server: RedisServer, proxy: FaultyProxy, cache: Cache, day: Day, harm: Harm
) -> None:
    assert day.first_local_us is not None
    span = (day.first_local_us, day.first_local_us + 60_000_000)
    right = plain(local(cache, day, span))
    with tier_at(server.url) as good:
        put(good, cache, day)
    with tier_at(proxy.url, timeout_s=_DEADLINE_S, failures=3, recovery_s=0.2) as tier:
        for place in range(12):
            proxy.harm = harm if place % 3 else Harm.NONE
            proxy.cut_after = 10**place % 99_991
            began_s = monotonic()
            try:
                block = tier.read(day.key, day.day, *span)
            except LineFailed:
                block = None
            assert monotonic() - began_s < _MOST_S
            assert block is None or plain(block) == right
            with tier_at(server.url) as good:  # what a spoiled answer made us take for damaged is put back
                put(good, cache, day)
        proxy.harm = Harm.NONE

        def is_well() -> bool:
            try:
                block = tier.read(day.key, day.day, *span)
            except LineFailed:
                return False
            return block is not None and plain(block) == right

        until(is_well)
        assert tier.line.view().state == "ok"


def test_a_drip_ends_with_the_deadline_though_each_byte_is_in_time(
    server: RedisServer, proxy: FaultyProxy, cache: Cache, day: Day
) -> None:
    with tier_at(server.url) as good:
        put(good, cache, day)
    with tier_at(proxy.url, timeout_s=_DEADLINE_S) as tier:
        proxy.harm = Harm.DRIP
        began_s = monotonic()
        with pytest.raises(LineFailed) as failed:
            tier.read(day.key, day.day, day.first_local_us or 0, (day.first_local_us or 0) + 1)
        assert monotonic() - began_s < _MOST_S
        assert failed.value.trouble == "silent"


def test_a_day_brought_over_a_line_that_fails_half_way_leaves_nothing(
    server: RedisServer, proxy: FaultyProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_REDIS_URL", proxy.url)
    monkeypatch.setenv("TICKREEL_REDIS_TIMEOUT_S", str(_DEADLINE_S))
    monkeypatch.setenv("TICKREEL_REDIS_RECOVERY_S", "0.1")
    with Cache(tmp_path / "one") as one, tier_at(server.url) as good, open_cache(tmp_path / "two") as two:
        day = stored_day(one, rows=400_000)  # several batches
        put(good, one, day)
        supply = two.farther
        assert isinstance(supply, SharedSupply)
        for harm, cut_after in ((Harm.CUT, 1_000_000), (Harm.CUT, 100), (Harm.HALF_OPEN, 0), (Harm.DRIP, 0)):
            proxy.harm, proxy.cut_after = harm, cut_after
            assert supply.bring({day.key: [day.day]}) == set()
            assert two.all_days() == []
        assert not list((tmp_path / "two" / "segments").rglob("*.tick"))
        proxy.harm = Harm.NONE
        until(lambda: supply.bring_day(day.key, day.day) is not None)
        assert two.all_days()[0].rows_sha256 == day.rows_sha256


def test_garbage_spoils_no_answer_but_is_named(
    server: RedisServer, proxy: FaultyProxy, cache: Cache, tmp_path: Path, day: Day
) -> None:
    """Whatever the line makes of an answer: a day comes right or not, and no error is one of ours."""
    with (
        tier_at(server.url) as good,
        tier_at(proxy.url, timeout_s=0.15, failures=10**6) as tier,
        Cache(tmp_path / "two") as two,
    ):
        supply = SharedSupply(two, tier)
        met: set[str] = set()
        for number in range(15):
            put(good, cache, day)
            proxy.harm = Harm.GARBAGE if number % 3 else Harm.NONE
            supply._rests_until_s = 0.0
            supply._not_there.clear()
            for work in (
                lambda: supply.bring({day.key: [day.day]}),
                lambda: supply.whereabouts({day.key: [day.day]}),
                lambda: supply.leases.claim(day.key, day.day),
                lambda: tier.listing.datasets(0),
                lambda: put(tier, cache, day),
                lambda: tier.drop(day.key, day.day),
            ):
                try:
                    work()
                except LineFailed as failed:
                    met.add(failed.trouble)
            proxy.harm = Harm.NONE
            for held in two.all_days():
                assert held.rows_sha256 == day.rows_sha256
                two.life.trash.put(DayRange(held.key, held.day, held.day))
        assert met
        supply.leases.close()


def test_behind_a_name_that_moves_a_new_primary_is_found_after_one_refusal(
    server: RedisServer, proxy: FaultyProxy, cache: Cache, day: Day
) -> None:
    with RedisServer() as other, tier_at(proxy.url) as tier, server.admin() as old:
        put(tier, cache, day)
        assert tier.drop(day.key, day.day)
        old.replicaof("127.0.0.1", str(other.port))
        try:
            proxy.port = other.port  # as the name server would have it; connections that are there stay
            with pytest.raises(LineFailed) as failed:
                put(tier, cache, day)
            assert failed.value.trouble is Trouble.READ_ONLY
            put(tier, cache, day)
            span = (day.first_local_us or 0, (day.first_local_us or 0) + 1_000_000)
            block = tier.read(day.key, day.day, *span)
            assert block is not None
            assert plain(block) == plain(local(cache, day, span))
            assert tier.line.view().trouble is None
        finally:
            old.replicaof("NO", "ONE")


def test_a_server_that_is_paused_for_its_clients_costs_a_deadline(
    server: RedisServer, cache: Cache, day: Day
) -> None:
    with tier_at(server.url, timeout_s=_DEADLINE_S, failures=1, recovery_s=0.2) as tier:
        put(tier, cache, day)
        with server.admin() as admin:
            admin.execute_command("CLIENT PAUSE", 1_000, "ALL")
        with pytest.raises(LineFailed):
            tier.records.of_day(day.key, day.day)
        assert tier.line.view().state == "open"

        def is_well() -> bool:
            try:
                return tier.records.of_day(day.key, day.day) is not None
            except LineFailed:
                return False

        until(is_well)


def test_a_server_that_is_killed_while_days_are_put_and_read_comes_back_empty_and_fills_again(
    cache: Cache,
) -> None:
    days = [stored_day(cache, rows=60_000, seed=n, symbol=f"S{n}") for n in range(4)]
    stop, wrong = threading.Event(), list[str]()
    read = [0]
    with (
        RedisServer() as server,
        tier_at(server.url, timeout_s=_DEADLINE_S, failures=2, recovery_s=0.1) as tier,
    ):

        def work() -> None:
            while not stop.is_set():
                for day in days:
                    span = (day.first_local_us or 0, (day.last_local_us or 0) + 1)
                    try:
                        put(tier, cache, day)
                        block = tier.read(day.key, day.day, *span)
                    except LineFailed:
                        continue
                    if block is not None:
                        read[0] += 1
                        if plain(block) != plain(local(cache, day, span)):
                            wrong.append(str(day.key))

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(3):
                before = read[0]
                until(lambda before=before: read[0] > before + 2)  # type: ignore[misc]  # the default is the value
                server.kill()
                sleep(0.1)
                server.start()
            before = read[0]
            until(lambda: read[0] > before + 2)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert wrong == []
