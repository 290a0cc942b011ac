"""Order books and trades with the traps that real feeds hold, in files of any shape, for hypothesis."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from support.dictbook import Row
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.types import DataType
from tickreel.store import Cache, open_cache
from tickreel.store.segments import writer

if TYPE_CHECKING:
    from collections.abc import Iterator

L2 = DataType.INCREMENTAL_BOOK_L2
TRADES = DataType.TRADES
EXCHANGE = "binance-futures"
DAYS = 4
SYMBOLS = "AB"

offsets = st.integers(0, 12) | st.integers(US_PER_DAY - 12, US_PER_DAY - 1)
prices = st.sampled_from([-37.63, -1.5, 0.0, 3e-7, 556.9, 557.0, 557.1, 557.2, 642025.0, 1e22])
shifts = st.sampled_from([0, 0, 0, -8, 1_400_000, US_PER_DAY])
"""How far the exchange's clock runs ahead for a whole day."""
amounts = st.sampled_from([0.0, 0.0, 0.30000000000000004, 1.0, 2.0, 1e-9])
flags = st.sampled_from([(True,), (False,), (False, False, True), (False,) * 20 + (True,)])


@dataclass
class Symbol:
    """What is held of one symbol, in file order: its book's rows, and the times of its trades."""

    rows: list[Row] = field(default_factory=list)
    exchange_us: list[int] = field(default_factory=list)
    """The exchange's time of every row."""
    trades_us: list[int] = field(default_factory=list)
    trades_exchange_us: list[int] = field(default_factory=list)


@dataclass
class Feed:
    """All symbols, the days that are held of each, and how the rows are cut into files."""

    symbols: dict[str, Symbol]
    held: dict[str, set[int]]
    files: list[tuple[str, list[tuple[str, Row, int]], bool]]
    """Symbol of the file, its rows with their symbols and exchange times, and whether it is complete."""
    empty_days: list[tuple[str, int]]


def messages_of(draw: st.DrawFn, times_us: list[int]) -> list[list[Row]]:
    feed = []
    for time_us in times_us:
        kinds = st.sampled_from(draw(flags))
        cells = draw(
            st.lists(
                st.tuples(kinds, st.sampled_from(["bid", "ask"]), prices, amounts), min_size=1, max_size=5
            )
        )
        feed.append([Row(time_us, *cell) for cell in cells])
    return feed


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    is_grouped = draw(st.booleans(), label="grouped")
    names = SYMBOLS[: draw(st.integers(1, 2))]
    feed = Feed({name: Symbol() for name in names}, {}, [], [])
    for dataset in ["FUTURES"] if is_grouped else list(names):
        inside = names if is_grouped else dataset
        held = feed.held.setdefault(dataset, set())
        for day in range(DAYS):
            shape = draw(st.sampled_from(["missing", "empty", "whole", "parts"]), label=f"day {day}")
            if shape == "missing":
                continue
            held.add(day)
            start_us = START_US + day * US_PER_DAY
            ahead_us = draw(shifts, "exchange ahead")
            times_us = sorted(start_us + offset for offset in draw(st.sets(offsets, max_size=10)))
            if shape == "empty" or not times_us:
                feed.empty_days.append((dataset, day))
                continue
            runs: list[list[tuple[str, Row, int]]] = [[] for _ in times_us]
            for name in inside:
                own_us = (
                    times_us if len(inside) == 1 else draw(st.lists(st.sampled_from(times_us), unique=True))
                )
                for message in messages_of(draw, sorted(own_us)):
                    feed.symbols[name].rows += message
                    run = runs[times_us.index(message[0].local_us)]
                    for row in message:
                        # Rows of several symbols at one moment lie in any order among each other.
                        low = max((n + 1 for n, (other, *_) in enumerate(run) if other == name), default=0)
                        exchange_us = row.local_us + ahead_us + draw(st.integers(-30, 30))
                        feed.symbols[name].exchange_us.append(exchange_us)
                        run.insert(draw(st.integers(low, len(run))), (name, row, exchange_us))
            runs = [run for run in runs if run]
            if not runs:
                feed.empty_days.append((dataset, day))
                continue
            cuts: set[int] = set()
            if shape == "parts" and len(runs) > 1:
                cuts = draw(st.sets(st.integers(1, len(runs) - 1), max_size=3))
                # A piece that reaches from midnight to midnight would count as the whole day.
                noon_us = start_us + US_PER_DAY // 2
                cuts.add(sum(run[0][1].local_us < noon_us for run in runs))
                cuts -= {0, len(runs)}
            for low, high in pairwise([0, *sorted(cuts), len(runs)]):
                rows = [row for run in runs[low:high] for row in run]
                feed.files.append((dataset, rows, shape == "whole"))
    for symbol in feed.symbols.values():
        symbol.trades_us = sorted(
            START_US + day * US_PER_DAY + offset
            for day in range(DAYS)
            for offset in draw(st.lists(offsets, min_size=1, max_size=2))
        )
        symbol.trades_exchange_us = [us + draw(st.integers(-30, 30)) for us in symbol.trades_us]
    feed.files = draw(st.permutations(feed.files))
    return feed


def store(cache: Cache, folder: Path, feed: Feed) -> None:
    for number, (dataset, rows, complete) in enumerate(feed.files):
        lines = [
            l2_line(
                row.local_us,
                row.side,
                repr(row.price),
                repr(row.amount),
                snapshot=row.is_snapshot,
                symbol=name,
                timestamp=str(exchange_us),
            )
            for name, row, exchange_us in rows
        ]
        path = write_csv(folder / f"{number}.csv", L2, lines)
        cache.import_file(path, symbol=dataset, complete=complete)
    for dataset, day in feed.empty_days:
        path = write_csv(folder / "empty.csv", L2, [])
        day_us = START_US + day * US_PER_DAY
        cache.import_file(path, type=L2, exchange=EXCHANGE, symbol=dataset, day=day_of(day_us))
    for name, symbol in feed.symbols.items():
        times_us = zip(symbol.trades_us, symbol.trades_exchange_us, strict=True)
        trades = [line(TRADES, t, symbol=name, timestamp=str(exchange)) for t, exchange in times_us]
        path = write_csv(folder / f"trades{name}.csv", TRADES, trades)
        cache.import_file(path, type=TRADES, complete=True)


def moments(feed: Feed) -> st.SearchStrategy[int]:
    """Choose instants at which something happens, or just before or after."""
    happens = {START_US + day * US_PER_DAY for day in range(DAYS + 1)}
    for symbol in feed.symbols.values():
        happens |= {row.local_us for row in symbol.rows} | set(symbol.trades_us)
    near = sorted({moment + shift for moment in happens for shift in (-1, 0, 1)})
    return st.sampled_from([moment for moment in near if START_US <= moment <= START_US + DAYS * US_PER_DAY])


@contextmanager
def stored(feed: Feed, chunk_rows: int) -> Iterator[Cache]:
    """Store a feed in chunks of so few rows that most days have many."""
    with (
        TemporaryDirectory() as folder,
        open_cache(Path(folder) / "home") as cache,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(writer, "CHUNK_ROWS", chunk_rows)
        store(cache, Path(folder), feed)
        yield cache
