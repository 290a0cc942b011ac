"""From the threads of the job runner to the thread of the user interface.

The runner tells of changes on whichever thread made them. The relay keeps the
jobs that changed and posts one queued signal; the widgets hear of them at most
ten times a second, and always of the last change.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from tickreel.jobs import Job

DELIVER_EVERY_MS = 100


class JobRelay(QObject):
    """Take changes of jobs on any thread and give them out on its own.

    Hand :meth:`tell` to the ``JobRunner``; shut the runner down before the relay goes.
    """

    changed = Signal(tuple)
    """Jobs that changed since the last time, oldest first; what they say now may be newer still."""

    _posted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[str, Job[Any]] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DELIVER_EVERY_MS)
        self._pause.timeout.connect(self._deliver)
        self._posted.connect(self._on_posted, Qt.ConnectionType.QueuedConnection)

    def tell(self, job: Job[Any]) -> None:
        """Take note of a change; callable from any thread."""
        with self._lock:
            is_first = not self._waiting
            self._waiting[job.id] = job
        if is_first:
            self._posted.emit()

    def _on_posted(self) -> None:
        if not self._pause.isActive():
            self._deliver()

    def _deliver(self) -> None:
        with self._lock:
            jobs = tuple(self._waiting.values())
            self._waiting.clear()
        if jobs:
            self._pause.start()
            self.changed.emit(jobs)
