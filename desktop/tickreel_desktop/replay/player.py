"""Pulls frames: asks the session to advance on a worker thread, as often as a screen can show it.

The session is only ever touched by the worker, one request at a time. A seek raises
the generation; an answer of an older one is thrown away unseen.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from tickreel.market.time import US_PER_SECOND
from tickreel.replay import PlaybackClock, Replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.replay import Frame
    from tickreel.store import Cache

T = TypeVar("T")

FRAME_S = 1 / 60
"""Shortest time between two frames."""
_BUDGET_S = 0.02
"""A request for more than this much work is answered in pieces, so that the screen keeps moving."""
_HISTORY_US = 4 * 3600 * US_PER_SECOND
"""How much of the past a seek brings along for the charts over time."""


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """One instrument over a range, where to begin, and how fast."""

    exchange: str
    symbol: str
    start_us: int
    end_us: int
    at_us: int
    speed: float | None
    """Market seconds per second, or None for as fast as the machine goes."""
    allow_missing: bool = False


class Player(QObject):
    """One open replay: play, pause, speed, seek; frames come by :attr:`frame_ready`.

    Give :meth:`run` to the owner of tasks; it ends when the player is closed.
    """

    frame_ready = Signal(object)
    """A :class:`tickreel.replay.Frame`, newest state, at most sixty a second."""
    playing_changed = Signal(bool)
    seeking_changed = Signal(bool)
    """A seek was asked for, or its frame has come."""

    def __init__(self, cache: Cache, request: ReplayRequest, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.request = request
        self.clock = PlaybackClock(request.at_us, request.end_us - 1, request.speed)
        self._cache = cache
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tickreel-replay")
        self._seek_us: int | None = request.at_us
        self._generation = 0
        self._wake = asyncio.Event()
        self._wake.set()
        self._is_closed = False
        self.frame: Frame | None = None
        """The newest frame."""

    @property
    def is_at_end(self) -> bool:
        """Whether everything of the range was played."""
        return self.frame is not None and self.frame.at_us >= self.request.end_us - 1

    def play(self) -> None:
        """Let it run; from the end it starts over."""
        if self.is_at_end:
            self.seek(self.request.start_us)
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
        self._seek_us = min(max(at_us, self.request.start_us), self.request.end_us - 1)
        self._generation += 1
        self.clock.jump(self._seek_us)
        self._wake.set()
        self.seeking_changed.emit(True)

    async def close(self) -> None:
        """End the replay and its thread."""
        self._is_closed = True
        self._generation += 1
        self._wake.set()
        await asyncio.to_thread(self._worker.shutdown)

    async def run(self) -> None:
        """Serve seeks and play until closed.

        Raises:
            TickreelError: the range cannot be opened or read.
        """
        session = None
        while True:
            await self._wake.wait()
            if self._is_closed:
                return
            began_s = time.monotonic()
            if session is None:
                session = await self._on_worker(self._open)
                continue
            await self._pull(session)
            if self._seek_us is None and not self.clock.is_playing:
                self._wake.clear()
            await asyncio.sleep(max(0.0, FRAME_S - (time.monotonic() - began_s)))

    def _open(self) -> Replay:
        request = self.request
        return Replay(
            self._cache,
            [(request.exchange, request.symbol)],
            request.start_us,
            request.end_us,
            allow_missing=request.allow_missing,
        )

    async def _pull(self, session: Replay) -> None:
        """Ask for one frame and show it, unless it was overtaken by a seek."""
        generation = self._generation
        if self._seek_us is not None:
            at_us, self._seek_us = self._seek_us, None
            ask = partial(session.seek, at_us, history_us=_HISTORY_US)
        else:
            ask = partial(session.advance, self.clock.due_us(), budget_s=_BUDGET_S)
        frame = await self._on_worker(ask)
        if generation != self._generation or self._is_closed:
            return
        self.frame = frame
        self.clock.reached(frame.at_us)
        if frame.is_jump:
            self.clock.jump(frame.at_us)
            self.seeking_changed.emit(False)
        self.frame_ready.emit(frame)
        if self.is_at_end and self.clock.is_playing:
            self.pause()

    async def _on_worker(self, ask: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, ask)
