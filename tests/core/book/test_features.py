from __future__ import annotations

import random
import subprocess
import sys
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.books import deep_book, make_book
from support.dictbook import DictBook, Row
from support.l2csv import l2_rows

from tickreel.book import BookBuilder, features
from tickreel.book.series import NO_TOPS, Tops, Touch
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

NAN = float("nan")
Side = list[tuple[float, float]]
SIDES = st.lists(
    st.tuples(st.integers(-3, 40), st.integers(1, 9)), max_size=4, unique_by=lambda level: level[0]
)


PRICES = st.none() | st.integers(-2, 6).map(float)
AMOUNTS = st.integers(1, 9).map(float)


class Entry(NamedTuple):
    """The touch after a message; None for an empty side, whose amount is not looked at."""

    bid: float | None
    ask: float | None
    bid_amount: float
    ask_amount: float


ENTRIES = st.lists(st.builds(Entry, PRICES, PRICES, AMOUNTS, AMOUNTS), max_size=12)


def touch_of(entries: list[Entry]) -> Touch:
    """Lay out entries as columns, an empty side as NaN."""
    bid = [NAN if entry.bid is None else entry.bid for entry in entries]
    ask = [NAN if entry.ask is None else entry.ask for entry in entries]
    bid_amount = [NAN if entry.bid is None else entry.bid_amount for entry in entries]
    ask_amount = [NAN if entry.ask is None else entry.ask_amount for entry in entries]
    return Touch(
        np.arange(len(entries)),
        *(np.array(column, np.float64) for column in (bid, ask, bid_amount, ask_amount)),
    )


def walk(messages: int) -> list[Entry]:
    """Walk about 60,000 in steps of 0.1, at times crossed, with a side or both empty."""
    chance = random.Random(11)
    tick = 600_000
    entries = []
    for _ in range(messages):
        tick += chance.choice((-1, 0, 0, 0, 1))
        bid = None if chance.random() < 0.01 else tick / 10
        ask = None if chance.random() < 0.01 else (tick + chance.choice((-1, 1, 1, 1, 2))) / 10
        if chance.random() < 0.005:
            bid = ask = None
        entries.append(Entry(bid, ask, chance.randint(1, 9) / 8, chance.randint(1, 9) / 8))
    return entries


def tops_of(entries: list[tuple[Side, Side]], k: int) -> Tops:
    """Lay out sides of (price, amount), best first, as the best *k* levels of each."""
    price = np.full((len(entries), 2, k), NAN)
    amount = np.zeros((len(entries), 2, k))
    for number, sides in enumerate(entries):
        for side, levels in enumerate(sides):
            for level, (level_price, level_amount) in enumerate(levels[:k]):
                price[number, side, level] = level_price
                amount[number, side, level] = level_amount
    return Tops(np.arange(len(entries)), price, amount)


def plain_spread(entry: Entry) -> float:
    return NAN if entry.bid is None or entry.ask is None else entry.ask - entry.bid


def plain_mid(entry: Entry) -> float:
    return NAN if entry.bid is None or entry.ask is None else (entry.ask + entry.bid) / 2


def plain_spread_bps(entry: Entry) -> float:
    middle = plain_mid(entry)
    return plain_spread(entry) / middle * 1e4 if middle > 0 else NAN


def plain_microprice(entry: Entry) -> float:
    if entry.bid is None or entry.ask is None:
        return NAN
    both = entry.bid_amount + entry.ask_amount
    return (entry.bid * entry.ask_amount + entry.ask * entry.bid_amount) / both


def plain_order_flow_imbalance(entries: list[Entry]) -> list[float]:
    found = [NAN] * min(1, len(entries))
    for before, after in pairwise(entries):
        if (before.bid is None and before.ask is None) or (after.bid is None and after.ask is None):
            found.append(NAN)
            continue
        flow = 0.0
        if before.bid is None or (after.bid is not None and after.bid >= before.bid):
            flow += after.bid_amount if after.bid is not None else 0
        if after.bid is None or (before.bid is not None and after.bid <= before.bid):
            flow -= before.bid_amount if before.bid is not None else 0
        if before.ask is None or (after.ask is not None and after.ask <= before.ask):
            flow -= after.ask_amount if after.ask is not None else 0
        if after.ask is None or (before.ask is not None and after.ask >= before.ask):
            flow += before.ask_amount if before.ask is not None else 0
        found.append(flow)
    return found


def plain_imbalance(bids: Side, asks: Side, levels: int) -> float:
    bid = sum(amount for _, amount in bids[:levels])
    ask = sum(amount for _, amount in asks[:levels])
    return (bid - ask) / (bid + ask) if bid + ask else NAN


