"""A run done once more, to prove that it gives the same; what is done again is not kept."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.comparing import first_divergence
from tickreel.backtest.runs.data import days_of
from tickreel.backtest.runs.messages import Task
from tickreel.backtest.runs.running import OUTPUT
from tickreel.backtest.runs.versions import differing, versions_here
from tickreel.errors import Cancelled, DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.runs.data import RunDay
    from tickreel.backtest.runs.process import Child
    from tickreel.backtest.runs.run import Run
    from tickreel.progress import Monitor
    from tickreel.store import Cache

_DAY = ("exchange", "symbol", "type", "day")
COMPARED = ("orders", "fills", "equity")


def rerun(cache: Cache, child: Child, run: Run, monitor: Monitor) -> dict[str, Any]:
    """Do a run once more and tell whether it gave the same, as ``runs rerun`` prints it.

    Raises:
        UsageError: it did not come to its end, so that there is nothing to prove.
        TickreelError: it cannot be done again: days or its strategy are gone.
        DataError: it failed this time.
        Cancelled: the monitor said so.
    """
    if run.card.state is not RunState.SUCCEEDED:
        raise UsageError(
            f"run {run.id} is {run.card.state.value}: only one that came to its end can be done again"
        )
    request = BacktestRequest.from_form(run.request)
    days = days_of(cache, request, monitor)
    # Not beside the runs that are kept: whoever settles them would take it for something left over.
    with tempfile.TemporaryDirectory(prefix="tickreel-") as name:
        folder = Path(name)
        ending = child.do(Task(run.id, name, request), folder / OUTPUT, monitor)
        if ending.refusal is not None:
            raise ending.refusal
        if ending.is_cancelled:
            raise Cancelled(f"run {run.id} was not done again: cancelled")
        if ending.failure is not None or ending.summary is None:
            raise DataError(f"run {run.id} failed when it was done again: {ending.failure}")
        summary = ending.summary
        is_same = summary["result_sha256"] == run.card.result_sha256
        divergence = None
        if not is_same:
            import pyarrow.parquet as pq

            again = {name: pq.read_table(folder / f"{name}.parquet") for name in COMPARED}
            divergence = first_divergence({name: run.table(name) for name in COMPARED}, again)
    return {
        "id": run.id,
        "identical": is_same,
        "result_sha256": run.card.result_sha256,
        "rerun_sha256": summary["result_sha256"],
        "differing_versions": differing(run.card.versions, versions_here()),
        "differing_strategy": _other(run.card.strategy["sha256"], summary["strategy"]["sha256"]),
        "differing_data": _other_data(run, days),
        "first_difference": None if divergence is None else divergence.to_form(),
    }


def _other(then: str, now: str) -> dict[str, str] | None:
    return None if then == now else {"then": then, "now": now}


def _other_data(run: Run, days: Sequence[RunDay]) -> list[dict[str, Any]]:
    """List the days of which other rows are held now."""
    then, now = (
        {tuple(form[name] for name in _DAY): form["rows_sha256"] for form in forms}
        for forms in (run.card.data, [day.to_form() for day in days])
    )
    return [
        {**dict(zip(_DAY, day, strict=True)), "then": then.get(day), "now": now.get(day)}
        for day in sorted({*then, *now})
        if then.get(day) != now.get(day)
    ]
