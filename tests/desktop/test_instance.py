"""One window per home, between real processes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from PySide6.QtNetwork import QLocalSocket

from tickreel.errors import EnvironmentProblem
from tickreel_desktop.instance import (
    HAND_OVER_S,
    LONGEST_SOCKET_BYTES,
    MOST_GUESTS,
    Instance,
    server_name,
)
from tickreel_desktop.wish import Wish, wish_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

LINK = "tickreel://replay/tickreel-sim/BTCUSDT?at=2025-03-14T15:45:00.000000Z"
_FIRST = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from tickreel_desktop.instance import Instance
from tickreel_desktop.wish import Wish
instance = Instance(Path(sys.argv[1]))
print("claimed" if instance.enter(Wish()) else "taken", flush=True)
if sys.argv[2] == "listen":
    app = QCoreApplication([])
    instance.received.connect(lambda wish: print(wish.line(), flush=True))
    instance.listen()
    print("listening", flush=True)
    app.exec()
else:
    sys.stdin.read()
"""


@contextmanager
def first(home: Path, how: str = "listen") -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _FIRST, str(home), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert line_of(process) == "claimed"
        if how == "listen":
            assert line_of(process) == "listening"
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def desktop(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tickreel_desktop", "--home", str(home), *arguments],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def ask(home: Path, message: bytes, qtbot: QtBot) -> str:
    socket = QLocalSocket()
    socket.connectToServer(server_name(home))
    assert socket.waitForConnected(5_000)
    socket.write(message)
    qtbot.waitUntil(socket.canReadLine)
    return bytes(socket.readLine().data()).decode().strip()


def test_a_second_start_hands_over_what_it_was_asked_for(qapp: object, home: Path) -> None:
    with first(home) as process:
        assert not Instance(home).enter(Wish(LINK))
        assert line_of(process) == f"open {LINK}"
        assert not Instance(home).enter(Wish())
        assert line_of(process) == "raise"


def test_a_second_start_hands_over_files_too(qapp: object, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "a day, 100 %.csv.gz"
    file.touch()
    with first(home) as process:
        assert not Instance(home).enter(wish_of([str(file), tmp_path.as_uri()]))
        assert line_of(process) == f"import {file.as_uri()} {tmp_path.as_uri()}"


def test_another_home_is_another_window(qapp: object, home: Path, tmp_path: Path) -> None:
    with first(home):
        other = Instance(tmp_path / "other")
        assert other.enter(Wish())
        other.close()


def test_what_a_killed_process_left_behind_is_taken_over(qapp: object, home: Path) -> None:
    with first(home) as process:
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        process.wait()
    with first(home) as process:
        assert not Instance(home).enter(Wish(LINK))
        assert line_of(process) == f"open {LINK}"


def test_a_first_that_does_not_answer_is_told_within_two_seconds(qapp: object, home: Path) -> None:
    with first(home, "hold"):
        began_s = time.monotonic()
        with pytest.raises(EnvironmentProblem, match=r"does not answer.*--home"):
            Instance(home).enter(Wish(LINK))
        assert time.monotonic() - began_s < 10 * HAND_OVER_S, "a guard against hanging, not a measure"


def test_a_first_that_listens_and_hangs_is_told_too(qapp: object, home: Path) -> None:
    if os.name != "posix":
        pytest.skip("no process can be stopped there")
    with first(home) as process:
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(EnvironmentProblem, match="does not answer"):
            Instance(home).enter(Wish())
        process.send_signal(signal.SIGCONT)


def test_one_that_comes_while_the_first_is_ending_takes_its_place(qapp: object, home: Path) -> None:
    with first(home, "hold") as process:
        ending = threading.Timer(0.3, process.kill)
        ending.start()
        second = Instance(home)
        assert second.enter(Wish(LINK))
        second.close()
        ending.join()


@pytest.fixture
def listening(qtbot: QtBot, home: Path) -> Iterator[Instance]:
    instance = Instance(home)
    assert instance.enter(Wish())
    instance.listen()
    yield instance
    instance.close()


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        (b"raise\n", "ok"),
        (f"open {LINK}\n".encode(), "ok"),
        (b"open tickreel://data\nopen tickreel://replay/x/y\n", "ok"),
        (b"open /etc/passwd\n", "no '/etc/passwd' is not a Tickreel link: they begin with tickreel://"),
        (b"open file:///etc/passwd\n", "no 'file:///etc/passwd' is not a Tickreel link: "),
        (b"open tickreel://nowhere\n", "no 'tickreel://nowhere' leads nowhere"),
        (b"open tickreel://data\x00\n", "no that is not a Tickreel link"),
        (b"open tickreel://replay/a/" + b"b" * 3000 + b"\n", "no that is not a Tickreel link"),
        (b"quit\n", "no it is neither"),
        (b"import file:///etc/passwd\n", "no /etc/passwd cannot be imported"),
        (b"import file:///nowhere/a.csv\n", "no /nowhere/a.csv is not there"),
        (b"import file://elsewhere/a.csv\n", "no file://elsewhere/a.csv lies on another machine"),
        (b"import \n", "no '' is no file"),
        (b"\n", "no it is neither"),
        (b"\xff\xfe\n", "no it is not UTF-8"),
        (b"x" * 300_000, "no it is longer than 262144 bytes"),
    ],
)
def test_only_a_line_with_a_link_or_raise_is_understood(
    listening: Instance, home: Path, qtbot: QtBot, message: bytes, answer: str
) -> None:
    got: list[str] = []
    listening.received.connect(lambda wish: got.append(wish.line()))
    assert ask(home, message, qtbot).startswith(answer)
    assert len(got) == (answer == "ok"), "the first line alone, and only if it is good"


