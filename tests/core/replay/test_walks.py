"""Random walks of a session, checked at every stop against a plain list of what happens when.

Play, steps, steps back, seeks, loops and changes of speed in any order, over feeds with every trap, by both
clocks: where the session stands and what it then knows must be as if everything up to there had been
applied once, one row after another, to a book of dicts.

``REPLAY_WALKS=2000 pytest tests/core/replay/test_walks.py`` walks as often as that.
"""

from __future__ import annotations

import os
import random
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from support.dictbook import DictBook, Row
from support.l2csv import listed_rows, read_l2
from support.realdata import real_data
from support.trapfeeds import DAYS, EXCHANGE, Feed, feeds, moments, stored
from support.vendorfiles import START_US

from tickreel.market.time import US_PER_DAY, day_start_us, parse_day
from tickreel.replay import Frame, Replay, Totals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tickreel.store import Cache

WALKS = int(os.environ.get("REPLAY_WALKS", "12"))
Best = tuple[float | None, float | None]


@dataclass(frozen=True)
class Happening:
    """A message or the beginning of a day that is not held: when it is due, and what it does."""

    due_us: int
    symbol: str
    rows: tuple[Row, ...] = ()
    trades: int = 0
    is_break: bool = False


def due_times(messages: list[tuple[int, list[int]]], start_us: int, end_us: int, order: str) -> Iterator[int]:
    """Say when messages of one stream are due, given their local times and their rows' exchange times."""
    running_us = 0
    for local_us, exchange_us in messages:
        if order == "local":
            yield local_us
            continue
        running_us = max([running_us, *exchange_us])
        yield min(max(running_us, start_us), end_us)


@dataclass
class Truth:
    """All that happens in a range, and the books before it."""

    feed: Feed
    symbols: list[str]
    start_us: int
    end_us: int
    order: str
    streams: list[list[Happening]] = field(default_factory=list)
    before: dict[str, DictBook] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.symbols:
            held = self.feed.held.get(name, self.feed.held.get("FUTURES", set()))
            self.streams.append(self._trades(name))
            self.streams.append(self._book(name, held))

    def _trades(self, name: str) -> list[Happening]:
        symbol = self.feed.symbols[name]
        found: dict[int, list[int]] = {}
        for local_us, exchange_us in zip(symbol.trades_us, symbol.trades_exchange_us, strict=True):
            if self.start_us <= local_us < self.end_us:
                found.setdefault(local_us, []).append(exchange_us)
        messages = list(found.items())
        due = due_times(messages, self.start_us, self.end_us, self.order)
        return [Happening(us, name, trades=len(rows)) for us, (_, rows) in zip(due, messages, strict=True)]

    def _book(self, name: str, held: set[int]) -> list[Happening]:
        """List messages and breaks inside the range; what comes before goes into the first book."""
        symbol, book = self.feed.symbols[name], DictBook()
        rows = list(zip(symbol.rows, symbol.exchange_us, strict=True))
        messages: list[tuple[int, list[int]]] = []
        contents: list[tuple[Row, ...]] = []
        for day in range(DAYS):
            midnight_us = START_US + day * US_PER_DAY
            if day not in held:
                if midnight_us < self.start_us:
                    book.forget()
                elif midnight_us < self.end_us:
                    messages.append((midnight_us, [midnight_us]))
                    contents.append(())
            for row, exchange_us in rows:
                if not midnight_us <= row.local_us < midnight_us + US_PER_DAY:
                    continue
                if row.local_us < self.start_us:
                    book.apply([row])
                elif row.local_us < self.end_us:
                    if not messages or not contents[-1] or messages[-1][0] != row.local_us:
                        messages.append((row.local_us, []))
                        contents.append(())
                    messages[-1][1].append(exchange_us)
                    contents[-1] = (*contents[-1], row)
        self.before[name] = book
        due = due_times(messages, self.start_us, self.end_us, self.order)
        return [Happening(us, name, own, is_break=not own) for us, own in zip(due, contents, strict=True)]

    def book_at(self, name: str, at_us: int) -> DictBook:
        """Build the book after everything that is due up to an instant."""
        before = self.before[name]
        book = DictBook({side: dict(own) for side, own in before.sides.items()}, before.previous)
        book.has_snapshot = before.has_snapshot
        book.touch = [(0, None, None)]
        for stream in self.streams:
            for one in stream:
                if one.symbol == name and not one.trades and one.due_us <= at_us:
                    book.forget() if one.is_break else book.apply(one.rows)
        return book

    def totals(self, name: str, after_us: int, at_us: int) -> Totals:
        """Count what is due in (after_us, at_us]."""
        before, book = self.book_at(name, after_us), self.book_at(name, at_us)
        own = [
            one
            for stream in self.streams
            for one in stream
            if one.symbol == name and after_us < one.due_us <= at_us and not one.is_break
        ]
        return Totals(
            messages=len(own),
            rows=sum(len(one.rows) + one.trades for one in own),
            trades=sum(one.trades for one in own),
            resets=book.resets - before.resets,
            skipped_rows=book.skipped_rows - before.skipped_rows,
        )

    def events(self, kind: str) -> list[int]:
        """List when messages, trades or changes of a best price are due."""
        found: list[int] = []
        for stream in self.streams:
            if kind == "price":
                found += self._prices(stream)
            else:
                for one in stream:
                    found += [one.due_us] * (one.trades if kind == "trade" else not one.is_break)
        return sorted(found)

    def _prices(self, stream: list[Happening]) -> Iterator[int]:
        if not stream or stream[0].trades:
            return
        book = self.book_at(stream[0].symbol, self.start_us - 1)
        best = best_of(book)
        for one in stream:
            book.forget() if one.is_break else book.apply(one.rows)
            if best_of(book) != best:
                best = best_of(book)
                yield one.due_us

    @property
    def end_at_us(self) -> int:
        """Where the clock stands when everything was played."""
        late = any(one.due_us == self.end_us for stream in self.streams for one in stream)
        return self.end_us if late else self.end_us - 1


