"""The compiled book against the plain one, on feeds that no exchange would dare to send."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.dictbook import DictBook, Row
from support.l2csv import l2_rows

from tickreel.book import BookBuilder, Counts, L2Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

AWKWARD = [0.0, -0.0, -1.5, 1e-7, 5e-324, 0.1, 0.2, 0.1 + 0.2, 10.0, 10.5, math.nextafter(10.5, 11), 1e22]
prices = st.sampled_from(AWKWARD) | st.floats(allow_nan=False, allow_infinity=False)
amounts = st.sampled_from([0.0, 0.0, -0.0, 1.0, 0.1 + 0.2]) | st.floats(
    0, allow_nan=False, allow_infinity=False
)
sides = st.sampled_from(["bid", "ask"])
# Flags: a message is an update, a snapshot, or (rarely, but allowed) mixed.
flags = st.sampled_from([(False,), (False,), (False,), (True,), (True, False)])


@st.composite
def messages(draw: st.DrawFn) -> list[list[Row]]:
    feed = []
    now_us = 0
    for _ in range(draw(st.integers(1, 12))):
        now_us += draw(st.integers(1, 3))
        kinds = st.sampled_from(draw(flags))
        cells = draw(st.lists(st.tuples(kinds, sides, prices, amounts), min_size=1, max_size=8))
        feed.append([Row(now_us, *row) for row in cells])
    return feed


def assert_same(builder: BookBuilder, plain: DictBook) -> None:
    book = builder.view()
    assert book.bids.tolist() == plain.bids()
    assert book.asks.tolist() == plain.asks()
    assert book.state_hash() == plain.state_hash()
    assert builder.counts == Counts(plain.messages, plain.rows, plain.resets, plain.skipped_rows)
    assert builder.is_primed == plain.has_snapshot
    assert builder.message_us == book.message_us == (plain.previous and plain.previous.local_us)


def touched(builder: BookBuilder, rows: L2Rows) -> list[tuple[int, float | None, float | None]]:
    columns = [column.tolist() for column in builder.apply_with_touch(rows)[:3]]
    return [
        (time_us, None if math.isnan(bid) else bid, None if math.isnan(ask) else ask)
        for time_us, bid, ask in zip(*columns, strict=True)
    ]


@settings(deadline=None)
@given(messages(), st.data())
def test_any_feed_split_anywhere_gives_the_plain_book_after_each_message(
    feed: list[list[Row]], data: st.DataObject
) -> None:
    builder, plain = BookBuilder(), DictBook()
    while feed:
        taken = data.draw(st.integers(1, len(feed)), label="messages in the batch")
        batch, feed = [row for message in feed[:taken] for row in message], feed[taken:]
        expected = plain.apply(batch).touch[-taken:]
        match data.draw(st.sampled_from(["series", "silent", "copied", "break"]), label="how"):
            case "series":
                assert touched(builder, l2_rows(batch)) == expected
            case "silent":
                builder.apply(l2_rows(batch))
            case "copied":
                # A copy has no room to spare: every level it gains is a case of growth.
                builder = builder.copy()
                assert touched(builder, l2_rows(batch)) == expected
            case "break":
                builder.apply(l2_rows(batch))
                builder.forget()
                plain.forget()
        assert_same(builder, plain)


def random_feed(seed: int, messages: int, grid: int) -> list[Row]:
    """Walk a mid price over *grid* prices with levels set and removed around it, and a few snapshots."""
    random = np.random.default_rng(seed)
    middle = 0.0
    rows = []
    for now_us in range(1, messages + 1):
        middle += random.normal(0, grid / 50)
        is_snapshot = bool(random.random() < 0.005) or now_us == 1
        for _ in range(int(random.integers(1, 40 if is_snapshot else 6))):
            is_ask = bool(random.random() < 0.5)
            distance = abs(random.normal(0, grid / 4))
            price = round(middle + (distance if is_ask else -distance)) * 0.1
            amount = 0.0 if random.random() < 0.4 else float(random.integers(1, 9))
            rows.append(Row(now_us, is_snapshot, "ask" if is_ask else "bid", price, amount))
    return rows


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([3, 40, 2_000]))
def test_long_walks_over_narrow_and_wide_books_agree_at_every_message(seed: int, grid: int) -> None:
    rows = random_feed(seed, messages=1_500, grid=grid)
    plain = DictBook().apply(rows)
    builder = BookBuilder()
    assert touched(builder, l2_rows(rows)) == plain.touch
    assert_same(builder, plain)


def orders(levels: int) -> Iterator[tuple[str, NDArray[np.int64]]]:
    upward = np.arange(levels)
    yield "upward", upward
    yield "downward", upward[::-1]
    yield "at random", np.random.default_rng(5).permutation(levels)


LEVELS = 20_000
ORDERS = dict(orders(LEVELS))


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_twenty_thousand_levels_a_side_may_come_and_go_in_any_order(
    order: NDArray[np.int64],
) -> None:
    def rows_at(now_us: int, is_snapshot: bool, ticks: NDArray[np.int64], amount: float) -> list[Row]:
        return [
            Row(now_us, is_snapshot, side, sign * (1 + int(tick)) / 8, amount + int(tick))
            for side, sign in (("bid", -1), ("ask", 1))
            for tick in ticks
        ]

    removed = [row._replace(amount=0.0) for row in rows_at(2, False, order[::2], 0.0)]
    returned = rows_at(3, False, order[::-2], 7.0) + rows_at(3, False, order[::4], 9.0)
    builder, plain = BookBuilder(), DictBook()
    for batch in (rows_at(1, True, order, 1.0), removed, returned):
        builder.apply(l2_rows(batch))
        for row in batch:  # the plain book's touch is too slow for this many levels
            if row.amount:
                plain.sides[row.side][row.price] = row.amount
            else:
                del plain.sides[row.side][row.price]
        assert builder.view().bids.tolist() == plain.bids()
        assert builder.view().asks.tolist() == plain.asks()
    assert max(builder.view().levels) <= LEVELS


def test_a_feed_of_nothing_but_snapshots_resets_at_every_message() -> None:
    rows = [Row(now_us, True, side, price, 1.0) for now_us, side, price in _sides_of_messages(50)]
    builder = BookBuilder()
    builder.apply(l2_rows(rows))
    assert builder.counts.resets == 50
    assert_same(builder, DictBook().apply(rows))


def _sides_of_messages(messages: int) -> Iterator[tuple[int, str, float]]:
    for now_us in range(messages):
        for level in range(5):
            yield now_us, "bid", 100.0 - now_us - level
            yield now_us, "ask", 101.0 + now_us + level


def test_messages_are_what_rows_of_equal_local_time_make() -> None:
    rows = random_feed(seed=1, messages=200, grid=20)
    assert BookBuilder().apply_with_touch(l2_rows(rows)).time_us.tolist() == [
        now_us for now_us, _ in groupby(rows, key=lambda row: row.local_us)
    ]
