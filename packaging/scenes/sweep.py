"""The states of a sweep, of why an order was filled, and of a run that is replayed, over the sample."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scenes.stage import Stage
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.backtest.sweeps.sweep import begin
from tickreel.backtest.sweeps.trials import TrialState
from tickreel.errors import Cancelled
from tickreel.sample import SAMPLE_START_US
from tickreel_desktop.replay.own.orders import OwnEvent

if TYPE_CHECKING:
    from tickreel.backtest.request import Value
    from tickreel.backtest.runs.service import Runs

_MINUTE_US = 60_000_000
_SHOWN_FROM = 6
"""Trials that are done when a sweep that goes on is shown."""
_PAIR = ("tickreel-sim", "BTCUSDT")
SWEEPS = (
    "sweep_running",
    "sweep",
    "sweep_brushed",
    "sweep_stopped",
    "why_filled",
    "why_not_filled",
    "run_replayed",
)


class _Halt:
    """Stops a sweep once so many of its runs are done."""

    def __init__(self, count: int) -> None:
        self._count = count

    def report(self, _done: int, _total: int | None, note: str = "") -> None:
        done = note.split(" ", 1)[0]
        if done.isdigit() and int(done) >= self._count:
            raise Cancelled("enough")


def _asked() -> SweepRequest:
    base = BacktestRequest.of(
        "market_maker", [_PAIR], SAMPLE_START_US, SAMPLE_START_US + _MINUTE_US, capital=10_000.0
    )
    grid: dict[str, tuple[Value, ...]] = {
        "half_spread_ticks": (0.5, 1.0, 2.0, 4.0, 8.0, 16.0),
        "lean_ticks": (0.0, 0.5, 1.0, 2.0, 4.0),
    }
    return SweepRequest(base=base, grid=grid)


def _sweep(runs: Runs, halt: int) -> str:
    try:
        return begin(runs, _asked(), _Halt(halt)).id
    except Cancelled:
        return next(run.card.sweep_id or "" for run in runs.runs() if run.card.sweep_id)


class SweepScenes(Stage):
    """Brings the Backtest workspace into these states."""

    _whole = _stopped = _run = ""

    def _sweep_ids(self) -> list[str | None]:
        return [work.live.id for work in self._desk.backtests.works() if work.is_sweep]

    async def sweep_running(self) -> None:
        desk, view = self._desk, self._desk.backtest.sweep
        earlier = len(self._sweep_ids())
        desk.backtest_control.submit(_asked())
        await self._until(lambda: any(self._sweep_ids()[earlier:]))
        sweep_id = self._sweep_ids()[earlier] or ""
        desk.window.go_to("backtest")
        desk.backtest_control.open_sweep(sweep_id)
        await self._until(
            lambda: (
                view.trials is not None
                and view.trials.sweep_id == sweep_id
                and view.trials.count(TrialState.DONE) > _SHOWN_FROM
            )
        )

    async def sweep(self) -> None:
        if not self._whole:
            self._whole = await self._desk.runs.ask(lambda runs: _sweep(runs, 1_000))
        await self._show(self._whole)

    async def sweep_brushed(self) -> None:
        await self.sweep()
        view = self._desk.backtest.sweep
        view.parallel.set_brush("lean_ticks", (0.0, 0.5))
        view.map.setFocus()

    async def sweep_stopped(self) -> None:
        if not self._stopped:
            self._stopped = await self._desk.runs.ask(lambda runs: _sweep(runs, 11))
        await self._show(self._stopped)

    async def _show(self, sweep_id: str) -> None:
        self._desk.window.go_to("backtest")
        view = self._desk.backtest.sweep
        self._desk.backtest.show_sweep(sweep_id)
        for name in view.parallel.brushes:
            view.parallel.set_brush(name, None)
        await self._until(lambda: view.trials is not None and view.trials.sweep_id == sweep_id)
        await asyncio.sleep(1.0)

    async def _run_id(self) -> str:
        if not self._run:
            request = BacktestRequest.of(
                "market_maker", [_PAIR], SAMPLE_START_US, SAMPLE_START_US + _MINUTE_US, capital=10_000.0
            )
            self._run = (await self._desk.runs.ask(lambda runs: runs.backtest(request))).id
        return self._run

    async def _ask_why(self, *, is_filled: bool) -> None:
        run_id = await self._run_id()

        def find(runs: Runs) -> int:
            orders = runs.run(run_id).orders
            deepest = orders[(orders["filled"] > 0) == is_filled].sort_values("queue_ahead")
            return int(deepest["id"].dropna().iloc[len(deepest) // 2])

        order_id = await self._desk.runs.ask(find)
        self._desk.window.go_to("backtest")
        self._desk.backtest.show_order(run_id, order_id)
        view = self._desk.backtest.why
        await self._until(lambda: bool(view.account.others.told) or bool(view.problem))

    async def why_filled(self) -> None:
        await self._ask_why(is_filled=True)

    async def why_not_filled(self) -> None:
        await self._ask_why(is_filled=False)

    async def run_replayed(self) -> None:
        control = self._desk.run_replay
        await control.open_run(await self._run_id(), SAMPLE_START_US + _MINUTE_US // 2)
        self._desk.replay.shared.set_width(15_000_000)
        await self._until(lambda: control.orders is not None and control.orders.ways is not None)
        control.step(OwnEvent.FILL, 1)
        await asyncio.sleep(1.0)
