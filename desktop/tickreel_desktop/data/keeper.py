"""Keeps how the Data workspace is arranged: read at the start, written soon after each change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from tickreel_desktop.data.arrangement import kept_arrangement
from tickreel_desktop.keeping import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel_desktop.data.view import DataWorkspace
    from tickreel_desktop.tasks import Tasks

_SOON_MS = 1_000
"""A column that is dragged changes many times before it stands."""


class ArrangementKeeper(QObject):
    """The file of one home and the workspace of one window."""

    def __init__(
        self,
        workspace: DataWorkspace,
        home: Path,
        tasks: Tasks,
        tell: Callable[[BaseException], None],
        parent: QObject,
        *,
        keeps: bool = True,
    ) -> None:
        """Look after the file; without *keeps* it is read only."""
        super().__init__(parent)
        self._workspace = workspace
        self._kept = kept_arrangement(home)
        self._kept.settle(workspace.arrangement())
        self._writer = Writer(self._kept.write, tell)
        self._tasks = tasks
        self._keeps = keeps
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(lambda: tasks.start(self._write(), "keep the Data workspace"))

    async def begin(self) -> str:
        """Arrange the workspace as it was left; give what was wrong with the file, if anything."""
        problem = await asyncio.to_thread(self._kept.read)
        self._workspace.arrange(self._kept.now)
        self._kept.settle(self._workspace.arrangement())
        if self._keeps:
            self._workspace.arranged.connect(self._soon.start)
        return problem

    async def close(self) -> None:
        """Write what has changed last."""
        self._soon.stop()
        if self._keeps:
            await self._write()

    async def _write(self) -> None:
        self._kept.now = self._workspace.arrangement()
        await self._writer.write()
