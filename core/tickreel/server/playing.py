"""One replay that is played to a client: as fast as it reads or paced, paused, stepped, moved."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.types import DataType
from tickreel.replay import PlaybackClock
from tickreel.server.chorus import Chorus
from tickreel.server.datatypes import stored_type
from tickreel.server.options import moved
from tickreel.server.reading import ReadAhead

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiohttp import web

    from tickreel.server.desk import ServerDesk
    from tickreel.server.options import ReplayOption
    from tickreel.server.voice import MessagePiece

_TICK_S = 0.01
"""Messages of one tick of a paced replay are sent together."""
_MOST_AT_ONCE = 2_048
"""Messages between two looks at what the client says."""


@dataclass(frozen=True, slots=True)
class BookHash:
    """The state hash of one book."""

    exchange: str
    symbol: str
    state_hash: str


class Player:
    """Plays the messages of a request; its methods are called on the loop that iterates over it."""

    def __init__(
        self,
        desk: ServerDesk,
        request: web.BaseRequest,
        options: Sequence[ReplayOption],
        speed: float | None,
        *,
        is_paused: bool,
    ) -> None:
        """Play for the client whose *request* it is."""
        self._desk = desk
        self._request = request
        self._options = tuple(options)
        self.from_us = min(option.from_us for option in options)
        self.to_us = max(option.to_us for option in options)
        self.at_us = self.from_us - 1
        """Everything up to and including this instant has been given."""
        self._clock = PlaybackClock(self.at_us, self.to_us, speed)
        if not is_paused:
            self._clock.play()
        self._steps = 0
        self._moved_to: int | None = None
        self._changed = asyncio.Event()
        self._chorus: Chorus | None = None
        self._reading: ReadAhead[MessagePiece] | None = None
        self._piece: MessagePiece | None = None

    @property
    def is_paused(self) -> bool:
        """Whether it waits to be resumed."""
        return not self._clock.is_playing

    @property
    def speed(self) -> float | None:
        """Market seconds per second; None as fast as they are taken."""
        return self._clock.speed

    def pause(self) -> None:
        """Give nothing until it is resumed or stepped."""
        self._clock.pause()
        self._changed.set()

    def resume(self) -> None:
        """Go on from where it is."""
        self._steps = 0
        if not self._clock.is_playing:
            self._clock.reached(self.at_us)
            self._clock.play()
        self._changed.set()

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed."""
        self._clock.set_speed(speed)
        self._changed.set()

    def step(self, messages: int) -> None:
        """Pause, and give so many messages more, and those of the same instant as the last of them."""
        self._clock.pause()
        self._steps += messages
        self._changed.set()

    def seek(self, at_us: int) -> None:
        """Go on from an instant; what is on its way from before is dropped."""
        self._moved_to = min(max(at_us, self.from_us), self.to_us)
        self._changed.set()

    async def hashes(self) -> list[BookHash]:
        """Compute the state hash of every book after what has been given.

        Raises:
            NotHeldError: no book is known there.
        """
        return await self._desk.run(self._hashes)

    def _hashes(self) -> list[BookHash]:
        cache, found = self._desk.cache, []
        for option in self._options:
            if DataType.INCREMENTAL_BOOK_L2 not in {stored_type(asked) for asked in option.types}:
                continue
            for symbol in option.symbols:
                held = cache.library.held_types(option.exchange, symbol, [DataType.INCREMENTAL_BOOK_L2])
                name = symbol if held else symbol.upper()
                book = cache.book(option.exchange, name, self.at_us)
                found.append(BookHash(option.exchange, name, book.state_hash()))
        return found

    async def begin(self) -> None:
        """Open what is played, so that what cannot be played is told before anything is.

        Raises:
            TickreelError: it cannot be played.
        """
        await self._open(self._options)

    async def pieces(self) -> AsyncIterator[MessagePiece]:
        """Give messages when they are due, until the end.

        Raises:
            TickreelError: they cannot be read.
        """
        while True:
            if self._moved_to is not None:
                await self._move()
            if self._piece is None or not len(self._piece):
                assert self._reading is not None
                self._piece = await self._reading.next()
                if self._piece is None:
                    return
                continue
            due = self._due(self._piece)
            if due:
                given, self._piece = self._piece.cut(0, due), self._piece.cut(due, len(self._piece))
                self.at_us = int(given.local_us[-1])
                self._clock.reached(self.at_us)
                yield given
                continue
            await self._wait(self._piece)

    async def close(self) -> None:
        """Let go of what is being read."""
        if self._chorus is not None:
            self._chorus.close()
        if self._reading is not None:
            await self._reading.close()

    def _due(self, piece: MessagePiece) -> int:
        """Count the messages to give now."""
        if self._steps:
            last_us = piece.local_us[min(self._steps, len(piece)) - 1]
            count = int(np.searchsorted(piece.local_us, last_us, side="right"))
            self._steps = max(0, self._steps - count)
            return count
        if not self._clock.is_playing:
            return 0
        due = int(np.searchsorted(piece.local_us, self._clock.due_us(), side="right"))
        return min(due, _MOST_AT_ONCE)

    async def _wait(self, piece: MessagePiece) -> None:
        """Wait until something is due or was changed."""
        wait_s: float | None = None
        if self._clock.is_playing and self._clock.speed is not None:
            ahead_us = int(piece.local_us[0]) - self._clock.due_us()
            wait_s = max(_TICK_S, ahead_us / 1e6 / self._clock.speed)
        self._changed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), wait_s)

    async def _move(self) -> None:
        at_us, self._moved_to = self._moved_to, None
        assert at_us is not None
        await self.close()
        # An option that is over by then, or has not begun, stays what it is.
        await self._open([moved(option, max(at_us, option.from_us)) for option in self._options])
        self.at_us = at_us - 1
        self._clock.jump(self.at_us)

    async def _open(self, options: Sequence[ReplayOption]) -> None:
        self._chorus = chorus = await self._desk.opened(
            self._request, lambda monitor: Chorus(self._desk.cache, options, monitor)
        )
        self._reading = ReadAhead(self._desk.pool, chorus.read)
        self._piece = None
