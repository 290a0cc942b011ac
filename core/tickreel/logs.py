"""Where log records go: a rotating file in the home, memory for the log pane, and a console.

Only the entry points call :func:`configure`; everything else takes ``logging.getLogger(__name__)``.
Whatever goes out is formatted by one class, which blanks secrets.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import platform
import re
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TextIO
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LOG_FILE = "tickreel.log"
"""The newest file of the log; older ones have ``.1`` and so on behind their name."""
CRASH_FILE = "crash.log"
"""Where a crash below Python leaves its stacks; the one before has ``.1`` behind its name."""
RING_RECORDS = 2_000
_FILE_BYTES = 2_000_000
_FILES_KEPT = 4
_CRASH_FILE_BYTES = 200_000
_BLANK = "***"

_SECRET_VARIABLES = ("TARDIS_API_KEY", "TICKREEL_LLM_API_KEY")
_SHORTEST_SECRET = 4  # blanking anything shorter would make the log unreadable and hide nothing
_BEARER = re.compile(r"\b(bearer)\s+[\w.~+/=-]+", re.IGNORECASE)
_BEARER_COMING = re.compile(r"\bb(?:e(?:a(?:r(?:e(?:r(?:\s+[\w.~+/=-]*)?)?)?)?)?)?\Z", re.IGNORECASE)
_URL_COMING = re.compile(r"(?<=://)(?P<user>[^\s/:@]*):[^\s/]*\Z")
_URL_PASSWORD = re.compile(r"([a-z][a-z0-9+.-]{0,20}://[^\s/:@]*):[^\s/]+@", re.IGNORECASE)

_LOGGER = logging.getLogger(__name__)

_hidden: set[str] = set()


def logs_dir(home: Path) -> Path:
    """Name the folder of a home's log."""
    return home / "logs"


def hide(secret: str) -> None:
    """Blank *secret* from now on in all that this process logs, wherever it came from."""
    _hidden.add(secret)


