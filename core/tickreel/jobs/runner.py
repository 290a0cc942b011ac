"""Runs jobs on a few threads of its own and tells of their changes, not too often."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from tickreel.errors import Cancelled, TickreelError, UsageError
from tickreel.jobs.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.progress import Monitor

T = TypeVar("T")

TELL_EVERY_S = 0.1
"""Shortest time between two tellings of one job's progress."""

_LOGGER = logging.getLogger(__name__)


class JobRunner:
    """A queue of jobs and the threads that do them.

    *on_change* hears of every change of state and, between those, of progress at most ten times
    a second for each job. It is called on whichever thread made the change, so a user interface
    posts it to its loop; it must not wait for a job.
    """

    def __init__(
        self,
        on_change: Callable[[Job[Any]], None],
        *,
        workers: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_change = on_change
        self._clock = clock
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="tickreel-job")
        self._lock = threading.Lock()
        self._jobs: dict[str, Job[Any]] = {}
        self._told_s: dict[str, float] = {}
        self._is_closed = False

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Every job of this session, oldest first."""
        with self._lock:
            return tuple(self._jobs.values())

    def job(self, job_id: str) -> Job[Any]:
        """Find a job by its id.

        Raises:
            UsageError: there is no such job.
        """
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise UsageError(f"there is no job {job_id!r} in this session")
        return job

    def submit(self, kind: str, title: str, work: Callable[[Monitor], T]) -> Job[T]:
        """Queue *work*; it gets the job as its monitor and runs on one of the runner's threads."""
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the job runner was shut down")
            job: Job[T] = Job(
                f"job-{len(self._jobs) + 1}", kind, title, clock=self._clock, on_progress=self._tell_progress
            )
            self._jobs[job.id] = job
        self._tell(job)
        self._pool.submit(self._run, job, work)
        return job

    def cancel(self, job: Job[Any]) -> None:
        """Ask a job to stop; one that waits is cancelled at once, one that runs at its next report.

        Wait for :meth:`Job.join` or :meth:`await_end` before saying that it was cancelled.
        """
        if job.ask_cancel():
            self._tell(job)
            job.ended.set_result(None)

    async def await_end(self, job: Job[Any]) -> None:
        """Wait on the running loop until a job has really ended, however it ends."""
        await asyncio.shield(asyncio.wrap_future(job.ended))

    def shutdown(self) -> None:
        """Cancel every job, block until all have really ended, and end the threads."""
        with self._lock:
            self._is_closed = True
        for job in self.jobs:
            self.cancel(job)
        self._pool.shutdown(wait=True)

    def _run(self, job: Job[T], work: Callable[[Monitor], T]) -> None:
        if not job.begin():
            return
        self._tell(job)
        try:
            result = work(job)
        except Cancelled:
            job.stop()
        except TickreelError as error:
            job.fail(error)
        except BaseException as error:
            _LOGGER.exception("%s failed", job.title)
            job.fail(error)
        else:
            job.succeed(result)
        self._tell(job)
        job.ended.set_result(None)

    def _tell_progress(self, job: Job[Any]) -> None:
        now_s = self._clock()
        with self._lock:
            if now_s - self._told_s.get(job.id, float("-inf")) < TELL_EVERY_S:
                return
            self._told_s[job.id] = now_s
        self._call(job)

    def _tell(self, job: Job[Any]) -> None:
        with self._lock:
            self._told_s[job.id] = self._clock()
        self._call(job)

    def _call(self, job: Job[Any]) -> None:
        try:
            self._on_change(job)
        except Exception:
            _LOGGER.exception("nobody could be told of %s", job.title)