def plain_slopes(bids: Side, asks: Side, levels: int) -> tuple[float, float]:
    if not bids or not asks or bids[0][0] > asks[0][0] or bids[0][0] + asks[0][0] <= 0:
        return NAN, NAN
    middle = (bids[0][0] + asks[0][0]) / 2
    slopes = []
    for side in (bids, asks):
        away = np.array([[1e4 * abs(price - middle) / middle] for price, _ in side[:levels]])
        running = np.cumsum([amount for _, amount in side[:levels]])
        slopes.append(float(np.linalg.lstsq(away, running, rcond=None)[0][0]) if away.any() else NAN)
    return slopes[0], slopes[1]


OF_EACH: list[tuple[Callable[[Touch], NDArray[np.float64]], Callable[[Entry], float]]] = [
    (features.spread, plain_spread),
    (features.mid, plain_mid),
    (features.spread_bps, plain_spread_bps),
    (features.microprice, plain_microprice),
]


@pytest.mark.parametrize(("feature", "plain"), OF_EACH)
@settings(deadline=None, max_examples=60)
@given(entries=ENTRIES)
def test_a_figure_of_the_touch_is_that_of_a_plain_loop(
    feature: Callable[[Touch], NDArray[np.float64]], plain: Callable[[Entry], float], entries: list[Entry]
) -> None:
    expected = np.array([plain(entry) for entry in entries])
    np.testing.assert_allclose(feature(touch_of(entries)), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("feature", "plain"), OF_EACH)
def test_a_figure_of_the_touch_is_that_of_a_plain_loop_over_a_long_walk(
    feature: Callable[[Touch], NDArray[np.float64]], plain: Callable[[Entry], float]
) -> None:
    entries = walk(5_000)
    expected = np.array([plain(entry) for entry in entries])
    np.testing.assert_allclose(feature(touch_of(entries)), expected, rtol=1e-12)


def test_figures_of_a_touch_by_hand() -> None:
    touch = touch_of([Entry(99.0, 101.0, 3.0, 1.0)])
    assert features.spread(touch).tolist() == [2]
    assert features.mid(touch).tolist() == [100]
    assert features.spread_bps(touch).tolist() == [200]
    # Three quarters of what rests is bid: the price leans on the ask.
    assert features.microprice(touch).tolist() == [100.5]


def test_a_crossed_touch_has_a_negative_spread() -> None:
    touch = touch_of([Entry(101.0, 99.0, 1.0, 1.0)])
    assert features.spread(touch).tolist() == [-2]
    assert features.spread_bps(touch).tolist() == [-200]
    assert features.microprice(touch).tolist() == [100]


def test_a_mid_at_or_below_zero_has_no_basis_points() -> None:
    touch = touch_of([Entry(-1.0, 1.0, 1.0, 1.0), Entry(-5.0, -4.0, 1.0, 1.0)])
    assert np.isnan(features.spread_bps(touch)).all()
    assert features.mid(touch).tolist() == [0, -4.5]


@settings(deadline=None)
@given(entries=ENTRIES)
def test_order_flow_imbalance_is_that_of_a_plain_loop(entries: list[Entry]) -> None:
    found = features.order_flow_imbalance(touch_of(entries))
    np.testing.assert_array_equal(found, np.array(plain_order_flow_imbalance(entries)))


def test_order_flow_imbalance_is_that_of_a_plain_loop_over_a_long_walk() -> None:
    entries = walk(20_000)
    found = features.order_flow_imbalance(touch_of(entries))
    np.testing.assert_array_equal(found, np.array(plain_order_flow_imbalance(entries)))
    assert np.count_nonzero(np.isnan(found)) > 1
    assert np.count_nonzero(found > 0) > 1_000


@pytest.mark.parametrize(
    ("before", "after", "flow"),
    [
        ((10, 11, 4, 6), (10, 11, 7, 6), 3),  # more at the bid
        ((10, 11, 4, 6), (10, 11, 4, 1), 5),  # less at the ask
        ((10, 12, 4, 6), (11, 12, 2, 6), 2),  # a better bid counts whole
        ((10, 12, 4, 6), (9, 12, 8, 6), -4),  # a bid that is gone counts whole
        ((10, 12, 4, 6), (10, 11, 4, 5), -5),  # a better ask
        ((10, 12, 4, 6), (10, 13, 4, 9), 6),  # an ask that is gone
        ((10, 12, 4, 6), (11, 13, 1, 1), 7),  # both at once
        ((None, 12, 0, 6), (10, 12, 4, 6), 4),  # a first bid
        ((10, 12, 4, 6), (None, 12, 0, 6), -4),  # the last bid is gone
        ((10, None, 4, 0), (10, 12, 4, 6), -6),  # a first ask
        ((10, 12, 4, 6), (10, None, 4, 0), 6),  # the last ask is gone
        ((None, 12, 0, 6), (None, 12, 0, 9), -3),  # no bid, before or after
        ((None, 12, 0, 6), (10, None, 4, 0), 10),  # the other side
        ((None, None, 0, 0), (10, 12, 4, 6), NAN),  # the book was not known before
        ((10, 12, 4, 6), (None, None, 0, 0), NAN),  # nor is it after
    ],
)
def test_order_flow_imbalance_by_hand(
    before: tuple[float | None, float | None, float, float],
    after: tuple[float | None, float | None, float, float],
    flow: float,
) -> None:
    found = features.order_flow_imbalance(touch_of([Entry(*before), Entry(*after)]))
    np.testing.assert_array_equal(found, [NAN, flow])


