"""Positions by average cost, hit rate and inventory: worked by hand, and held to the cash identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.backtest.metrics.trading import hit_rate, inventory, realised, time_weighted, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FILLS = st.lists(
    st.tuples(st.sampled_from((1, -1)), st.integers(1, 200), st.integers(1, 9)), min_size=1, max_size=40
)


def columns(fills: Sequence[tuple[int, float, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sides, prices, amounts = zip(*fills, strict=True)
    return np.array(sides, np.int8), np.array(prices, np.float64), np.array(amounts, np.float64)


def test_gains_are_of_average_cost_and_a_turn_opens_anew() -> None:
    fills = [(1, 10, 1), (1, 20, 1), (-1, 18, 1), (-1, 12, 2), (1, 10, 1)]
    found = realised(*columns(fills), 1.0, is_inverse=False)
    assert found.gains.tolist() == [3.0, -3.0, 2.0]
    assert found.position.tolist() == [1.0, 2.0, 1.0, -1.0, 0.0]
    assert hit_rate(found.gains) == pytest.approx(2 / 3)


def test_an_inverse_contract_gains_in_reciprocals() -> None:
    found = realised(*columns([(1, 100, 50), (-1, 200, 50)]), 10.0, is_inverse=True)
    assert found.gains.tolist() == [pytest.approx(50 * 10 * (1 / 100 - 1 / 200))]
    assert value_of(np.array([200.0]), np.array([50.0]), 10.0, is_inverse=True).tolist() == [2.5]


@given(FILLS, st.booleans())
def test_gains_and_what_is_still_held_are_the_cash(
    fills: list[tuple[int, int, int]], is_inverse: bool
) -> None:
    sides, prices, amounts = columns(fills)
    found = realised(sides, prices, amounts, 2.0, is_inverse=is_inverse)
    position = float((sides * amounts).sum())
    assert found.position[-1] == position
    # Close what is left at the last price: all gains are then the cash that came and went.
    last = np.array([prices[-1]])
    closed = realised(
        np.append(sides, np.int8(-np.sign(position) or 1)),
        np.append(prices, last),
        np.append(amounts, abs(position)),
        2.0,
        is_inverse=is_inverse,
    )
    levels = -1 / prices if is_inverse else prices
    cash = (
        -float((sides * amounts * levels).sum()) * 2
        + position * float((-1 / last if is_inverse else last)[0]) * 2
    )
    assert float(closed.gains.sum()) == pytest.approx(cash, abs=1e-7)


def test_there_is_no_rate_of_hits_without_any() -> None:
    assert hit_rate(np.array([])) is None
    assert hit_rate(np.array([0.0])) is None
    assert hit_rate(np.array([0.0, 1.0, -1.0, 2.0])) == pytest.approx(2 / 3)


def test_inventory_weighs_by_time() -> None:
    at_us = np.array([10, 20, 40], np.int64)
    told = inventory(at_us, np.array([2.0, -1.0, 0.0]), 0, 100)
    assert told["mean"] == pytest.approx((2 * 10 - 1 * 20) / 100)
    assert told["mean_absolute"] == pytest.approx((2 * 10 + 1 * 20) / 100)
    assert (told["longest"], told["shortest"], told["last"]) == (2.0, -1.0, 0.0)
    assert told["flat_share"] == pytest.approx(0.7)
    assert time_weighted(np.array([], np.int64), np.array([]), 0, 10) == 0.0
