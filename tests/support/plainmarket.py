"""A market made at random, and its messages merged by plain sorting, with plain books at each of them."""

from __future__ import annotations

import random
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from support.dictbook import DictBook, Row
from support.vendorfiles import START_US, l2_line, line

from tickreel.market.types import DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    Put = Callable[..., None]

L2, TRADES, QUOTES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES, DataType.QUOTES
EXCHANGE = "binance-futures"
END_US = START_US + 600


class Told(NamedTuple):
    """One message of the plain merge, and the plain books just after it, by symbol."""

    clock_us: int
    symbol: str
    type: DataType
    local_us: int
    rows: list[Any]
    hashes: dict[str, str]
    best: dict[str, tuple[float, float, float, float]]
    """Best bid and ask and their sizes, NaN where there is none."""


class Market:
    """A market of messages that often share their moments, stored in files of many small chunks."""

    def __init__(
        self, seed: int, symbols: str = "AB", types: tuple[DataType, ...] = (L2, TRADES, QUOTES)
    ) -> None:
        chance = random.Random(seed)
        self.streams: dict[tuple[str, DataType], list[tuple[int, int, Any]]] = {}
        for symbol in symbols:
            for data_type in types:
                rows = []
                for local_us in sorted(chance.sample(range(START_US, START_US + 500), 80)):
                    snapshot = data_type is L2 and chance.random() < 0.05
                    for _ in range(chance.randint(1, 4)):
                        exchange_us = local_us - chance.randint(-40, 120)
                        rows.append((local_us, exchange_us, self._row(chance, data_type, local_us, snapshot)))
                self.streams[symbol, data_type] = rows

    @staticmethod
    def _row(chance: random.Random, data_type: DataType, local_us: int, snapshot: bool) -> Any:
        price = chance.randint(90, 110) / 2
        if data_type is not L2:
            return price
        amount = chance.choice((0.0, 1.0, 2.5, 7.0))
        return Row(local_us, snapshot, chance.choice(("bid", "ask")), price, amount)

    def store(self, put_lines: Put) -> None:
        for (symbol, data_type), rows in self.streams.items():
            lines = [self._line(symbol, data_type, *row) for row in rows]
            put_lines(data_type, lines, complete=True)

    def store_grouped(self, put_lines: Put) -> None:
        """Put all symbols of a type into one file, their rows of one moment among one another."""
        for data_type in {data_type for _, data_type in self.streams}:
            lines: list[tuple[int, int, str]] = []
            for (symbol, own), rows in self.streams.items():
                if own is data_type:
                    lines += [
                        (row[0], place, self._line(symbol, data_type, *row)) for place, row in enumerate(rows)
                    ]
            put_lines(data_type, [text for *_, text in sorted(lines)], complete=True, symbol="FUTURES")

    @staticmethod
    def _line(symbol: str, data_type: DataType, local_us: int, exchange_us: int, row: Any) -> str:
        cells = {"timestamp": str(exchange_us), "symbol": symbol}
        if data_type is L2:
            return l2_line(
                local_us, row.side, repr(row.price), repr(row.amount), snapshot=row.is_snapshot, **cells
            )
        if data_type is QUOTES:
            return line(data_type, local_us, bid_price=repr(row), **cells)
        if data_type is TRADES:
            return line(data_type, local_us, price=repr(row), id=f"id{row}", **cells)
        return line(data_type, local_us, mark_price=repr(row), **cells)

    def merged(self, symbols: str, *, by_exchange: bool = False) -> list[Told]:
        """Merge by the book: the clock, then symbols as asked, then types, then file order."""
        found: list[Any] = []
        for place, symbol in enumerate(symbols):
            for data_type in DataType:
                running = 0
                for local_us, group in groupby(self.streams.get((symbol, data_type), []), itemgetter(0)):
                    rows = list(group)
                    running = max(running, *(exchange_us for _, exchange_us, _ in rows))
                    clock_us = min(max(running, START_US), END_US) if by_exchange else local_us
                    rank = (place, list(DataType).index(data_type))
                    found.append((clock_us, rank, local_us, symbol, data_type, [row for *_, row in rows]))
        found.sort(key=itemgetter(0, 1, 2))
        books = {symbol: DictBook() for symbol in symbols}
        told = []
        for clock_us, _, local_us, symbol, data_type, rows in found:
            if data_type is L2:
                books[symbol].apply(rows)
            hashes = {name: book.state_hash() for name, book in books.items()}
            best = {name: _best(book) for name, book in books.items()}
            told.append(Told(clock_us, symbol, data_type, local_us, rows, hashes, best))
        return told


def _best(book: DictBook) -> tuple[float, float, float, float]:
    nothing = [float("nan")] * 2
    (bid, bid_size), (ask, ask_size) = (
        levels[0] if levels else nothing for levels in (book.bids(), book.asks())
    )
    return bid, ask, bid_size, ask_size
