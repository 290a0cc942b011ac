from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickreel.book import features
from tickreel.book.flow import (
    TradeFlow,
    Windows,
    annualise,
    order_flow,
    realised_volatility,
    time_weighted_mean,
    trade_flow,
)
from tickreel.book.series import Touch
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAN = float("nan")
TIMES = st.lists(st.integers(0, 30), max_size=12).map(sorted)
WINDOWS = st.builds(Windows, st.integers(-3, 20), st.integers(1, 12), st.integers(0, 4))
VALUES = st.sampled_from([NAN, -1.0, 0.5, 2.0, 3.25])


def touch_at(times: list[int], mids: list[float]) -> Touch:
    """Give a touch of the given mids, one wide, with the amounts 1, 2, 3 and so on; NaN for no book."""
    mid = np.array(mids, np.float64)
    amount = np.where(np.isnan(mid), NAN, 1.0 + np.arange(len(mids)))
    return Touch(np.array(times, np.int64), mid - 0.5, mid + 0.5, amount, amount[::-1])


def random_touch(messages: int) -> Touch:
    """Give a walk of a touch over some time, a twentieth of it with a side empty."""
    chance = np.random.default_rng(5)
    time_us = 1_722_816_000_000_000 + np.cumsum(chance.integers(0, 400_000, messages))
    bid = 60_000 + np.cumsum(chance.integers(-1, 2, messages)) / 10
    ask = bid + chance.integers(1, 4, messages) / 10
    bid_amount, ask_amount = chance.random((2, messages))
    for price, amount in ((bid, bid_amount), (ask, ask_amount)):
        is_empty = chance.random(messages) < 0.025
        price[is_empty] = NAN
        amount[is_empty] = NAN
    return Touch(time_us, bid, ask, bid_amount, ask_amount)


def spans(windows: Windows) -> list[tuple[int, int]]:
    """List the windows as [from, to)."""
    starts = [windows.start_us + number * windows.width_us for number in range(windows.count)]
    return [(start, start + windows.width_us) for start in starts]


def sums_within(times: list[int], values: list[float], windows: Windows) -> list[float]:
    """Sum by looking at every row for every window."""
    return [
        math.fsum(
            value
            for time, value in zip(times, values, strict=True)
            if start <= time < stop and not math.isnan(value)
        )
        for start, stop in spans(windows)
    ]


def has_message(times: list[int], span: tuple[int, int]) -> bool:
    return any(span[0] <= time < span[1] for time in times)


def standing(times: list[int], values: list[float], instant: int) -> float:
    """Find the value that stands just before an instant."""
    earlier = [value for time, value in zip(times, values, strict=True) if time < instant]
    return earlier[-1] if earlier else NAN


def plain_mean(times: list[int], values: list[float], windows: Windows) -> list[float]:
    """Average by looking at every microsecond."""
    means = []
    for start, stop in spans(windows):
        stood = [standing(times, values, instant + 1) for instant in range(start, stop)]
        known = [value for value in stood if not math.isnan(value) and has_message(times, (start, stop))]
        means.append(math.fsum(known) / len(known) if known else NAN)
    return means


def plain_volatility(times: list[int], mids: list[float], windows: Windows, step: int) -> list[float]:
    found = []
    for start, stop in spans(windows):
        samples = [standing(times, mids, instant) for instant in range(start, stop + 1, step)]
        if has_message(times, (start, stop)) and all(sample > 0 for sample in samples):
            returns = [math.log(after / before) for before, after in pairwise(samples)]
            found.append(math.sqrt(math.fsum(change * change for change in returns)))
        else:
            found.append(NAN)
    return found


def test_windows_lie_side_by_side() -> None:
    assert Windows(5, 10, 3).edges().tolist() == [5, 15, 25, 35]
    assert Windows(5, 10, 0).edges().tolist() == [5]
    assert Windows(1_722_816_000_000_000, 1, 1).edges().dtype == np.int64


