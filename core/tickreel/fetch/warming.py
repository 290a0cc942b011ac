"""Filling the shared cache: days that are held here go there, and those of neither place are asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tickreel.errors import Cancelled
from tickreel.fetch.filling import Dropped, Warmed, WarmResult, put_held
from tickreel.fetch.preflight import Action
from tickreel.fetch.request import FetchRequest
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.progress import UNWATCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tickreel.fetch.preflight import FetchPlan
    from tickreel.fetch.service import FetchService
    from tickreel.progress import Monitor
    from tickreel.shared.supply import SharedSupply
    from tickreel.store import Cache
    from tickreel.store.model import DayRange

__all__ = ["Dropped", "Follow", "WarmReport", "WarmRequest", "WarmResult", "Warmed", "follow_job", "warm"]
"""What asks and answers of :class:`~tickreel.fetch.sharing.SharedService` are made of."""

_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class WarmRequest:
    """Days that are to lie in the shared cache."""

    ranges: tuple[DayRange, ...]
    asks_vendor: bool = True
    """Whether days that are neither here nor there are fetched first."""
    allow_over_budget: bool = False
    """Go on beyond the calls of the plan."""


@dataclass(frozen=True, slots=True)
class WarmReport:
    """What became of all days of a request."""

    days: tuple[Warmed, ...]
    notes: tuple[str, ...] = ()
    """What the asker should know of what was asked of the vendor."""


class Follow(Protocol):
    """Works a fetch job off to its end, and tells of it."""

    async def __call__(self, service: FetchService, job_id: int, monitor: Monitor, /) -> None:
        """Return when it has ended.

        Raises:
            Cancelled: the monitor said so, and the job is cancelled.
        """


async def follow_job(service: FetchService, job_id: int, monitor: Monitor) -> None:
    """Work a job off, or look on while another does, and report the days of it that have ended."""
    work = asyncio.create_task(service.work(job_id))
    try:
        while not work.done():
            job = service.queue.job(job_id)
            why = next(iter(service.queue.reasons(job_id)), "")
            monitor.report(job.ended, job.total, f"from the vendor{f': {why}' if why else ''}")
            await asyncio.wait([work], timeout=_LOOK_EVERY_S)
    except BaseException as error:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        if isinstance(error, Cancelled):
            service.control.cancel(job_id)
        raise
    await work


def warm(
    cache: Cache,
    supply: SharedSupply,
    request: WarmRequest,
    monitor: Monitor = UNWATCHED,
    *,
    open_service: Callable[[Cache], FetchService],
    follow: Follow = follow_job,
) -> WarmReport:
    """Put the days of a request into the shared cache, and tell of each; no loop may run in this thread.

    Raises:
        EnvironmentProblem: the shared cache cannot be asked what it has; it says what to do.
        TickreelError: the vendor has no such dataset, or the calls of the plan do not suffice.
        Cancelled: the monitor said so; what is there stays.
    """
    before = put_held(cache, supply, request.ranges, monitor)
    requests = requests_for(before) if request.asks_vendor else []
    if not requests:
        return WarmReport(tuple(before))
    with open_service(cache) as service:
        plans = [_fetched(service, one, request, monitor, follow) for one in requests]
    after = put_held(cache, supply, request.ranges, monitor)
    notes = tuple(dict.fromkeys(note for plan in plans for note in plan.notes))
    return WarmReport(tuple(after_fetch(before, after, plans)), notes)


def _fetched(
    service: FetchService, wanted: FetchRequest, request: WarmRequest, monitor: Monitor, follow: Follow
) -> FetchPlan:
    """Fetch what is wanted, and give the plan with what became of it."""

    async def fetch() -> FetchPlan:
        plan = await service.preflight(wanted, allow_over_budget=request.allow_over_budget)
        job_id = service.submit(plan, allow_over_budget=request.allow_over_budget)
        if job_id is not None:
            await follow(service, job_id, monitor)
        return service.outcome(plan, job_id)

    return asyncio.run(fetch())


def requests_for(warmed: Iterable[Warmed]) -> list[FetchRequest]:
    """Ask the vendor for the days that are neither here nor there, in as few requests as there are runs."""
    requests: list[FetchRequest] = []
    for one in warmed:
        if one.result is not WarmResult.MISSING:
            continue
        start_us = day_start_us(one.day)
        before = requests[-1] if requests else None
        if before is not None and before.to_us == start_us and before.datasets() == [one.key]:
            requests[-1] = replace(before, to_us=start_us + US_PER_DAY)
        else:
            instrument = ((one.key.exchange, one.key.symbol),)
            requests.append(FetchRequest(instrument, (one.key.type,), start_us, start_us + US_PER_DAY))
    return requests


def after_fetch(
    before: Sequence[Warmed], after: Sequence[Warmed], plans: Iterable[FetchPlan]
) -> list[Warmed]:
    """Tell what became of days of which the missing ones were fetched, by the plans with their ends."""
    ends = {(item.key, item.day): item for plan in plans for item in plan.items}
    done: list[Warmed] = []
    for was, now in zip(before, after, strict=True):
        end = ends.get((was.key, was.day))
        if end is None:
            done.append(was)
        elif now.result in (WarmResult.PUT, WarmResult.ALREADY_THERE):
            done.append(replace(now, result=WarmResult.FETCHED))
        elif end.action in (Action.ABSENT, Action.PENDING):
            done.append(replace(now, result=WarmResult(end.action.value), error=""))
        else:
            why = end.reason or now.error
            done.append(replace(now, result=WarmResult.FAILED, error=f"{end.action}: {why}"))
    return done
