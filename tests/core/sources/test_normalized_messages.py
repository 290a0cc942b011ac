"""One line of a normalized feed: what it may hold, and how it is refused."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.market.numbers import ecmascript
from tickreel.sources.normalized import LineError
from tickreel.sources.normalized.instants import instant_us
from tickreel.sources.normalized.messages import (
    BookChange,
    BookSnapshot,
    DerivativeTicker,
    Disconnect,
    Level,
    Message,
    Trade,
    TroubleTold,
    Unknown,
    id_text,
    read_line,
    read_lines,
)

HEAD = '"symbol":"XBTUSD","exchange":"bitmex"'
TIMES = '"timestamp":"2019-04-01T00:00:00.315Z","localTimestamp":"2019-04-01T00:00:00.336793Z"'
TRADE = f'{{"type":"trade",{HEAD},"id":"a-1","price":4094.5,"amount":2,"side":"buy",{TIMES}}}'
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(text: str) -> Message | Unknown:
    return read_line(text.encode(), 1)


def test_a_message_is_read_into_its_own_type() -> None:
    trade = read(TRADE)
    assert isinstance(trade, Trade)
    assert (trade.symbol, trade.exchange, trade.id, trade.side) == ("XBTUSD", "bitmex", "a-1", "buy")
    assert (trade.price, trade.amount) == (4094.5, 2.0)
    book = read(
        f'{{"type":"book_change",{HEAD},"isSnapshot":true,"bids":[{{"price":1,"amount":0}}],"asks":[],{TIMES}}}'
    )
    assert isinstance(book, BookChange)
    assert book.is_snapshot
    assert (book.bids, book.asks) == ([Level(1.0, 0.0)], [])
    gap = read('{"type":"disconnect","exchange":"bitmex","localTimestamp":"2019-04-01T00:00:00.336793Z"}')
    assert isinstance(gap, Disconnect)


def test_absent_fields_nulls_and_keys_of_a_later_version_are_borne() -> None:
    ticker = read(f'{{"type":"derivative_ticker",{HEAD},"lastPrice":null,"basis":{{"a":[1]}},{TIMES}}}')
    assert isinstance(ticker, DerivativeTicker)
    assert (ticker.last_price, ticker.mark_price, ticker.funding_timestamp) == (None, None, None)
    bare = read(f'{{"type":"trade",{HEAD},{TIMES}}}')
    assert isinstance(bare, Trade)
    assert (bare.id, bare.side, bare.price) == (None, None, None)


def test_levels_of_a_snapshot_may_be_empty() -> None:
    snapshot = read(
        f'{{"type":"book_snapshot",{HEAD},"name":"quote","bids":[{{}}],"asks":[{{"price":2,"amount":3}}],{TIMES}}}'
    )
    assert isinstance(snapshot, BookSnapshot)
    assert (snapshot.bids, snapshot.asks) == ([Level(None, None)], [Level(2.0, 3.0)])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_the_float_next_to_what_javascript_prints(value: float) -> None:
    for text in (ecmascript(value), json.dumps(value)):
        trade = read(TRADE.replace("4094.5", text))
        assert isinstance(trade, Trade)
        assert trade.price == float(text) == value


@pytest.mark.parametrize(
    "text",
    ["0.1", "0.30000000000000004", "123456789012345680000", "1e+21", "3e-7", "9007199254740993", "5e-324"],
)
def test_numbers_of_every_size_are_read_exactly(text: str) -> None:
    trade = read(TRADE.replace("4094.5", text))
    assert isinstance(trade, Trade)
    assert trade.price == float(text)


@pytest.mark.parametrize(
    ("given_id", "spelled"),
    [
        ('"00000000-006d-1000-0000-000a1b2c3d4e"', "00000000-006d-1000-0000-000a1b2c3d4e"),
        ('"007"', "007"),
        ('"1e5"', "1e5"),
        ('"ü \\u00e9"', "ü é"),
        ("5231", "5231"),
        ("123456789012345680000", "123456789012345680000"),
        ("1.5", "1.5"),
        ("1e+21", "1e+21"),
        ("3e-7", "3e-7"),
        ("null", ""),
        ('""', ""),
    ],
)
def test_ids_are_kept_as_they_stand(given_id: str, spelled: str) -> None:
    trade = read(TRADE.replace('"a-1"', given_id))
    assert isinstance(trade, Trade)
    assert id_text(trade.id) == spelled


def test_a_type_of_a_later_version_is_told_apart_from_a_damaged_line() -> None:
    assert read('{"type":"trade_bar","open":1}') == Unknown("trade_bar")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        TRADE[:-1],
        TRADE[:40],
        f"{TRADE}{TRADE}",
        "[]",
        "null",
        "<html>",
        '{"type":7}',
        TRADE.replace(',"symbol":"XBTUSD"', ""),
        TRADE.replace("4094.5", '"4094.5"'),
        TRADE.replace("4094.5", "1e999"),
        TRADE.replace("4094.5", "NaN"),
        TRADE.replace('"buy"', '"BUY"'),
        '{"type":"trade","symbol":"XBTUSD"}',
    ],
)
def test_what_is_no_message_is_refused_by_the_number_of_its_line(text: str) -> None:
    with pytest.raises(LineError) as refused:
        read_line(text.encode(), 7)
    assert refused.value.line == 7
    assert "line 7: " in str(refused.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(LineError, match="line 3: "):
        read_line(TRADE.replace("a-1", "?").encode().replace(b"?", b"\xff"), 3)


def test_a_long_line_is_not_repeated_as_a_whole() -> None:
    with pytest.raises(LineError) as refused:
        read_line(b'{"type":"trade","symbol":"' + b"x" * 100_000, 1)
    assert len(str(refused.value)) < 300


def test_many_lines_are_read_at_once_and_the_first_bad_one_is_named() -> None:
    text = f"{TRADE}\n" * 5
    assert len(read_lines(text.encode(), 1)) == 5
    for bad in ("{}{}", "", TRADE[:-1], f"{TRADE} {TRADE}"):
        with pytest.raises(LineError) as refused:
            read_lines(f"{text}{bad}\n{text}".encode(), 11)
        assert refused.value.line == 16, bad
    broken = TRADE.replace(",", ",\n", 1)
    with pytest.raises(LineError, match="line 6: "):
        read_lines(f"{text}{broken}\n".encode(), 1)


def test_unknown_types_among_good_lines_cost_nothing_but_themselves() -> None:
    text = f'{TRADE}\n{{"type":"trade_bar"}}\n{TRADE}\n'
    assert [type(message) for message in read_lines(text.encode(), 1)] == [Trade, Unknown, Trade]


@pytest.mark.parametrize(
    "text", ['{"message":"boom"}', '{"responseText":"x","message":"boom","url":"https://a/b"}']
)
def test_the_machines_own_trouble_is_not_taken_for_a_message(text: str) -> None:
    with pytest.raises(TroubleTold, match="boom") as told:
        read_lines(f"{TRADE}\n{text}\n".encode(), 1)
    assert told.value.line == 2
    assert told.value.trouble.url == ("https://a/b" if "url" in text else None)


instants = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999))


@given(instants, st.integers(0, 9), st.text("0123456789", min_size=3, max_size=3))
def test_times_are_whole_microseconds_with_whatever_lies_below_cut_off(
    moment: datetime, digits: int, below: str
) -> None:
    fraction = f"{moment.microsecond:06}{below}"[:digits]
    text = f"{moment.replace(microsecond=0).isoformat()}{'.' if fraction else ''}{fraction}Z"
    kept = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")), tzinfo=UTC)
    for _ in range(2):  # the second time its second is known
        assert instant_us(text) == (kept - EPOCH) // timedelta(microseconds=1)


def test_the_vendors_hundred_nanoseconds_are_cut_as_its_client_cuts_them() -> None:
    assert instant_us("2019-06-01T00:03:03.1238784Z") == 1_559_347_383_123_878
    assert instant_us("2019-12-31T23:59:59.9999999Z") == 1_577_836_799_999_999


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2019-04-01",
        "2019-04-01T00:00:00",
        "2019-04-01T00:00:00.336793",
        "2019-04-01 00:00:00.336793Z",
        "2019-04-01T00:00:00,336793Z",
        "2019-04-01T00:00:00.336793+00:00",
        "2019-04-01T00:00:00.Z",
        "2019-04-01T00:00:00.0123456789Z",
        "2019-04-01T00:00:00.33 793Z",
        "2019-04-01T00:00:00.+36793Z",
        "2019-04-01T00:00:00.3_6793Z",
        "2019-04-01T00:00:00.٣٣٦٧٩٣Z",
        "2019-04-01T00:00:00.336793z",
        "2019-02-29T00:00:00.336793Z",
        "2019-04-01T24:00:00.336793Z",
        "2019-04-01T00:00:60.336793Z",
        "20190-4-01T00:00:00.336793Z",
        "٢٠١٩-04-01T00:00:00.336793Z",
        "+12019-04-01T00:00:00.336Z",
    ],
)
def test_other_spellings_of_times_are_refused(text: str) -> None:
    instant_us("2019-04-01T00:00:00.000000Z")
    with pytest.raises(ValueError, match=re.escape(repr(text)[:-1] if len(text) < 19 else "is not a time")):
        instant_us(text)
