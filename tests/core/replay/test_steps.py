"""Steps of a session on feeds written by hand: what counts as one, and where the session then stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.dictbook import DictBook, Row
from support.vendorfiles import START_US, line

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.replay import Replay
from tickreel.store.segments import writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store import Cache

    Put = Callable[..., None]

L2, TRADES = DataType.INCREMENTAL_BOOK_L2, DataType.TRADES
EXCHANGE = "binance-futures"
BTC, ETH = (EXCHANGE, "BTCUSDT"), (EXCHANGE, "ETHUSDT")


def at(offset_us: int, day: int = 0) -> int:
    return START_US + day * US_PER_DAY + offset_us


def row(offset_us: int, side: str, price: float, amount: float = 1.0, *, snapshot: bool = False) -> Row:
    return Row(at(offset_us), snapshot, side, price, amount)


FEED = [
    row(10, "bid", 100, snapshot=True),
    row(10, "ask", 101, snapshot=True),
    row(20, "bid", 90),  # away from the touch
    row(20, "ask", 110),
    row(30, "bid", 100, 7.0),  # another amount at the best price
    row(40, "bid", 100.5),
    row(50, "ask", 101, 0.0),
    row(60, "ask", 110, 0.0),  # that side is empty now
    row(70, "bid", 89),
]
OTHER = [row(20, "bid", 7, snapshot=True), row(40, "bid", 8), row(45, "bid", 6)]


@pytest.fixture(params=[1, 2, 100], ids="chunks of {}".format)
def market(
    put_l2: Put, put_lines: Put, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "CHUNK_ROWS", request.param)
    put_l2(FEED)
    put_l2(OTHER, symbols=["ETHUSDT"] * len(OTHER))
    trades = [line(TRADES, at(us)) for us in (20, 35, 35, 50)]
    put_lines(TRADES, trades, complete=True)
    put_lines(TRADES, [line(TRADES, at(35), symbol="ETHUSDT")], complete=True)


@pytest.fixture
def both(cache: Cache, market: None) -> Replay:
    return Replay(cache, [BTC, ETH], at(0), at(100))


def stands(session: Replay) -> int:
    """Say where it stands, and hold that it knows the books of that moment."""
    for name, rows in ((BTC, FEED), (ETH, OTHER)):
        book = DictBook().apply(one for one in rows if one.local_us <= session.at_us)
        assert session.book(*name).state_hash() == book.state_hash()
    return session.at_us - START_US


# Messages of both symbols and types, by time: 10 | 20 20 20 | 30 | 35 35 | 40 40 | 45 | 50 50 | 60 | 70.
TIMES = [10, 20, 20, 20, 30, 35, 35, 40, 40, 45, 50, 50, 60, 70]


def test_messages_are_counted_over_all_symbols_and_types_and_no_moment_is_split(both: Replay) -> None:
    for n in range(1, len(TIMES) + 1):
        both.seek(at(-1))
        frame = both.advance_messages(n)
        assert stands(both) == TIMES[n - 1], "after the moment that holds the n-th"
        assert both.summary().totals.messages == TIMES.index(TIMES[n - 1]) + TIMES.count(TIMES[n - 1])
        assert not frame.is_jump
        both.step_back("message", both.summary().totals.messages)
        assert stands(both) == 9
    both.seek(at(-1))
    assert both.advance_messages(len(TIMES) + 1).at_us == at(99), "to the end where there are fewer"
    assert both.is_end


def test_a_step_back_stands_before_the_moment_that_holds_the_nth_last(both: Replay) -> None:
    for n in range(1, len(TIMES) + 1):
        both.seek(at(99))
        frame = both.step_back("message", n)
        assert stands(both) == TIMES[-n] - 1
        assert (frame.is_jump, both.summary().totals.messages) == (True, 0), "counts start anew"
    both.seek(at(99))
    both.step_back("message", 1_000)
    assert stands(both) == -1, "at the start where there are fewer"


def test_a_step_forward_and_a_step_back_of_a_message_undo_each_other(both: Replay) -> None:
    both.advance_messages(1)
    hashes = []
    while not both.is_end:
        hashes.append(both.book(*BTC).state_hash())
        both.advance_messages(1)
    while hashes:
        both.step_back("message")
        assert both.book(*BTC).state_hash() == hashes.pop()


def test_trades_are_rows_of_trades(both: Replay) -> None:
    seen = []
    while not both.is_end:
        both.until("trade")
        seen.append(stands(both))
    assert seen == [20, 35, 50, 99], "to the end when there is none any more"
    for n, wanted in ((1, 49), (2, 34), (4, 34), (5, 19), (6, -1)):
        both.seek(at(99))
        both.step_back("trade", n)
        assert stands(both) == wanted


def test_a_price_is_another_best_price_and_not_another_amount(both: Replay) -> None:
    seen = []
    while not both.is_end:
        both.until("price")
        seen.append(stands(both))
    assert seen == [10, 20, 40, 50, 60, 99]
    for n, wanted in ((1, 59), (2, 49), (3, 39), (4, 39), (5, 19), (6, 9), (7, -1)):
        both.seek(at(99))
        both.step_back("price", n)
        assert stands(both) == wanted, "at 40 both symbols have another best bid"


def test_a_second_is_market_time(both: Replay) -> None:
    both.seek(at(100))
    both.step_back("second", 0)
    assert stands(both) == 100
    both.step_back("second")
    assert stands(both) == -1, "no further than the start"


def test_a_day_that_is_not_held_ends_the_price(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    put_l2([row(2 * US_PER_DAY + 5, "bid", 3), row(2 * US_PER_DAY + 6, "bid", 3, snapshot=True)])
    session = Replay(cache, [BTC], at(80), at(0, 3), allow_missing=True)
    frame = session.until("price")
    assert frame.at_us == at(0, 1)
    assert frame.symbols[0].gap_since_us == at(0, 1)
    assert session.until("price").at_us == at(6, 2)
    assert session.seek(at(5, 2)).symbols[0].gap_since_us == at(0, 1), "also when it is sought"
    assert session.seek(at(6, 2)).symbols[0].gap_since_us is None
    session.step_back("price")
    assert session.at_us == at(5, 2)
    session.step_back("price")
    assert session.at_us == at(0, 1) - 1
    assert session.book(*BTC).state_hash() == DictBook().apply(FEED).state_hash()


def test_by_the_exchange_clock_steps_go_by_the_running_maximum(
    cache: Cache, put_l2: Put, put_lines: Put
) -> None:
    clocks = [3, 4, 45, 31, 12, 46, 47, 200, 50]  # one lies behind the range, so that what follows does too
    put_l2(FEED, exchange_us=[at(us) for us in clocks])
    put_lines(TRADES, [line(TRADES, at(us), timestamp=str(at(us - 6))) for us in (5, 50, 51)], complete=True)
    session = Replay(cache, [BTC], at(4), at(100), order="exchange")
    stops, books = [], []
    while not session.is_end:
        session.advance_messages(1)
        stops.append(session.at_us - START_US)
        books.append(session.book(*BTC).state_hash())
    # Trades at 4 (keyed before the range, so due with its first moment), 44 and 45;
    # messages of the book at 4, 45, 45, 46, 47, and two behind the range, so due at its end.
    assert stops == [4, 44, 45, 46, 47, 100]
    applied = [2, 2, 5, 6, 7, 9]
    assert books == [DictBook().apply(FEED[:n]).state_hash() for n in applied]
    for stop, book in zip(reversed(stops[:-1]), reversed(books[:-1]), strict=True):
        session.step_back("message")
        assert session.book(*BTC).state_hash() == book
        assert session.advance_messages(0).at_us < at(stops[stops.index(stop) + 1])
    session.step_back("message")
    assert session.at_us == at(3)
    assert not session.advance_to_end().is_jump
    assert session.book(*BTC).state_hash() == books[-1]


def test_a_step_that_there_is_not_is_refused(cache: Cache, both: Replay) -> None:
    with pytest.raises(UsageError, match="'day' is no step: choose message, second, trade, price"):
        both.step_back("day")
    with pytest.raises(UsageError, match="'message' is nothing to play until: choose trade, price, health"):
        both.until("message")
    for call in (both.advance_messages, lambda n: both.step_back("second", n)):
        with pytest.raises(UsageError, match="-1 steps cannot be taken"):
            call(-1)
    with pytest.raises(UsageError, match="a history of -5 microseconds"):
        both.seek(at(5), history_us=-5)
    no_trades = Replay(cache, [BTC], at(0), at(100), types=[L2])
    no_book = Replay(cache, [BTC], at(0), at(100), types=[TRADES])
    for session, kind, what in ((no_trades, "trade", "no trades"), (no_book, "price", "no order book")):
        for step in (session.until, session.step_back):
            with pytest.raises(UsageError, match=f"plays {what}: it cannot go from one {kind} to the next"):
                step(kind)
    assert stands(both) == -1


def test_every_jump_raises_the_generation_and_its_frames_carry_it(both: Replay) -> None:
    assert both.advance(at(30)).generation == both.generation == 0
    assert both.seek(at(50)).generation == both.generation == 1
    assert both.step_back("message").generation == 2
    assert both.advance_messages(1).generation == 2
    with pytest.raises(UsageError):
        both.seek(at(500))
    assert both.generation == 2, "a jump that is refused changes nothing"
    assert both.advance_to_end().generation == 2


def test_frames_are_shown_short(both: Replay) -> None:
    shown = repr(both.advance_to_end())
    assert "SymbolFrame(binance-futures BTCUSDT, 4 bids and 0 asks, TouchSeries(7 moments)" in shown
    assert len(shown) < 1_000
