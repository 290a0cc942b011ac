"""Runs as a list shows them: one query over narrow rows, fast for ten thousand of them, without any card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tickreel.store.records.database import Database


class RunLine(NamedTuple):
    """What a list shows of a run; None is what is not known, or not yet."""

    id: str
    sweep_id: str | None
    place: int | None
    kind: str
    """A :class:`tickreel.backtest.runs.card.RunKind`."""
    state: str
    """A :class:`tickreel.backtest.runs.card.RunState`."""
    created_us: int
    strategy: str
    symbols: str
    """``EXCHANGE:SYMBOL``, with commas between."""
    from_us: int
    to_us: int
    reached_us: int | None
    params: str
    """As JSON."""
    preset: str | None
    currency: str | None
    pnl: float | None
    gain: float | None
    """Over the capital."""
    sharpe: float | None
    drawdown: float | None
    """Over the height before, 0 or more."""
    trades: int | None
    messages: int | None
    is_partial: int
    error: str | None
    error_line: int | None
    tags: str
    """As JSON."""
    notes: str
    spark: bytes | None
    """See :func:`tickreel.backtest.runs.curve.spark_points`."""

    def tag_list(self) -> tuple[str, ...]:
        """Give its tags; none where the catalog holds what no program of ours can have written."""
        try:
            return () if self.tags == "[]" else tuple(map(str, json.loads(self.tags)))
        except (ValueError, TypeError, RecursionError):
            return ()


class SweepLine(NamedTuple):
    """What a list shows of a sweep."""

    id: str
    kind: str
    created_us: int
    trials: int


@dataclass(frozen=True, slots=True)
class RunListing:
    """All runs of a home and its sweeps, the newest first."""

    runs: tuple[RunLine, ...] = ()
    sweeps: tuple[SweepLine, ...] = ()


def list_runs(database: Database) -> RunListing:
    """Read all of them, as they are at one moment.

    Raises:
        EnvironmentProblem: the catalog cannot be read.
    """
    names = ", ".join(RunLine._fields)
    with database.snapshot():
        runs = database.tuples(f"SELECT {names} FROM run_line ORDER BY created_us DESC, id")
        sweeps = database.tuples("SELECT id, kind, created_us, trials FROM sweep ORDER BY created_us DESC")
    return RunListing(tuple(map(RunLine._make, runs)), tuple(map(SweepLine._make, sweeps)))
