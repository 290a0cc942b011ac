"""Ten thousand stored runs are listed, filtered and sorted, each in one go; `make answers` times it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from support.desks import until
from support.qtloop import run_on_qt
from support.runshome import copy_runs

from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache
from tickreel_desktop.backtest.runs import RunsPane, rows_of
from tickreel_desktop.backtest.runs.model import Col

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from support.runshome import RunsHome

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.theme import Theme

MANY = 10_000
MOST_TOLD = 3
"""Changes of the table for one act; a list that is made row by row has thousands."""


def test_ten_thousand_runs_are_listed_filtered_and_sorted_in_one_go_each(
    qapp: QApplication, theme: Theme, runs: Runs, made: RunsHome, tmp_path: Path
) -> None:
    home = tmp_path / "many"
    with open_cache(home) as cache:
        copy_runs(runs.cache, cache, MANY)

    async def journey() -> None:
        pane = RunsPane(theme)
        pane.resize(460, 800)
        pane.show()
        told: list[str] = []
        model = pane.model
        for name in ("modelReset", "layoutChanged", "rowsInserted", "rowsRemoved", "rowsMoved"):
            getattr(model, name).connect(lambda *_given, name=name: told.append(name))
        try:
            with open_cache(home) as cache, opened_runs(cache) as many:
                rows = await asyncio.to_thread(lambda: rows_of(many.records.listing()))
            pane.show_rows(rows)
            await until(lambda: model.rowCount() == MANY)
            assert len(told) <= MOST_TOLD, "listed"
            for text in ("m", "ma", "mar", "market", "market pinned", ""):
                told.clear()
                pane.filter.field.setText(text)
                assert len(told) <= MOST_TOLD, text
            assert model.shown_count == MANY
            for column in (Col.GAIN, Col.RUN, Col.PNL):
                told.clear()
                pane.table.sortByColumn(column, pane.table.horizontalHeader().sortIndicatorOrder())
                assert len(told) <= MOST_TOLD, column
            pane.table.scrollToBottom()
            await asyncio.sleep(0.05)
            pane.filter.field.setText("market pinned")
            assert model.shown_count == sum(number % 50 == 0 and number % 3 == 0 for number in range(MANY))
        finally:
            pane.close()
            pane.deleteLater()
            await asyncio.sleep(0)

    run_on_qt(qapp, journey())
