"""A replay as an asynchronous iterator: event by event, in batches, or by callback.

Rows are read, decoded and put in order on one worker thread, a batch ahead of whoever consumes
them and never more: a slow consumer slows the reading. The session goes along, and stands where
the last event was when the loop is left.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

from tickreel.errors import TickreelError, UsageError
from tickreel.replay.events import Event, events_of
from tickreel.replay.eventsource import EventSource
from tickreel.replay.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tickreel.book import Book
    from tickreel.replay.eventsource import ReadBatch
    from tickreel.replay.merging import MessageBatch
    from tickreel.replay.notes import Note
    from tickreel.replay.session import Replay

_Told = TypeVar("_Told")
_Answer = TypeVar("_Answer")
_Given = ParamSpec("_Given")

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


class _Reader(AsyncIterator[_Told], Generic[_Told]):
    """One way through a replay: its worker thread, what is read ahead, and how it is ended.

    The thread is there only while it is waited for: a wait that is cancelled lets it end, and the next
    wait goes on where that one was. Nothing of an event loop is kept from one wait to the next.
    """

    _is_over = True
    """Nothing more is told; so it is also while it is being made."""

    def __init__(self, replay: Replay, source: EventSource, speed: float | str | None) -> None:
        self._source = source
        asked = replay.plan.speed if speed is None else speed
        self._pace = Pace(asked, replay.at_us + 1, replay.end_us)
        self._has_begun = self._has_come = False
        self._worker: ThreadPoolExecutor | None = None
        self._ahead: Future[ReadBatch | None] | None = None
        self._moving: Future[None] | None = None
        self._reached_us = replay.at_us
        self._jumped_us = replay.at_us
        """No time passes up to this instant: the end of what was jumped over last."""
        self.notes: list[Note] = []
        """What the plan says of bands, as far as was read: warned of, skipped, and at the end stopped at.

        Each comes with the events of its beginning, or shortly before; ``stopped`` tells a stop from the end.
        """
        self._skipped: list[Note] = []
        self._quiet_us = replay.plan.skip_quiet_us
        self._is_waiting = False
        self._is_over = False

    def __aiter__(self) -> AsyncIterator[_Told]:
        return self

    def __del__(self) -> None:
        if self._is_over:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # no loop is being left here: it is collected as garbage, maybe at the very end
            self._rest()
        else:
            self._leave()

    @property
    def at_us(self) -> int:
        """The clock: what was handed out last was due at this microsecond."""
        return self._reached_us

    def achieved_speed(self) -> float | None:
        """Measure the speed of the last moments in market seconds per second; None when too early to say."""
        return self._pace.achieved_speed()

    async def aclose(self) -> None:
        """End the iteration, its thread and its reading; the session stands where the last event was.

        Raises:
            UsageError: a task still waits for what comes next.
        """
        if self._is_over:
            return
        if self._is_waiting:
            raise UsageError("a task waits for these events: cancel it before you close them")
        self._end()
        try:
            if self._moving is not None:
                await _finished(self._moving)
            if self._ahead is not None:
                await _finished(self._ahead)
            self._moving = settling = self._submit(self._source.settle, self._reached_us)
            await _finished(settling)
        except BaseException:
            self._leave()
            raise
        if self._worker is not None:
            self._worker.shutdown()  # it has nothing left to do
            self._worker = None
        settling.result()

    def _leave(self) -> None:
        """Let the session stand where the last event was, and the thread end by itself."""
        if self._moving is not None:
            wait([self._moving])  # nobody shall use the session while it moves
        else:
            with suppress(TickreelError):  # whoever goes on with the session meets it again
                self._source.settle(self._reached_us)
        self._rest()

    def _rest(self) -> None:
        """Let the thread end when it has done what it was asked for."""
        if self._worker is not None:
            self._worker.shutdown(wait=False)
            self._worker = None

    def _end(self) -> None:
        """Hand out nothing more."""
        self._is_over = True

    def _submit(
        self, ask: Callable[_Given, _Answer], *args: _Given.args, **named: _Given.kwargs
    ) -> Future[_Answer]:
        # What is submitted must not hold this object: dropping it is how a loop is left.
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="tickreel-events")
        return self._worker.submit(ask, *args, **named)

    async def _read(self) -> ReadBatch | None:
        """Wait for the batch ahead, and have the one after it read meanwhile; None at the end."""
        if not self._has_begun:
            self._has_begun = True
            self._reached_us = self._jumped_us = self._source.begin()
        if self._ahead is None:
            self._ahead = self._submit(self._source.read)
        await _finished(self._ahead)
        read = self._ahead.result()
        if not self._has_come:
            self._has_come = True
            self._pace.jump(self._reached_us)  # what came before the first batch was there takes no time
        self._ahead = None if read is None else self._submit(self._source.read)
        notes = self._source.closing_notes if read is None else read.notes
        self.notes += [note for note in notes if note not in self.notes]
        return read

    async def _move(self, to_us: int | None) -> None:
        """Bring the session to an instant, or to its end; a wait that was cancelled goes on."""
        if self._moving is None:
            self._moving = self._submit(self._source.move, to_us)
        await _finished(self._moving)
        done, self._moving = self._moving, None
        done.result()

    async def _until(self, clock_us: int) -> None:
        """Wait until the next event is due; no time passes while a band or quiet is skipped."""
        while self._skipped and self._skipped[0].from_us <= clock_us:
            band = self._skipped[0]
            if band.to_us > self._paced_us:
                await self._pace.until(band.from_us - 1, self._paced_us)
                self._jump(band.to_us - 1)
            self._skipped.pop(0)
        if self._quiet_us is not None and clock_us - self._paced_us > self._quiet_us:
            self._jump(clock_us - 1)
        await self._pace.until(clock_us, self._paced_us)

    @property
    def _paced_us(self) -> int:
        """All up to this instant was handed out or jumped over."""
        return max(self._reached_us, self._jumped_us)

    def _jump(self, at_us: int) -> None:
        self._jumped_us = at_us
        self._pace.jump(at_us)

    @contextmanager
    def _wait(self) -> Iterator[None]:
        """Guard what takes time: one task at a time, and nothing is left behind when it ends badly."""
        if self._is_waiting:
            raise UsageError("two tasks wait for the same events: let each iterate on its own")
        if self._is_over:
            raise StopAsyncIteration
        self._is_waiting = True
        try:
            if self._has_begun and self._moving is None:
                self._source.ensure_unmoved()
            yield
        except asyncio.CancelledError:
            self._leave()
            raise
        except BaseException:
            self._leave()
            self._end()
            raise
        finally:
            self._is_waiting = False


async def _finished(job: Future[_Answer]) -> None:
    """Wait for a job of the worker, whatever comes of it; the wait may be cancelled, the job is not."""
    if job.done():
        return
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.Future[None]] = [loop.create_future()]
    job.add_done_callback(partial(_call_awake, loop, waiting))
    try:
        await waiting[0]
    finally:
        waiting.clear()  # a job that kept a cancelled wait, with its error, would keep whoever waited


def _call_awake(loop: asyncio.AbstractEventLoop, waiting: list[asyncio.Future[None]], _: object) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_wake, waiting)


def _wake(waiting: list[asyncio.Future[None]]) -> None:
    for woken in waiting:
        if not woken.done():
            woken.set_result(None)


class Events(_Reader[Event]):
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


class Batches(_Reader["MessageBatch"]):
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
