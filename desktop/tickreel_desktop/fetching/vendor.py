"""What the dialog asks of the vendor's lists and of the queue, off the thread of the window."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import TickreelError
from tickreel.fetch.preflight import Action
from tickreel.settings import Source, load
from tickreel_desktop.fetching.choices import make_listing
from tickreel_desktop.fetching.planner import Planner

if TYPE_CHECKING:
    from datetime import date

    from tickreel.fetch.service import FetchService
    from tickreel.fetch.standing import StandingOrder
    from tickreel.sources.metadata import ExchangeList
    from tickreel.store import Cache
    from tickreel_desktop.fetching.choices import Listing
    from tickreel_desktop.fetching.preview import Preview

_MACHINE_URL = "tardis.machine_url"


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a wish."""

    job_id: int | None
    """The job in the queue; None where nothing had to be fetched."""
    problem: str
    """Why it is not kept complete although that was wanted; empty when all is well."""


class Vendor:
    """The calls, each a coroutine of the window's loop; all raise TickreelError."""

    def __init__(self, cache: Cache, planner: Planner | None = None) -> None:
        self._cache = cache
        self.planner = Planner(cache) if planner is None else planner

    def now_us(self) -> int:
        """Give the time."""
        return self._cache.disk.now_us()

    async def has_machine(self) -> bool:
        """Tell whether somebody has said where a tardis-machine is."""
        loaded = await asyncio.to_thread(load, self._cache.home)
        return loaded.origin(_MACHINE_URL).source is not Source.DEFAULT

    async def kept_exchanges(self) -> ExchangeList | None:
        """Give the exchanges as they were last read; nobody is asked."""

        async def work(service: FetchService) -> ExchangeList | None:
            return service.kept_exchanges()

        return await self.planner.ask(work)

    async def renew_exchanges(self) -> ExchangeList:
        """Ask for the exchanges."""

        async def work(service: FetchService) -> ExchangeList:
            return await service.renew_exchanges()

        return await self.planner.ask(work)

    async def kept_listing(self, exchange: str) -> Listing | None:
        """Give what the vendor has of an exchange as it was last read; nobody is asked."""

        async def work(service: FetchService) -> Listing | None:
            info = service.kept_exchange(exchange)
            return None if info is None else make_listing(info)

        return await self.planner.ask(work)

    async def renew_listing(self, exchange: str) -> Listing:
        """Ask what the vendor has of an exchange."""

        async def work(service: FetchService) -> Listing:
            return make_listing(await service.renew_exchange(exchange))

        return await self.planner.ask(work)

    async def submit(self, preview: Preview, *, is_paused: bool) -> Submitted:
        """Queue what a preview shows, and keep its datasets complete where that is wanted.

        What is queued by then stays, whatever comes of the standing orders.
        """

        async def work(service: FetchService) -> Submitted:
            wish = preview.wish
            job_id = service.submit(preview.plan, allow_over_budget=wish.goes_over_budget, paused=is_paused)
            problem = ""
            if wish.keeps_on and wish.first is not None:
                try:
                    _keep_complete(service, preview, wish.first)
                except TickreelError as error:
                    if job_id is None:
                        raise
                    problem = str(error)
            return Submitted(job_id, problem)

        return await self.planner.ask(work)

    async def orders(self) -> list[StandingOrder]:
        """List the standing orders."""

        async def work(service: FetchService) -> list[StandingOrder]:
            return service.standing.all()

        return await self.planner.ask(work)

    async def end_order(self, order: StandingOrder) -> None:
        """End a standing order; what was fetched stays."""

        async def work(service: FetchService) -> None:
            service.standing.remove(order.id)

        await self.planner.ask(work)

    async def bring_order_back(self, order: StandingOrder) -> None:
        """Make an order anew that was ended."""

        async def work(service: FetchService) -> None:
            service.standing.add(order.key, order.first_day)

        await self.planner.ask(work)

    async def check_orders(self) -> list[int]:
        """Queue what the standing orders lack; give the jobs."""

        async def work(service: FetchService) -> list[int]:
            return await service.check_standing()

        return await self.planner.ask(work)


def _keep_complete(service: FetchService, preview: Preview, first: date) -> None:
    kept = {order.key: order.first_day for order in service.standing.all()}
    served = {item.key for item in preview.plan.items if item.action is not Action.ABSENT}
    for key in sorted(served):
        service.standing.add(key, min(first, kept.get(key, first)))
