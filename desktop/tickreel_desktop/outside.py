"""Notices what other programs do to the home: a command line that imports, fetches or evicts."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tickreel.errors import TickreelError
from tickreel.events import DatasetsChanged

if TYPE_CHECKING:
    from tickreel.events import Bus
    from tickreel.store import Cache

_LOGGER = logging.getLogger(__name__)

LOOK_EVERY_S = 0.4
"""Changes appear within a second: this, and the time that it takes to read the catalog."""


class OutsideWatch:
    """Looks for changes and publishes them; SQLite tells by one number whether there are any."""

    def __init__(self, cache: Cache, bus: Bus) -> None:
        self._cache = cache
        self._bus = bus

    async def run(self) -> None:
        """Look until cancelled."""
        known: int | None = None
        is_told = False
        while True:
            try:
                now = await asyncio.to_thread(self._cache.changes_elsewhere)
            except TickreelError as error:
                if not is_told:
                    _LOGGER.warning("changes of other programs are not seen: %s", error)
                is_told = True
            else:
                is_told = False
                if known is not None and now != known:
                    self._bus.publish(DatasetsChanged(()))
                known = now
            await asyncio.sleep(LOOK_EVERY_S)
