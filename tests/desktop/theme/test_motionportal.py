"""The portal of a free desktop, by a stand-in on a bus of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from PySide6.QtDBus import QDBusConnection
from support import portal

from tickreel_desktop.theme.motion import heed_system, is_motion_reduced, reduce_motion
from tickreel_desktop.theme.motionportal import MotionPortal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

DAEMON = shutil.which("dbus-daemon")
GNOME = "org.gnome.desktop.interface enable-animations b"
PORTAL = "org.freedesktop.appearance reduced-motion u"


class Portal:
    """A bus with a stand-in on it."""

    def __init__(self, process: subprocess.Popen[str], bus: QDBusConnection) -> None:
        self._process = process
        self.bus = bus

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


@pytest.fixture
def stand_in(qapp: QApplication, tmp_path: Path) -> Iterator[Portal]:
    if DAEMON is None:
        pytest.skip("there is no dbus-daemon here")
    address = f"unix:path={tmp_path}/bus"
    with ExitStack() as stack:
        words = [DAEMON, "--session", "--nofork", "--print-address", f"--address={address}"]
        daemon = stack.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, text=True))
        stack.callback(daemon.terminate)
        assert daemon.stdout is not None
        daemon.stdout.readline()
        process = stack.enter_context(
            subprocess.Popen(
                [sys.executable, portal.__file__],
                env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": address},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        stack.callback(process.terminate)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        bus = QDBusConnection.connectToBus(address, "portal under test")
        stack.callback(QDBusConnection.disconnectFromBus, "portal under test")
        yield Portal(process, bus)


def test_gnome_and_the_portal_are_asked_and_heard(stand_in: Portal, qtbot: QtBot) -> None:
    stand_in.say(f"{GNOME} false")
    told: list[bool] = []
    asking = MotionPortal(stand_in.bus)
    asking.told.connect(told.append)
    asking.begin()
    qtbot.waitUntil(lambda: told == [True], timeout=20_000)
    stand_in.say(f"{GNOME} true")
    qtbot.waitUntil(lambda: told == [True, False], timeout=20_000)
    stand_in.say(f"{PORTAL} 1")
    qtbot.waitUntil(lambda: told == [True, False, True], timeout=20_000)
    stand_in.say(f"{PORTAL} 0")
    qtbot.waitUntil(lambda: told == [True, False, True, False], timeout=20_000)
    stand_in.say("org.freedesktop.appearance color-scheme u 1")
    stand_in.say(f"{PORTAL} 1")
    qtbot.waitUntil(lambda: told[4:] == [True], timeout=20_000)


def test_what_the_user_set_stands_above_what_the_portal_says(qapp: QApplication) -> None:
    try:
        reduce_motion(None)
        for says_less in (True, False):
            heed_system(says_less)
            assert is_motion_reduced() is says_less
        reduce_motion(False)
        heed_system(True)
        assert not is_motion_reduced()
        reduce_motion(None)
        assert is_motion_reduced()
    finally:
        qapp.setProperty("systemReducedMotion", None)
        reduce_motion(False)


def test_without_a_bus_nothing_is_ever_said(qapp: QApplication) -> None:
    asking = MotionPortal(QDBusConnection("nowhere"))
    asking.begin()
    assert asking.children() == []
