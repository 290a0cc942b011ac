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
from tickreel.errors import EnvironmentProblem, TickreelError, UsageError
from tickreel.kernels import compile_in_children
from tickreel.shared.opening import renew_supply
from tickreel.store import open_cache
from tickreel_desktop import notice, options
from tickreel_desktop.allocation import give_back_large_blocks
from tickreel_desktop.desk import Desk
from tickreel_desktop.drive import drive
from tickreel_desktop.instance import Application, Instance, bring_to_front
from tickreel_desktop.leaving import may_leave
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.theme.icons import application_icon
from tickreel_desktop.theme.motion import heed_system, reduce_motion
from tickreel_desktop.updates import look_for_update
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.settings import LoadedSettings
    from tickreel.store import Cache
    from tickreel_desktop.options import Options
    from tickreel_desktop.wish import Wish

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Start:
    """What is there before the window is."""

    options: Options
    cache: Cache
    loaded: LoadedSettings
    flags: Mapping[str, object]
    """What the command line set, by key."""
    instance: Instance | None
    """None in a run for checks."""


def run(arguments: Sequence[str]) -> int:
    """Run the desktop; give the exit code."""
    try:
        return _enter(options.parse(arguments))
    except TickreelError as error:
        notice.tell_failure(str(error), by_dialog=not options.asks_for_check(arguments))
        return error.exit_code


def _enter(asked: Options) -> int:
    """Open the home and become its window, or leave it to the one that is open."""
    home = settings.home_dir(flag=asked.home)
    flags = {"appearance.theme": asked.theme}
    loaded = settings.load(home, flags=flags)
    with open_cache(home) as cache:
        instance = None if asked.is_check else Instance(home)
        if instance is not None and not instance.enter(asked.wish):
            notice.say(f"tickreel-desktop: the window that is open {asked.wish.words()}")
            return 0
        if not notice.has_display():
            if not asked.is_check:
                raise EnvironmentProblem("there is no display; --screenshot DIR --exit works without")
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        compile_in_children()
        with logs.native_crashes_traced(home):
            return _run(_Start(asked, cache, loaded, flags, instance))


def _run(start: _Start) -> int:
    """Make the application and its loop, and live in it."""
    give_back_large_blocks()
    values = start.loaded.values
    ring = logs.configure(start.cache.home, values.logs.level, console=sys.stderr)
    for problem in start.loaded.problems:
        _LOGGER.warning("%s", problem)
    app = Application([sys.argv[0]])
    app.setApplicationName("Tickreel")
    app.setDesktopFileName("io.tickreel.Tickreel")  # by which desktops know the window's menu entry
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
    desk = Desk(start.cache, theme, zone, values, ring, leaves_marks=not asked.is_check, flags=start.flags)
    ending = asyncio.Event()
    desk.window.close_requested.connect(ending.set)
    told = asyncio.Event()
    if sys.platform != "win32":  # no loop takes signal handlers there
        loop.add_signal_handler(signal.SIGINT, ending.set)
    if not asked.is_check:  # which leaves nothing behind that would need an end
        _heed_the_system(app, loop, told, desk)
    desk.crashes.watch(loop)
    if instance is not None:
        _take_wishes(desk, app, instance)
    try:
        await _begin(desk, start)
        if not asked.is_check:
            looking = look_for_update(start.cache.home, start.loaded, desk.teller)
            desk.tasks.start(looking, "look for updates")
        if asked.is_check:
            report = await drive(desk, asked.wish.link, asked.screenshot, play_for_s=asked.play_s)
            notice.say(json.dumps(report))
        else:
            _fulfil(desk, asked.wish)
        if not asked.exits:
            await _until_left(desk, theme, ending, told)
        return 0
    finally:
        if instance is not None:
            instance.stop_listening()
        await desk.close()
        if instance is not None:
            instance.close()


async def _begin(desk: Desk, start: _Start) -> None:
    """Show the window; what goes wrong once it is there is told in it, and it stays."""
    try:
        if start.loaded.values.shared.is_used:
            await asyncio.to_thread(_take_shared, start.cache)
        await desk.begin(start.options.size_px)
    except Exception as error:
        if start.options.is_check or not desk.window.isVisible():
            raise
        desk.teller.error(error)


def _take_shared(cache: Cache) -> None:
    """Let days that are missing come from the shared cache that is set, if any.

    One that is set wrong keeps nobody from the window, where it is told and can be put right.
    """
    try:
        renew_supply(cache)
    except UsageError as error:
        _LOGGER.warning("no shared cache is used: %s", error)


def _heed_the_system(
    app: Application, loop: asyncio.AbstractEventLoop, told: asyncio.Event, desk: Desk
) -> None:
    """Take the end of the user's session, of the terminal or of the machine as one that asks nothing.

    A system that closes each window at the end of a session takes one that refuses for a no to the end.
    """
    app.commitDataRequest.connect(desk.window.give_way)
    app.commitDataRequest.connect(told.set)
    if sys.platform == "win32":
        return
    if sys.platform != "darwin" and os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        _heed_the_desktop(desk)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wishes
            loop.add_signal_handler(number, told.set)


def _heed_the_desktop(desk: Desk) -> None:
    """Hear from the portal of a free desktop whether less is to move."""
    from PySide6.QtDBus import QDBusConnection

    from tickreel_desktop.theme.motionportal import MotionPortal

    portal = MotionPortal(QDBusConnection.sessionBus(), desk.window)
    portal.told.connect(heed_system)
    portal.begin()


def _take_wishes(desk: Desk, app: Application, instance: Instance) -> None:
    """Open what later starts and the system hand over."""

    def receive(wish: Wish) -> None:
        bring_to_front(desk.window)
        _fulfil(desk, wish)

    app.received.connect(receive)
    instance.received.connect(receive)
    instance.listen()


def _fulfil(desk: Desk, wish: Wish) -> None:
    """Follow a link, or offer files for import as if they had been dropped on the window."""
    if wish.link is not None:
        desk.operations.follow_link(wish.link)
    if wish.files:
        desk.previews.preview(wish.files)


async def _until_left(desk: Desk, theme: Theme, ending: asyncio.Event, told: asyncio.Event) -> None:
    """Wait until the user wants to leave and means it, or the system says so, which is not asked back."""
    waits = [asyncio.create_task(_until_meant(desk, theme, ending)), asyncio.create_task(_until_told(told))]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in done:
            wait.result()
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _until_told(told: asyncio.Event) -> None:
    await told.wait()


async def _until_meant(desk: Desk, theme: Theme, ending: asyncio.Event) -> None:
    while True:
        await ending.wait()
        ending.clear()
        if await may_leave(theme, desk.running(), desk.window):
            return
