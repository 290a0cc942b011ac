"""Measures in every scene how long the window keeps its user waiting, and where; prints a table.

What is told is the longest answer of the event loop while a scene is set up and settles: wall time, the
part of it that the window's own thread computed, and the innermost call of Tickreel halfway. The limit
is 50 ms for a handler. Nothing fails by it: figures depend on what else the machine does.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from scenes import FULL, Scenes

from tickreel import logs
from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.settings import Settings
from tickreel.store import open_cache
from tickreel_desktop.desk import Desk
from tickreel_desktop.responsiveness import LONG_S, Responsiveness, Wait
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_SIZE_PX = (1920, 1080)
_ASK_EVERY_S = 0.002
_OURS = re.compile(r"(\w+) \((\w+\.py:\d+)\)")


async def _measure(home: Path, theme: Theme) -> list[tuple[str, Wait | None]]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
    found: list[tuple[str, Wait | None]] = []
    with open_cache(home) as cache, tempfile.TemporaryDirectory() as scratch:
        ring = logs.configure(home, "info")
        desk = Desk(cache, theme, DisplayZone(), Settings(), ring, leaves_marks=False)
        scenes = Scenes(desk, Path(scratch))
        try:
            await desk.begin(_SIZE_PX)
            await desk.engine.prepare()
            for name in FULL:
                act: Callable[[], Awaitable[None]] = getattr(scenes, name)
                probe = Responsiveness(long_s=LONG_S / 5, ask_every_s=_ASK_EVERY_S)
                await act()
                await asyncio.sleep(0.3)
                probe.stop()
                found.append((name, probe.slowest))
                await scenes.tidy()
        finally:
            await desk.close()
            scenes.close_chat()
            logs.release()
    return found


def main() -> None:
    """Measure all scenes and print the table."""
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(ThemeMode.DARK)
    theme.apply(app)
    with tempfile.TemporaryDirectory() as home:
        with open_cache(home) as cache:
            store_sample(cache, UNWATCHED)
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            found = runner.run(_measure(Path(home), theme))
    print(f"{'scene':<26}{'longest ms':>11}{'computing':>11}  where")
    for name, wait in found:
        if wait is None:
            print(f"{name.replace('_', ' '):<26}{'under 10':>11}")
            continue
        cpu = "" if wait.cpu_s is None else f"{wait.cpu_s * 1e3:.0f}"
        calls = _OURS.findall(wait.where)
        where = f"{calls[-1][0]} ({calls[-1][1]})" if calls else ""
        print(f"{name.replace('_', ' '):<26}{wait.wall_s * 1e3:>11.0f}{cpu:>11}  {where}")
    over = sum(wait is not None and wait.wall_s > LONG_S for _, wait in found)
    print(f"{over} of {len(found)} scenes kept the window longer than {LONG_S * 1e3:.0f} ms at least once")


if __name__ == "__main__":
    main()
