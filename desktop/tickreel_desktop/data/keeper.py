"""Keeps how the Data workspace is arranged: read at the start, written soon after each change."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from tickreel.errors import TickreelError
from tickreel_desktop.data.arrangement import arrangement_file

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
        self._file = arrangement_file(home)
        self._tasks = tasks
        self._tell = tell
        self._keeps = keeps
        self._written = workspace.arrangement()
        self._is_writing = asyncio.Lock()
        self._is_trouble_told = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(lambda: tasks.start(self._write(), "keep the Data workspace"))

    async def begin(self) -> str:
        """Arrange the workspace as it was left; give what was wrong with the file, if anything."""
        kept, problem = await asyncio.to_thread(self._file.read)
        if kept is not None:
            self._workspace.arrange(kept)
        self._written = self._workspace.arrangement()
        if self._keeps:
            self._workspace.arranged.connect(self._soon.start)
        return problem

    async def close(self) -> None:
        """Write what has changed last."""
        self._soon.stop()
        if self._keeps:
            await self._write()

    async def _write(self) -> None:
        async with self._is_writing:
            now = self._workspace.arrangement()
            if now == self._written:
                return
            try:
                await asyncio.to_thread(self._file.write, now)
            except TickreelError as error:
                if not self._is_trouble_told:  # it is tried again at every change
                    self._tell(error)
                self._is_trouble_told = True
            else:
                self._written = now
                self._is_trouble_told = False
