"""A replay as an asynchronous iterator: event by event, in batches, or by callback.

Rows are read, decoded and put in order on one worker thread, a batch ahead of whoever consumes
them and never more: a slow consumer slows the reading. The session goes along, and stands where
the last event was when the loop is left.
"""

from __future__ import annotations

import inspect
from math import isfinite
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.replay.eventreader import EventReader
from tickreel.replay.events import Event, events_of
from tickreel.replay.eventsource import EventSource

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tickreel.book import Book
    from tickreel.replay.merging import MessageBatch
    from tickreel.replay.session import Replay

_STEP_S = 1 / 60
"""Shortest time between two batches of a replay that is paced."""


def events(replay: Replay, *, speed: float | str | None = None) -> Events:
    """Iterate over what happens from where a session stands to its end, event by event.

    *speed* is market seconds per second, or ``"max"`` for as fast as the consumer goes; without it, it is
    that of the session's plan. What the plan says of bands and quiet holds, and the reader's ``notes``
    tell of it; a loop is played once. Whoever leaves in the middle of a microsecond leaves the session at
    its end: the rest of it is not told again.

    Raises:
        UsageError: it is no speed.
    """
    return Events(replay, speed)


def batches(replay: Replay, *, speed: float | str | None = None, step_s: float = _STEP_S) -> Batches:
    """Iterate over what happens from where a session stands to its end, many messages at a time.

    At a *speed*, a batch is what has become due: of what lies together on the disk, at most one every
    *step_s* seconds, but the last of it as soon as it is due. At ``"max"`` it is all of that. Speeds
    and bands are as in :func:`events`.

    Raises:
        UsageError: it is no speed, or *step_s* is negative or not finite.
    """
    return Batches(replay, speed, step_s)


async def run(
    replay: Replay,
    on_event: Callable[[Event], Awaitable[object] | object],
    *,
    speed: float | str | None = None,
) -> int:
    """Call *on_event*, a function or a coroutine function, with every event; give their number.

    What it raises ends the replay and is raised here.
    """
    count = 0
    reader = events(replay, speed=speed)
    try:
        async for event in reader:
            count += 1
            answer = on_event(event)
            if answer is not None and inspect.isawaitable(answer):
                await answer
    finally:
        await reader.aclose()
    return count


class Events(EventReader[Event]):
    """The events of a replay, each when it is due; made by :func:`events`."""

    def __init__(self, replay: Replay, speed: float | str | None) -> None:
        super().__init__(replay, EventSource(replay, with_events=True), speed)
        self._replay = replay
        self._books = self._source.books
        self._ready: Iterator[Event] = iter(())
        self._held: Event | None = None
        self._batch: MessageBatch | None = None
        self._first = 0
        self._clock_us: list[int] = []
        self._turned_us = replay.at_us
        """Where the session stands while the events of this batch are handed out."""

    async def __anext__(self) -> Event:
        pace = self._pace
        event = self._held or next(self._ready, None)
        if (
            event is None
            or (clock_us := self._clock_us[event._number - self._first]) > pace.due_us
            or pace.now() >= pace.breathe_s
            or self._replay.at_us != self._source.stood_us
        ):
            self._held = event  # a wait that is given up loses nothing
            event = await self._waited()
            clock_us = self._clock_us[event._number - self._first]
        self._held = None
        self._reached_us = clock_us
        self._books.newest = event._number
        return event

    @property
    def is_telling(self) -> bool:
        """Whether an event was handed out and the next was not asked for yet, so that :meth:`book` is its.

        Not so when this was closed, a wait for the next was given up, or the session was moved.
        """
        return not self._is_over and self._books.newest >= 0 and self._replay.at_us == self._turned_us

    def book(self, exchange: str, symbol: str) -> Book:
        """Give the book of an instrument just after the newest event.

        Raises:
            NotHeldError: the replay plays no order book of it.
        """
        if not self.is_telling:
            return self._replay.book(exchange, symbol)
        return self._books.after(self._books.newest, exchange, symbol)

    async def _waited(self) -> Event:
        """Wait until the next event is there and due."""
        with self._wait():
            while self._held is None:
                await self._turn()
                self._held = next(self._ready, None)
            clock_us = self._clock_us[self._held._number - self._first]
            if clock_us > self._pace.due_us:
                await self._until(clock_us)
            else:
                await self._pace.breathe()
            return self._held

    async def _turn(self) -> None:
        """Put the batch that was handed out behind, and take the next."""
        if self._batch is not None:
            self._books.newest = -1  # the books are on the worker now
            await self._move(self._batch.to_us)
            self._pace.reached(self._batch.to_us)
            self._batch = None
        read = await self._read()
        if read is None:
            await self._move(None)
            raise StopAsyncIteration
        self._turned_us = self._source.stood_us
        self._batch = read.batch
        self._clock_us = read.batch.clock_us.tolist()
        self._first = self._books.begin(read.batch)
        self._skipped += read.skipped
        self._ready = events_of(read.batch, read.makers, self._first, read.shown)

    def _end(self) -> None:
        super()._end()
        self._ready, self._held = iter(()), None


class Batches(EventReader["MessageBatch"]):
    """The messages of a replay in batches; made by :func:`batches`.

    The session stands at the beginning of the batch that was handed out last, and goes to its end when
    the next one is asked for or this is closed.
    """

    def __init__(self, replay: Replay, speed: float | str | None, step_s: float) -> None:
        if isinstance(step_s, bool) or not (isfinite(step_s) and step_s >= 0):
            raise UsageError(f"{step_s!r} is no time between two batches: give seconds, 0 or more")
        super().__init__(replay, EventSource(replay, with_events=False), speed)
        range_us = replay.end_us - replay.start_us
        self._step_us = int(min(step_s * (self._pace.speed or 0.0) * 1e6, range_us))
        self._rest_of_batch: MessageBatch | None = None
        self._is_told = False

    async def __anext__(self) -> MessageBatch:
        with self._wait():
            if self._is_told:  # only now: a wait that is given up before loses nothing
                await self._move(self._reached_us)
                self._is_told = False
            batch = await self._due()
            if batch is None:
                await self._move(None)
                raise StopAsyncIteration
            self._reached_us, self._is_told = batch.to_us, True
            return batch

    async def _due(self) -> MessageBatch | None:
        """Wait for what is due next; None at the end."""
        while self._rest_of_batch is None:
            read = await self._read()
            if read is None:
                return None
            self._skipped += read.skipped
            self._rest_of_batch = read.batch.only(read.shown) if len(read.shown) else None
        first_us, last_us = self._rest_of_batch.clock_us[[0, -1]].tolist()
        await self._until(first_us)
        wanted_us = min(max(first_us, self._paced_us + self._step_us), last_us)
        if self._skipped:
            wanted_us = min(wanted_us, self._skipped[0].from_us - 1)
        await self._pace.until(wanted_us, self._paced_us)
        await self._pace.breathe()
        due, self._rest_of_batch = self._rest_of_batch.split(self._pace.due_us)
        return due
