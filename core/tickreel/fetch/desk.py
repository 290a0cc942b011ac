"""What all deliveries of one fetcher share: the cache, the queue, the line to the vendor, and its pace."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from tickreel.errors import EnvironmentProblem, NotHeldError
from tickreel.fetch.flight import LocalFlights
from tickreel.fetch.history import History, count_requests
from tickreel.fetch.pace import Bandwidth, Concurrency
from tickreel.fetch.states import FetchState
from tickreel.market.time import US_PER_SECOND, format_us
from tickreel.store.model import DayRange, DayState

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.fetch.admission import Admission
    from tickreel.fetch.flight import Flights
    from tickreel.fetch.history import Fetched
    from tickreel.fetch.model import FetchDay
    from tickreel.fetch.queue import FetchQueue
    from tickreel.fetch.retries import Step
    from tickreel.settings import Settings
    from tickreel.shared.supply import SharedSupply
    from tickreel.sources.datasets import DatasetsClient
    from tickreel.sources.metadata import MetadataStore
    from tickreel.sources.network import Network
    from tickreel.store import Cache

P = ParamSpec("P")
T = TypeVar("T")

_STORED_AT_ONCE = 1
"""Files: storing one keeps both cores busy in turn, and two at a time took a tenth longer in all."""


class FetchDesk:
    """The shared means of deliveries; it lives on the loop of the fetcher, which closes it."""

    def __init__(
        self,
        cache: Cache,
        queue: FetchQueue,
        settings: Settings,
        client: DatasetsClient,
        metadata: MetadataStore,
        network: Network,
        admission: Admission,
        *,
        flights: Flights | None = None,
        shared: SharedSupply | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.cache = cache
        self.queue = queue
        self.client = client
        self.metadata = metadata
        self.network = network
        self.admission = admission
        self.chance = chance
        self.shared = shared
        self.flights = flights or LocalFlights(cache.home / "flights", cache.disk)
        self.bandwidth = Bandwidth(settings.fetch.bandwidth_bytes_per_s)
        self.concurrency = Concurrency(settings.fetch.concurrency)
        self.storing = asyncio.Semaphore(_STORED_AT_ONCE)
        self.progress: dict[int, tuple[int, int | None]] = {}
        """Bytes that have come, of how many, of the days that are downloaded now."""
        self.wake = asyncio.Event()
        """Set when there may be room for another day."""
        self._records = ThreadPoolExecutor(1, thread_name_prefix="tickreel-fetch-records")
        # Beside the one that stores files, a thread for each range that is stored while it comes.
        threads = _STORED_AT_ONCE + settings.fetch.concurrency
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="tickreel-fetch-store")

    @property
    def downloads(self) -> Path:
        """The folder of files on their way."""
        return self.cache.home / "downloads"

    @property
    def evidence(self) -> Path:
        """The folder of what was kept of failures."""
        return self.cache.home / "evidence"

    def file_of(self, day_id: int) -> Path:
        """Give the place of a day's whole file."""
        return self.downloads / f"{day_id}.csv.gz"

    def whole_files(self) -> dict[int, Path]:
        """List the whole files that there are, by the number of their day."""
        names = {path: path.name.partition(".")[0] for path in self.downloads.iterdir()}
        ids = {path: int(name) for path, name in names.items() if name.isdecimal()}
        return {day_id: path for path, day_id in ids.items() if path == self.file_of(day_id)}

    def close(self) -> None:
        """End the threads, once no delivery is left."""
        self._records.shutdown(wait=True)
        self._workers.shutdown(wait=True)

    async def record(self, change: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Change the catalog without keeping the loop; one change at a time, and each to its end."""
        future = asyncio.get_running_loop().run_in_executor(self._records, lambda: change(*args, **kwargs))
        return await asyncio.shield(future)

    def move(self, source: Path, target: Path) -> None:
        """Give a file its place, also after the power goes.

        Raises:
            EnvironmentProblem: it cannot be moved, and is where it was.
        """
        try:
            self.cache.disk.move(source, target)
            self.cache.disk.sync_folder(target.parent)
        except OSError as error:
            raise EnvironmentProblem(
                f"{source} cannot be moved to {target.parent}: {error.strerror or error}"
            ) from error

    def run_storing(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Run *work* on one of the threads that store."""
        return asyncio.get_running_loop().run_in_executor(self._workers, work)

    async def settle(
        self,
        day: FetchDay,
        step: Step,
        *,
        size: int = 0,
        fetched: Fetched | None = None,
        trouble: str | None = None,
        **changes: object,
    ) -> None:
        """Record what becomes of a day as :meth:`settle_now` does, without keeping the loop."""
        await self.record(self.settle_now, day, step, size=size, fetched=fetched, trouble=trouble, **changes)

    def settle_now(
        self,
        day: FetchDay,
        step: Step,
        *,
        size: int = 0,
        fetched: Fetched | None = None,
        trouble: str | None = None,
        **changes: object,
    ) -> None:
        """Record what becomes of a day, and the bytes that came for it, in one transaction.

        *trouble* is the kind of trouble by which a try failed.
        """
        if trouble is not None:
            changes |= day.one_more(trouble)
        if step.state is FetchState.DONE and self.queue.is_to_be_pinned(day.id):
            with suppress(NotHeldError):  # it was deleted meanwhile
                self.cache.life.pins.pin(DayRange(day.key, day.day, day.day))
        now_us = self.cache.disk.now_us()
        until_us = None if step.wait_s is None else now_us + round(step.wait_s * US_PER_SECOND)
        with self.queue.database.writing(survives_power=False) as connection:
            self.queue.move_in(
                connection, day.id, step.state, reason=step.reason, wait_until_us=until_us, **changes
            )
            if size:
                count_requests(connection, format_us(now_us)[:7], 0, size)
            if fetched is not None:
                History(self.queue.database).add(connection, fetched)
        if step.state in (FetchState.ABSENT, FetchState.PENDING):
            state = DayState.ABSENT if step.state is FetchState.ABSENT else DayState.PENDING
            self.cache.record_without_rows(day.key, [day.day], state)
