"""The trash: days leave and come back, whole or not at all, and no file is ever unknown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from faults.homes import DAY, NEXT_DAY, check_marks, check_sound, opened, store_part
from faults.homes import KEY as BOOK
from support.storedhome import KEY, START_US, ClockedDisk, StoredHome, day, days

from tickreel.errors import ConflictError, DataError, EnvironmentProblem, NotHeldError
from tickreel.market.time import US_PER_DAY
from tickreel.settings import StoreSettings
from tickreel.store.care.rebuilding import rebuild
from tickreel.store.care.room import ensure_room
from tickreel.store.care.trash import Trash
from tickreel.store.home import Home
from tickreel.store.model import DayRange, DayState, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
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
    marked = [stored.home.is_trashed(part.segment_id) for part in (old, new)]
    assert marked == [False, True]


def test_what_is_in_the_way_of_a_version_is_named(stored: StoredHome) -> None:
    for number in (0, 1):
        stored.store(number)
    stored.store(2, span=(0, 0.5))
    entries = stored.life.trash.put(days(0, 2))
    stored.store(1)
    stored.store(2, span=(0.5, 1))
    assert [(entry.day, held.day) for entry, held in stored.life.in_the_way(entries)] == [(day(1), day(1))]


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
    stored.life.tidy()
    assert stored.life.trash.entries() == [entry]
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
    assert stored.home.is_trashed(gone.segment_id), "were the catalog lost now, it would come back as trash"
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


class _Watched(Home):
    """Calls *meanwhile* when a segment's file is asked for the second time: to be read, after a check."""

    def __init__(self, root: Path, meanwhile: Callable[[], object]) -> None:
        super().__init__(root)
        self._meanwhile: Callable[[], object] | None = meanwhile
        self._asked: Counter[str] = Counter()

    def segment_path(self, segment_id: str) -> Path:
        self._asked[segment_id] += 1
        if self._asked[segment_id] == 2 and self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        return super().segment_path(segment_id)


@pytest.mark.parametrize("is_elsewhere", [True, False])
def test_others_write_while_the_rows_of_a_returning_version_are_read(home: Path, is_elsewhere: bool) -> None:
    with opened(home) as store, opened(home) as other:
        store_part(store, hour=1, whole=False)
        (entry,) = store.trash.put(DayRange(BOOK, DAY, DAY))
        store_part(store, hour=5, whole=False)

        def store_another() -> None:
            with other.database.writing(patience_s=0) as connection:
                other.catalog.dataset_id(connection, BOOK)
            store_part(other, NEXT_DAY if is_elsewhere else DAY, hour=9, whole=False)

        watched = _Watched(home, store_another)
        (day,) = Trash(watched, store.database, store.catalog, 0).restore([entry])
        assert watched._meanwhile is None, "it was read, and somebody else wrote"
        assert len(day.parts) == (2 if is_elsewhere else 3), "what came meanwhile is seen"
        rebuild(home)
        again = store.catalog.day(BOOK, DAY)
        assert again is not None
        assert (day.parts, day.rows_sha256) == (again.parts, again.rows_sha256)
    check_sound(home)
    check_marks(home)


def test_the_digest_of_a_day_that_was_put_together_again_is_that_of_all_its_rows(home: Path) -> None:
    with opened(home) as store:
        for hour in (1, 5):
            store_part(store, hour=hour, whole=False)
        rebuild(home)  # the digest is that of both parts from here on
        (before,) = store.catalog.days(BOOK)
        assert before.rows_sha256 not in {part.rows_sha256 for part in before.parts}
        with store.database.writing() as connection:
            store.catalog.trash(connection, before.parts[:1], 1)
            store.catalog.record_day(connection, BOOK, DAY, DayState.PARTIAL, before.parts[1].rows_sha256)
        (after,) = store.trash.restore(store.trash.entries())
        assert (after.rows_sha256, after.parts) == (before.rows_sha256, before.parts)


def test_versions_of_one_day_come_back_one_after_the_other(home: Path) -> None:
    with opened(home) as store:
        first = store_part(store, first_price=50)
        (one,) = store.trash.put(DayRange(BOOK, DAY, DAY))
        second = store_part(store, first_price=60)
        (two,) = store.trash.put(DayRange(BOOK, DAY, DAY))
        with pytest.raises(ConflictError, match="overlaps"):
            store.trash.restore([two, one])
        assert [entry.id for entry in store.trash.entries()] == [one.id, two.id]
        (day,) = store.trash.restore([two, one], replace=True)
        assert [part.segment_id for part in day.parts] == [first]
        (left,) = store.trash.entries()
        assert ([part.segment_id for part in left.parts], left.rows_sha256) == ([second], two.rows_sha256)
    check_marks(home)


class _Interrupted(Home):
    """Ends the program between the commit and the marks beside the files."""

    def mark_trashed(self, segment_ids: Iterable[str], *, trashed: bool = True) -> bool:
        raise KeyboardInterrupt


def test_marks_that_an_interrupt_kept_from_being_made_are_made_by_the_next_start(home: Path) -> None:
    days = DayRange(BOOK, DAY, DAY)
    with opened(home) as store:
        segment_id = store_part(store)
        interrupted = Trash(_Interrupted(home), store.database, store.catalog, 0)
        with pytest.raises(KeyboardInterrupt):
            interrupted.put(days)
        assert [entry.day for entry in store.trash.entries()] == [DAY]
        assert not store.home.is_trashed(segment_id)
    with opened(home) as store:
        assert store.home.is_trashed(segment_id)
        interrupted = Trash(_Interrupted(home), store.database, store.catalog, 0)
        with pytest.raises(KeyboardInterrupt):
            interrupted.restore(store.trash.entries())
        assert store.home.is_trashed(segment_id)
    with opened(home) as store:
        assert not store.home.is_trashed(segment_id)
        assert list(store.home.staging.iterdir()) == []


def test_whoever_has_a_file_open_is_told_before_it_is_removed(stored: StoredHome) -> None:
    told: list[tuple[Path, bool]] = []
    stored.home.before_removal(lambda path: told.append((path, path.exists())))
    kept, gone = stored.store(0), stored.store(1)
    stored.life.trash.put(days(0, 1))
    stored.life.restore(days(0))
    assert told == []
    stored.life.purge(days(1))
    assert told == [(stored.home.segment_path(gone.segment_id), True)]
    assert stored.files() == {kept.segment_id}
