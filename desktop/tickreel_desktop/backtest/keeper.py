"""The runs of a home as the window uses them: opened and asked away from the UI thread."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from tickreel.backtest.runs.service import opened_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.backtest.runs.service import Runs
    from tickreel.store import Cache

T = TypeVar("T")


class RunsKeeper(QObject):
    """Holds the runs open for as long as the window is; who wants something of them asks here."""

    changed = Signal()
    """Runs or sweeps came, went, ended, or were tagged: whoever lists them reads anew."""

    def __init__(self, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._stack = ExitStack()
        self._opened: asyncio.Future[Runs] | None = None

    async def begin(self) -> None:
        """Open the runs, and bring them into line with their files; raises as :func:`opened_runs`."""
        opening = self._opening()
        opening.set_result(await asyncio.to_thread(self._stack.enter_context, opened_runs(self._cache)))

    async def ask(self, work: Callable[[Runs], T]) -> T:
        """Do something with the runs on a worker thread, once they are open, and give what came of it."""
        return await asyncio.to_thread(work, await self.runs())

    async def runs(self) -> Runs:
        """Give the runs, once they are open, for who works on a thread of its own."""
        return await asyncio.shield(self._opening())

    async def close(self) -> None:
        """Close the runs; after everybody who asks."""
        await asyncio.to_thread(self._stack.close)

    def _opening(self) -> asyncio.Future[Runs]:
        if self._opened is None:
            self._opened = asyncio.get_running_loop().create_future()
        return self._opened
