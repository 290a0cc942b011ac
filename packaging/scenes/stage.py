"""Where scenes are set: the desk, a folder for what they write, and waiting for what must be so."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel_desktop.desk import Desk


class Stage:
    """One window, and a folder of its own."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk = desk
        self._folder = folder
        self._release = threading.Event()
        """Ends the work that some scenes pretend."""

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not holds():  # noqa: ASYNC110 - what it waits for sends no word
                await asyncio.sleep(0.02)
