"""Measures in every scene how long the window keeps its user waiting, and where; prints a table.

Of each scene are told the longest answer of the event loop while it is set up and settles, in wall time, the
longest that the window's own thread computed for one, and the innermost call of Tickreel halfway of that. The
limit is 50 ms for a handler. Nothing fails by it: figures depend on what else the machine does, whose load is
told as well; what the thread computed depends on it least.
"""

from __future__ import annotations

import argparse
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


async def _measure(home: Path, names: list[str], theme: Theme) -> list[tuple[str, tuple[Wait, ...]]]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
    found: list[tuple[str, tuple[Wait, ...]]] = []
    with open_cache(home) as cache, tempfile.TemporaryDirectory() as scratch:
        ring = logs.configure(home, "info")
        desk = Desk(cache, theme, DisplayZone(), Settings(), ring, leaves_marks=False)
        scenes = Scenes(desk, Path(scratch))
        try:
            await desk.begin(_SIZE_PX)
            await desk.engine.prepare()
            for name in names:
                act: Callable[[], Awaitable[None]] = getattr(scenes, name)
                probe = Responsiveness(long_s=LONG_S / 5, ask_every_s=_ASK_EVERY_S)
                await act()
                await asyncio.sleep(0.3)
                probe.stop()
                found.append((name, probe.waits))
                await scenes.tidy()
        finally:
            await desk.close()
            scenes.close_chat()
            logs.release()
    return found


def main() -> None:
    """Measure the scenes that were asked for, all by default, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="TEXT", action="append", help="scenes whose names hold this")
    wanted = parser.parse_args().only or [""]
    names = [name for name in FULL if any(text in name.replace("_", "-") for text in wanted)]
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(ThemeMode.DARK)
    theme.apply(app)
    with tempfile.TemporaryDirectory() as home:
        with open_cache(home) as cache:
            store_sample(cache, UNWATCHED)
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            found = runner.run(_measure(Path(home), names, theme))
    print(f"{'scene':<26}{'longest ms':>11}{'computing':>11}  where")
    long, computed_long = 0, 0
    for name, waits in found:
        if not waits:
            print(f"{name.replace('_', ' '):<26}{'under 10':>11}")
            continue
        worst = max(waits, key=lambda wait: wait.cpu_s or 0.0)
        longest_s, computed_s = max(wait.wall_s for wait in waits), worst.cpu_s or 0.0
        calls = _OURS.findall(worst.where)
        where = f"{calls[-1][0]} ({calls[-1][1]})" if calls else ""
        print(f"{name.replace('_', ' '):<26}{longest_s * 1e3:>11.0f}{computed_s * 1e3:>11.0f}  {where}")
        long += longest_s > LONG_S
        computed_long += computed_s > LONG_S
    print(f"{long} of {len(found)} scenes kept the window longer than {LONG_S * 1e3:.0f} ms at least once")
    print(f"{computed_long} of them computed longer than that at once")
    print("load of the machine over 1, 5 and 15 minutes: " + " ".join(f"{n:.1f}" for n in os.getloadavg()))


if __name__ == "__main__":
    main()
