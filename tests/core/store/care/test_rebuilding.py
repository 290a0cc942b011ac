"""The catalog remade from segments: after it is lost, after damage, and while it is sound."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest
from faults.acts import scribble
from faults.homes import (
    DAY,
    KEY,
    NEXT_DAY,
    Store,
    check_marks,
    check_sound,
    facts_of,
    opened,
    store_part,
)
from filelock import FileLock
from support.monitors import CancelAt
from support.vendorfiles import START_US, line, write_csv

from tickreel.errors import Cancelled, ConflictError, EnvironmentProblem
from tickreel.market.types import DataType
from tickreel.store import open_cache
from tickreel.store.care.arranging import SegmentFiles
from tickreel.store.care.rebuilding import rebuild
from tickreel.store.home import Home
from tickreel.store.model import DayRange, DayState
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.progress import Monitor

BOTH = DayRange(KEY, DAY, NEXT_DAY)


def _lose_catalog(home: Path) -> None:
    for path in home.glob("catalog.sqlite*"):
        path.unlink()


def _parts_and_days(home: Path) -> list[tuple[object, ...]]:
    return [row for row in facts_of(home) if row[0] in ("day", "part")]


def test_a_lost_catalog_is_remade_as_it_was(home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY, hour=1, whole=False)
    before = facts_of(home)
    _lose_catalog(home)
    with pytest.raises(EnvironmentProblem, match="tickreel cache rebuild"):
        Home(home)
    rebuilt = rebuild(home)
    assert (rebuilt.days, rebuilt.segments, rebuilt.added, rebuilt.trashed) == (2, 2, 2, 0)
    assert rebuilt.kept is None
    assert facts_of(home) == before
    check_sound(home)


def test_a_catalog_of_no_bytes_counts_as_lost(home: Path) -> None:
    with opened(home) as store:
        store_part(store)
    before = facts_of(home)
    _lose_catalog(home)
    (home / "catalog.sqlite").touch()
    with pytest.raises(EnvironmentProblem, match="tickreel cache rebuild"):
        Home(home)
    rebuild(home)
    assert facts_of(home) == before


def test_parts_of_a_day_stand_beside_each_other_with_the_digest_of_all_rows(home: Path) -> None:
    with opened(home) as store:
        store_part(store, hour=0, whole=False)
        store_part(store, hour=5, whole=False)
        digests = [part.rows_sha256 for part in store.catalog.days(KEY)[0].parts]
    _lose_catalog(home)
    rebuild(home)
    with opened(home) as store:
        (day,) = store.catalog.days(KEY)
        assert day.state is DayState.PARTIAL
        assert [part.rows_sha256 for part in day.parts] == digests
        assert day.rows_sha256 not in digests
    before = facts_of(home)
    rebuild(home)
    assert facts_of(home) == before


def test_of_two_versions_the_newest_wins_and_the_older_goes_to_the_trash(home: Path) -> None:
    with opened(home) as store:
        old = store_part(store, imported_us=1_000)
        store.trash.put(BOTH)
        new = store_part(store, imported_us=2_000, first_price=50)
    _lose_catalog(home)
    rebuilt = rebuild(home)
    assert rebuilt.trashed == 1
    with opened(home) as store:
        (day,) = store.catalog.days(KEY)
        assert [part.segment_id for part in day.parts] == [new]
        (entry,) = store.trash.entries()
        assert [part.segment_id for part in entry.parts] == [old]
        store.trash.restore([entry], replace=True)
    check_sound(home)


@pytest.mark.parametrize("is_lost", [True, False])
def test_what_a_rebuild_puts_into_the_trash_is_marked_as_well(home: Path, is_lost: bool) -> None:
    with opened(home) as store:
        old = store_part(store, imported_us=1_000)
        with store.database.writing() as connection:
            store.catalog.forget_segments(connection, [old])
        store_part(store, imported_us=2_000, first_price=50)
    if is_lost:
        _lose_catalog(home)
    assert rebuild(home).trashed == 1
    with opened(home) as store:
        assert store.home.is_trashed(old)
    check_marks(home)


def test_a_sound_catalog_keeps_the_trash_even_when_a_clock_went_back(home: Path) -> None:
    with opened(home) as store:
        store_part(store, imported_us=5_000)
        store.trash.put(BOTH)
        store_part(store, imported_us=2_000, first_price=50)
    before = facts_of(home)
    rebuilt = rebuild(home)
    assert facts_of(home) == before
    assert rebuilt.trashed == rebuilt.added == 0
    assert rebuilt.kept is not None
    with closing(sqlite3.connect(rebuilt.kept)) as kept:
        assert kept.execute("SELECT COUNT(*) FROM segment").fetchone() == (2,)


def test_a_sound_catalog_takes_in_a_segment_it_does_not_know(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store)
        store_part(store, NEXT_DAY)
    before = _parts_and_days(home)
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
        catalog.execute("DELETE FROM segment WHERE id = ?", (segment_id,))
        catalog.execute("DELETE FROM day WHERE day = ?", (DAY.isoformat(),))
    with opened(home) as store:
        assert store.home.orphans(store.catalog.held_segments) == [segment_id]
    assert rebuild(home).added == 1
    assert _parts_and_days(home) == before


def test_another_program_sees_the_rebuilt_catalog(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store)
        with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog, catalog:
            catalog.execute("DELETE FROM segment WHERE id = ?", (segment_id,))
        assert store.catalog.days(KEY)[0].parts == ()
        rebuild(home)
        assert [part.segment_id for part in store.catalog.days(KEY)[0].parts] == [segment_id]


def test_what_can_be_read_of_a_damaged_catalog_is_carried_over(home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY)
        with store.database.writing() as connection:
            connection.execute("INSERT INTO pin VALUES (1, ?, '', 'x')", (DAY.isoformat(),))
            store.catalog.set_expiry(connection, KEY, [NEXT_DAY], 777)
    before = facts_of(home)
    # An index alone is damaged: the tables can be read.
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        (page,) = catalog.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'segment_of_day'"
        ).fetchone()
    data = bytearray((home / "catalog.sqlite").read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\x5a" * 4096
    (home / "catalog.sqlite").write_bytes(data)
    rebuilt = rebuild(home)
    assert rebuilt.kept is not None
    assert rebuilt.kept.read_bytes() == bytes(data)
    assert facts_of(home) == before


def test_a_catalog_that_is_no_database_any_more_is_remade_from_segments_alone(home: Path) -> None:
    with opened(home) as store:
        store_part(store)
    before = _parts_and_days(home)
    (home / "catalog.sqlite").write_bytes(b"not a database" * 1000)
    rebuilt = rebuild(home)
    assert _parts_and_days(home) == before
    assert rebuilt.kept == home / "catalog.sqlite.before-rebuild-1"


def test_of_old_catalogs_the_newest_sound_one_is_kept_and_every_damaged_one(home: Path) -> None:
    with opened(home) as store:
        store_part(store)
    assert rebuild(home).kept == _kept(home, 1)
    for number in (2, 3):
        scribble(home / "catalog.sqlite")
        assert rebuild(home).kept == _kept(home, number)
    for log in home.glob("*-wal"):
        log.unlink()  # what is damaged is kept without its log as well
    assert _all_kept(home) == [1, 2, 3], "the last that was sound knows what the damaged ones have lost"
    for number in (4, 5):
        assert rebuild(home).kept == _kept(home, number)
        assert _all_kept(home) == [2, 3, number]
    with closing(sqlite3.connect(_kept(home, 5))) as kept:
        assert kept.execute("SELECT COUNT(*) FROM segment").fetchone() == (1,)
    check_sound(home)


def test_a_rebuild_leaves_the_copy_that_another_one_has_just_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(home) as store:
        store_part(store, DAY)
    read = SegmentFiles.read
    others: list[Path | None] = []

    def read_late(files: SegmentFiles, monitor: Monitor) -> None:
        monkeypatch.setattr(SegmentFiles, "read", read)
        others.append(rebuild(home).kept)
        read(files, monitor)

    monkeypatch.setattr(SegmentFiles, "read", read_late)
    kept = rebuild(home).kept
    assert others == [_kept(home, 2)]
    assert kept is None
    assert _all_kept(home) == [2]


def test_an_old_catalog_that_is_kept_with_its_log_is_left_alone(home: Path) -> None:
    with opened(home) as store:
        store_part(store)
    rebuild(home)
    (home / "catalog.sqlite.before-rebuild-1-wal").write_bytes(b"what had not come into it yet")
    rebuild(home)
    assert _all_kept(home) == [1, 2]


def _kept(home: Path, number: int) -> Path:
    return home / f"catalog.sqlite.before-rebuild-{number}"


def _all_kept(home: Path) -> list[int]:
    return [number for number in range(1, 9) if _kept(home, number).exists()]


def test_a_segment_that_cannot_be_read_is_reported_and_left(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store, DAY)
        store_part(store, NEXT_DAY)
        path = store.home.segment_path(segment_id)
    path.write_bytes(path.read_bytes()[:-1])
    _lose_catalog(home)
    rebuilt = rebuild(home)
    assert [one.segment_id for one in rebuilt.unreadable] == [segment_id]
    assert path.exists()
    with opened(home) as store:
        assert [day.day for day in store.catalog.days(KEY)] == [NEXT_DAY]


def test_a_day_whose_file_is_gone_is_not_forgotten(home: Path) -> None:
    with opened(home) as store:
        segment_id = store_part(store, DAY)
        store.home.remove_segment(segment_id)
    rebuild(home)
    with opened(home) as store:
        (day,) = store.catalog.days(KEY)
        assert day.state is DayState.DAMAGED


def test_an_absent_day_stays_recorded(home: Path) -> None:
    with opened(home) as store, store.database.writing() as connection:
        store.catalog.record_day(connection, KEY, date(2024, 7, 25), DayState.ABSENT, "")
    rebuild(home)
    with opened(home) as store:
        assert [day.state for day in store.catalog.days(KEY)] == [DayState.ABSENT]


def test_a_damaged_catalog_is_not_replaced_under_a_running_import(home: Path) -> None:
    with opened(home) as store:
        store_part(store)
    with opened(home) as store, Staging(store.home):
        scribble(home / "catalog.sqlite")
        with pytest.raises(ConflictError, match="let it finish"):
            rebuild(home)


def test_a_cancelled_rebuild_changes_nothing(home: Path) -> None:
    with opened(home) as store:
        store_part(store)
    _lose_catalog(home)
    with pytest.raises(Cancelled):
        rebuild(home, monitor=CancelAt(1))
    assert not (home / "catalog.sqlite").exists()
    assert rebuild(home).days == 1


def test_what_lay_in_the_trash_stays_there_though_the_catalog_was_lost(home: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY)
        store.trash.put(DayRange(KEY, DAY, DAY))
    _lose_catalog(home)
    rebuilt = rebuild(home)
    assert (rebuilt.days, rebuilt.added, rebuilt.trashed) == (1, 2, 1)
    with opened(home) as store:
        assert [day.day for day in store.catalog.days(KEY)] == [NEXT_DAY]
        (entry,) = store.trash.entries()
        store.trash.restore([entry])
    _lose_catalog(home)
    assert rebuild(home).days == 2
    check_sound(home)
    with opened(home) as store:
        store.trash.put(DayRange(KEY, DAY, NEXT_DAY))
        store.trash.purge(store.trash.entries())
    assert [path for path in (home / "segments").rglob("*") if path.is_file()] == []


def test_a_version_that_was_swapped_back_is_the_one_that_is_held(home: Path, tmp_path: Path) -> None:
    def file(name: str, hours: range, price: str) -> Path:
        rows = [line(DataType.TRADES, START_US + hour * 3_600_000_000, price=price) for hour in hours]
        return write_csv(tmp_path / name, DataType.TRADES, rows)

    trades = ("binance-futures", "BTCUSDT", DataType.TRADES)
    with open_cache(home) as cache:
        (first,) = cache.import_file(file("a.csv", range(12), "1"), type="trades")
        cache.import_file(file("b.csv", range(13, 15), "2"), type="trades", replace=True)
        held = cache.days(*trades)
    _lose_catalog(home)
    rebuild(home)
    with open_cache(home) as cache:
        assert [day.rows_sha256 for day in cache.days(*trades)] == [held[0].rows_sha256]
        (entry,) = cache.life.trash.entries()
        cache.life.trash.put(DayRange(held[0].key, held[0].day, held[0].day))
        cache.life.trash.restore([cache.life.trash.entry(entry.id)])
    _lose_catalog(home)
    rebuild(home)
    with open_cache(home) as cache:
        assert [day.rows_sha256 for day in cache.days(*trades)] == [first.rows_sha256]


class _Neighbour:
    """Stores a day, as another program would, at the first report of each kind."""

    def __init__(self, store: Store, notes: set[str]) -> None:
        self._store = store
        self._notes = notes
        self.stored: list[str] = []

    def report(self, done: int, total: int | None, note: str = "") -> None:
        if note not in self._notes:
            return
        self._notes.remove(note)
        with FileLock(self._store.home.root / "catalog.lock", timeout=0):
            pass  # fails at once where the wait would have no end
        with self._store.database.writing(patience_s=0):
            pass
        self.stored.append(store_part(self._store, NEXT_DAY, hour=len(self.stored), whole=False))


def test_others_go_on_while_the_segments_of_a_sound_catalog_are_read(home: Path) -> None:
    with opened(home) as store, opened(home) as other:
        held = [store_part(store, hour=hour, whole=False) for hour in (1, 5)]
        neighbour = _Neighbour(other, {"reading segments", "digesting rows"})
        rebuilt = rebuild(home, monitor=neighbour)
        assert len(neighbour.stored) == 2, "it stored while footers were read, and while rows were"
        assert (rebuilt.days, rebuilt.segments, rebuilt.added) == (2, 4, 0)
        days = store.catalog.days(KEY)
        assert [[part.segment_id for part in day.parts] for day in days] == [held, neighbour.stored]
        assert rebuild(home).added == 0
    check_sound(home)


def test_what_others_purge_while_segments_are_read_is_not_missed(home: Path) -> None:
    with opened(home) as store, opened(home) as other:
        for hour in (1, 5):
            store_part(store, NEXT_DAY, hour=hour, whole=False)
        entries = store.trash.put(DayRange(KEY, NEXT_DAY, NEXT_DAY))
        held = [store_part(store, hour=hour, whole=False) for hour in (1, 5)]

        class Purging:
            def report(self, done: int, total: int | None, note: str = "") -> None:
                if done == 3 and total == 4:  # so one at least of those that go was read before
                    other.trash.purge(entries)

        rebuilt = rebuild(home, monitor=Purging())
        assert (rebuilt.days, rebuilt.segments, rebuilt.unreadable) == (1, 2, ())
        assert store.home.unknown_segments(store.catalog.held_segments) == []
        assert set(store.home.segment_ids()) == set(held)
        assert store.trash.entries() == []
    check_sound(home)


def test_what_a_purge_is_about_to_remove_is_not_taken_in_again(home: Path) -> None:
    with opened(home) as store, opened(home) as other:
        segment_id = store_part(store)
        store_part(store, NEXT_DAY)
        with Staging(other.home) as staging:
            with other.database.writing() as connection:
                staging.list_moves([segment_id])
                other.catalog.forget_segments(connection, [segment_id])
                other.catalog.drop_day(connection, KEY, DAY)
            rebuilt = rebuild(home)
            assert (rebuilt.days, rebuilt.added) == (1, 0)
            staging.withdraw([segment_id])
        assert [day.day for day in store.catalog.days(KEY)] == [NEXT_DAY]
    check_sound(home)


def test_a_part_that_proves_damaged_takes_its_day_out_of_service(home: Path) -> None:
    with opened(home) as store:
        bad = store_part(store, hour=1, whole=False)
        store_part(store, hour=5, whole=False)
        path = store.home.segment_path(bad)
        rows = bytearray(path.read_bytes())
        rows[50] ^= 1
        path.write_bytes(rows)
    rebuild(home)
    with opened(home) as store:
        (day,) = store.catalog.days(KEY)
        assert day.state is DayState.DAMAGED
        assert [part.segment_id for part in day.parts if part.is_damaged] == [bad]
