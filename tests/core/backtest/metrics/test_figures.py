"""The figures of a card from what the engine left, worked by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from support.outcomes import BTC, INVERSE, START_US, S, outcome, round_trip

from tickreel.backtest.metrics.figures import figures, total_equity


def test_a_round_trip_is_told_as_it_was() -> None:
    told = figures(round_trip(), START_US, 1000.0)
    assert (told["currency"], told["pnl"], told["return"]) == ("USDT", 5.98, 0.00598)
    assert told["realised"] == pytest.approx(6.0)
    assert told["turnover"] == pytest.approx(406.0)
    assert told["turnover_of_capital"] == pytest.approx(0.406)
    assert told["fees"] == pytest.approx(0.02)
    assert (told["hit_rate"], told["closing_fills"]) == (1.0, 1)
    assert told["fill_ratio"] == pytest.approx(4 / 8)
    assert told["orders_filled_share"] == pytest.approx(2 / 3)
    assert told["maker_share"] == 0.5
    assert (told["rejected"], told["rejected_reasons"]) == (1, {"would_take": 1})
    assert told["max_drawdown"] == pytest.approx(0.02)
    json.dumps(told, allow_nan=False)


def test_the_queue_is_that_of_orders_that_joined_one() -> None:
    queue = figures(round_trip(), START_US, None)["queue"]
    assert queue == {
        "joined": 2,
        "filled_share": 0.5,
        "ahead_mean": 2.0,
        "ahead_median": 2.0,
        "wait_median_us": S - 1000,
    }


def test_latency_is_that_of_the_ways_and_costs_what_takers_lost() -> None:
    told = figures(round_trip(), START_US, None)
    assert told["latency"]["entry_median_us"] == 1000
    assert told["latency"]["response_p99_us"] == 1000
    assert told["latency_cost"] == pytest.approx(0.25 * 2), (
        "sold when 103.25 was the mid, 103 when it arrived"
    )


def test_without_capital_what_needs_it_is_null_and_without_a_mid_nothing_is_made_up() -> None:
    run = round_trip()
    run.mids_after[:] = np.nan
    told = figures(run, START_US, None)
    assert {told[name] for name in ("return", "sharpe_per_period", "turnover_of_capital")} == {None}
    horizons = told["instruments"][0]["adverse_selection"]
    assert {(one["fills"], one["adverse_bps"]) for one in horizons} == {(0, None)}


def test_a_run_without_orders_has_figures_of_nothing() -> None:
    told = figures(outcome([], [], [0.0, 0.0]), START_US, 10.0)
    assert (told["pnl"], told["turnover"], told["hit_rate"], told["fill_ratio"]) == (0.0, 0.0, None, None)
    assert told["queue"]["joined"] == 0
    empty = replace(outcome([], [], []), reached_us=START_US)
    assert figures(empty, START_US, None)["pnl"] == 0.0


def test_two_currencies_are_not_added_up() -> None:
    two = outcome([], [], [1.0, 2.0], instruments=(BTC, INVERSE))
    told = figures(two, START_US, 10.0)
    assert {told[name] for name in ("currency", "pnl", "fees", "turnover", "sharpe", "max_drawdown")} == {
        None
    }
    assert [one["pnl"] for one in told["instruments"]] == [2.0, 0.0]


def test_equity_without_a_mid_holds_what_was_last_known() -> None:
    run = outcome([], [], [np.nan, 3.0, np.nan, 4.0])
    assert total_equity(run)[1].tolist() == [0.0, 3.0, 3.0, 4.0]
