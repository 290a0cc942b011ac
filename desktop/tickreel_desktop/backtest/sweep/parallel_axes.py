"""The axes of the parallel plot: what each measures, and where a trial crosses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.sweeps.ranking import less_is_better
from tickreel.backtest.sweeps.trials import TrialState
from tickreel_desktop.backtest.sweep.figures import BY_KEY, short, usual_figures, value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.backtest.sweeps.trials import GridAxis, Trial, Trials

_TICKS, _MOST_GIVEN = 5, 8
_FIGURES = ("fill_ratio", "max_drawdown", "return", "pnl", "sharpe_per_period", "sharpe")


@dataclass(frozen=True, slots=True, eq=False)
class ParallelAxis:
    """One axis, from *low* at the foot to *high* at the head, which is less where less is better."""

    name: str
    unit: str
    values: NDArray[np.float64]
    """Where each trial crosses, (trials,), in the axis's own numbers; NaN where it has none."""
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    """Values that are printed."""
    words: tuple[str, ...] = ()
    """Of an axis of words, by their number."""

    def share(self, value: float) -> float:
        """Give the height of a value, 0 at the foot, 1 at the head; the middle where all are alike."""
        return (value - self.low) / (self.high - self.low) if self.high != self.low else 0.5

    def shares(self) -> NDArray[np.float64]:
        """Give the heights of all trials, (trials,); NaN where one has none."""
        if self.high == self.low:
            return np.where(np.isnan(self.values), np.nan, 0.5)
        return (self.values - self.low) / (self.high - self.low)

    def at(self, share: float) -> float:
        """Give the value at a height."""
        return self.low + share * (self.high - self.low)

    def text(self, value: float) -> str:
        """Print one of its values."""
        if self.words:
            return self.words[min(max(round(value), 0), len(self.words) - 1)]
        return value_text(float(f"{value:.3g}")) if abs(value) < 1000 else short(value)


def axes_of(trials: Trials, figure: str) -> tuple[tuple[Trial, ...], tuple[ParallelAxis, ...]]:
    """Give the trials that are done, and an axis for all they were given and for what came of it."""
    done = tuple(trial for trial in trials.all if trial.state is TrialState.DONE)
    made = [_given(axis, done) for axis in trials.axes]
    trades = np.array([_nan(None if t.card is None else t.card.total_trades) for t in done], np.float64)
    made.append(_numbers("fills", "", trades))
    told, *rest = usual_figures(done, _FIGURES, figure)
    for key in (*rest, told):
        known = BY_KEY[key]
        values = np.array([_nan(trial.figure(key)) * known.factor for trial in done], np.float64)
        made.append(_numbers(known.name, known.unit, values, is_flipped=less_is_better(key)))
    return done, tuple(made)


def _given(axis: GridAxis, done: Sequence[Trial]) -> ParallelAxis:
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in axis.values):
        values = np.array([float(trial.at[axis.name]) for trial in done], np.float64)
        given = sorted(float(value) for value in axis.values)
        every = -(-len(given) // _MOST_GIVEN)
        ticks = tuple((value, value_text(value)) for value in (*given[:-1:every], given[-1]))
        return ParallelAxis(axis.name, "", values, given[0], given[-1], ticks)
    words = tuple(value_text(value) for value in axis.values)
    places: dict[Any, int] = {(type(value), value): place for place, value in enumerate(axis.values)}
    crossed = [float(places[type(t.at[axis.name]), t.at[axis.name]]) for t in done]
    ticks = tuple((float(place), word) for place, word in enumerate(words))
    return ParallelAxis(
        axis.name, "", np.array(crossed, np.float64), 0.0, float(len(words) - 1), ticks, words
    )


def _numbers(
    name: str,
    unit: str,
    values: NDArray[np.float64],
    *,
    is_flipped: bool = False,
) -> ParallelAxis:
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if is_flipped:
        low, high = high, low
    count = _TICKS if high != low else 1
    at = [low + (high - low) * place / max(1, count - 1) for place in range(count)]
    made = ParallelAxis(name, unit, values, low, high, ())
    return ParallelAxis(name, unit, values, low, high, tuple((value, made.text(value)) for value in at))


def _nan(value: float | None) -> float:
    return np.nan if value is None else float(value)
