"""Eviction: only what can be had again leaves by itself, in the policy's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.storedhome import KEY, StoredHome, day, days

from tickreel.errors import ConflictError
from tickreel.market.time import US_PER_DAY
from tickreel.settings import EvictionPolicy, StoreSettings
from tickreel.store.model import Source
from tickreel.store.records.usage import UsageMeter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def use(stored: StoredHome, *numbers: int) -> None:
    meter = UsageMeter(stored.database, stored.disk)
    for number in numbers:
        meter.hit(KEY, day(number), 1000)
    meter.close()


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        (EvictionPolicy.LRU, [0, 1]),
        (EvictionPolicy.LFU, [1, 3]),
        (EvictionPolicy.LARGEST, [1, 2]),
        (EvictionPolicy.OLDEST, [2, 3]),
    ],
)
def test_the_policy_says_who_leaves_first(
    stored: StoredHome, policy: EvictionPolicy, left: list[int]
) -> None:
    for number, size in ((3, 400), (0, 300), (2, 200), (1, 100)):
        stored.store(number, source=Source.TARDIS, size=size)
    use(stored, 3, 3, 3, 2, 1, 1, 0)
    used = sum(one.bytes + one.keyframe_bytes for one in stored.catalog.all_days())
    assert used == 1100
    leaving = {0: 330, 1: 110, 2: 220, 3: 440}
    quota = sum(leaving[number] for number in left)
    stored.reopen(StoreSettings(quota_bytes=quota, eviction=policy))
    preview = stored.life.eviction.preview()
    assert stored.held() == [0, 1, 2, 3], "a preview changes nothing"
    plan = stored.life.tidy()
    assert plan == preview
    assert plan is not None
    assert stored.held() == left
    assert (plan.freed_bytes, plan.over_bytes) == (1100 - quota, 0)
    assert stored.life.trash.entries() == [], "it leaves for good"
    assert len(stored.files()) == 2
    assert stored.life.tidy() is None


def test_what_cannot_be_had_again_stays_and_the_preview_says_why(stored: StoredHome) -> None:
    sources = (
        Source.IMPORT,
        Source.SAMPLE,
        Source.TARDIS_MACHINE,
        Source.SHARED,
        Source.TARDIS,
        Source.TARDIS,
    )
    for number, source in enumerate(sources):
        stored.store(number, source=source)
    stored.store(6, source=Source.TARDIS, span=(0, 0.5))
    stored.store(6, source=Source.IMPORT, span=(0.5, 1))
    stored.life.pins.pin(days(4))
    stored.reopen(StoreSettings(quota_bytes=0))
    plan = stored.life.eviction.run()
    assert stored.held() == [0, 1, 2, 3, 4, 6]
    assert [(one.day.day, one.reason) for one in plan.evict] == [(day(5), "over the quota")]
    assert [one.reason.split(":")[0] for one in plan.keep] == [
        "imported",
        "made here",
        "recorded from tardis-machine",
        "from the shared cache",
        "pinned",
        "imported",
    ]
    assert plan.over_bytes == 7 * 110


def test_days_leave_when_their_time_is_over_and_not_before(stored: StoredHome) -> None:
    stored.store(0, source=Source.TARDIS)
    stored.store(1, source=Source.IMPORT)
    stored.reopen(StoreSettings(ttl_days=10))
    assert stored.life.tidy() is None
    times = [one.expires_us for one in stored.catalog.days(KEY)]
    assert times == [stored.disk.clock_us + 10 * US_PER_DAY, None]
    stored.disk.clock_us -= 50 * US_PER_DAY
    assert stored.life.tidy() is None, "the clock went back"
    stored.disk.clock_us += 60 * US_PER_DAY
    plan = stored.life.tidy()
    assert plan is not None
    assert [one.reason for one in plan.evict] == ["expired"]
    assert stored.held() == [1]


def test_a_time_set_by_hand_holds_and_an_imported_day_takes_none(stored: StoredHome) -> None:
    stored.store(0, source=Source.TARDIS)
    stored.store(1)
    with pytest.raises(ConflictError, match="2024-07-24 cannot be fetched again"):
        stored.life.expire(days(0, 1), stored.disk.clock_us)
    assert [one.expires_us for one in stored.catalog.days(KEY)] == [None, None]
    stored.life.expire(days(0), stored.disk.clock_us)
    assert stored.catalog.datasets()[0].expires_us == stored.disk.clock_us
    stored.life.expire(days(0), None)
    assert stored.life.tidy() is None
    stored.life.expire(days(0), stored.disk.clock_us)
    stored.life.pins.pin(days(0))
    stored.life.tidy()
    assert stored.held() == [0, 1], "it is pinned"


def test_retention_purges_only_what_can_be_had_again(stored: StoredHome) -> None:
    stored.store(0, source=Source.TARDIS)
    own = stored.store(1)
    stored.life.trash.put(days(0, 1))
    stored.disk.clock_us += 29 * US_PER_DAY
    assert stored.life.tidy() is None
    stored.disk.clock_us += US_PER_DAY
    plan = stored.life.tidy()
    assert plan is not None
    assert [entry.day for entry in plan.purge] == [day(0)]
    stored.disk.clock_us += 3650 * US_PER_DAY
    assert stored.life.tidy() is None
    assert stored.files() == {own.segment_id}


def test_the_quota_takes_from_the_trash_first(stored: StoredHome) -> None:
    for number in range(3):
        stored.store(number, source=Source.TARDIS)
    stored.life.trash.put(days(1))
    stored.reopen(StoreSettings(quota_bytes=220))
    plan = stored.life.tidy()
    assert plan is not None
    assert ([entry.day for entry in plan.purge], plan.evict) == ([day(1)], ())
    assert stored.held() == [0, 2]


def test_a_home_over_its_quota_with_nothing_that_may_leave_is_not_looked_through(stored: StoredHome) -> None:
    stored.store(0)
    stored.reopen(StoreSettings(quota_bytes=0))
    assert stored.life.tidy() is None
    stored.store(1, source=Source.TARDIS)
    plan = stored.life.tidy()
    assert plan is not None
    assert [one.day.day for one in plan.evict] == [day(1)]


def test_whoever_has_a_file_open_is_told_before_its_day_leaves(stored: StoredHome) -> None:
    told: list[Path] = []
    stored.store(0)
    gone = stored.store(1, source=Source.TARDIS)
    stored.reopen(StoreSettings(quota_bytes=0))
    stored.home.before_removal(told.append)
    stored.life.eviction.run()
    assert told == [stored.home.segment_path(gone.segment_id)]


def test_of_chosen_days_only_those_leave_that_can_be_had_again(stored: StoredHome) -> None:
    for number in range(4):
        stored.store(number, source=Source.IMPORT if number == 1 else Source.TARDIS)
    stored.life.pins.pin(days(2))
    chosen = [days(0, 2), days(1, 2)]
    preview = stored.life.eviction.preview(chosen)
    assert [one.day.day for one in preview.evict] == [day(0)]
    assert [(one.day.day, one.reason) for one in preview.keep] == [
        (day(1), "imported: it leaves by hand alone"),
        (day(2), "pinned"),
    ]
    assert (preview.used_bytes, preview.freed_bytes) == (440, 110)
    assert stored.held() == [0, 1, 2, 3], "a preview changes nothing"
    assert stored.life.eviction.run(chosen) == preview
    assert stored.held() == [1, 2, 3]
    assert stored.life.trash.entries() == []
    assert len(stored.files()) == 3
