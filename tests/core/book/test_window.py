"""Levels near the touch lie in a dense window, the others do not: nobody can tell from the book."""

from __future__ import annotations

import math
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.dictbook import DictBook, Row
from support.l2csv import l2_rows

from tickreel.book import BookBuilder, window

TINY = {"FIRST_LIMIT": 3, "SMALLEST_TICKS": 8, "LARGEST_TICKS": 64}


@pytest.fixture
def tiny_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Place windows of a few ticks after a few rows, so that short feeds walk in and out of them."""
    for name, value in TINY.items():
        monkeypatch.setattr(window, name, value)


GRIDS = {
    "tenths": [tick / 10 for tick in range(-40, 40)],
    "halves": [tick / 2 for tick in range(1_000, 1_060)],
    "twentieths": [tick / 20 for tick in range(100)],
    "thousands": [1000.0 * tick for tick in range(50)],
    "mixed": [tick / 10 for tick in range(30)] + [tick / 4 for tick in range(12)] + [0.1 + 0.2, 1e-7, -0.0],
    "neighbours": [math.nextafter(1.5, 2), 1.5, math.nextafter(1.5, 1), 1.4, 1.6, 0.0, -0.0, 5e-324],
    "far": [*(tick / 10 for tick in range(8)), 1e22, -1e22, 1.7e308, -1.7e308, 2.0**53, 2.0**53 + 2],
}


@st.composite
def feeds(draw: st.DrawFn) -> list[Row]:
    prices = st.sampled_from(GRIDS[draw(st.sampled_from(sorted(GRIDS)))])
    if draw(st.booleans()):
        prices |= st.sampled_from(GRIDS[draw(st.sampled_from(sorted(GRIDS)))])
    cells = st.tuples(st.sampled_from(["bid", "ask"]), prices, st.sampled_from([0.0, -0.0, 1.0, 2.5]))
    rows = []
    for now_us in range(draw(st.integers(2, 60))):
        is_snapshot = now_us == 0 or draw(st.integers(0, 15)) == 0
        rows += [Row(now_us, is_snapshot, *draw(cells)) for _ in range(draw(st.integers(1, 6)))]
    return rows


class Told(NamedTuple):
    """What the plain book says after each message."""

    touch: list[list[float]]
    tops: list[tuple[int, list[list[float]]]]
    """Time, and the best levels of both sides as [price, amount], where they changed."""


def told(plain: DictBook, rows: list[Row], levels: int, last: list[list[float]] | None) -> Told:
    found = Told([], [])
    for now_us, message in groupby(rows, key=lambda row: row.local_us):
        plain.apply(message)
        missing = [math.nan, 0.0]
        sides = [side[:levels] for side in (plain.bids(), plain.asks())]
        best = [side[0] if side else [math.nan, math.nan] for side in sides]
        found.touch.append([now_us, best[0][0], best[1][0], best[0][1], best[1][1]])
        top = [level for side in sides for level in side + [missing] * (levels - len(side))]
        if last is None or not np.array_equal(top, last, equal_nan=True):
            found.tops.append((now_us, top))
        last = top
    return found


@pytest.mark.usefixtures("tiny_windows")
def test_any_prices_in_and_out_of_windows_give_the_plain_book() -> None:
    @settings(deadline=None, max_examples=150)
    @given(feeds(), st.lists(st.integers(0, 60), max_size=4), st.booleans(), st.integers(1, 4), st.booleans())
    def check(rows: list[Row], cuts: list[int], is_copied: bool, levels: int, has_tops: bool) -> None:
        builder, plain = BookBuilder(), DictBook()
        last = None
        for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), 99], strict=True):
            part = [row for row in rows if low <= row.local_us < high]
            expected = told(plain, part, levels, last)
            if has_tops:
                touch, tops = builder.apply_with_tops(l2_rows(part), levels)
                assert tops.time_us.tolist() == [at_us for at_us, _ in expected.tops]
                found = np.stack([tops.price, tops.amount], axis=-1).reshape(-1, 2 * levels, 2)
                for mine, (_, top) in zip(found, expected.tops, strict=True):
                    assert np.array_equal(mine, top, equal_nan=True)
                last = expected.tops[-1][1] if expected.tops else last
            else:
                touch = builder.apply_with_touch(l2_rows(part))
            for entry, wanted in zip(zip(*touch, strict=True), expected.touch, strict=True):
                assert np.array_equal(entry, wanted, equal_nan=True)
            book = builder.view()
            assert (book.bids.tolist(), book.asks.tolist()) == (plain.bids(), plain.asks())
            assert not np.signbit(book.bids[book.bids == 0]).any()
            assert not np.signbit(book.asks[book.asks == 0]).any()
            assert builder.counts.resets == plain.resets
            assert builder.counts.messages == plain.messages
            if is_copied:
                builder = builder.copy()

    check()


def test_no_levels_are_no_top() -> None:
    with pytest.raises(ValueError, match="0 levels are no top of a book"):
        BookBuilder().apply_with_tops(l2_rows([]), 0)


@pytest.mark.usefixtures("tiny_windows")
def test_the_top_is_compared_anew_after_rows_that_were_not_watched_and_for_another_number_of_levels() -> None:
    builder = BookBuilder()
    builder.apply_with_tops(l2_rows([Row(1, True, "bid", 9, 1), Row(1, True, "ask", 10, 1)]), 1)
    builder.apply(l2_rows([Row(2, False, "bid", 9, 2)]))
    _, tops = builder.apply_with_tops(l2_rows([Row(3, False, "ask", 99, 1), Row(4, False, "ask", 98, 1)]), 1)
    assert (tops.time_us.tolist(), tops.amount[0, 0].tolist()) == ([3], [2])
    _, tops = builder.apply_with_tops(l2_rows([Row(5, False, "ask", 200, 1)]), 2)
    assert (tops.time_us.tolist(), tops.price[0, 1].tolist()) == ([5], [10, 98])
    builder.forget()
    _, tops = builder.apply_with_tops(l2_rows([Row(6, False, "ask", 10, 1)]), 2)
    assert (tops.time_us.tolist(), tops.amount.tolist()) == ([6], [[[0, 0], [0, 0]]])


@pytest.mark.usefixtures("tiny_windows")
@pytest.mark.parametrize("step", [0.1, 0.5, 0.05, 10.0, 1 / 3])
def test_a_market_that_walks_far_takes_its_window_along(step: float) -> None:
    random = np.random.default_rng(3)
    rows = [Row(0, True, "bid", 0.0, 1.0)]
    middle = 0
    for now_us in range(1, 4_000):
        middle += int(random.integers(-6, 8))
        side, sign = (("bid", -1), ("ask", 1))[int(random.integers(2))]
        tick = middle + sign * int(random.integers(1, 12))
        rows.append(Row(now_us, False, side, tick * step, float(random.integers(3))))
        if now_us % 500 == 0:
            middle += 10_000 * int(random.choice([-1, 1]))
    builder = BookBuilder()
    plain = DictBook().apply(rows)
    builder.apply(l2_rows(rows))
    assert builder.view().state_hash() == plain.state_hash()


def test_a_book_made_of_levels_goes_on_as_the_one_they_were_taken_from() -> None:
    original = BookBuilder()
    snapshot = [Row(5, True, side, sign * tick / 8, 1.0 + tick) for side, sign in (("bid", -1), ("ask", 1))
                for tick in range(1, 3_000)]  # fmt: skip
    original.apply(l2_rows(snapshot))
    book = original.view()
    made = BookBuilder.from_levels(book.bids, book.asks, book.message_us)
    assert made.is_primed
    assert made.message_us == 5
    assert made.counts.rows == 0
    assert made.view().state_hash() == book.state_hash()
    update = l2_rows([Row(6, False, "bid", -0.125, 0), Row(6, False, "ask", 0.01, 3)])
    for builder in (original, made):
        builder.apply(update)
    assert made.view().state_hash() == original.view().state_hash()
    # A snapshot directly after is one of its own.
    made.apply(l2_rows([Row(7, True, "ask", 2, 1)]))
    assert (made.counts.resets, made.view().levels) == (1, (0, 1))


def test_a_book_of_no_levels_can_be_made() -> None:
    empty = np.empty((0, 2))
    made = BookBuilder.from_levels(empty, empty, None)
    assert made.view().levels == (0, 0)
    made.apply(l2_rows([Row(7, False, "ask", 2, 1)]))
    assert made.view().levels == (0, 1)


def test_a_busy_book_gets_a_window_and_a_copy_of_it_none() -> None:
    rows = [Row(0, True, "bid", 100.0, 1.0)]
    rows += [
        Row(us, False, "bid", 100 - us % 50 / 10, 1.0 + us % 3) for us in range(1, 3 * window.FIRST_LIMIT)
    ]
    builder = BookBuilder()
    builder.apply(l2_rows(rows))
    assert builder.window_ticks == window.SMALLEST_TICKS
    assert builder.copy().window_ticks == 0
    assert builder.copy().view().state_hash() == builder.view().state_hash()


def test_no_window_is_placed_before_a_snapshot_is_whole() -> None:
    levels = 3 * window.FIRST_LIMIT
    rows = [Row(5, True, "bid", 100.0 + tick / 8, 1.0) for tick in range(levels)]
    rows += [Row(5, True, "ask", 10_000.0 + tick / 8, 1.0) for tick in range(levels)]
    builder = BookBuilder()
    builder.apply(l2_rows(rows))
    assert (builder.window_ticks, builder.levels) == (0, (levels, levels))
    builder.apply(l2_rows([Row(6, False, "bid", 100.0, 2.0)]))
    assert builder.window_ticks == window.SMALLEST_TICKS


def test_a_window_grows_with_what_lies_outside_of_it_and_stays_where_it_serves() -> None:
    strain = 1_024
    assert window.next_ticks(0, strain, strain) == window.SMALLEST_TICKS
    assert window.next_ticks(4_096, 100 * strain, strain) == 4_096
    assert window.next_ticks(4_096, 40 * strain, strain) == 16_384
    assert window.next_ticks(4_096, 10 * strain, strain) == 65_536
    assert window.next_ticks(65_536, 10 * strain, strain) == window.LARGEST_TICKS == 65_536
    assert window.may_stay(4_096, 20 * strain, strain, (3_072, 3_500))
    assert not window.may_stay(4_096, 20 * strain, strain, (3_072, 4_000))
    assert not window.may_stay(4_096, 20 * strain, strain, (3_072, -1))
    # Much lies outside although the touch is where it was: the prices may have another grid now.
    assert not window.may_stay(4_096, 3 * strain, strain, (3_072, 3_500))


def test_removing_what_is_not_there_above_the_best_level_is_no_reason_to_look_for_another() -> None:
    rows = [Row(0, True, "bid", 100.0, 1.0)]
    rows += [Row(us, False, "bid", 100 - us % 50 / 10, 1.0) for us in range(1, 2 * window.FIRST_LIMIT)]
    builder = BookBuilder()
    builder.apply(l2_rows(rows))
    assert builder.window_ticks == window.SMALLEST_TICKS
    # A thousand ticks, looked at after every message, would have the window placed anew and widened.
    builder.apply_with_touch(l2_rows(Row(us, False, "bid", 200.0, 0.0) for us in range(10_000, 15_000)))
    assert builder.window_ticks == window.SMALLEST_TICKS
    assert builder.view().best_bid == (100.0, 1.0)


def test_a_snapshot_is_held_against_the_book_within_its_own_range_only() -> None:
    builder = BookBuilder()
    book = [("bid", 10, 1), ("bid", 9, 1), ("bid", 8, 1), ("bid", 7, 1), ("ask", 11, 1), ("ask", 12, 1)]
    builder.apply(l2_rows([Row(1, True, *level) for level in book]))

    def differing(*levels: tuple[str, float, float]) -> int:
        rows = l2_rows([Row(2, True, *level) for level in levels])
        return builder.mismatches(rows, 0, len(rows))

    assert differing(*book) == 0
    assert differing(("bid", 10, 1), ("bid", 9, 1)) == 0
    assert differing(("bid", 10, 1), ("bid", 8, 1)) == 1
    assert differing(("bid", 10, 2), ("bid", 9.5, 1), ("bid", 9, 1), ("ask", 11, 1)) == 2
    # An amount of 0 is no level, so it widens no range; of a price told twice the last word holds.
    assert differing(("bid", 10, 1), ("bid", 7, 0)) == 0
    assert differing(("bid", 10, 5), ("bid", 10, 1)) == 0
    assert differing(("bid", 10, 1), ("bid", 9, 0), ("bid", 8, 1)) == 1
    assert BookBuilder().mismatches(l2_rows([Row(2, True, "bid", 1, 1)]), 0, 1) == 0
