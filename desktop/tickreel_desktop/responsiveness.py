"""Measures how long the window needs to answer, and where it is when it does not.

A thread of its own asks the event loop again and again, as a user's key would: the time to the answer
is what the handler that was just running kept everybody waiting. When it takes long, the thread looks
where the loop's thread is, so that a desk that reports a stutter also reports its cause.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

if TYPE_CHECKING:
    from types import FrameType

_LOGGER = logging.getLogger(__name__)

LONG_S = 0.05
"""No handler may take longer."""
_LOGGED_FROM_S = 0.25
"""What a user notices, and so belongs in the log."""
_ASK_EVERY_S = 0.1
_DEEPEST = 12
_KEPT = 100


@dataclass(frozen=True, slots=True)
class Wait:
    """One time that the window did not answer at once."""

    wall_s: float
    cpu_s: float | None
    """Time that the loop's thread computed; the rest it waited, or others had the processor.
    None on systems that do not tell."""
    where: str
    """What it was doing halfway, the innermost call last."""


class Responsiveness(QObject):
    """Watch the event loop of the thread that makes this, until :meth:`stop`."""

    was_slow = Signal(Wait)
    _asked = Signal()

    def __init__(
        self, *, long_s: float = LONG_S, ask_every_s: float = _ASK_EVERY_S, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._long_s = long_s
        self._ask_every_s = ask_every_s
        self._loop_thread = threading.get_ident()
        self._answered = threading.Event()
        self._ends = threading.Event()
        self.answers = 0
        self.waits: tuple[Wait, ...] = ()
        """The long ones, newest last; the oldest are dropped."""
        self._asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        self._asker = threading.Thread(target=self._ask, name="tickreel-responsiveness", daemon=True)
        self._asker.start()

    def stop(self) -> None:
        """Ask no more."""
        self._ends.set()
        self._asker.join()

    @property
    def slowest(self) -> Wait | None:
        """The longest of the waits that are kept."""
        return max(self.waits, key=lambda wait: wait.wall_s, default=None)

    def _answer(self) -> None:
        self.answers += 1
        self._answered.set()

    def _ask(self) -> None:
        while not self._ends.wait(self._ask_every_s):
            self._answered.clear()
            began_s, began_cpu_s = time.perf_counter(), self._cpu_s()
            self._asked.emit()
            where = ""
            if not self._answered.wait(self._long_s / 2):
                where = _spelled(sys._current_frames().get(self._loop_thread))
                # The loop that is asked may be the one that waits for this thread to end.
                while not self._answered.wait(self._long_s) and not self._ends.is_set():
                    pass
            wall_s = time.perf_counter() - began_s
            if wall_s >= self._long_s and not self._ends.is_set():
                now_cpu_s = self._cpu_s()
                cpu_s = None if began_cpu_s is None or now_cpu_s is None else now_cpu_s - began_cpu_s
                self._note(Wait(wall_s, cpu_s, where))

    def _note(self, wait: Wait) -> None:
        self.waits = (*self.waits[-_KEPT + 1 :], wait)
        if wait.wall_s >= _LOGGED_FROM_S:
            cpu = "" if wait.cpu_s is None else f", {wait.cpu_s * 1e3:.0f} ms of them computing,"
            _LOGGER.info("the window did not answer for %.0f ms%s in\n%s", wait.wall_s * 1e3, cpu, wait.where)
        self.was_slow.emit(wait)

    def _cpu_s(self) -> float | None:
        """Give the processor time that the loop's thread has had; None where the system does not tell."""
        if sys.platform == "win32" or not hasattr(time, "pthread_getcpuclockid"):
            return None
        return time.clock_gettime(time.pthread_getcpuclockid(self._loop_thread))


def _spelled(frame: FrameType | None) -> str:
    calls = [] if frame is None else traceback.extract_stack(frame)[-_DEEPEST:]
    return "\n".join(f"  {call.name} ({call.filename.rpartition('/')[2]}:{call.lineno})" for call in calls)
