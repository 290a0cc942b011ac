"""A session: what it counts, which book it starts and ends with, and what its frames say."""

from __future__ import annotations

import gc
import math
import weakref
from typing import TYPE_CHECKING

import pytest
from support.dictbook import DictBook, Row
from support.vendorfiles import MIXED, START_US, line

from tickreel.errors import DataError, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DataType
from tickreel.replay import Frame, Order, Replay, Totals, TypeCount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tickreel.store import Cache

    Put = Callable[..., None]

L2 = DataType.INCREMENTAL_BOOK_L2
TRADES = DataType.TRADES
EXCHANGE = "binance-futures"
BTC = (EXCHANGE, "BTCUSDT")
HOUR_US = 3_600_000_000


def at(day: int, offset_us: int) -> int:
    return START_US + day * US_PER_DAY + offset_us


def snapshot(local_us: int, bid: float, ask: float) -> list[Row]:
    return [Row(local_us, True, "bid", bid, 1.0), Row(local_us, True, "ask", ask, 1.0)]


def update(local_us: int, side: str, price: float, amount: float = 2.0) -> Row:
    return Row(local_us, False, side, price, amount)


def plain(rows: Iterable[Row], until_us: int | None = None) -> DictBook:
    return DictBook().apply(row for row in rows if until_us is None or row.local_us <= until_us)


def hash_of(session: Replay, symbol: str = "BTCUSDT") -> str:
    return session.book(EXCHANGE, symbol).state_hash()


def trade_lines(*times_us: int, **cells: str) -> list[str]:
    return [line(TRADES, time_us, **cells) for time_us in times_us]


FEED = [
    *snapshot(at(0, 10), 100, 101),
    update(at(0, 20), "bid", 99),
    update(at(0, 20), "ask", 102),
    update(at(0, 30), "bid", 100, 0.0),
    *snapshot(at(0, 40), 98, 99),
    update(at(0, 50), "ask", 99, 5.0),
]
TIMES = [at(0, offset) for offset in (10, 20, 30, 40, 50)]


