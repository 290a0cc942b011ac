"""Progress as one line on a terminal, and Ctrl-C as the wish to stop."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from tickreel.errors import Cancelled
from tickreel.jobs import job
from tickreel.market.units import format_duration_s

if TYPE_CHECKING:
    from types import FrameType

    from tickreel.progress import Monitor

_DRAW_EVERY_S = 0.1


class Progress:
    """A monitor for work that somebody waits for; a context manager.

    While it is open, the first Ctrl-C makes the next report raise
    :class:`~tickreel.errors.Cancelled`, so that the work unwinds in good order; a second one
    interrupts at once. Nothing is drawn when *quiet*, or when stderr is no terminal.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._draws = sys.stderr.isatty() and not quiet
        self._title = ""
        self._width = 0
        self._drawn_s = float("-inf")
        self._is_cancelled = False
        self._handler: Any = None

    @property
    def is_drawn(self) -> bool:
        """Whether there is a terminal that shows it, and it is wanted."""
        return self._draws

    def __enter__(self) -> Progress:
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        if self._handler is not None:
            signal.signal(signal.SIGINT, self._handler)
        self.clear()

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._is_cancelled:
            raise KeyboardInterrupt
        self._is_cancelled = True

    def begin(self, title: str) -> None:
        """Name the piece of work whose reports follow.

        Raises:
            Cancelled: Ctrl-C was pressed.
        """
        self._title = title
        self.report(0, None)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Show how far the work is.

        Raises:
            Cancelled: Ctrl-C was pressed.
        """
        if self._is_cancelled:
            raise Cancelled("cancelled")
        now_s = time.monotonic()
        if not self._draws or now_s - self._drawn_s < _DRAW_EVERY_S:
            return
        self._drawn_s = now_s
        share = f"{100 * done // total} %" if total else ""
        self._draw("  ".join(filter(None, (self._title, share, note))))

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        if self._width:
            self._draw("")

    def _draw(self, line: str) -> None:
        line = line[: shutil.get_terminal_size().columns - 1]
        # Spaces over what stood there: every terminal understands them.
        print(f"\r{line:<{self._width}}\r{line}", end="", file=sys.stderr, flush=True)
        self._width = len(line)


class TimeLeft:
    """A monitor that hands reports on with an estimate of the time left, once that is no guess."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._began_s = time.monotonic()
        self._began_at: int | None = None

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Take progress, and hand it on; raises Cancelled as that does."""
        now_s = time.monotonic()
        if self._began_at is None:
            self._began_s, self._began_at = now_s, done
        since = job.Progress(
            done - self._began_at,
            None if total is None else total - self._began_at,
            note,
            self._began_s,
            now_s,
        )
        left_s = job.seconds_left(since, now_s)
        words = "" if left_s is None else f"about {format_duration_s(max(left_s, 1.0))} left"
        self._monitor.report(done, total, "  ".join(filter(None, (note, words))))