def best_of(book: DictBook) -> Best:
    return max(book.sides["bid"], default=None), min(book.sides["ask"], default=None)


@dataclass
class Walker:
    """A session, where it must stand, and since when it must count."""

    session: Replay
    truth: Truth
    at_us: int
    counted_after_us: int
    generation: int = 0
    loop: tuple[int, int] | None = None

    def jumped(self, at_us: int) -> None:
        self.at_us = at_us
        self.generation += 1
        self.counted_after_us = at_us if at_us > self.truth.start_us else self.truth.start_us - 1

    def to_next(self, kind: str, number: int) -> None:
        """Stand where the *number*-th next event is due, or at the end."""
        events = self.truth.events(kind)
        ahead = events[bisect_right(events, self.at_us) :]
        if number and len(ahead) >= number:
            self.at_us = ahead[number - 1]
        elif number:
            self.at_us = max(self.at_us, self.truth.end_at_us)

    def to_before(self, kind: str, number: int) -> None:
        """Stand before the *number*-th last event, or at the start."""
        events = self.truth.events(kind)
        behind = events[: bisect_right(events, self.at_us)]
        if number == 0:
            self.jumped(self.at_us)
        else:
            self.jumped(behind[-number] - 1 if len(behind) >= number else self.truth.start_us - 1)

    def check(self, frame: Frame) -> None:
        truth = self.truth
        assert frame.at_us == self.session.at_us == self.at_us
        assert frame.generation == self.session.generation == self.generation
        assert [one.symbol for one in frame.symbols] == truth.symbols
        for one in frame.symbols:
            book = truth.book_at(one.symbol, self.at_us)
            assert one.book is not None
            assert one.book.state_hash() == book.state_hash()
            assert self.session.book(EXCHANGE, one.symbol).state_hash() == book.state_hash()
            assert one.book.message_us == (book.previous.local_us if book.previous else None)
            assert one.totals == truth.totals(one.symbol, self.counted_after_us, self.at_us)
            if one.gap_since_us is not None:
                assert not book.has_snapshot
        pending = any(us > self.at_us for stream in truth.streams for us in (x.due_us for x in stream))
        assert frame.is_end == self.session.is_end == (not pending)


