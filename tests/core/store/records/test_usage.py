"""Use of the cache: counted per day, written down later, and never wrong when the clock is."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.storedhome import KEY, START_US, StoredHome, day

from tickreel.market.time import US_PER_DAY, day_of
from tickreel.store.records.database import Database
from tickreel.store.records.usage import (
    DayOfUse,
    Tier,
    UsageMeter,
    bucket_of,
    hit_rate_of,
    middle_ns,
    percentile_ms,
    tier_usage,
    use_by_day,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    for number in range(3):
        opened.store(number)
    yield opened
    opened.close()


@settings(deadline=None)
@given(elapsed_ns=st.integers(0, 10**15))
def test_a_latency_is_told_to_an_eighth(elapsed_ns: int) -> None:
    assert middle_ns(bucket_of(elapsed_ns)) == pytest.approx(elapsed_ns, rel=1 / 8, abs=0.5)
    assert bucket_of(elapsed_ns) <= bucket_of(elapsed_ns + 1) <= bucket_of(elapsed_ns) + 1


def test_percentiles_are_those_of_all_calls() -> None:
    chance = random.Random(1)
    calls = [chance.lognormvariate(13, 2) for _ in range(10_000)]
    buckets: dict[int, int] = {}
    for call in calls:
        buckets[bucket_of(int(call))] = buckets.get(bucket_of(int(call)), 0) + 1
    for share in (0.5, 0.99):
        exact_ms = sorted(calls)[int(share * len(calls))] / 1e6
        assert percentile_ms(buckets, share) == pytest.approx(exact_ms, rel=0.15)
    assert percentile_ms({}, 0.5) is None


def test_hits_and_misses_are_summed_up_over_days_and_programs(stored: StoredHome) -> None:
    def use(meter: UsageMeter) -> None:
        for number in range(100):
            meter.hit(KEY, day(number % 2), 2_000_000)

    for _ in range(2):
        meter = UsageMeter(stored.database, stored.disk)
        with ThreadPoolExecutor(4) as pool:
            for _ in range(4):
                pool.submit(use, meter)
        meter.miss(3)
        meter.close()
    assert [one.hits for one in stored.catalog.days(KEY)] == [400, 400, 0]
    usage = tier_usage(stored.database, Tier.LOCAL)
    assert (usage.hits, usage.misses, usage.origin_hits) == (800, 6, 0)
    assert usage.hit_rate == 800 / 806
    assert usage.p50_ms == usage.p99_ms == pytest.approx(2, rel=0.13)
    assert usage.since_us == START_US


def test_use_is_kept_by_the_utc_day_and_a_rate_is_that_of_all_calls(stored: StoredHome) -> None:
    for passed_us, hits, misses in ((0, 3, 1), (US_PER_DAY - 1, 2, 0), (2 * US_PER_DAY, 4, 90)):
        stored.disk.clock_us = START_US + passed_us
        meter = UsageMeter(stored.database, stored.disk)
        for _ in range(hits):
            meter.hit(KEY, day(0), 1)
        meter.miss(misses)
        meter.close()
    first, last = day_of(START_US), day_of(START_US + 2 * US_PER_DAY)
    found = use_by_day(stored.database, Tier.LOCAL, first, last)
    assert found == (DayOfUse(first, 5, 1), DayOfUse(last, 4, 90))
    assert [one.hit_rate for one in found] == [5 / 6, 4 / 94]
    assert hit_rate_of(found) == 9 / 100
    assert use_by_day(stored.database, Tier.LOCAL, last, last) == found[1:]
    assert hit_rate_of(()) is None


def test_the_last_use_never_goes_back_and_the_order_of_use_follows_no_clock(stored: StoredHome) -> None:
    for number, jump in ((0, 0), (1, 10**9), (2, -(10**12)), (0, -(10**13))):
        stored.disk.clock_us = START_US + jump
        meter = UsageMeter(stored.database, stored.disk)
        meter.hit(KEY, day(number), 1)
        meter.close()
    found = stored.catalog.days(KEY)
    assert [one.last_used_us for one in found] == [START_US, START_US + 10**9, START_US - 10**12]
    assert [one.day for one in sorted(found, key=lambda one: one.used_order)] == [day(1), day(2), day(0)]


def test_within_one_flush_the_order_is_that_of_the_last_use(stored: StoredHome) -> None:
    meter = UsageMeter(stored.database, stored.disk)
    for number in (2, 0, 1, 0, 2):
        meter.hit(KEY, day(number), 1)
    meter.flush()
    found = sorted(stored.catalog.days(KEY), key=lambda one: one.used_order)
    assert [one.day for one in found] == [day(1), day(0), day(2)]
    meter.close()


def test_notes_are_written_without_a_close(stored: StoredHome) -> None:
    meter = UsageMeter(stored.database, stored.disk, flush_every_s=0.01)
    for _ in range(2):  # the meter sleeps in between, and wakes again
        hits = tier_usage(stored.database, Tier.LOCAL).hits
        meter.hit(KEY, day(0), 1)
        guard = time.monotonic() + 60
        while tier_usage(stored.database, Tier.LOCAL).hits == hits:
            assert time.monotonic() < guard
    meter.close()


def test_notes_wait_while_another_program_writes(stored: StoredHome) -> None:
    meter = UsageMeter(stored.database, stored.disk)
    meter.hit(KEY, day(0), 1)
    meter.miss()
    other = Database(stored.home.catalog, read_only=False)
    with other.writing():
        meter.flush(patience_s=0)
        assert tier_usage(stored.database, Tier.LOCAL).hits == 0
    other.close()
    meter.flush()
    usage = tier_usage(stored.database, Tier.LOCAL)
    assert (usage.hits, usage.misses) == (1, 1)
    meter.close()


def test_reading_only_counts_nothing(stored: StoredHome) -> None:
    database = Database(stored.home.catalog, read_only=True)
    meter = UsageMeter(database, stored.disk, read_only=True)
    meter.hit(KEY, day(0), 1)
    meter.miss()
    meter.close()
    database.close()
    assert tier_usage(stored.database, Tier.LOCAL).hits == 0


def test_a_day_that_left_in_the_meantime_is_no_error(stored: StoredHome) -> None:
    meter = UsageMeter(stored.database, stored.disk)
    meter.hit(KEY, day(77), 1)
    meter.close()
    meter.close()
    assert tier_usage(stored.database, Tier.LOCAL).hits == 1


def test_a_read_does_not_fail_where_the_system_has_no_more_threads(
    stored: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    meter = UsageMeter(stored.database, stored.disk)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        meter.hit(KEY, day(0), 1_000)
    meter.close()
    assert stored.catalog.days(KEY)[0].hits == 1


def test_what_is_noted_while_somebody_has_the_lock_is_written_down_all_the_same(stored: StoredHome) -> None:
    meter = UsageMeter(stored.database, stored.disk, flush_every_s=0.01)
    with meter._lock:
        meter.hit(KEY, day(0), 1_000)
    meter.flush()  # takes what was noted
    with meter._lock:
        meter.hit(KEY, day(1), 1_000)
    meter.miss()
    waited = threading.Event()
    while not stored.catalog.days(KEY)[1].hits:
        assert not waited.wait(0.01)
    meter.close()
