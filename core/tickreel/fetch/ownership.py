"""Which of all processes that use a home works its queue off.

The right is a lock, which the system takes back when a process ends. Beside it lies who has it, so that
whoever only wants to know need not take the lock, and keeps nobody from it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout

from tickreel.errors import EnvironmentProblem

if TYPE_CHECKING:
    from pathlib import Path

_CLOCK_S = 2.0
"""How far apart two readings of the start of one process may lie."""


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
        me = psutil.Process()
        with suppress(OSError):  # whoever wants to know tries the lock then
            self._owner.write_text(f"{me.pid} {me.create_time()}", encoding="ascii")
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
            if not told or _is_alive(int(told[0]), float(told[1])):
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


def _is_alive(pid: int, began_s: float) -> bool:
    """Tell whether a process still runs; a number may have been given to another one since."""
    try:
        return bool(abs(psutil.Process(pid).create_time() - began_s) < _CLOCK_S)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return bool(psutil.pid_exists(pid))
