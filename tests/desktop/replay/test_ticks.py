from __future__ import annotations

from math import log10

from hypothesis import given
from hypothesis import strategies as st

from tickreel_desktop.replay.ticks import HeldRange, length_text, log_ticks, round_ticks, time_step_us

SECOND_US = 1_000_000
NAN = float("nan")


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(1, 8))
def test_round_values_lie_inside_and_are_not_too_many(low: float, span: float, most: int) -> None:
    high = low + span
    values = round_ticks(low, high, most).values
    slack = 1e-6 * (span + abs(low) * 1e-6)
    assert all(low - slack <= value <= high + slack for value in values)
    assert len(values) <= most + 1


def test_round_values_are_round() -> None:
    assert round_ticks(52_311, 52_549, 6).values == (52350, 52400, 52450, 52500)
    assert round_ticks(0, 0.83, 5) == round_ticks(0.0, 0.83, 5)
    assert round_ticks(0, 0.83, 5).values == (0, 0.2, 0.4, 0.6, 0.8)
    assert round_ticks(-0.5, 0.5, 4).decimals == 2
    assert round_ticks(3, 3, 4).values == ()
    assert round_ticks(NAN, 3, 4).values == ()


def test_the_step_of_a_time_axis_is_round() -> None:
    assert time_step_us(300 * SECOND_US, 6) == 60 * SECOND_US
    assert time_step_us(86_400 * SECOND_US, 12) == 7200 * SECOND_US


def test_a_held_range_grows_at_once_and_shrinks_late() -> None:
    held = HeldRange()
    assert held.fit(100, 200)
    assert held.low < 100
    assert held.high > 200
    assert not held.fit(110, 190)
    assert not held.fit(120, 190)
    assert held.fit(150, 160)
    assert held.high < 165
    assert held.fit(150, 300)
    assert not held.fit(NAN, NAN)
    assert held.fit(5, 5)
    assert held.low < 5 < held.high


def test_amounts_of_a_logarithmic_axis_are_powers_of_ten_or_1_2_5_times_them() -> None:
    assert [round(10**each, 9) for each in log_ticks(0.0, 1.1, 6)] == [1, 2, 5, 10]
    assert [round(10**each) for each in log_ticks(0.0, 4.0, 5)] == [1, 10, 100, 1000, 10_000]
    assert log_ticks(-2.0, 4.0, 4) == (-2.0, 0.0, 2.0, 4.0)
    assert log_ticks(log10(3), log10(4), 5) == ()
    assert log_ticks(1.0, 1.0, 5) == ()


def test_a_length_of_time_is_named_in_its_largest_whole_unit() -> None:
    lengths_us = (5_000, SECOND_US, 90 * SECOND_US, 300 * SECOND_US, 7200 * SECOND_US)
    assert [length_text(each) for each in lengths_us] == ["5 ms", "1 s", "90 s", "5 min", "2 h"]
