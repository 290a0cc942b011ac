"""The SQLite file of the tick store: made, opened, read beside a writer, and its errors told.

Writing and reading have a connection each, so that a read never waits for a batch that is
being written; a lock makes each of them serve one thread at a time.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from tickreel.errors import DataError, EnvironmentProblem, TickreelError, UsageError
from tickreel.filesystem import file_system_of, is_network_file_system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.filesystem import Disk

_APPLICATION_ID = 0x7469636C
_VERSION = 1
_BUSY_TIMEOUT_MS = 30_000
_MOST_LOG_BYTES = 64 << 20

_SCHEMA = (
    """CREATE TABLE state (
        one       INTEGER PRIMARY KEY CHECK (one = 1),
        latest_us INTEGER NOT NULL, -- the latest time this store was written; its clock stays behind never
        hits      INTEGER NOT NULL,
        misses    INTEGER NOT NULL,
        evicted   INTEGER NOT NULL,
        expired   INTEGER NOT NULL
    ) STRICT""",
    "INSERT INTO state VALUES (1, 0, 0, 0, 0, 0)",
    """CREATE TABLE dictionary (
        id      INTEGER PRIMARY KEY,
        content BLOB NOT NULL,
        digest  BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE dataset (
        id            INTEGER PRIMARY KEY,
        exchange      TEXT NOT NULL,
        symbol        TEXT NOT NULL,
        granularity   TEXT NOT NULL,
        dictionary_id INTEGER NOT NULL REFERENCES dictionary (id),
        ticks         INTEGER NOT NULL,
        raw_bytes     INTEGER NOT NULL,
        value_bytes   INTEGER NOT NULL,
        UNIQUE (exchange, symbol, granularity)
    ) STRICT""",
    """CREATE TABLE tick (
        id            INTEGER PRIMARY KEY AUTOINCREMENT, -- an id is never given twice
        dataset_id    INTEGER NOT NULL REFERENCES dataset (id),
        time_us       INTEGER NOT NULL,
        sequence      INTEGER NOT NULL,
        stored_us     INTEGER NOT NULL,
        expires_us    INTEGER,
        hits          INTEGER NOT NULL,
        last_used_us  INTEGER NOT NULL,
        dictionary_id INTEGER, -- NULL: the value is not compressed
        raw_bytes     INTEGER NOT NULL,
        digest        BLOB NOT NULL, -- of the value before compression
        value         BLOB NOT NULL
    ) STRICT""",
    "CREATE UNIQUE INDEX tick_place ON tick (dataset_id, time_us, sequence)",
    "CREATE INDEX tick_use ON tick (last_used_us)",
    "CREATE INDEX tick_expiry ON tick (expires_us) WHERE expires_us IS NOT NULL",
)


class TickFile:
    """The connections to one file; made when it is not there, unless *read_only*."""

    def __init__(self, path: Path, disk: Disk, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._writing = threading.RLock()
        self._reading = threading.Lock()
        self._is_closed = False
        kind = file_system_of(path)
        if is_network_file_system(kind):
            raise EnvironmentProblem(
                f"the tick store {path} lies on a network file system ({kind}), where locks and crash safety "
                "do not hold: choose a folder on a local disk"
            )
        try:
            if read_only:
                self._reader = self._open_for_reading()
            else:
                disk.make_folder(path.parent)
                self._writer = self._open_for_writing()
                self._reader = self._connect("mode=ro")
        except OSError as error:
            raise EnvironmentProblem(
                f"the folder of the tick store {path} cannot be made or written: {error.strerror or error}"
            ) from error
        except sqlite3.Error as error:
            raise self._told(error, "opened") from error

    def _connect(self, options: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{options}",
            uri=True,
            timeout=_BUSY_TIMEOUT_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA cache_size = -16384")
            # The first look at the file: one that is none, or is damaged, shows here.
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _open_for_reading(self) -> sqlite3.Connection:
        if not self.path.exists():
            raise EnvironmentProblem(f"there is no tick store at {self.path}")
        log = self.path.with_name(self.path.name + "-wal")
        try:
            connection = self._connect("mode=ro")
        except sqlite3.OperationalError:
            # In a folder that cannot be written the log's index cannot be made. Without a log
            # the file is whole and nobody can be changing it.
            if log.exists() and log.stat().st_size:
                raise
            connection = self._connect("mode=ro&immutable=1")
        self._check(connection)
        return connection

    def _open_for_writing(self) -> sqlite3.Connection:
        # Held while the file is made or first looked at: two makers at once would lock each other out.
        with FileLock(self.path.with_name(self.path.name + ".lock")):
            connection = self._connect("mode=rwc")
            try:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(f"PRAGMA journal_size_limit = {_MOST_LOG_BYTES}")
                if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
                    connection.execute("BEGIN IMMEDIATE")
                    for statement in _SCHEMA:
                        connection.execute(statement)
                    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version = {_VERSION}")
                    connection.execute("COMMIT")
                self._check(connection)
            except (sqlite3.Error, TickreelError):
                connection.close()
                raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION_ID:
            raise DataError(f"{self.path} is a database of another kind, no tick store: choose another path")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != _VERSION:
            raise EnvironmentProblem(
                f"the tick store {self.path} has version {version}, this program knows {_VERSION}: "
                "use a newer Tickreel"
            )

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock of all processes; commit at the end, roll back on any error."""
        if self.read_only:
            raise UsageError(f"the tick store {self.path} was opened for reading only")
        with self._writing:
            self._refuse_closed()
            yield from self._transaction()

    @contextmanager
    def writing_if_free(self) -> Iterator[sqlite3.Connection | None]:
        """Do as :meth:`writing` when nobody else writes; give None otherwise, at once."""
        if self.read_only or not self._writing.acquire(blocking=False):
            yield None
            return
        try:
            self._refuse_closed()
            if not self._begin_at_once():
                yield None
                return
            yield from self._transaction(has_begun=True)
        finally:
            self._writing.release()

    def _begin_at_once(self) -> bool:
        """Begin a transaction, or tell that another process is in one."""
        try:
            self._writer.execute("PRAGMA busy_timeout = 0")
            self._writer.execute("BEGIN IMMEDIATE")
            return True
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise self._told(error, "written") from error
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")

    def _transaction(self, *, has_begun: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if not has_begun:
                self._writer.execute("BEGIN IMMEDIATE")
            yield self._writer
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise self._told(error, "written") from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        """Undo the transaction, unless SQLite has done so by itself (it does when the disk is full)."""
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Read all rows of a query, of the last committed state."""
        with self._reading:
            self._refuse_closed()
            try:
                return self._reader.execute(sql, parameters).fetchall()
            except sqlite3.Error as error:
                raise self._told(error, "read") from error

    def used_bytes(self) -> int:
        """Tell what rows and indexes fill of the file."""
        (pages,), (free,), (size,) = (
            self.rows(f"PRAGMA {name}")[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def file_bytes(self) -> int:
        """Tell what lies on the disk, the write-ahead log included."""
        log = self.path.with_name(self.path.name + "-wal")
        return sum(path.stat().st_size for path in (self.path, log) if path.exists())

    def close(self) -> None:
        """Close the connections; a second call does nothing."""
        with self._writing, self._reading:
            if self._is_closed:
                return
            self._is_closed = True
            self._reader.close()
            if not self.read_only:
                self._writer.close()

    @property
    def is_closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._is_closed

    def _refuse_closed(self) -> None:
        if self._is_closed:
            raise UsageError(f"the tick store {self.path} is closed")

    def _told(self, error: sqlite3.Error, what: str) -> TickreelError:
        """Say what an error of SQLite means to whoever must act."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        place = f"the tick store {self.path} cannot be {what}"
        match code:
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return DataError(
                    f"the tick store {self.path} is damaged ({error}): move the file away and store anew"
                )
            case sqlite3.SQLITE_FULL:
                return EnvironmentProblem(f"{place}: the disk is full; free some space, nothing was changed")
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return EnvironmentProblem(
                    f"{place}: another program keeps it locked; try again when it is done"
                )
        return EnvironmentProblem(f"{place}: {error}")
