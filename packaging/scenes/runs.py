"""The list of runs and a run in view in their further states, over runs of the sample."""
# ruff: noqa: D102 - the name of each scene says what is shown

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from PySide6.QtTest import QTest
from support.runshome import RunsHome, copy_runs, make_runs

from scenes.stage import Stage
from tickreel_desktop.backtest.runs.model import Col

_MANY = 10_000


class RunsScenes(Stage):
    """Brings the Backtest workspace into one state of its runs after the other."""

    _made_runs: RunsHome | None = None

    async def _kept_run(self, name: str) -> str:
        """Have the runs made, and Backtest in front; give the id of one."""
        desk = self._desk
        if self._made_runs is None:
            self._made_runs = await asyncio.to_thread(make_runs, desk.cache, self._folder)
        desk.window.go_to("backtest")
        pane = desk.backtest.runs
        await self._until(
            lambda: self._made_runs is not None and self._made_runs.rows <= set(pane.model.rows.places)
        )
        pane.model.uncheck_all()
        pane.filter.clear()
        found: str = getattr(self._made_runs, name)
        return found

    async def _show_run_of(self, name: str) -> None:
        run_id = await self._kept_run(name)
        view = self._desk.backtest.run_view
        self._desk.backtest.show_run(run_id)
        await self._until(lambda: view.record is not None and view.record.card.id == run_id)
        view.tabs.setCurrentIndex(0)
        view.span.show_range(*view.span.range_us)

    async def runs_part(self) -> None:
        await self._show_run_of("maker")
        span = self._desk.backtest.run_view.span
        span.choose((span.from_us + span.length_us // 4, span.from_us + span.length_us // 2))

    async def runs_of_two(self) -> None:
        await self._show_run_of("pair")

    async def runs_cancelled(self) -> None:
        await self._show_run_of("cancelled")

    async def runs_distribution(self) -> None:
        await self._show_run_of("maker")
        tabs = self._desk.backtest.run_view.tabs
        tabs.setCurrentWidget(self._desk.backtest.run_view.distribution)

    async def runs_filtered(self) -> None:
        await self._show_run_of("maker")
        self._desk.backtest.runs.filter.field.setText("market kept")

    async def runs_tags(self) -> None:
        await self._show_run_of("maker")
        self._desk.actions["runs.tag"].trigger()
        await asyncio.sleep(0.5)

    async def runs_many(self) -> None:
        """The list of very many runs, filtered as one types, sorted, and gone through to its end."""
        desk, pane = self._desk, self._desk.backtest.runs
        await self._kept_run("maker")
        await asyncio.to_thread(copy_runs, desk.cache, desk.cache, _MANY)
        desk.runs.changed.emit()
        await self._until(lambda: pane.model.rowCount() > _MANY)
        for letter in "market pinned":
            QTest.keyClicks(pane.filter.field, letter)
            await asyncio.sleep(0.02)
        pane.filter.clear()
        for column in (Col.GAIN, Col.RUN, Col.PNL):
            pane.table.sortByColumn(column, pane.table.horizontalHeader().sortIndicatorOrder())
            await asyncio.sleep(0.02)
        pane.table.scrollToBottom()


RUNS = (
    "runs_part",
    "runs_of_two",
    "runs_cancelled",
    "runs_distribution",
    "runs_filtered",
    "runs_tags",
    "runs_many",
)
"""All of them."""
