"""How a window ends that the system ends, and that it stays when only its beginning went wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tickreel.session import marker_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.name != "posix", reason="there are no such signals elsewhere"),
]

_ASKED = """
import sys
from tickreel_desktop import app
from tickreel_desktop.desk import Desk
Desk.running = lambda desk: ["Import of a day"]
ask = app.may_leave
async def may_leave(*given):
    print("asked", flush=True)
    return await ask(*given)
app.may_leave = may_leave
sys.exit(app.run(sys.argv[1:]))
"""
_FAILS_TO_BEGIN = """
import sys
from tickreel.errors import DataError
from tickreel_desktop import app
from tickreel_desktop.desk import Desk
from tickreel_desktop.telling import Teller
begin = Desk.begin
async def begin_and_fail(desk, size_px):
    await begin(desk, size_px)
    raise {error}
tell = Teller.error
def error(teller, error):
    tell(teller, error)
    print("told", error, flush=True)
Desk.begin = begin_and_fail
Teller.error = error
sys.exit(app.run(sys.argv[1:]))
"""
_LOGS_OUT = """
import sys
from PySide6.QtCore import QObject, Signal
from tickreel_desktop import app
from tickreel_desktop.desk import Desk
Desk.running = lambda desk: ["Import of a day"]
heed = app._heed_the_system
class LoggedOut(QObject):  # Python cannot make what the signal of Qt carries
    commitDataRequest = Signal(object)
def heed_and_log_out(application, loop, told, desk):
    heed(application, loop, told, desk)
    session = LoggedOut()
    heed(session, loop, told, desk)
    asks = []
    desk.window.close_requested.connect(lambda: asks.append(1))
    session.commitDataRequest.emit(session)
    print("closed" if desk.window.close() and not asks else "refused")
app._heed_the_system = heed_and_log_out
sys.exit(app.run(sys.argv[1:]))
"""


@contextmanager
def window(home: Path, *program: str) -> Iterator[subprocess.Popen[str]]:
    """Give a window that is open, as its mark says."""
    process = subprocess.Popen(
        [sys.executable, *(program or ("-m", "tickreel_desktop")), "--home", str(home)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        while process.poll() is None and not marker_path(home).exists():
            time.sleep(0.05)
        assert process.poll() is None
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_the_system_ends_ends_as_it_should(home: Path, number: signal.Signals) -> None:
    with window(home) as process:
        process.send_signal(number)
        assert process.wait(60) == 0
    assert not marker_path(home).exists(), "the next start finds no crash"


def test_the_system_is_not_asked_whether_it_means_it(home: Path) -> None:
    with window(home, "-c", _ASKED) as process:
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n", "the user is"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert not marker_path(home).exists()


def test_a_logout_ends_it_too(home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LOGS_OUT, "--home", str(home)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "closed\n", ""), "the window holds up nothing"
    assert not marker_path(home).exists()


@pytest.mark.parametrize("error", ["DataError('a day is odd')", "RuntimeError('a day is odd')"])
def test_a_beginning_that_fails_is_told_in_the_window(home: Path, error: str) -> None:
    with window(home, "-c", _FAILS_TO_BEGIN.replace("{error}", error)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "told a day is odd\n"
        assert process.poll() is None, "it stays"
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
