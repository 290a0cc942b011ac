"""A disk that counts every change, and fails or ends the process at the one that is asked for."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO
from unittest import mock

from tickreel.filesystem import Disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class When(StrEnum):
    """Where in an operation the process ends."""

    BEFORE = "before"
    AFTER = "after"
    DURING = "during"
    """In the middle of a write: half of its bytes are there. Other operations are not begun."""
    POWER_CUT = "power cut"
    """Before the operation, and what was never forced to the disk is gone with it."""


@dataclass(frozen=True, slots=True)
class Death:
    """End the process by SIGKILL at the operation with this number, counted from 0."""

    operation: int
    when: When


class FaultyDisk(Disk):
    """Counts the operations; raises *error* (an errno) at those that *fails* picks, or dies.

    *fails* gets the operation's number and its name: ``make_folder``, ``create``, ``write``, ``sync``,
    ``sync_folder``, ``move``, ``remove``; also ``sql`` once :func:`traced_statements` is on.
    """

    def __init__(
        self,
        *,
        death: Death | None = None,
        fails: Callable[[int, str], bool] | None = None,
        error: int = 0,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.names: list[str] = []
        self._death = death
        self._fails = fails
        self._error = error
        self._clock = clock
        self._unsynced: dict[Path, int] = {}
        self._unsettled: list[tuple[Path, Path]] = []

    @contextmanager
    def _operation(self, name: str, path: Path | None) -> Iterator[bool]:
        """Count one operation around its body, which is told whether to stop half-way."""
        number = len(self.names)
        self.names.append(name)
        if self._fails is not None and self._fails(number, name):
            raise OSError(self._error, os.strerror(self._error), None if path is None else str(path))
        dies = self._death is not None and self._death.operation == number
        when = self._death.when if self._death is not None else When.BEFORE
        if dies and (when in (When.BEFORE, When.POWER_CUT) or (when is When.DURING and name != "write")):
            self.die()
        yield dies and when is When.DURING
        if dies:
            self.die()

    def die(self) -> None:
        """End this process as kill -9 does, or as a lost supply does."""
        if self._death is not None and self._death.when is When.POWER_CUT:
            self._forget_unsynced()
        os.kill(os.getpid(), signal.SIGKILL)

    def _forget_unsynced(self) -> None:
        for source, target in reversed(self._unsettled):
            target.replace(source)
        for path, synced_bytes in self._unsynced.items():
            for place in (path, *(target for source, target in self._unsettled if source == path)):
                if place.exists():
                    os.truncate(place, synced_bytes)

    def statement(self) -> None:
        """Count one SQL statement that is about to run."""
        with self._operation("sql", None):
            pass

    def make_folder(self, path: Path) -> None:
        with self._operation("make_folder", path):
            super().make_folder(path)

    def create(self, path: Path) -> BinaryIO:
        with self._operation("create", path):
            file = super().create(path)
            self._unsynced[path] = 0
            return file

    def write(self, file: BinaryIO, data: bytes | memoryview) -> None:
        with self._operation("write", None) as half:
            super().write(file, memoryview(data)[: len(data) // 2] if half else data)

    def sync(self, file: BinaryIO) -> None:
        with self._operation("sync", None):
            super().sync(file)
            for path in list(self._unsynced):
                if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                    del self._unsynced[path]

    def sync_folder(self, path: Path) -> None:
        with self._operation("sync_folder", path):
            super().sync_folder(path)
            self._unsettled = [(old, new) for old, new in self._unsettled if new.parent != path]

    def move(self, source: Path, target: Path) -> None:
        with self._operation("move", source):
            is_new = not target.exists()
            super().move(source, target)
            if is_new:
                self._unsettled.append((source, target))

    def remove(self, path: Path) -> None:
        with self._operation("remove", path):
            super().remove(path)
            self._unsynced.pop(path, None)
            self._unsettled = [(old, new) for old, new in self._unsettled if new != path]

    def now_us(self) -> int:
        return super().now_us() if self._clock is None else self._clock()


@contextmanager
def traced_statements(disk: FaultyDisk) -> Iterator[None]:
    """Count, as operations of *disk*, the SQL statements of every connection opened inside."""
    connect = sqlite3.connect

    def traced(*args: Any, **named: Any) -> Any:
        connection = connect(*args, **named)
        connection.set_trace_callback(lambda _statement: disk.statement())
        return connection

    with mock.patch.object(sqlite3, "connect", traced):
        yield
