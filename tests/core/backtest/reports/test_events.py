"""What hftbacktest is given has the same book and trades, in an order that it accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.feeds import EXCHANGE, SPAN_US, SYMBOL, feed_files, import_walk
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.backtest.reports.events import (
    BUY,
    CLEAR,
    DEPTH,
    EVENT,
    SEEN_HERE,
    SEEN_THERE,
    SELL,
    SNAPSHOT,
    TRADE,
    Events,
    events_of,
    write_npz,
)
from tickreel.errors import EnvironmentProblem, NotHeldError
from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from pathlib import Path

S = 1_000_000


def played(data: np.ndarray[Any, Any], seen: int) -> tuple[dict[float, float], dict[float, float]]:
    """Play events of the book as one side sees them, level by level."""
    bids: dict[float, float] = {}
    asks: dict[float, float] = {}
    for event in data:
        kind = int(event["ev"])
        if not kind & seen or kind & 0xFF == TRADE:
            continue
        if kind & 0xFF == CLEAR:
            assert not kind & (BUY | SELL), "both sides at once"
            bids.clear()
            asks.clear()
            continue
        assert kind & 0xFF in (DEPTH, SNAPSHOT)
        levels = bids if kind & BUY else asks
        if event["qty"]:
            levels[float(event["px"])] = float(event["qty"])
        else:
            levels.pop(float(event["px"]), None)
    return bids, asks


def check_order(events: Events) -> None:
    for seen, clock in ((SEEN_THERE, "exch_ts"), (SEEN_HERE, "local_ts")):
        times = events.data[clock][(events.data["ev"] & np.uint64(seen)) != 0]
        assert (np.diff(times) >= 0).all(), clock
    assert (events.data["local_ts"] >= events.data["exch_ts"]).all()


def held(cache: Cache, at_us: int) -> tuple[dict[float, float], dict[float, float]]:
    book = cache.book(EXCHANGE, SYMBOL, at_us)
    return dict(book.bids.tolist()), dict(book.asks.tolist())


@pytest.mark.parametrize("begin_s", [0, 17, 59])
def test_the_book_is_the_same_from_any_start_on(tmp_path: Path, begin_s: int) -> None:
    with open_cache() as cache:
        start_us, end_us = import_walk(cache, tmp_path)
        events = events_of(cache, EXCHANGE, SYMBOL, start_us + begin_s * S, end_us)
        assert played(events.data, SEEN_HERE) == held(cache, end_us - 1)
        assert played(events.data, SEEN_THERE) == held(cache, end_us - 1)
        trades = cache.arrow(EXCHANGE, SYMBOL, "trades", start_us + begin_s * S, end_us)
    check_order(events)
    is_trade = (events.data["ev"] & np.uint64(0xFF | SEEN_HERE)) == TRADE | SEEN_HERE
    assert events.data["px"][is_trade].tolist() == trades["price"].to_pylist()
    assert (events.data["local_ts"][is_trade] // 1000).tolist() == trades["local_timestamp"].to_pylist()
    assert events.shift_us == 0


def test_a_snapshot_in_the_middle_clears_once_and_rows_of_one_snapshot_stay_together(tmp_path: Path) -> None:
    rows = [
        l2_line(START_US, "bid", "10", "1", snapshot=True),
        l2_line(START_US, "ask", "11", "1", snapshot=True),
        l2_line(START_US + S, "bid", "9", "3"),
        l2_line(START_US + 2 * S, "bid", "8", "1", snapshot=True),
        l2_line(START_US + 3 * S, "ask", "12", "1", snapshot=True),
    ]
    name = f"{EXCHANGE}_incremental_book_L2_2024-07-23_{SYMBOL}.csv.gz"
    with open_cache() as cache:
        cache.import_file(write_csv(tmp_path / name, DataType.INCREMENTAL_BOOK_L2, rows))
        events = events_of(cache, EXCHANGE, SYMBOL, START_US, START_US + 10 * S).data
        assert played(events, SEEN_HERE) == held(cache, START_US + 9 * S) == ({}, {12.0: 1.0})
    assert [int(each) & 0xFF for each in events["ev"]] == [
        *(CLEAR, SNAPSHOT, SNAPSHOT, DEPTH),
        *(CLEAR, SNAPSHOT, CLEAR, SNAPSHOT),
    ]


def test_events_in_another_order_on_the_two_clocks_are_there_twice(tmp_path: Path) -> None:
    book, _ = feed_files(tmp_path, messages=50)
    late = [
        line(
            DataType.TRADES,
            START_US + second * S,
            id=str(second),
            price="100.1",
            timestamp=str(START_US + second * S - 700_000),
        )
        for second in range(1, 60)
    ]
    trades = write_csv(tmp_path / f"{EXCHANGE}_trades_2024-07-23_{SYMBOL}.csv.gz", DataType.TRADES, late)
    with open_cache() as cache:
        for path in (book, trades):
            cache.import_file(path)
        events = events_of(cache, EXCHANGE, SYMBOL, START_US, START_US + SPAN_US)
        assert played(events.data, SEEN_HERE) == held(cache, START_US + SPAN_US - 1)
    check_order(events)
    both = np.uint64(SEEN_HERE | SEEN_THERE)
    apart = events.data[(events.data["ev"] & both) != both]
    assert len(apart) > 0
    once = [events.data[(events.data["ev"] & np.uint64(seen)) != 0] for seen in (SEEN_HERE, SEEN_THERE)]
    fields = [name for name in EVENT.names or () if name != "ev"]
    listed = [sorted(map(tuple, each[fields].tolist())) for each in once]
    assert listed[0] == listed[1], "each side sees every event once"


def test_messages_that_arrive_before_they_were_sent_move_local_time(tmp_path: Path) -> None:
    rows = [
        l2_line(START_US, "bid", "10", "1", snapshot=True),
        l2_line(START_US, "ask", "11", "1", snapshot=True),
    ]
    name = f"{EXCHANGE}_incremental_book_L2_2024-07-23_{SYMBOL}.csv.gz"
    trade = line(DataType.TRADES, START_US + S, id="1", price="10", timestamp=str(START_US + S + 1_300_000))
    with open_cache() as cache:
        cache.import_file(write_csv(tmp_path / name, DataType.INCREMENTAL_BOOK_L2, rows))
        path = tmp_path / f"{EXCHANGE}_trades_2024-07-23_{SYMBOL}.csv.gz"
        cache.import_file(write_csv(path, DataType.TRADES, [trade]))
        events = events_of(cache, EXCHANGE, SYMBOL, START_US, START_US + 10 * S)
    assert events.shift_us == 1_300_000
    check_order(events)


def test_the_file_is_an_npz_of_one_array(tmp_path: Path) -> None:
    with open_cache() as cache:
        start_us, end_us = import_walk(cache, tmp_path)
        events = events_of(cache, EXCHANGE, SYMBOL, start_us, end_us)
    path = tmp_path / "events.npz"
    with path.open("wb") as file:
        write_npz(file, events)
    with np.load(path) as loaded:
        assert loaded.files == ["data"]
        assert loaded["data"].dtype == EVENT
        assert EVENT.itemsize == 64
        assert (loaded["data"] == events.data).all()


def test_what_is_not_there_or_has_no_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_cache() as cache:
        with pytest.raises(NotHeldError, match="nothing is held"):
            events_of(cache, EXCHANGE, SYMBOL, START_US, START_US + S)
        start_us, end_us = import_walk(cache, tmp_path)
        with pytest.raises(NotHeldError, match="are missing"):
            events_of(cache, EXCHANGE, SYMBOL, start_us - S, end_us)
        assert len(events_of(cache, EXCHANGE, SYMBOL, start_us - S, end_us, allow_missing=True).data)

        class Full:
            available = 1000

        monkeypatch.setattr("psutil.virtual_memory", Full)
        with pytest.raises(EnvironmentProblem, match="name a shorter range"):
            events_of(cache, EXCHANGE, SYMBOL, start_us, end_us)
