"""Single flight: of one day of one dataset there is one download at a time.

The queue already shares a day among all who ask for it in one home. What is declared here is how
that holds beyond the queue: for processes on one machine it is a lock on a file, which the system
lets go when a process dies; of several machines it is a lease on their shared cache
(:mod:`tickreel.shared.leases`), which a delivery takes as well before it asks the vendor.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tickreel.filesystem import Disk
    from tickreel.market.types import DatasetKey


class Flight(Protocol):
    """The right to fetch one day, until it is let go or its holder dies."""

    def release(self) -> None:
        """Let others fetch it; a second call does nothing."""


class Flights(Protocol):
    """Who may fetch what."""

    def claim(self, key: DatasetKey, day: date) -> Flight | None:
        """Take the right to fetch a day; None while somebody else has it."""


class LocalFlights:
    """Flights of all processes and threads that use one home."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self._folder = folder
        disk.make_folder(folder)

    def claim(self, key: DatasetKey, day: date) -> Flight | None:
        """Take the right to fetch a day; None while another process or thread has it."""
        # A symbol may hold what no file name may.
        name = hashlib.sha256(f"{key} {day}".encode()).hexdigest()[:32]
        lock = FileLock(self._folder / f"{name}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        return _FileFlight(lock)


class _FileFlight:
    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def release(self) -> None:
        self._lock.release()
