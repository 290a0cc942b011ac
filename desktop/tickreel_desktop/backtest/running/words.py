"""Runs and sweeps in words: what they are, how they stand, what came of them."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.jobs import State
from tickreel.market.units import format_count
from tickreel_desktop.backtest.sweep.figures import short, value_text
from tickreel_desktop.jobs import JobState
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.run import Run
    from tickreel.market.zone import Zone
    from tickreel_desktop.backtest.running.work import Work

STATES = {
    State.QUEUED: JobState.QUEUED,
    State.RUNNING: JobState.RUNNING,
    State.SUCCEEDED: JobState.DONE,
    State.FAILED: JobState.FAILED,
    State.CANCELLED: JobState.CANCELLED,
}
_MINUS = "\u2212"


def strategy_name(reference: str) -> str:
    """Name a strategy without its folder."""
    return PurePath(reference).name if ".py" in reference else reference


def signed(value: float) -> str:
    """Write a sum of money or the like with its sign, to two decimals."""
    text = f"{abs(value):,.2f}".replace(",", "\u2009")
    return f"{_MINUS if value < 0 else '+'}{text}"


def rest_of(request: BacktestRequest | SweepRequest, zone: Zone) -> str:
    """Tell it from others of the same strategy: symbols, first day, how many runs."""
    base = request.base if isinstance(request, SweepRequest) else request
    symbols = ", ".join(symbol for _, symbol in base.instruments)
    days = [day_text(zone.day_of(at_us)) for at_us in (base.start_us, base.end_us - 1)]
    span = " to ".join(dict.fromkeys(days))
    count = f", {format_count(request.count())} runs" if isinstance(request, SweepRequest) else ""
    return f"on {symbols}, {span}{count}"


def running_words(work: Work) -> str:
    """Say how a run or sweep stands."""
    if work.is_sweep:
        note = work.job.progress.note
        return f"Paused, {note}" if work.live.is_paused else note
    equity = work.live.equity()
    return f"equity {signed(equity[-1][1])}" if equity else "Reading the days"


def failure_words(work: Work) -> str:
    """Say in a sentence why a run or sweep failed, with the line where it is known."""
    failure = work.failure
    if failure is None:
        return str(work.job.error) or type(work.job.error).__name__
    place = f"line {failure.line} of {PurePath(failure.file).name}: " if failure.file and failure.line else ""
    text = f"{place}{failure.message}"
    return f"{text[:1].upper()}{text[1:]}"


def result_words(work: Work) -> str:
    """Say what came of a run or sweep."""
    if work.proof:
        return rerun_words(work.proof)
    run = work.run
    if run is not None:
        return run_words(run)
    ranking = work.job.result.ranking if work.job.result is not None else ()
    if not ranking or ranking[0].value is None:
        return "Done"
    best = ", ".join(f"{name} {value_text(value)}" for name, value in ranking[0].at.items())
    return f"Done, best {short(ranking[0].value)} with {best}"


def rerun_words(found: Mapping[str, Any]) -> str:
    """Say whether a run that was done once more gave the same, and what is other than it was."""
    changed = [
        name
        for name, what in (
            ("versions", found["differing_versions"]),
            ("strategy", found["differing_strategy"]),
            ("data", found["differing_data"]),
        )
        if what
    ]
    since = f"; other than then: {', '.join(changed)}" if changed else ""
    return f"{'It gives the same' if found['identical'] else 'It gives something else'}{since}"


def run_words(run: Run) -> str:
    """Say what a run gained, and on how many trades."""
    gained, trades = run.metrics.get("pnl"), run.card.total_trades
    count = "" if trades is None else f"{format_count(trades)} {'trade' if trades == 1 else 'trades'}"
    return ", ".join(filter(None, ("" if gained is None else signed(gained), count))) or "Done"
