"""Keeps the mark of the session up to date while the window is open, off the thread of the window."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.session import Interrupted, Session
    from tickreel_desktop.tasks import Tasks

_NOTE_EVERY_MS = 5_000


class SessionKeeper(QObject):
    """Note every five seconds what *opened* says: the workspace, and the link of the open replay or None."""

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        opened: Callable[[], tuple[str, str | None]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._opened = opened
        self._is_noting = False
        self._timer = QTimer(self)
        self._timer.setInterval(_NOTE_EVERY_MS)
        self._timer.timeout.connect(self.note)

    async def begin(self) -> Interrupted | None:
        """Make the mark, and tell of the session before if it did not come to its end."""
        await asyncio.to_thread(self._session.begin)
        self._timer.start()
        return self._session.previous()

    def note(self) -> None:
        """Note what is open now; while the disk is slow the next note waits for its turn."""
        if not self._is_noting:
            self._is_noting = True
            self._tasks.start(self._note(*self._opened()), "note the session")

    async def _note(self, workspace: str, link: str | None) -> None:
        try:
            await asyncio.to_thread(self._session.update, workspace, link)
        finally:
            self._is_noting = False

    async def end(self) -> None:
        """Take the mark away: everything ended as it should."""
        self._timer.stop()
        await asyncio.to_thread(self._session.end)
