"""The trash: days leave and come back, whole or not at all, and no file is ever unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.storedhome import KEY, START_US, ClockedDisk, StoredHome, day, days

from tickreel.errors import ConflictError, DataError, EnvironmentProblem, NotHeldError
from tickreel.market.time import US_PER_DAY
from tickreel.settings import StoreSettings
from tickreel.store.model import DayState, Source
from tickreel.store.room import ensure_room

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stored(home: Path) -> Iterator[StoredHome]:
    opened = StoredHome(home)
    yield opened
    opened.close()


def test_a_day_goes_to_the_trash_and_comes_back_as_it_was(stored: StoredHome) -> None:
    stored.store(0)
    stored.store(1, span=(0.1, 0.4))
    second = stored.store(1, span=(0.5, 0.9))
    before = stored.catalog.all_days()
    entries = stored.life.trash.put(days(0, 5))
    assert [(entry.day, entry.rows, entry.reason) for entry in entries] == [
        (day(0), 10, "by hand"),
        (day(1), 20, "by hand"),
    ]
    assert (stored.catalog.all_days(), stored.catalog.datasets()) == ([], [])
    assert second.segment_id in stored.files(), "the files stay"
    back = stored.life.restore(days(0, 5))
    assert [one.state for one in back] == [DayState.PRESENT, DayState.PARTIAL]
    assert [(one.rows_sha256, one.parts) for one in back] == [(one.rows_sha256, one.parts) for one in before]
    assert stored.life.trash.entries() == []


def test_what_is_pinned_stays_and_so_does_the_rest_of_the_range(stored: StoredHome) -> None:
    for number in range(3):
        stored.store(number)
    stored.life.pins.pin(days(1))
    with pytest.raises(ConflictError, match="pinned and therefore kept: 2024-07-24;"):
        stored.life.trash.put(days(0, 2))
    assert stored.held() == [0, 1, 2]
    stored.life.pins.unpin(days(1))
    stored.life.trash.put(days(0, 2))
    assert stored.held() == []


def test_what_is_not_there_is_told(stored: StoredHome) -> None:
    stored.store(0)
    with pytest.raises(NotHeldError, match=r"nothing is held of .* 2024-07-24"):
        stored.life.trash.put(days(1))
    with pytest.raises(NotHeldError, match=r"nothing of .* is in the trash"):
        stored.life.restore(days(0))
    with pytest.raises(NotHeldError, match="no version 7"):
        stored.life.purge(trash_id=7)


def test_the_newest_version_comes_back_even_when_the_clock_went_back(stored: StoredHome) -> None:
    parts = []
    for jump in (0, -US_PER_DAY, -2 * US_PER_DAY):
        stored.disk.clock_us = START_US + jump
        parts.append(stored.store(0))
        stored.life.trash.put(days(0))
    (back,) = stored.life.restore(days(0))
    assert back.parts == (parts[-1],)
    assert [entry.parts for entry in stored.life.versions(days(0)).trashed] == [(parts[0],), (parts[1],)]


def test_a_version_that_overlaps_what_is_held_is_swapped_only_when_asked(stored: StoredHome) -> None:
    old = stored.store(0)
    stored.life.trash.put(days(0))
    new = stored.store(0, span=(0.2, 0.3))
    with pytest.raises(ConflictError, match="overlaps 2024-07-23T04:48"):
        stored.life.restore(days(0))
    assert stored.catalog.days(KEY)[0].parts == (new,)
    (swapped,) = stored.life.restore(days(0), replace=True)
    assert (swapped.parts, swapped.rows_sha256) == ((old,), old.rows_sha256)
    (entry,) = stored.life.trash.entries()
    assert (entry.parts, entry.reason) == ((new,), "swapped for an older version")


def test_one_version_that_cannot_come_back_keeps_all_where_they_are(stored: StoredHome) -> None:
    stored.store(0)
    lost = stored.store(1)
    stored.life.trash.put(days(0, 1))
    stored.home.segment_path(lost.segment_id).unlink()
    with pytest.raises(EnvironmentProblem, match=f"{lost.segment_id}.tick is gone"):
        stored.life.restore(days(0, 1))
    assert len(stored.life.trash.entries()) == 2
    assert stored.held() == []


def test_a_damaged_version_is_not_put_back(stored: StoredHome) -> None:
    part = stored.store(0)
    with stored.database.writing() as connection:
        stored.catalog.mark_damaged(connection, [part.segment_id], START_US)
    assert stored.catalog.days(KEY)[0].state is DayState.DAMAGED
    stored.life.trash.put(days(0))
    with pytest.raises(DataError, match="cannot be read any more"):
        stored.life.restore(days(0))


def test_purging_removes_exactly_the_files_of_what_is_purged(stored: StoredHome) -> None:
    kept = stored.store(0)
    for number in (1, 2, 3):
        stored.store(number)
    entries = stored.life.trash.put(days(1, 3))
    purged = stored.life.purge(days(1))
    assert [entry.day for entry in purged.entries] == [day(1)]
    assert purged.freed_bytes == 110
    stored.disk.clock_us += 2 * US_PER_DAY
    assert stored.life.purge(older_than_days=3).entries == ()
    assert stored.life.purge(trash_id=entries[1].id).entries == (entries[1],)
    assert stored.life.purge().entries == (entries[2],)
    assert stored.files() == {kept.segment_id}
    assert list(stored.home.staging.iterdir()) == []
    assert stored.life.purge().entries == ()


def test_a_version_that_a_run_needs_outlives_every_purge(stored: StoredHome) -> None:
    part = stored.store(0, source=Source.TARDIS)
    stored.life.pins.pin(days(0), holder="run 5")
    with stored.database.writing() as connection:
        stored.catalog.trash(connection, [part], stored.disk.now_us())
        stored.catalog.drop_day(connection, KEY, day(0))
    stored.store(0, source=Source.TARDIS)
    assert not stored.catalog.days(KEY)[0].pinned, "it is another version that is needed"
    (entry,) = stored.life.trash.entries()
    assert entry.holders == ("run 5",)
    stored.disk.clock_us += 100 * US_PER_DAY
    assert stored.life.tidy() is None or stored.life.trash.entries() == [entry]
    assert stored.life.purge().kept == (entry,)
    with pytest.raises(ConflictError, match="needed by run 5"):
        stored.life.purge(trash_id=entry.id)
    stored.life.pins.unpin(days(0), holder="run 5")
    assert stored.life.purge().entries[0].parts == (part,)


class _LosesFiles(ClockedDisk):
    """Ends every removal of rows as a program that dies just then."""

    def remove(self, path: Path) -> None:
        if path.suffix == ".tick":
            raise KeyboardInterrupt
        super().remove(path)


def test_a_purge_that_dies_after_the_catalog_is_finished_by_the_next_start(home: Path) -> None:
    stored = StoredHome(home, disk=_LosesFiles())
    kept, gone = stored.store(0), stored.store(1)
    stored.life.trash.put(days(1))
    with pytest.raises(KeyboardInterrupt):
        stored.life.purge()
    assert gone.segment_id in {path.stem for path in stored.home.segments.rglob("*.tick")}
    assert stored.life.trash.entries() == []
    stored.close()
    again = StoredHome(home)
    assert again.files() == {kept.segment_id}
    again.close()


def test_room_is_told_with_its_figures(stored: StoredHome) -> None:
    stored.disk.free = 5_000_000
    ensure_room(stored.disk, stored.root, 4_000_000, 1_000_000)
    with pytest.raises(EnvironmentProblem, match=r"5\.0 MB free, 4\.0 MB are needed and 1\.0 MB"):
        ensure_room(stored.disk, stored.root, 4_000_001, 1_000_000)
    stored.reopen(StoreSettings(keep_free_bytes=4_500_000))
    stored.store(0)
    stored.life.trash.put(days(0))
    with pytest.raises(EnvironmentProblem, match="kept free"):
        stored.life.restore(days(0))
