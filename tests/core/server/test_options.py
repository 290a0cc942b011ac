"""Options of a replay as clients write them, right and wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.errors import UsageError
from tickreel.market.time import parse_instant
from tickreel.server.datatypes import BarKind, BarType, Plain, SnapshotType, decimal_places, message_type
from tickreel.server.options import MOST_OPTIONS, read_options

OPTION = {"exchange": "bitmex", "symbols": ["XBTUSD"], "from": "2019-06-01", "to": "2019-06-01 00:01"}
GOOD = OPTION | {"dataTypes": ["trade"]}


def read(**changes: Any) -> Any:
    (option,) = read_options(json.dumps(GOOD | changes))
    return option


def test_an_object_and_an_array_are_options() -> None:
    (option,) = read_options(json.dumps(GOOD))
    assert (option.exchange, option.symbols, option.types) == ("bitmex", ("XBTUSD",), (Plain.TRADE,))
    assert option.from_us == parse_instant("2019-06-01")
    assert option.to_us == parse_instant("2019-06-01T00:01Z")
    assert read_options(json.dumps([GOOD, GOOD])) == (option, option)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("2019-06-01", "2019-06-01T00:00Z"),
        ("2019-06-01 00:01", "2019-06-01T00:01Z"),
        ("2019-06-01T00:01:00.000Z", "2019-06-01T00:01Z"),
        ("2019-06-01T00:01:59.999999Z", "2019-06-01T00:01Z"),
        ("2019-06-01T00:01:59.9999999Z", "2019-06-01T00:01Z"),
        ("2019-06-01T02:00:00+02:00", "2019-06-01T00:00Z"),
    ],
)
def test_dates_are_utc_and_cut_to_the_minute(text: str, read_as: str) -> None:
    assert read(to="2020-01-01", **{"from": text}).from_us == parse_instant(read_as)


def test_exact_times_are_kept_where_they_are_asked_for() -> None:
    option = read(exactTimes=True, **{"from": "2019-06-01T00:00:30.000001Z"})
    assert option.from_us == parse_instant("2019-06-01T00:00:30.000001Z")


def test_data_types_may_be_spelled_as_in_python() -> None:
    given_types = {"data_types": ["quote"], "dataTypes": None}
    assert read(**given_types).types == (SnapshotType("quote", 1, 0),)


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("quote_10s", SnapshotType("quote_10s", 1, 10_000)),
        ("book_snapshot_25_0ms", SnapshotType("book_snapshot_25_0ms", 25, 0)),
        ("book_snapshot_5_2m", SnapshotType("book_snapshot_5_2m", 5, 120_000)),
        ("book_snapshot_3_grouped0.5_1s", SnapshotType("book_snapshot_3_grouped0.5_1s", 3, 1000, 0.5)),
        ("trade_bar_100ticks", BarType("trade_bar_100ticks", BarKind.TICK, 100)),
        ("trade_bar_10ms", BarType("trade_bar_10ms", BarKind.TIME, 10)),
        ("trade_bar_5m", BarType("trade_bar_5m", BarKind.TIME, 300_000)),
        ("trade_bar_1.5vol", BarType("trade_bar_1.5vol", BarKind.VOLUME, 1.5)),
        ("option_summary", Plain.OPTION_SUMMARY),
        ("book_delta", None),
    ],
)
def test_names_of_data_types(name: str, means: object) -> None:
    assert message_type(name) == means


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("trade_bar", "invalid data type: trade_bar"),
        ("trade_bar_10h", "invalid data type: trade_bar_10h"),
        ("trade_bar_xs", "invalid interval: x, data type: trade_bar_xs"),
        ("trade_bar_0s", "invalid interval: 0, data type: trade_bar_0s"),
        ("book_snapshot_5", "invalid data type: book_snapshot_5"),
        ("book_snapshot_x_1s", "invalid depth: x, data type: book_snapshot_x_1s"),
        ("book_snapshot_0_1s", "invalid depth: 0, data type: book_snapshot_0_1s"),
        ("book_snapshot_99999_1s", "invalid depth: 99999, data type: book_snapshot_99999_1s"),
        ("book_snapshot_5_grouped_1s", "invalid grouping: , data type: book_snapshot_5_grouped_1s"),
        ("book_snapshot_5_by2_1s", "invalid data type: book_snapshot_5_by2_1s"),
        ("quotes", "invalid interval: quote, data type: quotes"),
        ("quote_1e9s", "invalid interval: 1e9, data type: quote_1e9s"),
    ],
)
def test_a_computed_type_that_cannot_be_read_is_refused_as_the_vendor_words_it(
    name: str, problem: str
) -> None:
    with pytest.raises(UsageError) as error:
        read(dataTypes=["trade", name])
    assert str(error.value) == problem


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"from": "sdf"}, 'Invalid "from" argument: sdf. Please provide valid date string.'),
        ({"from": None}, 'Invalid "from" argument: undefined. Please provide valid date string.'),
        ({"to": 1559347200000000}, 'Invalid "to" argument: 1559347200000000. Please provide valid'),
        ({"to": "1559347200000000"}, 'Invalid "to" argument: 1559347200000000. Please provide valid'),
        ({"to": "2019-05-01"}, 'Invalid "to" and "from" arguments combination.'),
        ({"exchange": None}, 'Invalid "exchange" argument: undefined.'),
        ({"exchange": 5}, 'Invalid "exchange" argument: 5.'),
        ({"symbols": "XBTUSD"}, 'Invalid "symbols" argument: XBTUSD. Please provide array of strings.'),
        ({"symbols": ["A"] * 1001}, 'Invalid "symbols" argument: 1001 of them are more than 1000.'),
        ({"dataTypes": []}, "Can't normalize data without any normalizers provided"),
        ({"dataTypes": ["nothing"]}, "Can't normalize data without any normalizers provided"),
        ({"withDisconnectMessages": "yes"}, 'Invalid "withDisconnectMessages" argument: yes.'),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(UsageError) as error:
        read(**changes)
    assert problem in str(error.value)


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "5", "[5]", "null", "[" * 100_000, '{"exchange":', "\ud800"]
)
def test_what_is_no_json_of_options_is_refused(text: str | None) -> None:
    with pytest.raises(UsageError):
        read_options(text)
    with pytest.raises(UsageError):
        read_options(json.dumps([GOOD] * (MOST_OPTIONS + 1)))


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_TYPE_NAMES = st.from_regex(
    r"(trade_bar|book_snapshot|quote|trade)(_(grouped)?[0-9.xe\-]{0,4}){0,3}(ms|s|m|vol|ticks)?",
    fullmatch=True,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [*GOOD, "withDisconnectMessages", "data_types", "exactTimes", "initialBook", "apiKey"]
        ),
        _JSON | st.lists(_TYPE_NAMES, max_size=3) | st.sampled_from(["2019-06-01", "bitmex"]),
    )
)
def test_whatever_is_asked_is_read_or_refused(changes: dict[str, object]) -> None:
    for text in (json.dumps(GOOD | changes), json.dumps(changes), json.dumps([GOOD | changes])):
        try:
            options = read_options(text)
        except UsageError:
            continue
        assert all(option.types and option.from_us <= option.to_us for option in options)


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_options(text)


@pytest.mark.parametrize(
    ("value", "places"), [(1.0, 0), (0.5, 1), (0.25, 2), (1e-7, 7), (1.5e-7, 8), (10.0, 0)]
)
def test_decimals_are_counted_as_javascript_spells_numbers(value: float, places: int) -> None:
    assert decimal_places(value) == places