@settings(deadline=None, max_examples=60)
@given(
    entries=st.lists(st.tuples(SIDES, SIDES), max_size=8),
    levels=st.integers(1, 3),
)
def test_imbalance_and_slope_are_those_of_plain_programs(
    entries: list[tuple[Side, Side]], levels: int
) -> None:
    entries = [(sorted(bids, reverse=True), sorted(asks)) for bids, asks in entries]
    tops = tops_of(entries, 3)
    expected = np.array([plain_imbalance(bids, asks, levels) for bids, asks in entries])
    np.testing.assert_allclose(features.imbalance(tops, levels), expected, rtol=1e-13)
    slopes = np.array([plain_slopes(bids, asks, levels) for bids, asks in entries]).reshape(-1, 2)
    np.testing.assert_allclose(features.depth_slope(tops, levels), slopes, rtol=1e-9)


def test_imbalance_agrees_with_that_of_a_book() -> None:
    book = make_book([(10, 1), (9, 2), (8, 4)], [(11, 3), (12, 5)])
    tops = tops_of([(book.bids.tolist(), book.asks.tolist())], 3)
    for levels in (1, 2, 3):
        assert features.imbalance(tops, levels).tolist() == [book.imbalance(levels)]


def test_imbalance_is_one_sided_with_an_empty_side_and_undefined_without_levels() -> None:
    tops = tops_of([([(10, 2)], []), ([], [(11, 3)]), ([], [])], 2)
    np.testing.assert_array_equal(features.imbalance(tops, 2), [1, -1, NAN])


def test_a_depth_that_grows_by_a_constant_amount_per_basis_point_has_that_slope() -> None:
    # The mid is 100: each 0.01 is a basis point. Bids bring 5 for each, asks 2.
    bids = [(99.99, 5.0), (99.98, 5.0), (99.96, 10.0)]
    asks = [(100.01, 2.0), (100.02, 2.0), (100.04, 4.0)]
    tops = tops_of([(bids, asks)], 3)
    for levels in (1, 2, 3):
        np.testing.assert_allclose(features.depth_slope(tops, levels), [[5, 2]], rtol=1e-9)


def test_a_slope_takes_tops_that_are_not_contiguous_or_are_read_only() -> None:
    tops = tops_of([([(99, 1), (98, 2)], [(101, 3), (103, 4)])] * 6, 2)
    price = tops.price[::2]
    tops.amount.flags.writeable = False
    found = features.depth_slope(Tops(tops.time_us[::2], price, tops.amount[::2]), 2)
    np.testing.assert_array_equal(found, features.depth_slope(tops, 2)[::2])


def test_a_slope_needs_both_sides_a_book_that_is_not_crossed_and_a_mid_above_zero() -> None:
    tops = tops_of(
        [
            ([(10, 1)], []),
            ([(10, 1), (9, 1)], [(9, 1), (12, 1)]),  # crossed
            ([(-3, 1)], [(1, 1)]),
            ([(10, 1)], [(10, 1)]),  # nothing lies away from the mid
            ([(10, 1), (9, 1)], [(10, 1), (11, 1)]),  # locked, with levels behind
        ],
        2,
    )
    slopes = features.depth_slope(tops, 2)
    assert np.isnan(slopes[:4]).all()
    np.testing.assert_allclose(slopes[4], [2 / 1_000, 2 / 1_000])


@pytest.mark.parametrize("feature", [features.imbalance, features.depth_slope])
@pytest.mark.parametrize(
    ("levels", "message"), [(-1, "ask for 1 or more"), (0, "ask for 1 or more"), (4, "where 3 are held")]
)
def test_levels_that_are_not_held_are_refused(
    feature: Callable[[Tops, int], NDArray[np.float64]], levels: int, message: str
) -> None:
    with pytest.raises(UsageError, match=f"{levels} levels a side cannot be weighed.*{message}"):
        feature(tops_of([([], [])], 3), levels)


