"""Analyses while a replay plays: the core's service, in a loop on a thread of its own.

Frames are handed over and nothing is waited for, so that neither figures nor models slow the replay.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tickreel.analysis import Halted, Landed, LiveSetup, Reason, opened_live, parse_triggers
from tickreel.replay.bands import find_bands
from tickreel.replay.repertoire import DEFAULT_TYPES
from tickreel_desktop.analysis.caller import NotAsShown

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from tickreel.analysis import LiveAnalyses, LiveEvent
    from tickreel.replay import Band, Frame, ReplayPlan
    from tickreel.store import Cache


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a replay has something analysed."""

    key: str
    text: str
    triggers: str = ""
    """As :func:`tickreel.analysis.parse_triggers` reads them; empty where a pause or nothing asks."""


NEVER = Rhythm("never", "Never")
PAUSE = Rhythm("pause", "At a pause")
RHYTHMS = (
    NEVER,
    PAUSE,
    Rhythm("10s", "Every 10 s of the market", "seconds=10"),
    Rhythm("60s", "Every minute of the market", "seconds=60"),
    Rhythm("300s", "Every 5 minutes of the market", "seconds=300"),
    Rhythm("spread", "When the spread passes 5 bp", "spread=5"),
    Rhythm("sweep", "At a sweep", "sweep"),
    Rhythm("health", "After a fault of the data", "health"),
)
WINDOW_S = 60.0
"""Length of a window that is analysed along a replay."""


class Companion(QObject):
    """Go along one replay at a time."""

    landed = Signal(object)
    """What became of a window: a :class:`Landed`."""
    halted = Signal(str)
    """Nothing is asked any more, and why."""
    failed = Signal(object)
    """It ended with this error."""
    settled = Signal()
    """A window has landed, also one of a run that was stopped: other money may be spent."""
    _told = Signal(int, object)
    """What the run of a number tells: an event, or the error that it ended with."""

    def __init__(self, cache: Cache, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tickreel-along")
        self._lock = threading.Lock()
        self._inside: tuple[asyncio.AbstractEventLoop, LiveAnalyses, asyncio.Event] | None = None
        self._symbol: tuple[str, str] | None = None
        """What it goes along with; None where nothing is wanted."""
        self._wanted = 0
        """The number of the newest start or stop: one that is overtaken ends at once, and is not heard."""
        self._told.connect(self._hear)

    @property
    def is_going(self) -> bool:
        """Whether it goes along; it takes a moment to begin."""
        return self._inside is not None

    @property
    def is_wanted(self) -> bool:
        """Whether it goes along or is about to."""
        return self._symbol is not None

    def start(
        self,
        rhythm: Rhythm,
        model: str,
        place: str,
        plan: ReplayPlan,
        symbol: tuple[str, str],
        frame: Frame,
    ) -> None:
        """Go along one *symbol* of a replay from where it stands; *place* is the server that may be asked."""
        self.stop()
        self._symbol = symbol
        setup = LiveSetup(parse_triggers(rhythm.triggers) if rhythm.triggers else (), WINDOW_S)
        run = partial(self._go_along, self._wanted, setup, model, place, plan, symbol, frame)
        self._worker.submit(self._run, self._wanted, run)

    def take(self, frame: Frame) -> None:
        """Look at what the next frame has of its symbol."""
        own = tuple(one for one in frame.symbols if (one.exchange, one.symbol) == self._symbol)
        self._inside_do(lambda live: live.take(replace(frame, symbols=own)))

    def ask(self, exchange: str, symbol: str, to_us: int) -> None:
        """Have the window up to a moment analysed, as the replay was paused."""
        from_us = to_us - round(WINDOW_S * 1_000_000)
        self._inside_do(lambda live: live.ask(exchange, symbol, from_us, to_us, Reason.PAUSE))

    def stop(self) -> None:
        """Go along no more; connections are closed, and what came is paid."""
        with self._lock:
            self._symbol = None
            self._wanted += 1
            if self._inside is not None:
                loop, _, over = self._inside
                self._inside = None
                loop.call_soon_threadsafe(over.set)

    async def close(self) -> None:
        """Stop, and end the thread."""
        self.stop()
        await asyncio.to_thread(self._worker.shutdown)

    def _inside_do(self, do: Callable[[LiveAnalyses], object]) -> None:
        with self._lock:
            if self._inside is not None:
                loop, live, over = self._inside
                loop.call_soon_threadsafe(self._guarded, self._wanted, do, live, over)

    def _hear(self, number: int, told: LiveEvent | Exception) -> None:
        """Tell what is of the run that is wanted: one that was overtaken says nothing of it."""
        is_wanted = number == self._wanted
        if isinstance(told, Landed):
            if is_wanted:
                self.landed.emit(told)
            self.settled.emit()
        elif is_wanted and isinstance(told, Halted):
            self.halted.emit(told.reason)
        elif is_wanted and isinstance(told, Exception):
            self.failed.emit(told)

    # In the loop of the thread

    def _guarded(
        self,
        number: int,
        do: Callable[[LiveAnalyses], object],
        live: LiveAnalyses,
        over: asyncio.Event,
    ) -> None:
        try:
            do(live)
        except Exception as error:  # noqa: BLE001 - told on the UI thread, by whoever listens
            over.set()
            self._told.emit(number, error)

    def _run(self, number: int, go_along: Callable[[], Coroutine[object, object, None]]) -> None:
        try:
            asyncio.run(go_along())
        except Exception as error:  # noqa: BLE001 - told on the UI thread, by whoever listens
            self._told.emit(number, error)
        finally:
            with self._lock:
                if number == self._wanted:
                    self._inside = None

    async def _go_along(
        self,
        number: int,
        setup: LiveSetup,
        model: str,
        place: str,
        plan: ReplayPlan,
        symbol: tuple[str, str],
        frame: Frame,
    ) -> None:
        over = asyncio.Event()
        tell = partial(self._told.emit, number)
        async with opened_live(self._cache, setup, model=model, on_event=tell) as live:
            if live.place != place:
                raise NotAsShown(f"the server is {live.place} by now, so that nothing was sent")
            bands = await asyncio.to_thread(self._bands, plan, symbol) if _needs_health(setup) else ()
            live.watch(bands, at_us=frame.at_us, generation=frame.generation)
            with self._lock:
                if number != self._wanted:
                    return
                self._inside = asyncio.get_running_loop(), live, over
            await over.wait()

    def _bands(self, plan: ReplayPlan, symbol: tuple[str, str]) -> Sequence[Band]:
        library = self._cache.library
        plans = [
            library.plan(library.select(*symbol, each), plan.start_us, plan.end_us, awaits=True)
            for each in library.held_types(*symbol, DEFAULT_TYPES)
        ]
        return find_bands(self._cache, plans, days=False)


def _needs_health(setup: LiveSetup) -> bool:
    return any(one.reason is Reason.HEALTH for one in setup.triggers)
