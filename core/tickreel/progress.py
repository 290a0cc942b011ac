"""How long work tells of itself and hears that it should stop.

The worker calls :meth:`Monitor.report` a few times a second at most; that one
call is both its progress and its point of cancellation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tickreel.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

_Done = TypeVar("_Done")


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


async def stoppable(work: Callable[[StopSign], _Done]) -> _Done:
    """Do something on a thread, and let it stop by itself when the call is cancelled."""
    import asyncio

    sign = StopSign()
    try:
        return await asyncio.to_thread(work, sign)
    except asyncio.CancelledError:
        sign.is_raised = True
        raise


class StopSign:
    """A monitor for work that is not shown, and hears from another thread that nobody wants it any more."""

    def __init__(self) -> None:
        self.is_raised = False

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Go on or stop; how far it has come is not shown.

        Raises:
            Cancelled: the sign is raised.
        """
        if self.is_raised:
            raise Cancelled("nobody waits for it any more")
