"""The catalog remade from segments: after it is lost, after damage, and while it is sound."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest
from faults.acts import scribble
from faults.homes import DAY, KEY, NEXT_DAY, check_sound, facts_of, opened, store_part
from support.monitors import CancelAt
from support.vendorfiles import START_US, line, write_csv

from tickreel.errors import Cancelled, ConflictError, EnvironmentProblem
from tickreel.market.types import DataType
from tickreel.store import open_cache
from tickreel.store.home import Home, Staging
from tickreel.store.model import DayRange, DayState
from tickreel.store.rebuilding import rebuild

if TYPE_CHECKING:
    from pathlib import Path

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
    assert rebuild(home).kept == home / "catalog.sqlite.before-rebuild-2"


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
