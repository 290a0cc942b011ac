"""The playback clock against a wall clock that the test turns by hand."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.replay import AS_FAST_AS_POSSIBLE, PlaybackClock, spell_achieved

AT_US = 1_721_692_800_000_000
END_US = AT_US + 86_400_000_000


class Wall:
    """A wall clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def wall() -> Wall:
    return Wall()


def test_a_clock_is_paused_until_it_plays(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 1.0, now=wall)
    wall.now_s += 5
    assert not clock.is_playing
    assert clock.due_us() == AT_US
    clock.play()
    assert clock.due_us() == AT_US, "what passed before play does not count"
    wall.now_s += 5
    assert clock.due_us() == AT_US + 5_000_000


def test_a_million_frames_end_where_the_schedule_says(wall: Wall) -> None:
    speed = 100.0
    end_us = AT_US + 10**15
    clock = PlaybackClock(AT_US, end_us, speed, now=wall)
    clock.play()
    began_s = wall.now_s
    for frame in range(1, 1_000_001):
        wall.now_s = began_s + frame / 60
        clock.reached(clock.due_us())
    schedule_us = AT_US + 1_000_000 / 60 * speed * 1e6
    assert abs(clock.reached_us - schedule_us) <= 2


def test_work_that_is_always_a_little_late_does_not_shift_the_schedule(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 10.0, now=wall)
    clock.play()
    began_s = wall.now_s
    for _ in range(10_000):
        due_us = clock.due_us()
        wall.now_s += 0.05  # half of what counts as not keeping up
        clock.reached(due_us)
    assert clock.due_us() == pytest.approx(AT_US + (wall.now_s - began_s) * 10e6, abs=2)


def test_a_machine_that_cannot_keep_up_slows_time_and_leaves_nothing_out(wall: Wall) -> None:
    most = 250.0  # market seconds per second that this machine can play
    clock = PlaybackClock(AT_US, END_US, 1_000.0, now=wall)
    clock.play()
    for _ in range(100):
        wall.now_s += 0.016
        due_us = clock.due_us()
        wall.now_s += (due_us - clock.reached_us) / 1e6 / most
        clock.reached(due_us)
        assert clock.due_us() - due_us <= 2 * 1_000 * 1e6, "what is due never grows without end"
    achieved = clock.achieved_speed()
    assert achieved is not None
    assert 0.8 * most < achieved < most
    assert clock.speed == 1_000.0
    clock.reached(clock.due_us())
    for _ in range(100):  # the machine is quick again: full speed, and nothing is left to catch up
        wall.now_s += 0.016
        assert clock.due_us() - clock.reached_us <= 16_001_000
        clock.reached(clock.due_us())
    assert clock.achieved_speed() == pytest.approx(1_000, rel=0.01)


@pytest.mark.parametrize("speed", [1.0, 100_000.0])
def test_hours_of_jittery_ticks_and_stalls_do_not_make_it_drift(wall: Wall, speed: float) -> None:
    chance = random.Random(17)
    clock = PlaybackClock(AT_US, AT_US + 10**15, speed, now=wall)
    clock.play()
    began_s = wall.now_s
    while wall.now_s < began_s + 2 * 3_600:
        wall.now_s += chance.expovariate(60) + (chance.uniform(0, 3) if chance.random() < 0.001 else 0)
        due_us = clock.due_us()
        # Work is mostly quick, and stands still for some tenths of a second now and then.
        wall.now_s += chance.uniform(0, 0.004) + (chance.uniform(0, 0.35) if chance.random() < 0.001 else 0)
        clock.reached(due_us)
    drift_s = (clock.due_us() - AT_US) / 1e6 / speed - (wall.now_s - began_s)
    assert abs(drift_s) < 0.001


def test_changes_of_speed_lose_no_time(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 1.0, now=wall)
    clock.play()
    wanted_us = 0.0
    for step in range(10_000):
        speed = 1.0 + step % 7
        wall.now_s += 0.013
        wanted_us += 0.013e6 * (clock.speed or 0)
        clock.set_speed(speed)
        wall.now_s += 0.003
        wanted_us += 0.003e6 * speed
        clock.reached(clock.due_us())
    assert clock.due_us() - AT_US == pytest.approx(wanted_us, abs=20_000), "less than a microsecond a change"


