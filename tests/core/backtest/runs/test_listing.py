"""Runs as a list shows them say what their cards say, whatever becomes of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.backtests import NAME, SPAN, request

from tickreel.backtest.runs.bands import band_beside, extremes
from tickreel.backtest.runs.curve import SPARK_POINTS, curves_of, drawdown_of, spark_points, values_at
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.sweeps import sweep
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.backtest.sweeps.grid import band as band_of_models
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.runs.listing import RunLine
    from tickreel.backtest.runs.service import Runs


def lines(runs: Runs) -> list[RunLine]:
    return list(runs.records.listing().runs)


def test_a_line_says_what_the_card_says_before_and_after_its_end(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy, params={"every": 30}))
    (line,) = lines(runs)
    card, metrics = run.card, run.metrics
    assert (line.id, line.kind, line.state, line.strategy) == (run.id, "backtest", "succeeded", "Taker")
    assert (line.symbols, line.from_us, line.to_us) == (NAME, *SPAN)
    assert json.loads(line.params) == dict(card.params)
    assert (line.pnl, line.gain, line.sharpe) == (metrics["pnl"], metrics["return"], metrics["sharpe"])
    assert line.drawdown == metrics["max_drawdown_share"]
    assert (line.trades, line.messages) == (card.total_trades, card.ticks_processed)
    assert (line.error, line.error_line, line.is_partial) == (None, None, 0)
    assert line.spark is not None
    spark = spark_points(line.spark)
    assert len(spark) == SPARK_POINTS
    assert spark[-1] == np.float32(metrics["pnl"])
    equity = run.equity
    middle_us = int(np.linspace(SPAN[0], card.reached_us or SPAN[1], SPARK_POINTS).astype(np.int64)[30])
    known = equity[equity["time_us"] <= middle_us]["equity"]
    assert spark[30] == np.float32(known.iloc[-1])
    failed = runs.backtest(request(strategy, params={"fault": "fail"}))
    line = lines(runs)[0]
    assert failed.card.failure is not None
    assert (line.id, line.state, line.is_partial) == (failed.id, "failed", 1)
    assert (line.error, line.error_line) == (failed.card.failure.message, failed.card.failure.line)


@pytest.mark.long
def test_lines_follow_tags_notes_and_deletion(runs: Runs, strategy: Path) -> None:
    first = runs.backtest(request(strategy))
    second = runs.backtest(request(strategy, params={"every": 40}))
    assert [line.id for line in lines(runs)] == [second.id, first.id]
    runs.records.tag(first.id, ("thin", "kept"))
    runs.records.note(first.id, "asks too often")
    line = lines(runs)[1]
    assert (line.tag_list(), line.notes) == (("thin", "kept"), "asks too often")
    assert line.spark is not None
    runs.trash.put(second.id)
    assert [line.id for line in lines(runs)] == [first.id]


@pytest.mark.long
def test_a_catalog_that_is_remade_lists_runs_with_their_equity(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    (before,) = lines(runs)
    runs.records.forget(run.card)
    assert not lines(runs)
    with open_cache() as cache, opened_runs(cache) as again:
        (after,) = again.records.listing().runs
    assert after == before


@pytest.mark.long
def test_a_sweep_and_a_band_are_listed_and_the_band_of_a_run_is_found(runs: Runs, strategy: Path) -> None:
    base = request(strategy, params={"every": 30})
    other = sweep.begin(runs, band_of_models(request(strategy, params={"every": 50})), workers=1)
    band = sweep.begin(runs, band_of_models(base), workers=1)
    swept = sweep.begin(runs, SweepRequest(base=request(strategy), grid={"every": (20, 30)}), workers=1)
    listing = runs.records.listing()
    assert [(one.id, one.kind, one.trials) for one in listing.sweeps] == [
        (swept.id, "sweep", 2),
        (band.id, "band", 9),
        (other.id, "band", 9),
    ]
    assert sorted(line.place or 0 for line in listing.runs if line.sweep_id == band.id) == list(range(9))
    run = runs.backtest(base)
    beside = band_beside(runs.records, run.card)
    assert [one.card.id for one in beside] == [one.id for one in band.runs]
    assert band_beside(runs.records, other.runs[0].card)[0].card.sweep_id == other.id
    assert band_beside(runs.records, runs.backtest(request(strategy)).card) == []
    own = curves_of(run.table("equity"))
    both = [curves_of(one.table("equity")) for one in band.runs]
    found = extremes(own.at_us, [(one.at_us, one.equity[:, 0]) for one in both])
    assert found is not None
    ends = [one.metrics["pnl"] for one in band.runs]
    assert (found[0][-1], found[1][-1]) == (min(ends), max(ends))


def test_curves_hold_what_was_known_and_fall_from_their_height() -> None:
    at_us = np.array([10, 20, 30])
    values = np.array([1.0, -2.0, 5.0])
    assert values_at(at_us, values, np.array([9, 10, 19, 30, 99])).tolist() == [0, 1, 1, 5, 5]
    assert drawdown_of(np.array([-1.0, 2.0, 1.5, 3.0])).tolist() == [-1, 0, -0.5, 0]
