"""One piece of long work: the states it may pass through, its progress, and its wish to stop."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from tickreel.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

ETA_AFTER_S = 3.0
"""How long a job must have told of itself before its time left is worth showing."""


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return not MOVES[self]


MOVES: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED}),
    State.RUNNING: frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}
"""Every move that a job may make."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job had come at one moment; units are the work's own (bytes, rows).

    Times are seconds of the runner's monotonic clock.
    """

    done: int
    total: int | None
    note: str
    started_s: float
    updated_s: float


def fraction_done(progress: Progress) -> float | None:
    """Give the share that is done, 0 to 1; None while the whole is not known."""
    if not progress.total:
        return None
    return min(1.0, max(0.0, progress.done / progress.total))


def rate_per_s(progress: Progress) -> float | None:
    """Give the units done per second since the start; None before anything is done."""
    span_s = progress.updated_s - progress.started_s
    if span_s <= 0 or progress.done <= 0:
        return None
    return progress.done / span_s


def seconds_left(progress: Progress, now_s: float) -> float | None:
    """Estimate the seconds left; None while it would be a guess (see :data:`ETA_AFTER_S`)."""
    rate = rate_per_s(progress)
    if rate is None or not progress.total or now_s - progress.started_s < ETA_AFTER_S:
        return None
    left_s = (progress.total - progress.done) / rate - (now_s - progress.updated_s)
    return max(0.0, left_s)


class Job(Generic[T]):
    """A piece of work, seen by the one who does it (as its monitor) and by those who watch.

    Every method may be called from any thread. Only :class:`~tickreel.jobs.runner.JobRunner`
    makes jobs and moves them.
    """

    def __init__(
        self,
        job_id: str,
        kind: str,
        title: str,
        *,
        clock: Callable[[], float],
        on_progress: Callable[[Job[T]], None],
    ) -> None:
        self.id = job_id
        self.kind = kind
        self.title = title
        self._clock = clock
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._state = State.QUEUED
        self._cancel_asked = False
        now_s = clock()
        self._progress = Progress(0, None, "", now_s, now_s)
        self._result: T | None = None
        self._error: BaseException | None = None
        self._ended: Future[None] = Future()

    @property
    def state(self) -> State:
        """Where the job stands."""
        with self._lock:
            return self._state

    @property
    def progress(self) -> Progress:
        """The newest progress; none at all, from when it was queued, until the work begins."""
        with self._lock:
            return self._progress

    @property
    def result(self) -> T | None:
        """What the work returned; None unless it succeeded."""
        with self._lock:
            return self._result

    @property
    def error(self) -> BaseException | None:
        """Why the work failed; None unless it did."""
        with self._lock:
            return self._error

    @property
    def is_cancel_asked(self) -> bool:
        """Whether somebody asked the job to stop; it may still run for a while."""
        with self._lock:
            return self._cancel_asked

    @property
    def ended(self) -> Future[None]:
        """Done once the work has really ended and its final state was told; never fails."""
        return self._ended

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Take progress from the work.

        Raises:
            Cancelled: somebody asked the job to stop.
        """
        with self._lock:
            if self._cancel_asked:
                raise Cancelled(f"{self.title}: cancelled")
            self._progress = Progress(done, total, note, self._progress.started_s, self._clock())
        self._on_progress(self)

    def begin(self) -> bool:
        """Move to running; False when the job was cancelled while it waited."""
        with self._lock:
            if self._cancel_asked:
                return False
            self._move(State.RUNNING)
            now_s = self._clock()
            self._progress = Progress(0, None, "", now_s, now_s)
            return True

    def succeed(self, result: T) -> None:
        """Move to succeeded."""
        with self._lock:
            self._move(State.SUCCEEDED)
            self._result = result

    def fail(self, error: BaseException) -> None:
        """Move to failed."""
        with self._lock:
            self._move(State.FAILED)
            self._error = error

    def stop(self) -> None:
        """Move to cancelled: the work has unwound."""
        with self._lock:
            self._move(State.CANCELLED)

    def ask_cancel(self) -> bool:
        """Ask the job to stop; True when it was still waiting and so is cancelled at once.

        A running job stops at its next report; one that has ended stays as it is.
        """
        with self._lock:
            if self._state.is_final:
                return False
            self._cancel_asked = True
            if self._state is State.QUEUED:
                self._move(State.CANCELLED)
                return True
            return False

    def join(self, timeout_s: float | None = None) -> None:
        """Block until the work has really ended.

        Raises:
            TimeoutError: it has not within *timeout_s*.
        """
        self._ended.result(timeout_s)

    def _move(self, to: State) -> None:
        if to not in MOVES[self._state]:
            raise RuntimeError(f"job {self.id} cannot move from {self._state} to {to}")
        self._state = to
