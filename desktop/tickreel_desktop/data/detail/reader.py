"""What the detail reads of the cache: on threads of its own, newest question first, late answers dropped.

Whoever shows something asks in a *slot*; a new question in a slot takes the place of the one before,
which is told to stop. So a picture is never that of a day that was left meanwhile.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from tickreel.errors import Cancelled, TickreelError
from tickreel_desktop.components.sentences import capital

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from tickreel.progress import Monitor
    from tickreel.store import Cache

_THREADS = 2
_MOST_KEPT = 256
_REPORT_EVERY_S = 0.1
_UNFORESEEN = "it could not be read: an error that nobody foresaw was reported"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be read, and who hears the answer; the callables but *work* are called by the UI thread."""

    work: Callable[[Cache, Monitor], Any]
    """Runs on a thread of the reader; its monitor raises ``Cancelled`` once the answer is not wanted."""
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    """Gets a sentence for the user."""
    progressed: Callable[[int, int | None], None] | None = None
    keep_as: Hashable = None
    """The answer is remembered by this for the session; None is not to remember it."""


class DetailReader(QObject):
    """Answers questions about one cache; make it and ask it on the UI thread, close it before the cache."""

    bug_met = Signal(object)
    """An exception that nobody foresaw."""

    _answered = Signal(object, object, object)
    _progressed = Signal(object, object, object)

    def __init__(self, cache: Cache, *, is_ready: bool = True, parent: QObject | None = None) -> None:
        """Read from *cache*; until *is_ready* or :meth:`release`, what reads rows waits.

        Kernels that are not compiled yet would be compiled by a thread of this process, which makes
        the window stutter.
        """
        super().__init__(parent)
        self._cache = cache
        self._is_ready = is_ready
        self._is_closed = False
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tickreel-detail")
        self._asked: dict[str, _Asked] = {}
        self._waiting: dict[str, _Asked] = {}
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)
        self._progressed.connect(self._on_progressed, Qt.ConnectionType.QueuedConnection)

    @property
    def is_ready(self) -> bool:
        """Whether rows are read at once."""
        return self._is_ready

    @property
    def reason_read_only(self) -> str:
        """Why nothing can be changed in the cache; empty where it can."""
        return f"The home {self._cache.home} can only be read" if self._cache.is_read_only else ""

    def ask(self, slot: str, question: Question, *, reads_rows: bool = False) -> None:
        """Read, and tell; what was asked in *slot* before is not told any more.

        What is remembered is told before this returns.
        """
        self.drop(slot)
        if self._is_closed:
            return
        if question.keep_as is not None and question.keep_as in self._kept:
            self._kept.move_to_end(question.keep_as)
            question.done(self._kept[question.keep_as])
            return
        asked = self._asked[slot] = _Asked(slot, question)
        if reads_rows and not self._is_ready:
            self._waiting[slot] = asked
        else:
            self._submit(asked)

    def drop(self, slot: str) -> None:
        """Let go of a question; its work stops at its next report."""
        asked = self._asked.pop(slot, None)
        if asked is not None:
            asked.stop.set()
        self._waiting.pop(slot, None)

    def release(self) -> None:
        """Read rows from now on."""
        self._is_ready = True
        waiting = tuple(self._waiting.values())
        self._waiting.clear()
        for asked in waiting:
            self._submit(asked)

    def stop(self) -> None:
        """Take no question and tell no answer from now on; the UI thread calls this first."""
        self._is_closed = True
        for slot in tuple(self._asked):
            self.drop(slot)

    def close(self) -> None:
        """Wait until no thread reads any more; may be called from any thread, after :meth:`stop`."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _submit(self, asked: _Asked) -> None:
        self._threads.submit(self._work, asked)

    def _work(self, asked: _Asked) -> None:
        """Find the answer; on a thread of the reader."""
        told_s = 0.0

        def report(done: int, total: int | None) -> None:
            nonlocal told_s
            if asked.question.progressed is not None and monotonic() - told_s > _REPORT_EVERY_S:
                told_s = monotonic()
                self._progressed.emit(asked, done, total)

        try:
            if not asked.stop.is_set():
                answer = asked.question.work(self._cache, _StopAware(asked.stop, report))
                self._answered.emit(asked, answer, None)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - told on the UI thread, by whoever listens
            self._answered.emit(asked, None, error)

    def _on_progressed(self, asked: _Asked, done: int, total: int | None) -> None:
        if self._asked.get(asked.slot) is asked and asked.question.progressed is not None:
            asked.question.progressed(done, total)

    def _on_answered(self, asked: _Asked, answer: Any, error: Exception | None) -> None:
        question = asked.question
        if error is None and question.keep_as is not None:
            self._kept[question.keep_as] = answer
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        if error is not None and not isinstance(error, TickreelError):
            self.bug_met.emit(error)
        if self._asked.get(asked.slot) is not asked:
            return
        del self._asked[asked.slot]
        if error is None:
            question.done(answer)
        else:
            question.failed(capital(str(error)) if isinstance(error, TickreelError) else _UNFORESEEN)


class _Asked:
    """A question as it was asked: no two are the same."""

    def __init__(self, slot: str, question: Question) -> None:
        self.slot = slot
        self.question = question
        self.stop = threading.Event()


class _StopAware:
    """A monitor that stops its work once nobody wants the answer."""

    def __init__(self, stop: threading.Event, tell: Callable[[int, int | None], None]) -> None:
        self._stop = stop
        self._tell = tell

    def report(self, done: int, total: int | None, note: str = "") -> None:
        if self._stop.is_set():
            raise Cancelled("the answer is not wanted any more")
        self._tell(done, total)
