"""Each thing that is counted, on rows written out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.blocks import block_of

from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.health import DayWatch, Health, Kind, health_of
from tickreel.store.model import Grade

L2 = DataType.INCREMENTAL_BOOK_L2
S_US = 1_000_000
KEY = DatasetKey("e", "A", L2)
Row = dict[str, Any]


def row(at_us: int, side: str, price: float, amount: float, *, snapshot: bool = False, **cells: Any) -> Row:
    own = {"exchange": "e", "symbol": "A", "timestamp": at_us - 5, "local_timestamp": at_us}
    return {**own, "is_snapshot": snapshot, "side": side, "price": price, "amount": amount, **cells}


def snap(at_us: int, *levels: tuple[str, float, float]) -> list[Row]:
    return [row(at_us, *level, snapshot=True) for level in levels]


BOOK = (("bid", 10.0, 1.0), ("bid", 9.0, 1.0), ("ask", 11.0, 1.0), ("ask", 12.0, 1.0))


def health(*rows: Row) -> Health:
    return health_of([block_of(L2, list(rows))], KEY)


def met(found: Health) -> dict[str, int]:
    return {kind.value: count for kind, count in found.counts.items() if count}


def trade(at_us: int, **cells: Any) -> Row:
    own = {"exchange": "e", "symbol": "A", "timestamp": at_us - 5, "local_timestamp": at_us}
    return {**own, "id": "", "side": "buy", "price": 1.0, "amount": 1.0, **cells}


def trades_health(*rows: Row) -> Health:
    return health_of([block_of(DataType.TRADES, list(rows))], DatasetKey("e", "A", DataType.TRADES))


def test_a_day_without_rows_is_good() -> None:
    for data_type in SCHEMAS:
        found = health_of([], DatasetKey("e", "A", data_type))
        assert (found.grade, met(found), found.intervals) == (Grade.GOOD, {}, ())
        assert not found.snapshot_only


def test_a_wait_of_ten_seconds_is_no_gap_and_a_longer_one_is() -> None:
    found = trades_health(trade(0), trade(10 * S_US), trade(20 * S_US + 1))
    assert met(found) == {}  # with two waits the 99th percentile is the longer itself
    short = [trade(at) for at in range(0, 200 * 400_000, 400_000)]
    last = short[-1]["local_timestamp"]
    assert met(trades_health(*short, trade(last + 10 * S_US))) == {}
    found = trades_health(*short, trade(last + 10 * S_US + 1), trade(last + 30 * S_US))
    (gap, other) = found.intervals
    assert (gap.from_us, gap.to_us, other.to_us) == (last, last + 10 * S_US + 1, last + 30 * S_US)
    assert (found.grade, met(found)) == (Grade.USABLE, {"gap": 2})


def test_on_a_quiet_day_a_gap_is_twenty_times_what_is_usual() -> None:
    quiet = [trade(at) for at in range(0, 200 * 3 * S_US, 3 * S_US)]
    last = quiet[-1]["local_timestamp"]
    assert met(trades_health(*quiet, trade(last + 60 * S_US))) == {}
    assert met(trades_health(*quiet, trade(last + 60 * S_US + 1))) == {"gap": 1}


def test_gaps_of_more_than_a_twentieth_of_the_day_make_it_bad() -> None:
    dense = [trade(at) for at in range(300)]
    assert trades_health(*dense, trade(299 + 4_320 * S_US)).grade is Grade.USABLE
    assert trades_health(*dense, trade(300 + 4_320 * S_US)).grade is Grade.BAD


def test_a_book_crossed_for_over_a_hundredth_of_its_time_is_bad() -> None:
    cross, mend = row(100, "bid", 11, 1), row(110, "bid", 11, 0)
    usable = health(*snap(0, *BOOK), cross, mend, row(1_000, "bid", 9, 2))
    assert (usable.grade, met(usable)) == (Grade.USABLE, {"crossed": 1, "reset": 1})
    (crossed,) = (one for one in usable.intervals if one.kind is Kind.CROSSED)
    assert (crossed.from_us, crossed.to_us, crossed.rows) == (100, 110, 1)
    assert health(*snap(0, *BOOK), cross, mend, row(999, "bid", 9, 2)).grade is Grade.BAD


def test_exchange_time_may_go_back_and_lie_after_local_time() -> None:
    found = trades_health(trade(10), trade(11, timestamp=3), trade(12, timestamp=13), trade(13, timestamp=13))
    assert met(found) == {"exchange_time_back": 1, "exchange_after_local": 1}
    assert found.grade is Grade.GOOD
    assert found.issues == (Kind.EXCHANGE_TIME_BACK, Kind.EXCHANGE_AFTER_LOCAL)


def test_updates_before_the_first_snapshot_are_counted_unless_a_book_is_carried() -> None:
    rows = [row(1, "bid", 9, 1), row(2, "bid", 8, 1), *snap(3, ("bid", 9.0, 1.0), ("ask", 11.0, 1.0))]
    assert met(health(*rows)) == {"reset": 1, "before_snapshot": 2}
    day_before = DayWatch(KEY)
    day_before.update(block_of(L2, snap(0, ("bid", 9.0, 5.0), ("ask", 11.0, 1.0))))
    day_before.finish()
    watch = DayWatch(KEY, carried=day_before.books)
    watch.update(block_of(L2, rows))
    # The bid at 9 was updated to 1, as the snapshot says; 8 lies outside of what it shows.
    assert met(watch.finish()) == {"reset": 1}


def test_a_snapshot_in_two_messages_is_split_and_clears_what_came_first() -> None:
    found = health(*snap(1, *BOOK[:2]), *snap(2, *BOOK[2:]), row(3, "ask", 11, 2))
    assert met(found) == {"reset": 2, "split_snapshot": 1, "snapshot_mismatch": 2}
    apart = health(*snap(1, *BOOK[:2]), row(2, "bid", 9, 2), *snap(3, *BOOK[2:]))
    assert Kind.SPLIT_SNAPSHOT not in apart.issues


def test_a_feed_of_snapshots_alone_has_no_mismatches() -> None:
    found = health(*snap(1, *BOOK), *snap(2, ("bid", 10.0, 7.0), ("ask", 11.0, 9.0)))
    assert found.snapshot_only
    assert (found.grade, met(found)) == (Grade.GOOD, {"reset": 2})


def test_a_one_sided_snapshot_says_nothing_of_the_other_side() -> None:
    found = health(*snap(1, *BOOK), row(2, "bid", 9, 4), *snap(3, ("ask", 11.0, 1.0), ("ask", 12.0, 1.0)))
    assert met(found) == {"reset": 2}


def test_an_amount_of_nothing_in_a_snapshot_is_no_level() -> None:
    rows = [*snap(1, *BOOK), row(2, "bid", 9, 4), *snap(3, ("bid", 10.0, 1.0), ("bid", 9.0, 0.0))]
    assert met(health(*rows)) == {"reset": 2}


def test_a_snapshot_after_an_update_of_its_own_message_is_held_against_the_book_with_it() -> None:
    rows = [*snap(1, *BOOK), row(2, "bid", 10, 3), *snap(2, ("bid", 10.0, 1.0))]
    assert met(health(*rows)) == {"reset": 2, "snapshot_mismatch": 1}


def test_ids_come_back_whatever_they_look_like() -> None:
    ids = ["5", "6", "9", "7", "7", "6", "", "", "x", "x", "007", "7", "10", "9" * 30, "9" * 30, "10"]
    found = trades_health(*(trade(at, id=one) for at, one in enumerate(ids)))
    assert met(found) == {"duplicate": 6}


def test_ids_may_repeat_on_another_instrument() -> None:
    rows = [trade(1, id="1"), trade(2, id="1", symbol="B"), trade(3, id="1", symbol="B")]
    key = DatasetKey("e", "FUTURES", DataType.TRADES)
    assert met(health_of([block_of(DataType.TRADES, rows)], key)) == {"duplicate": 1}


def test_a_message_that_comes_twice_is_a_duplicate() -> None:
    first = [*snap(1, *BOOK), row(2, "bid", 9, 3), row(2, "ask", 12, 0)]
    again = [{**one, "local_timestamp": 3} for one in first[-2:]]
    assert met(health(*first, *again)) == {"reset": 1, "duplicate": 1}
    later = [{**one, "timestamp": 0, "local_timestamp": 3} for one in first[-2:]]
    assert Kind.DUPLICATE not in health(*first, *later).issues
    untimed = [{**one, "timestamp": one["local_timestamp"]} for one in (*first, *later)]
    assert met(health(*untimed)) == {"reset": 1, "duplicate": 1}


def test_more_decimals_than_before_change_the_precision_once() -> None:
    found = trades_health(
        *(trade(at, price=price) for at, price in enumerate([1.0, 1.5, 2.0, 1.25, 1.5, 3e-7]))
    )
    assert met(found) == {"precision_change": 3}
    assert found.issues == ()
    assert len(found.intervals) == 1


def test_computed_prices_may_have_any_decimals() -> None:
    names = {column.name: None for column in SCHEMAS[DataType.DERIVATIVE_TICKER].columns}
    rows = [
        {**names, "exchange": "e", "symbol": "A", "timestamp": at, "local_timestamp": at, "mark_price": price}
        for at, price in enumerate([1.0, 1.123456])
    ]
    key = DatasetKey("e", "A", DataType.DERIVATIVE_TICKER)
    assert met(health_of([block_of(DataType.DERIVATIVE_TICKER, rows)], key)) == {}


def test_a_million_of_a_kind_is_a_short_list_with_the_same_sum() -> None:
    rows = [trade(at * 2 * S_US, timestamp=at * 2 * S_US + 1) for at in range(4_000)]
    found = trades_health(*rows)
    intervals = [one for one in found.intervals if one.kind is Kind.EXCHANGE_AFTER_LOCAL]
    assert len(intervals) <= 1_000
    assert sum(one.rows for one in intervals) == found.counts[Kind.EXCHANGE_AFTER_LOCAL] == 4_000


def test_parts_of_a_day_are_one_day_and_their_keyframes_wait_for_a_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tickreel.store.health.books.KEYFRAME_ROWS", 3)
    frames: list[int] = []
    watch = DayWatch(KEY, on_keyframe=lambda local_us, _bids, _asks: frames.append(local_us))
    # Counted are the rows of a part, and a message is never cut: BOOK has four rows.
    watch.update(block_of(L2, [*snap(1, *BOOK), row(2, "bid", 9, 2), row(3, "bid", 9, 3)]))
    watch.begin_part()
    updates = [row(at, "bid", 9, at) for at in range(4, 7)]
    watch.update(block_of(L2, [*updates, *snap(7, *BOOK), row(8, "bid", 8, 1), row(9, "bid", 8, 2)]))
    found = watch.finish()
    assert frames == [1, 3, 7, 9]
    assert found.counts[Kind.SNAPSHOT_MISMATCH] == 1


def test_a_book_that_nobody_keeps_is_not_copied_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.store.health.books.KEYFRAME_ROWS", 2)
    asked: list[int] = []
    frames: list[int] = []

    def wants(levels: int) -> bool:
        asked.append(levels)
        return len(asked) != 2

    watch = DayWatch(
        KEY, on_keyframe=lambda local_us, _bids, _asks: frames.append(local_us), wants_keyframe=wants
    )
    updates = [row(1 + at, "bid", 9 - at, 2) for at in range(1, 5)]
    watch.update(block_of(L2, [*snap(1, *BOOK), *updates]))
    watch.finish()
    assert asked == [4, 6, 8]
    assert frames == [1, 5]


def test_a_mismatch_after_a_silence_tells_of_it() -> None:
    def note(quiet_us: int) -> str:
        found = health(*snap(1, *BOOK), row(2, "bid", 9, 4), *snap(2 + quiet_us, *BOOK))
        (mismatch,) = (one for one in found.intervals if one.kind is Kind.SNAPSHOT_MISMATCH)
        return mismatch.note

    assert note(2_600_000) == "after 2.6 s without a message"
    assert note(999_999) == ""


@pytest.mark.parametrize("grouped", [False, True])
def test_health_is_kept_as_json(grouped: bool) -> None:
    rows = [*snap(1, *BOOK), row(2, "bid", 12, 3), *snap(3, *BOOK[:1])]
    if grouped:
        rows += [{**one, "symbol": "B"} for one in snap(3, *BOOK)]
    key = DatasetKey("e", "FUTURES", L2) if grouped else KEY
    found = health_of([block_of(L2, rows)], key)
    assert Health.from_form(json.loads(json.dumps(found.to_form()))) == found
