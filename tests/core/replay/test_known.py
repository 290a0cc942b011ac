"""What a strategy knows somewhat later: at any instant the book of so much before, however it came there."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.dictbook import DictBook, Row
from support.vendorfiles import START_US, line

from tickreel.errors import UsageError
from tickreel.market.types import DataType
from tickreel.replay import Detail, Order, Replay, ReplayPlan, Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.replay import Frame, Known
    from tickreel.store import Cache

    Put = Callable[..., None]

EXCHANGE = "binance-futures"
BTC, ETH = (EXCHANGE, "BTCUSDT"), (EXCHANGE, "ETHUSDT")
FROM_US, END_US = START_US + 100, START_US + 400
LATENCY_US = 37


def walk(seed: int) -> list[Row]:
    chance = random.Random(seed)
    rows: list[Row] = []
    now_us = START_US + 3
    for number in range(110):
        is_snapshot = number in (0, 70)
        for _ in range(6 if is_snapshot else chance.randint(1, 3)):
            side = chance.choice(("bid", "ask"))
            steps = chance.randint(1, 8)
            price = 100 - steps / 2 if side == "bid" else 100 + steps / 2
            rows.append(Row(now_us, is_snapshot, side, price, float(chance.choice((0, 1, 2, 4)))))
        now_us += chance.randint(1, 6)
    return rows


def session_of(cache: Cache, *, order: Order = Order.LOCAL, latency_us: int = LATENCY_US) -> Replay:
    return Replay.from_plan(cache, ReplayPlan((BTC,), FROM_US, END_US, order=order, latency_us=latency_us))


def known_of(frame: Frame) -> Known:
    known = frame.symbols[0].known
    assert known is not None
    return known


def hash_of(known: Known) -> str:
    assert known.book is not None
    return known.book.state_hash()


def moves(session: Replay, seed: int) -> list[Frame]:
    """Seek, step and play at random; the frames one after the other."""
    chance, frames = random.Random(seed), [session.seek(FROM_US - 1)]
    for _ in range(150):
        history_us = chance.choice((0, 20, 90))
        match chance.randrange(4):
            case 0:
                at_us = chance.randrange(FROM_US - 1, END_US)
                frames.append(session.seek(at_us, history_us=history_us))
            case 1:
                frames.append(session.step_back("message", chance.randint(1, 5), history_us=history_us))
            case 2 if not session.is_end:
                frames.append(session.advance_messages(chance.randint(1, 9)))
            case _:
                frames.append(session.advance(min(session.at_us + chance.randint(0, 60), END_US - 1)))
    return frames


def test_by_arrival_the_known_book_is_the_one_of_so_much_before(cache: Cache, put_l2: Put) -> None:
    rows = walk(seed=3)
    put_l2(rows)
    for frame in moves(session_of(cache), seed=1):
        heard_us = frame.at_us - LATENCY_US
        plain = DictBook().apply(row for row in rows if row.local_us <= heard_us)
        known = known_of(frame)
        assert hash_of(known) == plain.state_hash()
        assert known.waiting == len({r.local_us for r in rows if heard_us < r.local_us <= frame.at_us})
        book = frame.symbols[0].book
        assert book is not None
        assert (
            book.state_hash()
            == DictBook().apply(row for row in rows if row.local_us <= frame.at_us).state_hash()
        ), "what is played does not lag"


def test_by_the_clock_of_the_exchange_it_lags_behind_that(cache: Cache, put_l2: Put) -> None:
    rows, chance = walk(seed=5), random.Random(2)
    # A message has one time of the exchange.
    lag_of = {us: chance.randint(0, 30) for us in {row.local_us for row in rows}}
    put_l2(rows, exchange_us=[row.local_us - lag_of[row.local_us] for row in rows])
    keys, newest_us = {}, 0
    for local_us in sorted(lag_of):
        newest_us = max(newest_us, local_us - lag_of[local_us])
        keys[local_us] = newest_us
    for frame in moves(session_of(cache, order=Order.EXCHANGE), seed=4):
        if frame.at_us < FROM_US + LATENCY_US + 30:
            continue  # what came before the range is known by its arrival
        plain = DictBook().apply(r for r in rows if keys[r.local_us] <= frame.at_us - LATENCY_US)
        assert hash_of(known_of(frame)) == plain.state_hash()


def test_trades_come_to_be_known_once_each_and_late(cache: Cache, put_l2: Put, put_lines: Put) -> None:
    put_l2(walk(seed=3))
    times = [FROM_US + us for us in (5, 5, 60, 61, 200, 290)]
    put_lines(DataType.TRADES, [line(DataType.TRADES, us, id=str(n)) for n, us in enumerate(times)])
    session = session_of(cache)
    past = known_of(session.seek(FROM_US + 60, history_us=30)).trades
    assert past.time_us.tolist() == [FROM_US + 5] * 2, "what came to be known in the history"
    assert len(known_of(session.seek(FROM_US + 60)).trades) == 0
    heard: list[int] = []
    for at_us in range(FROM_US + 60, END_US, 7):
        trades = known_of(session.advance(at_us)).trades
        assert (trades.time_us + LATENCY_US <= at_us).all()
        assert (trades.time_us + LATENCY_US > at_us - 7).all()
        heard += trades.time_us.tolist()
    assert heard == [FROM_US + us for us in (60, 61, 200)], "the last is not known in time"


def test_a_day_that_is_not_held_is_heard_of_late_too(cache: Cache, put_l2: Put) -> None:
    day_us = 86_400_000_000
    put_l2(walk(seed=3), complete=True)
    put_l2([row._replace(local_us=row.local_us + 2 * day_us) for row in walk(seed=4)], complete=True)
    plan = ReplayPlan((BTC,), START_US, START_US + 3 * day_us, allow_missing=True, latency_us=LATENCY_US)
    session = Replay.from_plan(cache, plan)
    ways: tuple[Callable[[int], Frame], ...] = (session.seek, session.advance)
    for way in ways:
        session.seek(START_US + day_us - 1)
        for lag_us, levels in ((LATENCY_US - 1, True), (LATENCY_US, False)):
            book = known_of(way(START_US + day_us + lag_us)).book
            assert book is not None
            assert (sum(book.levels) > 0) is levels


def test_it_can_be_set_while_it_plays_and_counts_from_the_next_jump(cache: Cache, put_l2: Put) -> None:
    put_l2(walk(seed=3))
    session = session_of(cache, latency_us=0)
    assert session.seek(FROM_US + 50).symbols[0].known is None
    session.set_latency(20)
    assert known_of(session.seek(session.at_us)).latency_us == 20
    assert session.plan.latency_us == 20
    session.set_latency(0)
    assert session.seek(session.at_us).symbols[0].known is None
    for wrong_us in (-1, 60_000_001):
        with pytest.raises(UsageError, match="0 to 60 seconds"):
            session.set_latency(wrong_us)


def test_what_is_shown_in_part_is_not_followed(cache: Cache, put_l2: Put) -> None:
    put_l2(walk(seed=3))
    session = session_of(cache)
    session.show(Views(details={BTC: Detail.TOUCH}))
    assert session.seek(FROM_US + 50).symbols[0].known is None


def test_without_a_book_only_trades_are_known(cache: Cache, put_lines: Put) -> None:
    put_lines(DataType.TRADES, [line(DataType.TRADES, FROM_US + 3, id="1")])
    session = session_of(cache)
    known = known_of(session.seek(FROM_US - 1))
    assert (known.book, known.waiting) == (None, 0)
    session.advance(FROM_US + 3 + LATENCY_US - 1)
    assert known_of(session.advance(FROM_US + 3 + LATENCY_US)).trades.time_us.tolist() == [FROM_US + 3]
    assert np.isfinite(known_of(session.advance(END_US - 1)).trades.price).all()
