from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel.replay import TouchSeries
from tickreel_desktop.replay.series import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.replay.columns import Columns

NAN = float("nan")


class MidAndSpread(History):
    """A history of two quantities of the touch."""

    def __init__(self, limit: int = 1 << 20) -> None:
        super().__init__(2, limit=limit)

    def take(self, series: TouchSeries) -> None:
        self.append(series.time_us, (series.bid + series.ask) / 2, series.ask - series.bid)

    def replace(self, series: TouchSeries) -> None:
        self.clear()
        self.take(series)


def touch(*points: tuple[int, float, float]) -> TouchSeries:
    time_us, bid, ask = zip(*points, strict=True) if points else ((), (), ())
    return with_amounts(np.array(time_us, np.int64), np.array(bid, float), np.array(ask, float))


def with_amounts(
    time_us: NDArray[np.int64], bid: NDArray[np.float64], ask: NDArray[np.float64]
) -> TouchSeries:
    return TouchSeries(time_us, bid, ask, np.ones(len(bid)), np.ones(len(ask)))


def walk(count: int, seed: int, gap_every: int = 0) -> TouchSeries:
    rng = np.random.default_rng(seed)
    time_us = np.cumsum(rng.integers(0, 50, count)).astype(np.int64)
    mid = 100 + np.cumsum(rng.integers(-3, 4, count)) * 0.5
    half = rng.integers(1, 9, count) * 0.25
    bid, ask = mid - half, mid + half
    if gap_every:
        bid[rng.integers(0, count, count // gap_every)] = NAN
        ask[rng.integers(0, count, count // gap_every)] = NAN
    return with_amounts(time_us, bid, ask)


def naive(series: TouchSeries, start_us: int, end_us: int, width: int) -> list[tuple[float, ...]]:
    """Give low, high and last of mid and spread, and whether it is broken, column by column."""
    rows = []
    for column in range(width):
        begin = start_us + column * (end_us - start_us) // width
        end = start_us + (column + 1) * (end_us - start_us) // width
        inside: list[tuple[float, float]] = []
        for time_us, bid, ask in zip(series.time_us, series.bid, series.ask, strict=True):
            if time_us <= begin:
                inside = [((bid + ask) / 2, ask - bid)]
            elif time_us < end:
                inside.append(((bid + ask) / 2, ask - bid))
        row: list[float] = []
        for which in (0, 1):
            known = [values[which] for values in inside if not np.isnan(values[which])]
            row += [min(known), max(known), inside[-1][which]] if known else [NAN] * 3
        rows.append((*row, float(any(np.isnan(values[0]) for values in inside))))
    return rows


def rows_of(columns: Columns) -> list[tuple[float, ...]]:
    arrays = (
        *(array for band in columns.bands for array in (band.low, band.high, band.last)),
        columns.is_broken.astype(float),
    )
    return list(zip(*(array.tolist() for array in arrays), strict=True))


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 400),
    st.integers(0, 2**31),
    st.sampled_from([0, 3, 20]),
    st.integers(-200, 9000),
    st.integers(1, 9000),
    st.integers(1, 70),
    st.integers(1, 5),
)
def test_columns_are_those_of_a_loop_over_every_message(
    count: int, seed: int, gap_every: int, start_us: int, span_us: int, width: int, pieces: int
) -> None:
    series = walk(count, seed, gap_every)
    history = MidAndSpread()
    for part in np.array_split(np.arange(count), pieces):
        history.take(with_amounts(series.time_us[part], series.bid[part], series.ask[part]))
    span_us = max(span_us, width)
    columns = history.columns(start_us, start_us + span_us, width)
    np.testing.assert_allclose(
        rows_of(columns), naive(series, start_us, start_us + span_us, width), rtol=0, atol=1e-9
    )


def test_a_value_holds_until_the_next_change() -> None:
    history = MidAndSpread()
    history.take(touch((10, 99, 101), (90, 109, 111)))
    columns = history.columns(0, 100, 10)
    assert columns.bands[0].last.tolist()[1:9] == [100] * 8
    assert (columns.bands[0].low[9], columns.bands[0].high[9]) == (110, 110)
    assert columns.points.tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_nothing_is_known_and_nothing_is_a_gap_before_the_first_point() -> None:
    history = MidAndSpread()
    assert np.isnan(history.columns(0, 100, 10).bands[0].low).all()
    history.take(touch((50, 1, 2)))
    columns = history.columns(0, 100, 10)
    assert np.isnan(columns.bands[0].low).tolist() == [True] * 5 + [False] * 5
    assert not columns.is_broken.any()
    assert history.at(49) is None
    assert history.at(50) == (1.5, 1)


def test_an_empty_side_is_a_gap_until_both_are_there_again() -> None:
    history = MidAndSpread()
    history.take(touch((0, 9, 11), (32, NAN, 11), (68, 10, 12)))
    columns = history.columns(0, 100, 10)
    assert np.flatnonzero(columns.is_broken).tolist() == [3, 4, 5, 6]
    assert np.isnan(columns.bands[0].low).tolist() == [False] * 4 + [True] * 2 + [False] * 4
    assert (columns.bands[0].last[3], columns.bands[0].low[3]) == pytest.approx((NAN, 10), nan_ok=True)
    assert history.at(40) == pytest.approx((NAN, NAN), nan_ok=True)


def test_messages_that_leave_the_touch_alone_take_no_room() -> None:
    history = MidAndSpread()
    history.take(touch((0, 9, 11), (1, 9, 11), (2, NAN, 11), (3, NAN, NAN), (4, 9, 11)))
    history.take(touch((5, 9, 11), (6, 9, 12)))
    assert len(history) == 4
    assert (history.first_us, history.last_us) == (0, 6)


def test_a_jump_forgets_what_was_there() -> None:
    history = MidAndSpread()
    history.take(touch((5, 1, 2), (6, 2, 3)))
    history.replace(touch((1, 7, 9)))
    assert (len(history), history.first_us) == (1, 1)
    history.replace(touch())
    assert history.first_us is None


def test_memory_stays_bounded_and_no_extreme_is_lost() -> None:
    history = MidAndSpread(limit=2000)
    series = walk(50_000, seed=7, gap_every=400)
    spike = 1234
    series.bid[spike], series.ask[spike] = 900.0, 990.0
    for part in np.array_split(np.arange(50_000), 90):
        history.take(with_amounts(series.time_us[part], series.bid[part], series.ask[part]))
    assert len(history) <= 2000
    mid, spread = (series.bid + series.ask) / 2, series.ask - series.bid
    whole = history.columns(0, int(series.time_us[-1]) + 1, 1)
    assert (whole.bands[0].low[0], whole.bands[0].high[0]) == (np.nanmin(mid), np.nanmax(mid))
    assert (whole.bands[1].low[0], whole.bands[1].high[0]) == (np.nanmin(spread), np.nanmax(spread))
    assert whole.is_broken[0]
    at_spike = history.at(int(series.time_us[spike]))
    assert at_spike is not None
    assert at_spike[0] == 945.0
    assert history.last_us == series.time_us[-1]


def test_one_piece_larger_than_the_limit_is_taken_whole() -> None:
    history = MidAndSpread(limit=500)
    series = walk(10_000, seed=3)
    history.take(series)
    assert len(history) <= 500
    point = history.at(int(series.time_us[-1]))
    assert point is not None
    assert point[0] == (series.bid[-1] + series.ask[-1]) / 2


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.integers(3, 90), st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_columns_that_grow_are_those_computed_at_once(seed: int, step_us: int, moves: list[int]) -> None:
    series = walk(600, seed, gap_every=15)
    history = MidAndSpread()
    played, now_us = 0, 0
    for move in moves:
        now_us += move * step_us // 2
        until = int(np.searchsorted(series.time_us, now_us, side="right"))
        part = slice(played, until)
        history.take(with_amounts(series.time_us[part], series.bid[part], series.ask[part]))
        played, stop = until, now_us // step_us + 1
        first = max(0, stop - 40)
        grown = history.growing_columns(step_us, first, stop)
        whole = history.columns(first * step_us, stop * step_us, stop - first)
        np.testing.assert_array_equal(rows_of(grown), rows_of(whole))
        np.testing.assert_array_equal(grown.edges_us, whole.edges_us)
        assert grown.points.tolist() == whole.points.tolist()


def test_columns_that_grow_begin_anew_after_a_jump() -> None:
    history = MidAndSpread()
    history.take(touch((0, 9, 11)))
    assert history.growing_columns(10, 0, 5).bands[0].last.tolist() == [10] * 5
    history.replace(touch((0, 19, 21)))
    assert history.growing_columns(10, 0, 6).bands[0].last.tolist() == [20] * 6


def test_columns_of_several_lengths_grow_beside_each_other() -> None:
    history, last = MidAndSpread(), 0
    for now in range(30, 400, 30):
        history.take(touch(*((us, us, us + 2) for us in range(last, now, 7))))
        last = now
        for step_us in (10, 13, 10, 17):
            stop = now // step_us + 1
            first = max(0, stop - 9)
            grown = history.growing_columns(step_us, first, stop)
            whole = history.columns(first * step_us, stop * step_us, stop - first)
            np.testing.assert_array_equal(rows_of(grown), rows_of(whole))


def test_an_empty_stretch_or_no_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be cut"):
        MidAndSpread().columns(5, 5, 10)
    with pytest.raises(ValueError, match="cannot be cut"):
        MidAndSpread().columns(0, 5, 0)
