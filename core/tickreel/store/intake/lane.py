"""One after the other, beside the caller: work that must keep its order but need not be waited for."""

from __future__ import annotations

import threading
from queue import Queue
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    Work: TypeAlias = Callable[[], None]

_WAITING = 2
"""Pieces of work that may wait; each holds a block of rows in memory."""


class Lane:
    """A thread that does pieces of work in the order in which they were given.

    After a piece failed, the rest is dropped, and every later call raises what it raised. A
    lane that is given a single piece never starts a thread, so that a small file costs none.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: Queue[Work | None] = Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self._first: Work | None = None
        self._failure: BaseException | None = None

    def give(self, work: Work) -> None:
        """Take a piece of work; waits while too much is waiting."""
        self._raise_failure()
        if self._thread is None:
            if self._first is None:
                self._first = work
                return
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
            self._queue.put(self._first)
            self._first = None
        self._queue.put(work)

    def wait(self) -> None:
        """Return when all work is done."""
        if self._thread is None:
            first, self._first = self._first, None
            if first is not None:
                first()
            return
        self._stop()
        self._raise_failure()

    def drop(self) -> None:
        """Give up what is still waiting, and end the thread."""
        self._first = None
        if self._thread is not None:
            self._failure = self._failure or InterruptedError("the work was given up")
            self._stop()

    def _stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            if self._failure is None:
                try:
                    work()
                except BaseException as error:  # noqa: BLE001 - raised again by the next call
                    self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
