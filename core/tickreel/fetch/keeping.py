"""What standing orders lack of what the vendor has published, looked up and asked for."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from tickreel.errors import TickreelError, UsageError
from tickreel.fetch.preflight import Action
from tickreel.fetch.request import FetchRequest
from tickreel.market.time import US_PER_DAY, day_start_us

if TYPE_CHECKING:
    from tickreel.fetch.planning import Planner
    from tickreel.fetch.preflight import FetchPlan
    from tickreel.fetch.queue import FetchQueue
    from tickreel.fetch.standing import StandingOrder, StandingOrders

_LOGGER = logging.getLogger(__name__)

_QUIET_AFTER_FAILURE_US = US_PER_DAY
"""A day that failed is not asked for again by itself within this time."""


class Submit(Protocol):
    """Queues what a plan wants to download."""

    def __call__(self, plan: FetchPlan, *, standing_id: int | None = None) -> int | None:
        """Give the job's number; None when there is nothing to download."""


class Keeper:
    """Looks after the standing orders of a home."""

    def __init__(self, orders: StandingOrders, queue: FetchQueue, submit: Submit) -> None:
        self._orders = orders
        self._queue = queue
        self._submit = submit

    async def check(self, planner: Planner) -> list[int]:
        """Queue what the orders lack; give the jobs' numbers. What keeps an order back is noted with it."""
        jobs = []
        for order in self._orders.all():
            try:
                job_id, until_us, problem = await self._check(planner, order)
            except TickreelError as error:
                _LOGGER.info("the standing order of %s could not be looked at: %s", order.key, error)
                self._orders.note_check(order.id, None, str(error))
                continue
            self._orders.note_check(order.id, until_us, problem)
            if job_id is not None:
                jobs.append(job_id)
        return jobs

    async def _check(self, planner: Planner, order: StandingOrder) -> tuple[int | None, int, str]:
        """Queue what one order lacks: the job, up to when it was looked, and what keeps it back."""
        key = order.key
        info = await planner.info(key.exchange)
        if info is None or info.exported_until_us is None:
            raise UsageError(f"how far {key.exchange} is published could not be read")
        until_us = info.exported_until_us // US_PER_DAY * US_PER_DAY
        first_us = day_start_us(order.first_day)
        if until_us <= first_us:
            return None, until_us, ""
        request = FetchRequest(((key.exchange, key.symbol),), (key.type,), first_us, until_us)
        plan = await planner.plan(request)
        quiet = self._queue.let_alone(key, self._queue.now_us() - _QUIET_AFTER_FAILURE_US)
        plan = replace(plan, items=tuple(item for item in plan.items if item.day not in quiet))
        denied = [item for item in plan.items if item.action is Action.DENIED]
        problem = f"{len(denied)} days are not fetched: {denied[0].reason}" if denied else ""
        return self._submit(plan, standing_id=order.id), until_us, problem
