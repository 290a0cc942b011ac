"""A sweep as it stands: every trial it was asked for, whether it was done by now or not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.card import RunState
from tickreel.backtest.strategy import read_value
from tickreel.backtest.sweeps.grid import SweepRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.runs.card import RunCard, RunKind
    from tickreel.backtest.runs.records import Recorded, RunRecords

BAND_AXES = ("latency", "queue")
"""Axes that are models and no parameters."""


class TrialState(StrEnum):
    """Where a trial stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """It was cancelled on the way: its figures are of a part of the range, and not told."""


@dataclass(frozen=True, slots=True)
class GridAxis:
    """One thing that differs between trials, with its values in the order in which they were asked for."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial of a sweep."""

    place: int
    """Among the trials, in the order of the grid."""
    state: TrialState
    at: Mapping[str, Any]
    """Its value on each axis; text while no trial was begun that tells what the strategy takes."""
    card: RunCard | None = None
    """None while it is queued."""

    @property
    def run_id(self) -> str | None:
        """The run that it is."""
        return None if self.card is None else self.card.id

    def figure(self, name: str) -> float | None:
        """Give a figure of its card; None where there is none, and of all trials that are not done."""
        if self.card is None or self.state is not TrialState.DONE:
            return None
        value = self.card.metrics.get(name)
        return float(value) if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True)
class Trials:
    """All trials of a sweep."""

    sweep_id: str
    kind: RunKind
    created_us: int
    request: SweepRequest
    axes: tuple[GridAxis, ...]
    all: tuple[Trial, ...]

    def count(self, state: TrialState) -> int:
        """Count those that stand so."""
        return sum(trial.state is state for trial in self.all)

    @property
    def is_over(self) -> bool:
        """Whether every trial ended by itself."""
        return self.count(TrialState.DONE) + self.count(TrialState.FAILED) == len(self.all)


def read_trials(records: RunRecords, sweep_id: str) -> Trials:
    """Read how a sweep stands.

    Raises:
        NotHeldError: there is no such sweep.
        UsageError: it was asked for by a later version of Tickreel.
    """
    found = records.sweep(sweep_id)
    request = SweepRequest.from_form(found.request)
    points = request.points()
    begun = {recorded.place: recorded for recorded in records.runs(found.id)}
    given = next((recorded.card.params for recorded in begun.values()), {})
    kinds = {name: type(given[name]) for name in request.grid if name in given}
    places = [_typed(point.at, kinds) for point in points]
    trials = tuple(_trial(place, at, begun.get(place)) for place, at in enumerate(places))
    names = dict.fromkeys(name for at in places for name in at)
    axes = tuple(GridAxis(name, tuple(dict.fromkeys(at[name] for at in places))) for name in names)
    return Trials(found.id, found.kind, found.created_us, request, axes, trials)


def _typed(at: Mapping[str, Any], kinds: Mapping[str, type]) -> dict[str, Any]:
    """Read values that a command line spelled, as the strategy reads them."""
    return {
        name: read_value(value, kinds[name]) if name in kinds and isinstance(value, str) else value
        for name, value in at.items()
    }


def _trial(place: int, at: Mapping[str, Any], recorded: Recorded | None) -> Trial:
    if recorded is None:
        return Trial(place, TrialState.QUEUED, at)
    card = recorded.card
    state = {
        RunState.RUNNING: TrialState.RUNNING,
        RunState.SUCCEEDED: TrialState.DONE,
        RunState.FAILED: TrialState.FAILED,
        RunState.CANCELLED: TrialState.STOPPED,
    }[card.state]
    if state is TrialState.DONE and card.partial:
        state = TrialState.STOPPED
    return Trial(place, state, at, card)
