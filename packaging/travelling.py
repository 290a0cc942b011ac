"""The ground of a journey: an application without a screen, a window over a new home, an end to both."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from support.desks import made_active, make_desk

from tickreel.store import open_cache
from tickreel_desktop.theme import Theme, ThemeMode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from typing import Any

    from hand import Hand

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk

_SIZE_PX = (1920, 1080)


def travel(journey: Callable[[Path, Theme], Coroutine[Any, Any, Hand]]) -> int:
    """Make a journey in a folder of its own, print the number of its actions, and give the exit code."""
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(ThemeMode.DARK)
    theme.apply(app)
    with (
        tempfile.TemporaryDirectory(prefix="tickreel-journey-") as folder,
        asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner,
    ):
        hand = runner.run(journey(Path(folder), theme))
    print(f"{len(hand.steps)} actions")
    return 0


@asynccontextmanager
async def window_of(cache: Cache, theme: Theme) -> AsyncIterator[Desk]:
    """Give a window in front, which is closed at the end."""
    desk = make_desk(cache, theme)
    try:
        await desk.begin(_SIZE_PX)
        await made_active(desk)
        yield desk
    finally:
        await desk.close()


@asynccontextmanager
async def window_of_nothing(home: Path, theme: Theme) -> AsyncIterator[Desk]:
    """Give a window over an empty home."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
    with open_cache(home) as cache:
        async with window_of(cache, theme) as desk:
            yield desk
