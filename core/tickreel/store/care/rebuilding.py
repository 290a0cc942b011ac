"""Remakes the catalog from the segments' own footers.

A catalog that can still be read is put right in one transaction, so other programs see the
change like any other; what has to be read for it is read before, while they go on. One that is
gone or damaged is made anew beside its place, with what can be saved of the old one (pins,
expiry, use, health, the trash), and takes the place in one step; that nobody shall begin to
change meanwhile, for it would be lost with the old one.

Either way a copy of the old one stays, ``catalog.sqlite.before-rebuild-<n>``: of sound ones the
newest alone, and each damaged one, for what could not be read of it is nowhere else.

Of each day the newest rows win, and parts that do not overlap stand beside each other, as they
did when they came in; what is older goes to the trash. Files that cannot be read are reported
and left where they are.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from tickreel.errors import ConflictError, EnvironmentProblem
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store.care.arranging import Arranged, Arrangement, SegmentFiles, Unreadable
from tickreel.store.home import UNFINISHED, Home
from tickreel.store.records.catalog import Catalog
from tickreel.store.records.database import Database, connect_to_read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.filesystem import Disk

_LOGGER = logging.getLogger(__name__)

_COPY_BYTES = 4 * 2**20
_KEPT = re.compile(r"catalog\.sqlite\.before-rebuild-(\d+)")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made of a home."""

    days: int
    segments: int
    """Those that make up the days, and those in the trash."""
    added: int
    """Segments that the old catalog did not know."""
    trashed: int
    """Segments that went to the trash: newer rows cover their time, or a mark says that they lay there."""
    unreadable: tuple[Unreadable, ...]
    kept: Path | None
    """Where the old catalog was kept; None when there was none, or another rebuild's newer copy holds it."""


def rebuild(root: Path, *, disk: Disk | None = None, monitor: Monitor = UNWATCHED) -> Rebuilt:
    """Remake the catalog of the home in *root*.

    Nobody waits for it longer than the writing takes, unless the catalog must be replaced: then
    whoever would begin to change the home waits to the end.

    Raises:
        EnvironmentProblem: the disk is full, or the home cannot be read or written.
        ConflictError: another process is changing a home whose catalog must be replaced.
        Cancelled: the monitor said so; the catalog is as it was.
    """
    home = Home(root, without_catalog=True, disk=disk)
    try:
        if not _is_sound(home):
            with home.beginning:
                if not _is_sound(home):  # else another rebuild was faster
                    return _remake(home, monitor)
        with closing(Database(home.catalog, read_only=False)) as database:
            return _put_right(home, database, monitor)
    except (OSError, sqlite3.Error) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise EnvironmentProblem(f"the catalog of {root} cannot be remade: {why}; it is as it was") from error


def _is_sound(home: Home) -> bool:
    """Tell whether there is a catalog and every page of it is sound."""
    try:
        return home.has_catalog and _is_sound_file(home.catalog, "mode=rw")
    except sqlite3.OperationalError as error:
        raise EnvironmentProblem(f"the catalog {home.catalog} cannot be opened: {error}") from error


def _is_sound_file(path: Path, how: str) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as connection:
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                return False
            return bool(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False


def _put_right(home: Home, database: Database, monitor: Monitor) -> Rebuilt:
    """Bring a catalog that can be read into line with the segments."""
    catalog = Catalog(database)
    with home.beginning:  # or a sweep would take the copy for one that a dead rebuild left
        home.sweep(catalog.held_segments)
        kept = _keep_sound(home)
    # The reading is done before the lock is taken that keeps other writers waiting.
    files = SegmentFiles(home)
    files.read(monitor)
    if files.has_days_of_several:
        with (
            closing(connect_to_read(home.catalog)) as source,
            closing(sqlite3.connect(":memory:")) as rehearsal,
        ):
            source.backup(rehearsal)
            rehearsal.row_factory = sqlite3.Row
            Arrangement(catalog, rehearsal, files, home.disk.now_us(), monitor).record()
    with database.writing() as connection:
        # What a running purge has struck out of the catalog is not taken in again; asked for before
        # the files are listed, so that none is listed that goes in between.
        let_go = home.unclaimed(catalog.held_segments)
        files.read(monitor)
        files.leave_out(let_go)
        arranged = Arrangement(catalog, connection, files, home.disk.now_us(), monitor).record()
    home.mend_marks()
    _drop_superseded(home, kept)
    return _report(arranged, files, kept if kept.exists() else None)


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
        home.sweep(Catalog(database).held_segments)
    home.mend_marks()
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


def _refuse_running_sessions(home: Home) -> None:
    """A program that still holds the damaged catalog open would commit to a file that nobody sees."""
    for lock_path in home.staging.glob("*/lock"):
        lock = FileLock(lock_path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ConflictError(
                f"another process is at work in {home.root}: let it finish, or end it, and rebuild then"
            ) from None
        lock.release()


def _sync(disk: Disk, path: Path) -> None:
    with path.open("rb+", buffering=0) as file:
        disk.sync(file)


def _kept_catalogs(home: Home) -> dict[int, Path]:
    """List the old catalogs that rebuilds have kept, by their number."""
    found = ((path, _KEPT.fullmatch(path.name)) for path in home.root.iterdir())
    return {int(match[1]): path for path, match in found if match}


def _next_name(home: Home) -> Path:
    return home.root / f"catalog.sqlite.before-rebuild-{max(_kept_catalogs(home), default=0) + 1}"


def _keep_sound(home: Home) -> Path:
    """Copy a catalog as it stands at one instant, whatever others are writing."""
    kept = _next_name(home)
    partial = kept.with_name(f"{kept.name}{UNFINISHED}")
    home.disk.remove(partial)
    with closing(sqlite3.connect(home.catalog)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that leaves nothing beside it when opened
    _sync(home.disk, partial)
    home.disk.move(partial, kept)
    return kept


def _drop_superseded(home: Home, kept: Path) -> None:
    """Remove the copies of sound catalogs that are older than *kept*; a newer one is another rebuild's."""
    copies = _kept_catalogs(home)
    if kept not in copies.values():
        return  # the other is through already
    own = next(number for number, path in copies.items() if path == kept)
    for path in (path for number, path in copies.items() if number < own):
        has_log = path.with_name(f"{path.name}-wal").exists()  # which only a damaged one is kept with
        try:
            if not has_log and _is_sound_file(path, "mode=ro&immutable=1"):
                home.disk.remove(path)
        except (OSError, sqlite3.Error) as error:
            _LOGGER.warning("%s is no longer needed and could not be removed: %s", path, error)


def _keep_damaged(home: Home) -> Path:
    """Copy a damaged catalog and its log, byte for byte, out of the way."""
    kept = _next_name(home)
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
    """Copy the rows of each table, up to the first that cannot be read, into an empty catalog."""
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
