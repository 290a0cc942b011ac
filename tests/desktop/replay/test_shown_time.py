from __future__ import annotations

import pytest

from tickreel_desktop.replay.shown_time import ShownTime

START_US, END_US = 1_000_000_000, 1_600_000_000
NOW_US = 1_200_000_000
MINUTE_US = 60_000_000


@pytest.fixture
def shown() -> ShownTime:
    made = ShownTime(window_us=MINUTE_US)
    made.begin(START_US, END_US)
    made.now_us = NOW_US
    return made


def test_before_the_first_frame_there_is_no_instant_to_point_at() -> None:
    shown = ShownTime()
    shown.begin(START_US, END_US)
    assert shown.instant_at(-1.0) is None
    assert shown.step(None, 1, 1) is None
    assert shown.origin_us == START_US


def test_a_trailing_window_ends_at_now(shown: ShownTime) -> None:
    assert (shown.origin_us, shown.length_us) == (NOW_US, MINUTE_US)
    assert shown.seconds(NOW_US - 1_500_000) == -1.5
    assert shown.instant_at(-1.5) == NOW_US - 1_500_000
    assert shown.instant_at(0.5) == NOW_US, "nobody can point at what is to come"
    assert shown.instant_at(-1e6) == START_US


def test_the_whole_range_reaches_to_its_last_instant(shown: ShownTime) -> None:
    shown.window_us = None
    assert (shown.origin_us, shown.length_us) == (END_US, END_US - START_US)
    assert shown.instant_at(-100.0) == END_US - 100_000_000, "later than now, to go there"
    assert shown.instant_at(1.0) == END_US - 1


def test_steps_stay_in_sight_and_never_pass_now(shown: ShownTime) -> None:
    assert shown.step(None, -2, 10) == NOW_US - 20
    assert shown.step(NOW_US - 20, 1, 10) == NOW_US - 10
    assert shown.step(NOW_US - 20, 5, 10) == NOW_US
    assert shown.step(NOW_US, -1, 2 * MINUTE_US) == NOW_US - MINUTE_US
    shown.now_us = START_US + 5
    assert shown.step(None, -1, 10) == START_US


def test_a_range_of_no_length_can_be_shown() -> None:
    shown = ShownTime(window_us=None)
    shown.begin(START_US, START_US)
    shown.now_us = START_US
    assert shown.length_us == 1
    assert shown.instant_at(0.0) == START_US
