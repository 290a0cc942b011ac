"""Columns of the heatmap against plain dicts, fractions and a walk over every microsecond."""

from __future__ import annotations

import math
import random
import tracemalloc
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.books import make_book
from support.dictbook import DictBook, Row
from support.l2csv import l2_rows, listed_rows, read_l2
from support.plainheatmap import PlainHeatmap, exact, plain_sizes
from support.realdata import real_data

from tickreel.book import L2Rows, heatmap
from tickreel.book.heatmap import Columns, Heatmap
from tickreel.book.pricegrid import CellMeasure, PriceGrid
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tickreel.book import Book

GRIDS = {
    "tenths": PriceGrid(0.0, 0.1, 7, 0.1),
    "below and above zero": PriceGrid(-0.6, 0.3, 4, 0.1),
    "quarters": PriceGrid(9.0, 0.5, 3, 0.25),
    "tens": PriceGrid(-200.0, 20.0, 20, 10.0),
    "two and a half": PriceGrid(-2.5, 2.5, 3, 2.5),
    "many ticks a cell": PriceGrid(1.0, 3.7, 2, 0.1),
    "one cell": PriceGrid(-0.5, 100.0, 1, 0.5),
    "fine": PriceGrid(3e-08, 2e-08, 5, 1e-08),
}
AMOUNTS = [0.0, 0.0, -0.0, 0.25, 1.0, 2.5, 7.0]
"""Their sums are exact, so that what is found must be the float64 of what is so."""
AMOUNTS_DRAWN = st.sampled_from(AMOUNTS)
FAR = [1e22, -1e22, 1.7e308, -1.7e308, 5e-324, -5e-324, 0.0, -0.0, 0.1 + 0.2]


@cache
def prices_for(grid: PriceGrid) -> list[float]:
    """Take ticks in and around the range, what lies right beside a border, between ticks, and far off."""
    ticks = grid.cells * grid.cell_ticks
    on_grid = [float(exact(grid.low) + tick * exact(grid.tick)) for tick in range(-2, ticks + 3)]
    borders = [float(border) for border in grid.borders]
    beside = [math.nextafter(border, toward) for border in borders for toward in (-math.inf, math.inf)]
    between = [price + grid.tick / 3 for price in on_grid]
    near = [*on_grid[:6], *borders, *on_grid[-6:]]
    return [*near, *near, *on_grid, *beside, *between, *FAR]


@st.composite
def feeds(draw: st.DrawFn, grid: PriceGrid) -> list[Row]:
    """Draw a short feed that no exchange would dare to send."""
    cells = st.tuples(st.sampled_from(["bid", "ask"]), st.sampled_from(prices_for(grid)), AMOUNTS_DRAWN)
    rows = []
    now_us = 0
    for flags in draw(st.lists(st.sampled_from([[False], [False], [True], [True, False]]), max_size=8)):
        now_us += draw(st.integers(1, 9))
        message = st.lists(st.tuples(st.sampled_from(flags), cells), min_size=1, max_size=4)
        rows += [Row(now_us, flag, *cell) for flag, cell in draw(message)]
    return rows


def random_feed(chance: random.Random, grid: PriceGrid) -> list[Row]:
    """Make a longer feed; some have only snapshots, or none."""
    prices = prices_for(grid)
    usual, rare = chance.choice([(False, 0.1), (False, 0.1), (False, 0.0), (True, 0.0)])
    rows = []
    now_us = 0
    for _ in range(chance.randrange(60)):
        now_us += chance.randint(1, 6)
        is_snapshot = usual != (chance.random() < rare)
        rows += [
            Row(
                now_us,
                is_snapshot != (chance.random() < 0.02),
                chance.choice(("bid", "ask")),
                chance.choice(prices),
                chance.choice(AMOUNTS),
            )
            for _ in range(chance.randint(1, 9))
        ]
    return rows


def between(rows: Iterable[Row], start_us: int, end_us: int) -> list[Row]:
    return [row for row in rows if start_us <= row.local_us < end_us]


def book_of(rows: Iterable[Row]) -> Book | None:
    plain = DictBook().apply(rows)
    if not plain.has_snapshot:
        return None
    bids, asks = ([(price, amount) for price, amount in side] for side in (plain.bids(), plain.asks()))
    return make_book(bids, asks, plain.previous.local_us if plain.previous else None)


