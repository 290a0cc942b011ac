"""What the ladder computes, below the widget: rows of prices, their places, trades, marks."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.books import deep_book, make_book

from tickreel.replay import SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel_desktop.replay.ladder.arrangement import Arrangement
from tickreel_desktop.replay.ladder.levels import row_amounts, touch_rows, walls
from tickreel_desktop.replay.ladder.marks import ChangeMarks
from tickreel_desktop.replay.ladder.model import LadderModel
from tickreel_desktop.replay.ladder.scale import RowScale, TickFinder, chosen_multiple, wanted_multiple
from tickreel_desktop.replay.ladder.traded import TradedVolume

TENTH = Decimal("0.1")


def trades(*rows: tuple[int, int, float, float]) -> TradeSeries:
    """Make trades of (time, side, price, amount)."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    types = (np.int64, np.int8, np.float64, np.float64)
    return TradeSeries(*(np.array(c, t) for c, t in zip(columns, types, strict=True)))


@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=60, unique=True),
    st.integers(2, 399),
    st.sampled_from((1, 2, 5, 10, 50)),
    st.integers(-5, 45),
)
def test_rows_hold_what_exact_arithmetic_puts_into_them(
    ticks: list[int], middle: int, multiple: int, low: int
) -> None:
    bids = sorted((t for t in ticks if t < middle), reverse=True)
    asks = sorted(t for t in ticks if t >= middle)
    book = make_book([(t / 10, t + 0.5) for t in bids], [(t / 10, t + 0.25) for t in asks])
    found = row_amounts(book, RowScale(TENTH, multiple), low, 20)
    for side, (levels, more, way) in enumerate(((bids, 0.5, floor), (asks, 0.25, ceil))):
        expected = [
            sum(t + more for t in levels if way(Fraction(t, multiple)) == row) for row in range(low, low + 20)
        ]
        assert found[:, side].tolist() == expected


def test_prices_between_ticks_never_look_better_than_they_are() -> None:
    scale = RowScale(TENTH)
    book = make_book([(10.07, 1)], [(10.12, 2)])
    assert touch_rows(book, scale) == (100, 102)
    assert row_amounts(book, scale, 100, 3).tolist() == [[1, 0], [0, 0], [0, 2]]


def test_a_far_price_does_no_harm() -> None:
    book = make_book([(10.0, 1), (1e-9, 3)], [(10.1, 2), (1e22, 4)])
    scale = RowScale(Decimal("1E-9"))
    assert row_amounts(book, scale, 10**10 - 1, 3).tolist() == [[0, 0], [1, 0], [0, 0]]


def test_the_tick_is_found_in_books_and_grows_finer_only() -> None:
    finder = TickFinder()
    assert finder.tick is None
    finder.learn(make_book([(100.0, 1)], [(102.5, 1)]))
    assert finder.tick == Decimal("2.5")
    finder.learn(make_book([(100.1, 1)], [(102.5, 1)]))
    assert finder.tick == TENTH
    assert RowScale(Decimal("0.50")).decimals == 1
    assert RowScale(Decimal(10)).decimals == 0


def test_rows_are_chosen_high_enough_for_the_best_levels_and_the_spread() -> None:
    assert chosen_multiple(wanted_multiple(deep_book(1000, 100, 0.1), TENTH, 60)) == 1
    sparse = make_book([(1000 - n, 1) for n in range(30)], [(1001 + n, 1) for n in range(30)])
    assert chosen_multiple(wanted_multiple(sparse, TENTH, 60)) == 10
    wide = make_book([(900, 1)], [(1100, 1)])
    assert chosen_multiple(wanted_multiple(wide, TENTH, 60)) == 200


def test_a_wall_is_many_times_the_usual_row_of_its_side() -> None:
    amounts = np.array([[1, 4.9], [1, 1], [2, 1], [1, 1], [5, 1], [0, 1]], np.float64)
    assert walls(amounts).tolist() == [[False, False]] * 4 + [[True, False], [False, False]]
    assert not walls(amounts[:4]).any(), "four rows tell of no usual one"


