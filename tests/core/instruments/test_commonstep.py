from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.instruments.commonstep import CommonStep

if TYPE_CHECKING:
    from collections.abc import Iterable


def plain_step(values: Iterable[float]) -> Fraction:
    """Find the greatest common step by the book, on exact fractions of the shortest digits."""
    exact = [Fraction(repr(abs(value))) for value in values]
    whole = reduce(lambda a, b: a * b // gcd(a, b), (one.denominator for one in exact), 1)
    return Fraction(reduce(gcd, (int(one * whole) for one in exact), 0), whole)


def step_of(*pieces: Iterable[float]) -> CommonStep:
    step = CommonStep()
    for piece in pieces:
        step.add(np.array(list(piece), np.float64))
    return step


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([28140.1, 28140.2], "0.1"),
        ([0.3, 0.6], "0.3"),
        ([0.5, 2.5, 100], "0.5"),
        ([1.163, 1.161, 10], "0.001"),
        ([100, 300, 250_000], "100"),
        ([0.00000001, 12_345_678.9], "1E-8"),
        ([3e-7, 9e-7], "3E-7"),
        ([1e22, 3e22], "1E+22"),
        ([1e21, 0.5], "0.5"),
        ([5e-324, 1e-323], "5E-324"),
        ([0.30000000000000004, 0.1], "4E-17"),
        ([123456789012345678.0, 0.25], "0.25"),
        ([-1.5, 4.5], "1.5"),
        ([64261037530627.445, 0.005], "0.005"),
    ],
)
def test_the_step_is_exact(values: list[float], step: str) -> None:
    found = step_of(values).step
    assert found is not None
    assert found == Decimal(step)
    assert Fraction(found) == plain_step(values)


def test_what_tells_nothing_is_passed_over() -> None:
    step = step_of([float("nan"), 0.0, -0.0], [0.2, float("nan"), 0.0], [0.6])
    assert (step.step, step.rows) == (Decimal("0.2"), 2)
    assert (step_of().step, step_of([]).step, step_of([0.0, float("nan")]).step) == (None, None, None)


def test_one_number_alone_however_often_tells_of_no_step() -> None:
    step = step_of([63867.4] * 3, [63867.4])
    assert (step.step, step.rows) == (None, 4)
    step.add(np.array([63867.5]))
    assert step.step == Decimal("0.1")


def test_a_step_finer_than_any_power_of_ten_that_is_exact_goes_on_being_one() -> None:
    assert step_of([5e-324], [0.0001, 3.0]).step == Decimal("5E-324")


_TEXT = st.one_of(
    st.decimals(min_value=-(10**6), max_value=10**6, places=4),
    st.decimals(min_value=-(10**12), max_value=10**12, places=8),
    st.integers(-(10**20), 10**20).map(Decimal),
)
_NUMBERS = st.one_of(_TEXT.map(float), st.floats(allow_nan=False, allow_infinity=False, width=64))


@given(st.lists(st.lists(_NUMBERS, max_size=6), max_size=4))
def test_any_numbers_in_any_pieces_give_the_step_found_by_the_book(pieces: list[list[float]]) -> None:
    values = [value for piece in pieces for value in piece if value]
    step = step_of(*pieces)
    assert step.rows == len(values)
    if len({abs(value) for value in values}) < 2:
        assert step.step is None
    else:
        assert step.step is not None
        assert Fraction(step.step) == plain_step(values)


@given(
    st.integers(1, 10**7),
    st.integers(0, 12),
    st.lists(st.integers(1, 10**6), min_size=2, max_size=50, unique=True),
)
def test_multiples_of_a_tick_never_give_less_than_the_tick(
    tick: int, decimals: int, counts: list[int]
) -> None:
    values = [float(Decimal(tick * count).scaleb(-decimals)) for count in counts]
    found = step_of(values).step
    assert found is not None
    assert found == Decimal(tick * gcd(*counts)).scaleb(-decimals)
    assert found % Decimal(tick).scaleb(-decimals) == 0
