"""Ten thousand stored runs are listed, filtered and sorted while the window goes on answering."""

from __future__ import annotations

import asyncio
import json
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
from support.desks import until
from support.qtloop import run_on_qt

from tickreel.backtest.runs.curve import SPARK_POINTS
from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache
from tickreel_desktop.backtest.runs import RunsPane, rows_of
from tickreel_desktop.backtest.runs.model import Col
from tickreel_desktop.responsiveness import Responsiveness

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from support.runshome import RunsHome

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.theme import Theme

MANY = 10_000
NAMES = ("market_maker", "imbalance_taker", "momentum")
LONG_S = 0.5
"""Ten times what a handler may take: made a row at a time, a list would take seconds."""


def store_many(source: Runs, folder: Path) -> Path:
    """Copy a run ten thousand times into a home of its own, each with figures of its own."""
    with closing(source.cache.connect()) as database:
        rows = [
            dict(row) for row in database.rows("SELECT * FROM run WHERE state = 'succeeded' AND tags <> '[]'")
        ]
    template = rows[0] | {"sweep_id": None, "place": None}
    card = json.loads(template["card"])
    random = np.random.default_rng(7)
    names = list(template)
    with open_cache(folder) as cache, closing(cache.connect()) as database, database.writing() as connection:
        for number in range(MANY):
            card["strategy"]["name"] = NAMES[number % len(NAMES)]
            card["metrics"] |= {"return": float(random.normal()), "pnl": float(random.normal(0, 100))}
            copy = template | {
                "id": f"{number:010x}",
                "created_us": template["created_us"] + number,
                "card": json.dumps(card),
                "tags": json.dumps(["pinned"] if number % 50 == 0 else []),
                "spark": np.cumsum(random.normal(size=SPARK_POINTS)).astype("<f4").tobytes(),
            }
            connection.execute(
                f"INSERT INTO run ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                [copy[name] for name in names],
            )
    return folder


def test_ten_thousand_runs_do_not_make_the_window_stutter(
    qapp: QApplication, theme: Theme, runs: Runs, made: RunsHome, tmp_path: Path
) -> None:
    home = store_many(runs, tmp_path / "many")

    async def journey() -> list[float]:
        pane = RunsPane(theme)
        pane.resize(460, 800)
        pane.show()
        probe = Responsiveness(ask_every_s=0.005)
        try:
            with open_cache(home) as cache, opened_runs(cache) as many:
                rows = await asyncio.to_thread(lambda: rows_of(many.records.listing()))
            pane.show_rows(rows)
            await until(lambda: pane.model.rowCount() == MANY)
            for text in ("m", "ma", "mar", "market", "market pinned", ""):
                pane.filter.field.setText(text)
                before = probe.answers
                await until(lambda before=before: probe.answers > before)  # type: ignore[misc]
            assert pane.model.shown_count == MANY
            for column in (Col.GAIN, Col.RUN, Col.PNL):
                pane.table.sortByColumn(column, pane.table.horizontalHeader().sortIndicatorOrder())
                await asyncio.sleep(0.02)
            pane.table.scrollToBottom()
            await asyncio.sleep(0.05)
            pane.filter.field.setText("market pinned")
            kept = sum(number % 50 == 0 and number % 3 == 0 for number in range(MANY))
            assert pane.model.shown_count == kept
            return [wait.cpu_s or wait.wall_s for wait in probe.waits]
        finally:
            probe.stop()
            pane.close()
            pane.deleteLater()
            await asyncio.sleep(0)

    longest = max(run_on_qt(qapp, journey()), default=0.0)
    assert longest < LONG_S, f"a handler computed for {longest:.3f} s"
