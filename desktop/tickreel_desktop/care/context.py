"""What every verb of care needs of the window, and how it asks and works."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtWidgets import QDialog
from shiboken6 import isValid

from tickreel.events import DatasetsChanged
from tickreel.jobs import State
from tickreel_desktop.components import open_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtWidgets import QWidget

    from tickreel.events import Bus
    from tickreel.jobs import Job, JobRunner
    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.store import Cache
    from tickreel.store.model import DayRange
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.undo import Undo

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CareContext:
    """The window that a verb acts in."""

    window: QWidget
    theme: Theme
    cache: Cache
    runner: JobRunner
    tasks: Tasks
    teller: Teller
    undo: Undo
    bus: Bus
    ranges: Callable[[], tuple[DayRange, ...]]
    """The days that are selected."""

    def tell_changed(self, keys: Iterable[DatasetKey]) -> None:
        """Let everybody know that days of these datasets came, went or are kept otherwise."""
        self.bus.publish(DatasetsChanged(tuple(dict.fromkeys(map(str, keys)))))

    async def ask(self, dialog: QDialog, over: QWidget | None = None) -> bool:
        """Open a dialog over the window, or *over* another one; tell at its end whether it was accepted."""
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def take(result: int) -> None:
            if not answer.done():
                answer.set_result(result)

        dialog.finished.connect(take)
        try:
            await asyncio.sleep(0)  # to make it and to show it take as long as the window may be held
            open_over(over or self.window, dialog)
            return await answer == QDialog.DialogCode.Accepted
        finally:
            if isValid(dialog):
                dialog.close()
                dialog.deleteLater()

    async def job(self, kind: str, title: str, work: Callable[[Monitor], T]) -> Job[T]:
        """Do long work as a job that is seen in the Jobs panel; return it once it has really ended.

        Raises what the work failed with; a job that was cancelled is returned.
        """
        job: Job[Any] = self.runner.submit(kind, title, work)
        await self.runner.await_end(job)
        if job.state is State.FAILED and job.error is not None:
            raise job.error
        return job
