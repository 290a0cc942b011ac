"""The figures of a moment beside slow, obvious arithmetic over the rows themselves."""

from __future__ import annotations

import csv
import gzip
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.books import make_book
from support.dictbook import DictBook, Row
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk

from tickreel.replay import Replay
from tickreel.store import open_cache
from tickreel_desktop.replay.ring import Ring
from tickreel_desktop.replay.statistics import Statistics, amounts_within

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel_desktop.replay.statistics import Figures

SECOND_US = 1_000_000


def read_rows(path: Path) -> list[Row]:
    """Read a file of book rows."""
    with gzip.open(path, "rt") as file:
        return [
            Row(
                int(line["local_timestamp"]),
                line["is_snapshot"] == "true",
                line["side"],
                float(line["price"]),
                float(line["amount"]),
            )
            for line in csv.DictReader(file)
        ]


class Moment:
    """What the rows up to a moment tell, found by going through all of them."""

    def __init__(self, rows: list[Row], at_us: int) -> None:
        book = DictBook()
        self.touches: list[tuple[int, list[float], list[float]]] = []
        messages: dict[int, list[Row]] = {}
        for row in rows:
            if row.local_us <= at_us:
                messages.setdefault(row.local_us, []).append(row)
        for us, message in messages.items():
            book.apply(message)
            self.touches.append((us, book.bids()[0], book.asks()[0]))
        self.book = book
        self.at_us = at_us

    def flow(self, span_us: int) -> float:
        """Sum the order-flow imbalance of (at - span, at] by its definition."""
        total = 0.0
        for (_, bid, ask), (us, new_bid, new_ask) in zip(self.touches, self.touches[1:], strict=False):
            if us > self.at_us - span_us:
                total += (new_bid[1] if new_bid[0] >= bid[0] else 0) - (bid[1] if new_bid[0] <= bid[0] else 0)
                total -= (new_ask[1] if new_ask[0] <= ask[0] else 0) - (ask[1] if new_ask[0] >= ask[0] else 0)
        return total

    def check(self, figures: Figures) -> None:
        """Compare what is known of the touch and before."""
        (bid, bid_amount), (ask, ask_amount) = self.book.bids()[0], self.book.asks()[0]
        mid = (bid + ask) / 2
        assert figures.mid == pytest.approx(mid)
        assert figures.spread == pytest.approx(ask - bid)
        assert figures.spread_bp == pytest.approx((ask - bid) / mid * 10_000)
        weighted = (bid * ask_amount + ask * bid_amount) / (bid_amount + ask_amount)
        assert figures.microprice == pytest.approx(weighted)
        assert figures.messages == sum(1 for us, *_ in self.touches if us > self.at_us - SECOND_US)
        assert figures.flow == pytest.approx(self.flow(10 * SECOND_US))


def test_figures_are_those_of_the_rows_now_and_in_the_past(home: Path, tmp_path: Path) -> None:
    rows = read_rows(feed_files(tmp_path)[0])
    with open_cache(home) as cache:
        start_us, end_us = import_walk(cache, tmp_path)
        session = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
        statistics = Statistics()
        statistics.begin(start_us)
        at_us = start_us + 30 * SECOND_US
        jump = session.seek(at_us, history_us=3600 * SECOND_US)
        statistics.take(jump.symbols[0], at_us, is_jump=True)
        for step in (700_000, 5_100_000, 12_345_678):
            moved = session.advance(at_us + step)
            statistics.take(moved.symbols[0], moved.at_us, is_jump=False)
            moment = Moment(rows, moved.at_us)
            figures = statistics.at(None)
            assert (figures.at_us, figures.is_past) == (moved.at_us, False)
            moment.check(figures)
            near = 0.001 * figures.mid
            for side, known in (("bid", figures.near_bid), ("ask", figures.near_ask)):
                levels = moment.book.sides[side].items()
                assert known == pytest.approx(sum(a for p, a in levels if abs(p - figures.mid) <= near))
            top = [
                sum(amount for _, amount in side[:10]) for side in (moment.book.bids(), moment.book.asks())
            ]
            assert figures.imbalance == pytest.approx((top[0] - top[1]) / (top[0] + top[1]))
            seconds = (start_us + second * SECOND_US + 50_000 for second in range(12, 30))
            for past_us in (start_us, start_us + 500_000, moved.at_us - 1, *seconds):
                past = statistics.at(past_us)
                assert past.is_past
                Moment(rows, past_us).check(past)
                assert isnan(past.near_bid)
                assert isnan(past.imbalance)
        # A trade lies on each whole second of the feed.
        for past_us in (start_us + 11_000_000, start_us + 11_999_999):
            past = statistics.at(past_us)
            sides = (past.bought, past.sold, past.unknown)
            assert sum(side[0] for side in sides if side is not None) == 1


def test_what_lies_before_a_short_history_is_not_known(home: Path, tmp_path: Path) -> None:
    with open_cache(home) as cache:
        start_us, end_us = import_walk(cache, tmp_path)
        session = Replay(cache, [(EXCHANGE, SYMBOL)], start_us, end_us)
        statistics = Statistics()
        statistics.begin(start_us)
        at_us = start_us + 30 * SECOND_US
        moved = session.seek(at_us, history_us=5 * SECOND_US)
        statistics.take(moved.symbols[0], at_us, is_jump=True)
        now = statistics.at(None)
        assert now.messages == 10
        assert isnan(now.flow), "of ten seconds only five are known"
        before = statistics.at(at_us - 6 * SECOND_US)
        assert isnan(before.mid)
        assert before.messages is None
        assert before.bought is None
        assert statistics.is_before_kept(at_us - 6 * SECOND_US)


def test_amounts_near_the_mid_count_the_border_in() -> None:
    book = make_book([(9_999, 1), (9_990, 2), (9_989, 4)], [(10_001, 8), (10_010, 16), (10_011, 32)])
    assert amounts_within(book, 10.0) == (3, 24)
    assert all(isnan(amount) for amount in amounts_within(make_book([(10, 1)], []), 10.0))


def test_a_ring_keeps_the_newest_whatever_the_pieces() -> None:
    ring = Ring(100, np.int64, np.float64)
    chance = np.random.default_rng(5)
    told: list[int] = []
    for _ in range(400):
        size = int(chance.integers(0, 260) if chance.random() < 0.1 else chance.integers(0, 30))
        piece = np.arange(len(told), len(told) + size)
        told.extend(piece.tolist())
        ring.append(piece, piece / 2)
        assert ring.column(0).tolist() == told[-100:]
        assert ring.column(1).tolist() == [each / 2 for each in told[-100:]]
        assert (ring.taken, ring.has_dropped) == (len(told), len(told) > 100)
    ring.clear()
    assert len(ring) == 0
