from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel_desktop.replay.sums import Sums

SECOND_US = 1_000_000


def naive(time_us: list[int], added: list[float], width_us: int, first: int, stop: int) -> list[float]:
    sums = [0.0] * (stop - first)
    for at_us, amount in zip(time_us, added, strict=True):
        if first <= at_us // width_us < stop:
            sums[at_us // width_us - first] += amount
    return sums


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(-3, 3)), max_size=120),
    st.integers(1, 900),
    st.lists(st.integers(0, 900), min_size=1, max_size=8),
)
def test_bars_that_grow_are_those_of_a_loop(
    steps: list[tuple[int, int]], width_us: int, moves: list[int]
) -> None:
    time_us = np.cumsum([step for step, _ in steps], dtype=np.int64)
    added = np.array([amount for _, amount in steps], float)
    sums, played, now_us = Sums(2), 0, 0
    for move in moves:
        now_us += move
        until = int(np.searchsorted(time_us, now_us, side="right"))
        sums.append(time_us[played:until], added[played:until], -2 * added[played:until])
        played, stop = until, now_us // width_us + 1
        first = max(0, stop - 12)
        bars = sums.bars(width_us, first, stop)
        expected = naive(time_us[:until].tolist(), added[:until].tolist(), width_us, first, stop)
        assert bars[0].tolist() == expected
        assert bars[1].tolist() == [-2 * one for one in expected]


def test_memory_stays_bounded_and_bars_of_whole_seconds_stay_exact() -> None:
    chance = np.random.default_rng(5)
    time_us = np.cumsum(chance.integers(0, 200_000, 30_000)).astype(np.int64)
    added = chance.integers(-9, 10, 30_000).astype(float)
    sums = Sums(1, limit=3000)
    for part in np.array_split(np.arange(30_000), 70):
        sums.append(time_us[part], added[part])
        assert len(sums) <= 3000
    stop = int(time_us[-1]) // (60 * SECOND_US) + 1
    expected = naive(time_us.tolist(), added.tolist(), 60 * SECOND_US, 0, stop)
    assert sums.bars(60 * SECOND_US, 0, stop)[0].tolist() == expected
    last = int(time_us[-1]) // (5 * SECOND_US)
    newest = sums.bars(5 * SECOND_US, last - 10, last + 1)[0].tolist()
    assert newest == naive(time_us.tolist(), added.tolist(), 5 * SECOND_US, last - 10, last + 1)


def test_what_is_forgotten_adds_nothing() -> None:
    sums = Sums(1)
    sums.append(np.array([5, 15]), np.array([1.0, 2.0]))
    assert sums.bars(10, 0, 2)[0].tolist() == [1, 2]
    sums.clear()
    assert sums.bars(10, 0, 2)[0].tolist() == [0, 0]
