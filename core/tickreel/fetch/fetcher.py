"""Works the queue off: as many days side by side as the vendor bears, storing while others download.

Of all processes that use a home one does this at a time; see :mod:`tickreel.fetch.ownership`.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.fetch.delivery import Deliveries
from tickreel.fetch.retries import DISK, Step, after_disk
from tickreel.fetch.states import FetchState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.fetch.desk import FetchDesk
    from tickreel.fetch.queue import TakenDay

_LOGGER = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.25
"""How long a cancel by another process goes unnoticed."""
_NOTE_EVERY_S = 1.0
_MOST_WAITING_TO_BE_STORED = 6
"""Files: more would fill the disk where storing is slower than the line."""


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

    async def run(self, *, is_over: Callable[[], bool], prefer_job: int | None = None) -> None:
        """Fetch until *is_over* says so, and let what is under way then come to its end.

        Cancelled, it stops what is under way and leaves it queued.
        """
        await self._begin()
        version = None
        try:
            while not await self._desk.record(is_over):
                self._desk.wake.clear()
                if self._failure is not None:
                    raise self._failure
                now = await self._desk.record(self._desk.queue.version)
                if now != version:
                    version = now
                    await self._stop_unwanted()
                await self._fill(prefer_job)
                await self._note_progress()
                await self._pause()
            while self._tasks:  # of other jobs, whose files would have to be fetched anew
                self._desk.wake.clear()
                await self._stop_unwanted()
                await self._pause()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._desk.wake.wait(), _LOOK_EVERY_S)

    async def _begin(self) -> None:
        """Take over what a process that is gone has left."""
        desk = self._desk
        for folder in (desk.downloads, desk.evidence):
            await desk.record(desk.cache.disk.make_folder, folder)
        for path in (desk.cache.home / "flights").glob("*.lock"):
            await desk.record(desk.cache.disk.remove, path)  # only whoever owns the queue claims any
        await desk.record(desk.queue.recover, desk.file_of)
        known = await desk.record(desk.queue.ids_under_way)
        for path in desk.downloads.iterdir():
            name = path.name.partition(".")[0]
            is_whole = path == desk.file_of(int(name)) if name.isdecimal() else False
            if not is_whole or int(name) not in known:
                await desk.record(desk.cache.disk.remove, path)

    async def _stop_unwanted(self) -> None:
        """Stop what somebody has cancelled meanwhile."""
        states = await self._desk.record(self._desk.queue.states, list(self._tasks))
        for day_id, task in self._tasks.items():
            is_unwanted = states.get(day_id, FetchState.CANCELLED) is FetchState.CANCELLED
            if is_unwanted and day_id not in self._stopped:
                self._stopped.add(day_id)
                task.cancel()

    async def _fill(self, prefer_job: int | None) -> None:
        """Begin as many days as there is room for."""
        desk = self._desk
        downloading = len(desk.progress)
        others = len(self._tasks) - downloading
        room = min(desk.concurrency.limit - downloading, _MOST_WAITING_TO_BE_STORED - others)
        is_held = desk.hold.until(desk.cache.disk.now_us()) is not None
        for taken in await desk.record(desk.queue.take, room, prefer_job, is_held=is_held):
            day_id = taken.day.id
            task = asyncio.create_task(self._deliver(taken), name=f"fetch {taken.day}")
            desk.progress[day_id] = (0, None)
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
            step = after_disk(problem, day.tries(DISK), self._desk.chance())
            await self._desk.settle(day, step, trouble=DISK)
        except TickreelError as error:
            await self._desk.settle(day, Step(FetchState.FAILED, str(error)))
        except Exception as error:
            # One day must not end the others, and its failure must not go unseen.
            _LOGGER.exception("%s could not be fetched", day)
            await self._desk.settle(day, Step(FetchState.FAILED, f"an error of Tickreel itself: {error!r}"))

    async def _note_progress(self) -> None:
        """Write progress down now and then, for those who look from other processes."""
        now_s = monotonic()
        if now_s - self._noted_s >= _NOTE_EVERY_S:
            self._noted_s = now_s
            moved = {day_id: come for day_id, come in self._desk.progress.items() if come[0]}
            await self._desk.record(self._desk.queue.note_progress, moved)
