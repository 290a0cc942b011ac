"""The entry: reads the command line and settings, and runs the program from its first to its last moment."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from tickreel import __version__, logs, settings
from tickreel.errors import EnvironmentProblem, TickreelError, UsageError
from tickreel.kernels import compile_in_children
from tickreel.store import Cache, open_cache
from tickreel_desktop.desk import Desk
from tickreel_desktop.drive import drive
from tickreel_desktop.leaving import may_leave
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.theme.icons import application_icon
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.settings import Settings

_LOGGER = logging.getLogger(__name__)


def run(arguments: Sequence[str]) -> int:
    """Run the desktop; give the exit code."""
    options = _parser().parse_args(arguments)
    home = settings.home_dir(flag=options.home)
    try:
        loaded = settings.load(home, flags={"appearance.theme": options.theme})
        size = _size(options.size)
        cache = open_cache(home)
    except TickreelError as error:
        sys.stderr.write(f"tickreel-desktop: {error}\n")
        return error.exit_code
    if not _has_display():
        if options.screenshot is None and not options.exit:
            sys.stderr.write("tickreel-desktop: there is no display; --screenshot DIR --exit works without\n")
            return EnvironmentProblem.exit_code
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    compile_in_children()
    with cache:
        ring = logs.configure(home, loaded.values.logs.level, console=sys.stderr)
        for problem in loaded.problems:
            _LOGGER.warning("%s", problem)
        app = QApplication([sys.argv[0]])
        app.setApplicationName("Tickreel")
        app.setApplicationVersion(__version__)
        app.setWindowIcon(application_icon())
        # A dialog that closes last must not take the loop down in the middle of an await.
        app.setQuitOnLastWindowClosed(False)
        appearance = loaded.values.appearance
        theme = Theme(ThemeMode(appearance.theme.value), appearance.scale_percent / 100)
        theme.apply(app)
        zone = DisplayZone(appearance.time_zone)
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            return runner.run(_live(options, cache, theme, zone, loaded.values, ring, size))


async def _live(
    options: argparse.Namespace,
    cache: Cache,
    theme: Theme,
    zone: DisplayZone,
    settings: Settings,
    ring: logs.Ring,
    size: tuple[int, int] | None,
) -> int:
    """Build the window, do what was asked on the command line, and wait for the end."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(4, thread_name_prefix="tickreel"))
    desk = Desk(cache, theme, zone, settings, ring)
    ending = asyncio.Event()
    desk.window.close_requested.connect(ending.set)
    if sys.platform != "win32":  # no loop takes signal handlers there
        loop.add_signal_handler(signal.SIGINT, ending.set)
    desk.watch_for_bugs(loop)
    try:
        await desk.begin(size)
        if options.screenshot is None and not options.exit:
            if options.open:
                desk.operations.follow_link(options.open)
            await _until_left(desk, theme, ending)
            return 0
        report = await drive(desk, options.open, options.screenshot, play_for_s=options.play)
        sys.stdout.write(json.dumps(report) + "\n")
        if not options.exit:
            await ending.wait()
        return 0
    except TickreelError as error:
        sys.stderr.write(f"tickreel-desktop: {error}\n")
        return error.exit_code
    finally:
        await desk.close()


async def _until_left(desk: Desk, theme: Theme, ending: asyncio.Event) -> None:
    """Wait until the user wants to leave, and means it."""
    while True:
        await ending.wait()
        ending.clear()
        if await may_leave(theme, desk.running(), desk.window):
            return


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tickreel-desktop", description="The Tickreel desktop.")
    parser.add_argument("--version", action="version", version=f"tickreel-desktop {__version__}")
    parser.add_argument("--home", metavar="DIR", help="folder that holds all data and settings")
    parser.add_argument(
        "--open", metavar="LINK", help="tickreel://data or tickreel://replay/EXCHANGE/SYMBOL?..."
    )
    parser.add_argument("--theme", choices=[str(mode) for mode in ThemeMode], help="colours of this run")
    parser.add_argument("--size", metavar="WxH", help="size of the window, instead of the one it had last")
    checks = parser.add_argument_group("for checks")
    checks.add_argument(
        "--screenshot", metavar="DIR", type=Path, help="play what was opened and save pictures to DIR"
    )
    checks.add_argument(
        "--play",
        metavar="SECONDS",
        type=float,
        default=4.0,
        help="how long to play before the picture; 0 plays to the end (default 4)",
    )
    checks.add_argument("--exit", action="store_true", help="leave when that is done, with a line of JSON")
    return parser


def _has_display() -> bool:
    """Tell whether Qt will find a screen; without one it would end the process by abort."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise UsageError(f"{text!r} is not a size: write it as 1280x800")
    return int(width), int(height)
