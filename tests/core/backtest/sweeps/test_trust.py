"""A real sweep as it stands, and what its best trial is worth, against the same worked plainly."""

from __future__ import annotations

from math import e, sqrt
from statistics import NormalDist, stdev
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.backtests import request

from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.backtest.sweeps.sweep import begin
from tickreel.backtest.sweeps.trials import TrialState, read_trials
from tickreel.backtest.sweeps.trust import returns_of, trust_of
from tickreel.errors import NotHeldError

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs


def test_a_sweep_is_read_as_it_stands_and_weighed(runs: Runs, strategy: Path) -> None:
    single = runs.backtest(request(strategy, params={"every": 10}))
    asked = SweepRequest(base=request(strategy), grid={"every": (10, 20), "fault": ("", "fail")})
    done = begin(runs, asked, workers=1)
    found = read_trials(runs.records, done.id[:6])
    assert [axis.values for axis in found.axes] == [(10, 20), ("", "fail")]
    assert [trial.run_id for trial in found.all] == [run.id for run in done.runs]
    assert [trial.state for trial in found.all] == [TrialState.DONE, TrialState.FAILED] * 2
    assert [trial.figure("pnl") for trial in found.all] == [
        done.runs[0].metrics["pnl"],
        None,
        done.runs[2].metrics["pnl"],
        None,
    ]
    assert found.is_over

    returns = returns_of(done.runs[0])
    card = single.card
    assert returns is not None
    assert card.metrics["period_s"] == 1
    assert np.mean(returns) / np.std(returns, ddof=1) == pytest.approx(
        done.runs[0].metrics["sharpe_per_period"]
    ), "returns are those of the card"

    trust = trust_of(runs.cache, runs.records, found, [found.all[2]])
    sharpes = [done.runs[place].metrics["sharpe_per_period"] for place in (0, 2)]
    assert (trust.trials, trust.before) == (5, 1)
    assert (trust.is_annual, trust.period_s) == (False, 1)
    assert trust.best == pytest.approx(max(sharpes))
    normal, euler = NormalDist(), 0.5772156649
    luck = stdev(sharpes) * ((1 - euler) * normal.inv_cdf(1 - 1 / 5) + euler * normal.inv_cdf(1 - 1 / 5 / e))
    assert trust.by_luck == pytest.approx(luck)
    values = returns_of(done.runs[2])
    assert values is not None
    skew, kurtosis = (np.mean((values - values.mean()) ** n) / np.std(values) ** n for n in (3, 4))
    spread = 1 - skew * sharpes[1] + (kurtosis - 1) / 4 * sharpes[1] ** 2
    wanted = normal.cdf((sharpes[1] - luck) * sqrt(len(values) - 1) / sqrt(spread))
    assert trust.region_deflated == pytest.approx(wanted)
    assert trust.problem == ""


def test_what_cannot_be_weighed_says_why(runs: Runs, strategy: Path) -> None:
    with pytest.raises(NotHeldError, match="there is no sweep"):
        read_trials(runs.records, "none")
    bare = SweepRequest(base=request(strategy, capital=None), grid={"every": (10,)})
    done = begin(runs, bare, workers=1)
    trust = trust_of(runs.cache, runs.records, read_trials(runs.records, done.id))
    assert trust.problem.startswith("Sharpe ratios need a capital")
    start_us = done.request.base.start_us
    short = request(strategy, end=start_us + 12_000_000)
    done = begin(runs, SweepRequest(base=short, grid={"every": (10, 20)}), workers=1)
    trust = trust_of(runs.cache, runs.records, read_trials(runs.records, done.id))
    assert trust.problem.startswith("The range has 12 whole periods; 30 are needed")
    assert trust.best is None
    assert trust.deflated is None
    runs.records.begin_sweep("left", done.runs[0].card.kind, bare.to_form(), 1)
    waiting = read_trials(runs.records, "left")
    assert [trial.state for trial in waiting.all] == [TrialState.QUEUED]
    assert trust_of(runs.cache, runs.records, waiting).problem == "No trial has ended yet."
