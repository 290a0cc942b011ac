"""The compiled counts against the plain ones, on feeds with every fault at once and on real days."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.blocks import block_of
from support.dictbook import DictBook
from support.dictbook import Row as L2Row
from support.l2csv import read_l2
from support.plainhealth import plain_counts, plain_gaps
from support.realdata import real_data

from tickreel.book import BookBuilder
from tickreel.market.block import Block
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.health import DayWatch, Health, Kind, health_of
from tickreel.store.model import Grade

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

pytestmark = pytest.mark.long

L2 = DataType.INCREMENTAL_BOOK_L2
Row = dict[str, Any]

waits_us = st.sampled_from(
    [0, 0, 1, 700, 400_000, 499_999, 500_000, 600_000, 10_000_000, 10_000_001, 30_000_000]
)
lags_us = st.sampled_from([0, 0, 1_000, 5_000, -1_300_000])
prices = st.sampled_from([-0.5, 0.0, 1.0, 1.5, 2.0, 2.25, 3.0, 1e-9, 0.1 + 0.2, 1e17, 123456789.123])


@st.composite
def days(draw: st.DrawFn, data_type: DataType) -> list[Row]:
    symbols = draw(st.sampled_from([("A",), ("A", "B", "C")]))
    own: dict[str, st.SearchStrategy[Any]]
    if data_type is L2:
        own = {
            "is_snapshot": st.sampled_from([False, False, False, True]),
            "side": st.sampled_from(["bid", "ask"]),
            "price": prices,
            "amount": st.sampled_from([0.0, 1.0, 1.0, 2.0]),
        }
    elif data_type is DataType.TRADES:
        ids = st.sampled_from(["", "7", "8", "9", "10", "010", "x", "ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf"])
        own = {"id": ids, "side": st.just("buy"), "price": prices | st.none(), "amount": st.just(1.0)}
    else:
        names = ("ask_amount", "ask_price", "bid_price", "bid_amount")
        own = {name: prices | st.none() for name in names}
    rows = []
    now_us = 0
    for _ in range(draw(st.integers(1, 25))):
        symbol, lag_us = draw(st.sampled_from(symbols)), draw(lags_us)
        now_us += draw(waits_us)
        flags = draw(st.sampled_from([None, True, False])) if data_type is L2 else None
        for _ in range(draw(st.integers(1, 4))):
            cells = draw(st.fixed_dictionaries(own))
            if flags is not None:
                cells["is_snapshot"] = flags
            times = {"timestamp": now_us - lag_us, "local_timestamp": now_us}
            rows.append({"exchange": "e", "symbol": symbol, **times, **cells})
        if draw(st.integers(0, 4)) == 0:
            # The same rows once more, a little later.
            again = [row for row in rows if row["local_timestamp"] == now_us and row["symbol"] == symbol]
            now_us += 5
            rows += [{**row, "local_timestamp": now_us} for row in again]
    return rows


def watched(data_type: DataType, rows: list[Row], cuts: list[int]) -> Health:
    symbols = {row["symbol"] for row in rows}
    watch = DayWatch(DatasetKey("e", "PERPETUALS" if len(symbols) > 1 else symbols.copy().pop(), data_type))
    block = block_of(data_type, rows)
    edges = sorted({0, len(rows), *(cut % (len(rows) + 1) for cut in cuts)})
    for low, high in pairwise(edges):
        watch.update(block.cut(low, high))
    return watch.finish()


@pytest.mark.parametrize("data_type", [L2, DataType.TRADES, DataType.QUOTES])
def test_any_day_cut_anywhere_is_counted_as_the_plain_program_counts_it(data_type: DataType) -> None:
    @settings(deadline=None, max_examples=150)
    @given(days(data_type), st.lists(st.integers(0, 1_000), max_size=4))
    def check(rows: list[Row], cuts: list[int]) -> None:
        health = watched(data_type, rows, cuts)
        assert {kind.value: count for kind, count in health.counts.items()} == plain_counts(data_type, rows)
        gaps = [(one.from_us, one.to_us) for one in health.intervals if one.kind is Kind.GAP]
        assert gaps == plain_gaps(rows)
        for kind in set(Kind) - {Kind.GAP, Kind.SNAPSHOT_MISMATCH}:
            told = sum(one.rows for one in health.intervals if one.kind is kind)
            assert told == health.counts[kind]
        assert Health.from_form(health.to_form()) == health

    check()


def block_of_file(path: Path, symbol: str) -> Block:
    import pyarrow.csv

    rows = read_l2(path)
    exchange_us = pyarrow.csv.read_csv(path)["timestamp"].to_numpy()
    return Block(
        SCHEMAS[L2],
        "binance",
        symbol,
        {
            "timestamp": exchange_us,
            "local_timestamp": rows.local_us,
            "is_snapshot": rows.is_snapshot,
            "side": rows.side,
            "price": rows.price,
            "amount": rows.amount,
        },
    )


DAYS = [
    ("binance", "NEXOUSDT", ["2024/07/23", "2024/07/24"]),
    ("binance-futures", "BTCUSDT", ["2023/04/04", "2023/04/05"]),
]


@pytest.mark.parametrize(("exchange", "symbol", "dates"), DAYS, ids=["a thin book", "a deep book"])
def test_real_days_are_counted_as_the_plain_program_counts_them(
    exchange: str, symbol: str, dates: list[str]
) -> None:
    folder = real_data("datasets", "v1", exchange, "incremental_book_L2")
    key = DatasetKey(exchange, symbol, L2)
    carried: dict[str, BookBuilder] = {}
    for date in dates:
        block = block_of_file(folder / date / f"{symbol}.csv.gz", symbol)
        columns = dict(block.columns)
        listed = zip(*(column.tolist() for column in columns.values()), strict=True)  # type: ignore[union-attr]
        rows = [{"symbol": symbol, **dict(zip(columns, cells, strict=True))} for cells in listed]
        for row in rows:
            row["side"] = "ask" if row["side"] else "bid"
        plain = plain_counts(L2, rows)
        alone = health_of([block], key)
        assert {kind.value: count for kind, count in alone.counts.items()} == plain
        assert alone.counts[Kind.CROSSED] == 0

        watch = DayWatch(key, carried=carried)
        for low in range(0, len(block), 10_001):
            watch.update(block.cut(low, low + 10_001))
        health = watch.finish()
        assert health.counts[Kind.RESET] == alone.counts[Kind.RESET] == 1
        assert health.grade in (Grade.GOOD, Grade.USABLE)
        carried = watch.books


def test_a_thin_real_book_carried_over_midnight_agrees_with_the_snapshot_that_follows() -> None:
    folder = real_data("datasets", "v1", "binance", "incremental_book_L2", "2024", "07")
    key = DatasetKey("binance", "NEXOUSDT", L2)
    carried: dict[str, BookBuilder] = {}
    found = []
    for day in ("23", "24", "25"):
        watch = DayWatch(key, carried=carried)
        watch.update(block_of_file(folder / day / "NEXOUSDT.csv.gz", "NEXOUSDT"))
        found.append(watch.finish())
        carried = watch.books
    assert [health.counts[Kind.SNAPSHOT_MISMATCH] for health in found] == [0, 0, 0]
    state_hash = carried["NEXOUSDT"].view().state_hash()
    assert state_hash == "3c6876e56638299aeaa56254d7a781e117c896ad49a07beb287b5af53291bb18"


def test_a_keyframe_is_the_book_after_the_message_of_every_so_manieth_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tickreel.store.health.books.KEYFRAME_ROWS", 2_000)
    path = real_data(
        "datasets", "v1", "binance", "incremental_book_L2", "2024", "07", "25", "NEXOUSDT.csv.gz"
    )
    block = block_of_file(path, "NEXOUSDT")
    rows = read_l2(path)
    for step in (777, 2_000, len(rows)):
        frames: list[tuple[int, NDArray[np.float64], NDArray[np.float64]]] = []
        watch = DayWatch(
            DatasetKey("binance", "NEXOUSDT", L2), on_keyframe=lambda *frame, kept=frames: kept.append(frame)
        )
        for low in range(0, len(block), step):
            watch.update(block.cut(low, low + step))
        watch.finish()
        assert [at_us for at_us, _, _ in frames] == rows.local_us[1_999::2_000].tolist()
        assert len(frames) > 5
        for local_us, bids, asks in frames[::5]:
            plain = BookBuilder()
            plain.apply(rows.part(0, int(rows.local_us.searchsorted(local_us, side="right"))))
            book = plain.view()
            assert (bids.tolist(), asks.tolist()) == (book.bids.tolist(), book.asks.tolist())


def test_planted_losses_are_found_at_the_next_snapshot() -> None:
    path = real_data(
        "datasets", "v1", "binance", "incremental_book_L2", "2024", "07", "23", "NEXOUSDT.csv.gz"
    )
    block = block_of_file(path, "NEXOUSDT")
    rows = read_l2(path)
    book = DictBook()
    book.apply(
        L2Row(*cells)
        for cells in zip(
            rows.local_us.tolist(),
            rows.is_snapshot.tolist(),
            ["ask" if side else "bid" for side in rows.side.tolist()],
            rows.price.tolist(),
            rows.amount.tolist(),
            strict=True,
        )
    )
    bids, asks = book.bids(), book.asks()
    # One level with another amount, one that the feed never removed, one that it never told of;
    # and one beyond what the snapshot shows, which is no sign of anything.
    said_bids = [[bids[0][0], bids[0][1] + 1], *bids[1:3], *bids[4:40]]
    said_asks = [*asks[:5], [round(asks[4][0] + 1e-4, 10), 3.0], *asks[5:40]]
    last_us = int(rows.local_us[-1]) + 5
    snapshot = [
        {
            "exchange": "binance", "symbol": "NEXOUSDT", "timestamp": last_us, "local_timestamp": last_us,
            "is_snapshot": True, "side": side, "price": price, "amount": amount,
        }
        for side, levels in (("bid", said_bids), ("ask", said_asks))
        for price, amount in levels
    ]  # fmt: skip
    health = health_of([block, block_of(L2, snapshot)], DatasetKey("binance", "NEXOUSDT", L2))
    assert health.counts[Kind.SNAPSHOT_MISMATCH] == 3
    assert health.grade is Grade.USABLE
    (found,) = (one for one in health.intervals if one.kind is Kind.SNAPSHOT_MISMATCH)
    assert (found.from_us, found.rows) == (last_us, 3)
