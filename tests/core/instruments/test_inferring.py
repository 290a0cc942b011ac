from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

import pytest
from support.feeds import EXCHANGE, SYMBOL, import_walk
from support.monitors import CancelAt, Recording
from support.realdata import real_data
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.errors import Cancelled, NotHeldError, UsageError
from tickreel.instruments import infer
from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

L2, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES


@pytest.fixture
def cache() -> Iterator[Cache]:
    with open_cache() as opened:
        yield opened


def plain_gcd(texts: Iterable[str]) -> tuple[Decimal, int]:
    """Find the greatest common step of numbers by their text, and how many are not zero."""
    numbers = [number for number in map(Decimal, texts) if number]
    places = max(max(-int(number.as_tuple().exponent), 0) for number in numbers)
    return Decimal(reduce(gcd, (int(number.scaleb(places)) for number in numbers))).scaleb(-places), len(
        numbers
    )


@pytest.mark.parametrize("data_type", [L2, TRADES])
@pytest.mark.parametrize(
    ("exchange", "symbol", "days"),
    [
        ("binance", "NEXOUSDT", ("2024-07-23", "2024-07-24", "2024-07-25")),
        ("binance-futures", "BTCUSDT", ("2023-04-04", "2023-04-05")),
        ("binance-futures", "BTCUSDT", ("2024-07-18", "2024-07-19")),
    ],
)
def test_tick_and_lot_of_real_days_are_the_steps_of_their_decimal_texts(
    cache: Cache, exchange: str, symbol: str, days: tuple[str, ...], data_type: DataType
) -> None:
    texts: dict[str, list[str]] = {"price": [], "amount": []}
    for day in days:
        path = real_data("datasets", "v1", exchange, data_type, *day.split("-"), f"{symbol}.csv.gz")
        with gzip.open(path, "rt", encoding="ascii") as file:
            for row in csv.DictReader(file):
                texts["price"].append(row["price"])
                texts["amount"].append(row["amount"])
        cache.import_file(path)
    found = infer(cache, exchange, symbol, days[0], f"{days[-1]}T23:59:59.999999", type=data_type)
    tick, tick_rows = plain_gcd(texts["price"])
    lot, lot_rows = plain_gcd(texts["amount"])
    assert (repr(found.tick), repr(found.lot)) == (repr(float(tick)), repr(float(lot)))
    assert (found.evidence.tick_rows, found.evidence.lot_rows) == (tick_rows, lot_rows)
    assert (found.evidence.type, found.rows) == (data_type, len(texts["price"]))


def test_the_order_book_is_read_and_trades_where_there_is_none(cache: Cache, tmp_path: Path) -> None:
    start_us, end_us = import_walk(cache, tmp_path)
    found = infer(cache, EXCHANGE, SYMBOL, start_us, end_us)
    assert (found.evidence.type, found.tick, found.lot) == (L2, 0.1, 0.5)
    assert found.facts == {"tick": 0.1, "lot": 0.5}
    assert (found.from_us, found.to_us, found.rows) == (start_us, end_us, 639)
    assert found.evidence.tick_rows == 639
    assert 0 < found.evidence.lot_rows < 639, "rows that remove a level tell nothing of the lot"

    trades = infer(cache, EXCHANGE, SYMBOL, start_us, end_us, type="trades")
    assert (trades.evidence.type, trades.rows) == (TRADES, 60)
    assert (trades.tick, trades.lot, trades.facts) == (None, None, {}), "all are 0.002 at 100.1"
    lines = [line(TRADES, START_US, symbol="ETHUSDT", price=price) for price in ("3000.25", "3000.75", "")]
    cache.import_file(write_csv(tmp_path / "e.csv", TRADES, lines), type=TRADES)
    other = infer(cache, EXCHANGE, "ETHUSDT", START_US, START_US + 1)
    assert (other.evidence.type, other.tick, other.evidence.tick_rows) == (TRADES, 0.25, 2)


