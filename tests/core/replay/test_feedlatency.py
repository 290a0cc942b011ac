"""The feed's latency by columns: the nearest ranks of a plain list, however a session was moved."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.dictbook import Row
from support.vendorfiles import START_US, line

from tickreel.market.types import DataType
from tickreel.replay import Detail, LatencyColumns, Order, Replay, Views

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.replay import Frame
    from tickreel.store import Cache

    Put = Callable[..., None]

EXCHANGE = "binance-futures"
BTC = (EXCHANGE, "BTCUSDT")
COLUMN_US = 50
NAN = float("nan")
END_US = START_US + 1_000
Columns = dict[int, tuple[int, float, float, float, float]]


def rows_and_clocks(seed: int) -> tuple[list[Row], list[int]]:
    """Give rows and their exchange times; some are those of arrival, some lie after it."""
    chance, rows, clocks, now_us = random.Random(seed), [], [], START_US + 3
    for number in range(160):
        late_us = chance.choice((0, 0, 3, 8, 20, 20, 35, -15))
        for _ in range(chance.randint(1, 3)):
            side = chance.choice(("bid", "ask"))
            rows.append(Row(now_us, number == 0, side, 99.0 if side == "bid" else 101.0, 1.0 + number))
            clocks.append(now_us - late_us)
        clocks[-1] -= chance.choice((0, 4))  # the latest of a message counts
        now_us += chance.randint(1, 12)
    return rows, clocks


def plain(rows: list[Row], clocks: list[int], until_us: int) -> dict[int, list[int]]:
    """Sort the latencies of all messages up to an instant, by the column in which they arrived."""
    latest: dict[int, int] = {}
    for row, clock_us in zip(rows, clocks, strict=True):
        latest[row.local_us] = max(latest.get(row.local_us, clock_us), clock_us)
    found: dict[int, list[int]] = {}
    for local_us, clock_us in latest.items():
        if local_us <= until_us and clock_us != local_us:
            found.setdefault((local_us - START_US) // COLUMN_US, []).append(local_us - clock_us)
    return {column: sorted(values) for column, values in found.items()}


def figures(values: list[int]) -> tuple[int, float, float, float, float]:
    if not values:
        return 0, NAN, NAN, NAN, NAN
    shares = (0.05, 0.5, 0.95, 1)
    low, median, high, most = (float(values[max(0, math.ceil(each * len(values)) - 1)]) for each in shares)
    return len(values), low, median, high, most


class Drawn:
    """The columns that somebody who follows the frames has on the screen, the unfinished one last."""

    def __init__(self) -> None:
        self.columns: Columns = {}

    def take(self, frame: Frame) -> LatencyColumns:
        latency = frame.symbols[0].latency
        assert latency is not None
        if frame.is_jump:
            self.columns.clear()
        assert (np.diff(latency.start_us) == COLUMN_US).all(), "without a hole"
        rows = zip(
            latency.start_us.tolist(),
            latency.messages.tolist(),
            *(
                each.tolist()
                for each in (latency.low_us, latency.median_us, latency.high_us, latency.most_us)
            ),
            strict=True,
        )
        for start_us, messages, low, median, high, most in rows:
            column, rest = divmod(start_us - START_US, COLUMN_US)
            assert rest == 0
            self.columns[column] = messages, low, median, high, most
        return latency


@pytest.fixture
def feed(put_l2: Put) -> tuple[list[Row], list[int]]:
    rows, clocks = rows_and_clocks(seed=8)
    put_l2(rows, exchange_us=clocks)
    return rows, clocks


def test_the_columns_are_those_of_a_plain_list(cache: Cache, feed: tuple[list[Row], list[int]]) -> None:
    session = Replay(cache, [BTC], START_US, END_US)
    session.show(Views(column_us=COLUMN_US, feed_latency=True))
    chance, drawn = random.Random(1), Drawn()
    drawn.take(session.seek(START_US + 400, history_us=300))
    for _ in range(120):
        match chance.randrange(3):
            case 0:
                frame = session.seek(START_US + chance.randrange(1_000), history_us=chance.choice((0, 300)))
            case 1:
                frame = session.step_back("message", chance.randint(1, 9), history_us=200)
            case _:
                frame = session.advance(min(session.at_us + chance.randint(0, 160), END_US - 1))
        latency = drawn.take(frame)
        expected = plain(*feed, frame.at_us)
        for column, found in drawn.columns.items():
            np.testing.assert_equal(found, figures(expected.get(column, [])))
        open_us = int(latency.start_us[-1])
        assert open_us <= frame.at_us + 1 <= open_us + COLUMN_US, "the last is not finished"


def test_the_newest_message_tells_both_clocks(cache: Cache, feed: tuple[list[Row], list[int]]) -> None:
    rows, clocks = feed
    session = Replay(cache, [BTC], START_US, END_US)
    clock = session.seek(START_US + 500).symbols[0].clock
    assert clock is not None
    assert clock.local_us == max(row.local_us for row in rows if row.local_us <= START_US + 500)
    assert (clock.exchange_us, clock.latency_us) == (None, None), "exchange times were not asked for"
    session.show(Views(column_us=COLUMN_US, feed_latency=True))
    session.seek(START_US - 1)
    for at_us in range(START_US, END_US, 13):
        clock = session.advance(at_us).symbols[0].clock
        newest_us = max((row.local_us for row in rows if row.local_us <= at_us), default=None)
        if newest_us is None:
            assert clock is None
            continue
        exchange_us = max(us for row, us in zip(rows, clocks, strict=True) if row.local_us == newest_us)
        assert clock is not None
        assert clock.local_us == newest_us
        assert clock.exchange_us == (exchange_us if exchange_us != newest_us else None)


def test_where_the_exchange_gives_no_times_nothing_is_told(cache: Cache, put_l2: Put) -> None:
    rows, _ = rows_and_clocks(seed=8)
    put_l2(rows, exchange_us=[row.local_us for row in rows])
    session = Replay(cache, [BTC], START_US, END_US)
    session.show(Views(column_us=COLUMN_US, feed_latency=True))
    latency = session.seek(END_US - 1, history_us=1_000).symbols[0].latency
    assert latency is not None
    assert len(latency) == 21
    assert not latency.messages.any()
    assert np.isnan(latency.median_us).all()


def test_by_the_clock_of_the_exchange_every_message_counts_once(
    cache: Cache, feed: tuple[list[Row], list[int]]
) -> None:
    session = Replay(cache, [BTC], START_US, END_US, order=Order.EXCHANGE)
    session.show(Views(column_us=COLUMN_US, feed_latency=True))
    drawn = Drawn()
    drawn.take(session.seek(START_US - 1))
    for us in range(20, 1_000, 90):
        drawn.take(session.advance(START_US + us))
    drawn.take(session.advance_to_end())
    counted = sum(messages for messages, *_ in drawn.columns.values())
    assert counted == sum(map(len, plain(*feed, END_US).values()))


def test_without_a_book_trades_tell(cache: Cache, put_lines: Put) -> None:
    lines = [
        line(DataType.TRADES, START_US + us, id=str(us), timestamp=str(START_US + us - 7)) for us in (10, 60)
    ]
    put_lines(DataType.TRADES, lines)
    session = Replay(cache, [BTC], START_US, END_US)
    session.show(Views(column_us=COLUMN_US, feed_latency=True, details={BTC: Detail.TOUCH}))
    frame = session.seek(START_US + 99, history_us=99)
    latency = frame.symbols[0].latency
    assert latency is not None
    assert latency.median_us[:2].tolist() == [7.0, 7.0]
    assert len(frame.symbols[0].trades) == 0, "only its touch was asked for"
