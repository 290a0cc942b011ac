"""Whether a process that left word of itself still runs."""

from __future__ import annotations

import psutil

_CLOCK_S = 2.0
"""How far apart two readings of the start of one process may lie."""


def this_process() -> tuple[int, float]:
    """Give number and start of this process, by which :func:`is_running` knows it."""
    me = psutil.Process()
    return me.pid, me.create_time()


def is_running(pid: int, began_s: float) -> bool:
    """Tell whether a process still runs; its number may have been given to another one since.

    One that has ended and whose parent does not know it yet runs no more.
    """
    try:
        process = psutil.Process(pid)
        is_same = abs(process.create_time() - began_s) < _CLOCK_S
        return bool(is_same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return bool(psutil.pid_exists(pid))