def test_a_session_that_jumps_ahead_takes_the_schedule_along(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 10.0, now=wall)
    clock.play()
    wall.now_s += 1
    clock.reached(AT_US + 3_600_000_000)
    assert clock.due_us() == AT_US + 3_600_000_000
    assert clock.achieved_speed() is None, "a jump is not speed"
    wall.now_s += 2
    assert clock.due_us() == AT_US + 3_620_000_000


def test_what_is_done_of_a_speed_is_told_where_it_is_less(wall: Wall) -> None:
    assert spell_achieved(1_000.0, 940.2) == "asked 1000x, doing 940x"
    assert spell_achieved(1_000.0, 998.0) == "1000x"
    assert spell_achieved(0.5, None) == "0.5x"
    assert spell_achieved(None, 123_456.0) == "asked max, doing 123000x"
    assert spell_achieved(None, None) == "max"


def test_a_pause_holds_time_and_playing_on_leaves_no_jump(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 2.0, now=wall)
    clock.play()
    wall.now_s += 1
    clock.reached(clock.due_us())
    clock.pause()
    wall.now_s += 3_600
    assert clock.due_us() == clock.reached_us == AT_US + 2_000_000
    assert clock.achieved_speed() is None
    clock.play()
    wall.now_s += 1
    assert clock.due_us() == AT_US + 4_000_000


def test_another_speed_goes_on_from_where_it_is(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 1.0, now=wall)
    clock.play()
    wall.now_s += 10
    clock.reached(clock.due_us())
    clock.set_speed(100.0)
    assert clock.speed == 100.0
    wall.now_s += 1
    assert clock.due_us() == AT_US + 110_000_000
    clock.reached(clock.due_us())
    assert clock.achieved_speed() == pytest.approx(100.0), "moments at the old speed are forgotten"


def test_a_jump_back_or_forward_plays_on_from_there(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 1.0, now=wall)
    clock.play()
    wall.now_s += 60
    clock.reached(clock.due_us())
    for target_us in (AT_US + 5, END_US - 10_000_000):
        clock.jump(target_us)
        assert clock.due_us() == clock.reached_us == target_us
        assert clock.achieved_speed() is None, "a jump is not speed"
        wall.now_s += 2
        assert clock.due_us() == target_us + 2_000_000
        clock.reached(clock.due_us())


def test_a_paused_clock_jumps_and_stays(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 1.0, now=wall)
    clock.jump(AT_US + 7)
    wall.now_s += 9
    assert clock.due_us() == AT_US + 7


def test_as_fast_as_possible_is_due_at_the_end_at_once(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, AS_FAST_AS_POSSIBLE, now=wall)
    assert clock.due_us() == AT_US
    clock.play()
    assert clock.due_us() == END_US
    for step in range(1, 5):
        wall.now_s += 0.1
        clock.reached(AT_US + step * 1_000_000)
    assert clock.achieved_speed() == pytest.approx(10.0)


def test_time_never_passes_the_end(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, 1_000.0, now=wall)
    clock.play()
    wall.now_s += 86_401 / 1_000
    assert clock.due_us() == END_US
    clock.reached(END_US)
    wall.now_s += 1
    assert clock.due_us() == END_US


def test_the_achieved_speed_forgets_what_is_long_past(wall: Wall) -> None:
    clock = PlaybackClock(AT_US, END_US, AS_FAST_AS_POSSIBLE, now=wall)
    clock.play()
    assert clock.achieved_speed() is None, "too early to say"
    at_us = AT_US
    for seconds in [1] * 50 + [20] * 50:
        wall.now_s += 0.1
        at_us += seconds * 1_000_000
        clock.reached(at_us)
    assert clock.achieved_speed() == pytest.approx(200.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_a_speed_is_a_finite_number_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        PlaybackClock(AT_US, END_US, speed)
    clock = PlaybackClock(AT_US, END_US, 1.0)
    with pytest.raises(ValueError, match="speed"):
        clock.set_speed(speed)


@given(
    st.floats(1e-3, 1e6),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5), st.floats(0, 1)), max_size=40),
)
def test_whatever_happens_time_goes_forward_and_no_further_than_the_end(
    speed: float, turns: list[tuple[float, float, float]]
) -> None:
    wall = Wall()
    clock = PlaybackClock(AT_US, END_US, speed, now=wall)
    clock.play()
    for before_s, work_s, share in turns:
        wall.now_s += before_s
        due_us = clock.due_us()
        assert clock.reached_us <= due_us <= END_US
        wall.now_s += work_s
        clock.reached(clock.reached_us + int((due_us - clock.reached_us) * share))
        achieved = clock.achieved_speed()
        assert achieved is None or achieved >= 0