def assert_columns_are_of_every_instant(
    grid: PriceGrid,
    measure: CellMeasure,
    rows: list[Row],
    breaks_us: list[int],
    *,
    start_us: int,
    width_us: int,
    cuts_us: list[int],
) -> None:
    """Feed *rows* up to each cut in turn, and compare all columns, also the open one at each cut."""
    end_us = cuts_us[-1]
    plain = PlainHeatmap.of(grid, rows, breaks_us, start_us=start_us, end_us=end_us)
    book = book_of(between(rows, 0, start_us))
    made = Heatmap(grid, book, start_us=start_us, width_us=width_us, measure=measure)

    def assert_open() -> None:
        expected = plain.column(made.open_us, made.position_us, measure)
        np.testing.assert_array_equal(made.open_column(), expected)

    columns: list[Columns] = []
    for cut_us in cuts_us:
        columns.append(made.feed(l2_rows(between(rows, made.position_us, cut_us)), cut_us))
        assert made.position_us == cut_us
        assert_open()
        if cut_us in breaks_us:
            columns.append(made.forget(cut_us))
            if measure is CellMeasure.LAST:
                assert np.isnan(made.open_column()).all()
            else:
                assert_open()
    starts = [int(us) for finished in columns for us in finished.start_us]
    assert starts == list(range(start_us, end_us - width_us + 1, width_us))
    assert made.open_us == start_us + len(starts) * width_us
    sizes = [column for finished in columns for column in finished.sizes]
    for us, column in zip(starts, sizes, strict=True):
        np.testing.assert_array_equal(column, plain.column(us, us + width_us, measure))


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_any_feed_in_any_cuts_gives_the_columns_of_a_walk_over_every_instant(data: st.DataObject) -> None:
    grid = GRIDS[data.draw(st.sampled_from(sorted(GRIDS)), label="grid")]
    rows = data.draw(feeds(grid), label="rows")
    start_us = data.draw(st.integers(0, 20), label="start")
    cuts = st.lists(st.integers(start_us, start_us + 60), min_size=1, max_size=5)
    cuts_us = sorted(set(data.draw(cuts, label="cuts")))
    assert_columns_are_of_every_instant(
        grid,
        data.draw(st.sampled_from(CellMeasure), label="measure"),
        rows,
        data.draw(st.lists(st.sampled_from(cuts_us), max_size=2), label="breaks"),
        start_us=start_us,
        width_us=data.draw(st.integers(1, 25), label="width"),
        cuts_us=cuts_us,
    )


