"""Remakes the catalog from the segments' own footers.

A catalog that can still be read is put right in one transaction, so other programs see the
change like any other. One that is gone or damaged is made anew beside its place, with what can
be saved of the old one (pins, expiry, use, health, the trash), and takes the place in one
step. Either way a copy of the old one stays, ``catalog.sqlite.before-rebuild-<n>``.

Of each day the newest rows win, and parts that do not overlap stand beside each other, as they
did when they came in; what is older goes to the trash. Files that cannot be read are reported
and left where they are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from tickreel.errors import ConflictError, EnvironmentProblem
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store.arranging import Arranged, Arrangement, SegmentFiles, Unreadable
from tickreel.store.catalog import Catalog
from tickreel.store.database import Database
from tickreel.store.home import UNFINISHED, Home

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tickreel.filesystem import Disk

_COPY_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made of a home."""

    days: int
    segments: int
    """Those that make up the days, and those in the trash."""
    added: int
    """Segments that the old catalog did not know."""
    trashed: int
    """Segments that went to the trash because newer rows cover their time."""
    unreadable: tuple[Unreadable, ...]
    kept: Path | None
    """Where the old catalog was kept, or None when there was none."""


def rebuild(root: Path, *, disk: Disk | None = None, monitor: Monitor = UNWATCHED) -> Rebuilt:
    """Remake the catalog of the home in *root*; nobody else may be changing it.

    Raises:
        EnvironmentProblem: the disk is full, or the home cannot be read or written.
        ConflictError: another process is importing into a home whose catalog must be replaced.
        Cancelled: the monitor said so; the catalog is as it was.
    """
    home = Home(root, without_catalog=True, disk=disk)
    try:
        with home.beginning:
            database = _sound_database(home)
            if database is None:
                return _remake(home, monitor)
            with closing(database):
                return _put_right(home, database, monitor)
    except OSError as error:
        raise EnvironmentProblem(
            f"the catalog of {root} cannot be remade: {error.strerror or error}; it is as it was"
        ) from error


