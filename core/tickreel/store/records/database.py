"""The SQLite file behind the catalog: opened, brought up to date, and used by one thread at a time."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION_ID = 0x7469636B  # "tick"
_BUSY_TIMEOUT_S = 30.0
_WAIT_MS = 20
"""Between two tries to get the write lock; readers of the same connection take turns with them."""
_TOLD = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite tells, also where it quotes what is no text from a damaged file."""
_CURE = "`tickreel cache rebuild` remakes it from the segments"
_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")


def kept_copy(path: Path, version: int) -> Path:
    """Name the copy of the catalog at *path* that is kept before one of *version* is brought up to date."""
    return path.with_name(f"{path.name}.of-version-{version}")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a catalog that is only to be read, also where nothing can be written; raises sqlite3.Error."""
    connection = _connect(path, "mode=ro")
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        if not path.exists() or _has_log(path):
            raise
        # Where nothing can be written, SQLite cannot make the file by which readers share a
        # log; without a log there is nothing to share.
        connection = _connect(path, "mode=ro&immutable=1")
    return connection


def _connect(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    return connection


def _copied_to_memory(source: sqlite3.Connection) -> sqlite3.Connection:
    """Copy a catalog of an older version, which may not be written, to be brought up to date in memory."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    copy.row_factory = sqlite3.Row
    source.backup(copy)
    source.close()
    return copy


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


