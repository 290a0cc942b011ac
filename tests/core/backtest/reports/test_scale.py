"""Axes have round steps, and a thinned line keeps its extremes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tickreel.backtest.reports.scale import range_of, thinned, tick_label, ticks, time_ticks
from tickreel.market.time import day_start_us, parse_day

DAY_US = day_start_us(parse_day("2024-07-23"))
S = 1_000_000


def test_steps_are_round_and_inside() -> None:
    assert ticks(-0.3, 1.1, 5) == [0.0, 0.5, 1.0]
    assert ticks(99_950, 100_120, 4) == [99_950.0, 100_000.0, 100_050.0, 100_100.0]
    assert [tick_label(value, [0.1, 0.2]) for value in (0.1, 0.30000000000000004, -2.0)] == [
        "0.1",
        "0.3",
        "−2",
    ]


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e9), st.integers(2, 12))
def test_there_are_about_as_many_as_asked_for(low: float, span: float, count: int) -> None:
    found = ticks(low, low + span, count)
    assert len(found) <= count + 1
    assert all(low - 1e-6 * span <= value <= low + span + 1e-6 * span for value in found)


def test_a_range_is_never_without_width() -> None:
    for values in ([], [np.nan], [0.0], [5.0, 5.0], [-3.0, 8.0]):
        low, high = range_of(np.array(values, np.float64))
        assert low < high


def test_times_are_round_and_written_as_their_step_needs() -> None:
    assert time_ticks(DAY_US + 10, DAY_US + 30 * S, 6)[0] == (DAY_US + 5 * S, "00:00:05")
    assert [words for _, words in time_ticks(DAY_US, DAY_US + 7_200 * S, 4)] == [
        "07-23",
        "00:30",
        "01:00",
        "01:30",
        "02:00",
    ]
    days = time_ticks(DAY_US, DAY_US + 40 * 86_400 * S, 8)
    assert [words for _, words in days[:2]] == ["07-26", "07-31"]
    assert len(days) <= 9


@given(st.integers(1, 5000), st.integers(10, 200), st.integers(0, 2**32 - 1))
def test_a_thinned_line_keeps_its_ends_and_extremes(count: int, most: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    at, values = np.arange(count, dtype=np.float64), chance.normal(size=count)
    values[chance.random(count) < 0.1] = np.nan
    xs, ys = thinned(at, values, most)
    known = values[np.isfinite(values)]
    assert len(xs) == len(ys) <= max(most, 0) + 2
    assert (np.diff(xs) > 0).all()
    assert set(zip(xs.tolist(), ys.tolist(), strict=True)) <= set(
        zip(at.tolist(), values.tolist(), strict=True)
    )
    if len(known):
        assert (ys.min(), ys.max(), ys[0], ys[-1]) == (known.min(), known.max(), known[0], known[-1])