def take_a_step(walker: Walker, data: st.DataObject, instants: st.SearchStrategy[int]) -> Frame:
    """Make one call of those a session has, and put the walker where it must stand then."""
    session, truth = walker.session, walker.truth
    start_us, end_us = truth.start_us, truth.end_us
    count = st.integers(0, 4) | st.just(50)
    inside = instants.map(lambda us: min(max(us, start_us - 1), end_us))
    how = data.draw(
        st.sampled_from(
            ["advance", "hurried", "messages", "trade", "price", "back", "back", "seek", "loop", "speed"]
        ),
        "how",
    )
    event(how)
    match how:
        case "advance" | "hurried":
            to_us = max(data.draw(inside, "to"), walker.at_us)
            budget_s = 0.0 if how == "hurried" else None
            frame = session.advance(to_us, budget_s=budget_s)
            if walker.loop is not None and walker.at_us >= walker.loop[1] - 1:
                walker.jumped(walker.loop[0] - 1)
                assert frame.is_jump
                return frame
            limit_us = to_us if walker.loop is None else min(to_us, walker.loop[1] - 1)
            assert walker.at_us <= frame.at_us <= limit_us
            walker.at_us = limit_us if budget_s is None else frame.at_us
            return frame
        case "messages":
            number = data.draw(count, "number")
            walker.to_next("message", number)
            return session.advance_messages(number)
        case "trade" | "price":
            walker.to_next(how, 1)
            return session.until(how)
        case "back":
            unit = data.draw(st.sampled_from(["message", "second", "trade", "price", "price"]), "unit")
            number = data.draw(count, "number")
            if unit == "second":
                walker.jumped(max(start_us - 1, walker.at_us - number * 1_000_000))
            else:
                walker.to_before(unit, number)
            return session.step_back(unit, number, history_us=data.draw(st.sampled_from([0, 7])))
        case "seek":
            walker.jumped(data.draw(inside, "at"))
            return session.seek(walker.at_us, history_us=data.draw(st.sampled_from([0, 3, US_PER_DAY])))
        case "loop":
            low_us, high_us = sorted((data.draw(inside), data.draw(inside)))
            walker.loop = (max(low_us, start_us), high_us) if max(low_us, start_us) < high_us else None
            session.set_loop(*(walker.loop or (None,)))
        case "speed":
            session.set_speed(data.draw(st.sampled_from(["0.1", "1x", "100000x", "max"])))
    return session.advance_messages(0)


@settings(deadline=None, max_examples=WALKS)
@given(feeds(), st.integers(1, 6), st.sampled_from(["local", "exchange"]), st.data())
def test_a_walk_of_any_steps_stands_where_it_must_and_knows_the_plain_book(
    feed: Feed, chunk_rows: int, order: str, data: st.DataObject
) -> None:
    if "FUTURES" in feed.held:
        names = [name for name, symbol in feed.symbols.items() if symbol.rows]
    else:
        names = [name for name, held in feed.held.items() if held]
    assume(names)
    names = data.draw(st.permutations(names), "symbols")
    instants = moments(feed)
    whole = st.just((START_US, START_US + DAYS * US_PER_DAY))
    start_us, end_us = sorted(data.draw(whole | st.tuples(instants, instants), "range"))
    with stored(feed, chunk_rows) as cache:
        session = Replay(
            cache, [(EXCHANGE, name) for name in names], start_us, end_us, order=order, allow_missing=True
        )
        walker = Walker(session, Truth(feed, names, start_us, end_us, order), start_us - 1, start_us - 1)
        for _ in range(data.draw(st.integers(1, 12), "steps")):
            walker.check(take_a_step(walker, data, instants))
        walker.at_us = max(walker.at_us, walker.truth.end_at_us)
        walker.check(session.advance_to_end())


REAL = [("binance", "NEXOUSDT"), ("binance-futures", "BTCUSDT")]
FIRST_US, MIDNIGHT_US, LAST_US = (
    day_start_us(parse_day(day)) for day in ("2024-07-19", "2024-07-20", "2024-07-25")
)


@dataclass
class RealBook:
    """The rows of a real book, and when each message is due."""

    rows: list[Row]
    ends: NDArray[np.int64]
    """Past the last row of each message."""
    due_us: NDArray[np.int64]

    def hashes(self, instants_us: set[int], forgotten_us: int | None) -> dict[int, str]:
        """Find the state hash at each instant, in one pass of a dict book that knows no touch."""
        book, done, found = DictBook(), 0, {}
        for at_us in sorted(instants_us):
            count = int(np.searchsorted(self.due_us, at_us, side="right"))
            for row in self.rows[done : (done := int(self.ends[count - 1]) if count else 0)]:
                goes_on = book.previous is not None and book.previous[:2] == row[:2]
                if row.is_snapshot and not goes_on:
                    book.sides = {"bid": {}, "ask": {}}
                book.sides[row.side][row.price] = row.amount
                if not row.amount:
                    del book.sides[row.side][row.price]
                book.previous = row
            if forgotten_us is not None and at_us >= forgotten_us:
                book.sides = {"bid": {}, "ask": {}}
            found[at_us] = book.state_hash()
        return found