def test_who_connects_and_says_nothing_is_let_go(listening: Instance, home: Path, qtbot: QtBot) -> None:
    silent = QLocalSocket()
    silent.connectToServer(server_name(home))
    assert silent.waitForConnected(5_000)
    assert ask(home, b"raise\n", qtbot) == "ok"
    qtbot.waitUntil(lambda: silent.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    qtbot.waitUntil(lambda: not listening.findChildren(QLocalSocket))


def test_only_so_many_are_heard_at_once(listening: Instance, home: Path, qtbot: QtBot) -> None:
    silent = [QLocalSocket() for _ in range(MOST_GUESTS + 1)]
    for socket in silent:
        socket.connectToServer(server_name(home))
        assert socket.waitForConnected(5_000)
    left = QLocalSocket.LocalSocketState.UnconnectedState
    qtbot.waitUntil(lambda: silent[-1].state() == left)
    assert [socket.state() for socket in silent].count(left) == 1, "those that came before are still heard"
    silent[0].abort()
    qtbot.waitUntil(lambda: len(listening.findChildren(QLocalSocket)) < MOST_GUESTS)
    assert ask(home, b"raise\n", qtbot) == "ok"
    for socket in silent:
        socket.abort()
    qtbot.waitUntil(lambda: not listening.findChildren(QLocalSocket))


@pytest.mark.logs_warnings
def test_a_home_that_cannot_be_written_opens_all_the_same(qapp: object, home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    instance = Instance(home)
    assert instance.enter(Wish())
    instance.listen()
    instance.close()


def test_the_name_of_the_socket_tells_homes_apart_and_fits(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-folder"] * 12)
    names = {server_name(tmp_path / "a"), server_name(tmp_path / "b"), server_name(deep)}
    assert len(names) == 3
    assert max(map(len, names)) <= LONGEST_SOCKET_BYTES
    assert server_name(tmp_path / "x" / ".." / "a") == server_name(tmp_path / "a")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes stand in no folder")
def test_the_socket_stands_where_only_the_user_can_put_one(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TemporaryDirectory(prefix="t", dir="/tmp") as short:
        runtime, home = Path(short) / "run", Path(short) / "home"
        runtime.mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        assert Path(server_name(home)).parent == runtime
        runtime.chmod(0o770)
        assert server_name(home) == str(home / "desktop" / "instance.sock")
        runtime.rmdir()
        assert server_name(home) == str(home / "desktop" / "instance.sock")
        assert "/" not in server_name(home / ("long" * 30))
        instance = Instance(home)
        assert instance.enter(Wish())
        instance.listen()
        socket = Path(server_name(home))
        assert stat.S_IMODE(socket.stat().st_mode) & 0o077 == 0
        instance.close()
        assert not socket.exists(), "nothing is left at a clean end"


_OPENED_BY_THE_SYSTEM = """
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from tickreel_desktop.instance import Application
app = Application([])
app.received.connect(lambda wish: print(wish.line()))
for url in ("tickreel://replay/a/b%20c", "file:///etc/passwd", "tickreel://nowhere"):
    QCoreApplication.sendEvent(app, QFileOpenEvent(QUrl(url)))
"""


def test_links_that_the_system_opens_pass_the_same_door() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _OPENED_BY_THE_SYSTEM],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == ["open tickreel://replay/a/b%20c"]
    assert "leads nowhere" in ran.stderr


@pytest.mark.long
def test_a_second_window_hands_over_and_ends_and_one_after_a_kill_takes_over(home: Path) -> None:
    window = [sys.executable, "-m", "tickreel_desktop", "--home", str(home)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    def began() -> str:
        """Give the lines of those that have become the window."""
        path = home / "logs" / "crash.log"
        return path.read_text("utf-8") if path.exists() else ""

    def opened(asked: list[str], told: str) -> subprocess.Popen[bytes]:
        """Start a window, and come back when another start was heard by it."""
        process = subprocess.Popen(window, env=environment)
        while process.poll() is None and f"process {process.pid} began" not in began():
            time.sleep(0.05)
        while process.poll() is None:
            ran = desktop(home, *asked)
            if ran.returncode == 0:
                assert ran.stdout == f"tickreel-desktop: the window that is open {told}\n"
                return process
            assert "does not answer" in ran.stderr
        process.wait()
        raise AssertionError("the window did not stay")

    one = opened(["--open", "tickreel://data"], "was given tickreel://data")
    try:
        check = desktop(home, "--exit")
        assert check.returncode == 0, "a run for checks goes beside the window"
        assert check.stdout.startswith("{")
    finally:
        one.kill()
        one.communicate()
    two = opened([], "comes to the front")
    try:
        two.send_signal(signal.SIGINT)
        assert two.wait(60) == 0
    finally:
        two.kill()
        two.wait()
    assert "Fatal" not in began()


def test_what_is_no_link_is_refused_before_anything_is_opened(home: Path) -> None:
    ran = desktop(home, "--open", "/etc/passwd")
    assert (ran.returncode, "is not a Tickreel link" in ran.stderr) == (2, True)
    assert not home.exists()
