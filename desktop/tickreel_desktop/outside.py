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
        self._known: int | None = None
        self._told = ""

    async def begin(self) -> None:
        """Note how things are; call it before the catalog is read, so that no change falls in between.

        Where that fails, the first look that succeeds counts as a change.
        """
        try:
            self._known = await asyncio.to_thread(self._cache.changes_elsewhere)
        except TickreelError as error:
            self._tell(str(error))

    async def run(self) -> None:
        """Look until cancelled; nothing else ends it."""
        while True:
            try:
                await self._look()
            except TickreelError as error:
                self._tell(str(error))
            except Exception as error:  # noqa: BLE001 - told, and looked at again: no change may be lost
                self._tell(f"{type(error).__name__}: {error}", error)
            else:
                self._told = ""
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        now = await asyncio.to_thread(self._cache.changes_elsewhere)
        if now != self._known:
            self._known = now
            self._bus.publish(DatasetsChanged(()))

    def _tell(self, problem: str, unforeseen: Exception | None = None) -> None:
        """Log a problem, once for as long as it is the same."""
        if problem != self._told:
            _LOGGER.warning("changes of other programs are not seen: %s", problem, exc_info=unforeseen)
        self._told = problem
