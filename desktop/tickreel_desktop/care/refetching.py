"""Damaged days asked of the vendor once more, in the queue that all fetches share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import TickreelError
from tickreel.fetch.request import FetchRequest
from tickreel.fetch.service import FetchService
from tickreel.market.time import US_PER_DAY, day_start_us

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.store import Cache
    from tickreel.store.model import DayRange


@dataclass(frozen=True, slots=True)
class Queued:
    """What became of a wish to fetch days again."""

    days: int
    """In the queue now."""
    reasons: tuple[str, ...]
    """Why others are not, each once."""


def queue_again(cache: Cache, ranges: Iterable[DayRange]) -> Queued:
    """Plan the days of ranges as any fetch, and queue what the vendor serves; on a worker thread.

    What could not be planned or queued of one range keeps nothing of the others from the queue.
    """
    days, reasons = 0, []
    with FetchService(cache) as service:
        for one in ranges:
            start_us, end_us = day_start_us(one.first), day_start_us(one.last) + US_PER_DAY
            instrument = (one.key.exchange, one.key.symbol)
            request = FetchRequest((instrument,), (one.key.type,), start_us, end_us)
            try:
                plan = asyncio.run(service.preflight(request))
                service.submit(plan)
            except TickreelError as error:
                reasons.append(f"{one}: {error}")
                continue
            days += len(plan.wanted)
            wanted = {id(item) for item in plan.wanted}
            reasons += [item.reason for item in plan.items if id(item) not in wanted and item.reason]
    return Queued(days, tuple(dict.fromkeys(reasons)))
