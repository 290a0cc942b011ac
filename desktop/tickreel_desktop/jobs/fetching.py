"""Fetches of this home as jobs of the panel, whichever program asked for them or works them off.

A thread of its own looks into the catalog and changes it, since that waits while another
program writes; the thread of the user interface gets what was seen.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from tickreel.errors import NotHeldError, TickreelError
from tickreel.fetch.control import JobControl
from tickreel.fetch.ownership import Ownership
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.states import FetchState
from tickreel_desktop.jobs.fetch_rows import FetchNews, fetch_account, fetch_row, fetch_row_id
from tickreel_desktop.jobs.rates import RateMeter
from tickreel_desktop.jobs.row import JobAccount, JobRow, JobVerb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel.fetch.model import FetchDay, FetchJob
    from tickreel.store import Cache
    from tickreel_desktop.zone import DisplayZone

LOOK_EVERY_S = 0.5
_OWNER_EVERY_S = 2.0
"""How long the end of a program that fetches may go unseen: to look for one takes its lock for a moment."""
_LOGGER = logging.getLogger(__name__)
_DOERS: dict[JobVerb, Callable[[JobControl, int], object]] = {
    JobVerb.PAUSE: JobControl.pause,
    JobVerb.RESUME: JobControl.resume,
    JobVerb.RETRY: JobControl.retry,
    JobVerb.CANCEL: JobControl.cancel,
    JobVerb.UP: lambda control, job_id: control.shift(job_id, up=True),
    JobVerb.DOWN: lambda control, job_id: control.shift(job_id, up=False),
    JobVerb.FIRST: lambda control, job_id: control.place(job_id, first=True),
    JobVerb.LAST: lambda control, job_id: control.place(job_id, first=False),
}


class FetchJobs(QObject):
    """Tell of the fetch queue of a home; close it before the cache."""

    changed = Signal()
    failed = Signal(object)
    """A ``TickreelError``: the catalog cannot be read, or what was asked for cannot be done."""
    idle_changed = Signal(bool)
    """Whether jobs are queued that no program fetches."""
    going_wanted = Signal()
    """The user wants a job to go on, or to be tried again: some program has to fetch."""

    _seen = Signal(object)
    _days_seen = Signal(int, object)

    def __init__(self, cache: Cache, zone: DisplayZone, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._zone = zone
        self._news: FetchNews | None = None
        self._rows: dict[int, JobRow] = {}
        self._jobs: dict[int, FetchJob] = {}
        self._meters: dict[int, RateMeter] = {}
        self._days: dict[int, tuple[FetchDay, ...]] = {}
        self._hidden: set[int] = set()
        self._is_idle = False
        self._orders: queue.SimpleQueue[Callable[[_Watch], None] | None] = queue.SimpleQueue()
        zone.changed.connect(self._on_zone_changed)
        self._seen.connect(self._on_seen, Qt.ConnectionType.QueuedConnection)
        self._days_seen.connect(self._on_days_seen, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="tickreel-fetch-jobs")
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether jobs are queued that no program fetches."""
        return self._is_idle

    def rows(self) -> Sequence[JobRow]:
        """Give all fetches that were not taken off the list."""
        return [row for job_id, row in self._rows.items() if job_id not in self._hidden]

    def account(self, job_id: str) -> JobAccount:
        """Tell all of a fetch; its days are looked up, and come with :attr:`changed`."""
        number = _number(job_id)
        job = self._jobs.get(number)
        if job is None:
            return JobAccount(())
        days = self._days.get(number)
        if days is None:
            self._days = {number: ()}  # of one job at a time
            self._orders.put(lambda watch: watch.look_at(number))
        return fetch_account(job, days or (), self._zone.zone)

    def act(self, job_id: str, verb: JobVerb) -> None:
        """Do something with a fetch, off this thread."""
        number = _number(job_id)
        if verb is JobVerb.DISMISS:
            self.dismiss([job_id])
        elif (do := _DOERS.get(verb)) is not None:
            self._orders.put(lambda watch: watch.do(do, number))
        if verb in (JobVerb.RESUME, JobVerb.RETRY):
            self.going_wanted.emit()

    def dismiss(self, job_ids: Sequence[str]) -> Callable[[], None]:
        """Take fetches that have ended off the list; they are forgotten for good at :meth:`close`."""
        gone = {_number(each) for each in job_ids} - self._hidden
        self._hidden |= gone
        self.changed.emit()

        def restore() -> None:
            self._hidden -= gone
            self.changed.emit()

        return restore

    def close(self) -> None:
        """Forget what was taken off the list, and end the thread; blocks until it has ended."""
        hidden = [number for number in self._hidden if number in self._jobs]
        if hidden:
            self._orders.put(lambda watch: watch.forget(hidden))
        self._orders.put(None)
        self._thread.join()

    def _on_zone_changed(self) -> None:
        if self._news is not None:
            self._on_seen(self._news)

    def _on_seen(self, news: FetchNews) -> None:
        self._news = news
        rows = {}
        for place, job in enumerate((each for each in news.jobs if not each.is_ended), start=1):
            rows[job.id] = self._row(job, place, news)
        for job in news.jobs:
            if job.is_ended:
                rows[job.id] = self._row(job, 0, news)
        self._rows = rows
        self._jobs = {job.id: job for job in news.jobs}
        self._meters = {job_id: meter for job_id, meter in self._meters.items() if job_id in rows}
        self.changed.emit()
        waits = any(not job.is_ended and job.state is not FetchState.PAUSED for job in news.jobs)
        is_idle = waits and not news.is_fetched
        if is_idle != self._is_idle:
            self._is_idle = is_idle
            self.idle_changed.emit(is_idle)

    def _row(self, job: FetchJob, place: int, news: FetchNews) -> JobRow:
        meter = self._meters.setdefault(job.id, RateMeter())
        row = fetch_row(job, place, news, meter, self._zone.zone)
        before = self._rows.get(job.id)
        return before if before == row else row

    def _on_days_seen(self, number: int, days: tuple[FetchDay, ...]) -> None:
        if number in self._days:
            self._days[number] = days
            self.changed.emit()

    def _run(self) -> None:
        """Look and do, on the thread of this object's own, until an order is None."""
        watch = _Watch(self._cache, self._seen.emit, self._days_seen.emit)
        told = ""
        is_ending = False
        while not is_ending:
            try:
                orders = _taken(self._orders, LOOK_EVERY_S)
                is_ending = None in orders
                watch.open()
                for order in orders:
                    if order is not None:
                        self._obey(order, watch)
                if not is_ending:
                    watch.look()
                told = ""
            except TickreelError as error:
                if str(error) != told:  # once, however long it lasts
                    told = str(error)
                    _LOGGER.info("the fetch queue cannot be read: %s", error)
                    self.failed.emit(error)
        watch.close()

    def _obey(self, order: Callable[[_Watch], None], watch: _Watch) -> None:
        try:
            order(watch)
        except NotHeldError:
            pass  # somebody has cleared the job meanwhile
        except TickreelError as error:
            self.failed.emit(error)


