"""Snapshots and bars beside what the vendor's client computes, of feeds with every trap."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.served import parsed, played, store_messages
from support.vendorcompute import PlainBars, PlainSnapshots

from tickreel import open_cache
from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from support.vendorcompute import Message

START = datetime(2024, 3, 1, tzinfo=UTC)
RANGE = {"exchange": "bitmex", "symbols": ["XBTUSD"], "from": "2024-03-01", "to": "2024-03-02"}
L2 = DataType.INCREMENTAL_BOOK_L2


def stamps(chance: random.Random, local_us: int) -> Message:
    """Give both times: mostly an exchange's in milliseconds, which may go back, or none."""
    local = START + timedelta(microseconds=local_us)
    exchange_us = local_us - chance.choice([0, 700, 1_500, 40_000, -30_000])
    exchange = START + timedelta(microseconds=max(0, exchange_us - exchange_us % 1000))
    local_text = f"{local:%Y-%m-%dT%H:%M:%S.%f}Z"
    if chance.random() < 0.2 or exchange == local:
        return {"timestamp": local_text, "localTimestamp": local_text}
    text = f"{exchange:%Y-%m-%dT%H:%M:%S}.{exchange.microsecond // 1000:03}Z"
    return {"timestamp": text, "localTimestamp": local_text}


def market(seed: int, count: int, *, ask: int = 101) -> list[Message]:
    """Make changes of a book, snapshots among them, and trades; crossed at times, and not from the start."""
    chance, local_us = random.Random(seed), 0
    messages: list[Message] = []
    for _ in range(count):
        local_us += chance.choice([1, 900, 5_000, 120_000])
        common = {"symbol": "XBTUSD", "exchange": "bitmex"}
        if chance.random() < 0.4:
            messages.append(
                common
                | {"type": "trade", "id": str(local_us), "side": chance.choice(["buy", "sell", "unknown"])}
                | {"price": 100 + chance.randrange(20) / 4, "amount": chance.choice([1, 0.1, 2.5, 3e-7])}
                | stamps(chance, local_us)
            )
            continue
        is_snapshot = chance.random() < 0.05
        levels = {
            side: [
                {"price": middle + chance.randrange(-6, 14) * step / 4, "amount": chance.choice([0, 1, 2.25])}
                for _ in range(chance.randrange(1, 4) * (4 if is_snapshot else 1))
            ]
            for side, middle, step in (("bids", 100, -1), ("asks", ask, 1))
        }
        if not is_snapshot and chance.random() < 0.3:
            levels[chance.choice(["bids", "asks"])] = []
        messages.append(
            common | {"type": "book_change", "isSnapshot": is_snapshot} | levels | stamps(chance, local_us)
        )
    return messages


SNAPSHOTS = [
    PlainSnapshots("quote", 1, 0),
    PlainSnapshots("quote_1s", 1, 1000),
    PlainSnapshots("book_snapshot_3_0ms", 3, 0),
    PlainSnapshots("book_snapshot_5_100ms", 5, 100),
    PlainSnapshots("book_snapshot_2_grouped1_0ms", 2, 0, 1),
    PlainSnapshots("book_snapshot_3_grouped0.5_250ms", 3, 250, 0.5, 1),
]
BARS = [
    PlainBars("trade_bar_100ms", "time", 100),
    PlainBars("trade_bar_1s", "time", 1000),
    PlainBars("trade_bar_3ticks", "tick", 3),
    PlainBars("trade_bar_4vol", "volume", 4),
]
COMPUTERS: list[PlainSnapshots | PlainBars] = [*SNAPSHOTS, *BARS]


def expected(messages: Sequence[Message], names: Sequence[str]) -> list[Message]:
    """Compute what should be told, after each message in the order asked for."""
    snapshots = {
        plain.name: PlainSnapshots(plain.name, plain.depth, plain.interval, plain.grouping, plain.places)
        for plain in SNAPSHOTS
    }
    bars = {plain.name: PlainBars(plain.name, plain.kind, plain.interval) for plain in BARS}
    told = []
    for message in messages:
        if message["type"] in names:
            told.append(message)
        own: dict[str, Any] = bars if message["type"] == "trade" else snapshots
        for name in names:
            if name in own:
                told += own[name].compute(message)
    return told


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "names",
    [
        *([plain.name] for plain in COMPUTERS),
        ["book_change", "trade", *(plain.name for plain in COMPUTERS)],
        ["trade_bar_3ticks", "quote_1s", "book_snapshot_3_0ms", "trade"],
    ],
    ids=lambda names: "+".join(names)[:40],
)
def test_what_is_computed_is_what_the_vendor_computes(home: Path, names: list[str], seed: int) -> None:
    messages = market(seed, 600)
    with open_cache(home) as cache:
        store_messages(cache, "bitmex", [DataType.TRADES, L2], messages)
        told = parsed(played(cache, RANGE | {"dataTypes": names}))
    assert told == expected(messages, names)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([plain.name for plain in COMPUTERS]))
def test_any_feed_gives_the_same(tmp_path_factory: pytest.TempPathFactory, seed: int, name: str) -> None:
    messages = market(seed, 120)
    with open_cache(tmp_path_factory.mktemp("home")) as cache:
        store_messages(cache, "bitmex", [DataType.TRADES, L2], messages)
        assert parsed(played(cache, RANGE | {"dataTypes": [name]})) == expected(messages, [name])


def test_a_deep_snapshot_fills_its_buffer_more_than_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickreel.server.computing._CELLS_AT_ONCE", 1)
    messages = market(1, 400)
    with open_cache(home) as cache:
        store_messages(cache, "bitmex", [L2], messages)
        told = parsed(played(cache, RANGE | {"dataTypes": ["book_snapshot_3_0ms"]}))
    assert told == expected(messages, ["book_snapshot_3_0ms"])


def test_a_range_in_the_middle_begins_with_the_book_that_is_carried_there(home: Path) -> None:
    # The book that is carried there is what the feed says, which the vendor would have uncrossed.
    messages = [message for message in market(3, 900, ask=110) if message["type"] == "book_change"]
    later = RANGE | {"from": "2024-03-01T00:00:10", "exactTimes": True, "dataTypes": ["book_snapshot_3_0ms"]}
    plain = PlainSnapshots("book_snapshot_3_0ms", 3, 0)
    want = [one for message in messages for one in plain.compute(message)]
    want = [one for one in want if one["localTimestamp"] >= "2024-03-01T00:00:10"]
    with open_cache(home) as cache:
        store_messages(cache, "bitmex", [L2], messages)
        told = parsed(played(cache, later))
    # Its first is told in any case, as nothing was before.
    assert [one for one in told if one in want] == want
    assert len(told) - len(want) <= 1
    first_message = next(m for m in messages if m["localTimestamp"] >= "2024-03-01T00:00:10")
    assert told[0]["localTimestamp"] == first_message["localTimestamp"]
