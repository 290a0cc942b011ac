"""Works jobs off while somebody waits for them, with a line of progress; Ctrl-C cancels in good order."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tickreel.cli.console import tell
from tickreel.cli.fetchform import hold_words
from tickreel.errors import Cancelled
from tickreel.fetch.states import FetchState
from tickreel.market.units import format_bytes, format_clock, format_duration_s, format_full

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tickreel.cli.progress import Progress
    from tickreel.fetch.model import FetchJob
    from tickreel.fetch.service import FetchService

_DRAW_EVERY_S = 0.2


class JobMeter:
    """Words the progress of one job: days, bytes, rate, time left, and what it waits for."""

    def __init__(self, service: FetchService, job_id: int) -> None:
        self._service = service
        self._job_id = job_id
        self._began_s = time.monotonic()
        self._told: set[str] = set()
        self._had = self._received(service.queue.job(job_id))

    def show(self, progress: Progress) -> None:
        """Show how far it is; raises Cancelled when Ctrl-C was pressed."""
        job = self._service.queue.job(self._job_id)
        progress.report(job.ended, job.total, self._note(job))

    def tell_trouble(self) -> None:
        """Say what days wait for, each reason once: for those who see no line of progress."""
        hold = self._service.queue.hold.current()
        held = [] if hold is None else [hold_words(hold)]
        for reason in (*held, *self._service.queue.reasons(self._job_id)):
            if reason not in self._told:
                self._told.add(reason)
                tell(f"job {self._job_id} waits: {reason}")

    def _received(self, job: FetchJob) -> int:
        # What is written down of a download is a moment old; what this process is at is not.
        return max(job.bytes, sum(done for done, _ in self._service.progress().values()))

    def _note(self, job: FetchJob) -> str:
        span_s = time.monotonic() - self._began_s
        received = self._received(job) - self._had
        pieces = [f"{format_full(job.ended)} of {format_full(job.total)} days", format_bytes(job.bytes)]
        if received > 0 and span_s > 1:
            pieces.append(f"{format_bytes(round(received / span_s))}/s")
        if job.rows:
            pieces.append(f"{format_full(job.rows)} rows")
        if 0 < job.ended < job.total and span_s > 3:
            pieces.append(f"{format_duration_s(span_s / job.ended * (job.total - job.ended))} left")
        hold = self._service.queue.hold.current()
        if hold is not None:
            return "  ".join([*pieces, hold_words(hold)])
        waiting = job.days.get(FetchState.WAITING, 0)
        if waiting and job.wait_until_us is not None:
            why = next(iter(self._service.queue.reasons(self._job_id)), "")
            pieces.append(f"{waiting} waiting until {format_clock(job.wait_until_us, 0)}: {why}")
        return "  ".join(pieces)


async def work_job(service: FetchService, job_id: int, progress: Progress) -> None:
    """Work until a job has ended.

    Raises:
        Cancelled: Ctrl-C was pressed; the job is cancelled, and nothing of it goes on.
    """
    meter = JobMeter(service, job_id)

    def look() -> None:
        meter.show(progress)
        if not progress.is_drawn:
            meter.tell_trouble()

    try:
        await _watched(service.work(job_id), look)
    except Cancelled:
        service.control.cancel(job_id)
        raise Cancelled(
            f"job {job_id} is cancelled; what it had stored stays, and the same command fetches the rest"
        ) from None


async def work_queue(service: FetchService, progress: Progress) -> None:
    """Work until nothing is left in the queue; Ctrl-C leaves what is left for another time."""
    await _unhurried(service.work_all(), lambda: progress.report(0, None, "working the queue off"))


async def watch_orders(service: FetchService, progress: Progress, every_s: float) -> None:
    """Look after standing orders and the queue until Ctrl-C, telling of each order what keeps it back."""
    told: dict[int, str] = {}

    def on_check() -> None:
        for order in service.standing.all():
            if order.problem and told.get(order.id) != order.problem:
                tell(f"{order.key}: {order.problem}")
            told[order.id] = order.problem

    await _unhurried(
        service.watch(every_s, on_check), lambda: progress.report(0, None, "looking after standing orders")
    )


async def _unhurried(work: Coroutine[object, object, None], show: Callable[[], None]) -> None:
    try:
        await _watched(work, show)
    except Cancelled:
        raise Cancelled("stopped; what is not done stays in the queue") from None


async def _watched(work: Coroutine[object, object, None], show: Callable[[], None]) -> None:
    """Run *work* and show its progress; when showing raises, stop the work first, to its end."""
    task = asyncio.create_task(work)
    try:
        while not task.done():
            show()
            await asyncio.wait([task], timeout=_DRAW_EVERY_S)
    except BaseException:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
    await task
