from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from support.dictbook import Row
from support.l2csv import l2_rows

from tickreel.book import BookBuilder, Counts

SNAPSHOT = l2_rows([Row(1, True, "bid", 10, 1), Row(1, True, "ask", 10.5, 2)])
UPDATE = l2_rows([Row(2, False, "bid", 10.1, 3), Row(2, False, "ask", 10.5, 0)])


def test_a_new_book_is_empty_and_waits_for_a_snapshot() -> None:
    builder = BookBuilder()
    assert not builder.is_primed
    assert builder.message_us is None
    assert builder.counts == Counts(0, 0, 0, 0)
    assert builder.view().levels == (0, 0)


def test_an_empty_batch_changes_nothing() -> None:
    builder = BookBuilder()
    builder.apply(SNAPSHOT)
    before = builder.view().state_hash()
    touch = builder.apply_with_touch(l2_rows([]))
    builder.apply(l2_rows([]))
    assert [len(column) for column in touch] == [0] * 5
    assert builder.counts == Counts(messages=1, rows=2, resets=1, skipped_rows=0)
    assert builder.view().state_hash() == before


def test_the_touch_is_given_for_skipped_messages_too_with_both_sides_empty() -> None:
    touch = BookBuilder().apply_with_touch(UPDATE)
    assert touch.time_us.tolist() == [2]
    assert np.isnan([touch.bid[0], touch.ask[0]]).all()


def test_a_one_sided_snapshot_leaves_the_other_side_empty() -> None:
    builder = BookBuilder()
    builder.apply(SNAPSHOT)
    touch = builder.apply_with_touch(l2_rows([Row(2, True, "ask", 12, 1), Row(3, True, "bid", 11, 1)]))
    assert np.array_equal(touch.bid, [np.nan, 11], equal_nan=True)
    assert np.array_equal(touch.ask, [12, np.nan], equal_nan=True)


def test_a_reset_looks_at_the_row_before_the_batch() -> None:
    builder = BookBuilder()
    builder.apply(SNAPSHOT)
    builder.apply(replace(SNAPSHOT, local_us=SNAPSHOT.local_us + 1))
    assert builder.counts.resets == 2


def test_a_crossed_book_is_kept_as_the_feed_said() -> None:
    builder = BookBuilder()
    builder.apply(l2_rows([Row(1, True, "bid", 11, 1), Row(1, True, "ask", 10, 1)]))
    book = builder.view()
    assert (book.best_bid, book.best_ask, book.spread) == ((11, 1), (10, 1), -1)


def test_minus_zero_is_the_price_zero_on_either_side() -> None:
    builder = BookBuilder()
    builder.apply(l2_rows([Row(1, True, "bid", -0.0, 1), Row(1, True, "ask", -0.0, 1)]))
    builder.apply(l2_rows([Row(2, False, "bid", 0.0, 2), Row(2, False, "ask", 0.0, 3)]))
    book = builder.view()
    assert (book.bids.tolist(), book.asks.tolist()) == ([[0, 2]], [[0, 3]])
    assert not np.signbit([book.bids[0, 0], book.asks[0, 0]]).any()


def test_after_a_break_rows_are_skipped_until_a_snapshot_and_the_counts_go_on() -> None:
    builder = BookBuilder()
    builder.apply(SNAPSHOT)
    builder.forget()
    assert (builder.view().levels, builder.message_us, builder.is_primed) == ((0, 0), None, False)
    builder.apply(UPDATE)
    assert builder.view().levels == (0, 0)
    assert builder.view().message_us == 2
    builder.apply(replace(SNAPSHOT, local_us=SNAPSHOT.local_us + 2))
    assert builder.view().levels == (1, 1)
    assert builder.counts == Counts(messages=3, rows=6, resets=2, skipped_rows=2)


def test_counts_of_a_span_are_the_difference_of_two_readings() -> None:
    builder = BookBuilder()
    builder.apply(SNAPSHOT)
    before = builder.counts
    builder.apply(UPDATE)
    assert builder.counts - before == Counts(messages=1, rows=2, resets=0, skipped_rows=0)


def test_a_copy_and_its_original_go_separate_ways() -> None:
    original = BookBuilder()
    original.apply(SNAPSHOT)
    copy = original.copy()
    copy.apply(UPDATE)
    assert original.view().bids.tolist() == [[10, 1]]
    assert original.counts.messages == 1
    assert copy.view().bids.tolist() == [[10.1, 3], [10, 1]]
    assert copy.view().asks.tolist() == []
    original.apply(l2_rows([Row(2, False, "bid", 10, 0)]))
    assert copy.view().levels == (2, 0)


def test_a_copy_of_an_empty_book_can_be_reset_at_once() -> None:
    copy = BookBuilder().copy()
    copy.apply(SNAPSHOT)
    assert copy.view().levels == (1, 1)
    assert copy.counts.resets == 1


def test_a_view_does_not_change_with_later_rows_and_cannot_be_written() -> None:
    builder = BookBuilder()
    builder.apply(SNAPSHOT)
    book = builder.view()
    builder.apply(UPDATE)
    assert book.bids.tolist() == [[10, 1]]
    assert book.message_us == 1
    with pytest.raises(ValueError, match="read-only"):
        book.bids[0, 0] = 11


def test_columns_that_may_not_be_written_are_applied_as_well() -> None:
    rows = replace(SNAPSHOT, local_us=SNAPSHOT.local_us.copy(), price=SNAPSHOT.price.copy())
    rows.local_us.flags.writeable = False
    rows.price.flags.writeable = False
    builder = BookBuilder()
    builder.apply(rows)
    assert builder.view().levels == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SNAPSHOT, side=np.array([0, 1], np.int64)),
        replace(SNAPSHOT, price=np.arange(4.0)[::2]),
    ],
    ids=["another type", "not contiguous"],
)
def test_a_column_of_another_form_is_refused_and_nothing_changes(wrong: object) -> None:
    builder = BookBuilder()
    with pytest.raises(TypeError):
        builder.apply(wrong)  # type: ignore[arg-type]
    assert builder.counts.rows == 0


def test_importing_the_book_does_not_import_numba() -> None:
    code = "import sys, tickreel.book; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
