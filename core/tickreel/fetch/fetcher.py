"""Works the queue off: as many days side by side as the vendor bears, storing while others download.

Of all processes that use a home one does this at a time; see :mod:`tickreel.fetch.ownership`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.fetch.delivery import Deliveries
from tickreel.fetch.retries import DISK, Step, after_disk
from tickreel.fetch.states import FetchState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tickreel.fetch.desk import FetchDesk
    from tickreel.fetch.model import FetchDay
    from tickreel.fetch.queue import TakenDay

_LOGGER = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.25
"""How long a cancel by another process goes unnoticed."""
_NOTE_EVERY_S = 1.0
_MOST_WAITING_TO_BE_STORED = 6
"""Files: more would fill the disk where storing is slower than the line."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look into the catalog gave."""

    states: Mapping[int, FetchState] | None
    """Of the days under way; None when nothing changed since the last look."""
    taken: list[TakenDay]


class Fetcher:
    """Fetches what is queued, for as long as it is told to; whoever runs it owns the queue."""

    def __init__(self, desk: FetchDesk) -> None:
        self._desk = desk
        self._deliveries = Deliveries(desk)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stopped: set[int] = set()
        self._failure: BaseException | None = None
        """What kept the end of a day from being recorded; the run ends with it."""
        self._noted_s = 0.0
        self._version: tuple[int, int] | None = None
        """Of the queue, when it was last looked what was cancelled."""

    async def run(self, *, is_over: Callable[[], bool], prefer_job: int | None = None) -> None:
        """Fetch until *is_over* says so, and let what is under way then come to its end.

        Cancelled, it stops what is under way and leaves it queued.
        """
        await self._begin()
        try:
            while (seen := await self._look(is_over, prefer_job)) is not None:
                self._stop_unwanted(seen.states)
                self._start(seen.taken)
                await self._pause()
            while self._tasks:  # of other jobs, whose files would have to be fetched anew
                self._desk.wake.clear()
                self._stop_unwanted(await self._desk.record(self._desk.queue.states, list(self._tasks)))
                await self._pause()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _pause(self) -> None:
        # Not wait_for: before Python 3.12 it loses a cancellation that comes as the wait ends.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_S):
                await self._desk.wake.wait()

    async def _begin(self) -> None:
        """Take over what a process that is gone has left."""
        desk = self._desk
        for folder in (desk.downloads, desk.evidence):
            await desk.record(desk.cache.disk.make_folder, folder)
        for path in (desk.cache.home / "flights").glob("*.lock"):
            await desk.record(desk.cache.disk.remove, path)  # only whoever owns the queue claims any
        await desk.record(desk.queue.recover, desk.whole_files())
        kept = await desk.record(desk.queue.files_under_way)
        for path in desk.downloads.iterdir():
            if path not in kept:
                await desk.record(desk.cache.disk.remove, path)

    async def _look(self, is_over: Callable[[], bool], prefer_job: int | None) -> _Seen | None:
        """See what was cancelled and begin what there is room for; None when it is over.

        All of it on one way to the catalog: small days end many times in a second.
        """
        if self._failure is not None:
            raise self._failure
        desk = self._desk
        desk.wake.clear()  # before the look: what happens meanwhile is looked at next
        running = list(self._tasks)
        downloading = len(desk.progress)
        others = len(running) - downloading
        room = min(desk.concurrency.limit - downloading, _MOST_WAITING_TO_BE_STORED - others)
        moved = self._moved_bytes()

        def look() -> _Seen | None:
            if is_over():
                return None
            desk.queue.note_progress(moved)
            version = desk.queue.version()
            states = None if version == self._version else desk.queue.states(running)
            self._version = version
            return _Seen(states, desk.queue.take(room, prefer_job))

        return await desk.record(look)

    def _stop_unwanted(self, states: Mapping[int, FetchState] | None) -> None:
        """Stop what somebody has cancelled meanwhile; *states* are of days begun before they were read."""
        if states is None:
            return
        for day_id, task in self._tasks.items():
            is_unwanted = states.get(day_id, FetchState.CANCELLED) is FetchState.CANCELLED
            if is_unwanted and day_id not in self._stopped:
                self._stopped.add(day_id)
                task.cancel()

    def _start(self, taken: list[TakenDay]) -> None:
        for one in taken:
            day_id = one.day.id
            task = asyncio.create_task(self._deliver(one), name=f"fetch {one.day}")
            self._desk.progress[day_id] = (0, None)
            self._tasks[day_id] = task
            task.add_done_callback(partial(self._ended, day_id))

    def _ended(self, day_id: int, task: asyncio.Task[None]) -> None:
        self._tasks.pop(day_id, None)
        self._stopped.discard(day_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = error
        self._desk.progress.pop(day_id, None)
        self._desk.wake.set()

    async def _deliver(self, taken: TakenDay) -> None:
        day = taken.day
        try:
            await self._deliveries.deliver(taken)
        except EnvironmentProblem as problem:  # the catalog is locked for long, for instance
            await self._wait_for_disk(day, problem)
        except OSError as error:
            what = f"{error.filename}: " if error.filename else ""
            await self._wait_for_disk(day, EnvironmentProblem(f"{what}{error.strerror or error}"))
        except TickreelError as error:
            await self._desk.settle(day, Step(FetchState.FAILED, str(error)))
        except Exception as error:
            # One day must not end the others, and its failure must not go unseen.
            _LOGGER.exception("%s could not be fetched", day)
            await self._desk.settle(day, Step(FetchState.FAILED, f"an error of Tickreel itself: {error!r}"))

    async def _wait_for_disk(self, day: FetchDay, problem: EnvironmentProblem) -> None:
        """Try a day again later; where its file has come whole, that waits with it."""
        step = after_disk(problem, day.tries(DISK), self._desk.chance())
        await self._desk.settle(day, step, trouble=DISK)

    def _moved_bytes(self) -> dict[int, tuple[int, int | None]]:
        """Give, now and then, what is to be written down for those who look from other processes."""
        now_s = monotonic()
        if now_s - self._noted_s < _NOTE_EVERY_S:
            return {}
        self._noted_s = now_s
        return {day_id: come for day_id, come in self._desk.progress.items() if come[0]}