@pytest.mark.parametrize("measure", CellMeasure)
@pytest.mark.parametrize("name", GRIDS)
def test_long_feeds_give_the_columns_of_a_walk_over_every_instant(
    name: str, measure: CellMeasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(8):
        chance = random.Random(f"{name} {seed}")
        # Parts of a few rows, so that a call is many of them.
        monkeypatch.setattr(heatmap, "_ROWS_AT_ONCE", chance.choice([1, 7, 1 << 14]))
        rows = random_feed(chance, GRIDS[name])
        start_us = chance.randrange(60)
        cuts_us = sorted({chance.randint(start_us, start_us + 220) for _ in range(chance.randint(1, 9))})
        breaks_us = [us for us in cuts_us if chance.random() < 0.2]
        assert_columns_are_of_every_instant(
            GRIDS[name],
            measure,
            rows,
            breaks_us,
            start_us=start_us,
            width_us=chance.randint(1, 40),
            cuts_us=cuts_us,
        )


@cache
def walk() -> L2Rows:
    """Walk a price about, in decimal amounts, with a snapshot now and then and prices between ticks."""
    tick, spread = 0.1, 200
    random = np.random.default_rng(5)
    rows = []
    middle = 1_000
    now_us = 0
    for number in range(1_200):
        now_us += int(random.integers(1, 40))
        middle += int(random.integers(-3, 4))
        is_snapshot = number == 0 or random.random() < 0.01
        for _ in range(int(random.integers(40, 80) if is_snapshot else random.integers(1, 8))):
            side, sign = (("bid", -1), ("ask", 1))[int(random.integers(2))]
            ticks = middle + sign * int(abs(random.normal(0, spread)))
            price = round(ticks * tick, 9) + (tick / 7 if random.random() < 0.1 else 0.0)
            amount = 0.0 if random.random() < 0.3 else round(float(random.exponential()), 3)
            rows.append(Row(now_us, is_snapshot, side, price, amount))
    return l2_rows(rows)


def after(rows: L2Rows, us: int) -> L2Rows:
    return rows.part(int(np.searchsorted(rows.local_us, us)), len(rows))


def before(rows: L2Rows, us: int) -> L2Rows:
    return rows.part(0, int(np.searchsorted(rows.local_us, us)))


@cache
def walked(end_us: int) -> Book | None:
    """Give the book of the walk after all messages before an instant."""
    return book_of(listed_rows(before(walk(), end_us)))


@pytest.mark.parametrize("measure", CellMeasure)
@pytest.mark.parametrize("group", [0.1, 1.0, 20.0])
def test_a_heatmap_begun_from_the_book_goes_on_to_the_last_bit_as_one_that_was_there_before(
    group: float, measure: CellMeasure
) -> None:
    rows = walk()
    width_us, columns = 500, 45
    grid = PriceGrid.around(100.0, group=group, cells=30, tick=0.1)
    whole = Heatmap(grid, None, start_us=0, width_us=width_us, measure=measure)
    end_us = width_us * columns
    expected = whole.feed(before(rows, end_us), end_us).sizes
    for first in (1, 17, 44):
        start_us = first * width_us
        late = Heatmap(grid, walked(start_us), start_us=start_us, width_us=width_us, measure=measure)
        found = late.feed(before(after(rows, start_us), end_us), end_us).sizes
        np.testing.assert_array_equal(found, expected[first:])


@pytest.mark.parametrize("group", [0.1, 1.0, 20.0])
def test_sizes_of_decimal_amounts_are_right_to_the_last_digits_after_any_number_of_changes(
    group: float,
) -> None:
    rows = walk()
    grid = PriceGrid.around(100.0, group=group, cells=30, tick=0.1)
    made = Heatmap(grid, None, start_us=0, width_us=10**9)
    made.feed(rows, 10**6)
    book = walked(10**6)
    assert book is not None
    np.testing.assert_allclose(made.open_column(), binned(book, grid), rtol=1e-15)


def binned(book: Book, grid: PriceGrid) -> NDArray[np.float64]:
    """Sum the levels of each cell, told apart by its borders, without rounding in between."""
    cells = np.zeros((2, grid.cells))
    for own, levels in zip(cells, (book.bids, book.asks), strict=True):
        cell_of = np.searchsorted(grid.borders, levels[:, 0], side="right") - 1
        for cell in set(cell_of.tolist()) & set(range(grid.cells)):
            own[cell] = math.fsum(levels[cell_of == cell, 1])
    return cells


def test_real_columns_have_in_each_cell_what_the_levels_sum_to() -> None:
    folder = real_data("datasets", "v1", "binance", "incremental_book_L2", "2024", "07", "23")
    file = read_l2(folder / "NEXOUSDT.csv.gz")
    first_us = int(file.local_us[0])
    width_us = 60_000_000
    end_us = first_us + 12 * width_us
    rows = before(file, end_us)
    grid = PriceGrid.around(float(np.median(rows.price)), group=0.004, cells=60, tick=0.001)
    columns = {
        measure: Heatmap(grid, None, start_us=first_us, width_us=width_us, measure=measure)
        .feed(rows, end_us)
        .sizes
        for measure in CellMeasure
    }
    plain = DictBook()
    for number, last in enumerate(columns[CellMeasure.LAST]):
        start_us = first_us + number * width_us
        plain.apply(listed_rows(before(after(rows, start_us), start_us + width_us)))
        expected = [float(size) for size in plain_sizes(plain, grid)]
        np.testing.assert_allclose(last.ravel(), expected, rtol=1e-15)
    assert (columns[CellMeasure.GREATEST] >= columns[CellMeasure.LAST]).all()
    mean, greatest = columns[CellMeasure.TIME_WEIGHTED], columns[CellMeasure.GREATEST]
    assert (mean <= greatest * (1 + 1e-12)).all()
    assert (mean > 0).sum() > 100


@pytest.mark.parametrize(
    ("tick", "low"), [(0.1, -50.0), (0.1, 60_000.0), (0.05, 0.0), (0.01, 1e7), (1e-08, 0.0), (10.0, -5e3),
                      (2.5, 1e4), (0.3, -30.0), (0.125, 3.0), (1e-12, 0.0)],
)  # fmt: skip
def test_every_tick_lies_in_its_own_cell_and_its_neighbours_beside_it(tick: float, low: float) -> None:
    cells = 2_000
    grid = PriceGrid(low, tick, cells, tick)
    prices = [float(exact(low) + number * exact(tick)) for number in range(cells)]
    assert grid.borders[:-1].tolist() == prices
    amounts = 1.0 + np.arange(cells)

    def sizes(levels: list[float]) -> NDArray[np.float64]:
        book = make_book([], [*zip(levels, amounts.tolist(), strict=True)])
        # Ticks, and then cells of some hundred thousand of them, so that all levels lie between two.
        found = [
            Heatmap(each, book, start_us=2**60, width_us=1).feed(l2_rows([]), 2**60 + 1).sizes[0, 1]
            for each in (grid, PriceGrid(low, tick, cells, float(exact(tick) / 1_000)))
        ]
        np.testing.assert_array_equal(*found)
        first: NDArray[np.float64] = found[0]
        return first

    np.testing.assert_array_equal(sizes(prices), amounts)
    np.testing.assert_array_equal(sizes([math.nextafter(price, math.inf) for price in prices]), amounts)
    below = sizes([math.nextafter(price, -math.inf) for price in prices])
    np.testing.assert_array_equal(below, [*amounts[1:], 0])


@pytest.mark.parametrize("cell_ticks", [3, 10, 17, 49, 98, 103, 1_000])
def test_a_cell_has_all_of_its_ticks_however_many_they_are(cell_ticks: int) -> None:
    # 49 * (1 / 49) is below 1: a border must not be looked for by a product alone.
    group = float(cell_ticks * exact(0.1))
    grid = PriceGrid(-2 * group, group, 120, 0.1)
    levels = [(float(exact(grid.low) + tick * exact(0.1)), 1.0) for tick in range(120 * cell_ticks)]
    made = Heatmap(grid, make_book([], levels, 0), start_us=1, width_us=1)
    assert made.feed(l2_rows([]), 2).sizes[0, 1].tolist() == [cell_ticks] * 120
    # One tick of each cell in turn: what is summed anew is what was touched.
    for number in range(cell_ticks):
        rows = [Row(2 + number, False, "ask", *levels[cell * cell_ticks + number]) for cell in range(120)]
        doubled = l2_rows([row._replace(amount=2.0) for row in rows])
        assert made.feed(doubled, 3 + number).sizes[0, 1].tolist() == [cell_ticks + number + 1] * 120


def test_levels_between_ticks_may_come_and_go_by_the_thousand() -> None:
    random = np.random.default_rng(8)
    # A tick of 1 for a market of hundredths: all prices but a few lie between.
    grid = PriceGrid(-10.0, 5.0, 4, 1.0)
    made = Heatmap(grid, None, start_us=0, width_us=1_000, measure=CellMeasure.LAST)
    plain = DictBook()
    for call in range(1, 6):
        rows = [
            Row(1_000 * call - 500 + number // 3, call == 3, side, tick / 100, amount)
            for number, (side, tick, amount) in enumerate(
                (
                    ("bid", "ask")[int(random.integers(2))],
                    int(random.integers(-1_100, 1_100)),
                    float(random.choice(AMOUNTS)),
                )
                for _ in range(1_400)
            )
        ]
        if call == 1:
            rows = [row._replace(is_snapshot=True, local_us=1) for row in rows]
        for row in rows:
            plain.has_snapshot = True
            if row.is_snapshot and row.local_us != (plain.previous and plain.previous.local_us):
                plain.sides = {"bid": {}, "ask": {}}
            plain.previous = row
            if row.amount:
                plain.sides[row.side][row.price] = row.amount
            else:
                plain.sides[row.side].pop(row.price, None)
        made.feed(l2_rows(rows), 1_000 * call)
        expected = [float(size) for size in plain_sizes(plain, grid)]
        made_now = made.feed(l2_rows([]), 1_000 * call + 1)
        assert len(made_now.sizes) == 0
        assert made.open_column().ravel().tolist() == expected


def test_room_for_levels_between_ticks_grows_while_some_of_it_is_free() -> None:
    random = np.random.default_rng(4)
    made = Heatmap(PriceGrid(0.0, 10.0, 1, 10.0), make_book([], [], 0), start_us=1, width_us=1)
    prices = 0.001 + random.permutation(9_000) / 1_000
    levels = 0
    for us in range(1, 60):
        added = int(random.integers(1, 120))
        rows = [Row(us, False, "bid", price, 1.0) for price in prices[levels : levels + added].tolist()]
        levels += added
        assert made.feed(l2_rows(rows), us + 1).sizes[0, 0].tolist() == [levels]


def test_the_room_of_removed_levels_between_ticks_is_taken_again() -> None:
    made = Heatmap(PriceGrid(0.0, 10.0, 1, 10.0), make_book([], [], 0), start_us=1, width_us=100)
    pairs = 2_000
    price = np.repeat(0.001 + np.arange(pairs) / 1_000, 2)
    is_snapshot, side = np.zeros(2 * pairs, np.bool_), np.zeros(2 * pairs, np.int8)
    amount = np.tile([1.0, 0.0], pairs)
    tracemalloc.start()
    try:
        for us in range(1, 61):
            made.feed(L2Rows(np.full(2 * pairs, us), is_snapshot, side, price, amount), us + 1)
        held_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert made.open_column().tolist() == [[0.0], [0.0]]
    assert held_bytes < 1_000_000


def test_bids_and_asks_of_one_cell_are_kept_apart_also_when_crossed() -> None:
    book = make_book([(10.2, 3.0), (9.9, 1.0)], [(10.1, 5.0)])
    start_us = 2**60
    made = Heatmap(PriceGrid(9.0, 1.0, 2, 0.1), book, start_us=start_us, width_us=10)
    assert made.feed(l2_rows([]), start_us + 10).sizes.tolist() == [[[1.0, 3.0], [0.0, 5.0]]]


KNOWN = {
    # Columns of 10: a snapshot of 4 at 12, 6 from 16 on, a break at 25, a snapshot of 2 at 38.
    CellMeasure.LAST: [None, 6.0, None, 2.0, 2.0],
    CellMeasure.GREATEST: [None, 6.0, 6.0, 2.0, 2.0],
    CellMeasure.TIME_WEIGHTED: [None, (4 * 4 + 4 * 6) / 8, 6.0, 2.0, 2.0],
}


@pytest.mark.parametrize("measure", CellMeasure)
def test_only_instants_at_which_the_book_is_known_count(measure: CellMeasure) -> None:
    made = Heatmap(PriceGrid(10.0, 1.0, 1, 1.0), None, start_us=0, width_us=10, measure=measure)
    rows = [
        Row(3, False, "bid", 10.0, 9.0),
        Row(12, True, "bid", 10.0, 4.0),
        Row(16, False, "bid", 10.0, 6.0),
    ]
    found = [*made.feed(l2_rows(rows), 25).sizes, *made.forget(25).sizes]
    assert np.isnan(made.open_column()).all() == (measure is CellMeasure.LAST)
    found += [*made.feed(l2_rows([Row(38, True, "bid", 10.0, 2.0)]), 50).sizes]
    assert [None if math.isnan(column[0, 0]) else column[0, 0] for column in found] == KNOWN[measure]


def test_a_break_where_a_column_begins_leaves_nothing_of_the_time_before() -> None:
    for measure in CellMeasure:
        book = make_book([(10.0, 5.0)], [], 0)
        made = Heatmap(PriceGrid(10.0, 1.0, 1, 1.0), book, start_us=1, width_us=9, measure=measure)
        assert made.forget(10).sizes[:, 0].tolist() == [[5.0]]
        found = made.feed(l2_rows([Row(15, True, "bid", 10.0, 1.0)]), 19)
        assert found.sizes[:, 0].tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("measure", "size"),
    [(CellMeasure.LAST, 1.0), (CellMeasure.GREATEST, 8.0), (CellMeasure.TIME_WEIGHTED, 2.5)],
)
def test_what_comes_and_goes_within_a_message_was_never_there(measure: CellMeasure, size: float) -> None:
    made = Heatmap(
        PriceGrid(10.0, 5.0, 1, 1.0), make_book([], [(11, 1)], 0), start_us=10, width_us=4, measure=measure
    )
    rows = [
        # At the first instant of the column: the book before it is not in it, nor is a part of a message.
        Row(10, False, "ask", 12.0, 99.0),
        Row(10, False, "ask", 12.0, 0.0),
        Row(11, True, "ask", 13.0, 50.0),
        Row(11, True, "ask", 13.0, 0.0),
        Row(12, False, "ask", 12.0, 7.0),
        Row(12, False, "ask", 11.0, 1.0),
        Row(13, False, "ask", 12.0, 0.0),
    ]
    expected = (1 + 0 + 8 + 1) / 4 if measure is CellMeasure.TIME_WEIGHTED else size
    assert made.feed(l2_rows(rows), 14).sizes[0, 1].tolist() == [expected]


def test_a_column_that_has_no_instant_yet_tells_nothing() -> None:
    for measure in CellMeasure:
        made = Heatmap(
            PriceGrid(0.0, 1.0, 1, 1.0), make_book([], [], 0), start_us=5, width_us=5, measure=measure
        )
        assert np.isnan(made.open_column()).all()
        made.feed(l2_rows([]), 6)
        assert made.open_column().tolist() == [[0.0], [0.0]]


def test_grids_around_any_price_share_their_borders() -> None:
    grid = PriceGrid.around(62_037.3, group=2.5, cells=601, tick=0.1)
    assert (grid.low, grid.cell_ticks, grid.low_tick) == (62_035.0 - 300 * 2.5, 25, 612_850)
    assert grid.borders[300] <= 62_037.3 < grid.borders[301]
    assert PriceGrid.around(-0.05, group=0.1, cells=3, tick=0.1).borders.tolist() == [-0.2, -0.1, 0.0, 0.1]


@pytest.mark.parametrize(
    ("grid", "why"),
    [
        ((0.0, 0.1, 0, 0.1), "0 cells"),
        ((0.0, 0.25, 5, 0.1), "group of a heatmap, 0.25, is not a whole number of ticks of 0.1"),
        ((0.05, 0.1, 5, 0.1), "low of a heatmap, 0.05"),
        ((0.0, 0.0, 5, 0.1), "above 0"),
        ((0.0, 0.1, 5, -0.1), "above 0"),
        ((math.nan, 0.1, 5, 0.1), "finite"),
        ((0.0, math.inf, 5, 0.1), "above 0"),
        ((0.0, 1e6, 600, 0.1), "600 cells of 10000000 ticks are too many"),
        ((1e15, 0.1, 5, 0.1), "too many digits"),
        ((0.0, 1e-30, 5, 1e-30), "too many digits"),
    ],
)
def test_a_grid_that_cannot_be_exact_is_refused(grid: tuple[float, float, int, float], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        PriceGrid(*grid)


def test_time_never_goes_back_and_no_row_is_taken_twice_or_early() -> None:
    grid = PriceGrid(0.0, 1.0, 1, 1.0)
    with pytest.raises(UsageError, match="0 us wide"):
        Heatmap(grid, None, start_us=0, width_us=0)
    with pytest.raises(UsageError, match="the book at 5"):
        Heatmap(grid, make_book([], [], 5), start_us=5, width_us=1)
    made = Heatmap(grid, make_book([], [], 4), start_us=5, width_us=10)
    with pytest.raises(UsageError, match="back to 4"):
        made.feed(l2_rows([]), 4)
    message = l2_rows([Row(7, False, "bid", 0.0, 1.0)])
    with pytest.raises(UsageError, match="rows from 7 to 7"):
        made.feed(message, 7)
    made.feed(message, 8)
    with pytest.raises(UsageError, match="rows from 7 to 7"):
        made.feed(message, 9)
    with pytest.raises(UsageError, match="back to 7"):
        made.forget(7)
    assert made.feed(l2_rows([]), 15).sizes.tolist() == [[[1.0], [0.0]]]
