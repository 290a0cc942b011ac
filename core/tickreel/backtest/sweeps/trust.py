"""How far the best of a sweep is to be trusted, given how much was tried on the same data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.metrics.luck import deflated, expected_best, shape_of
from tickreel.backtest.metrics.returns import (
    FEWEST_PERIODS,
    US_PER_YEAR,
    at_period_ends,
    held,
    period_returns,
)
from tickreel.backtest.runs.run import Run
from tickreel.backtest.sweeps.trials import TrialState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.records import RunRecords
    from tickreel.backtest.sweeps.trials import Trial, Trials
    from tickreel.store import Cache

_SHARPE = "sharpe_per_period"
_US_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Trust:
    """What a sweep's Sharpe ratios are worth; ratios are annualised where the card of the best has that.

    See :mod:`tickreel.backtest.metrics.luck` for what they are. What is not known is None.
    """

    trials: int
    """Trials on this data so far: those of the sweep that ended, and runs of the strategy before it."""
    before: int
    """Those before it."""
    is_annual: bool = False
    """Whether ratios are annualised; else they are of one period."""
    period_s: int = 0
    """The period that they rest on; 0 where there are none."""
    best: float | None = None
    by_luck: float | None = None
    """The best ratio that so many trials have without any merit."""
    deflated: float | None = None
    """Of the best trial: the chance that its true ratio is above what luck gives."""
    region_deflated: float | None = None
    """The same of the trial whose ratio is the median of the region."""
    problem: str = ""
    """Why there are no figures; empty where there are."""


def trust_of(cache: Cache, records: RunRecords, trials: Trials, region: Sequence[Trial] = ()) -> Trust:
    """Weigh the best trial of a sweep, and the middle one of a *region* of it.

    Raises:
        DataError: the equity of one of them is gone or was changed.
    """
    ended = [trial.card for trial in trials.all if trial.card is not None and trial.state in _ENDED]
    before = max((card.trials_before for card in ended), default=0)
    tried = len(ended) + before
    known = [card for trial in trials.all if trial.figure(_SHARPE) is not None and (card := trial.card)]
    if not known:
        return Trust(tried, before, problem=_problem(ended))
    best = max(known, key=lambda card: float(card.metrics[_SHARPE]))
    period_s, is_annual = int(best.metrics["period_s"]), best.metrics["sharpe"] is not None
    factor = sqrt(US_PER_YEAR / (period_s * _US_PER_SECOND)) if is_annual else 1.0
    value = float(best.metrics[_SHARPE])
    told = Trust(tried, before, is_annual, period_s, factor * value)
    if len(known) < 2:
        return replace(told, problem="Luck is judged by how trials differ: wait for a second.")
    ratios = np.array([float(card.metrics[_SHARPE]) for card in known])
    by_luck = expected_best(float(np.std(ratios, ddof=1)), tried)

    def weighed(card: RunCard) -> float | None:
        returns = returns_of(Run(cache.home, records.run(card.id)))
        shape = None if returns is None else shape_of(returns)
        return None if shape is None else deflated(shape, by_luck)

    return replace(
        told,
        by_luck=factor * by_luck,
        deflated=weighed(best),
        region_deflated=_of_middle(region, weighed),
    )


_ENDED = (TrialState.DONE, TrialState.FAILED)


def returns_of(run: Run) -> NDArray[np.float64] | None:
    """Give the returns that a run's Sharpe ratio is made of, float64 (periods,); None without a capital.

    Raises:
        DataError: its table of equity is gone or was changed.
    """
    card = run.card
    if card.capital is None or "period_s" not in card.metrics:
        return None
    table, count = run.table("equity"), len(card.instruments)
    equity = np.array(table["equity"].to_numpy(zero_copy_only=False), np.float64).reshape(-1, count)
    at_us = table["time_us"].to_numpy()[::count]
    total = held(equity).sum(axis=1)
    period_us = int(card.metrics["period_s"]) * _US_PER_SECOND
    end_us = card.to_us if card.reached_us is None else card.reached_us
    return period_returns(card.capital + at_period_ends(at_us, total, card.from_us, end_us, period_us))


def _of_middle(region: Sequence[Trial], weighed: Callable[[RunCard], float | None]) -> float | None:
    ordered = sorted(
        (value, trial.place, trial.card)
        for trial in region
        if (value := trial.figure(_SHARPE)) is not None and trial.card is not None
    )
    return weighed(ordered[(len(ordered) - 1) // 2][2]) if ordered else None


def _problem(ended: Sequence[RunCard]) -> str:
    if not ended:
        return "No trial has ended yet."
    if all(card.capital is None for card in ended):
        return "Sharpe ratios need a capital, and this sweep was given none."
    periods = max((int(card.metrics.get("periods", 0)) for card in ended), default=0)
    if periods < FEWEST_PERIODS:
        return f"The range has {periods} whole periods; {FEWEST_PERIODS} are needed for a Sharpe ratio."
    return "No trial has a Sharpe ratio: none of them earned or lost anything."