def real_book(paths: list[Path], start_us: int, end_us: int, order: str) -> RealBook:
    rows = read_l2(*paths)
    inside = rows.local_us < end_us
    ends = np.flatnonzero(np.append(np.diff(rows.local_us[inside]) > 0, True)) + 1
    due_us = rows.local_us[ends - 1]
    if order == "exchange":
        import pyarrow.csv

        clocks = [pyarrow.csv.read_csv(path)["timestamp"].to_numpy() for path in paths]
        exchange_us = np.concatenate(clocks)[inside]
        exchange_us[rows.local_us[inside] < start_us] = 0
        running_us = np.clip(np.maximum.accumulate(exchange_us)[ends - 1], start_us, end_us)
        due_us = np.where(due_us < start_us, start_us - 1, running_us)
    return RealBook(listed_rows(rows)[: int(ends[-1])], ends, due_us)


@pytest.mark.parametrize("order", ["local", "exchange"])
def test_a_walk_over_real_books_knows_the_plain_books(cache: Cache, order: str) -> None:
    books = []
    for exchange, symbol in REAL:
        folder = real_data("datasets", "v1", exchange, "incremental_book_L2", "2024", "07")
        paths = sorted(folder.rglob(f"{symbol}.csv.gz"))
        for path in paths:
            cache.import_file(path)
        books.append(real_book(paths, FIRST_US, LAST_US, order))
    chance = random.Random(order)
    session = Replay(
        cache, REAL, FIRST_US, LAST_US, types=["incremental_book_L2"], order=order, allow_missing=True
    )
    messages_us = np.sort(np.concatenate([book.due_us[book.due_us >= FIRST_US] for book in books]))
    busy_us = messages_us.tolist()
    stops: list[tuple[int, list[str]]] = []
    for _ in range(max(25, WALKS // 4)):
        at_us, number = session.at_us, chance.choice([1, 2, 30, 5_000])
        match chance.choice(["seek", "advance", "messages", "message", "second", "price", "until", "budget"]):
            case "seek":
                wanted_us = min(chance.choice(busy_us) + chance.choice([-1, 0, 1_000]), LAST_US)
                session.seek(wanted_us, history_us=chance.choice([0, 60_000_000]))
            case "advance" | "budget" as how:
                to_us = min(at_us + chance.choice([1, 10**6, 10**9]), LAST_US - 1)
                session.advance(max(at_us, to_us), budget_s=0.0 if how == "budget" else None)
                wanted_us = max(at_us, to_us) if how == "advance" else session.at_us
            case "messages":
                place = int(np.searchsorted(messages_us, at_us, side="right")) + number - 1
                wanted_us = busy_us[place] if place < len(busy_us) else session.advance_to_end().at_us
                session.advance_messages(number)
            case "message":
                place = int(np.searchsorted(messages_us, at_us, side="right")) - number
                wanted_us = busy_us[place] - 1 if place >= 0 else FIRST_US - 1
                session.step_back("message", number)
            case "second":
                wanted_us = max(FIRST_US - 1, at_us - number * 10**6)
                session.step_back("second", number)
            case "price":
                session.step_back("price", min(number, 30))
                wanted_us = min(session.at_us, at_us)
            case _:
                session.until("price")
                wanted_us = max(session.at_us, at_us)
        assert session.at_us == wanted_us
        stops.append((session.at_us, [session.book(*name).state_hash() for name in REAL]))
    instants_us = {at_us for at_us, _ in stops}
    # Of the second no day is held from the 20th on.
    wanted = [
        book.hashes(instants_us, gap_us) for book, gap_us in zip(books, (None, MIDNIGHT_US), strict=True)
    ]
    for at_us, hashes in stops:
        assert hashes == [found[at_us] for found in wanted]
