"""Fetching what a request lacks before it is played, where whoever started the server allows that."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError
from tickreel.fetch.request import FetchRequest
from tickreel.fetch.service import FetchService
from tickreel.market.types import DataType
from tickreel.server.datatypes import stored_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.fetch.preflight import FetchPlan
    from tickreel.server.options import ReplayOption
    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)
_SHOWN = 3


class Bringer:
    """Fetches the missing days of requests from Tardis.dev, those of one request at a time.

    Days that are held in part stay as they are, and the budget of the plan is kept.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._turn = asyncio.Lock()

    async def bring(self, options: Sequence[ReplayOption]) -> None:
        """Fetch what the options name and is not held.

        Raises:
            NotHeldError: a day did not come; it says which and why.
            TickreelError: the vendor cannot be asked, or has no such thing.
        """
        lacking = [request for option in options if (request := self._lacking(option)) is not None]
        if not lacking:
            return
        async with self._turn:
            for request in lacking:
                # On a loop of its own: fetching waits for the catalog, and the server must not.
                await asyncio.to_thread(lambda request=request: asyncio.run(self._fetch(request)))  # type: ignore[misc]

    def _lacking(self, option: ReplayOption) -> FetchRequest | None:
        wanted = sorted({stored_type(asked) for asked in option.types}, key=list(DataType).index)
        library = self._cache.library
        symbols = [
            name if library.held_types(option.exchange, name, wanted) else name.upper()
            for name in option.symbols
        ]
        lacks = [
            symbol
            for symbol in symbols
            if any(self._lacks(option, symbol, data_type) for data_type in wanted)
        ]
        if not lacks or option.from_us == option.to_us:
            return None
        pairs = tuple((option.exchange, symbol) for symbol in lacks)
        return FetchRequest(pairs, tuple(wanted), option.from_us, option.to_us, keep_partial=True)

    def _lacks(self, option: ReplayOption, symbol: str, data_type: DataType) -> bool:
        library = self._cache.library
        if not library.held_types(option.exchange, symbol, [data_type]):
            return True
        selection = library.select(option.exchange, symbol, data_type)
        return bool(library.plan(selection, option.from_us, option.to_us).missing)

    async def _fetch(self, request: FetchRequest) -> None:
        _LOGGER.info("fetching for a replay: %s", request)
        with FetchService(self._cache) as service:
            plan = await service.preflight(request)
            job_id = service.submit(plan)
            if job_id is not None:
                await service.work(job_id)
            _refuse_bad(service.outcome(plan, job_id))


def _refuse_bad(plan: FetchPlan) -> None:
    bad = [item for item in plan.items if not item.action.is_good]
    if bad:
        shown = "; ".join(f"{item.key} {item.day}: {item.reason or item.action}" for item in bad[:_SHOWN])
        more = f"; and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise NotHeldError(f"{len(bad)} of {len(plan.items)} days did not come: {shown}{more}")
