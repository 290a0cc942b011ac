"""Fetching as its users see it: plan, submit, work off, look after; the same for every door.

Downloading and storing run on threads of their own. What looks into the catalog or changes it does so
at once, and waits while another program is writing there: a window runs all of it on a loop in a thread.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, NotHeldError
from tickreel.fetch.admission import Admission, ListCalls
from tickreel.fetch.control import JobControl
from tickreel.fetch.economics import read_budget, read_prices
from tickreel.fetch.keeping import Keeper
from tickreel.fetch.ownership import Ownership
from tickreel.fetch.planning import KeyAccess, Planner
from tickreel.fetch.preflight import METADATA_AGE_S, Action, with_actions
from tickreel.fetch.queue import FetchQueue
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.fetch.standing import StandingOrders
from tickreel.fetch.states import FetchState
from tickreel.keys import KeyName, find_key
from tickreel.market.time import US_PER_SECOND, days_touched
from tickreel.settings import load
from tickreel.shared.opening import open_supply, supply_of
from tickreel.sources.access import reach
from tickreel.sources.datasets import DatasetsClient
from tickreel.sources.metadata import MetadataStore
from tickreel.sources.network import NETWORK_SECTIONS, network_of
from tickreel.store.model import DayRange, DayState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from tickreel.fetch.desk import FetchDesk
    from tickreel.fetch.economics import Budget
    from tickreel.fetch.model import FetchDay, FetchJob
    from tickreel.fetch.preflight import FetchPlan, PlannedDay
    from tickreel.market.types import DatasetKey
    from tickreel.sources.access import Reach
    from tickreel.sources.metadata import ExchangeInfo, ExchangeList
    from tickreel.store import Cache

_LOOK_EVERY_S = 0.25
_ENDS = {
    FetchState.DONE: Action.FETCHED,
    FetchState.ABSENT: Action.ABSENT,
    FetchState.PENDING: Action.PENDING,
    FetchState.FAILED: Action.FAILED,
    FetchState.CANCELLED: Action.CANCELLED,
}


class FetchService:
    """Fetches into one cache; a context manager that leaves the cache open."""

    def __init__(
        self, cache: Cache, *, concurrency: int | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._cache = cache
        self._environ = environ
        flags = {"fetch.concurrency": concurrency}
        self._loaded = load(cache.home, environ=environ, flags=flags)
        self._settings = self._loaded.values
        self._network = network_of(self._settings)
        # With the cache's own, all that this program does with the server leaves it alone together.
        self._own_shared = None if cache.farther else open_supply(cache, self._loaded, environ)
        self._shared = supply_of(cache) or self._own_shared
        self._database = cache.connect()
        self._now_us = cache.disk.now_us
        self._metadata = MetadataStore(cache.home / "metadata", cache.disk, self._now_us)
        self._desk: FetchDesk | None = None
        self._access = KeyAccess(self._now_us)
        self.queue = FetchQueue(self._database, self._now_us)
        self.control = JobControl(self.queue)
        self.standing = StandingOrders(self._database, self._now_us)

    def __enter__(self) -> FetchService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the catalog; nothing may be under way in this process."""
        self._database.close()
        if self._own_shared is not None:
            self._own_shared.close()

    @asynccontextmanager
    async def _client(self, **of_lists: bool) -> AsyncIterator[DatasetsClient]:
        """Open a line to the vendor; what is given says of its lists what :class:`ListCalls` says."""
        self._loaded.demand(*NETWORK_SECTIONS)
        key = await asyncio.to_thread(find_key, KeyName.TARDIS, self._environ)
        calls = ListCalls(self._admission(), **of_lists)
        async with DatasetsClient(self._network, key, self._cache.disk, calls=calls) as client:
            yield client

    @asynccontextmanager
    async def _planner(self, **of_lists: bool) -> AsyncIterator[Planner]:
        async with self._client(**of_lists) as client:
            yield Planner(self._cache, self._database, self._metadata, client, self._access, self._shared)

    def _admission(self) -> Admission:
        plan = read_prices(self._cache.home).plan
        return Admission(self._database, self.queue.hold, plan, self._now_us)

    async def check(self) -> Reach:
        """Ask the vendor's lists whether it can be reached, and what the key gives.

        Raises:
            EnvironmentProblem: it cannot be reached; host and proxy are named. Or the calls of the plan
                are spent.
        """
        async with self._client() as client:
            return await reach(client)

    def kept_exchanges(self) -> ExchangeList | None:
        """Give the vendor's exchanges as they were last read; None where that never was."""
        return self._metadata.cached_list()

    async def renew_exchanges(self) -> ExchangeList:
        """Ask the vendor for its exchanges.

        Raises:
            EnvironmentProblem: it cannot be asked; host and proxy are named.
        """
        async with self._client() as client:
            return await self._metadata.refresh_list(client)

    def kept_exchange(self, exchange: str) -> ExchangeInfo | None:
        """Give what the vendor has of an exchange as it was last read; None where that never was.

        Raises:
            UsageError: it is no name of an exchange.
        """
        return self._metadata.cached(exchange)

    async def renew_exchange(self, exchange: str) -> ExchangeInfo:
        """Ask the vendor what it has of an exchange, unless it has just said so.

        Raises:
            UsageError: it has no such exchange.
            EnvironmentProblem: it cannot be asked; host and proxy are named.
        """
        kept = self._metadata.cached(exchange)
        if kept is not None and 0 <= self._now_us() - kept.fetched_us <= METADATA_AGE_S * US_PER_SECOND:
            return kept
        async with self._client() as client:
            return await self._metadata.refresh(client, exchange)

    async def preflight(
        self,
        request: FetchRequest,
        *,
        allow_over_budget: bool = False,
        is_offline: bool = False,
        asks_shared: bool = True,
    ) -> FetchPlan:
        """Say what a fetch would do, day by day; nothing but the vendor's lists is downloaded.

        Where the calls of the plan are spent, lists of before serve unless going on is allowed.
        *is_offline* does not ask the vendor: what was read before serves, and what the key includes is not
        known. Without *asks_shared* the shared cache is not asked either.

        Raises:
            UsageError: the vendor has no such exchange or symbol.
            EnvironmentProblem: the settings do not say how to get there.
            DataError: the price table cannot be read.
        """
        async with self._planner(may_overspend=allow_over_budget, can_be_allowed=True) as planner:
            return await planner.plan(request, is_offline=is_offline, asks_shared=asks_shared)

    async def listed(self, key: DatasetKey) -> DatasetKey:
        """Give a dataset as the vendor lists it, as far as the vendor can be asked.

        Raises:
            UsageError: the vendor has no such exchange, symbol or type.
        """
        async with self._planner() as planner:
            return await planner.listed(key)

    def is_anybody_fetching(self) -> bool:
        """Tell whether a process, this one included, is working the queue off.

        Raises:
            EnvironmentProblem: it cannot be told, as with a lock of another user.
        """
        return Ownership(self._cache.home).is_taken(read_only=self._database.read_only)

    def _is_left_behind(self, was_fetching: bool) -> bool:
        """Tell whether what was read after *was_fetching* is of a process that is gone.

        Whoever has begun meanwhile, or has just ended, is not.
        """
        return not was_fetching and not self.is_anybody_fetching()

    def jobs(self) -> list[FetchJob]:
        """List all jobs in the order in which they are done.

        What a process had begun that is gone is queued, and counted as interrupted.
        """
        was_fetching = self.is_anybody_fetching()
        jobs = self.queue.jobs()
        return [job.left() for job in jobs] if self._is_left_behind(was_fetching) else jobs

    def job(self, job_id: int) -> tuple[FetchJob, list[FetchDay]]:
        """Give a job and its days, as :meth:`jobs`.

        Raises:
            NotHeldError: there is none.
        """
        was_fetching = self.is_anybody_fetching()
        job, days = self.queue.job(job_id), self.queue.days(job_id)
        if self._is_left_behind(was_fetching):
            return job.left(), [day.left() for day in days]
        return job, days

    def submit(
        self,
        plan: FetchPlan,
        *,
        priority: int = 0,
        standing_id: int | None = None,
        allow_over_budget: bool = False,
        paused: bool = False,
    ) -> int | None:
        """Queue what a plan wants to download, and record what it knows without; give the job's number.

        What is held of the range is pinned here where the request wants that. With *paused* nothing is
        downloaded before the job is resumed. None when there is nothing to download.

        Raises:
            ConflictError: the calls of the plan do not suffice, and going on is not allowed.
            DataError: the price table cannot be read.
        """
        if plan.requests and plan.request.origin is Origin.DATASETS:
            verdict = self.budget().check(
                plan.requests + self.queue.requests_left(), allow_over_budget=allow_over_budget
            )
            if not verdict.is_allowed:
                raise ConflictError(verdict.reason)
        for action, state in ((Action.ABSENT, DayState.ABSENT), (Action.PENDING, DayState.PENDING)):
            of_key: dict[DatasetKey, list[PlannedDay]] = {}
            for item in plan.items:
                if item.action is action and plan.request.origin is Origin.DATASETS:
                    of_key.setdefault(item.key, []).append(item)
            for key, items in of_key.items():
                self._cache.record_without_rows(key, [item.day for item in items], state)
        if plan.request.pin:
            self._pin_held(plan)
        wanted = [(item.key, item.span) for item in plan.items if item.action.is_queued]
        if not wanted:
            return None
        return self.queue.submit(
            plan.request,
            wanted,
            priority=priority,
            standing_id=standing_id,
            allow_over_budget=allow_over_budget,
            paused=paused,
        )

    def _pin_held(self, plan: FetchPlan) -> None:
        """Pin what is held of the range by now; what comes is pinned as it is stored."""
        days = days_touched(plan.request.from_us, plan.request.to_us)
        for key in plan.request.datasets():
            with suppress(NotHeldError):
                self._cache.life.pins.pin(DayRange(key, days[0], days[-1]))

    def budget(self) -> Budget:
        """Tell how far the calls of the plan are used in this month.

        Raises:
            DataError: the price table cannot be read.
        """
        return read_budget(self._database, read_prices(self._cache.home).plan, self._now_us())

    def outcome(self, plan: FetchPlan, job_id: int | None) -> FetchPlan:
        """Give a plan with what became of its days, as far as they have ended."""
        if job_id is None:
            return plan
        ended = {
            (day.key, day.day): (_ENDS[day.state], day.reason)
            for day in self.queue.days(job_id)
            if day.state in _ENDS
        }
        return with_actions(plan, ended)

    def progress(self) -> dict[int, tuple[int, int | None]]:
        """Give the bytes that have come, of how many, of what this process is downloading."""
        return {} if self._desk is None else dict(self._desk.progress)

    async def work(self, job_id: int) -> None:
        """Fetch until a job has ended, or look on while another process does, and take over if it ends."""
        await self._serve(lambda: self.queue.is_ended(job_id), prefer_job=job_id)

    async def work_all(self) -> None:
        """Fetch until nothing is left in the queue but what was paused."""
        await self._serve(self.queue.is_idle)

    async def watch(self, every_s: float, on_check: Callable[[], object] = lambda: None) -> None:
        """Work the queue off and look after the standing orders every so often, until cancelled."""
        while True:
            await self.check_standing()
            on_check()
            await self.warm_standing()
            due_us = self._now_us() + round(every_s * US_PER_SECOND)
            await self._serve(lambda due_us=due_us: self._now_us() >= due_us)  # type: ignore[misc]

    async def _serve(self, is_over: Callable[[], bool], prefer_job: int | None = None) -> None:
        ownership = Ownership(self._cache.home)
        while not is_over():
            if not ownership.take():
                await asyncio.sleep(_LOOK_EVERY_S)
                continue
            try:
                await self._own(is_over, prefer_job)
            finally:
                ownership.release()

    async def _own(self, is_over: Callable[[], bool], prefer_job: int | None) -> None:
        # What stores files is loaded by whoever stores some: telling of jobs does not wait for it.
        from tickreel.fetch.desk import FetchDesk
        from tickreel.fetch.fetcher import Fetcher

        async with self._client(by_hand=False) as client:
            desk = FetchDesk(
                self._cache,
                self.queue,
                self._settings,
                client,
                self._metadata,
                self._network,
                self._admission(),
                shared=self._shared,
            )
            self._desk = desk
            try:
                await Fetcher(desk).run(is_over=is_over, prefer_job=prefer_job)
            finally:
                self._desk = None
                desk.close()

    async def warm_standing(self) -> int:
        """Keep the newest days of standing orders in the shared cache, if there is one.

        Gives the number of days that were put there anew; what is there already stays for another while.
        """
        orders = self.standing.all()
        if self._shared is None or not orders:
            return 0
        from tickreel.fetch.standingwarm import keep_warm
        from tickreel.fetch.storing import ended
        from tickreel.progress import StopSign

        sign = StopSign()
        work = partial(keep_warm, self._cache, self._shared, orders, sign)
        return await ended(asyncio.get_running_loop().run_in_executor(None, work), sign)

    async def check_standing(self) -> list[int]:
        """Queue what standing orders lack of what the vendor has published; give the jobs' numbers.

        Each list is asked for once for all of them, and none while the vendor is to be left alone.
        """
        if self.queue.hold.current() is not None:
            return []
        async with self._planner(by_hand=False) as planner:
            return await Keeper(self.standing, self.queue, self.submit).check(planner)
