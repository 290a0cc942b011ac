"""Sessions against the plain book: feeds with every trap, in files of any shape, played in any way.

What the session knows is compared with a dict book after every call: the state hash, the counts,
and the touch after each message since the last frame.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.dictbook import DictBook, Row
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.errors import NotHeldError
from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.market.types import DataType
from tickreel.replay import Replay, SymbolFrame, Totals
from tickreel.store import Cache, open_cache
from tickreel.store.segments import writer

if TYPE_CHECKING:
    from collections.abc import Iterator

L2 = DataType.INCREMENTAL_BOOK_L2
TRADES = DataType.TRADES
EXCHANGE = "binance-futures"
DAYS = 4
SYMBOLS = "AB"
Touch = tuple[int, float | None, float | None]

offsets = st.integers(0, 12) | st.integers(US_PER_DAY - 12, US_PER_DAY - 1)
prices = st.sampled_from([-37.63, -1.5, 0.0, 3e-7, 556.9, 557.0, 557.1, 557.2, 642025.0, 1e22])
amounts = st.sampled_from([0.0, 0.0, 0.30000000000000004, 1.0, 2.0, 1e-9])
flags = st.sampled_from([(True,), (False,), (False, False, True), (False,) * 20 + (True,)])


@dataclass
class Symbol:
    """What is held of one symbol: its book's rows and the times of its trades, in file order."""

    rows: list[Row] = field(default_factory=list)
    trades_us: list[int] = field(default_factory=list)


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
                        exchange_us = row.local_us + draw(st.integers(-30, 30))
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
        path = write_csv(
            folder / f"trades{name}.csv", TRADES, [line(TRADES, t, symbol=name) for t in symbol.trades_us]
        )
        cache.import_file(path, type=TRADES, complete=True)


def plain_book(rows: list[Row], held: set[int], until_us: int) -> DictBook:
    """Build the book after everything up to and including a moment, breaks at midnights not held."""
    book = DictBook()
    for day in range(DAYS):
        start_us = START_US + day * US_PER_DAY
        if start_us > until_us:
            break
        if day not in held:
            book.forget()
            book.touch.append((start_us, None, None))
        book.apply(
            row for row in rows if day_start_us(day_of(row.local_us)) == start_us and row.local_us <= until_us
        )
    return book


def shown(frame: SymbolFrame) -> list[Touch]:
    touch = frame.touch
    return [
        (time_us, None if math.isnan(bid) else bid, None if math.isnan(ask) else ask)
        for time_us, bid, ask in zip(
            touch.time_us.tolist(), touch.bid.tolist(), touch.ask.tolist(), strict=True
        )
    ]


@dataclass
class Watched:
    """One symbol of a session that is checked after each call."""

    name: str
    symbol: Symbol
    held: set[int]

    def totals(self, from_us: int, until_us: int) -> Totals:
        """Count what lies in [from_us, until_us]."""
        after = plain_book(self.symbol.rows, self.held, until_us)
        before = plain_book(self.symbol.rows, self.held, from_us - 1)
        trades = sum(from_us <= t <= until_us for t in self.symbol.trades_us)
        distinct = len({t for t in self.symbol.trades_us if from_us <= t <= until_us})
        return Totals(
            messages=after.messages - before.messages + distinct,
            rows=after.rows - before.rows + trades,
            trades=trades,
            resets=after.resets - before.resets,
            skipped_rows=after.skipped_rows - before.skipped_rows,
        )

    def check(self, frame: SymbolFrame, counted_from_us: int, shown_from_us: int, at_us: int) -> None:
        book = plain_book(self.symbol.rows, self.held, at_us)
        assert frame.symbol == self.name
        assert frame.book is not None
        assert frame.book.bids.tolist() == book.bids()
        assert frame.book.asks.tolist() == book.asks()
        assert frame.book.state_hash() == book.state_hash()
        assert frame.book.message_us == (book.previous.local_us if book.previous else None)
        assert frame.totals == self.totals(counted_from_us, at_us)
        assert shown(frame) == [touch for touch in book.touch if shown_from_us <= touch[0] <= at_us]
        wanted = [t for t in self.symbol.trades_us if shown_from_us <= t <= at_us]
        assert frame.trades.time_us.tolist() == wanted


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


def watched(feed: Feed) -> list[Watched]:
    """List the symbols of which an order book is held."""
    if "FUTURES" in feed.held:
        held = feed.held["FUTURES"]
        return [Watched(name, symbol, held) for name, symbol in feed.symbols.items() if symbol.rows]
    return [Watched(name, feed.symbols[name], held) for name, held in feed.held.items() if held]


