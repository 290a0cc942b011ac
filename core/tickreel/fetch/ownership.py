"""Which of all processes that use a home works its queue off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from pathlib import Path


class Ownership:
    """The right to work the queue of a home off; the system takes it back when the process ends."""

    def __init__(self, home: Path) -> None:
        self._lock = FileLock(home / "fetch.lock", thread_local=False)

    def take(self) -> bool:
        """Take it, if nobody has it."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Let another process have it."""
        self._lock.release()
