"""Runs as the list has them: prepared once, off the UI thread, with a key to sort each column by."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.curve import spark_points
from tickreel.market.time import day_of
from tickreel_desktop.backtest.runs.words import days_words, other_params, short_strategy, symbol_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tickreel.backtest.runs.listing import RunLine, RunListing, SweepLine

SHORT_ID = 6
"""So much of an id is shown; any beginning that no other has names a run."""
SORT_KEYS = ("created", "strategy", "gain", "sharpe", "pnl", "drawdown", "trades")


@dataclass(frozen=True, slots=True, eq=False)
class ListedRun:
    """One row: a run, or all runs of a sweep."""

    id: str
    """Of the run, or of the sweep."""
    is_sweep: bool
    state: RunState
    strategy: str
    title: str
    """The strategy, and what was asked otherwise than of the run of it before."""
    subtitle: str
    symbols: tuple[str, ...]
    """``EXCHANGE:SYMBOL``."""
    from_us: int
    to_us: int
    created_us: int
    tags: tuple[str, ...]
    notes: str
    currency: str | None
    pnl: float | None
    gain: float | None
    sharpe: float | None
    drawdown: float | None
    trades: int | None
    spark: NDArray[np.float32] | None
    failure: str = ""
    """What went wrong."""
    line: int | None = None
    """Where in the file of the strategy."""
    failed_after: int | None = None
    """Messages until then."""
    trials: int = 1
    done: int = 1
    search: str = ""
    """All its words in small letters, which a filter looks through."""

    @property
    def cause(self) -> str:
        """What went wrong as shortly as it can be said: ``ZeroDivisionError, line 88``."""
        if self.line is None:
            return self.failure
        kind, _, rest = self.failure.partition(": ")
        return f"{kind if rest and kind.isidentifier() else self.failure}, line {self.line}"

    @property
    def short_id(self) -> str:
        """The beginning of its id."""
        return self.id[:SHORT_ID]


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A run or a sweep that is under way in this window."""

    job_id: str
    title: str
    subtitle: str
    fraction: float | None = None
    """Of the whole, 0 to 1; None as long as that is unknown."""
    left_s: float | None = None
    """Time that is left."""
    run_id: str | None = None
    """Of the run or the sweep, once it has one: the list does not show it twice."""
    can_cancel: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """All rows, the newest first, with float64 keys (n,) by the names of :data:`SORT_KEYS`."""

    runs: tuple[ListedRun, ...]
    keys: Mapping[str, NDArray[np.float64]]
    places: Mapping[str, int]
    """Of each row by its id."""
    sweep_of: Mapping[str, str]
    """The sweep of each run that is not a row of its own."""

    @classmethod
    def of(cls, runs: Sequence[ListedRun], sweep_of: Mapping[str, str]) -> Rows:
        """Prepare rows."""
        names = {name: place for place, name in enumerate(sorted({run.title for run in runs}))}
        keys = {
            "created": np.array([run.created_us for run in runs], np.float64),
            "strategy": np.array([names[run.title] for run in runs], np.float64),
            **{
                name: _numbers([getattr(run, name) for run in runs])
                for name in ("gain", "sharpe", "pnl", "drawdown", "trades")
            },
        }
        return cls(tuple(runs), keys, {run.id: place for place, run in enumerate(runs)}, sweep_of)

    def get(self, run_id: str) -> ListedRun | None:
        """Find a row by its id."""
        place = self.places.get(run_id)
        return None if place is None else self.runs[place]


def _numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)


NO_ROWS = Rows.of((), {})


