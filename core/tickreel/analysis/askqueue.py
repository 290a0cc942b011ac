"""Windows that wait to be analysed, those that are, and what became of each.

They are measured one at a time on a thread that rests longer than it works while a replay goes on, and
asked about as many at a time as is set. What has to wait is kept or passed over as the setup says, and
everything is counted and written down. Everything but the measuring happens in the loop of its maker.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tickreel.analysis.asks import Ask, Begun, Halted, Keep, Landed, Outcome, Said
from tickreel.analysis.caps import CapReached
from tickreel.analysis.records import Entry, NotRecorded
from tickreel.analysis.snapshot import take_snapshot
from tickreel.errors import TickreelError
from tickreel.progress import StopSign

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tickreel.analysis.answering import Answers
    from tickreel.analysis.asks import LiveEvent
    from tickreel.analysis.records import Recorder
    from tickreel.analysis.snapshot import Snapshot
    from tickreel.analysis.triggers import Moment, Reason
    from tickreel.store import Cache

_REST = 2.0
"""While a replay goes on, the measuring rests this many times as long as it took."""
_NEWER = "a newer window took its place"
_MOST_FAILURES = 3
"""Calls that fail one after the other before nothing is asked any more."""


class AskQueue:
    """Has windows answered by *answers* in their turn, and tells *on_event* of each."""

    def __init__(
        self,
        cache: Cache,
        keep: Keep,
        answers: Answers,
        recorder: Recorder | None,
        on_event: Callable[[LiveEvent], object] | None,
    ) -> None:
        self.counts: Counter[Outcome] = Counter()
        self.halted: str | None = None
        self.generation = 0
        """That of the replay now: what was asked for in another one lands as not current."""
        self.is_playing = False
        """Whether a replay goes on, to which the measuring leaves room."""
        self._cache = cache
        self._keep = keep
        self._answers = answers
        self._recorder = recorder
        self._on_event = on_event
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tickreel-measuring")
        self._asked = self._failures = 0
        self._open: set[int] = set()
        """Numbers of windows of which it is not known yet what becomes of them."""
        self._waiting: deque[Ask] = deque()
        self._tasks: dict[asyncio.Task[None], Ask] = {}
        self._measured: Ask | None = None
        """The window that has the thread."""
        self._free_s = 0.0
        """When the thread has rested."""
        self._timer: asyncio.TimerHandle | None = None
        self._calling: set[int] = set()
        """Numbers of windows whose call may have a part of a cap."""
        self._room = asyncio.Event()
        self._awaited: dict[int, asyncio.Future[Landed]] = {}
        self._runs: dict[tuple[str, str], Entry] = {}
        """What is passed over of each symbol since the last of its windows began."""
        self._entries: list[Entry] = []
        self._writing = asyncio.Lock()
        self._error: BaseException | None = None

    @property
    def under_way(self) -> tuple[Ask, ...]:
        """Windows that are measured or asked about now."""
        return tuple(self._tasks.values())

    @property
    def waiting(self) -> tuple[Ask, ...]:
        """Windows that wait for their turn, the next one first."""
        return tuple(self._waiting)

    def add(self, exchange: str, symbol: str, from_us: int, to_us: int, reasons: tuple[Reason, ...]) -> Ask:
        """Put a window to those that wait; one that is asked for by hand goes first."""
        self._asked += 1
        self._open.add(self._asked)
        ask = Ask(self._asked, exchange, symbol, from_us, to_us, reasons, self.generation)
        if self.halted is not None:
            # Not before who asked has it.
            self._loop.call_soon(self._land, Landed(ask, Outcome.REFUSED, reason=self.halted))
            return ask
        first = sum(one.is_by_hand for one in self._waiting) if ask.is_by_hand else len(self._waiting)
        self._waiting.insert(first, ask)
        self._pump()
        return ask

    def add_moments(self, exchange: str, symbol: str, moments: Sequence[Moment], window_us: int) -> None:
        """Put the windows that end with some moments of a symbol to those that wait, or pass them over.

        What is passed over is counted and written down as a run: there may be thousands in a frame.
        """
        if self._answers.is_recorded:
            moments = [one for one in moments if not self._was_passed_over(exchange, symbol, one, window_us)]
        elif self.halted is not None and moments:
            span = moments[0].to_us, moments[-1].to_us
            self._pass_over(exchange, symbol, span, len(moments), Outcome.REFUSED, self.halted)
            return
        elif self._keep is Keep.NEWEST and moments:
            older = [one for one in self._waiting if not one.is_by_hand and one.is_of(exchange, symbol)]
            for ask in older:
                self._waiting.remove(ask)
                self._open.remove(ask.number)
                self._pass_over(exchange, symbol, (ask.to_us, ask.to_us), 1, Outcome.SKIPPED, _NEWER)
            if len(moments) > 1:
                span = moments[0].to_us, moments[-2].to_us
                self._pass_over(exchange, symbol, span, len(moments) - 1, Outcome.SKIPPED, _NEWER)
            moments = moments[-1:]
        for moment in moments:
            self.add(exchange, symbol, moment.to_us - window_us, moment.to_us, moment.reasons)

    def _was_passed_over(self, exchange: str, symbol: str, moment: Moment, window_us: int) -> bool:
        """Count a window that a record tells to have been passed over."""
        ask = Ask(0, exchange, symbol, moment.to_us - window_us, moment.to_us, moment.reasons)
        outcome = self._answers.passed_over(ask)
        if outcome is not None:
            self.counts[outcome] += 1
        return outcome is not None

    def _pass_over(
        self, exchange: str, symbol: str, span: tuple[int, int], count: int, outcome: Outcome, reason: str
    ) -> None:
        """Count windows of a symbol, one after the other, that end from one time to another."""
        self.counts[outcome] += count
        run = self._runs.get((exchange, symbol))
        if run is not None and (run.outcome, run.reason) != (outcome, reason):
            self._end_run(exchange, symbol)
            run = None
        if run is None:
            self._asked += 1
            ask = Ask(self._asked, exchange, symbol, *span, ())
            self._runs[exchange, symbol] = Entry(ask, outcome, reason, windows=count)
        else:
            longer = replace(run.ask, to_us=span[1])
            self._runs[exchange, symbol] = replace(run, ask=longer, windows=run.windows + count)

    def _end_run(self, exchange: str, symbol: str) -> None:
        """Begin another run with what is passed over next."""
        run = self._runs.pop((exchange, symbol), None)
        if run is not None:
            self._entries.append(run)

    async def landed(self, ask: Ask) -> Landed:
        """Wait for what becomes of a window that was just added."""
        awaited: asyncio.Future[Landed] = self._loop.create_future()
        self._awaited[ask.number] = awaited
        try:
            return await awaited
        finally:
            del self._awaited[ask.number]

    def drop_waiting(self, outcome: Outcome, reason: str) -> None:
        """Give up all that waits."""
        waiting, self._waiting = [*self._waiting], deque()
        for ask in waiting:
            self._land(Landed(ask, outcome, reason=reason))
        for name in [*self._runs]:
            self._end_run(*name)

    def go_on(self) -> None:
        """Ask again after it was halted."""
        self.halted, self._failures = None, 0

    def stop(self) -> None:
        """Close every connection and drop what waits; what came so far is paid and in the ledger."""
        self.drop_waiting(Outcome.STOPPED, "stopped")
        for task, ask in self._tasks.items():
            if ask.number in self._open:  # else it is being written down
                task.cancel()

    async def drain(self) -> None:
        """Wait until nothing is asked about or waits any more: the replay does not go on meanwhile.

        Raises:
            NotRecorded, EnvironmentProblem: something of a record is missing, or it cannot be written.
        """
        self.is_playing = False
        self._free_s = 0.0
        self._pump()
        await asyncio.sleep(0)  # what was refused at once lands
        while self._tasks:
            await asyncio.wait([*self._tasks], return_when=asyncio.FIRST_COMPLETED)
            self.raise_error()
        await self._write()
        self.raise_error()

    async def aclose(self) -> None:
        """Stop, and write the end of the record.

        Raises:
            NotRecorded, EnvironmentProblem: as :meth:`drain`, where it was not raised yet.
        """
        self.stop()
        if self._timer is not None:
            self._timer.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._thread.shutdown)
        await self._write(is_end=True)
        self.raise_error()

    def raise_error(self) -> None:
        """Raise what went wrong beside who added windows, once."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _pump(self) -> None:
        """Begin with what waits, as far as there is room and the thread has rested."""
        while self._waiting and self._measured is None and len(self._tasks) < self._answers.at_once:
            rest_s = self._free_s - time.monotonic()
            if rest_s > 0 and not self._waiting[0].is_by_hand:
                if self._timer is None:
                    self._timer = self._loop.call_later(rest_s, self._rested)
                return
            self._measured = ask = self._waiting.popleft()
            self._end_run(ask.exchange, ask.symbol)
            task = self._loop.create_task(self._work(ask))
            self._tasks[task] = ask
            task.add_done_callback(self._ended)

    def _rested(self) -> None:
        self._timer = None
        self._pump()

    def _ended(self, task: asyncio.Task[None]) -> None:
        ask = self._tasks.pop(task)
        self._let_go(ask)
        if task.cancelled():
            self._land(Landed(ask, Outcome.STOPPED, reason="stopped"))
        elif (error := task.exception()) is not None:
            self._error = self._error or error
            for awaited in self._awaited.values():
                if not awaited.done():
                    awaited.set_exception(error)
        self._pump()

    async def _work(self, ask: Ask) -> None:
        """Answer about one window, and write down what became of it."""
        self._tell(Begun(ask))
        measure = _Measure(partial(self._measure, ask))
        try:
            landed, entry = await self._answered(ask, measure)
        except NotRecorded:
            raise
        except CapReached as error:
            self._halt(str(error))
            self._land(Landed(ask, Outcome.REFUSED, error=error, reason=str(error)))
        except TickreelError as error:
            self._land(Landed(ask, Outcome.FAILED, error=error, reason=str(error)))
            if measure.is_done:
                self._failures += 1
            if self._failures >= _MOST_FAILURES:
                self._halt(f"{self._failures} calls failed one after the other, the last as {error}")
        else:
            self._failures = 0
            self._land(landed, entry)
        await self._write()

    async def _answered(self, ask: Ask, measure: _Measure) -> tuple[Landed, Entry]:
        """Have it answered; where a cap has no room for it, once the calls that have taken it are over."""
        while True:
            self._calling.add(ask.number)
            try:
                found = await self._answers.answer(ask, measure, lambda step: self._tell(Said(ask, step)))
            except CapReached:
                self._calling.discard(ask.number)
                if self._calling:
                    await self._room.wait()
                    continue
                self._make_room()
                raise
            except BaseException:
                self._calling.discard(ask.number)
                self._make_room()
                raise
            self._calling.discard(ask.number)
            self._make_room()
            return found

    def _make_room(self) -> None:
        """Let those try again whom a cap has no room for."""
        self._room.set()
        self._room = asyncio.Event()

    async def _measure(self, ask: Ask) -> Snapshot:
        sign = StopSign()

        def work() -> tuple[Snapshot, float]:
            began_s = time.monotonic()
            window = (ask.exchange, ask.symbol, ask.from_us, ask.to_us)
            snapshot = take_snapshot(self._cache, *window, cuts=True, monitor=sign)
            return snapshot, time.monotonic() - began_s

        try:
            snapshot, took_s = await self._loop.run_in_executor(self._thread, work)
            if self.is_playing:
                self._free_s = time.monotonic() + _REST * took_s
            return snapshot
        finally:
            sign.is_raised = True  # who has gone waits for no day from the shared cache
            self._let_go(ask)

    def _let_go(self, ask: Ask) -> None:
        if self._measured is ask:
            self._measured = None
            self._pump()

    def _halt(self, reason: str) -> None:
        if self.halted is None:
            self.halted = reason
            self._tell(Halted(reason))
            self.drop_waiting(Outcome.REFUSED, reason)

    def _land(self, landed: Landed, entry: Entry | None = None) -> None:
        ask = landed.ask
        if ask.generation != self.generation:
            landed = replace(landed, is_current=False)
        self._open.remove(ask.number)
        self.counts[landed.outcome] += 1
        self._entries.append(entry or Entry(ask, landed.outcome, landed.reason))
        awaited = self._awaited.get(ask.number)
        if awaited is not None and not awaited.done():
            awaited.set_result(landed)
        self._tell(landed)

    async def _write(self, *, is_end: bool = False) -> None:
        async with self._writing:
            entries, self._entries = self._entries, []
            if self._recorder is not None and (entries or is_end):
                await asyncio.to_thread(self._recorder.write, entries, is_end=is_end)

    def _tell(self, event: LiveEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)


class _Measure:
    """Measures a window when it is first asked for, and only then."""

    def __init__(self, work: Callable[[], Awaitable[Snapshot]]) -> None:
        self._work = work
        self._snapshot: Snapshot | None = None

    @property
    def is_done(self) -> bool:
        return self._snapshot is not None

    async def __call__(self) -> Snapshot:
        if self._snapshot is None:
            self._snapshot = await self._work()
        return self._snapshot
