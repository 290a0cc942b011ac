"""Where the recorder was cut off: told of rows that came as normalized messages, once for all types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.normalized import answer_of
from support.served import parsed, played, store_messages

from tickreel import open_cache
from tickreel.market.time import EARLIEST_US, LATEST_US
from tickreel.market.types import DatasetKey, DataType
from tickreel.sources.normalized import ReplayRequest, RowReader
from tickreel.store import Provenance, Source

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.store import Cache

DAY = {"exchange": "bitmex", "symbols": ["XBTUSD"], "from": "2024-03-01", "to": "2024-03-02"}
WITH = DAY | {"withDisconnectMessages": True}
L2, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES


def stamp(second: int) -> str:
    return f"2024-03-01T00:00:{second:02}.000000Z"


def trade(second: int) -> dict[str, Any]:
    times = {"timestamp": stamp(second), "localTimestamp": stamp(second)}
    common = {"type": "trade", "symbol": "XBTUSD", "exchange": "bitmex", "id": str(second)}
    return common | {"price": 100 + second, "amount": 1, "side": "buy"} | times


def change(second: int, *, is_snapshot: bool = False) -> dict[str, Any]:
    times = {"timestamp": stamp(second), "localTimestamp": stamp(second)}
    common = {"type": "book_change", "symbol": "XBTUSD", "exchange": "bitmex", "isSnapshot": is_snapshot}
    return common | {"bids": [{"price": 100, "amount": second + 1}], "asks": []} | times


def cut(second: int) -> dict[str, Any]:
    return {"type": "disconnect", "exchange": "bitmex", "localTimestamp": stamp(second)}


def store_apart(cache: Cache, messages: list[dict[str, Any]]) -> None:
    """Store as fetches of one type each do: each knows but its own messages before a disconnect."""
    for data_type, kind in ((TRADES, "trade"), (L2, "book_change")):
        own, last = [], None
        for message in messages:
            if message["type"] == kind:
                own.append(message)
                last = message["localTimestamp"]
            elif message["type"] == "disconnect" and last is not None:
                own.append(message | {"localTimestamp": last})
        reader = RowReader(ReplayRequest("bitmex", (), (data_type,), EARLIEST_US, LATEST_US))
        blocks = [*reader.feed(answer_of(own)), *reader.rest()]
        with cache.ingest(DatasetKey("bitmex", "XBTUSD", data_type)) as ingest:
            for block in blocks:
                ingest.append(block)
            cuts_us = reader.summary.disconnects_us
            ingest.commit(Provenance(Source.TARDIS_MACHINE, None, disconnects_us=cuts_us))


MESSAGES = [
    change(0, is_snapshot=True),
    trade(1),
    change(2),
    trade(4),
    cut(4),
    change(6, is_snapshot=True),
    change(7),
    trade(8),
    change(9),
    cut(9),
    change(11, is_snapshot=True),
    trade(12),
    cut(12),
]


@pytest.mark.parametrize("are_asked", [True, False])
def test_each_is_told_once_where_it_was(home: Path, are_asked: bool) -> None:
    with open_cache(home) as cache:
        store_apart(cache, MESSAGES)
        ask = (WITH if are_asked else DAY) | {"dataTypes": ["trade", "book_change"]}
        told = parsed(played(cache, ask))
    assert told == [message for message in MESSAGES if are_asked or message["type"] != "disconnect"]


def test_one_type_alone_tells_of_its_own_last_message(home: Path) -> None:
    with open_cache(home) as cache:
        store_apart(cache, MESSAGES)
        told = parsed(played(cache, WITH | {"dataTypes": ["trade"]}))
    assert told == [trade(1), trade(4), cut(4), trade(8), cut(8), trade(12), cut(12)]


def test_bars_and_books_begin_anew_behind_one(home: Path) -> None:
    messages = [
        trade(0),
        trade(1),
        cut(1),
        trade(2),
        trade(3),
        change(4, is_snapshot=True),
        cut(4),
        change(5),
    ]
    with open_cache(home) as cache:
        store_messages(cache, "bitmex", [TRADES, L2], messages)
        bars = parsed(played(cache, WITH | {"dataTypes": ["trade_bar_2ticks"]}))
        quotes = parsed(played(cache, WITH | {"dataTypes": ["quote"]}))
        through = parsed(played(cache, DAY | {"dataTypes": ["quote"]}))
    assert [one["type"] for one in bars] == ["trade_bar", "disconnect", "trade_bar", "disconnect"]
    assert [bar["trades"] for bar in bars if bar["type"] == "trade_bar"] == [2, 2]
    assert [one["type"] for one in quotes[-2:]] == [
        "book_snapshot",
        "disconnect",
    ]  # no book is known behind it
    assert [one["bids"][0]["amount"] for one in through] == [5, 6]


def test_they_are_merged_with_another_exchanges_messages(home: Path) -> None:
    other = [trade(second) | {"exchange": "deribit"} for second in range(0, 13, 3)]
    with open_cache(home) as cache:
        store_apart(cache, MESSAGES)
        store_messages(cache, "deribit", [TRADES], other)
        both = [
            WITH | {"dataTypes": ["trade"]},
            DAY | {"exchange": "deribit", "dataTypes": ["trade"]},
        ]
        told = parsed(played(cache, both))
    assert [one["localTimestamp"] for one in told] == sorted(one["localTimestamp"] for one in told)
    assert sum(one["type"] == "disconnect" for one in told) == 3
    assert len(told) == 4 + 3 + len(other)


def test_rows_of_files_tell_of_none(home: Path) -> None:
    with open_cache(home) as cache:
        reader = RowReader(ReplayRequest("bitmex", (), (TRADES,), EARLIEST_US, LATEST_US))
        blocks = [*reader.feed(answer_of([trade(1), trade(2)])), *reader.rest()]
        with cache.ingest(DatasetKey("bitmex", "XBTUSD", TRADES)) as ingest:
            for block in blocks:
                ingest.append(block)
            ingest.commit(Provenance(Source.IMPORT, None))
        assert parsed(played(cache, WITH | {"dataTypes": ["trade"]})) == [trade(1), trade(2)]
