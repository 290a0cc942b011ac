from __future__ import annotations

import pytest

from tickreel_desktop.jobs.rates import RateMeter, left_words


def meter_of(*samples: tuple[float, float]) -> RateMeter:
    meter = RateMeter()
    for now_s, done in samples:
        meter.note(now_s, done)
    return meter


def test_the_rate_is_that_of_the_last_seconds_and_not_since_the_start() -> None:
    slow_then_fast = [(float(second), second * 10.0) for second in range(60)]
    slow_then_fast += [(60.0 + second, 600.0 + second * 1000) for second in range(20)]
    assert meter_of(*slow_then_fast).per_s() == pytest.approx(1000)


def test_time_left_waits_three_seconds() -> None:
    assert meter_of((0, 0), (2.9, 29)).left_s(100) is None
    assert meter_of((0, 0), (3.0, 30)).left_s(100) == pytest.approx(10)


def test_nothing_is_guessed_of_work_that_does_not_move_or_began_anew() -> None:
    assert meter_of((0, 0)).per_s() is None
    assert meter_of((0, 5), (10, 5)).per_s() is None
    again = meter_of((0, 0), (10, 100), (11, 0), (12, 10))
    assert again.per_s() == pytest.approx(10)
    assert again.left_s(10) is None


def test_samples_that_are_close_together_are_merged_and_the_newest_counts() -> None:
    meter = meter_of(*((number / 100, number * 10.0) for number in range(1, 100)))
    assert meter.per_s() == pytest.approx(1000)
    assert len(meter._samples) < 8


@pytest.mark.parametrize(
    ("left_s", "words"),
    [
        (None, ""),
        (0.0, "1 s"),
        (7.6, "8 s"),
        (38.0, "40 s"),
        (84.0, "80 s"),
        (130.0, "2 min"),
        (351.0, "6 min"),
        (5 * 3600.0, "5 h"),
    ],
)
def test_time_left_is_rounded(left_s: float | None, words: str) -> None:
    assert left_words(left_s) == words