def test_a_replay_counts_what_lies_inside_its_range_and_no_more(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    points = sorted({at(0, 0), at(0, 60), *(time_us + shift for time_us in TIMES for shift in (0, 1))})
    for start_us in points:
        for end_us in points:
            if end_us < start_us:
                continue
            session = Replay(cache, [BTC], start_us, end_us)
            session.advance_to_end()
            before, after = plain(FEED, start_us - 1), plain(FEED, end_us - 1)
            assert session.summary().totals == Totals(
                messages=after.messages - before.messages,
                rows=after.rows - before.rows,
                resets=after.resets - before.resets,
            )
            (symbol,) = session.summary().symbols
            assert symbol.state_hash == after.state_hash(), "the hash of the book at TO-1"
            inside = [time_us for time_us in TIMES if start_us <= time_us < end_us]
            assert symbol.last_message_us == (inside[-1] if inside else None)


def test_a_range_of_no_length_is_an_empty_replay_with_the_book_before_it(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    session = Replay(cache, [BTC], TIMES[1], TIMES[1])
    assert session.is_end
    frame = session.advance_to_end()
    assert (frame.is_end, frame.rows_since) == (True, 0)
    assert session.summary().totals == Totals()
    assert hash_of(session) == plain(FEED[:2]).state_hash()


def test_rows_before_a_snapshot_are_counted_and_skipped_inside_the_range_only(
    cache: Cache, put_l2: Put
) -> None:
    rows = [update(at(0, 1), "bid", 9), update(at(0, 2), "bid", 8), update(at(0, 2), "bid", 7)]
    put_l2([*rows, *snapshot(at(0, 3), 1, 2)])
    for start, skipped in ((0, 3), (1, 3), (2, 2), (3, 0)):
        session = Replay(cache, [BTC], at(0, start), at(0, 9))
        session.advance_to_end()
        assert session.summary().totals.skipped_rows == skipped
        assert session.summary().totals.resets == 1


def test_a_replay_goes_over_parts_and_days_with_one_book(cache: Cache, put_l2: Put) -> None:
    later = [update(at(1, 5), "bid", 90), update(at(2, 7), "ask", 120)]
    put_l2(FEED[:3])
    put_l2(FEED[4:])
    put_l2(later, complete=True)
    rows = [*FEED[:3], *FEED[4:], *later]
    session = Replay(cache, [BTC], at(0, 15), at(3, 0), types=["incremental_book_L2"])
    assert hash_of(session) == plain(rows, at(0, 15)).state_hash()
    for to_us in (at(0, 30), at(0, 45), at(1, 0), at(1, 5), at(2, 0), at(2, US_PER_DAY - 1)):
        frame = session.advance(to_us)
        assert frame.at_us == session.at_us == to_us
        assert hash_of(session) == plain(rows, to_us).state_hash()
    assert session.is_end
    assert session.summary().totals.messages == plain(rows).messages - 1


def test_missing_days_are_refused_before_anything_and_listed(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    put_l2([update(at(2, 5), "bid", 1)])
    put_l2([update(at(4, 5), "bid", 1)])
    with pytest.raises(NotHeldError, match=r"2 days are missing: .*2024-07-24 \(missing\).*2024-07-26"):
        Replay(cache, [BTC], at(0, 0), at(5, 0))
    session = Replay(cache, [BTC], at(0, 0), at(5, 0), allow_missing=True)
    assert [str(day.day) for day in session.missing] == ["2024-07-24", "2024-07-26"]
    assert Replay(cache, [BTC], at(0, 0), at(1, 0)).missing == ()


def test_a_hole_empties_the_book_and_shows_as_a_gap_in_the_series(cache: Cache, put_l2: Put) -> None:
    later = [update(at(2, 5), "bid", 1), *snapshot(at(2, 6), 3, 4)]
    put_l2(FEED)
    put_l2(later)
    session = Replay(cache, [BTC], at(0, 45), at(3, 0), allow_missing=True)
    session.advance(at(1, 0) - 1)
    assert hash_of(session) == plain(FEED).state_hash()
    frame = session.advance(at(1, 0))
    (touch,) = [symbol.touch for symbol in frame.symbols]
    assert touch.time_us.tolist() == [at(1, 0)]
    assert math.isnan(touch.bid[0])
    assert math.isnan(touch.ask[0])
    assert session.book(*BTC).levels == (0, 0)
    session.advance(at(2, 5))
    assert session.book(*BTC).levels == (0, 0), "no book before a snapshot"
    assert session.summary().totals.skipped_rows == 1
    frame = session.advance_to_end()
    assert frame.symbols[0].touch.bid.tolist() == [3.0]
    assert hash_of(session) == plain(later[1:]).state_hash()
    assert (frame.at_us, frame.is_end) == (at(3, 0) - 1, True)


def test_a_replay_that_ends_in_a_hole_ends_with_an_empty_book(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    put_l2([update(at(3, 5), "bid", 1)])
    for start_us, end_us in (
        (at(0, 0), at(2, 10)),
        (at(1, 0), at(1, 10)),
        (at(1, 5), at(1, 10)),
        (at(1, 5), at(2, 10)),
        (at(2, 0), at(2, 10)),
    ):
        session = Replay(cache, [BTC], start_us, end_us, allow_missing=True)
        session.advance_to_end()
        assert hash_of(session) == DictBook().state_hash()


def test_two_symbols_play_on_one_clock(cache: Cache, put_l2: Put, put_lines: Put) -> None:
    other = [*snapshot(at(0, 15), 7, 8), update(at(0, 25), "bid", 6), update(at(0, 45), "ask", 9)]
    put_l2(FEED)
    put_l2(other, symbols=["ETHUSDT"] * len(other))
    put_lines(TRADES, trade_lines(at(0, 12), at(0, 25), at(0, 33), symbol="ETHUSDT"), complete=True)
    names = [(EXCHANGE, "ETHUSDT"), BTC]
    session = Replay(cache, names, at(0, 0), at(0, 60))
    for to_us in range(at(0, 0), at(0, 60), 7):
        frame = session.advance(to_us)
        assert [(symbol.exchange, symbol.symbol) for symbol in frame.symbols] == names, "as asked"
        assert hash_of(session) == plain(FEED, to_us).state_hash()
        assert hash_of(session, "ETHUSDT") == plain(other, to_us).state_hash()
    session.advance_to_end()
    summary = session.summary()
    assert summary.totals == Totals(messages=11, rows=15, trades=3, resets=3)
    assert [symbol.totals.trades for symbol in summary.symbols] == [3, 0]
    assert summary.types == {TRADES: TypeCount(3, 3), L2: TypeCount(8, 12)}
    assert list(summary.types) == [TRADES, L2], "in the order in which equal times are played"


def test_a_symbol_asked_for_twice_is_played_once(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    session = Replay(cache, [BTC, BTC], at(0, 0), at(0, 60), types=["incremental_book_L2"] * 2)
    session.advance_to_end()
    assert session.summary().totals.rows == len(FEED)


GROUPED = [
    ("A", Row(at(0, 10), True, "bid", 1.0, 1.0)),
    ("B", Row(at(0, 10), True, "bid", 100.0, 1.0)),
    ("A", Row(at(0, 10), True, "ask", 2.0, 1.0)),
    ("B", Row(at(0, 20), False, "ask", 101.0, 1.0)),
    ("C", Row(at(0, 20), False, "ask", 7.0, 1.0)),
    ("A", Row(at(0, 20), False, "bid", 0.5, 1.0)),
    ("B", Row(at(0, 20), False, "ask", 101.0, 0.0)),
    ("A", Row(at(0, 30), True, "bid", 3.0, 1.0)),
]


@pytest.fixture
def grouped(put_l2: Put) -> None:
    put_l2([row for _, row in GROUPED], symbol="FUTURES", symbols=[symbol for symbol, _ in GROUPED])


def own_rows(symbol: str) -> list[Row]:
    return [row for name, row in GROUPED if name == symbol]


@pytest.mark.usefixtures("grouped")
@pytest.mark.parametrize("names", [["FUTURES"], ["A", "B", "C"], ["B"]])
def test_a_group_has_one_book_for_each_instrument(cache: Cache, names: list[str]) -> None:
    for start_us in (at(0, 0), at(0, 11), at(0, 20), at(0, 25)):
        session = Replay(cache, [(EXCHANGE, name) for name in names], start_us, at(0, 60))
        symbols = list("ABC") if names == ["FUTURES"] else names
        for to_us in range(start_us, at(0, 40), 3):
            frame = session.advance(to_us)
            assert [symbol.symbol for symbol in frame.symbols] == symbols
            for symbol in symbols:
                assert hash_of(session, symbol) == plain(own_rows(symbol), to_us).state_hash()
        for summed in session.summary().symbols:
            after, before = plain(own_rows(summed.symbol)), plain(own_rows(summed.symbol), start_us - 1)
            assert summed.totals == Totals(
                messages=after.messages - before.messages,
                rows=after.rows - before.rows,
                resets=after.resets - before.resets,
                skipped_rows=after.skipped_rows - before.skipped_rows,
            )
    with pytest.raises(NotHeldError, match="no order book of binance-futures FUTURES"):
        session.book(EXCHANGE, "FUTURES")


@pytest.mark.usefixtures("grouped")
@pytest.mark.parametrize("names", [("FUTURES", "A"), ("A", "FUTURES")])
def test_an_instrument_asked_for_beside_its_group_is_refused(cache: Cache, names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="binance-futures A is asked for twice, alone and with its group"):
        Replay(cache, [(EXCHANGE, name) for name in names], at(0, 0), at(0, 60))


def test_trades_alone_have_no_book(cache: Cache, put_lines: Put, put_l2: Put) -> None:
    put_l2(FEED)
    put_lines(TRADES, trade_lines(at(0, 11), at(0, 20)), complete=True)
    put_lines(
        TRADES, [line(TRADES, at(1, 5), side="", price="", amount=""), *trade_lines(at(1, 5))], complete=True
    )
    session = Replay(cache, [BTC], at(0, 0), at(2, 0), types=[TRADES])
    frame = session.advance_to_end()
    (symbol,) = frame.symbols
    assert (symbol.book, len(symbol.touch)) == (None, 0)
    assert symbol.trades.time_us.tolist() == [at(0, 11), at(0, 20), at(1, 5), at(1, 5)]
    assert symbol.trades.side.tolist() == [0, 0, 3, 0]
    assert symbol.trades.price[:2].tolist() == [66000.1, 66000.1]
    assert math.isnan(symbol.trades.price[2])
    assert math.isnan(symbol.trades.amount[2])
    summary = session.summary()
    assert summary.totals == Totals(messages=3, rows=4, trades=4)
    assert summary.symbols[0].state_hash is None
    with pytest.raises(NotHeldError, match="no order book"):
        session.book(*BTC)


def test_other_types_are_counted(cache: Cache, put_lines: Put, put_l2: Put) -> None:
    put_l2(FEED)
    for data_type in (DataType.QUOTES, DataType.DERIVATIVE_TICKER, DataType.BOOK_SNAPSHOT_5):
        put_lines(data_type, MIXED[data_type], complete=True)
    types = ["book_snapshot_5", "quotes", "derivative_ticker"]
    session = Replay(cache, [BTC], at(0, 0), at(0, 60), types=types)
    assert session.advance_to_end().rows_since == 6
    assert session.summary().types == {DataType(name): TypeCount(1, 2) for name in types}
    assert session.summary().totals.trades == 0
    everything = Replay(cache, [BTC], at(0, 0), at(0, 60))
    assert list(everything.summary().types) == [L2], "only book and trades are played unless asked"


def test_what_cannot_be_played_is_refused(cache: Cache, put_lines: Put) -> None:
    put_lines(DataType.QUOTES, MIXED[DataType.QUOTES], complete=True)
    span = (at(0, 0), at(1, 0))
    with pytest.raises(NotHeldError, match="no order book and no trades are held"):
        Replay(cache, [BTC], *span)
    with pytest.raises(NotHeldError, match="nothing is held of binance-futures BTCUSDT trades"):
        Replay(cache, [BTC], *span, types=["trades"])
    with pytest.raises(UsageError, match="at least one symbol"):
        Replay(cache, [], *span)
    with pytest.raises(UsageError, match="'candles' is not a data type"):
        Replay(cache, [BTC], *span, types=["candles"])
    with pytest.raises(UsageError, match="not an order of events"):
        Replay(cache, [BTC], *span, types=["quotes"], order="random")
    with pytest.raises(UsageError, match="ends before it starts"):
        Replay(cache, [BTC], span[1], span[0], types=["quotes"])


def test_the_exchange_clock_interleaves_by_its_running_maximum_and_ends_with_the_same_book(
    cache: Cache, put_l2: Put, put_lines: Put
) -> None:
    clocks = [at(0, n) for n in (8, 9, 35, 12, 22, 40, 41, 70)]
    running = [at(0, n) for n in (9, 9, 35, 35, 35, 41, 41, 70)]  # a message is due as a whole
    put_l2(FEED, exchange_us=clocks[: len(FEED)])
    put_lines(
        TRADES, [line(TRADES, at(0, n), timestamp=str(at(0, 2 * n))) for n in (5, 11, 30)], complete=True
    )
    session = Replay(cache, [BTC], at(0, 0), at(0, 60), order="exchange")
    assert session.order is Order.EXCHANGE
    trades_due = [at(0, n) for n in (10, 22, 60)]
    for to_us in range(at(0, 0), at(0, 60)):
        session.advance(to_us)
        rows = [row for row, due_us in zip(FEED, running, strict=False) if due_us <= to_us]
        assert hash_of(session) == plain(rows).state_hash()
        assert session.summary().totals.trades == sum(due_us <= to_us for due_us in trades_due)
    session.advance_to_end()
    by_arrival = Replay(cache, [BTC], at(0, 0), at(0, 60))
    by_arrival.advance_to_end()
    assert session.summary() == by_arrival.summary()


def test_a_session_ends_though_the_exchange_clock_runs_past_the_range(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED, exchange_us=[row.local_us + HOUR_US for row in FEED])
    session = Replay(cache, [BTC], at(0, 0), at(0, 60), order="exchange")
    assert not session.advance(at(0, 59)).is_end
    assert session.summary().totals.rows == 0
    frame = session.advance_to_end()
    assert (frame.is_end, frame.rows_since) == (True, len(FEED))
    assert hash_of(session) == plain(FEED).state_hash()


def test_standing_still_plays_nothing_and_going_back_is_refused(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    session = Replay(cache, [BTC], at(0, 0), at(0, 60))
    assert session.advance(at(0, 25)).rows_since == 4
    frame = session.advance(at(0, 25))
    assert (frame.at_us, frame.rows_since, frame.is_jump) == (at(0, 25), 0, False)
    with pytest.raises(
        UsageError, match=r"cannot advance back to 2024-07-23T00:00:00\.000005Z: seek or step"
    ):
        session.advance(at(0, 5))
    assert hash_of(session) == plain(FEED, at(0, 25)).state_hash()
    assert session.advance(at(5, 0)).at_us == at(0, 60), "the clock ends with the range"


def prices(frame: Frame) -> list[tuple[int, float, float]]:
    touch = frame.symbols[0].touch
    return list(zip(touch.time_us.tolist(), touch.bid.tolist(), touch.ask.tolist(), strict=True))


def test_a_seek_forward_or_back_gives_the_state_and_the_history_before_it(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    touches = plain(FEED).touch
    session = Replay(cache, [BTC], at(0, 0), at(0, 60))
    for to_us in (at(0, 45), at(0, 20), at(0, 59), at(0, 0), at(0, 30), at(0, 30), at(0, 60)):
        for history_us in (0, 1, 15, 1_000):
            frame = session.seek(to_us, history_us=history_us)
            assert frame.is_jump
            assert frame.at_us == session.at_us == to_us
            assert hash_of(session) == plain(FEED, to_us).state_hash()
            assert prices(frame) == [t for t in touches if to_us - history_us < t[0] <= to_us]
        assert session.advance(at(0, 60)).is_jump is False
        assert hash_of(session) == plain(FEED).state_hash()
    for outside_us in (at(0, 0) - 2, at(0, 61)):
        with pytest.raises(UsageError, match="inside its range"):
            session.seek(outside_us)


def test_what_comes_with_the_end_of_the_range_is_not_in_it(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    for order in Order:
        session = Replay(cache, [BTC], at(0, 0), at(0, 40), order=order)
        for reach in (session.seek, session.advance):
            assert reach(at(0, 40)).is_end
            assert hash_of(session) == plain(FEED, at(0, 39)).state_hash()
        session.seek(at(0, 5))
        session.advance(at(0, 40))
        assert hash_of(session) == plain(FEED, at(0, 39)).state_hash()


def test_counts_start_anew_with_a_seek(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    session = Replay(cache, [BTC], at(0, 0), at(0, 60))
    session.advance(at(0, 35))
    session.seek(at(0, 20))
    assert session.summary().totals == Totals()
    session.advance_to_end()
    assert session.summary().totals == Totals(messages=3, rows=4, resets=1)


def test_under_the_exchange_clock_too_a_seek_shows_the_history_asked_for(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED, exchange_us=[row.local_us - 1 for row in FEED])
    session = Replay(cache, [BTC], at(0, 0), at(0, 60), order="exchange")
    frame = session.seek(at(0, 45), history_us=20)
    assert hash_of(session) == plain(FEED, at(0, 45)).state_hash()
    assert [moment for moment, *_ in prices(frame)] == [at(0, 30), at(0, 40)]


def test_a_frame_never_changes_afterwards(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    session = Replay(cache, [BTC], at(0, 0), at(0, 60))
    first = session.advance(at(0, 20))
    book = first.symbols[0].book
    assert book is not None
    kept = (prices(first), book.state_hash(), first.symbols[0].totals)
    session.advance_to_end()
    session.seek(at(0, 10))
    assert (prices(first), book.state_hash(), first.symbols[0].totals) == kept


def test_a_damaged_day_stops_the_replay_however_often_it_is_tried(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    put_l2([update(at(1, 5), "bid", 1)])
    put_l2([update(at(2, 5), "bid", 2)])
    damaged = cache.days(*BTC, L2)[1].parts[0].segment_id
    cache.library.close()  # a file that is still open can be read on
    (cache.home / "segments" / damaged[:2] / f"{damaged}.tick").unlink()
    session = Replay(cache, [BTC], at(0, 0), at(3, 0))
    for _ in range(3):
        with pytest.raises(DataError, match=damaged):
            session.advance_to_end()
        assert not session.is_end, "it must not look as if the range were over"
    session.seek(at(0, 30))
    with pytest.raises(NotHeldError, match=r"2024-07-24 \(damaged\)"):
        session.seek(at(2, 5))
    assert session.at_us == at(0, 30), "a seek that fails leaves the session where it was"
    assert hash_of(session) == plain(FEED, at(0, 30)).state_hash()
    assert not session.is_end


def test_a_day_that_is_damaged_is_missed_only_where_it_begins(cache: Cache, put_l2: Put) -> None:
    other = [row._replace(price=row.price + 1) for row in FEED]
    put_l2(FEED)
    put_l2([update(at(1, 5), "bid", 1)])
    put_l2(other, symbols=["ETHUSDT"] * len(other))
    put_l2([update(at(1, 7), "bid", 2)], symbols=["ETHUSDT"])
    damaged = cache.days(EXCHANGE, "ETHUSDT", L2)[1].parts[0].segment_id
    cache.library.close()  # a file that is still open can be read on
    session = Replay(cache, [BTC, (EXCHANGE, "ETHUSDT")], at(0, 0), at(2, 0))
    (cache.home / "segments" / damaged[:2] / f"{damaged}.tick").unlink()
    for offset_us in (20, 50, 60):
        session.advance(at(0, offset_us))
        assert hash_of(session) == plain(FEED, at(0, offset_us)).state_hash()
        assert hash_of(session, "ETHUSDT") == plain(other, at(0, offset_us)).state_hash()
    for _ in range(2):
        with pytest.raises(DataError, match=damaged):
            session.advance(at(1, 9))
        # Both books are as they were at the clock, whichever of the streams failed.
        assert session.at_us < at(1, 7)
        rows = [*FEED, update(at(1, 5), "bid", 1)]
        assert hash_of(session) == plain(rows, session.at_us).state_hash()
        assert hash_of(session, "ETHUSDT") == plain(other).state_hash()


def test_what_a_jump_leaves_behind_is_let_go_of_at_once(cache: Cache, put_l2: Put) -> None:
    put_l2(FEED)
    session = Replay(cache, [BTC], at(0, 0), at(1, 0))
    session.advance(at(0, 20))
    left = weakref.ref(session._deck)
    gc.disable()  # which would come sooner or later, on any thread
    try:
        streams = [weakref.ref(stream) for stream in session._deck.streams]
        session.seek(at(0, 10))
        assert [left(), *(stream() for stream in streams)] == [None, None]
    finally:
        gc.enable()