@pytest.mark.parametrize(
    ("width", "count", "message"),
    [(0, 1, "have no width"), (-5, 1, "have no width"), (1, -1, "cannot be made")],
)
def test_windows_that_make_no_sense_are_refused(width: int, count: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Windows(0, width, count)


@settings(deadline=None)
@given(times=TIMES, windows=WINDOWS, data=st.data())
def test_order_flow_is_the_sum_over_the_rows_of_each_window(
    times: list[int], windows: Windows, data: st.DataObject
) -> None:
    touch = touch_at(times, [data.draw(VALUES) for _ in times])
    each = features.order_flow_imbalance(touch).tolist()
    np.testing.assert_allclose(order_flow(touch, windows), sums_within(times, each, windows), rtol=1e-13)


def test_a_message_at_the_end_of_a_window_is_in_the_next() -> None:
    touch = Touch(np.array([0, 10, 19, 20]), *np.array([[5.0] * 4, [6.0] * 4, [1, 2, 4, 8], [1.0] * 4]))
    assert order_flow(touch, Windows(0, 10, 4)).tolist() == [0, 3, 4, 0]


def test_the_entry_before_the_windows_lets_their_first_message_count() -> None:
    columns = np.array([[5.0, 5], [6.0, 6], [1, 4], [1.0, 1]])
    assert order_flow(Touch(np.array([3, 12]), *columns), Windows(10, 10, 1)).tolist() == [3]
    assert order_flow(Touch(np.array([12]), *columns[:, 1:]), Windows(10, 10, 1)).tolist() == [0]


def test_a_window_owes_nothing_to_what_came_before_it() -> None:
    rows = 100_000
    amount = np.full(rows, 1e15)
    amount[-10:] = 0.1
    time_us = np.arange(rows)
    side = np.zeros(rows, np.int8)
    flow = trade_flow(time_us, side, amount, Windows(rows - 10, 10, 1))
    assert flow.buy_amount.tolist() == [pytest.approx(1.0, rel=1e-15)]
    value = np.where(amount == 0.1, 0.25, 1e15)
    assert time_weighted_mean(time_us, value, Windows(rows - 10, 10, 1)).tolist() == [0.25]


@settings(deadline=None)
@given(
    times=TIMES,
    windows=WINDOWS,
    data=st.data(),
)
def test_trade_flow_is_that_of_a_plain_loop(times: list[int], windows: Windows, data: st.DataObject) -> None:
    sides = [data.draw(st.integers(0, 3)) for _ in times]
    amounts = [data.draw(st.sampled_from([NAN, 0.0, 0.25, 7.0])) for _ in times]
    found = trade_flow(
        np.array(times, np.int64), np.array(sides, np.int8), np.array(amounts, np.float64), windows
    )
    for kind, codes in enumerate([{0}, {1}, {2, 3}]):
        own = [place for place, side in enumerate(sides) if side in codes]
        own_times = [times[place] for place in own]
        expected = sums_within(own_times, [amounts[place] for place in own], windows)
        np.testing.assert_allclose(found[kind], expected, rtol=1e-13)
        assert found[kind + 3].tolist() == sums_within(own_times, [1.0] * len(own), windows)


def test_trades_of_unknown_side_are_kept_apart() -> None:
    flow = trade_flow(
        np.array([0, 1, 1, 9, 10]),
        np.array([0, 1, 2, 3, 0], np.int8),
        np.array([5, 2, 1, 0.5, 3]),
        Windows(0, 10, 3),
    )
    assert isinstance(flow, TradeFlow)
    assert [column.tolist() for column in flow] == [
        [5, 3, 0],
        [2, 0, 0],
        [1.5, 0, 0],
        [1, 1, 0],
        [1, 0, 0],
        [2, 0, 0],
    ]
    assert flow.net_amount.tolist() == [3, 3, 0]
    assert [column.dtype for column in flow] == [np.float64] * 3 + [np.int64] * 3


@settings(deadline=None)
@given(
    times=TIMES,
    start=st.integers(-3, 20),
    step=st.integers(1, 4),
    steps=st.integers(1, 4),
    count=st.integers(0, 4),
    data=st.data(),
)
def test_realised_volatility_is_that_of_a_plain_loop(
    times: list[int], start: int, step: int, steps: int, count: int, data: st.DataObject
) -> None:
    mids = [data.draw(st.sampled_from([2.0, 2.5, 3.0, 4.0, NAN, -1.0])) for _ in times]
    windows = Windows(start, step * steps, count)
    found = realised_volatility(touch_at(times, mids), windows, step)
    np.testing.assert_allclose(found, plain_volatility(times, mids, windows, step), rtol=1e-12)


def test_realised_volatility_by_hand() -> None:
    touch = touch_at([0, 10, 20, 25, 30], [100.0, 110.0, 99.0, 5_000.0, 99.0])
    # Samples before 10, 20, 30, 40: the price between two of them is not seen, that at 30 is.
    found = realised_volatility(touch, Windows(10, 20, 1), 10)
    assert found.tolist() == [pytest.approx(math.hypot(math.log(1.1), math.log(5_000 / 110)))]
    found = realised_volatility(touch, Windows(10, 20, 1), 20)
    assert found.tolist() == [pytest.approx(math.log(50))]


def test_a_price_that_moves_at_the_end_of_a_window_moves_in_the_next() -> None:
    touch = touch_at([0, 12, 20, 39], [100.0, 100.0, 200.0, 200.0])
    found = realised_volatility(touch, Windows(10, 10, 3), 5)
    assert found.tolist() == [0, pytest.approx(math.log(2)), 0]


def test_a_window_with_a_sample_that_is_missing_has_no_volatility() -> None:
    touch = touch_at([5, 15, 25, 35], [100.0, NAN, 100.0, 100.0])
    found = realised_volatility(touch, Windows(0, 10, 4), 10)
    np.testing.assert_array_equal(found, [NAN, NAN, NAN, 0])


def test_a_window_without_a_message_has_no_volatility_and_no_mean() -> None:
    touch = touch_at([5, 12, 33], [100.0, 100.0, 100.0])
    windows = Windows(10, 10, 4)
    np.testing.assert_array_equal(realised_volatility(touch, windows, 5), [0, NAN, 0, NAN])
    mean = time_weighted_mean(touch.time_us, features.spread(touch), windows)
    np.testing.assert_array_equal(mean, [1, NAN, 1, NAN])


@pytest.mark.parametrize("step", [0, -5, 3, 20])
def test_a_clock_that_does_not_divide_the_window_is_refused(step: int) -> None:
    with pytest.raises(UsageError, match=f"a clock of {step} us does not divide windows of 10 us"):
        realised_volatility(touch_at([0], [1.0]), Windows(0, 10, 1), step)


def test_volatility_grows_by_the_root_of_time_to_a_year_of_365_days() -> None:
    minute, day = 60_000_000, 86_400_000_000
    assert annualise(np.array([0.001]), minute).tolist() == [pytest.approx(0.001 * math.sqrt(525_600))]
    assert annualise(np.array([0.02]), day).tolist() == [pytest.approx(0.02 * math.sqrt(365))]


@settings(deadline=None)
@given(times=TIMES, windows=WINDOWS, data=st.data())
def test_a_time_weighted_mean_is_that_of_every_microsecond(
    times: list[int], windows: Windows, data: st.DataObject
) -> None:
    values = [data.draw(VALUES) for _ in times]
    found = time_weighted_mean(np.array(times, np.int64), np.array(values, np.float64), windows)
    np.testing.assert_allclose(found, plain_mean(times, values, windows), rtol=1e-13, atol=1e-15)


def test_a_time_weighted_mean_by_hand() -> None:
    time_us, value = np.array([2, 10, 14, 16, 25]), np.array([1.0, 2.0, NAN, 4.0, 8.0])
    found = time_weighted_mean(time_us, value, Windows(-10, 10, 4))
    # Nothing stood in the first; in the second 1 from its third us on, in the third 2 and then 4
    # for 4 us each, in the fourth 4 and then 8 for 5 us each.
    np.testing.assert_array_equal(found, [NAN, 1, 3, 6])


def test_windows_over_a_long_walk_are_those_of_plain_loops() -> None:
    touch = random_touch(20_000)
    times = touch.time_us.tolist()
    windows = Windows(times[0] + 7, 60_000_000, 60)
    mids = features.mid(touch).tolist()

    def within(values: list[float]) -> list[list[tuple[int, float]]]:
        """Split rows by window by way of integer division."""
        rows: list[list[tuple[int, float]]] = [[] for _ in range(windows.count)]
        for time, value in zip(times, values, strict=True):
            number = (time - windows.start_us) // windows.width_us
            if 0 <= number < windows.count:
                rows[number].append((time, value))
        return rows

    flows = within(features.order_flow_imbalance(touch).tolist())
    expected = [math.fsum(flow for _, flow in rows if not math.isnan(flow)) for rows in flows]
    np.testing.assert_allclose(order_flow(touch, windows), expected, rtol=1e-9, atol=1e-12)

    last = mids[0]
    means = []
    for (start, stop), rows in zip(spans(windows), within(mids), strict=True):
        points = [(start, last), *rows, (stop, NAN)]
        parts = [(b - a, value) for (a, value), (b, _) in pairwise(points)]
        known = [(length, value) for length, value in parts if not math.isnan(value)]
        means.append(math.fsum(length * value for length, value in known) / sum(part for part, _ in known))
        last = points[-2][1]
    found = time_weighted_mean(touch.time_us, features.mid(touch), windows)
    np.testing.assert_allclose(found, means, rtol=1e-12)
    volatility = realised_volatility(touch, Windows(times[0] + 7, 5_000_000, 40), 1_000_000)
    few = plain_volatility(times[:2_000], mids[:2_000], Windows(times[0] + 7, 5_000_000, 40), 1_000_000)
    np.testing.assert_allclose(volatility, few, rtol=1e-9)
    assert np.isfinite(volatility).any()
    assert np.isnan(volatility).any()


def empty_touch() -> Touch:
    return Touch(np.empty(0, np.int64), *np.empty((4, 0)))


@pytest.mark.parametrize("count", [0, 2])
def test_without_messages_flows_are_zero_and_the_rest_is_undefined(count: int) -> None:
    windows, touch = Windows(0, 10, count), empty_touch()
    undefined: NDArray[np.float64] = np.full(count, NAN)
    assert order_flow(touch, windows).tolist() == [0] * count
    flow = trade_flow(touch.time_us, np.empty(0, np.int8), touch.bid, windows)
    assert [column.tolist() for column in flow] == [[0] * count] * 6
    np.testing.assert_array_equal(realised_volatility(touch, windows, 5), undefined)
    np.testing.assert_array_equal(time_weighted_mean(touch.time_us, touch.bid, windows), undefined)