class _Watch:
    """The catalog as the thread sees it."""

    def __init__(
        self,
        cache: Cache,
        on_seen: Callable[[FetchNews], None],
        on_days: Callable[[int, tuple[FetchDay, ...]], None],
    ) -> None:
        self._cache = cache
        self._on_seen = on_seen
        self._on_days = on_days
        self._queue: FetchQueue | None = None
        self._version: tuple[int, int] | None = None
        self._news: FetchNews | None = None
        self._looked_at: int | None = None
        self._owner_s = float("-inf")
        self._is_fetched = False

    def open(self) -> None:
        """Connect to the catalog, if that is not done."""
        if self._queue is None:
            self._queue = FetchQueue(self._cache.connect(), self._cache.disk.now_us)

    def close(self) -> None:
        """Let go of the catalog."""
        if self._queue is not None:
            self._queue.database.close()

    def do(self, verb: Callable[[JobControl, int], object], job_id: int) -> None:
        """Do something with a job."""
        assert self._queue is not None  # opened before any order
        verb(JobControl(self._queue), job_id)

    def forget(self, job_ids: Sequence[int]) -> None:
        """Take jobs that have ended out of the catalog."""
        assert self._queue is not None
        JobControl(self._queue).clear(job_ids)

    def look_at(self, job_id: int) -> None:
        """Tell the days of this job from now on, whenever they change."""
        self._looked_at = job_id
        self._version = None

    def look(self) -> None:
        """Tell how the queue stands, if it is not as it was."""
        assert self._queue is not None
        now_s = time.monotonic()
        version = self._queue.version()
        is_changed = version != self._version
        jobs = tuple(self._queue.jobs()) if is_changed or self._news is None else self._news.jobs
        is_under_way = any(not job.is_ended for job in jobs)
        if is_under_way and (not self._is_fetched or now_s - self._owner_s >= _OWNER_EVERY_S):
            self._owner_s = now_s
            self._is_fetched = self._is_anybody_fetching()
        same_owner = self._news is not None and self._news.is_fetched == self._is_fetched
        is_moving = any(job.state in (FetchState.RUNNING, FetchState.WAITING) for job in jobs)
        if not is_changed and same_owner and not is_moving:
            return
        self._version = version
        news = FetchNews(
            now_s,
            self._cache.disk.now_us(),
            jobs,
            self._queue.foremost() if jobs else {},
            self._ended_us(jobs),
            self._is_fetched,
        )
        is_news = (
            self._news is None
            or is_moving
            or replace(news, seen_s=0.0, now_us=0) != replace(self._news, seen_s=0.0, now_us=0)
        )
        self._news = news
        if is_news:
            self._on_seen(news)
        if is_changed and self._looked_at is not None:
            self._on_days(self._looked_at, tuple(self._queue.days(self._looked_at)))

    def _is_anybody_fetching(self) -> bool:
        return not self._cache.is_read_only and Ownership(self._cache.home).is_taken()

    def _ended_us(self, jobs: Sequence[FetchJob]) -> dict[int, int]:
        assert self._queue is not None
        if not any(job.is_ended for job in jobs):
            return {}
        return self._queue.last_changes()


def _number(job_id: str) -> int:
    return int(job_id.removeprefix(fetch_row_id(0)[:-1]))


def _taken(
    orders: queue.SimpleQueue[Callable[[_Watch], None] | None], patience_s: float
) -> list[Callable[[_Watch], None] | None]:
    """Wait for an order, no longer than *patience_s*, and take all there are."""
    taken: list[Callable[[_Watch], None] | None] = []
    try:
        taken.append(orders.get(timeout=patience_s))
        while True:
            taken.append(orders.get_nowait())
    except queue.Empty:
        return taken
