"""What would come of a wish: the plan, and beside it what else the user should know before the start."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.fetch.economics import read_prices
from tickreel.fetch.request import Origin
from tickreel_desktop.fetching.fates import held_fates, planned_fates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tickreel.fetch.economics import Budget, Verdict
    from tickreel.fetch.preflight import FetchPlan
    from tickreel.fetch.service import FetchService
    from tickreel.store import Cache
    from tickreel_desktop.fetching.fates import DayFate
    from tickreel_desktop.fetching.planner import Planner
    from tickreel_desktop.fetching.wish import FetchWish

_SILENT_S = 60.0
"""For so long a vendor that was not reached is not asked again by itself."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of a wish, as far as it is known."""

    wish: FetchWish
    plan: FetchPlan
    now_us: int
    fates: Mapping[date, DayFate]
    """Of the days that are asked for."""
    held: Mapping[date, DayFate]
    """Of all days that are recorded of the datasets."""
    on_the_way: int
    """Of the days to fetch, those that other jobs fetch already."""
    quota_bytes: int | None
    evicted_days: int
    """Days that would leave by themselves for the quota."""
    over_quota_bytes: int
    """What would lie beyond the quota even then."""
    verdict: Verdict | None
    """Whether the calls of the plan suffice; None where the price table cannot be read."""
    budget: Budget | None
    usd: float | None
    """By the price table; None without a price."""
    price_problem: str
    problem: str
    """Why the vendor was not asked, or empty."""
    is_final: bool
    """Whether the vendor was asked, as far as it can be."""


class Previewer:
    """Makes previews, and spares a vendor that does not answer."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._silent_until_s = 0.0
        self._problem = ""
        self.has_asked = False
        """Whether the vendor was asked for a list since this was made."""

    def ask_again(self) -> None:
        """Let the next preview ask the vendor, however short ago it did not answer."""
        self._silent_until_s = 0.0

    async def kept(self, wish: FetchWish) -> Preview:
        """Tell what is known without asking anybody.

        Raises:
            TickreelError: a symbol is not in the vendor's list, or the catalog cannot be read.
        """
        cache = self._planner.cache

        async def work(service: FetchService) -> Preview:
            plan = await service.preflight(wish.request(), is_offline=True, asks_shared=False)
            return _preview(service, cache, wish, plan, "", is_final=False)

        return await self._planner.ask(work)

    async def asked(self, wish: FetchWish) -> Preview:
        """Tell what the vendor says, or what was known before with the reason why it did not.

        Raises:
            UsageError: the vendor has no such exchange or symbol.
            TickreelError: the catalog cannot be read, or the settings do not say how to get there.
        """
        cache = self._planner.cache

        async def work(service: FetchService) -> Preview:
            problem = "" if wish.origin is Origin.MACHINE else await self._reach(service, wish.exchange)
            plan = await service.preflight(wish.request(), is_offline=bool(problem))
            return _preview(service, cache, wish, plan, problem, is_final=True)

        return await self._planner.ask(work)

    async def _reach(self, service: FetchService, exchange: str) -> str:
        """Ask for the lists of an exchange; say why that was in vain."""
        if monotonic() < self._silent_until_s:
            return self._problem
        self.has_asked = True
        try:
            await service.renew_exchange(exchange)
        except EnvironmentProblem as problem:
            self._problem, self._silent_until_s = str(problem), monotonic() + _SILENT_S
            return self._problem
        return ""


def _preview(
    service: FetchService, cache: Cache, wish: FetchWish, plan: FetchPlan, problem: str, *, is_final: bool
) -> Preview:
    keys = plan.request.datasets()
    underway = {key: service.queue.on_the_way(key) for key in keys}
    after_bytes = plan.quota_free_after_bytes
    evicted, over_bytes = 0, 0
    if after_bytes is not None and after_bytes < 0 and plan.disk_free_after_bytes is not None:
        leaving = cache.life.eviction.preview(more_bytes=plan.disk_free_bytes - plan.disk_free_after_bytes)
        evicted, over_bytes = len(leaving.evict), max(0, -after_bytes - leaving.freed_bytes)
    verdict = budget = usd = None
    price_problem = ""
    try:
        if plan.requests and wish.origin is Origin.DATASETS:
            budget = service.budget()
            verdict = budget.check(
                plan.requests + service.queue.requests_left(), allow_over_budget=wish.goes_over_budget
            )
            usd = read_prices(cache.home).rates.usd(
                plan.requests, plan.estimated_bytes, plan.estimated_seconds
            )
    except DataError as error:
        price_problem = str(error)
    return Preview(
        wish=wish,
        plan=plan,
        now_us=cache.disk.now_us(),
        fates=planned_fates(plan.items),
        held=held_fates(day for key in keys for day in cache.days(key.exchange, key.symbol, key.type)),
        on_the_way=sum(item.day in underway[item.key] for item in plan.wanted),
        quota_bytes=cache.life.statistics().quota_bytes,
        evicted_days=evicted,
        over_quota_bytes=over_bytes,
        verdict=verdict,
        budget=budget,
        usd=usd,
        price_problem=price_problem,
        problem=problem,
        is_final=is_final,
    )
