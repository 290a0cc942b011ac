"""One window per home: a second start hands what it was asked to open to the first and ends.

Who is first is decided by a lock in the home, which the system takes back from a process that is
killed; so a socket that such a process left behind can be taken over without asking. What comes
through the socket is a line, of which :mod:`tickreel_desktop.wish` tells what is understood: no
command. The socket stands where nobody but the user can put one.

Runs for checks (``--screenshot``, ``--exit``) take no part: they may run beside a window.
"""

from __future__ import annotations

import getpass
import hashlib
import logging
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel_desktop.wish import Wish, wish_of, wish_of_line

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

HAND_OVER_S = 2.0
"""How long a second start waits for the first to answer."""
_LONGEST_LINE_BYTES = 1 << 18
_GUEST_MS = 2_000
MOST_GUESTS = 8
"""So many starts are heard at once; one more is let go, and tries again."""
LONGEST_SOCKET_BYTES = 90
"""Of the path of a socket: systems take 104 or 108, of which Qt needs some for itself."""
_RETRY_S = 0.05
_DONE = "ok"
_REFUSED = "no "

_LOGGER = logging.getLogger(__name__)


def server_name(home: Path) -> str:
    """Name the socket of a home and user, or the pipe on Windows.

    It stands in the folder that the system keeps for what runs of the user, else in the home; where
    the path of the home is too long for that, in the folder of temporary files.
    """
    folder = home.resolve()
    name = f"tickreel-{hashlib.sha256(f'{os.path.normcase(folder)}|{_user()}'.encode()).hexdigest()[:20]}"
    if sys.platform == "win32":
        return name
    runtime = _runtime_folder()
    path = folder / "desktop" / "instance.sock" if runtime is None else runtime / name
    return str(path) if len(os.fsencode(path)) <= LONGEST_SOCKET_BYTES else name


def _runtime_folder() -> Path | None:
    """Give the folder for what runs of this user, if it is there and nobody else may enter it.

    Qt's own way to it complains where there is none and makes one among the temporary files.
    """
    if sys.platform == "win32":
        return None
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    try:
        found = folder.stat()
    except OSError:
        return None
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return folder if is_own and folder.is_absolute() else None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):  # a number that no list of users knows
        return str(os.getuid()) if hasattr(os, "getuid") else ""


class Instance(QObject):
    """The claim of this process to be the window of a home, and what others hand to it.

    Connect the signals before the loop turns, and nothing is lost.
    """

    received = Signal(Wish)
    """Come to the front, and open what is wished for."""

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = server_name(home)
        self._path = home / "desktop" / "instance.lock"
        self._lock = FileLock(self._path, thread_local=False)
        self._server: QLocalServer | None = None

    def enter(self, wish: Wish) -> bool:
        """Become the window of the home, or hand *wish* to the one that there is; True for the first.

        Needs no application, and waits :data:`HAND_OVER_S` at most: for one that is just starting
        and does not listen yet, and for one that is just ending, whose place it then takes.

        Raises:
            EnvironmentProblem: the window that is open does not answer, or refuses.
        """
        message = f"{wish.line()}\n".encode()
        give_up_s = time.monotonic() + HAND_OVER_S
        while not self._claim():
            if time.monotonic() >= give_up_s:
                raise EnvironmentProblem(
                    "this home is open in another Tickreel, which does not answer: it is starting, or busy. "
                    "Try again in a moment; if that does not help, end it, or name another home with --home"
                )
            answer = _ask(self._name, message, give_up_s)
            if answer == _DONE:
                return False
            if answer.startswith(_REFUSED):
                raise EnvironmentProblem(f"the window that is open refuses: {answer.removeprefix(_REFUSED)}")
            time.sleep(_RETRY_S)
        return True

    def _claim(self) -> bool:
        """Take the lock; where none can be had, better two windows than none."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            _LOGGER.warning("other starts on this home will open windows of their own: %s", error)
        return True

    def listen(self) -> None:
        """Take what later starts hand over; needs the application."""
        if not self._lock.is_locked:
            return
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.setMaxPendingConnections(MOST_GUESTS)
        server.newConnection.connect(self._on_connection)
        # Whoever left one behind is dead, since the lock is ours.
        QLocalServer.removeServer(self._name)
        if not server.listen(self._name):
            _LOGGER.warning("other starts cannot hand their links over: %s", server.errorString())
        self._server = server

    def stop_listening(self) -> None:
        """Take nothing any more: the window is ending. Later starts wait for its place."""
        if self._server is not None:
            self._server.close()
            self._server.deleteLater()
            self._server = None

    def close(self) -> None:
        """Let another process be the window."""
        self.stop_listening()
        self._lock.release()

    def _on_connection(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            if len(self._server.findChildren(_Guest)) >= MOST_GUESTS:
                socket.abort()
                socket.deleteLater()
            else:
                _Guest(self, socket)

    def answer(self, line: bytes) -> str:
        """Do what a line asks for and give the answer; what is not understood is refused."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return f"{_REFUSED}it is not UTF-8"
        try:
            wish = wish_of_line(text)
        except UsageError as error:
            return f"{_REFUSED}{error}"
        self.received.emit(wish)
        return _DONE


