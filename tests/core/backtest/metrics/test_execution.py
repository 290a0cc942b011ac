"""What the market did after fills, and what latency cost: worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tickreel.backtest.metrics.execution import (
    adverse_bps,
    adverse_selection,
    latency_cost,
    ratio,
)
from tickreel.backtest.outcome import mid_at

S = 1_000_000
MARKET = np.array([0, 10 * S, 20 * S], np.int64), np.array([100.0, 101.0, 99.0])


def test_the_mid_at_an_instant_is_the_last_one_known() -> None:
    found = mid_at(*MARKET, np.array([-1, 0, 10 * S - 1, 10 * S, 30 * S], np.int64))
    assert found.tolist()[1:] == [100.0, 100.0, 101.0, 99.0]
    assert np.isnan(found[0])


def test_a_buy_before_a_fall_was_adverse_and_a_sale_was_not() -> None:
    sides, prices, later = np.array([1, -1], np.int8), np.array([100.0, 100.0]), np.array([99.0, 99.0])
    one = np.array([1.0, 0.0])
    assert adverse_bps(sides, prices, one, later) == pytest.approx(100.0)
    assert adverse_bps(sides, prices, one[::-1], later) == pytest.approx(-100.0)
    assert adverse_bps(sides, prices, np.array([3.0, 1.0]), later) == pytest.approx(50.0)
    assert adverse_bps(sides, prices, one, np.array([np.nan, 99.0])) is None


def test_a_horizon_without_a_mid_counts_nothing() -> None:
    nan = np.nan
    after = np.array([[100.0, 101.0, nan, nan], [101.0, 99.0, nan, 102.0]])
    told = adverse_selection(np.array([1, 1], np.int8), np.array([100.0, 100.0]), np.ones(2), after)
    assert [(one["horizon_us"], one["fills"]) for one in told] == [
        *((100_000, 2), (1_000_000, 2), (10_000_000, 0), (60_000_000, 1)),
    ]
    assert told[0]["adverse_bps"] == pytest.approx((0 - 100) / 2)
    assert told[1]["adverse_bps"] == pytest.approx((-100 + 100) / 2)
    assert told[2]["adverse_bps"] is None
    assert told[3]["adverse_bps"] == pytest.approx(-200)


def test_latency_costs_what_the_mid_moved_on_the_way() -> None:
    sides, amounts = np.array([1, -1, 1], np.int8), np.array([2.0, 1.0, 5.0])
    sent, there = np.array([100.0, 100.0, np.nan]), np.array([100.5, 99.0, 100.0])
    assert latency_cost(sides, amounts, sent, there) == pytest.approx(0.5 * 2 + 1.0)
    assert latency_cost(sides[:0], amounts[:0], sent[:0], there[:0]) == 0.0


def test_there_is_no_share_of_nothing() -> None:
    assert ratio(0, 0) is None
    assert ratio(1, 4) == 0.25