def _sound_database(home: Home) -> Database | None:
    """Open the catalog if every page of it is sound."""
    if not home.has_catalog:
        return None
    try:
        with closing(sqlite3.connect(f"{home.catalog.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                return None
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                return None
    except sqlite3.OperationalError as error:
        raise EnvironmentProblem(f"the catalog {home.catalog} cannot be opened: {error}") from error
    except sqlite3.DatabaseError:
        return None
    return Database(home.catalog, read_only=False)


def _put_right(home: Home, database: Database, monitor: Monitor) -> Rebuilt:
    """Bring a catalog that can be read into line with the segments."""
    home.sweep(lambda ids: _known(database, ids))
    kept = _free_name(home)
    partial = kept.with_name(f"{kept.name}{UNFINISHED}")
    home.disk.remove(partial)
    with closing(sqlite3.connect(home.catalog)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    _sync(home.disk, partial)
    home.disk.move(partial, kept)
    # Most of the reading is done before the lock is taken that keeps other writers waiting.
    files = SegmentFiles(home)
    files.read(monitor)
    with database.writing() as connection:
        files.read(monitor)
        # What a running purge has struck out of the catalog is not taken in again.
        moving = home.moving()
        files.leave_out(moving - _known(database, moving))
        arranged = Arrangement(Catalog(database), connection, files, home.disk.now_us(), monitor).record()
    return _report(arranged, files, kept)


def _remake(home: Home, monitor: Monitor) -> Rebuilt:
    """Make a catalog anew beside the place of one that is gone or damaged."""
    _refuse_running_sessions(home)
    fresh = home.catalog.with_name(f"{home.catalog.name}.remade{UNFINISHED}")
    for suffix in ("", "-wal", "-shm", "-journal"):
        home.disk.remove(fresh.with_name(f"{fresh.name}{suffix}"))
    files = SegmentFiles(home)
    files.read(monitor)
    with closing(Database(fresh, read_only=False)) as database, database.writing() as connection:
        if home.has_catalog:
            _salvage(home.catalog, connection)
        arranged = Arrangement(Catalog(database), connection, files, home.disk.now_us(), monitor).record()
    # Closed by its last user, it is one file without a log beside it.
    _sync(home.disk, fresh)
    kept = _keep_damaged(home) if home.has_catalog else None
    for suffix in ("-wal", "-shm"):  # its log would be taken for that of the new one
        home.disk.remove(home.catalog.with_name(f"{home.catalog.name}{suffix}"))
    home.disk.move(fresh, home.catalog)
    home.disk.sync_folder(home.root)
    with closing(Database(home.catalog, read_only=False)) as database:
        home.sweep(lambda ids: _known(database, ids))
    return _report(arranged, files, kept)


def _report(arranged: Arranged, files: SegmentFiles, kept: Path | None) -> Rebuilt:
    return Rebuilt(
        days=arranged.days,
        segments=len(files.footers),
        added=arranged.added,
        trashed=arranged.trashed,
        unreadable=tuple(files.unreadable[name] for name in sorted(files.unreadable)),
        kept=kept,
    )


def _known(database: Database, ids: Iterable[str]) -> set[str]:
    wanted = list(ids)
    marks = ", ".join("?" * len(wanted))
    return {
        row["id"] for row in database.rows(f"SELECT id FROM segment WHERE id IN ({marks})", tuple(wanted))
    }


def _refuse_running_sessions(home: Home) -> None:
    """A program that still holds the damaged catalog open would commit to a file that nobody sees."""
    for lock_path in home.staging.glob("*/lock"):
        lock = FileLock(lock_path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ConflictError(
                f"another process is importing into {home.root}: let it finish, or end it, and rebuild then"
            ) from None
        lock.release()


def _sync(disk: Disk, path: Path) -> None:
    with path.open("rb+", buffering=0) as file:
        disk.sync(file)


def _free_name(home: Home) -> Path:
    number = 1
    while (path := home.root / f"catalog.sqlite.before-rebuild-{number}").exists():
        number += 1
    return path


def _keep_damaged(home: Home) -> Path:
    """Copy a damaged catalog and its log, byte for byte, out of the way."""
    kept = _free_name(home)
    for suffix in ("-wal", ""):
        source = home.catalog.with_name(f"{home.catalog.name}{suffix}")
        target = kept.with_name(f"{kept.name}{suffix}")
        if not source.exists():
            continue
        home.disk.remove(target)  # the log of a copy that never became whole
        partial = target.with_name(f"{target.name}{UNFINISHED}")
        home.disk.remove(partial)
        with source.open("rb", buffering=0) as old, home.disk.create(partial) as copy:
            while data := old.read(_COPY_BYTES):
                home.disk.write(copy, data)
            home.disk.sync(copy)
        home.disk.move(partial, target)
    home.disk.sync_folder(home.root)
    return kept


def _salvage(damaged: Path, connection: sqlite3.Connection) -> None:
    """Copy every row that can still be read, table by table, into an empty catalog."""
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
    ]
    try:
        with closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)) as old:
            found = {table: list(_readable_rows(old, table)) for table in tables}
    except sqlite3.Error:
        return  # not even its first page can be read
    # A row may refer to one of a later table; what still refers to nothing afterwards is given up.
    for _ in range(2):
        for table in tables:
            own = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for row in found[table]:
                names = [name for name in row.keys() if name in own]  # noqa: SIM118 (a Row is no dict)
                marks = ", ".join("?" * len(names))
                with suppress(sqlite3.IntegrityError):
                    connection.execute(
                        f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) VALUES ({marks})"
                        if table == "counter"
                        else f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({marks})",
                        [row[name] for name in names],
                    )


def _readable_rows(old: sqlite3.Connection, table: str) -> Iterator[sqlite3.Row]:
    old.row_factory = sqlite3.Row
    with suppress(sqlite3.Error):
        yield from old.execute(f"SELECT * FROM {table} NOT INDEXED")
