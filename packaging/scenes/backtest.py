"""The states of the form of backtests, and of runs that go on or went wrong."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from scenes.stage import Stage
from tickreel.store.model import Grade
from tickreel_desktop.backtest.form.draft import Draft
from tickreel_desktop.backtest_control import sample_draft
from tickreel_desktop.replay.collecting import held_symbol

if TYPE_CHECKING:
    from collections.abc import Callable

_BROKEN = "class Broken:\n    def on_book(self, ctx, book)\n        pass\n"
_FAILING = """from tickreel.backtest import Param


class Fails:
    \"\"\"Divides by zero at a message.\"\"\"

    at = Param(2_000, "Message at which it fails", low=1)

    def on_start(self, ctx):
        self.number = 0

    def on_book(self, ctx, book):
        self.number += 1
        if self.number == self.at:
            print("message", self.number, "of", book.instrument)
            self.number / 0
"""
_SYMBOL = sample_draft().symbols
_SAMPLES = 40
"""Of equity, after which a run is a picture."""

BACKTEST = (
    "backtest_empty_form",
    "backtest_form",
    "backtest_missing_days",
    "backtest_bad_days",
    "backtest_broken_strategy",
    "backtest_wrong_values",
    "backtest_sweep_form",
    "backtest_running",
    "backtest_run",
    "backtest_failed",
    "backtest_compared",
)


class BacktestScenes(Stage):
    """Brings the Backtest workspace into one state after the other."""

    async def backtest_empty_form(self) -> None:
        await self._fill(Draft())

    async def backtest_form(self) -> None:
        await self._fill(sample_draft())

    async def backtest_missing_days(self) -> None:
        await self._fill(Draft("twap", _SYMBOL, "2025-03-13", "2025-03-20", "careful"))

    async def backtest_bad_days(self) -> None:
        await self.backtest_form()
        held = await asyncio.to_thread(held_symbol, self._desk.cache, *_SYMBOL[0])
        types = {
            kind: replace(
                one, days=tuple(replace(day, grade=Grade.BAD, issues=("gap", "crossed")) for day in one.days)
            )
            for kind, one in held.types.items()
        }
        self._desk.backtest.form.show_symbols([replace(held, types=types)])

    async def backtest_broken_strategy(self) -> None:
        path = self._folder / "mine.py"
        path.write_text(_BROKEN, encoding="utf-8")
        await self._fill(Draft(str(path), _SYMBOL, "2025-03-14", "2025-03-14"))

    async def backtest_wrong_values(self) -> None:
        wrong = {"amount": "-1", "most_quotes": "2.5"}
        await self._fill(
            Draft("market_maker", _SYMBOL, "2025-03-14", "2025-03-14", params=wrong, queue="fair", seed="x")
        )

    async def backtest_sweep_form(self) -> None:
        await self.backtest_form()
        control = self._desk.backtest_control
        control.sweep({"half_spread_ticks": [1.0, 2.0, 4.0]})
        await self._until(lambda: control.sweep_dialog is not None)

    async def backtest_running(self) -> None:
        await self.backtest_form()
        await self._run_form(self._is_under_way)
        self._desk.window.show_panel("jobs")

    def _is_under_way(self) -> bool:
        """Tell whether the last run has some equity; where the machine is quick it may be done before."""
        last = self._desk.backtests.works()[-1]
        return len(last.live.equity()) > _SAMPLES or bool(last.ended_us)

    async def backtest_run(self) -> None:
        works = self._desk.backtests.works
        if not works() or works()[-1].job.state.is_final:
            await self.backtest_form()
            await self._run_form(lambda: bool(works()[-1].ended_us))
        await self._until(lambda: bool(works()[-1].ended_us))
        self._desk.backtest_control.open_work(works()[-1])
        await self._until(lambda: self._desk.backtest.run_view.record is not None)

    async def backtest_failed(self) -> None:
        path = self._folder / "fails.py"
        path.write_text(_FAILING, encoding="utf-8")
        await self._fill(Draft(str(path), _SYMBOL, "2025-03-14T15:00", "2025-03-14T15:05"))
        await self._run_form(lambda: bool(self._desk.backtests.works()[-1].ended_us))
        self._desk.window.show_panel("jobs")

    async def backtest_compared(self) -> None:
        draft = sample_draft()
        for preset in ("typical", "careful"):
            await self._fill(Draft(draft.strategy, draft.symbols, draft.first, "2025-03-14T15:10", preset))
            await self._run_form(lambda: bool(self._desk.backtests.works()[-1].ended_us))
        ids = [work.live.id or "" for work in self._desk.backtests.works()[-2:]]
        self._desk.backtest.show_compared(ids)
        await self._until(lambda: self._desk.backtest.compare.compared is not None)

    async def _fill(self, draft: Draft) -> None:
        desk = self._desk
        desk.backtest_control.new_run()
        desk.backtest_control.form.take(draft)
        if draft.strategy:
            await desk.backtest_control.form.settled()
        await asyncio.sleep(0.2)

    async def _run_form(self, holds: Callable[[], bool]) -> None:
        count = len(self._desk.backtests.works())
        self._desk.backtest_control.run()
        await self._until(lambda: len(self._desk.backtests.works()) > count)
        await self._until(holds)
