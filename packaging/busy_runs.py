"""The window while a sweep runs beside ten thousand kept runs: how long its user waits, and where.

A sweep of a hundred runs is done by the workers that the machine has, while a script filters and sorts the
list of runs, looks at the sweep as it fills, chooses figures and regions, opens a run and changes
workspaces; then the sweep is cancelled, of which is told how long it took to end, and gone on with. Last a
sweep of ten thousand trials is opened. The limit is 50 ms computing. Nothing fails by it.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop
from watched import Watched

from tickreel import logs
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.card import RunKind
from tickreel.backtest.runs.curve import SPARK_POINTS
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.settings import Settings
from tickreel.store import Cache, open_cache
from tickreel_desktop.backtest.runs.model import Col
from tickreel_desktop.desk import Desk
from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.zone import DisplayZone

_SIZE_PX = (1920, 1080)
_MANY = 10_000
_SIDE = 100
_PAUSE_S = 0.05
_PAIR = (("tickreel-sim", "BTCUSDT"),)


def _asked(steps: int) -> SweepRequest:
    base = BacktestRequest.of("market_maker", _PAIR, "2025-03-14T15:00", "2025-03-14T15:02", capital=10_000)
    values = tuple(float(step) for step in range(1, steps + 1))
    return SweepRequest(base=base, grid={"half_spread_ticks": values, "lean_ticks": values})


def _store_many(cache: Cache) -> str:
    """Copy one run ten thousand times, each with figures of its own, and as many trials of a sweep."""
    with opened_runs(cache) as runs:
        made = runs.backtest(_asked(1).base)
        large = _asked(_SIDE)
        sweep_id = runs.records.new_id()
        runs.records.begin_sweep(sweep_id, RunKind.SWEEP, large.to_form(), _SIDE * _SIDE)
    random = np.random.default_rng(7)
    with closing(cache.connect()) as database:
        (row,) = (dict(one) for one in database.rows("SELECT * FROM run WHERE id = ?", (made.id,)))
        card, names = json.loads(row["card"]), list(row)
        marks = ", ".join("?" * len(names))
        with database.writing() as connection:
            for number in range(2 * _MANY):
                card["id"] = f"{number:010x}"
                for name in ("pnl", "return", "sharpe", "sharpe_per_period", "max_drawdown"):
                    card["metrics"][name] = float(random.normal())
                of_sweep = number >= _MANY
                copy = row | {
                    "id": card["id"],
                    "created_us": row["created_us"] - number,
                    "card": json.dumps(card),
                    "sweep_id": sweep_id if of_sweep else None,
                    "place": number - _MANY if of_sweep else None,
                    "spark": np.cumsum(random.normal(size=SPARK_POINTS)).astype("<f4").tobytes(),
                }
                connection.execute(
                    f"INSERT INTO run ({', '.join(names)}) VALUES ({marks})", [copy[name] for name in names]
                )
    return sweep_id


class Acts(Watched):
    """What a hand would do, each act watched."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.cancelled_s = 0.0

    async def list_runs(self) -> None:
        """Bring the workspace with all runs to the front."""
        self._desk.window.go_to("backtest")
        model = self._desk.backtest.runs.model
        await self.until(lambda: model.rowCount() >= _MANY)

    async def begin(self) -> None:
        """Begin the sweep, and bring it into view as soon as it is recorded."""
        desk = self._desk
        desk.backtest_control.submit(_asked(10))
        await self.until(
            lambda: bool(desk.backtests.works()) and desk.backtests.works()[-1].live.id is not None
        )
        self.open_sweep()
        await self.until(lambda: desk.backtest.sweep.map.plane is not None)

    def open_sweep(self) -> None:
        """Bring the sweep that goes on into view."""
        self._desk.backtest_control.open_sweep(self._desk.backtests.works()[-1].live.id or "")

    async def filter(self) -> None:
        """Type words, letter by letter."""
        self._desk.backtest.show_list()
        field = self._desk.backtest.runs.filter.field
        for word in ("market", "btc", "nothing of this"):
            for letter in word:
                QTest.keyClicks(field, letter)
                await asyncio.sleep(_PAUSE_S)
            field.clear()

    async def sort(self) -> None:
        """Sort by columns, and scroll to the end."""
        table = self._desk.backtest.runs.table
        for column in (Col.GAIN, Col.SHARPE, Col.RUN):
            table.sortByColumn(column, table.horizontalHeader().sortIndicatorOrder())
            await asyncio.sleep(_PAUSE_S)
        table.scrollToBottom()

    async def watch(self) -> None:
        """Look at the sweep as it fills."""
        self.open_sweep()
        await asyncio.sleep(4.0)

    async def choose(self) -> None:
        """Choose figures."""
        pane = self._desk.backtest.sweep.map_pane
        for key in ("pnl", "max_drawdown", "sharpe_per_period"):
            pane.value.setCurrentIndex(pane.value.findData(key))
            pane.value.activated.emit(pane.value.currentIndex())
            await asyncio.sleep(4 * _PAUSE_S)

    async def brush(self) -> None:
        """Draw a brush along an axis."""
        lines = self._desk.backtest.sweep.parallel
        for step in range(1, 11):
            lines.set_brush("lean_ticks", (0.0, step / 10))
            await asyncio.sleep(_PAUSE_S)
        lines.set_brush("lean_ticks", None)

    async def open_run(self) -> None:
        """Open a run with its charts."""
        self._desk.backtest.show_run(self._desk.backtest.runs.model.shown_runs()[0].id)
        await asyncio.sleep(1.0)

    async def workspaces(self) -> None:
        """Change workspaces."""
        for name in ("data", "backtest", "replay", "backtest"):
            self._desk.window.go_to(name)
            await asyncio.sleep(4 * _PAUSE_S)

    async def cancel(self) -> None:
        """Cancel the sweep."""
        work = self._desk.backtests.works()[-1]
        began_s = time.perf_counter()
        self._desk.backtests.cancel(work.live.id or "")
        await self.until(lambda: bool(work.ended_us))
        self.cancelled_s = time.perf_counter() - began_s

    async def resume(self) -> None:
        """Go on with it."""
        works = self._desk.backtests.works
        count = len(works())
        self._desk.backtests.retry(works()[-1])
        await self.until(lambda: len(works()) > count and works()[-1].live.ended_runs > 1)

    def open_large(self, sweep_id: str) -> None:
        """Bring the sweep of ten thousand trials into view."""
        self._desk.backtest_control.open_sweep(sweep_id)


