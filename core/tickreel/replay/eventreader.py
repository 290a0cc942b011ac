"""One way through a replay: its worker thread, what is read ahead, and how it is ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

from tickreel.errors import TickreelError, UsageError
from tickreel.replay.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tickreel.replay.eventsource import EventSource, ReadBatch
    from tickreel.replay.notes import Note
    from tickreel.replay.session import Replay

_Told = TypeVar("_Told")
_Answer = TypeVar("_Answer")
_Given = ParamSpec("_Given")


class EventReader(AsyncIterator[_Told], Generic[_Told]):
    """Hands out what happens when it is due; those who derive from it say in what form.

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
