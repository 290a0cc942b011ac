"""Returns, drawdown and the ratios: worked by hand, and against plain sums of random curves."""

from __future__ import annotations

from math import sqrt
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.backtest.metrics.returns import (
    at_period_ends,
    drawdown,
    earnings,
    period_of,
    period_returns,
    sharpe,
    sortino,
)

S = 1_000_000
CURVES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40)


def times(count: int) -> np.ndarray:
    return S * np.arange(1, count + 1, dtype=np.int64)


def test_the_largest_fall_is_from_the_last_height_to_its_trough() -> None:
    equity = np.array([1.0, 5.0, 5.0, 2.0, 4.0, 6.0, 5.0])
    fall = drawdown(times(7), equity, 10 * S)
    assert (fall.amount, fall.peak_us, fall.trough_us) == (3.0, 3 * S, 4 * S)
    assert fall.longest_us == 3 * S, (
        "from the fourth sample to the end, the last height not being reached again"
    )


def test_a_run_that_only_loses_falls_from_its_start() -> None:
    fall = drawdown(times(3), np.array([-1.0, -4.0, -2.0]), 5 * S)
    assert (fall.amount, fall.peak_us, fall.trough_us, fall.longest_us) == (4.0, S, 2 * S, 4 * S)
    rising = drawdown(times(3), np.array([1.0, 2.0, 2.0]), 5 * S)
    assert (rising.amount, rising.peak_us, rising.longest_us) == (0.0, None, 0)


@given(CURVES)
def test_the_largest_fall_is_that_of_every_pair(curve: list[float]) -> None:
    plain = max(max(0.0, *curve[: low + 1]) - curve[low] for low in range(len(curve)))
    assert drawdown(times(len(curve)), np.array(curve), 100 * S).amount == pytest.approx(max(0.0, plain))


def test_the_period_is_the_longest_that_fits_thirty_times() -> None:
    day = 86_400 * S
    assert period_of(0, 30 * day) == day
    assert period_of(0, 30 * day - 1) == 3_600 * S
    assert period_of(0, 30 * 60 * S) == 60 * S
    assert period_of(0, 5 * S) == S


def test_what_was_known_before_an_instant_holds_at_it() -> None:
    at_us, equity = np.array([S, 2 * S, 2 * S + 1, 5 * S]), np.array([1.0, 2.0, 3.0, 9.0])
    assert at_period_ends(at_us, equity, 0, 5 * S, S).tolist() == [0.0, 0.0, 1.0, 3.0, 3.0, 3.0]


@given(st.lists(st.floats(-0.5, 0.5), min_size=30, max_size=60).filter(lambda one: stdev(one) > 1e-6))
def test_the_ratios_are_their_formulas(returns: list[float]) -> None:
    assert sharpe(np.array(returns)) == pytest.approx(mean(returns) / stdev(returns))
    below = sqrt(mean(min(one, 0.0) ** 2 for one in returns))
    assert sortino(np.array(returns)) == (None if below == 0 else pytest.approx(mean(returns) / below))


def test_what_cannot_be_told_is_none() -> None:
    few = np.linspace(-0.1, 0.1, 29)
    assert (sharpe(few), sortino(few)) == (None, None), "29 returns are no sample"
    assert sharpe(np.full(30, 0.1)) is None
    assert sortino(np.full(30, 0.1)) is None


@pytest.mark.parametrize(("days", "is_annual"), [(29, False), (30, True), (300, True)])
def test_ratios_are_annualised_from_thirty_daily_returns_on(days: int, is_annual: bool) -> None:
    day_us = 86_400 * S
    ends = np.arange(1, days + 1) * day_us - 1
    equity = np.cumsum(np.where(np.arange(days) % 3 == 0, -1.0, 2.0))
    told = earnings(ends, equity, 0, days * day_us, 1_000.0)
    assert told["period_s"] == (86_400 if is_annual else 3_600)
    for name in ("sharpe", "sortino"):
        each = told[f"{name}_per_period"]
        assert isinstance(each, float)
        assert told[name] == (pytest.approx(each * sqrt(365)) if is_annual else None)
    why_not = told["ratios_why_not"]
    assert (why_not is None) == is_annual
    assert is_annual or "30 daily returns" in str(why_not)
    assert period_returns(np.array([1.0, 0.0, 2.0])) is None, "the capital was used up"


def test_without_capital_there_are_no_returns_and_with_it_they_follow_from_the_value() -> None:
    at_us, equity = times(60), np.linspace(1, 60, 60)
    told = earnings(at_us, equity, 0, 60 * S + 1, None)
    assert told["pnl"] == 60
    assert {told[name] for name in ("return", "sharpe_per_period", "max_drawdown_share")} == {None}
    told = earnings(at_us, equity, 0, 60 * S + 1, 100.0)
    assert (told["return"], told["period_s"], told["periods"]) == (0.6, 1, 60)
    values = np.concatenate(([100.0, 100.0], 100 + equity))[:61]
    returns = (np.diff(values) / values[:-1]).tolist()
    assert told["sharpe_per_period"] == pytest.approx(mean(returns) / stdev(returns))
    assert told["sharpe"] is None, "a minute says nothing of a year"


def test_the_share_of_a_fall_is_of_the_height_it_began_from() -> None:
    told = earnings(times(3), np.array([100.0, 40.0, 90.0]), 0, 4 * S, 200.0)
    assert (told["max_drawdown"], told["max_drawdown_share"]) == (60.0, 0.2)
