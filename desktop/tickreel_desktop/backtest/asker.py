"""How the views of runs read: away from the UI thread, and of several questions only the newest counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from tickreel.errors import TickreelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.tasks import Tasks

T = TypeVar("T")


class Asker:
    """Asks for one thing at a time: an answer that came too late is dropped."""

    def __init__(self, keeper: RunsKeeper, tasks: Tasks) -> None:
        self._keeper = keeper
        self._tasks = tasks
        self._number = 0

    def ask(
        self, work: Callable[[Runs], T], done: Callable[[T], object], failed: Callable[[str], object]
    ) -> None:
        """Read, and tell; *failed* gets a sentence. What was asked before is not told any more."""
        self._number += 1
        self._tasks.start(self._ask(self._number, work, done, failed), "read runs")

    def drop(self) -> None:
        """Let go of what was asked."""
        self._number += 1

    async def _ask(
        self,
        number: int,
        work: Callable[[Runs], Any],
        done: Callable[[Any], object],
        failed: Callable[[str], object],
    ) -> None:
        try:
            answer = await self._keeper.ask(work)
        except TickreelError as error:
            if number == self._number:
                failed(str(error))
            return
        except Exception:
            if number == self._number:
                failed("it could not be read: an error that nobody foresaw was reported")
            raise
        if number == self._number:
            done(answer)