_ORDER = ("watch", "choose", "brush", "filter", "sort", "open_run", "workspaces", "cancel", "resume")


async def _measure(home: Path, theme: Theme) -> Acts:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))
    with open_cache(home) as cache:
        store_sample(cache, UNWATCHED)
        large = _store_many(cache)
        ring = logs.configure(home, "info")
        desk = Desk(cache, theme, DisplayZone(), Settings(), ring, leaves_marks=False)
        try:
            await desk.begin(_SIZE_PX)
            acts = Acts(desk)
            await acts.do("list 10,000 runs", acts.list_runs)
            await acts.do("begin a sweep of 100", acts.begin)
            for name in _ORDER:
                await acts.do(name.replace("_", " "), getattr(acts, name))

            async def show() -> None:
                acts.open_large(large)
                view = desk.backtest.sweep
                await acts.until(lambda: view.map.plane is not None and view.map.plane.measured.size == _MANY)

            await acts.do("open 10,000 trials", show)
            for name in ("choose", "brush"):
                await acts.do(f"10,000 trials: {name}", getattr(acts, name))
            return acts
        finally:
            await desk.close()
            logs.release()


def main() -> None:
    """Measure once and print the table."""
    with tempfile.TemporaryDirectory(prefix="tickreel-busy-") as folder:
        app = QApplication([])
        app.setQuitOnLastWindowClosed(False)
        theme = Theme(ThemeMode.DARK)
        theme.apply(app)
        with asyncio.Runner(loop_factory=lambda: QEventLoop(app)) as runner:
            acts = runner.run(_measure(Path(folder) / "home", theme))
    acts.tell()
    print(f"the sweep had ended {acts.cancelled_s:.2f} s after it was cancelled")


if __name__ == "__main__":
    main()