@given(st.integers(3, 60), st.lists(st.integers(-300, 300), min_size=1, max_size=30), st.booleans())
def test_each_row_has_one_place_and_locked_rows_keep_theirs(
    places: int, middles: list[int], is_locked: bool
) -> None:
    arrangement = Arrangement()
    arrangement.set_places(places)
    arrangement.set_middle(middles[0])
    assert arrangement.spread_place == places // 2
    if is_locked:
        arrangement.lock()
    for middle in middles:
        before = {row: arrangement.place_of(row) for row in range(-400, 400)}
        middle_before = arrangement.middle or 0
        arrangement.set_middle(middle)
        rows = [arrangement.row_at(place) for place in range(places)]
        known = [row for row in rows if row is not None]
        assert known == sorted(known, reverse=True)
        assert all(rows[arrangement.place_of(row)] == row for row in known)
        assert min(known) >= arrangement.low
        assert max(known) < arrangement.low + arrangement.count
        if is_locked:
            passed = range(min(middle, middle_before) + 1, max(middle, middle_before) + 1)
            moved = {row for row, place in before.items() if arrangement.place_of(row) != place}
            assert moved == set(passed), "only rows that the spread has passed make room for it"
        else:
            assert abs(arrangement.spread_place - places // 2) <= max(1, places // 8)


def test_a_row_out_of_view_is_revealed_at_the_nearer_edge() -> None:
    arrangement = Arrangement()
    arrangement.set_places(11)
    arrangement.set_middle(100)
    arrangement.reveal(130)
    assert arrangement.is_locked
    assert arrangement.row_at(0) == 130
    arrangement.reveal(90)
    assert arrangement.row_at(10) == 90
    arrangement.centre()
    assert (arrangement.is_locked, arrangement.spread_place) == (False, 5)


def test_trades_stand_in_the_row_of_the_orders_they_took() -> None:
    volume = TradedVolume()
    volume.reset(5)
    volume.add(trades((5, 0, 10.1, 1.0), (6, 1, 10.1, 2.0), (7, 2, 10.1, 4.0), (8, 0, 10.2, 8.0)), 8)
    volume.add(trades((9, 0, 10.1, 16.0), (9, 1, float("nan"), 3.0), (9, 1, 9.9, float("nan"))), 9)
    assert volume.rows(RowScale(TENTH), 100, 4).tolist() == [[0, 0, 0], [17, 2, 4], [8, 0, 0], [0, 0, 0]]
    # Rows of half a unit: what was bought is above, what was sold below.
    assert volume.rows(RowScale(TENTH, 5), 20, 2).tolist() == [[0, 2, 4], [25, 0, 0]]
    assert volume.total().tolist() == [25, 2, 4]
    volume.reset(9)
    assert volume.total().tolist() == [0, 0, 0]
    assert volume.since_us == 9


def test_of_a_long_history_the_last_trades_are_counted_and_it_says_since_when() -> None:
    count = 200_000
    times = np.arange(count, dtype=np.int64)
    series = TradeSeries(times, np.zeros(count, np.int8), np.full(count, 10.0), np.ones(count))
    symbol = SymbolFrame("bybit", "BTCUSDT", None, TouchSeries.joined([]), series, Totals())
    model = LadderModel()
    model.take(symbol, count, is_jump=True)
    since_us = model.traded.since_us
    assert since_us is not None
    assert since_us > 0
    assert model.traded.total()[0] == count - since_us


def test_a_window_forgets_what_is_older_and_no_more() -> None:
    volume = TradedVolume()
    volume.set_window(300, 0)
    for at_us in range(0, 2_000, 7):
        volume.add(trades((at_us, 0, 10.0, 1.0)), at_us)
        held = volume.total()[0]
        fewest = sum(1 for each in range(0, at_us + 1, 7) if each > at_us - 300)
        most = sum(1 for each in range(0, at_us + 1, 7) if each > at_us - 310)
        assert fewest <= held <= most


def test_a_change_is_marked_for_a_quarter_of_a_second_and_not_more_often() -> None:
    marks = ChangeMarks()
    amounts = np.zeros((4, 2))
    marks.take(10, amounts, 0.0, marks=True)
    assert not marks.marked(0.0).any(), "nothing is known to have changed"
    amounts[1, 0] = 5
    marks.take(10, amounts, 1.0, marks=True)
    assert np.argwhere(marks.marked(1.2)).tolist() == [[1, 0]]
    assert marks.left_s(1.2) == pytest.approx(0.05)
    amounts[1, 0] = 6
    marks.take(10, amounts, 1.2, marks=True)
    assert not marks.marked(1.26).any(), "a change while it was marked did not begin another"
    assert marks.left_s(1.26) is None
    # Scrolled by a row, the mark goes along; the row that came into view has none.
    amounts[1, 0] = 7
    marks.take(10, amounts, 2.0, marks=True)
    marks.take(11, np.array([[7, 0], [0, 0], [0, 0], [9, 9]], np.float64), 2.1, marks=True)
    assert np.argwhere(marks.marked(2.1)).tolist() == [[0, 0]]
    marks.take(11, np.array([[8, 0], [1, 0], [0, 0], [9, 9]], np.float64), 3.0, marks=False)
    assert not marks.marked(3.0).any(), "less motion is wanted"
