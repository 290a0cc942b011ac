"""The cache in figures: the sums of what is held, and none that a purge elsewhere could spoil."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.fetchhistory import record_fetched, record_requests
from support.storedhome import START_US, StoredHome, days

from tickreel.fetch.request import Origin
from tickreel.store.care.statistics import OriginUsage, Shares, gather_statistics
from tickreel.store.home import Home
from tickreel.store.model import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    for number in range(3):
        opened.store(number, size=100 * (number + 1), rows=number)
    yield opened
    opened.close()


class _PurgedMeanwhile(Home):
    """Another program removes what was computed, just after it was listed."""

    def derived_files(self) -> list[Path]:
        return [*super().derived_files(), self.derived / "gone"]


def test_what_is_held_and_what_lies_in_the_trash_are_summed_apart(stored: StoredHome) -> None:
    stored.life.trash.put(days(1))
    stored.life.pins.pin(days(2))
    found = stored.life.statistics()
    assert (found.datasets, found.days, found.rows, found.pinned_days) == (1, 2, 2, 1)
    assert (found.bytes, found.keyframe_bytes, found.trash_bytes) == (400, 40, 220)
    assert (found.quota_bytes, found.local.since_us) == (None, None)


def test_files_that_are_purged_meanwhile_count_nothing(stored: StoredHome) -> None:
    stored.home.derived.mkdir()
    (stored.home.derived / "array").write_bytes(b"12345")
    home = _PurgedMeanwhile(stored.root, disk=stored.disk)
    assert gather_statistics(home, stored.database, stored.catalog, None).derived_bytes == 5


def test_a_home_that_never_asked_the_vendor_says_so(stored: StoredHome) -> None:
    origin = stored.life.statistics().origin
    assert origin == OriginUsage()
    assert not origin.is_used


def test_what_the_vendor_was_asked_is_summed_over_all_months(stored: StoredHome) -> None:
    for month, requests, size in (("2025-12", 2, 5), ("2026-01", 3, 10**12)):
        record_requests(stored.database, month, requests, size)
    origin = stored.life.statistics().origin
    assert (origin.requests, origin.bytes, origin.is_used) == (5, 10**12 + 5, True)
    assert (origin.days, origin.fetch_s, origin.p50_ms, origin.p99_ms) == (0, None, None, None)


def test_times_are_those_of_whole_days_that_came(stored: StoredHome) -> None:
    for number in range(200):
        record_fetched(stored.database, float(200 - number), 1.0, rows=10, began_us=START_US + number)
    record_fetched(stored.database, None, 1.0, rows=10, began_us=START_US + 7)
    record_fetched(stored.database, 0.001, 0.0, rows=10, began_us=START_US - 9, origin=Origin.MACHINE)
    origin = stored.life.statistics().origin
    assert (origin.days, origin.rows, origin.since_us) == (201, 2010, START_US)
    assert (origin.p50_ms, origin.p99_ms) == (101_000, 199_000)
    assert origin.fetch_s == 101.5
    assert origin.seconds == 200 * 201 / 2 + 200
    assert not origin.requests
    assert origin.is_used


def test_the_room_is_told_by_what_may_become_of_it(stored: StoredHome) -> None:
    stored.store(10, source=Source.TARDIS, size=1000)
    stored.store(11, source=Source.TARDIS, size=2000, span=(0, 0.5))
    stored.store(11, source=Source.SAMPLE, size=4000, span=(0.5, 1))
    stored.store(12, source=Source.TARDIS, size=8000)
    stored.life.pins.pin(days(2))
    stored.life.pins.pin(days(12))
    stored.life.trash.put(days(1))
    found = stored.life.statistics()
    assert found.shares == Shares(pinned=330 + 8800, own=110 + 6600, evictable=1100)
    assert found.used_bytes == sum((330, 8800, 110, 6600, 1100, found.trash_bytes))
