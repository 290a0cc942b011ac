"""Homes of older versions: they open, and what can no longer be read is said to be damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from support.mounts import make_read_only, small_disk
from support.storedhome import KEY, StoredHome, day

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.request import FetchRequest
from tickreel.fetch.service import FetchService
from tickreel.store import open_cache
from tickreel.store.model import SEGMENT_FORMAT, DayState, Grade
from tickreel.store.records import database
from tickreel.store.records.catalog import NewPart
from tickreel.store.records.database import APPLICATION_ID, Database

_SEGMENT = "INSERT INTO segment VALUES (?, 1, ?, 0, 5, 3, 2, 100, 1, 4, ?, 0, 'import', NULL, 7, ?)"


def home_of_version_1(home: Path) -> None:
    """Make a home as the first version left it: two days held, two versions in the trash."""
    home.mkdir()
    (home / "segments" / "aa").mkdir(parents=True)
    script = files("tickreel.store.records").joinpath("migrations", "0001_days_and_segments.sql")
    connection = sqlite3.connect(home / "catalog.sqlite")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(script.read_text(encoding="utf-8"))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("INSERT INTO dataset VALUES (1, ?, ?, ?)", (KEY.exchange, KEY.symbol, KEY.type.value))
    for number in (0, 1):
        connection.execute(
            "INSERT INTO day VALUES (1, ?, 'present', ?)", (day(number).isoformat(), f"{number}")
        )
        connection.execute(_SEGMENT, (f"aa{number}", day(number).isoformat(), f"{number}", None))
    for name, trashed_us in (("aa2", 50), ("aa3", 50), ("aa4", 60)):
        connection.execute(_SEGMENT, (name, day(0).isoformat(), name, trashed_us))
    connection.execute("INSERT INTO member VALUES ('aa4', 'X')")
    for number in range(5):
        (home / "segments" / "aa" / f"aa{number}.parquet").write_bytes(b"old")
    connection.commit()
    connection.close()


def test_days_of_the_old_format_are_damaged_and_nothing_of_them_is_lost(home: Path) -> None:
    home_of_version_1(home)
    stored = StoredHome(home)
    assert [one.state for one in stored.catalog.days(KEY)] == [DayState.DAMAGED] * 2
    (dataset,) = stored.catalog.datasets()
    assert (dataset.days[DayState.DAMAGED], dataset.rows, dataset.grade) == (2, 6, Grade.BAD)
    entries = stored.life.trash.entries()
    assert [[part.segment_id for part in entry.parts] for entry in entries] == [["aa2", "aa3"], ["aa4"]]
    assert [(entry.rows_sha256, entry.trashed_us) for entry in entries] == [("", 50), ("aa4", 60)]
    with pytest.raises(DataError, match="import or fetch"):
        stored.life.restore(trash_id=entries[1].id)
    stored.life.purge()
    assert sorted(path.stem for path in stored.home.segments.rglob("*.parquet")) == ["aa0", "aa1"]
    stored.close()


def test_the_same_rows_again_cure_a_day_of_the_old_format(home: Path) -> None:
    home_of_version_1(home)
    stored = StoredHome(home)
    held = stored.catalog.days(KEY)[0]
    again = replace(held.parts[0], segment_id="bb", format=SEGMENT_FORMAT)
    with stored.database.writing() as connection:
        stored.catalog.trash(connection, held.parts, 1, "damaged")
        stored.catalog.add_part(connection, NewPart(again, KEY, ()), held.state, held.rows_sha256)
    cured, other = stored.catalog.days(KEY)
    assert (cured.state, cured.rows_sha256) == (DayState.PARTIAL, held.rows_sha256)
    assert other.state is DayState.DAMAGED
    stored.close()


def test_an_interrupted_migration_leaves_the_old_catalog(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home_of_version_1(home)
    scripts = database._migrations()
    broken = {**scripts, 2: scripts[2] + "\nINSERT INTO nowhere VALUES (1);\n"}
    with monkeypatch.context() as patched:
        patched.setattr(database, "_migrations", lambda: broken)
        with pytest.raises(EnvironmentProblem, match="nowhere"):
            Database(home / "catalog.sqlite", read_only=False)
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT COUNT(*) FROM day WHERE state = 'present'").fetchone() == (2,)
    connection.close()
    StoredHome(home).close()


def test_a_home_of_version_1_is_read_without_being_changed(home: Path) -> None:
    home_of_version_1(home)
    before = (home / "catalog.sqlite").read_bytes()
    with open_cache(home, read_only=True) as cache:
        assert [one.state for one in cache.all_days()] == [DayState.DAMAGED] * 2
    assert (home / "catalog.sqlite").read_bytes() == before
    with closing(Database(home / "catalog.sqlite", read_only=True)) as opened:
        with pytest.raises(EnvironmentProblem, match="readonly"), opened.writing() as connection:
            connection.execute("DELETE FROM day")
        assert opened.tuples("SELECT COUNT(*) FROM day") == [(2,)]


def test_a_home_of_version_3_is_read_whole_where_nothing_can_be_written(home: Path) -> None:
    with small_disk(home, 1 << 20):
        Path(home / "segments").mkdir()
        with closing(Database(home / "catalog.sqlite", read_only=False)) as made:
            queue = FetchQueue(made, lambda: 1)
            queue.submit(FetchRequest((("binance", "BTCUSDT"),), (KEY.type,), 0, 1), [(KEY, (0, 1))])
        with closing(sqlite3.connect(home / "catalog.sqlite")) as connection:
            for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                connection.execute(f"DROP TRIGGER {trigger}")
            connection.execute("DROP VIEW run_as_line")
            later = (
                *(
                    "run_line",
                    "analysis_record_entry",
                    "analysis_record",
                    "analysis_session",
                    "analysis_mark",
                ),
                *(
                    "analysis_request",
                    "run",
                    "sweep",
                    "fetch_hold",
                    "tier_day",
                    "analysis_window",
                    "analysis_call",
                    "model_price",
                ),
            )
            connection.executescript("".join(f"DROP TABLE {name};" for name in later))
            connection.executescript(
                "ALTER TABLE dataset DROP COLUMN revision;"
                "DELETE FROM counter WHERE name = 'revision'; PRAGMA user_version = 3"
            )
        make_read_only(home)
        with open_cache(home, read_only=True) as cache, FetchService(cache, environ={}) as service:
            assert [job.total for job in service.jobs()] == [1]
            assert service.queue.hold.current() is None
            assert cache.datasets() == []


def test_a_catalog_of_a_newer_program_is_refused(home: Path) -> None:
    StoredHome(home).close()
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(EnvironmentProblem, match=r"version 99.*use a newer Tickreel"):
        Database(home / "catalog.sqlite", read_only=False)


def _versions_of(home: Path) -> dict[str, int]:
    found = {}
    for path in home.glob("catalog.sqlite*"):
        if path.suffix not in (".sqlite-wal", ".sqlite-shm"):
            with closing(sqlite3.connect(path)) as connection:
                (found[path.name],) = connection.execute("PRAGMA user_version").fetchone()
    return found


def test_the_catalog_of_an_older_version_is_kept_whole_beside_the_new_one(home: Path) -> None:
    home_of_version_1(home)
    newest = max(database._migrations())
    Database(home / "catalog.sqlite", read_only=False).close()
    assert _versions_of(home) == {"catalog.sqlite": newest, "catalog.sqlite.of-version-1": 1}
    with closing(sqlite3.connect(database.kept_copy(home / "catalog.sqlite", 1))) as kept:
        assert kept.execute("SELECT COUNT(*) FROM segment").fetchone() == (5,)
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    before = database.kept_copy(home / "catalog.sqlite", 1).stat()
    Database(home / "catalog.sqlite", read_only=False).close()
    after = database.kept_copy(home / "catalog.sqlite", 1).stat()
    assert before.st_mtime_ns == after.st_mtime_ns


def test_a_new_catalog_keeps_no_copy(home: Path) -> None:
    home.mkdir()
    Database(home / "catalog.sqlite", read_only=False).close()
    assert list(_versions_of(home)) == ["catalog.sqlite"]


def test_a_catalog_of_which_no_copy_can_be_kept_is_left_as_it_is(home: Path) -> None:
    home_of_version_1(home)
    in_the_way = database.kept_copy(home / "catalog.sqlite", 1)
    in_the_way.mkdir()
    with pytest.raises(EnvironmentProblem, match="no copy of it can be kept"):
        Database(home / "catalog.sqlite", read_only=False)
    in_the_way.rmdir()
    assert _versions_of(home) == {"catalog.sqlite": 1}
