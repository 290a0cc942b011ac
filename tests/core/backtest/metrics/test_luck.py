"""The deflated Sharpe ratio against the example of its authors, and moments worked by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from tickreel.backtest.metrics.luck import Shape, deflated, expected_best, shape_of

DAILY = sqrt(250)
"""The authors' daily returns, of five years."""


def test_the_example_of_the_authors_comes_out() -> None:
    # Section "A numerical example": 100 trials with variance 1/2 of annual ratios; the best has 2.5 a year.
    by_luck = expected_best(sqrt(0.5) / DAILY, 100)
    assert by_luck == pytest.approx(0.1132, abs=5e-5)
    found = deflated(Shape(1250, 2.5 / DAILY, -3.0, 10.0), by_luck)
    assert found == pytest.approx(0.9004, abs=5e-5)


@pytest.mark.parametrize(("trials", "skewness", "kurtosis"), [(46, -3.0, 10.0), (88, 0.0, 3.0)])
def test_as_many_trials_as_they_name_leave_95_per_cent(trials: int, skewness: float, kurtosis: float) -> None:
    by_luck = expected_best(sqrt(0.5) / DAILY, trials)
    found = deflated(Shape(1250, 2.5 / DAILY, skewness, kurtosis), by_luck)
    assert found == pytest.approx(0.9505, abs=2e-4)


def test_moments_are_those_worked_by_hand() -> None:
    # Mean 1, distances -1 -1 -1 3: squares 12, cubes 24, fourth powers 84, over four of them.
    shape = shape_of(np.array([0.0, 0.0, 0.0, 4.0]))
    assert shape is not None
    assert shape.periods == 4
    assert shape.ratio == pytest.approx(1 / 2)
    assert shape.skewness == pytest.approx(6 / 3**1.5)
    assert shape.kurtosis == pytest.approx(21 / 9)


def test_one_trial_owes_nothing_to_luck() -> None:
    assert expected_best(0.3, 1) == 0.0
    assert deflated(Shape(101, 0.0, 0.0, 3.0), 0.0) == pytest.approx(0.5)


def test_returns_without_spread_have_no_shape() -> None:
    assert shape_of(np.array([0.1])) is None
    assert shape_of(np.zeros(5)) is None


def test_a_distribution_that_leaves_no_root_has_no_figure() -> None:
    # Skewness 3 at a ratio of 1: 1 - 3 + (k - 1) / 4 is below 0 for a kurtosis under 9.
    assert deflated(Shape(50, 1.0, 3.0, 5.0), 0.1) is None