def test_tops_without_entries_give_no_figures_whatever_they_hold() -> None:
    for tops in (NO_TOPS, tops_of([], 3)):
        assert features.imbalance(tops, 5).shape == (0,)
        assert features.depth_slope(tops, 5).shape == (0, 2)


def test_cumulative_depth_runs_from_the_best_level_outward() -> None:
    book = make_book([(10, 1), (9, 2), (7, 4)], [(11, 0.5)])
    depth = features.cumulative_depth(book)
    assert depth.bids.tolist() == [[10, 1], [9, 3], [7, 7]]
    assert depth.asks.tolist() == [[11, 0.5]]
    assert features.cumulative_depth(book.depth(2)).bids.tolist() == [[10, 1], [9, 3]]
    assert not depth.bids.flags.writeable
    assert book.bids[1, 1] == 2


def test_cumulative_depth_of_a_deep_book_is_that_of_a_plain_loop() -> None:
    book = deep_book(60_000.0, 500)
    depth = features.cumulative_depth(book)
    for side, found in zip((book.bids, book.asks), depth, strict=True):
        running = 0.0
        for level, (price, amount) in enumerate(side.tolist()):
            running += amount
            assert found[level].tolist() == [price, running]


def test_cumulative_depth_of_an_entry_leaves_missing_levels_out() -> None:
    tops = tops_of([([], []), ([(10, 1), (9, 2)], [(11, 4), (12, 1), (13, 1)])], 3)
    depth = features.cumulative_depth_at(tops, 1)
    assert depth.bids.tolist() == [[10, 1], [9, 3]]
    assert depth.asks.tolist() == [[11, 4], [12, 5], [13, 6]]
    assert [len(side) for side in features.cumulative_depth_at(tops, 0)] == [0, 0]
    assert not depth.asks.flags.writeable


def plain_walk(messages: int) -> Iterator[list[Row]]:
    """Give messages of a book near 100 whose levels come and go until sides are empty or crossed."""
    chance = random.Random(3)
    middle = 1_000
    for now_us in range(1, messages + 1):
        middle += chance.choice((-1, 0, 0, 1))
        is_snapshot = now_us == 1 or chance.random() < 0.01
        yield [
            Row(
                now_us,
                is_snapshot,
                "ask" if is_ask else "bid",
                (middle + (1 if is_ask else -1) * chance.randint(0, 12)) / 10,
                chance.choice((0, 0, 0, 1, 2.5, 7)),
            )
            for is_ask in (chance.random() < 0.5 for _ in range(chance.randint(1, 6)))
        ]


def test_figures_of_a_book_that_is_built_are_those_of_a_plain_book_after_each_message() -> None:
    feed = list(plain_walk(3_000))
    touch, tops = BookBuilder().apply_with_tops(l2_rows(row for message in feed for row in message), 4)

    plain = DictBook()
    entries: list[Entry] = []
    sides: dict[int, tuple[Side, Side]] = {}
    for message in feed:
        plain.apply(message)
        bids = [(price, amount) for price, amount in plain.bids()]
        asks = [(price, amount) for price, amount in plain.asks()]
        bid, bid_amount = bids[0] if bids else (None, NAN)
        ask, ask_amount = asks[0] if asks else (None, NAN)
        entries.append(Entry(bid, ask, bid_amount, ask_amount))
        sides[message[0].local_us] = bids, asks

    for feature, of_entry in OF_EACH:
        expected = np.array([of_entry(entry) for entry in entries])
        np.testing.assert_allclose(feature(touch), expected, rtol=1e-12, atol=1e-12)
    expected = np.array(plain_order_flow_imbalance(entries))
    np.testing.assert_array_equal(features.order_flow_imbalance(touch), expected)
    assert np.isnan(features.mid(touch)).any()
    assert (features.spread(touch) < 0).any()

    at_entries = [sides[time_us] for time_us in tops.time_us.tolist()]
    expected = np.array([plain_imbalance(bids, asks, 3) for bids, asks in at_entries])
    np.testing.assert_allclose(features.imbalance(tops, 3), expected, rtol=1e-12)
    expected = np.array([plain_slopes(bids, asks, 4) for bids, asks in at_entries])
    np.testing.assert_allclose(features.depth_slope(tops, 4), expected, rtol=1e-9)
    for entry, of_side in enumerate(at_entries):
        for levels, found in zip(of_side, features.cumulative_depth_at(tops, entry), strict=True):
            running = accumulate(amount for _, amount in levels[:4])
            prices = [price for price, _ in levels[:4]]
            assert found.tolist() == [list(level) for level in zip(prices, running, strict=True)]


def test_features_are_imported_without_the_compiler() -> None:
    program = "import sys, tickreel.book.features, tickreel.book.flow; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