def redact(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Blank keys from the environment, what is hidden, bearer tokens and passwords inside URLs."""
    for secret in _secrets(environ):
        text = text.replace(secret, _BLANK)
    text = _BEARER.sub(rf"\1 {_BLANK}", text)
    return _URL_PASSWORD.sub(rf"\1:{_BLANK}@", text)


def redact_coming(text: str, environ: Mapping[str, str] | None = None) -> str:
    """Blank as :func:`redact` in a text that goes on, without what at its end may become a secret.

    Of the same text as it grows each result begins with the one before.
    """
    cut = len(text)
    for secret in _secrets(environ):
        begun = range(min(len(secret) - 1, len(text)), 0, -1)
        cut = min(cut, len(text) - next((size for size in begun if text.endswith(secret[:size])), 0))
    if (match := _BEARER_COMING.search(text)) is not None:
        cut = min(cut, match.start())
    if (match := _URL_COMING.search(text)) is not None:
        cut = min(cut, match.end("user"))
    return redact(text[:cut], environ)


def _secrets(environ: Mapping[str, str] | None) -> list[str]:
    """List what is blanked, also as it stands in a URL; one may begin another: the longer comes first."""
    variables = os.environ if environ is None else environ
    plain = (*(variables.get(name, "").strip() for name in _SECRET_VARIABLES), *tuple(_hidden))
    long = [secret for secret in plain if len(secret) >= _SHORTEST_SECRET]
    return sorted({*long, *(quote(secret, safe="") for secret in long)}, key=len, reverse=True)


class RedactingFormatter(logging.Formatter):
    """Format a record, traceback included, with its secrets blanked and its time in UTC."""

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        """Give the text that may leave the program."""
        return redact(super().format(record))


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the log pane shows it."""

    time_us: int
    level: int
    logger: str
    text: str


class Ring(logging.Handler):
    """Keep the newest records in memory."""

    def __init__(self, capacity: int = RING_RECORDS) -> None:
        super().__init__()
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._taken = 0
        self.setFormatter(RedactingFormatter("%(message)s"))

    @property
    def taken(self) -> int:
        """How many records ever came, also those no longer held; costs nothing, from any thread."""
        return self._taken

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record; called by logging, under this handler's lock."""
        text = self.format(record)
        self._entries.append(Entry(int(record.created * 1_000_000), record.levelno, record.name, text))
        self._taken += 1

    def entries(self) -> tuple[Entry, ...]:
        """Give what is held, oldest first; from any thread."""
        self.acquire()
        try:
            return tuple(self._entries)
        finally:
            self.release()

    def since(self, taken: int) -> tuple[int, tuple[Entry, ...]]:
        """Give what came after the first *taken* records and is held, and :attr:`taken` with it."""
        self.acquire()
        try:
            old = max(0, len(self._entries) - max(0, self._taken - taken))
            return self._taken, tuple(islice(self._entries, old, None))
        finally:
            self.release()


_installed: list[logging.Handler] = []


def configure(home: Path, level: str, *, console: TextIO | None = None) -> Ring:
    """Send records of *level* (debug, info, warning, error) and above to file, memory and console.

    The console gets warnings and errors only. The file is opened for its first record; a home that
    cannot be written costs the file and a warning, nothing else. A second call replaces the first.
    """
    release()
    ring = Ring()
    # The file first, so that its warning stands before the record that it lost.
    handlers: list[logging.Handler] = [_LogFile(logs_dir(home)), ring]
    if console is not None:
        stream = logging.StreamHandler(console)
        stream.setLevel(logging.WARNING)
        stream.setFormatter(RedactingFormatter("%(levelname)s: %(message)s"))
        handlers.append(stream)
    root = logging.getLogger()
    root.setLevel(level.upper())
    for handler in handlers:
        root.addHandler(handler)
    _installed.extend(handlers)
    return ring


def release() -> None:
    """Undo :func:`configure`: close the file and forget the handlers."""
    root = logging.getLogger()
    while _installed:
        handler = _installed.pop()
        root.removeHandler(handler)
        handler.close()


class _LogFile(logging.Handler):
    """A rotating file that is opened for its first record.

    A command that has nothing to say then leaves no file, and does not wait for what
    ``logging.handlers`` imports: sockets, pickles and queues.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._file: logging.Handler | None = None
        self._is_refused = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; called by logging, under this handler's lock."""
        if self._file is None and not self._is_refused:
            try:
                self._file = _rotating_file(self._folder)
            except OSError as error:
                self._is_refused = True
                _LOGGER.warning("no log file is kept: %s", error)
        if self._file is not None:
            self._file.handle(record)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
        super().close()


def _rotating_file(folder: Path) -> logging.Handler:
    from logging.handlers import RotatingFileHandler

    folder.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(
        folder / LOG_FILE, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8"
    )
    file.rotator = _rotate
    file.setFormatter(RedactingFormatter("%(asctime)sZ %(levelname)-7s %(name)s: %(message)s"))
    return file


def _rotate(source: str, target: str) -> None:
    # On Windows a file that another Tickreel has open cannot be renamed; the log then grows on
    # until that one ends.
    with suppress(PermissionError):
        os.replace(source, target)


@contextmanager
def native_crashes_traced(home: Path) -> Iterator[None]:
    """Let a crash below Python leave the stacks of all threads in the home, while this is open.

    A line names each process that began, so that a stack can be told to be its own. A home that
    cannot be written costs the trace and a warning.
    """
    path = logs_dir(home) / CRASH_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _CRASH_FILE_BYTES:
            _rotate(str(path), f"{path}.1")
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        _LOGGER.warning("a crash will leave no trace: %s", error)
        yield
        return
    was_enabled = faulthandler.is_enabled()
    with file:
        began = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
        file.write(f"{began} process {os.getpid()} began, Python {platform.python_version()}\n")
        file.flush()
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
            if was_enabled:
                faulthandler.enable()
