"""What tardis-machine is asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tickreel.errors import UsageError
from tickreel.market.time import parse_instant
from tickreel.market.types import DataType
from tickreel.sources.normalized import MACHINE_TYPES, LeadIn, ReplayRequest
from tickreel.sources.normalized.options import options_of


def request(start: str, end: str, *types: DataType, **fields: Any) -> ReplayRequest:
    asked = {"exchange": "bitmex", "symbols": ("XBTUSD", "ETHUSD")} | fields
    return ReplayRequest(
        types=types or (DataType.TRADES,), from_us=parse_instant(start), to_us=parse_instant(end), **asked
    )


def test_the_options_are_those_of_replay_normalized() -> None:
    asked = request("2019-06-01T10:00", "2019-06-01T10:05", DataType.INCREMENTAL_BOOK_L2, DataType.QUOTES)
    assert json.loads(options_of(asked)) == {
        "exchange": "bitmex",
        "symbols": ["XBTUSD", "ETHUSD"],
        "from": "2019-06-01T10:00:00.000Z",
        "to": "2019-06-01T10:05:00.000Z",
        "dataTypes": ["book_change", "quote"],
        "withDisconnectMessages": True,
    }
    assert "symbols" not in json.loads(options_of(request("2019-06-01", "2019-06-02", symbols=())))


def test_every_data_type_has_a_name_of_its_own() -> None:
    assert set(MACHINE_TYPES) == set(DataType)
    assert len(set(MACHINE_TYPES.values())) == len(DataType)


@pytest.mark.parametrize(
    ("start", "end", "asked"),
    [
        ("2019-06-01T10:00", "2019-06-01T10:01", ("10:00", "10:01")),
        ("2019-06-01T10:00:00.000001", "2019-06-01T10:00:59.999999", ("10:00", "10:01")),
        ("2019-06-01T10:00:59.999999", "2019-06-01T10:01:00.000001", ("10:00", "10:02")),
        ("2019-06-01T10:01", "2019-06-01T10:01:30", ("10:01", "10:02")),
    ],
)
def test_whole_minutes_around_the_range_are_asked_for(start: str, end: str, asked: tuple[str, str]) -> None:
    options = json.loads(options_of(request(start, end)))
    assert (options["from"][11:16], options["to"][11:16]) == asked


def test_the_last_minute_of_a_day_ends_in_the_next() -> None:
    options = json.loads(options_of(request("2019-05-31T23:59:10", "2019-05-31T23:59:10.5")))
    assert (options["from"], options["to"]) == ("2019-05-31T23:59:00.000Z", "2019-06-01T00:00:00.000Z")


@pytest.mark.parametrize("data_type", DataType)
def test_what_rests_on_the_day_so_far_can_be_led_in_from_midnight(data_type: DataType) -> None:
    options = json.loads(
        options_of(request("2019-06-01T10:30:30", "2019-06-01T10:31", data_type, lead_in=LeadIn.DAY))
    )
    stands_alone = data_type in (DataType.TRADES, DataType.LIQUIDATIONS, DataType.BOOK_TICKER)
    assert options["from"] == f"2019-06-01T{'10:30' if stands_alone else '00:00'}:00.000Z"
    both = request("2019-06-01T10:30:30", "2019-06-01T10:31", DataType.TRADES, data_type, lead_in=LeadIn.DAY)
    assert json.loads(options_of(both))["from"] == options["from"]


def test_what_no_machine_can_answer_is_refused() -> None:
    with pytest.raises(UsageError, match="the range ends before it starts"):
        request("2019-06-01T10:01", "2019-06-01T10:00")
    with pytest.raises(UsageError, match="no data type"):
        ReplayRequest("bitmex", (), (), 0, 1)
    with pytest.raises(UsageError, match="OPTIONS is a file of many symbols"):
        request("2019-06-01", "2019-06-02", symbols=("BTC-PERPETUAL", "OPTIONS"))