def test_only_rows_of_the_range_tell(cache: Cache, tmp_path: Path) -> None:
    rows = [
        l2_line(START_US, "bid", "100", "2", snapshot=True),
        l2_line(START_US, "ask", "110", "4", snapshot=True),
        l2_line(START_US + 5, "ask", "110.5", "1"),
    ]
    cache.import_file(write_csv(tmp_path / "b.csv", L2, rows))
    before = infer(cache, EXCHANGE, SYMBOL, START_US, START_US + 5)
    assert (before.tick, before.lot, before.rows) == (10.0, 2.0, 2)
    whole = infer(cache, EXCHANGE, SYMBOL, START_US, START_US + 6)
    assert (whole.tick, whole.lot, whole.rows) == (0.5, 1.0, 3)
    nothing = infer(cache, EXCHANGE, SYMBOL, START_US, START_US)
    assert (nothing.facts, nothing.rows) == ({}, 0)


def test_an_inference_refutes_what_it_is_no_multiple_of(cache: Cache, tmp_path: Path) -> None:
    found = infer(cache, EXCHANGE, SYMBOL, *import_walk(cache, tmp_path))
    assert found.finer_than("tick", 0.25)
    assert found.finer_than("tick", 1.0)
    assert not found.finer_than("tick", 0.1)
    assert not found.finer_than("tick", 0.05), "the true tick may be finer than what was met"
    assert not found.finer_than("lot", 0.001)
    assert not found.finer_than("multiplier", 1.0)


def test_missing_days_are_refused_by_name_unless_they_may_be_left_out(cache: Cache, tmp_path: Path) -> None:
    start_us, _ = import_walk(cache, tmp_path)
    with pytest.raises(NotHeldError, match=r"1 day is missing: .* 2024-07-24 \(missing\)"):
        infer(cache, EXCHANGE, SYMBOL, start_us, "2024-07-25")
    found = infer(cache, EXCHANGE, SYMBOL, start_us, "2024-07-25", allow_missing=True)
    assert (found.tick, found.rows) == (0.1, 639)
    with pytest.raises(NotHeldError, match="nothing is held of binance-futures ETHUSDT"):
        infer(cache, EXCHANGE, "ETHUSDT", start_us, "2024-07-25")


def test_a_type_that_does_not_tell_is_refused(cache: Cache) -> None:
    with pytest.raises(
        UsageError, match="quotes does not tell tick and lot: choose from incremental_book_L2, tr"
    ):
        infer(cache, EXCHANGE, SYMBOL, "2024-07-23", "2024-07-24", type="quotes")


def test_in_a_group_each_instrument_has_a_tick_of_its_own(cache: Cache, tmp_path: Path) -> None:
    lines = [
        line(TRADES, START_US + place, symbol=symbol, price=price, amount=amount)
        for place, (symbol, price, amount) in enumerate(
            [("A", "1", "10"), ("B", "0.001", "1"), ("A", "1.5", "30"), ("B", "0.003", "2")]
        )
    ]
    path = write_csv(tmp_path / "g.csv", TRADES, lines)
    cache.import_file(path, symbol="PERPETUALS", type=TRADES)
    a, b = (infer(cache, EXCHANGE, symbol, START_US, START_US + 9) for symbol in "AB")
    assert ((a.tick, a.lot, a.rows), (b.tick, b.lot, b.rows)) == ((0.5, 10.0, 2), (0.001, 1.0, 2))
    with pytest.raises(UsageError, match=r"PERPETUALS is a group of instruments, .* name one of A, B$"):
        infer(cache, EXCHANGE, "PERPETUALS", START_US, START_US + 9, type="trades")


def test_it_tells_how_far_it_is_and_stops_when_asked(cache: Cache, tmp_path: Path) -> None:
    span = import_walk(cache, tmp_path)
    watched = Recording()
    infer(cache, EXCHANGE, SYMBOL, *span, monitor=watched)
    assert watched.reports[-1] == (639, 639, "639 rows")
    with pytest.raises(Cancelled):
        infer(cache, EXCHANGE, SYMBOL, *span, monitor=CancelAt(1))
