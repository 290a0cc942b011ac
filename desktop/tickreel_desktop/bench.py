"""The window as it plays, measured: ``python -m tickreel_desktop.bench HOME EXCHANGE SYMBOL SECONDS``.

The whole desktop plays a symbol without a screen, drawn by software. It prints one JSON list of figures.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from qasync import QEventLoop

from tickreel.bench.elsewhere import REFUSED
from tickreel.bench.figures import Figure, UiMeasure, Unit, percentiles
from tickreel.bench.memory import peak_memory_bytes
from tickreel.errors import EnvironmentProblem, TickreelError
from tickreel.logs import Ring
from tickreel.replay import Loop, ReplayPlan
from tickreel.settings import Settings
from tickreel.store import open_cache
from tickreel_desktop.allocation import give_back_large_blocks
from tickreel_desktop.desk import Desk
from tickreel_desktop.replay.opening import span_of
from tickreel_desktop.replay.player import FRAME_S, ReplayRequest
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.view_costs import ViewCosts
from tickreel_desktop.zone import DisplayZone

if TYPE_CHECKING:
    from tickreel.replay import Frame
    from tickreel.store import Cache

_SPEED = 1000.0
_SIZE_PX = (1920, 1080)
_UNTIMED_S = 1.0
"""So long it plays before anything is timed: fonts, pictures and code are there then."""
_EMPTY_SHARE, _EMPTY_MOST_S = 0.2, 10.0
"""How long the empty window is watched: a share of the time that is played, up to so many seconds."""
_LOOKS = 4
"""How often memory is looked at while it plays."""


@dataclass(frozen=True, slots=True)
class _Instant:
    """Seconds on a clock on the wall, and of the processor that this thread has had."""

    wall_s: float = 0.0
    cpu_s: float = 0.0

    @classmethod
    def now(cls) -> _Instant:
        return cls(time.perf_counter(), time.thread_time())

    def __sub__(self, other: _Instant) -> _Instant:
        return _Instant(self.wall_s - other.wall_s, self.cpu_s - other.cpu_s)

    def __add__(self, other: _Instant) -> _Instant:
        return _Instant(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What one frame took."""

    all: _Instant
    """From this frame to the next: of the wall the interval, of the processor all that the thread did."""
    update: _Instant
    paint: _Instant


