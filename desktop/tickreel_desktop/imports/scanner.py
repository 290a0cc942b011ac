"""Looks for files in what was given and checks their first rows, on threads of its own.

The widgets hear of it on their own thread, at most five times a second; nothing is stored.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from tickreel.errors import Cancelled, TickreelError, UsageError
from tickreel.store import ImportRequest
from tickreel.vendorcsv import find_files
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.imports.preview import FilePreview
from tickreel_desktop.imports.questions import question_about

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)
_CHECKERS = 1
"""Threads that check: more would mostly keep each other, and the window, waiting for the interpreter."""
_DELIVER_EVERY_MS = 200


class Scanner(QObject):
    """Scan one drop; :meth:`stop` leaves what is not checked yet as it is."""

    listed = Signal(list)
    """Files were found: a FilePreview for each, not checked yet, or refused."""
    checked = Signal(list)
    """Files were checked: their FilePreviews."""
    finished = Signal()
    """Nothing is under way any more."""

    _posted = Signal()

    def __init__(self, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._pool = ThreadPoolExecutor(_CHECKERS + 1, thread_name_prefix="tickreel-scan")
        self._lock = threading.Lock()
        self._listed: list[FilePreview] = []
        self._checked: list[FilePreview] = []
        self._waiting: deque[FilePreview] = deque()
        self._searches = 0
        self._checkers = 0
        self._is_cancelled = threading.Event()
        self._known: set[Path] = set()
        self._next_number = 0
        self._is_running = False
        self._is_closed = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_DELIVER_EVERY_MS)
        self._pause.timeout.connect(self._deliver)
        self._posted.connect(self._on_posted, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether files are still looked for or checked, as far as was told."""
        return self._is_running

    @property
    def is_idle(self) -> bool:
        """Whether no thread works any more."""
        with self._lock:
            return not self._searches and not self._checkers

    def scan(self, paths: Iterable[Path]) -> None:
        """Find files and check them; more may be given while it runs."""
        given = tuple(paths)
        if self._is_closed or not given:
            return
        self._is_cancelled.clear()
        with self._lock:
            self._searches += 1
        self._is_running = True
        self._pool.submit(self._find, given)

    def check_again(self, previews: Iterable[FilePreview]) -> None:
        """Check files once more, whose requests have changed."""
        if self._is_closed:
            return
        self._is_cancelled.clear()
        self._is_running = True
        with self._lock:
            self._waiting.extend(previews)
        self._check_waiting()

    def stop(self) -> None:
        """Stop: what runs ends at its next step, and what waits is left as it is."""
        self._is_cancelled.set()
        with self._lock:
            self._waiting.clear()
        self._posted.emit()

    def close(self) -> None:
        """Stop for good; the threads end by themselves."""
        self._is_closed = True
        self.stop()
        self._pool.shutdown(wait=False)

    def shutdown(self) -> None:
        """Block until the threads have ended; after :meth:`close`, on any thread."""
        self._pool.shutdown(wait=True)

    def _find(self, paths: tuple[Path, ...]) -> None:
        """List the files once each; on a thread of the pool."""
        for path in paths:
            if self._is_cancelled.is_set():
                break
            try:
                found, problem = find_files([path]), ""
            except TickreelError as error:
                found, problem = [path], _reason(path, error)
            except Exception as error:
                _LOGGER.exception("%s could not be looked through", path)
                found, problem = [path], f"It could not be looked through: {error!r}"
            fresh = [each for each in dict.fromkeys(found) if each not in self._known]
            sizes = [_size(each) for each in fresh]
            with self._lock:
                for file, size in zip(fresh, sizes, strict=True):
                    self._known.add(file)
                    made = FilePreview(self._next_number, ImportRequest(file), size, problem=problem)
                    self._listed.append(made)
                    self._next_number += 1
            self._posted.emit()
        with self._lock:
            self._searches -= 1
        self._posted.emit()

    def _check_waiting(self) -> None:
        """Begin with what waits, while there is room; on the thread of the widgets."""
        if self._is_cancelled.is_set():
            return
        with self._lock:
            wanted = min(_CHECKERS - self._checkers, len(self._waiting))
            self._checkers += max(0, wanted)
        for _ in range(wanted):
            self._pool.submit(self._check)

    def _check(self) -> None:
        """Check what waits until there is nothing left; on a thread of the pool."""
        while True:
            with self._lock:
                if not self._waiting or self._is_cancelled.is_set():
                    self._checkers -= 1
                    break
                preview = self._waiting.popleft()
            try:
                found = self._look(preview)
            except Cancelled:
                continue  # it stays as it was: not checked
            with self._lock:
                self._checked.append(found)
            self._posted.emit()
        self._posted.emit()

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Let a file that is read to its end hear that it should stop."""
        if self._is_cancelled.is_set():
            raise Cancelled

    def _look(self, preview: FilePreview) -> FilePreview:
        request, path = preview.request, preview.path
        try:
            try:
                ahead = self._cache.look_ahead(request, self)
            except UsageError as error:
                question = question_about(request)
                if question is not None:
                    return FilePreview(preview.number, request, preview.size_bytes, question=question)
                problem = _reason(path, error)
            else:
                return FilePreview(preview.number, request, ahead.file_bytes, ahead=ahead)
        except Cancelled:
            raise
        except (TickreelError, OSError, MemoryError) as error:
            problem = _reason(path, error)
        except Exception as error:
            _LOGGER.exception("%s could not be checked", path)
            problem = f"It could not be checked: {error!r}"
        return FilePreview(preview.number, request, preview.size_bytes, problem=problem)

    def _on_posted(self) -> None:
        if not self._pause.isActive():
            self._deliver()

    def _deliver(self) -> None:
        with self._lock:
            listed, self._listed = self._listed, []
            checked, self._checked = self._checked, []
            if not self._is_cancelled.is_set():
                self._waiting.extend(each for each in listed if not each.problem)
            is_done = self._is_cancelled.is_set() or not self._waiting
            is_over = is_done and not self._searches and not self._checkers
        if listed or checked:
            self._pause.start()
        self._check_waiting()
        if listed:
            self.listed.emit(listed)
        if checked:
            self.checked.emit(checked)
        if is_over and self._is_running:
            self._is_running = False
            self.finished.emit()


def _reason(path: Path, error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return capital(text.removeprefix(f"{path}: ").removeprefix(f"{path} "))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # checking it tells what is wrong
