"""Telling somebody who waits that it is the compiler he waits for."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SLOW_S = 1.0


class _Patience:
    """How long this process has compiled, and whom to tell; each is told once."""

    lock = Lock()
    tell: Callable[[], None] | None = None
    spent_s = 0.0


def tell_when_slow(tell: Callable[[], None]) -> None:
    """Call *tell* once, from whatever thread, when this process has spent a second on compiling."""
    _Patience.tell = tell


@contextmanager
def watched() -> Iterator[Callable[[], None]]:
    """Watch over one kernel; the function that is given notes that it had to be compiled.

    What takes a second by itself is told while it lasts, be it compiled here or waited for.
    """
    if _Patience.tell is None:
        yield _ignore
        return
    began_s = time.monotonic()
    timer = Timer(max(0.0, _SLOW_S - _Patience.spent_s), _tell)
    timer.daemon = True
    timer.start()

    def note_compiled() -> None:
        _Patience.spent_s += time.monotonic() - began_s
        if _Patience.spent_s >= _SLOW_S:
            _tell()

    try:
        yield note_compiled
    finally:
        timer.cancel()


def _ignore() -> None:
    return


def _tell() -> None:
    with _Patience.lock:
        tell, _Patience.tell = _Patience.tell, None
    if tell is not None:
        with suppress(OSError, ValueError):  # whoever would have read it has gone
            tell()
