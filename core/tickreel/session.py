"""A mark in the home while a window is open, by which the next start knows that this one never ended.

It names the process, and what could be opened again. It is replaced as a whole at each change and
removed at a clean end; one whose process is gone tells of a crash, a kill or a loss of power.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
from pathlib import Path

import msgspec
import psutil

from tickreel.filesystem import take_place

_LOGGER = logging.getLogger(__name__)

_LARGEST_BYTES = 16_000
_LONGEST_LINK = 2_000
_RENEW_AFTER_US = 60_000_000
"""Older than this a mark is written again although nothing changed: it tells when all was still well."""
_BEFORE_US = 4_102_444_800_000_000
"""2100-01-01; a mark of later, or of before 1970, was not written by us."""
_SAME_START_S = 10.0
"""By how much the start of a process may seem to move when the clock of the machine is set."""


def marker_path(home: Path) -> Path:
    """Name the mark of the window that is open."""
    return home / "desktop" / "session.json"


def previous_marker_path(home: Path) -> Path:
    """Name the mark of the last window that did not come to its end."""
    return home / "desktop" / "session.previous.json"


class Interrupted(msgspec.Struct, frozen=True):
    """A session that did not come to its end."""

    pid: int
    started_us: int
    seen_us: int
    """When it was last known to be well, to about a minute."""
    workspace: str
    link: str | None
    """The replay that was open, as a ``tickreel://`` link, or None."""


class _Marker(msgspec.Struct, frozen=True):
    pid: int
    process_start_s: float
    started_us: int
    updated_us: int
    workspace: str = ""
    link: str | None = None


class Session:
    """The mark of this process's window in one home.

    Every method touches the disk, and may be called from any thread. A mark that cannot be written
    costs the recovery and a warning, nothing else.
    """

    def __init__(self, home: Path) -> None:
        self._path = marker_path(home)
        self._aside = previous_marker_path(home)
        self._previous: Interrupted | None = None
        self._mark: _Marker | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Note that a window is open, and remember what the last one left behind.

        The mark of a process that still runs is left alone, and this one then leaves none.
        """
        found = _read(self._path)
        if found is not None and _is_running(found):
            return
        if found is not None:
            self._previous = Interrupted(
                found.pid, found.started_us, found.updated_us, found.workspace, _plain_link(found.link)
            )
        try:
            self._aside.unlink(missing_ok=True)
            if self._path.exists():
                self._path.replace(self._aside)
        except OSError as error:
            _LOGGER.warning("the mark of the last session cannot be set aside: %s", error)
        now_us = _now_us()
        with self._lock:
            self._write(_Marker(os.getpid(), psutil.Process().create_time(), now_us, now_us))

    def previous(self) -> Interrupted | None:
        """Tell of the session before this one, if it did not come to its end; :meth:`begin` looks."""
        return self._previous

    def update(self, workspace: str, link: str | None) -> None:
        """Note what is open now; cheap when that was noted already."""
        now_us = _now_us()
        with self._lock:
            mark = self._mark
            if mark is None:
                return
            is_new = (workspace, link) != (mark.workspace, mark.link)
            if is_new or now_us - mark.updated_us > _RENEW_AFTER_US:
                self._write(
                    msgspec.structs.replace(
                        mark, updated_us=now_us, workspace=workspace, link=_plain_link(link)
                    )
                )

    def end(self) -> None:
        """Take the mark away: the window closed as it should."""
        with self._lock:
            if self._mark is None:
                return
            self._mark = None
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                _LOGGER.warning("the mark of this session cannot be removed: %s", error)

    def _write(self, mark: _Marker) -> None:
        """Replace the file as a whole; the lock is held."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(
                prefix=f"{self._path.name}.", suffix=".tmp", dir=self._path.parent
            )
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(msgspec.json.encode(mark))
                take_place(Path(name), self._path)
            finally:
                Path(name).unlink(missing_ok=True)
        except OSError as error:
            if self._mark is None:
                _LOGGER.warning("a crash of this session could not be recovered from: %s", error)
        self._mark = mark


def _read(path: Path) -> _Marker | None:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        _LOGGER.warning("the mark of the last session cannot be read: %s", error)
        return None
    try:
        if len(data) > _LARGEST_BYTES:
            raise msgspec.DecodeError("it is far too long")
        mark = msgspec.json.decode(data, type=_Marker)
        if not (0 <= mark.started_us < _BEFORE_US and 0 <= mark.updated_us < _BEFORE_US):
            raise msgspec.DecodeError("it was written at no time that can be")
        return mark
    except (msgspec.DecodeError, RecursionError, ValueError) as error:  # nested too deep, or no UTF-8
        _LOGGER.warning("the mark of the last session says nothing: %s: %s", path, error)
        return None


def _is_running(mark: _Marker) -> bool:
    """Tell whether the very process of a mark still runs; its number may be another's by now."""
    if mark.pid <= 0:
        return False
    try:
        process = psutil.Process(mark.pid)
        is_same: bool = abs(process.create_time() - mark.process_start_s) < _SAME_START_S
        return is_same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # gone, or somebody else's who took the number
        return False


def _plain_link(link: str | None) -> str | None:
    """Give a link that may be shown and opened; whether it leads anywhere is seen when it is opened."""
    is_one = link is not None and link.startswith("tickreel://") and link.isprintable()
    return link if is_one and link is not None and len(link) <= _LONGEST_LINK else None


def _now_us() -> int:
    return time.time_ns() // 1000
