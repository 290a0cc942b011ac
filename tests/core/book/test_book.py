from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.books import Level, make_book

from tickreel.book import Book
from tickreel.errors import UsageError
from tickreel.market.numbers import positional

if TYPE_CHECKING:
    from numpy.typing import NDArray

EMPTY = np.empty((0, 2))
BOOK = Book(
    bids=np.array([[10.0, 1.0], [9.5, 3.0], [9.0, 5.0]]),
    asks=np.array([[10.5, 2.0], [11.0, 1.0]]),
    message_us=5,
)
ASKS_ONLY = Book(bids=EMPTY, asks=BOOK.asks, message_us=5)


def test_the_best_levels_are_the_first_of_each_side() -> None:
    assert BOOK.best_bid == (10.0, 1.0)
    assert BOOK.best_ask == (10.5, 2.0)
    assert BOOK.levels == (3, 2)
    assert (BOOK.spread, BOOK.mid) == (0.5, 10.25)


def test_a_book_with_an_empty_side_has_neither_spread_nor_mid() -> None:
    assert (ASKS_ONLY.best_bid, ASKS_ONLY.spread, ASKS_ONLY.mid) == (None, None, None)
    assert ASKS_ONLY.best_ask == (10.5, 2.0)


def test_a_depth_holds_as_many_levels_as_there_are_up_to_the_number_asked_for() -> None:
    top = BOOK.depth(2)
    assert (top.bids.tolist(), top.asks.tolist()) == ([[10, 1], [9.5, 3]], [[10.5, 2], [11, 1]])
    assert [len(side) for side in BOOK.depth(100)] == [3, 2]
    assert [side.shape for side in BOOK.depth(0)] == [(0, 2), (0, 2)]


def test_a_negative_depth_is_refused() -> None:
    with pytest.raises(UsageError, match="-1 levels"):
        BOOK.depth(-1)


def test_imbalance_weighs_the_amounts_of_the_best_levels() -> None:
    assert BOOK.imbalance(1) == pytest.approx(-1 / 3)
    assert BOOK.imbalance(2) == pytest.approx(1 / 7)
    assert ASKS_ONLY.imbalance(5) == -1
    assert Book(bids=EMPTY, asks=EMPTY, message_us=None).imbalance(5) is None


def test_the_arrays_of_a_book_cannot_be_written_and_the_callers_own_still_can() -> None:
    own = np.array([[10.0, 1.0]])
    book = Book(bids=own, asks=EMPTY, message_us=None)
    own[0, 1] = 2
    for levels in (book.bids, book.depth(1).bids):
        with pytest.raises(ValueError, match="read-only"):
            levels[0, 0] = 1


numbers = st.floats(allow_nan=False, allow_infinity=False)
levels = st.lists(st.tuples(numbers, numbers), max_size=6).map(lambda rows: np.array(rows).reshape(-1, 2))


@settings(deadline=None)
@given(levels, levels)
@example(np.array([[-0.0, 1e22], [-3e-7, 2.0]]), np.array([[0.0, -0.0]]))
def test_the_state_hash_prints_any_number_positionally(
    bids: NDArray[np.float64],
    asks: NDArray[np.float64],
) -> None:
    lines = [
        f"{letter},{positional(price)},{positional(amount)}\n"
        for letter, side in (("b", bids), ("a", asks))
        for price, amount in side.tolist()
    ]
    expected = sha256("".join(lines).encode()).hexdigest()
    assert Book(bids=bids, asks=asks, message_us=None).state_hash() == expected


def test_the_state_hash_of_nothing_is_that_of_no_lines() -> None:
    assert Book(bids=EMPTY, asks=EMPTY, message_us=None).state_hash() == sha256().hexdigest()


@pytest.mark.parametrize(
    ("bids", "asks", "left"),
    [
        ([(10, 1)], [(11, 1)], ([(10, 1)], [(11, 1)])),
        ([(10, 1)], [(10, 2)], ([], [(10, 2)])),
        ([(10, 2), (9, 1)], [(10, 2), (11, 5)], ([(9, 1)], [(11, 5)])),
        ([(12, 5), (9, 1)], [(10, 2), (11, 4), (12, 6), (13, 1)], ([(9, 1)], [(12, 6), (13, 1)])),
        ([(12, 9)], [(10, 2)], ([(12, 9)], [])),
        ([], [(1, 1)], ([], [(1, 1)])),
    ],
)
def test_of_crossing_levels_the_smaller_is_left_out(
    bids: list[Level], asks: list[Level], left: tuple[list[Level], list[Level]]
) -> None:
    book = make_book(bids, asks)
    hashed = book.state_hash()
    view = book.uncrossed()
    assert tuple([tuple(level) for level in side.tolist()] for side in (view.bids, view.asks)) == left
    assert (view.message_us, book.state_hash()) == (book.message_us, hashed)
