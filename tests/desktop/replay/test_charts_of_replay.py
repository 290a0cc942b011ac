"""Strips and depth chart over a real session, beside a book on plain dicts."""

from __future__ import annotations

import csv
import gzip
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from support.dictbook import DictBook, Row
from support.feeds import EXCHANGE, SYMBOL, feed_files, import_walk

from tickreel.replay import Replay, ReplayPlan, Views
from tickreel.store import open_cache
from tickreel_desktop.replay.depth import DepthChart
from tickreel_desktop.replay.depthspan import DepthSpan
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.sharedview import SharedView
from tickreel_desktop.replay.strips import Strips
from tickreel_desktop.replay.symbols.company import Company
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.replay import Frame
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

HISTORY_US = 30_000_000
LEVELS = 3


class Told(NamedTuple):
    """What the plain book says after a message."""

    at_us: int
    spread: float
    balance: float
    bids: list[list[float]]
    asks: list[list[float]]


def plain_book(folder: Path) -> list[Told]:
    """Play the feed through plain dicts, a message at a time."""
    book_file, _ = feed_files(folder)
    with gzip.open(book_file, "rt") as file:
        rows = [
            Row(
                int(one["local_timestamp"]),
                one["is_snapshot"] == "true",
                one["side"],
                float(one["price"]),
                float(one["amount"]),
            )
            for one in csv.DictReader(file)
        ]
    book, told = DictBook(), []
    for at_us, message in groupby(rows, attrgetter("local_us")):
        book.apply(message)
        bids, asks = book.bids(), book.asks()
        buy, sell = (sum(amount for _, amount in side[:LEVELS]) for side in (bids, asks))
        told.append(Told(at_us, asks[0][0] - bids[0][0], (buy - sell) / (buy + sell), bids, asks))
    return told


def test_what_is_drawn_is_what_a_plain_book_says_however_it_was_reached(
    theme: Theme, zone: DisplayZone, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    shared = SharedView()
    strips, depth = Strips(theme, zone, shared, Company()), DepthChart(theme, zone, shared)
    for chart, height in ((strips, 320), (depth, 300)):
        qtbot.addWidget(chart)
        chart.resize(700, height)
        with qtbot.waitExposed(chart):
            chart.show()
    strips.set_levels(LEVELS)
    depth.set_span(DepthSpan.ALL)
    told = plain_book(tmp_path / "plain")
    with open_cache(home) as cache:
        start_us, end_us = import_walk(cache, tmp_path)
        plan = ReplayPlan(((EXCHANGE, SYMBOL),), start_us, end_us)
        shared.begin(start_us, end_us)
        shared.set_width(20_000_000)
        for chart in (strips, depth):
            chart.begin(ReplayRequest(plan, start_us))
        session = Replay.from_plan(cache, plan)
        session.show(Views(imbalance_levels=strips.imbalance_levels))

        def seek(second: float) -> Callable[[], Frame]:
            return lambda: session.seek(start_us + round(second * 1e6), history_us=HISTORY_US)

        moves: list[Callable[[], Frame]] = [
            seek(31.234567),
            *(lambda n=n: session.advance(session.at_us + 10**n) for n in (3, 4, 5, 6, 5)),
            lambda: session.advance_messages(17),
            lambda: session.step_back("message", 40, history_us=HISTORY_US),
            seek(58.9),
            lambda: session.advance(end_us - 1),
            seek(7.5),
            lambda: session.advance(session.at_us + 3_000_000),
        ]
        begin_us = start_us
        for number, move in enumerate(moves):
            frame = move()
            if frame.is_jump:
                begin_us = max(start_us, frame.at_us - HISTORY_US)
            strips.take(frame)
            shared.set_now(frame.at_us)
            depth.take(frame)
            if number == 4:
                theme.set_mode(ThemeMode.LIGHT)
            if number == 6:
                strips.resize(500, 260)
            for chart in (strips, depth):
                chart.settle()
            compare_strips(strips, told, begin_us, frame.at_us)
            compare_depth(depth, [one for one in told if one.at_us <= frame.at_us][-1])


def compare_strips(strips: Strips, told: list[Told], begin_us: int, now_us: int) -> None:
    window = strips._window()
    played = [one for one in told if begin_us <= one.at_us <= now_us]
    rows = list(strips.spread.rows(window)) + list(strips.imbalance.rows(window))
    for name, values in (
        ("spread", [one.spread for one in played]),
        (f"imbalance, top {LEVELS}", [one.balance for one in played]),
    ):
        drawn = [row for row in rows if row.series == name]
        assert len(drawn) > 20
        for row in drawn[:: max(1, len(drawn) // 40)]:
            before = [n for n, one in enumerate(played) if one.at_us <= row.from_us][-1:]
            inside = [n for n, one in enumerate(played) if row.from_us < one.at_us < row.to_us]
            expected = [values[n] for n in before + inside]
            assert (row.value, row.low, row.high) == pytest.approx(
                (expected[-1], min(expected), max(expected)), abs=1e-9
            )
    line = strips.spread.line
    drawn = [row for row in rows if row.series == "spread"]
    np.testing.assert_allclose(np.sort(line.yData.reshape(-1, 2)), [[row.low, row.high] for row in drawn])
    assert line.xData[-1] <= 0


def compare_depth(depth: DepthChart, one: Told) -> None:
    mid = (one.bids[0][0] + one.asks[0][0]) / 2
    for levels, curve in zip((one.bids, one.asks), depth._sides, strict=True):
        across, up = curve.getData()
        sums = np.cumsum([amount for _, amount in levels])
        np.testing.assert_allclose(
            across[1:-1:2], [(price - mid) / mid * 100 for price, _ in levels], atol=1e-9
        )
        np.testing.assert_allclose(up[1:-1:2], sums)
