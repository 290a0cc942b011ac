"""Pulls frames: asks the session to advance on a worker thread, as often as a screen can show it.

The session is only ever touched by the worker, one request at a time. A seek raises
the generation; an answer of an older one is thrown away unseen.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from tickreel.errors import Cancelled, TickreelError, UsageError
from tickreel.market.time import US_PER_SECOND
from tickreel.replay import Loop, NoteKind, PlaybackClock, Replay
from tickreel_desktop.components.sentences import capital

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.replay import Frame, Note, ReplayPlan, Views
    from tickreel.store import Cache

T = TypeVar("T")

FRAME_S = 1 / 60
"""Shortest time between two frames."""
_BUDGET_S = 0.02
"""A request for more than this much work is answered in pieces, so that the screen keeps moving."""
_HISTORY_US = 4 * 3600 * US_PER_SECOND
"""How much of the past a seek brings along unless a screen asks for another."""


_TELLS_S = 0.1
"""How often it is told how far days have come."""


class StepUnit(StrEnum):
    """By what a step goes."""

    MESSAGE = "message"
    SECOND = "second"
    TRADE = "trade"
    PRICE = "price"
    """A change of a best price."""
    HEALTH = "health"
    """Where something about the quality of the data begins or is over."""


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What to play, and where to begin."""

    plan: ReplayPlan
    at_us: int

    @property
    def exchange(self) -> str:
        """The exchange of the first symbol."""
        return self.plan.symbols[0][0]

    @property
    def symbol(self) -> str:
        """The first symbol."""
        return self.plan.symbols[0][1]

    @property
    def start_us(self) -> int:
        """The first moment of the range."""
        return self.plan.start_us

    @property
    def end_us(self) -> int:
        """The moment before which the range ends."""
        return self.plan.end_us


