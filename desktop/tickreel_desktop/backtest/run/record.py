"""All that a run view shows of a run, read from its files off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.backtest.runs.running import OUTPUT
from tickreel_desktop.backtest.run.bars import bars_of
from tickreel_desktop.backtest.run.curves import RunCurves, read_curves
from tickreel_desktop.backtest.run.drawn import draw_run
from tickreel_desktop.backtest.run.fills import Fills, fills_of
from tickreel_desktop.backtest.run.orders import Orders, orders_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.run.bars import RunBars
    from tickreel_desktop.backtest.run.drawn import DrawnRun

_TABLES = ("orders", "fills", "logs")
_MOST_OUTPUT = 200_000
"""Characters of what the strategy printed that are shown: the last ones."""


@dataclass(frozen=True, slots=True, eq=False)
class RunRecord(RunCurves):
    """A run as it is kept."""

    fills: Fills | None
    orders: Orders | None
    log: pa.Table | None
    output: str
    """What the strategy printed, the end of it."""
    drawn: Mapping[int | None, DrawnRun]
    """What the charts draw of each symbol by its place, and of all of them by None."""
    bars: RunBars


def read_run(runs: Runs, run_id: str) -> RunRecord:
    """Read a run with all its tables, each checked by its checksum.

    Raises:
        NotHeldError: there is none.
        DataError: a file of it is gone or was changed.
    """
    run = runs.run(run_id)
    files = frozenset(run.files)
    curves = read_curves(runs, run)
    tables = {name: run.table(name) if f"{name}.parquet" in files else None for name in _TABLES}
    orders = None if tables["orders"] is None else orders_of(tables["orders"])
    fills = None
    if tables["fills"] is not None and orders is not None:
        fills = fills_of(tables["fills"], orders, run.card.instruments)
    return RunRecord(
        run,
        curves.curves,
        curves.band,
        curves.gaps,
        fills,
        orders,
        tables["logs"],
        _output(run) if OUTPUT in files else "",
        draw_run(curves),
        bars_of(curves, fills),
    )


def _output(run: Run) -> str:
    text = run.file(OUTPUT).read_text(encoding="utf-8", errors="replace")
    return text[-_MOST_OUTPUT:]
