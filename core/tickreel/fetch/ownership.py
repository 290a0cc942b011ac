"""Which of all processes that use a home works its queue off.

The right is a lock, which the system takes back when a process ends. Beside it lies who has it, so that
whoever only wants to know need not take the lock, and keeps nobody from it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from tickreel.errors import EnvironmentProblem
from tickreel.processes import is_running, this_process

if TYPE_CHECKING:
    from pathlib import Path


class Ownership:
    """The right to work the queue of a home off."""

    def __init__(self, home: Path) -> None:
        self._path = home / "fetch.lock"
        self._owner = home / "fetch.owner"
        self._lock = FileLock(self._path, thread_local=False)

    def take(self) -> bool:
        """Take it, if nobody has it.

        Raises:
            EnvironmentProblem: the lock cannot be used, such as one of another user.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise EnvironmentProblem(
                f"{self._path} cannot be used: {error.strerror or error}; if another user made it, let that "
                "user fetch, or have it removed while nobody does"
            ) from error
        pid, began_s = this_process()
        with suppress(OSError):  # whoever wants to know tries the lock then
            self._owner.write_text(f"{pid} {began_s}", encoding="ascii")
        return True

    def release(self) -> None:
        """Let another process have it."""
        # Emptied and not removed: on Windows nothing is removed that somebody reads.
        with suppress(OSError):
            os.truncate(self._owner, 0)
        self._lock.release()

    def is_taken(self, *, read_only: bool = False) -> bool:
        """Tell whether a process, this one included, has it.

        Only where whoever had it is gone without a word is the lock tried; where nothing may be written
        (*read_only*) somebody may have it then.

        Raises:
            EnvironmentProblem: the lock cannot be used, such as one of another user.
        """
        try:
            told = self._owner.read_text(encoding="ascii").split()
            if not told or is_running(int(told[0]), float(told[1])):
                return bool(told)
        except FileNotFoundError:
            if not self._path.exists():
                return False
        except (OSError, ValueError, IndexError):
            pass  # not told: the lock knows
        if read_only:
            return True
        if not self.take():
            return True
        self.release()
        return False