class Database:
    """One connection, shared by the threads of this process behind a lock.

    A catalog of an older version is brought up to date, one that may only be read as a copy in memory: what
    other programs change of it meanwhile is not seen then.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path = path
        self.read_only = read_only
        self._lock = threading.RLock()
        try:
            self._connection = self._connect()
            self._bring_up_to_date(read_only=read_only)
        except _TOLD as error:
            raise self._problem("opened", error) from error

    @property
    def path(self) -> Path:
        """Where the catalog lies."""
        return self._path

    def _connect(self) -> sqlite3.Connection:
        if not self.read_only:
            connection = _connect(self._path, "mode=rwc")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            return connection
        return connect_to_read(self._path)

    def _problem(self, tried: str, error: Exception) -> EnvironmentProblem:
        """Word what SQLite says; a file that is no sound database has a cure."""
        cure = ""
        if not isinstance(error, sqlite3.Error) or type(error) is sqlite3.DatabaseError:
            cure = f"; {_CURE}"
        elif "readonly" in str(error):
            cure = "; where nothing can be written, open_cache(read_only=True) reads"
        return EnvironmentProblem(f"the catalog {self._path} cannot be {tried}: {error}{cure}")

    def _bring_up_to_date(self, *, read_only: bool) -> None:
        migrations = _migrations()
        newest = max(migrations)
        version = self._version()
        if version > newest:
            raise EnvironmentProblem(
                f"the catalog {self._path} has version {version}, this program knows up to {newest}: "
                "use a newer Tickreel"
            )
        if self._pragma("application_id") != APPLICATION_ID and (version or self._has_tables()):
            raise EnvironmentProblem(f"{self._path} is a database of another program")
        if read_only:
            if version == newest:
                return
            self._connection = _copied_to_memory(self._connection)
        elif 0 < version < newest:
            self._keep_copy(version)
        for number in range(version + 1, newest + 1):
            with self.writing() as connection:
                if self._version() >= number:
                    continue  # another process was faster
                for statement in _statements(migrations[number]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {number}")
        if read_only:
            self._connection.execute("PRAGMA query_only = ON")

    def _keep_copy(self, version: int) -> None:
        """Keep the catalog as it is beside itself, for the older program, before it is brought up to date.

        Raises:
            EnvironmentProblem: it cannot be written; then nothing has been changed.
        """
        kept = kept_copy(self._path, version)
        fresh = kept.with_name(f"{kept.name}.{os.getpid()}.part")
        try:
            fresh.unlink(missing_ok=True)
            with closing(sqlite3.connect(fresh, isolation_level=None)) as copy:
                self._connection.backup(copy)
                (found,) = copy.execute("PRAGMA user_version").fetchone()
            if found == version:
                fresh.replace(kept)
        except (OSError, sqlite3.Error) as error:
            raise EnvironmentProblem(
                f"the catalog {self._path} is of an older version, and no copy of it can be kept at {kept} "
                f"before it is brought up to date: {error}; nothing was changed, see to room and rights there"
            ) from error
        finally:
            fresh.unlink(missing_ok=True)  # another process was faster, or it failed

    def _has_tables(self) -> bool:
        return self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None

    def _pragma(self, name: str) -> int:
        value = self._connection.execute(f"PRAGMA {name}").fetchone()[0]
        assert isinstance(value, int)
        return value

    def _version(self) -> int:
        return self._pragma("user_version")

    @contextmanager
    def writing(
        self, *, patience_s: float = _BUSY_TIMEOUT_S, survives_power: bool = True
    ) -> Iterator[sqlite3.Connection]:
        """Hold the write lock of all processes; commit at the end, roll back on any error.

        What need not *survives_power* is not forced to the disk at once: a lost supply may undo it, the
        end of the process does not.

        Raises:
            EnvironmentProblem: another process kept the lock for *patience_s*, the disk is full, or
                the file is damaged.
        """
        with self._begun(time.monotonic() + patience_s, "FULL" if survives_power else "NORMAL"):
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except _TOLD as error:
                self._roll_back()
                raise self._problem("written", error) from error
            except BaseException:
                self._roll_back()
                raise

    @contextmanager
    def _begun(self, give_up_s: float, synchronous: str) -> Iterator[None]:
        """Take the write lock of all processes, and meanwhile let other threads of this one read."""
        while True:
            with self._lock:
                try:
                    self._connection.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")
                    if not self._connection.in_transaction:
                        self._connection.execute(f"PRAGMA synchronous = {synchronous}")
                    self._connection.execute("BEGIN IMMEDIATE")
                except sqlite3.Error as error:
                    is_busy = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
                    if not is_busy or time.monotonic() >= give_up_s:
                        raise self._problem("written", error) from error
                else:
                    yield
                    return
            time.sleep(_WAIT_MS / 1000)  # with the lock let go

    def _roll_back(self) -> None:
        """Undo the transaction, unless SQLite has done so by itself (it does when the disk is full)."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all queries inside see the same moment, whatever other processes commit meanwhile."""
        with self._lock:
            try:
                is_outer = not self._connection.in_transaction
                if is_outer:  # else this thread is writing, and sees its own changes
                    self._connection.execute("BEGIN")
            except sqlite3.Error as error:
                raise self._problem("read", error) from error
            try:
                yield
            finally:
                if is_outer:
                    self._roll_back()

    @contextmanager
    def as_written(self) -> Iterator[None]:
        """Tell inside, where rows become what they stand for, what no program of ours can have written.

        Raises:
            EnvironmentProblem: a value is not of its kind.
        """
        try:
            yield
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise EnvironmentProblem(
                f"the catalog {self._path} holds what Tickreel did not write ({error}); {_CURE}"
            ) from error

    def tuples(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Read all rows of a query as plain tuples: for long lists."""
        with self._lock:
            try:
                cursor = self._connection.cursor()
                cursor.row_factory = None
                return cursor.execute(sql, parameters).fetchall()
            except _TOLD as error:
                raise self._problem("read", error) from error

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        """Read all rows of a query."""
        with self._lock:
            try:
                return self._connection.execute(sql, parameters).fetchall()
            except _TOLD as error:
                raise self._problem("read", error) from error

    def changes_elsewhere(self) -> int:
        """Give a number that moves when another connection has changed the catalog."""
        (row,) = self.rows("PRAGMA data_version")
        return int(row[0])

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        with self._lock:
            self._connection.close()


def _migrations() -> dict[int, str]:
    """Read the numbered scripts that ship beside this module."""
    found: dict[int, str] = {}
    for entry in files("tickreel.store.records").joinpath("migrations").iterdir():
        match = _MIGRATION.fullmatch(entry.name)
        if match:
            found[int(match[1])] = entry.read_text(encoding="utf-8")
    return found


def _statements(script: str) -> Iterator[str]:
    """Split a script into statements: executescript() would commit our transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
