"""The vendor's own messages, stored and played back: byte for byte where its JSON is known, else by field."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.normalized import combined_sample, json_lines, mapped_samples
from support.realdata import real_data
from support.served import parsed, played, played_lines, store_messages

from tickreel import open_cache
from tickreel.market.types import DataType

if TYPE_CHECKING:
    from pathlib import Path

    from support.normalized import Message

FOLDER = "tardis_normalized"
DAY = {"from": "2019-04-01", "to": "2019-04-02"}
XBT = DAY | {"exchange": "bitmex", "symbols": ["XBTUSD"]}
COMPUTED = [
    "book_snapshot_10_1000ms",
    "book_snapshot_5_0ms",
    "book_snapshot_3_100ms",
    "trade_bar_1000ms",
    "trade_bar_100ticks",
]
BOTH = [DataType.TRADES, DataType.INCREMENTAL_BOOK_L2]
KEYS = {
    "trade": ["type", "symbol", "exchange", "id", "price", "amount", "side", "timestamp", "localTimestamp"],
    "book_change": [
        *("type", "symbol", "exchange", "isSnapshot", "bids", "asks", "timestamp", "localTimestamp"),
    ],
    "book_snapshot": [
        *("type", "symbol", "exchange", "name", "depth", "interval", "bids", "asks", "timestamp"),
        "localTimestamp",
    ],
    "trade_bar": [
        *("type", "symbol", "exchange", "name", "interval", "kind", "open", "high", "low", "close", "volume"),
        *("buyVolume", "sellVolume", "trades", "vwap", "openTimestamp", "closeTimestamp", "localTimestamp"),
        "timestamp",
    ],
}
"""The order of keys in which the vendor's client makes its objects."""


def javascript(message: Message) -> bytes:
    """Write a message as JSON.stringify does: Python's floats that are whole have no point there."""

    def plain(value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, list):
            return [
                {key: plain(level[key]) for key in ("price", "amount") if key in level} for level in value
            ]
        return value

    ordered = {key: plain(message[key]) for key in KEYS[message["type"]]}
    return json.dumps(ordered, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_all_that_the_vendor_computed_comes_back_byte_for_byte_in_its_order(home: Path) -> None:
    told = json_lines(real_data(FOLDER, "computed_bitmex_XBTUSD_2019-04-01_first20s.jsonl.gz"))
    sources = [message for message in told if message["type"] in ("trade", "book_change")]
    with open_cache(home) as cache:
        store_messages(cache, "bitmex", BOTH, sources)
        everything = played_lines(cache, XBT | {"dataTypes": ["trade", "book_change", *COMPUTED]})
        assert everything == b"".join(map(javascript, told))
        for name in COMPUTED:
            alone = played_lines(cache, XBT | {"dataTypes": [name]})
            assert alone == b"".join(javascript(one) for one in told if one.get("name") == name)


def test_two_exchanges_are_merged_as_the_vendor_merges_them(home: Path) -> None:
    told = combined_sample(real_data(FOLDER, "combine.test.ts.snap.gz"))
    options = [
        DAY | {"exchange": exchange, "symbols": [symbol], "dataTypes": ["trade", "book_change"]}
        for exchange, symbol in (("bitmex", "XBTUSD"), ("deribit", "BTC-PERPETUAL"))
    ]
    with open_cache(home) as cache:
        for exchange in ("bitmex", "deribit"):
            own = [message for message in told if message["exchange"] == exchange]
            store_messages(cache, exchange, BOTH, own)
        assert played_lines(cache, options) == b"".join(map(javascript, told))


NAMES = {
    DataType.TRADES: "trade",
    DataType.LIQUIDATIONS: "liquidation",
    DataType.BOOK_TICKER: "book_ticker",
    DataType.DERIVATIVE_TICKER: "derivative_ticker",
    DataType.OPTIONS_CHAIN: "option_summary",
}


def comparable(message: Message) -> Message:
    """Leave what rows cannot tell: the case of a symbol, an empty text, and microseconds that are zero."""
    same = {key: value for key, value in message.items() if value not in (None, "")}
    same["symbol"] = same["symbol"].upper()
    for key, value in same.items():
        if key.lower().endswith(("timestamp", "date")) and len(value) == len("2019-04-01T00:00:00.000000Z"):
            same[key] = value.replace("000Z", "Z") if value.endswith("000Z") else value
    return same


@pytest.mark.parametrize("data_type", NAMES)
def test_messages_of_every_exchange_come_back_field_by_field(home: Path, data_type: DataType) -> None:
    samples = [
        message
        for message in mapped_samples(real_data(FOLDER, "mappers.test.snapshot"))
        if message["type"] == NAMES[data_type] and "2010" < message["localTimestamp"] < "2099"
    ]
    assert samples
    samples.sort(key=lambda message: message["localTimestamp"])
    by_exchange: dict[str, list[Message]] = {}
    for message in samples:
        by_exchange.setdefault(message["exchange"], []).append(message)
    with open_cache(home) as cache:
        for exchange, messages in by_exchange.items():
            store_messages(cache, exchange, [data_type], messages)
            for symbol in {message["symbol"] for message in messages}:
                own = [message for message in messages if message["symbol"].upper() == symbol.upper()]
                told: list[Message] = []
                for day in sorted({message["localTimestamp"][:10] for message in own}):
                    ask = {"exchange": exchange, "symbols": [symbol], "dataTypes": [NAMES[data_type]]}
                    after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
                    ask |= {"from": day, "to": after}
                    told += parsed(played(cache, ask))
                assert [comparable(one) for one in told] == [comparable(one) for one in own]
