"""Days asked of the vendor once more, damaged or evicted ones, in the queue that all fetches share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import TickreelError
from tickreel.fetch.request import FetchRequest
from tickreel.fetch.service import FetchService
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel_desktop.care.survey import days_words
from tickreel_desktop.components import Message, ToastKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tickreel.store import Cache
    from tickreel.store.model import DayRange
    from tickreel_desktop.care.context import CareContext


class Refetching:
    """Fetches days again for whoever shows that they are damaged or gone, and tells what became of it."""

    def __init__(self, context: CareContext, start_fetching: Callable[[], object]) -> None:
        self._context = context
        self._start_fetching = start_fetching

    def fetch(self, ranges: Sequence[DayRange]) -> None:
        """Queue the days of ranges, and begin with them."""
        self._context.tasks.start(self._fetch(ranges), "fetch days again")

    async def _fetch(self, ranges: Sequence[DayRange]) -> None:
        queued = await asyncio.to_thread(queue_again, self._context.cache, ranges)
        if queued.days:
            self._start_fetching()
            self._context.teller.good(
                f"{days_words(queued.days)} to fetch again", "They stand among the jobs."
            )
        if queued.reasons:
            self._context.teller.say(
                Message(ToastKind.WARNING, "Not every day can be fetched", f"{'; '.join(queued.reasons)}.")
            )


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
