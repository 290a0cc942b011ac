"""The levels of a book listed, counted and compared by kernels of a file of their own."""

from __future__ import annotations

import numpy as np
from support.dictbook import Row
from support.l2csv import l2_rows

from tickreel.book import BookBuilder, kernels, levelkernels


def test_both_files_of_kernels_mean_the_same_places() -> None:
    for name in ("LOW", "HIGH", "BEST", "FLOOR", "SCALE", "BASE"):
        assert getattr(levelkernels, name) == getattr(kernels, name)


def test_levels_of_the_window_and_of_the_block_are_listed_as_one() -> None:
    random = np.random.default_rng(3)
    rows = [Row(0, True, "bid", 100.0, 1.0), Row(0, True, "ask", 100.5, 1.0)]
    expected: dict[str, dict[float, float]] = {"bid": {100.0: 1.0}, "ask": {100.5: 1.0}}
    for now_us in range(1, 9_000):
        side, sign = (("bid", -1), ("ask", 1))[int(random.integers(2))]
        # On the grid, off it, and a world away.
        step = (0.5, 0.37, 977.0)[int(random.integers(20) // 9)]
        price = 2_000_000.0 + sign * step * int(random.integers(1, 900))
        amount = float(random.integers(4))
        rows.append(Row(now_us, False, side, price, amount))
        expected[side].pop(price, None)
        if amount:
            expected[side][price] = amount
    builder = BookBuilder()
    builder.apply(l2_rows(rows))
    assert builder.window_ticks
    book = builder.view()
    assert builder.levels == book.levels == (len(expected["bid"]), len(expected["ask"]))
    assert book.bids.tolist() == [[*level] for level in sorted(expected["bid"].items(), reverse=True)]
    assert book.asks.tolist() == [[*level] for level in sorted(expected["ask"].items())]
    for number, side in enumerate(("bid", "ask")):
        for price in [*expected["bid"], *expected["ask"], 1.0, 2_000_000.25, 3e9, -0.0]:
            assert builder.amount_at(number, price) == expected[side].get(price, 0.0)


def test_the_levels_of_an_empty_book_are_none() -> None:
    assert BookBuilder().levels == (0, 0)


def test_a_first_level_below_the_floor_of_the_window_is_listed_above_those_of_the_block() -> None:
    bids = np.array([[10_000.0 - n, 1.0] for n in range(100)] + [[100.5 - n, 2.0] for n in range(5)])
    asks = np.array([[10_001.0 + n, 1.0] for n in range(100)])
    builder = BookBuilder.from_levels(bids, asks, 0)
    # As many messages as the kernel takes at a time, so that the new level begins another piece.
    rows = [Row(n + 1, False, "bid", 10_000, 2 + n % 3) for n in range(1_024)]
    _, tops = builder.apply_with_tops(l2_rows([*rows, Row(2_000, False, "bid", 9_800, 7)]), 102)
    assert tops.time_us[-1] == 2_000
    assert tops.price[-1, 0, 99:].tolist() == [9_901.0, 9_800.0, 100.5]