def rows_of(listing: RunListing) -> Rows:
    """Prepare the rows of all runs and sweeps, the newest first."""
    words: dict[str, dict[str, Any]] = {}

    def params_of(text: str) -> dict[str, Any]:
        found = words.get(text)
        if found is None:
            found = words[text] = json.loads(text)
        return found

    before: dict[tuple[str, str], dict[str, Any]] = {}
    swept: defaultdict[str, list[RunLine]] = defaultdict(list)
    found: list[ListedRun] = []
    for line in reversed(listing.runs):
        params = params_of(line.params)
        if line.sweep_id is not None:
            swept[line.sweep_id].append(line)
            continue
        alike = line.strategy, line.symbols
        found.append(_run_row(line, params, before.get(alike)))
        if line.state != RunState.FAILED:
            before[alike] = params
    for sweep in listing.sweeps:
        lines = swept.pop(sweep.id, None)
        if lines:
            found.append(_sweep_row(sweep, lines, [params_of(line.params) for line in lines]))
    sweep_of = {line.id: line.sweep_id for line in listing.runs if line.sweep_id is not None}
    found.sort(key=lambda run: run.created_us, reverse=True)
    return Rows.of(found, sweep_of)


def _run_row(line: RunLine, params: Mapping[str, Any], before: Mapping[str, Any] | None) -> ListedRun:
    strategy = short_strategy(line.strategy)
    other = "" if before is None else other_params(params, before)
    title = f"{strategy}, {other}" if other else strategy
    failure = ""
    if line.state == RunState.FAILED:
        failure = (line.error or "it failed").split("\n", 1)[0]
    return _row(line, line.id, title, failure=failure, line=line.error_line, failed_after=line.messages)


def _sweep_row(sweep: SweepLine, lines: Sequence[RunLine], params: Sequence[Mapping[str, Any]]) -> ListedRun:
    """Sum up a sweep: it stands there with the best of its runs."""
    varied = [name for name in params[0] if len({repr(one.get(name)) for one in params}) > 1]
    over = (
        "latency x queue" if sweep.kind == "band" else " x ".join(varied) or short_strategy(lines[0].strategy)
    )
    ended = [line for line in lines if RunState(line.state).is_final]
    best = max(lines, key=lambda line: -np.inf if line.gain is None else line.gain)
    if len(ended) < len(lines):
        state = RunState.RUNNING
    else:
        is_whole = len(ended) == sweep.trials
        state = RunState.SUCCEEDED if is_whole else RunState.CANCELLED
        if all(line.state == RunState.FAILED for line in lines):
            state = RunState.FAILED
    failure = f"all {len(lines)} runs failed: {best.error}" if state is RunState.FAILED else ""
    return _row(
        best._replace(created_us=sweep.created_us, state=state.value, tags="[]", notes=""),
        sweep.id,
        f"{sweep.kind}: {over}",
        failure=failure,
        is_sweep=True,
        trials=sweep.trials,
        done=len(ended),
    )


def _row(of: RunLine, row_id: str, title: str, **fields: Any) -> ListedRun:
    symbols = tuple(of.symbols.split(","))
    tags = of.tag_list()
    subtitle = f"{days_words(of.from_us, of.to_us)}, {symbol_words(symbols)}"
    if fields.get("is_sweep"):
        subtitle = f"{fields['done']} of {fields['trials']}, best shown, {subtitle}"
    state = RunState(of.state)
    days = f"{day_of(of.from_us).isoformat()} {day_of(max(of.from_us, of.to_us - 1)).isoformat()}"
    search = " ".join(
        (row_id, title, of.strategy, of.symbols, subtitle, days, state, *tags, of.notes, of.params)
    )
    return ListedRun(
        **{"is_sweep": False} | fields,
        id=row_id,
        state=state,
        strategy=short_strategy(of.strategy),
        title=title,
        subtitle=subtitle,
        symbols=symbols,
        from_us=of.from_us,
        to_us=of.to_us,
        created_us=of.created_us,
        tags=tags,
        notes=of.notes,
        currency=of.currency,
        pnl=of.pnl,
        gain=of.gain,
        sharpe=of.sharpe,
        drawdown=of.drawdown,
        trades=of.trades,
        spark=None if of.spark is None else spark_points(of.spark),
        search=search.lower(),
    )
