"""Tests the vendor's key: asks the vendor what it includes, and says so in a sentence."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.keys import KeyOrigin
from tickreel.market.time import day_of
from tickreel.market.units import format_full

if TYPE_CHECKING:
    from tickreel.sources.access import Access, Reach
    from tickreel.store import Cache


async def ask_vendor(cache: Cache) -> str:
    """Ask the vendor, off the UI thread.

    Raises:
        TickreelError: the vendor cannot be reached, or does not take the key.
    """
    found = await asyncio.to_thread(_ask, cache)
    return reach_words(found)


def _ask(cache: Cache) -> Reach:
    # What talks to the vendor is loaded by whoever does: the window opens without it.
    from tickreel.fetch.service import FetchService

    with FetchService(cache) as service:
        return asyncio.run(service.check())


def reach_words(found: Reach) -> str:
    """Say what the vendor answered.

    Raises:
        UsageError: the vendor does not take the key.
    """
    there = f"{found.way} answers"
    if found.key.origin is KeyOrigin.NONE:
        return f"{there}. Without a key the first day of every month is free."
    if found.accesses is None:
        return f"{there}; what the key includes it does not tell."
    if not found.accesses:
        raise UsageError("the vendor answers, but refuses this key, or it has expired: it includes nothing")
    count = len({access.exchange for access in found.accesses})
    exchanges = "1 exchange" if count == 1 else f"{format_full(count)} exchanges"
    return f"{there}. The key covers {exchanges}{_span_words(found.accesses)}."


def _span_words(accesses: tuple[Access, ...]) -> str:
    starts = [access.from_us for access in accesses if access.from_us is not None]
    ends = [access.to_us for access in accesses if access.to_us is not None]
    start = f", {day_of(min(starts))}" if starts else ""
    end = f" to {day_of(max(ends))}" if ends else ""
    return f"{start}{end}"