class FrameMeter(QObject):
    """What each frame costs the UI thread.

    Its two ends of a frame are to be connected to the player before the views are and after them.
    """

    def __init__(self, window: QWidget, views: ViewCosts) -> None:
        super().__init__(window)
        self._window = window
        self._views = views
        self._is_timing = False
        self._began: _Instant | None = None
        """When the newest frame came; None before the first one that is timed."""
        self._at_us = 0
        self._update = self._paint = _Instant()
        self._costs: list[_Cost] = []
        self._market_us = 0
        window.installEventFilter(self)

    def begin_frame(self, frame: Frame) -> None:
        """Take a frame that the views do not have yet."""
        now = _Instant.now()
        if self._began is not None:
            self._costs.append(_Cost(now - self._began, self._update, self._paint))
            if not frame.is_jump:
                self._market_us += frame.at_us - self._at_us
        self._began = now if self._is_timing else None
        self._at_us = frame.at_us
        self._update = self._paint = _Instant()

    def end_frame(self, _frame: Frame) -> None:
        """Take a frame that the views have."""
        if self._began is not None:
            self._update = _Instant.now() - self._began

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Time the event by which the window paints all that has changed."""
        if watched is not self._window or event.type() != QEvent.Type.UpdateRequest:
            return False
        began = _Instant.now()
        self._window.event(event)
        self._paint += _Instant.now() - began
        return True

    async def time(self, seconds: float) -> list[Figure]:
        """Time the frames of so many seconds."""
        process = psutil.Process()
        rss_bytes, process_s, began = process.memory_info().rss, time.process_time(), _Instant.now()
        memory = {"before": rss_bytes}
        self._views.costs.clear()
        self._is_timing = True
        for look in range(1, _LOOKS + 1):
            await asyncio.sleep(seconds / _LOOKS)
            memory[f"after {look * seconds / _LOOKS:g} s"] = process.memory_info().rss
        self._is_timing = False
        lasted = _Instant.now() - began
        if not self._costs:
            raise EnvironmentProblem(f"no frame came in {seconds:g} s")
        costs, wall_s = self._costs, lasted.wall_s
        update_s = sum(one.update.cpu_s for one in costs)
        paint_s = sum(one.paint.cpu_s for one in costs)
        shares = {
            "update": update_s,
            "paint": paint_s,
            "else of the UI thread": lasted.cpu_s - update_s - paint_s,
            "engine and other threads": time.process_time() - process_s - lasted.cpu_s,
        }
        memory["most since the start"] = peak_memory_bytes()
        views_s = {name: self._views.costs.spent_s(name) for name in self._views.names}
        views_s["all else"] = lasted.cpu_s - sum(views_s.values())
        return [
            *_waits(UiMeasure.FRAME, "processor time", [one.all.cpu_s for one in costs]),
            *_waits(UiMeasure.FRAME, "update and paint", [(one.update + one.paint).wall_s for one in costs]),
            *_waits(UiMeasure.UPDATE, "processor time", [one.update.cpu_s for one in costs]),
            *_waits(UiMeasure.UPDATE, "time", [one.update.wall_s for one in costs]),
            *_waits(UiMeasure.PAINT, "processor time", [one.paint.cpu_s for one in costs]),
            *_waits(UiMeasure.PAINT, "time", [one.paint.wall_s for one in costs]),
            *(
                _figure(UiMeasure.VIEW, name, 1e3 * spent_s / len(costs), Unit.MS)
                for name, spent_s in views_s.items()
            ),
            *_rates([one.all.wall_s for one in costs], UiMeasure.RATE),
            _figure(UiMeasure.RATE, "speed reached", self._market_us / 1e6 / wall_s, Unit.SPEED),
            *(
                _figure(UiMeasure.SHARE, what, 100 * cpu_s / wall_s, Unit.PERCENT_OF_CORE)
                for what, cpu_s in shares.items()
            ),
            *(_figure(UiMeasure.MEMORY, what, held, Unit.BYTES) for what, held in memory.items()),
        ]


def _figure(measure: UiMeasure, what: str, value: float, unit: Unit) -> Figure:
    return Figure(measure, "", what, value, unit)


def _waits(measure: UiMeasure, what: str, seconds: list[float]) -> list[Figure]:
    return percentiles(measure, "", what, seconds)


def _rates(intervals_s: list[float], measure: UiMeasure) -> list[Figure]:
    per_s = len(intervals_s) / sum(intervals_s)
    return [
        _figure(measure, "frames", per_s, Unit.FRAMES_PER_S),
        *_waits(measure, "interval", intervals_s),
    ]


async def _watch_empty(seconds: float) -> list[Figure]:
    """Watch a window that only fills itself, as often as a replay would: what this machine gives at best."""
    window = QWidget()
    window.resize(*_SIZE_PX)
    window.show()
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.perf_counter())
        window.update()

    timer = QTimer(window)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(int(FRAME_S * 1e3))
    await asyncio.sleep(seconds)
    timer.stop()
    window.close()
    window.deleteLater()
    return _rates([after - before for before, after in pairwise(ticks)], UiMeasure.EMPTY)


async def _play(desk: Desk, exchange: str, symbol: str, seconds: float) -> list[Figure]:
    """Play all that is held of a symbol, again and again, with all views open and no panel."""
    await desk.engine.fill()
    request = await asyncio.to_thread(_request, desk.cache, exchange, symbol)
    meter = FrameMeter(desk.window, _watched(desk))

    def on_opened() -> None:
        """Hear of frames before the views do."""
        if desk.opener.player is not None and desk.replay.player is None:
            desk.opener.player.frame_ready.connect(meter.begin_frame)

    desk.opener.opened.connect(on_opened)
    desk.window.go_to("replay")
    player = await desk.opener.open(request)
    for key in desk.window.docks:
        desk.window.show_panel(key, is_open=False)
    player.frame_ready.connect(meter.end_frame)
    await asyncio.sleep(_UNTIMED_S)
    hidden = [view.accessibleName() for view in desk.replay.panels.all if not view.isVisible()]
    if hidden:
        raise RuntimeError(f"not in view: {', '.join(hidden)}")
    figures = await meter.time(seconds)
    if desk.opener.player is not player:
        raise desk.opener.error or EnvironmentProblem("the replay ended before its time")
    return figures


def _watched(desk: Desk) -> ViewCosts:
    """Watch all that shows a replay."""
    views, panels = ViewCosts(desk.window), desk.replay.panels
    for name, view in (
        ("heat map", panels.heatmap),
        ("strips", panels.strips),
        ("ladder", panels.ladder),
        ("depth", panels.depth_chart),
        ("figures at the cursor", panels.figures),
        ("time and sales", panels.tape),
        ("transport", desk.replay.transport),
    ):
        views.watch(name, view)
    return views


def _request(cache: Cache, exchange: str, symbol: str) -> ReplayRequest:
    key = cache.book_selection(exchange, symbol).key
    start_us, end_us = span_of([day for day in cache.days(key.exchange, key.symbol, key.type) if day.rows])
    plan = ReplayPlan(
        ((exchange, symbol),),
        start_us,
        end_us,
        speed=_SPEED,
        allow_missing=True,
        loop=Loop(start_us, end_us),
    )
    return ReplayRequest(plan, start_us)


async def _measure(home: Path, exchange: str, symbol: str, seconds: float, theme: Theme) -> list[Figure]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4, thread_name_prefix="tickreel"))
    figures = await _watch_empty(min(_EMPTY_SHARE * seconds, _EMPTY_MOST_S))
    with open_cache(home) as cache:
        desk = Desk(cache, theme, DisplayZone(), Settings(), Ring(), leaves_marks=False)
        try:
            await desk.begin(_SIZE_PX)
            figures += await _play(desk, exchange, symbol, seconds)
        finally:
            await desk.close()
    return figures


def main() -> int:
    """Measure what the command line names."""
    give_back_large_blocks()
    home, exchange, symbol, seconds = sys.argv[1:]
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(ThemeMode.DARK)
    theme.apply(app)
    try:
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            figures = runner.run(_measure(Path(home), exchange, symbol, float(seconds), theme))
    except (TickreelError, OSError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return REFUSED
    keys = ("measure", "what", "value", "unit")
    sys.stdout.write(json.dumps([{key: getattr(one, key) for key in keys} for one in figures]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
