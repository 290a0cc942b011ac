"""Asks the vendor for instruments, on a thread, and can be called off."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from tickreel.errors import Cancelled
from tickreel.instruments.table import InstrumentTable

if TYPE_CHECKING:
    from tickreel.instruments.refresh import Refreshed
    from tickreel.store import Cache


class VendorCall:
    """One asking of the vendor, on a thread with a loop of its own; it can be called off from any thread."""

    def __init__(self, cache: Cache, exchange: str, symbol: str | None) -> None:
        self._cache = cache
        self._exchange = exchange
        self._symbols = None if symbol is None else [symbol]
        self._is_cancelled = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Refreshed]] | None = None

    def run(self) -> Refreshed:
        """Ask, and record what is new.

        Raises:
            Cancelled: it was called off; what was recorded by then stays.
            TickreelError: as :func:`tickreel.instruments.refresh.refresh`.
        """
        try:
            return asyncio.run(self._ask_unless_cancelled())
        except asyncio.CancelledError:
            raise Cancelled("asking the vendor was cancelled") from None
        finally:
            self._running = None

    def cancel(self) -> None:
        """Call it off."""
        self._is_cancelled = True
        if self._running is not None:
            loop, task = self._running
            with suppress(RuntimeError):  # it has just ended, and its loop with it
                loop.call_soon_threadsafe(task.cancel)

    async def _ask_unless_cancelled(self) -> Refreshed:
        task = asyncio.ensure_future(self._ask())
        self._running = (asyncio.get_running_loop(), task)
        if self._is_cancelled:
            task.cancel()
        return await task

    async def _ask(self) -> Refreshed:
        # What talks to the vendor is loaded by whoever does: the window opens without it.
        from tickreel.fetch.admission import Admission, ListCalls
        from tickreel.fetch.economics import read_prices
        from tickreel.fetch.hold import HoldRecord
        from tickreel.instruments.refresh import refresh
        from tickreel.keys import KeyName, find_key
        from tickreel.settings import load
        from tickreel.sources.datasets import DatasetsClient
        from tickreel.sources.network import NETWORK_SECTIONS, network_of

        cache = self._cache
        settings = load(cache.home)
        settings.demand(*NETWORK_SECTIONS)
        network = network_of(settings.values)
        now_us = cache.disk.now_us
        with InstrumentTable(cache) as table, closing(cache.connect()) as database:
            plan = read_prices(cache.home).plan
            calls = ListCalls(Admission(database, HoldRecord(database, now_us), plan, now_us))
            async with DatasetsClient(network, find_key(KeyName.TARDIS), cache.disk, calls=calls) as client:
                return await refresh(table, client, self._exchange, self._symbols)