def _ask(name: str, message: bytes, give_up_s: float) -> str:
    """Send a message once and give the answer; empty when nobody listens, or answers in time."""

    def left_ms() -> int:
        return max(1, int(1000 * (give_up_s - time.monotonic())))

    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(left_ms()):
        return ""
    socket.write(message)
    socket.flush()
    while not socket.canReadLine() and socket.waitForReadyRead(left_ms()):
        pass
    return bytes(socket.readLine(_LONGEST_LINE_BYTES).data()).decode(errors="replace").strip()


class _Guest(QObject):
    """One connection: a line in, a line out; who says nothing for two seconds is let go."""

    def __init__(self, host: Instance, socket: QLocalSocket) -> None:
        super().__init__(socket)  # with which it goes
        self._host = host
        self._socket = socket
        self._line = b""
        socket.setReadBufferSize(_LONGEST_LINE_BYTES + 1)
        socket.readyRead.connect(self._on_ready)
        socket.disconnected.connect(socket.deleteLater)
        QTimer.singleShot(_GUEST_MS, self, self._let_go)
        self._on_ready()

    def _on_ready(self) -> None:
        if not self._socket.isOpen():
            return
        room = _LONGEST_LINE_BYTES + 1 - len(self._line)
        self._line += bytes(self._socket.read(room).data())
        line, end, _ = self._line.partition(b"\n")
        if end:
            self._reply(self._host.answer(line))
        elif len(self._line) > _LONGEST_LINE_BYTES:
            self._reply(f"{_REFUSED}it is longer than {_LONGEST_LINE_BYTES} bytes")

    def _let_go(self) -> None:
        self._socket.abort()
        self._socket.deleteLater()  # also when it was gone before anybody listened to it

    def _reply(self, answer: str) -> None:
        self._socket.readyRead.disconnect(self._on_ready)
        self._socket.write(f"{' '.join(answer.split())}\n".encode())
        self._socket.disconnectFromServer()  # once it is written


class Application(QApplication):
    """The application; takes links and files that the system opens with it (macOS)."""

    received = Signal(Wish)

    def event(self, event: QEvent) -> bool:
        """Take a link or a file; anything else is Qt's."""
        if not isinstance(event, QFileOpenEvent):
            return super().event(event)
        try:
            wish = wish_of([event.url().toString(QUrl.ComponentFormattingOption.FullyEncoded)])
        except UsageError as error:
            _LOGGER.warning("the system gave what cannot be opened: %s", error)
        else:
            self.received.emit(wish)
        return True


def bring_to_front(window: QWidget) -> None:
    """Show a window before all others, as far as the system lets a program do that."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()
