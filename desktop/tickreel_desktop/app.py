"""The entry: reads the command line and settings, and runs the program from its first to its last moment."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qasync import QEventLoop

from tickreel import __version__, logs, settings
from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.kernels import compile_in_children
from tickreel.store import open_cache
from tickreel_desktop import options
from tickreel_desktop.desk import Desk
from tickreel_desktop.drive import drive
from tickreel_desktop.instance import Application, Instance, bring_to_front
from tickreel_desktop.leaving import may_leave
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.theme.icons import application_icon
from tickreel_desktop.theme.motion import reduce_motion
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.settings import LoadedSettings
    from tickreel.store import Cache
    from tickreel_desktop.options import Options

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Start:
    """What is there before the window is."""

    options: Options
    cache: Cache
    loaded: LoadedSettings
    instance: Instance | None
    """None in a run for checks."""


def run(arguments: Sequence[str]) -> int:
    """Run the desktop; give the exit code."""
    try:
        asked = options.parse(arguments)
        home = settings.home_dir(flag=asked.home)
        loaded = settings.load(home, flags={"appearance.theme": asked.theme})
        cache = open_cache(home)
        instance = None if asked.is_check else Instance(home)
        if instance is not None and not instance.enter(asked.link):
            cache.close()
            did = "comes to the front" if asked.link is None else f"was given {asked.link}"
            sys.stdout.write(f"tickreel-desktop: the window that is open {did}\n")
            return 0
    except TickreelError as error:
        sys.stderr.write(f"tickreel-desktop: {error}\n")
        return error.exit_code
    with cache:
        if not _has_display():
            if not asked.is_check:
                sys.stderr.write(
                    "tickreel-desktop: there is no display; --screenshot DIR --exit works without\n"
                )
                return EnvironmentProblem.exit_code
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        compile_in_children()
        with logs.native_crashes_traced(home):
            return _run(_Start(asked, cache, loaded, instance))


def _run(start: _Start) -> int:
    """Make the application and its loop, and live in it."""
    values = start.loaded.values
    ring = logs.configure(start.cache.home, values.logs.level, console=sys.stderr)
    for problem in start.loaded.problems:
        _LOGGER.warning("%s", problem)
    app = Application([sys.argv[0]])
    app.setApplicationName("Tickreel")
    app.setApplicationVersion(__version__)
    app.setWindowIcon(application_icon())
    # A dialog that closes last must not take the loop down in the middle of an await.
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(ThemeMode(values.appearance.theme.value), values.appearance.scale_percent / 100)
    theme.apply(app)
    reduce_motion(values.appearance.reduce_motion)
    with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
        return runner.run(_live(start, app, theme, ring))


async def _live(start: _Start, app: Application, theme: Theme, ring: logs.Ring) -> int:
    """Build the window, do what was asked on the command line, and wait for the end."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(4, thread_name_prefix="tickreel"))
    asked, values, instance = start.options, start.loaded.values, start.instance
    zone = DisplayZone(values.appearance.time_zone)
    desk = Desk(start.cache, theme, zone, values, ring, leaves_marks=not asked.is_check)
    ending = asyncio.Event()
    desk.window.close_requested.connect(ending.set)
    if sys.platform != "win32":  # no loop takes signal handlers there
        loop.add_signal_handler(signal.SIGINT, ending.set)
    desk.crashes.watch(loop)
    if instance is not None:
        _take_links(desk, app, instance)
    try:
        await desk.begin(asked.size_px)
        if asked.is_check:
            report = await drive(desk, asked.link, asked.screenshot, play_for_s=asked.play_s)
            sys.stdout.write(json.dumps(report) + "\n")
        elif asked.link is not None:
            desk.operations.follow_link(asked.link)
        if not asked.exits:
            await _until_left(desk, theme, ending)
        return 0
    except TickreelError as error:
        sys.stderr.write(f"tickreel-desktop: {error}\n")
        return error.exit_code
    finally:
        if instance is not None:
            instance.stop_listening()
        await desk.close()
        if instance is not None:
            instance.close()


def _take_links(desk: Desk, app: Application, instance: Instance) -> None:
    """Open what later starts and the system hand over."""

    def receive(link: str) -> None:
        bring_to_front(desk.window)
        desk.operations.follow_link(link)

    app.link_received.connect(receive)
    instance.link_received.connect(receive)
    instance.raise_requested.connect(lambda: bring_to_front(desk.window))
    instance.listen()


async def _until_left(desk: Desk, theme: Theme, ending: asyncio.Event) -> None:
    """Wait until the user wants to leave, and means it."""
    while True:
        await ending.wait()
        ending.clear()
        if await may_leave(theme, desk.running(), desk.window):
            return


def _has_display() -> bool:
    """Tell whether Qt will find a screen; without one it would end the process by abort."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
