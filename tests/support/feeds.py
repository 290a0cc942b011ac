"""Small feeds in the vendor's form, written to files and imported, for tests of screens and replays."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.store import Cache

EXCHANGE, SYMBOL = "binance-futures", "BTCUSDT"
OTHER = "ETHUSDT"
SPAN_US = 60_000_000
OTHER_PRICE = 3000


def feed_files(folder: Path, *, messages: int = 600, shift_us: int = 0) -> tuple[Path, Path]:
    """Write a minute of a book that walks about, and of trades, under names that tell their types.

    *shift_us* moves all of it to a later time; the names stay.
    """
    start_us = START_US + shift_us
    chance = random.Random(7)
    rows = [
        l2_line(start_us, side, f"{100 + sign * (level + 1) / 10:.1f}", "5", snapshot=True)
        for side, sign in (("bid", -1), ("ask", 1))
        for level in range(20)
    ]
    for number in range(1, messages):
        local_us = start_us + number * SPAN_US // messages
        side = chance.choice(("bid", "ask"))
        sign = -1 if side == "bid" else 1
        price = 100 + sign * chance.randint(1, 25) / 10
        rows.append(l2_line(local_us, side, f"{price:.1f}", str(chance.choice((0, 1, 2.5, 7)))))
    trades = [
        line(DataType.TRADES, start_us + second * 1_000_000, id=str(second), price="100.1")
        for second in range(60)
    ]
    name = f"{EXCHANGE}_{{}}_2024-07-23_{SYMBOL}.csv.gz"
    return (
        write_csv(folder / name.format("incremental_book_L2"), DataType.INCREMENTAL_BOOK_L2, rows),
        write_csv(folder / name.format("trades"), DataType.TRADES, trades),
    )


def import_traded_walk(cache: Cache, folder: Path) -> None:
    """Import the same book with trades of four a fifth of a second, sales and purchases in turn."""
    book, trades = feed_files(folder)
    rows = [
        line(
            DataType.TRADES,
            START_US + number * 200_000,
            id=str(number),
            side=("sell", "buy")[number % 2],
            price=("99.9", "100.1")[number % 2],
            amount="4",
        )
        for number in range(300)
    ]
    for path in (book, write_csv(trades, DataType.TRADES, rows)):
        cache.import_file(path)


def import_walk(cache: Cache, folder: Path) -> tuple[int, int]:
    """Import :func:`feed_files`; give the range of the minute in microseconds."""
    for path in feed_files(folder):
        cache.import_file(path)
    return START_US, START_US + SPAN_US


def import_other(cache: Cache, folder: Path) -> None:
    """Import a minute of the book of another symbol, around 3000, without trades."""
    rows = [
        l2_line(START_US, side, str(OTHER_PRICE + sign * (level + 1)), "2", snapshot=True, symbol=OTHER)
        for side, sign in (("bid", -1), ("ask", 1))
        for level in range(20)
    ]
    rows += [
        l2_line(START_US + second * 1_000_000, "bid", str(OTHER_PRICE - 1), str(second), symbol=OTHER)
        for second in range(1, 60)
    ]
    name = f"{EXCHANGE}_incremental_book_L2_2024-07-23_{OTHER}.csv.gz"
    cache.import_file(write_csv(folder / name, DataType.INCREMENTAL_BOOK_L2, rows))