class Player(QObject):
    """One open replay: play, pause, speed, seek, step; frames come by :attr:`frame_ready`.

    Give :meth:`run` to the owner of tasks; it ends when the player is closed.
    """

    frame_ready = Signal(object)
    """A :class:`tickreel.replay.Frame`, newest state, at most sixty a second."""
    bringing = Signal(str, int)
    """A day that it begins with is on its way: which, and how much has come of all of them, in percent."""
    playing_changed = Signal(bool)
    seeking_changed = Signal(bool)
    """A seek was asked for, or its frame has come."""
    stopped = Signal(object)
    """The plan stops before a band: its :class:`tickreel.replay.Note`; :meth:`play` goes on."""
    refused = Signal(str)
    """A step that this replay cannot take, by something it has none of: why."""

    def __init__(self, cache: Cache, request: ReplayRequest, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.request = request
        self.clock = PlaybackClock(request.at_us, request.end_us - 1, request.plan.speed)
        self._cache = cache
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tickreel-replay")
        self._seek_us: int | None = request.at_us
        self._history_us = _HISTORY_US
        self._is_looping = request.plan.loop is not None
        self._steps: list[tuple[StepUnit, int]] = []
        """Steps that were not taken yet: units, and how many of them, back below 0."""
        self._orders: list[Callable[[Replay], None]] = []
        """What is to be set in the session before it is asked for the next frame."""
        self._generation = 0
        self._wake = asyncio.Event()
        self._wake.set()
        self._is_closed = False
        self._session: Replay | None = None
        self._shown_s = float("-inf")
        """When the newest frame was shown, on the monotonic clock."""
        self._told_s = float("-inf")
        """When it was last told of what is on its way, on the monotonic clock."""
        self._stop: Note | None = None
        """The band before which it stands, as a note says."""
        self.frame: Frame | None = None
        """The newest frame."""

    @property
    def is_at_end(self) -> bool:
        """Whether everything of the range was played."""
        return self.frame is not None and self.frame.at_us >= self.request.end_us - 1

    def play(self) -> None:
        """Let it run; from the end it starts over, and a band that it stopped at is left behind."""
        if self.is_at_end and not self._is_looping:
            self.seek(self.request.start_us)
        if self._stop is not None:
            self._stop = None
            self._orders.append(Replay.go_on)
        self.clock.play()
        self._wake.set()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Hold it where it is."""
        self.clock.pause()
        self.playing_changed.emit(False)

    def toggle(self) -> None:
        """Play when paused, pause when playing."""
        if self.clock.is_playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed; None is as fast as the machine goes."""
        self.clock.set_speed(speed)
        self._wake.set()

    def seek(self, at_us: int) -> None:
        """Go somewhere else; of several wishes only the newest is served."""
        self._steps.clear()
        self._jump(min(max(at_us, self.request.start_us), self.request.end_us - 1))

    def step(self, unit: StepUnit, count: int) -> None:
        """Go by *count* units, back below 0, and pause; steps that wait are taken together."""
        if self.clock.is_playing:
            self.pause()
        if self._steps and self._steps[-1][0] is unit:
            count += self._steps.pop()[1]
        if count:
            self._steps.append((unit, count))
        self._wake.set()

    def show(self, views: Views, history_us: int) -> None:
        """Have frames show *views*, and so much of the past with each jump; the next frame is one."""
        self._history_us = history_us
        self._orders.append(lambda session: session.show(views))
        self._jump_here()

    def leave_out(self, exchange: str, symbol: str) -> None:
        """Play a symbol no more; the next frame is a jump, and has only the others.

        Raises:
            UsageError: it is not played, or nothing else is.
        """
        self._change(self.request.plan.without_symbol(exchange, symbol))
        self._orders.append(lambda session: session.leave_out(exchange, symbol))
        self._jump_here()

    def set_latency(self, latency_us: int) -> None:
        """Let what is known lag by so much; the next frame is a jump.

        Raises:
            UsageError: it is no latency.
        """
        self._change(self.request.plan.with_latency(latency_us))
        self._orders.append(lambda session: session.set_latency(latency_us))
        self._jump_here()

    def set_loop(self, start_us: int | None, end_us: int | None = None) -> None:
        """Play [start, end) again and again; None ends it.

        Raises:
            UsageError: it is empty or lies outside the range.
        """
        # What cannot be is refused here, and not by the worker later.
        loop = None if start_us is None or end_us is None else Loop(start_us, end_us)
        self._change(self.request.plan.with_loop(loop))
        self._is_looping = loop is not None
        self._order(lambda session: session.set_loop(start_us, end_us))

    def skip_quiet(self, longest_us: int | None) -> None:
        """Jump over time in which nothing happens for longer than this; None plays it."""
        self._change(self.request.plan.with_quiet(longest_us))
        self._order(lambda session: session.skip_quiet(longest_us))

    def _change(self, plan: ReplayPlan) -> None:
        """Let the request say what is played now: whoever opens it again goes on with the same."""
        self.request = replace(self.request, plan=plan)

    def _order(self, order: Callable[[Replay], None]) -> None:
        self._orders.append(order)
        self._wake.set()

    def _jump_here(self) -> None:
        """Show what there is now anew; frames that are under way are thrown away."""
        self._jump(self.clock.reached_us if self._seek_us is None else self._seek_us)

    def _jump(self, at_us: int) -> None:
        self._seek_us = at_us
        self._stop = None
        self._generation += 1
        self.clock.jump(at_us)
        self._wake.set()
        self.seeking_changed.emit(True)

    async def close(self) -> None:
        """End the replay and its thread."""
        self._is_closed = True
        self._generation += 1
        self._wake.set()
        if self._session is not None:
            self._session.close()  # its worker may be waiting for a day from the shared cache
        await asyncio.to_thread(self._worker.shutdown)

    async def run(self) -> None:
        """Serve seeks and steps, and play until closed.

        Raises:
            TickreelError: the range cannot be opened or read.
        """
        try:
            await self._serve()
        except TickreelError:
            if not self._is_closed:  # else it is that no more days come
                raise
        finally:
            if self._session is not None:
                self._session.close()

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            if self._is_closed:
                return
            if self._session is None:
                self._session = await self._on_worker(self._open)
                continue
            await self._pull(self._session)
            if not (self._is_wanted or self.clock.is_playing):
                self._wake.clear()

    @property
    def _is_wanted(self) -> bool:
        """Whether there is something to do but playing."""
        return self._is_closed or self._seek_us is not None or bool(self._steps or self._orders)

    def _open(self) -> Replay:
        return Replay.from_plan(self._cache, self.request.plan, self)

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Tell of days that are brought for its beginning, on their thread; a closed replay ends that.

        Raises:
            Cancelled: it is closed.
        """
        if self._is_closed:
            raise Cancelled("the replay is closed")
        now_s = time.monotonic()
        if now_s >= self._told_s + _TELLS_S:
            self._told_s = now_s
            self.bringing.emit(note, 100 * done // total if total else 0)

    async def _pull(self, session: Replay) -> None:
        """Ask for what is wanted next and show it, unless it was overtaken by a seek.

        The worker is asked before the window paints the last frame, and plays while that is painted.
        """
        generation, due_s = self._generation, self._shown_s + FRAME_S
        orders, self._orders = self._orders, []
        is_step = self._seek_us is None and bool(self._steps)
        try:
            asked = self._on_worker(partial(_obey, session, orders, self._next()))
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            frames = await asked
        except UsageError as error:
            if not is_step:
                raise
            self.refused.emit(capital(str(error)))
            return
        if generation != self._generation or self._is_closed:
            return
        self._shown_s = time.monotonic()
        for frame in frames:
            self._take(frame)
        # From the end a loop goes back to its beginning by itself.
        if self.is_at_end and self.clock.is_playing and not self._is_looping:
            self.pause()

    def _next(self) -> Callable[[Replay], list[Frame]]:
        """Give what is to be asked of the session."""
        history_us = self._history_us
        if self._seek_us is not None:
            at_us, self._seek_us = self._seek_us, None
            return lambda session: [session.seek(at_us, history_us=history_us)]
        if self._steps:
            unit, count = self._steps.pop(0)
            return partial(_stepped, unit=unit, count=count, history_us=history_us)
        if not self.clock.is_playing:
            return lambda _session: []  # only something was set
        due_us = self.clock.due_us()
        return lambda session: [session.advance(max(due_us, session.at_us), budget_s=_BUDGET_S)]

    def _take(self, frame: Frame) -> None:
        self.frame = frame
        self.clock.reached(frame.at_us)
        if frame.is_jump or not self.clock.is_playing:
            self.clock.jump(frame.at_us)
            self.seeking_changed.emit(False)
        self.frame_ready.emit(frame)
        stop = next((note for note in frame.notes if note.kind is NoteKind.STOPPED), None)
        if stop is not None and self.clock.is_playing:
            self._stop = stop
            self.pause()
            self.stopped.emit(stop)

    def _on_worker(self, ask: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._worker, ask)


def _obey(
    session: Replay, orders: list[Callable[[Replay], None]], ask: Callable[[Replay], list[Frame]]
) -> list[Frame]:
    """Set what is to be set, and give the frames; on the worker."""
    for order in orders:
        order(session)
    return ask(session)


def _stepped(session: Replay, *, unit: StepUnit, count: int, history_us: int) -> list[Frame]:
    """Take a step: each frame holds a part of what happened; on the worker."""
    if count < 0:
        return [session.step_back(unit, -count, history_us=history_us)]
    match unit:
        case StepUnit.MESSAGE:
            return [session.advance_messages(count)]
        case StepUnit.SECOND:
            to_us = min(session.at_us + count * US_PER_SECOND, session.end_us - 1)
            return [session.advance(max(to_us, session.at_us))]
        case _:
            return [session.until(unit) for _ in range(count)]
