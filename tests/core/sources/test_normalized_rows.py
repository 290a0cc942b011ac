"""Normalized messages as rows of the vendor's CSV types."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.blocks import rows_of
from support.dictbook import DictBook, Row
from support.normalized import MessageBook, answer_of

from tickreel.market.arrow import record_batch
from tickreel.market.types import SCHEMAS, DataType
from tickreel.progress import UNWATCHED
from tickreel.sources.normalized import LineError, ReplayRequest, RowReader, blocks
from tickreel.vendorcsv import csv_blocks, open_csv

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from support.normalized import Message

    from tickreel.market.block import Block

START_US = 1_554_076_800_000_000
"""2019-04-01T00:00:00Z."""
L2 = DataType.INCREMENTAL_BOOK_L2


def stamp(offset_us: int) -> str:
    seconds, fraction = divmod(offset_us, 1_000_000)
    return f"2019-04-01T00:{seconds // 60:02}:{seconds % 60:02}.{fraction:06}Z"


def message(kind: str, offset_us: int = 0, /, **fields: Any) -> Message:
    times = {"timestamp": "2019-04-01T00:00:00.315Z", "localTimestamp": stamp(offset_us)}
    return {"type": kind, "symbol": "XBTUSD", "exchange": "bitmex"} | times | fields


def change(
    offset_us: int,
    bids: Iterable[tuple[float, float]] = (),
    asks: Iterable[tuple[float, float]] = (),
    *,
    snapshot: bool = False,
    **fields: Any,
) -> Message:
    sides = {
        name: [{"price": price, "amount": amount} for price, amount in levels]
        for name, levels in (("bids", bids), ("asks", asks))
    }
    return message("book_change", offset_us, isSnapshot=snapshot, **sides, **fields)


def request_for(*types: DataType, start: int = 0, end: int = 3_600_000_000, **fields: Any) -> ReplayRequest:
    asked = {"exchange": "bitmex", "symbols": ("XBTUSD",)} | fields
    return ReplayRequest(types=types, from_us=START_US + start, to_us=START_US + end, **asked)


def read(request: ReplayRequest, text: bytes, piece_bytes: int = 1 << 16) -> tuple[list[Block], RowReader]:
    reader = RowReader(request)
    given = [
        block for at in range(0, len(text), piece_bytes) for block in reader.feed(text[at : at + piece_bytes])
    ]
    return given + reader.rest(), reader


def rows_from(data_type: DataType, messages: Iterable[Message], **fields: Any) -> list[dict[str, Any]]:
    given, _ = read(request_for(data_type, **fields), answer_of(messages))
    return [row for block in given for row in rows_of(block)]


COMMON = {
    "exchange": "bitmex",
    "symbol": "XBTUSD",
    "timestamp": START_US + 315_000,
    "local_timestamp": START_US,
}


def test_trades_and_liquidations_have_a_row_each() -> None:
    given = {"id": "007", "side": "sell", "price": 4094.5, "amount": 2}
    assert rows_from(DataType.TRADES, [message("trade", **given)]) == [COMMON | given]
    assert rows_from(DataType.LIQUIDATIONS, [message("liquidation", **given)]) == [COMMON | given]
    assert rows_from(DataType.TRADES, [message("trade", side="unknown")]) == [
        COMMON | {"id": "", "side": "unknown", "price": None, "amount": None}
    ]
    assert rows_from(DataType.TRADES, [message("trade")])[0]["side"] == ""


def test_a_time_that_the_exchange_did_not_give_is_the_local_one_and_stays() -> None:
    (row,) = rows_from(DataType.TRADES, [message("trade", 7, timestamp=stamp(7))])
    assert row["timestamp"] == row["local_timestamp"] == START_US + 7


def test_a_change_of_the_book_has_a_row_for_each_level_bids_first_in_the_order_given() -> None:
    rows = rows_from(
        L2, [change(3, [(10, 1), (11, 0)], [(13, 2), (12, 0.5)], snapshot=True), change(4, [(9, 3)])]
    )
    assert [tuple(row.values())[3:] for row in rows] == [
        (START_US + 3, True, "bid", 10.0, 1.0),
        (START_US + 3, True, "bid", 11.0, 0.0),
        (START_US + 3, True, "ask", 13.0, 2.0),
        (START_US + 3, True, "ask", 12.0, 0.5),
        (START_US + 4, False, "bid", 9.0, 3.0),
    ]
    assert {row["timestamp"] for row in rows} == {START_US + 315_000}


def test_a_ticker_keeps_what_it_has_and_leaves_the_rest_empty() -> None:
    ticker = message(
        "derivative_ticker",
        lastPrice=4094.5,
        openInterest=1e9,
        fundingRate=-0.0001,
        fundingTimestamp="2019-04-01T04:00:00.000Z",
        indexPrice=4095,
    )
    assert rows_from(DataType.DERIVATIVE_TICKER, [ticker]) == [
        COMMON
        | {
            "funding_timestamp": START_US + 4 * 3_600_000_000,
            "funding_rate": -0.0001,
            "predicted_funding_rate": None,
            "open_interest": 1e9,
            "last_price": 4094.5,
            "index_price": 4095.0,
            "mark_price": None,
        }
    ]


def test_a_best_bid_and_ask_may_lack_a_side() -> None:
    assert rows_from(DataType.BOOK_TICKER, [message("book_ticker", bidPrice=-1.5, bidAmount=3)]) == [
        COMMON | {"ask_amount": None, "ask_price": None, "bid_price": -1.5, "bid_amount": 3.0}
    ]


def test_an_option_has_all_its_columns() -> None:
    fields = {
        "optionType": ("type", "put"),
        "strikePrice": ("strike_price", 9875.0),
        "openInterest": ("open_interest", 0.1),
        "lastPrice": ("last_price", 0.03),
        "bestBidPrice": ("bid_price", 0.02),
        "bestBidAmount": ("bid_amount", 15.1),
        "bestBidIV": ("bid_iv", 55.91),
        "bestAskPrice": ("ask_price", 0.0235),
        "bestAskAmount": ("ask_amount", 15.2),
        "bestAskIV": ("ask_iv", 68.94),
        "markPrice": ("mark_price", 0.0221),
        "markIV": ("mark_iv", 62.89),
        "underlyingIndex": ("underlying_index", "SYN.BTC-26JUL24"),
        "underlyingPrice": ("underlying_price", 66010.0),
        "delta": ("delta", -0.6),
        "gamma": ("gamma", 0.001),
        "vega": ("vega", 2.2),
        "theta": ("theta", -53.0),
        "rho": ("rho", -0.2),
    }
    sent = {name: value for name, (_, value) in fields.items()}
    (row,) = rows_from(
        DataType.OPTIONS_CHAIN, [message("option_summary", expirationDate="2019-04-02T08:00:00.000Z", **sent)]
    )
    assert row == COMMON | dict(fields.values()) | {"expiration": START_US + 32 * 3_600_000_000}
    (bare,) = rows_from(DataType.OPTIONS_CHAIN, [message("option_summary")])
    assert (bare["type"], bare["underlying_index"], bare["expiration"], bare["rho"]) == ("", "", None, None)


@pytest.mark.parametrize(
    ("data_type", "depth"), [(DataType.BOOK_SNAPSHOT_5, 5), (DataType.BOOK_SNAPSHOT_25, 25)]
)
def test_computed_snapshots_spread_their_levels_and_leave_missing_ones_empty(
    data_type: DataType, depth: int
) -> None:
    asks = [{"price": 100 + level, "amount": 1 + level} for level in range(depth)]
    bids: list[dict[str, float]] = [{"price": 99, "amount": 7}, {}]
    snapshot = message(
        "book_snapshot", name=f"book_snapshot_{depth}_0ms", depth=depth, interval=0, asks=asks, bids=bids
    )
    (row,) = rows_from(data_type, [snapshot])
    assert tuple(row) == SCHEMAS[data_type].names
    for level in range(depth):
        assert (row[f"asks[{level}].price"], row[f"asks[{level}].amount"]) == (100 + level, 1 + level)
        best = (99.0, 7.0) if level == 0 else (None, None)
        assert (row[f"bids[{level}].price"], row[f"bids[{level}].amount"]) == best


def test_a_quote_is_a_snapshot_of_one_level() -> None:
    quote = message(
        "book_snapshot", name="quote", depth=1, interval=0, bids=[{"price": 9, "amount": 1}], asks=[{}]
    )
    assert rows_from(DataType.QUOTES, [quote]) == [
        COMMON | {"ask_amount": None, "ask_price": None, "bid_price": 9.0, "bid_amount": 1.0}
    ]


def test_types_of_one_answer_are_parted_by_what_was_asked_for() -> None:
    five = message("book_snapshot", 1, name="book_snapshot_5_0ms", bids=[], asks=[])
    quote = message("book_snapshot", 1, name="quote", bids=[], asks=[])
    other = message("book_snapshot", 1, name="book_snapshot_3_100ms", bids=[], asks=[])
    bar = {"type": "trade_bar", "symbol": "XBTUSD", "exchange": "bitmex"}
    given, reader = read(
        request_for(DataType.QUOTES, DataType.BOOK_SNAPSHOT_5),
        answer_of([five, quote, quote, other, bar, message("trade", 2)]),
    )
    assert {block.schema.type: len(block) for block in given} == {
        DataType.BOOK_SNAPSHOT_5: 1,
        DataType.QUOTES: 2,
    }
    assert reader.summary.messages == {DataType.QUOTES: 2, DataType.BOOK_SNAPSHOT_5: 1}
    assert reader.summary.not_asked == {"book_snapshot_3_100ms": 1, "trade_bar": 1, "trade": 1}


def test_only_the_range_is_kept_to_the_microsecond() -> None:
    offsets = [9, 10, 11, 19, 20, 21]
    given, reader = read(
        request_for(DataType.TRADES, start=10, end=20), answer_of(message("trade", us) for us in offsets)
    )
    assert [block.local_us.tolist() for block in given] == [[START_US + us for us in (10, 11, 19)]]
    assert (reader.summary.messages, reader.summary.outside) == ({DataType.TRADES: 3}, 3)


def test_other_exchanges_and_symbols_are_passed_over_and_counted() -> None:
    messages = [
        message("trade", symbol="xbtUsd", id="1"),
        message("trade", symbol="ETHUSD"),
        message("trade", exchange="deribit"),
    ]
    given, reader = read(request_for(DataType.TRADES, symbols=("xbtusd",)), answer_of(messages))
    assert [row["id"] for block in given for row in rows_of(block)] == ["1"]
    assert reader.summary.not_asked == {"trade": 2}


def test_symbols_are_upper_case_and_stand_on_each_row_when_there_are_several() -> None:
    symbols = ["AAPLx/USD", "XBT/USD", "AAPLX/USD", "aaplx/usd"]
    (block,), _ = read(
        request_for(DataType.TRADES, symbols=()), answer_of(message("trade", symbol=s) for s in symbols)
    )
    assert not isinstance(block.symbol, str)
    assert block.symbol.words == ("AAPLX/USD", "XBT/USD")
    assert list(block.symbol.texts()) == [symbol.upper() for symbol in symbols]
    assert [(name, len(part)) for name, part in block.by_symbol()] == [("AAPLX/USD", 3), ("XBT/USD", 1)]


def test_broken_connections_of_the_recorder_are_counted_inside_the_range() -> None:
    gaps = [{"type": "disconnect", "exchange": "bitmex", "localTimestamp": stamp(us)} for us in (5, 12, 30)]
    messages = [gaps[0], message("trade", 11), gaps[1], message("trade", 13), gaps[2]]
    given, reader = read(request_for(DataType.TRADES, start=10, end=20), answer_of(messages))
    assert reader.summary.disconnects == 1
    assert sum(map(len, given)) == 2


def test_an_answer_may_come_in_pieces_of_any_size() -> None:
    messages = [change(us, [(us, 1)], [(us + 1, 2)], snapshot=us == 0) for us in range(40)]
    text = answer_of(messages)
    whole, _ = read(request_for(L2), text)
    for piece_bytes in (1, 7, 100, 1000, len(text) - 1):
        given, reader = read(request_for(L2), text, piece_bytes)
        assert [row for block in given for row in rows_of(block)] == [
            row for block in whole for row in rows_of(block)
        ]
        assert (reader.begun, reader.summary.lines, reader.summary.bytes) == (b"", 40, len(text))


def test_what_follows_the_last_line_end_is_left_over() -> None:
    _, reader = read(request_for(DataType.TRADES), answer_of([message("trade")]) + b'{"mess', 5)
    assert reader.begun == b'{"mess'
    assert reader.summary.rows == {DataType.TRADES: 1}


# Blocks.


def test_blocks_end_between_messages_and_are_no_longer_than_they_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "MOST_ROWS", 10)
    sizes = [3, 4, 2, 5, 25, 1, 1, 9, 10, 2]  # levels of neighbouring instants
    messages = [change(us, [(1 + level, 1)]) for us, size in enumerate(sizes) for level in range(size)]
    for piece_bytes in (50, 1 << 20):
        given, _ = read(request_for(L2), answer_of(messages), piece_bytes)
        by_instant = [[int(us) - START_US for us in np.unique(block.local_us)] for block in given]
        assert by_instant == [[0, 1, 2], [3], [4], [5, 6], [7], [8], [9]]
        assert [len(block) for block in given] == [9, 5, 25, 2, 9, 10, 2]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=40), st.integers(20, 4000))
def test_no_cut_loses_a_row_or_parts_a_message(steps: list[tuple[int, int]], piece_bytes: int) -> None:
    local_us, messages = 0, []
    for step, size in steps:
        local_us += step
        messages.append(change(local_us, [(price, 1) for price in range(size)], symbol="AB"[step % 2]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "MOST_ROWS", 7)
        given, _ = read(request_for(L2, symbols=()), answer_of(messages), piece_bytes)
    rows = [row for block in given for row in rows_of(block)]
    assert [(row["symbol"], row["local_timestamp"] - START_US, row["price"]) for row in rows] == [
        (one["symbol"], int(one["localTimestamp"][20:26]), level["price"])
        for one in messages
        for level in one["bids"]
    ]
    ends = [(block.local_us[0], block.local_us[-1]) for block in given]
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    for block in given:
        assert len(block) <= 7 or len(np.unique(block.local_us)) == 1


def test_wide_rows_come_in_shorter_blocks() -> None:
    levels = [{"price": 1.5, "amount": 1}] * 25
    messages = (
        message("book_snapshot", us, name="book_snapshot_25_0ms", bids=levels, asks=levels)
        for us in range(21_000)
    )
    given, _ = read(request_for(DataType.BOOK_SNAPSHOT_25), answer_of(messages))
    assert sum(map(len, given)) == 21_000
    assert max(map(len, given)) * 104 <= blocks.MOST_CELLS


# Books.


def book_after_each_instant(messages: list[Message]) -> list[tuple[list[list[float]], list[list[float]]]]:
    book, after = MessageBook(), []
    for _, group in groupby(messages, key=lambda one: one["localTimestamp"]):
        for one in group:
            book.apply(one)
        after.append(book.levels())
    return after


def l2_rows_of(given: Iterable[Block]) -> list[Row]:
    return [
        Row(row["local_timestamp"], row["is_snapshot"], row["side"], row["price"], row["amount"])
        for block in given
        for row in rows_of(block)
    ]


def assert_same_books(messages: list[Message]) -> tuple[DictBook, RowReader]:
    given, reader = read(request_for(L2), answer_of(messages))
    waiting = {at: list(group) for at, group in groupby(l2_rows_of(given), key=lambda row: row.local_us)}
    book = DictBook()
    instants = dict.fromkeys(one["localTimestamp"] for one in messages)
    for at, expected in zip(instants, book_after_each_instant(messages), strict=True):
        book.apply(waiting.pop(START_US + int(at[20:26]), []))
        assert (book.bids(), book.asks()) == expected
    assert not waiting
    return book, reader


def test_a_snapshot_of_nothing_empties_the_book() -> None:
    messages = [change(1, [(10, 1)], [(11, 1)], snapshot=True), change(2, snapshot=True), change(3, [(9, 1)])]
    book, reader = assert_same_books(messages)
    assert (book.resets, reader.summary.added_rows) == (2, 1)
    assert rows_from(L2, [change(2, snapshot=True)])[0] | COMMON == COMMON | {
        "is_snapshot": True,
        "side": "bid",
        "price": 0.0,
        "amount": 0.0,
    }


def test_a_second_snapshot_of_the_same_instant_replaces_the_first() -> None:
    messages = [
        change(1, [(10, 1), (9, 1)], [(11, 1)], snapshot=True),
        change(1, [(8, 2)], [(11, 3)], snapshot=True),
        change(2, [(7, 1)]),
    ]
    book, reader = assert_same_books(messages)
    assert (book.resets, reader.summary.added_rows) == (2, 1)
    rows = rows_from(L2, messages)
    assert [(row["is_snapshot"], row["side"], row["price"], row["amount"]) for row in rows[3:5]] == [
        (False, "bid", 8.0, 0.0),
        (True, "bid", 8.0, 2.0),
    ]


def test_snapshots_of_one_instant_but_two_symbols_stay_as_they_are() -> None:
    messages = [change(1, [(10, 1)], snapshot=True, symbol=symbol) for symbol in "ABAB"]
    _, reader = read(request_for(L2, symbols=()), answer_of(messages))
    assert (reader.summary.added_rows, reader.summary.rows[L2]) == (2, 6)


def test_two_spellings_of_a_symbol_are_one_book() -> None:
    messages = [change(1, [(10, 1)], snapshot=True, symbol=symbol) for symbol in ("AAPLx/USD", "AAPLX/USD")]
    _, reader = read(request_for(L2, symbols=()), answer_of(messages))
    assert reader.summary.added_rows == 1


def test_a_second_snapshot_is_seen_across_pieces_and_changes_of_nothing() -> None:
    snapshot = change(1, [(10, 1)], snapshot=True)
    text = answer_of([snapshot, change(1), snapshot])
    for piece_bytes in (1, 1 << 16):
        _, reader = read(request_for(L2), text, piece_bytes)
        assert (reader.summary.added_rows, reader.summary.messages[L2], reader.summary.rows[L2]) == (1, 3, 3)


levels = st.lists(st.tuples(st.integers(-2, 6), st.sampled_from([0.0, 1.0, 2.5])), max_size=4)
changes = st.lists(st.tuples(st.integers(0, 1), st.booleans(), levels, levels), max_size=12)


@settings(deadline=None, max_examples=300)
@given(changes)
def test_the_book_is_that_of_the_messages_whatever_they_are(
    steps: list[tuple[int, bool, list[tuple[float, float]], list[tuple[float, float]]]],
) -> None:
    local_us, messages = 0, []
    for step, is_snapshot, bids, asks in steps:
        local_us += step
        messages.append(change(local_us, bids, asks, snapshot=is_snapshot))
    book, _ = assert_same_books(messages)
    assert book.resets == sum(one["isSnapshot"] for one in messages)


# What is refused.

GOOD = message("trade", 5)


@pytest.mark.parametrize(
    ("data_type", "bad", "problem"),
    [
        (DataType.TRADES, message("trade", 4), "localTimestamp goes back from 2019-04-01T00:00:00.000005Z"),
        (DataType.TRADES, message("trade", 6, amount=-1), "amount is negative: -1.0"),
        (DataType.TRADES, message("trade", 6, timestamp="yesterday"), "timestamp 'yesterday' is not a time"),
        (
            DataType.TRADES,
            message("trade", 6, localTimestamp="2019-04-01"),
            "localTimestamp '2019-04-01' is not",
        ),
        (DataType.TRADES, message("trade", 6, id="a,b"), "id 'a,b' has a character that no cell"),
        (DataType.TRADES, message("trade", 6, id="a\nb"), "has a character that no cell"),
        (DataType.TRADES, message("trade", 6, price="4094.5"), "Expected `float"),
        (L2, change(6, [(1, 2), (3, -4)]), "the amount of a level is negative: -4.0"),
        (L2, change(6, asks=[(1, None)]), "a level has no amount"),  # type: ignore[list-item]
        (L2, change(6, [(None, 1)]), "a level has no price"),  # type: ignore[list-item]
        (L2, change(6, timestamp="?"), "timestamp '\\?' is not a time"),
        (L2, message("book_change", 6, bids=[], asks=[]), "isSnapshot"),
        (DataType.BOOK_TICKER, message("book_ticker", 6, bidAmount=-1), "bid_amount is negative: -1.0"),
        (
            DataType.QUOTES,
            message("book_snapshot", 6, name="quote", bids=[{}, {}], asks=[]),
            "bids has 2 levels where 1 were asked for",
        ),
        (
            DataType.QUOTES,
            message("book_snapshot", 6, name="quote", bids=[{"price": 1, "amount": -2}], asks=[]),
            "an amount of bids is negative: -2.0",
        ),
        (
            DataType.OPTIONS_CHAIN,
            message("option_summary", 6, expirationDate="soon"),
            "expiration_date 'soon' is not a time",
        ),
        (
            DataType.DERIVATIVE_TICKER,
            message("derivative_ticker", 6, fundingTimestamp="soon"),
            "funding_timestamp 'soon' is not a time",
        ),
    ],
)
def test_a_value_that_rows_may_not_have_is_refused_with_its_line(
    data_type: DataType, bad: Message, problem: str
) -> None:
    request = (
        request_for(DataType.TRADES, data_type)
        if data_type is not DataType.TRADES
        else request_for(data_type)
    )
    fine = {"bids": [], "asks": [], "isSnapshot": False, "name": "quote"}
    good = [message(bad["type"], 5, **(fine if "bids" in bad else {}))] * 3
    text = answer_of([GOOD, *good, bad, GOOD | {"localTimestamp": stamp(7)}])
    for piece_bytes in (1, 1 << 16):
        with pytest.raises(LineError, match=problem) as refused:
            read(request, text, piece_bytes)
        assert refused.value.line == 5


def test_a_symbol_that_breaks_a_line_is_refused() -> None:
    with pytest.raises(LineError, match="line 2: the symbol 'A,B'"):
        read(request_for(DataType.TRADES, symbols=()), answer_of([GOOD, message("trade", 6, symbol="A,B")]))


def test_a_line_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.sources.normalized.rows.LONGEST_LINE_BYTES", 1000)
    with pytest.raises(LineError, match="line 2: it is longer than 1000 bytes"):
        read(request_for(DataType.TRADES), answer_of([GOOD]) + b"x" * 2000, 100)


# What the rest of the program makes of the rows.

SAMPLES: dict[DataType, list[Message]] = {
    DataType.TRADES: [message("trade", id="é 1", side="buy", price=3e-7, amount=1e21), message("trade", 1)],
    DataType.LIQUIDATIONS: [message("liquidation", id="7", side="sell", price=-0.0, amount=-0.0)],
    L2: [change(1, [(-0.0, 1)], [(1e-7, 3)], snapshot=True), change(1, snapshot=True), change(2, [(5, 0)])],
    DataType.BOOK_SNAPSHOT_5: [
        message("book_snapshot", name="book_snapshot_5_0ms", bids=[{"price": 1, "amount": 2}], asks=[])
    ],
    DataType.BOOK_SNAPSHOT_25: [
        message("book_snapshot", name="book_snapshot_25_0ms", bids=[], asks=[{"price": 1, "amount": 2}] * 25)
    ],
    DataType.QUOTES: [message("book_snapshot", name="quote", bids=[{"price": 1, "amount": 2}], asks=[{}])],
    DataType.BOOK_TICKER: [
        message("book_ticker", askPrice=2, askAmount=0),
        message("book_ticker", bidPrice=0.1),
    ],
    DataType.DERIVATIVE_TICKER: [
        message("derivative_ticker", markPrice=0.1),
        message("derivative_ticker", 1),
    ],
    DataType.OPTIONS_CHAIN: [
        message("option_summary", optionType="call", underlyingIndex="BTC", strikePrice=5),
        message("option_summary", 1, optionType="put"),
    ],
}


@pytest.mark.parametrize("data_type", DataType)
def test_rows_written_as_csv_are_what_the_import_reads_back(data_type: DataType, tmp_path: Path) -> None:
    given, _ = read(request_for(data_type), answer_of(SAMPLES[data_type]))
    path = tmp_path / "rows.csv"
    schema = SCHEMAS[data_type]
    path.write_bytes(b"".join(csv_blocks(schema, (record_batch(block, schema.names) for block in given))))
    with open_csv(path, type=data_type) as file:
        back = [row for block in file.blocks(UNWATCHED) for row in rows_of(block)]
    rows = [row for block in given for row in rows_of(block)]
    assert len(rows) >= len(SAMPLES[data_type])
    assert back == rows
    assert [tuple(map(str, row.values())) for row in back] == [tuple(map(str, row.values())) for row in rows]
