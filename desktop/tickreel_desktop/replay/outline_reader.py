"""Reads the outline of a replay's range beside the replay, piece by piece, off the UI thread."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.errors import TickreelError
from tickreel.replay import OutlineMemory, read_outlines
from tickreel_desktop.components.sentences import capital

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.replay import DayOutline
    from tickreel.store import Cache


class OutlineReader(QObject):
    """Read one outline at a time; asking for another gives up the one before.

    What was read is remembered as long as this lives, so that a range that is opened again is there at once.
    """

    outline_read = Signal(object)
    """A :class:`tickreel.replay.DayOutline`, the newest of its day."""
    failed = Signal(str)
    """The rest cannot be read: why."""

    def __init__(self, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._memory = OutlineMemory()
        self._generation = 0
        self._is_reading = asyncio.Lock()
        """Held while a worker thread reads a piece."""

    async def read(self, exchange: str, symbol: str, start_us: int, end_us: int) -> None:
        """Read [start_us, end_us); return when all of it was told, or it was given up."""
        self._generation += 1
        generation = self._generation
        pieces = read_outlines(self._cache, exchange, symbol, start_us, end_us, memory=self._memory)
        while True:
            async with self._is_reading:
                if generation != self._generation:
                    return
                try:
                    outline = await _finished(pieces)
                except TickreelError as error:
                    if generation == self._generation:
                        self.failed.emit(capital(str(error)))
                    return
            if outline is None or generation != self._generation:
                return
            self.outline_read.emit(outline)

    def cancel(self) -> None:
        """Give up what is being read; the piece that is under way ends unseen."""
        self._generation += 1


async def _finished(pieces: Iterator[DayOutline]) -> DayOutline | None:
    """Take the next piece on a worker thread; even when cancelled, wait until the thread is done with it."""
    work = asyncio.ensure_future(asyncio.to_thread(next, pieces, None))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        with suppress(TickreelError):
            await work
        raise
