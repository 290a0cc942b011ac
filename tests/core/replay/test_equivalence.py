"""Sessions against the plain book: feeds with every trap, in files of any shape, played in any way.

What the session knows is compared with a dict book after every call: the state hash, the counts,
and the touch after each message since the last frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.dictbook import DictBook, Row
from support.trapfeeds import DAYS, EXCHANGE, Feed, Symbol, feeds, moments, stored
from support.vendorfiles import START_US

from tickreel.errors import NotHeldError
from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.replay import Replay, SymbolFrame, Totals

Touch = tuple[int, float | None, float | None]


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
                    to_us = max(to_us, played_us)
                    frame = session.advance(to_us)
                    assert frame.at_us == to_us
                case "hurried":
                    frame = session.advance(max(to_us, played_us), budget_s=0.0)
                    assert played_us <= frame.at_us <= max(to_us, played_us)
                    to_us = frame.at_us
                case "seek":
                    history_us = data.draw(st.sampled_from([0, 3, 30, 2 * US_PER_DAY]), "history")
                    frame = session.seek(to_us, history_us=history_us)
                    assert frame.at_us == to_us
                    played_us = max(start_us, to_us - history_us + 1) - 1
                    # At the start, what was played is what there is since the start.
                    counted_from_us = start_us if to_us == start_us else to_us + 1
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
            session.advance(max(to_us, plan.start_us))
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
