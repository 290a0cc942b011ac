"""How long work tells of itself and hears that it should stop.

The worker calls :meth:`Monitor.report` a few times a second at most; that one
call is both its progress and its point of cancellation.
"""

from __future__ import annotations

from typing import Protocol


class Monitor(Protocol):
    """What a long piece of work needs of whoever started it."""

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Tell that *done* of *total* units (bytes, rows) are finished.

        Raises:
            tickreel.errors.Cancelled: the work must unwind and leave nothing behind.
        """


class Unwatched:
    """A monitor for work that nobody watches or cancels."""

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Take the report and let the work go on."""


UNWATCHED = Unwatched()