@dataclass
class Plan:
    """A feed, how it is stored, and which range of which symbols is played."""

    feed: Feed
    chunk_rows: int
    symbols: list[Watched]
    start_us: int
    end_us: int

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(EXCHANGE, one.name) for one in self.symbols]

    @property
    def missing(self) -> list[tuple[str, int]]:
        """List the days inside the range that are not held, by symbol."""
        if self.start_us == self.end_us:
            return []
        first, last = ((us - START_US) // US_PER_DAY for us in (self.start_us, self.end_us - 1))
        return [
            (one.name, day) for one in self.symbols for day in range(first, last + 1) if day not in one.held
        ]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    feed = draw(feeds())
    symbols = watched(feed)
    assume(symbols)
    # Instants alone seldom reach over a day that is missing between two that are held.
    whole = st.just((START_US, START_US + DAYS * US_PER_DAY))
    start_us, end_us = sorted(draw(whole | st.tuples(moments(feed), moments(feed)), "range"))
    return Plan(feed, draw(st.integers(1, 6), "rows of a chunk"), symbols, start_us, end_us)


@settings(deadline=None, max_examples=40)
@given(plans(), st.data())
def test_any_feed_in_any_files_played_in_any_way_gives_the_plain_book(
    plan: Plan, data: st.DataObject
) -> None:
    start_us, end_us, symbols = plan.start_us, plan.end_us, plan.symbols
    instants = moments(plan.feed)
    with stored(plan.feed, plan.chunk_rows) as cache:
        if plan.missing:
            with pytest.raises(NotHeldError, match=f"^{len(plan.missing)} day"):
                Replay(cache, plan.names, start_us, end_us)
        session = Replay(cache, plan.names, start_us, end_us, allow_missing=True)
        assert len(session.missing) == len(plan.missing)
        counted_from_us, played_us = start_us, start_us - 1
        for _ in range(data.draw(st.integers(0, 6), "steps") if start_us < end_us else 0):
            to_us = data.draw(instants.map(lambda us: min(max(us, start_us), end_us - 1)), "instant")
            match data.draw(st.sampled_from(["advance", "hurried", "seek"]), "how"):
                case "advance":
                    frame = session.advance(to_us)
                    to_us = max(to_us, played_us)
                    assert frame.at_us == to_us
                case "hurried":
                    frame = session.advance(to_us, budget_s=0.0)
                    assert played_us <= frame.at_us <= max(to_us, played_us)
                    to_us = frame.at_us
                case "seek":
                    history_us = data.draw(st.sampled_from([0, 3, 30, 2 * US_PER_DAY]), "history")
                    frame = session.seek(to_us, history_us=history_us)
                    assert frame.at_us == to_us
                    played_us = max(start_us, to_us - history_us + 1) - 1
                    # At the start, with history, what was played is what there is since the start.
                    is_start = to_us == start_us and history_us > 0
                    counted_from_us = start_us if is_start else to_us + 1
            for one, shown_frame in zip(symbols, frame.symbols, strict=True):
                one.check(shown_frame, counted_from_us, played_us + 1, to_us)
            played_us = to_us
        frame = session.advance_to_end()
        assert frame.is_end
        assert session.is_end
        for one, shown_frame in zip(symbols, frame.symbols, strict=True):
            one.check(shown_frame, counted_from_us, played_us + 1, end_us - 1)
        summary = session.summary()
        assert [symbol.state_hash for symbol in summary.symbols] == [
            plain_book(one.symbol.rows, one.held, end_us - 1).state_hash() for one in symbols
        ]


@settings(deadline=None, max_examples=15)
@given(plans(), st.data())
def test_under_the_exchange_clock_the_end_is_the_same_and_file_order_stays(
    plan: Plan, data: st.DataObject
) -> None:
    with stored(plan.feed, plan.chunk_rows) as cache:
        span = (cache, plan.names, plan.start_us, plan.end_us)
        session = Replay(*span, order="exchange", allow_missing=True)
        joined: list[list[Touch]] = [[] for _ in plan.symbols]
        frames = [
            session.advance(to_us)
            for to_us in sorted(data.draw(st.lists(moments(plan.feed), max_size=5), "instants"))
        ]
        for frame in (*frames, session.advance_to_end()):
            for series, shown_frame in zip(joined, frame.symbols, strict=True):
                series += shown(shown_frame)
        by_arrival = Replay(*span, allow_missing=True)
        ended = by_arrival.advance_to_end()
        assert session.is_end
        assert session.summary() == by_arrival.summary()
        assert joined == [shown(shown_frame) for shown_frame in ended.symbols]
