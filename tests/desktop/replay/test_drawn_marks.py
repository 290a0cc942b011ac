"""Trade bubbles and health bands as they are drawn, beside plain sums over the same trades and rows."""

from __future__ import annotations

import random
from math import floor, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL
from support.plainhealth import plain_gaps
from support.qtloop import run_on_qt
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.market.types import DataType
from tickreel.replay import BandKind
from tickreel.store import open_cache
from tickreel_desktop.replay.heatmap.bubbles import BubblePainter
from tickreel_desktop.replay.marks import Tone
from tickreel_desktop.replay.player import StepUnit
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtGui import QImage, QPainter, QPixmap
    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.desk import Desk
    from tickreel_desktop.replay.heatmap import HeatmapView
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.tradebins import Bubbles
    from tickreel_desktop.theme import Theme

pytestmark = pytest.mark.long

SECOND_US = 1_000_000
MIDNIGHT_US = START_US + 86_400 * SECOND_US
BEGIN_US, END_US = MIDNIGHT_US - 90 * SECOND_US, MIDNIGHT_US + 90 * SECOND_US
RESET_US = MIDNIGHT_US + 20 * SECOND_US
SILENT_S = ((-52, -38), (40, 53))
"""Stretches without a message of the book, in seconds from midnight."""
MOST, NEAR_PX, NEAR_ROWS = 400, 7, 2.5


class Trade(NamedTuple):
    at_us: int
    side: int
    """0 buy, 1 sell, 2 unknown."""
    price: float
    amount: float


class Bubble(NamedTuple):
    at_us: float
    price: float
    side: int
    amount: float


def make_trades() -> list[Trade]:
    chance = random.Random(11)
    moments = range(BEGIN_US, END_US, SECOND_US // 7)
    return [
        Trade(
            us,
            chance.choice((0, 0, 1, 1, 2)),
            round(100 + chance.gauss(0, 0.6), 1),
            chance.choice((1, 3, 40)),
        )
        for us in moments
    ]


TRADES = make_trades()


def book_lines() -> list[tuple[int, str]]:
    chance, lines = random.Random(5), []
    for at_us, amount in ((BEGIN_US, "5"), (RESET_US, "9")):
        for side, sign in (("bid", -1), ("ask", 1)):
            lines += [
                (at_us, l2_line(at_us, side, f"{100 + sign * n / 10:.1f}", amount, snapshot=True))
                for n in range(1, 26)
            ]
    for at_us in range(BEGIN_US + 50_000, END_US, 200_000):
        second = (at_us - MIDNIGHT_US) / SECOND_US
        if not any(begin < second < end for begin, end in SILENT_S):
            side = chance.choice(("bid", "ask"))
            price = 100 + (-1 if side == "bid" else 1) * chance.randint(1, 25) / 10
            lines.append((at_us, l2_line(at_us, side, f"{price:.1f}", chance.choice(("0", "2", "7")))))
    return sorted(lines, key=lambda one: one[0])


LINES = book_lines()


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    sides = ("buy", "sell", "unknown")
    trades = [
        (one.at_us, line(DataType.TRADES, one.at_us, id=str(n), side=sides[one.side], price=str(one.price),
                         amount=str(one.amount)))
        for n, one in enumerate(TRADES)
    ]  # fmt: skip
    with open_cache(home) as opened:
        for day, is_first in (("2024-07-23", True), ("2024-07-24", False)):
            for data_type, rows in ((DataType.INCREMENTAL_BOOK_L2, LINES), (DataType.TRADES, trades)):
                own = [text for at_us, text in rows if (at_us < MIDNIGHT_US) == is_first]
                name = f"{EXCHANGE}_{data_type}_{day}_{SYMBOL}.csv.gz"
                opened.import_file(write_csv(tmp_path / name, data_type, own))
        yield opened


def gaps_us() -> list[tuple[int, int]]:
    """Give the gaps of the book, day by day, by a walk over its messages."""
    found = []
    for is_first in (True, False):
        own = [{"symbol": SYMBOL, "local_timestamp": us} for us, _ in LINES if (us < MIDNIGHT_US) == is_first]
        found += plain_gaps(own)
    return found


class Spy:
    """What the painter of bubbles was asked to draw last, and with which pictures where."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[Bubbles, Projection, float, float]] = []
        self.painter: BubblePainter | None = None
        draw = BubblePainter.draw

        def spied(
            painter: BubblePainter,
            to: QPainter,
            bubbles: Bubbles,
            view: Projection,
            most: float,
            ratio: float,
        ) -> None:
            self.painter = painter
            self.asked.append((bubbles, view, most, ratio))
            draw(painter, to, bubbles, view, most, ratio)

        monkeypatch.setattr(BubblePainter, "draw", spied)
        self._draw = draw

    def repainted(self, heatmap: HeatmapView) -> tuple[Bubbles, Projection, float, float]:
        """Have a heat map painted, and give what was asked for meanwhile."""
        before = len(self.asked)
        heatmap.repaint()
        assert len(self.asked) > before
        return self.asked[-1]

    def drawn(self) -> list[tuple[QPointF, QPixmap]]:
        """Give what was put on the picture: each at the middle of its picture."""
        put: list[tuple[QPointF, QPixmap]] = []

        class Recorder:
            def drawPixmap(self, place: QPointF, pixmap: QPixmap) -> None:
                half = pixmap.deviceIndependentSize().width() / 2
                put.append((QPointF(place.x() + half, place.y() + half), pixmap))

        assert self.painter is not None
        recorder: Any = Recorder()
        self._draw(self.painter, recorder, *self.asked[-1])
        return put


def merged(trades: list[Trade], view: Projection, bin_us: int, group: float, now_us: int) -> list[Bubble]:
    """Merge trades side by side of a dict: those within some pixels and rows are one, the largest first."""
    from_us = view.to_us - view.width_us
    bucket_us = max(bin_us, round(NEAR_PX * view.width_us / view.width))
    boxes: dict[tuple[int, int, int], list[Trade]] = {}
    for one in trades:
        row = floor(round(one.price / group, 6))
        in_time = from_us // bin_us <= one.at_us // bin_us <= view.to_us // bin_us and one.at_us <= now_us
        if in_time and view.low / group - 1 <= row <= view.high / group:
            key = (one.at_us // bin_us * bin_us // bucket_us, floor(row / NEAR_ROWS), one.side)
            boxes.setdefault(key, []).append(one)
    found = []
    for (_, _, side), own in boxes.items():
        amount = sum(one.amount for one in own)
        at_us = sum(one.amount * (one.at_us - BEGIN_US) for one in own) / amount + BEGIN_US
        found.append(Bubble(at_us, sum(one.amount * one.price for one in own) / amount, side, amount))
    return sorted(found, key=lambda one: -one.amount)[:MOST]


def radius_of(pixmap: QPixmap) -> tuple[float, set[str]]:
    """Measure the radius of a drawn disc, and say which of its halves are there."""
    image: QImage = pixmap.toImage()
    middle = image.height() / 2
    seen = [
        (x, y)
        for y in range(image.height())
        for x in range(image.width())
        if image.pixelColor(x, y).alpha() > 60
    ]
    across = [x for x, _ in seen]
    halves = {"upper" if y + 0.5 < middle - 1 else "lower" for _, y in seen if abs(y + 0.5 - middle) > 1}
    return (max(across) - min(across) + 1) / 2, halves


def check_bubbles(desk: Desk, spy: Spy, now_us: int) -> int:
    """Compare all bubbles with plain sums: how much, where, how large, which half; tell how many."""
    heatmap = desk.replay.panels.heatmap
    bubbles, view, most, ratio = spy.repainted(heatmap)
    bins = heatmap._past.trades
    assert bins is not None
    expected = merged(TRADES, view, bins.bin_us, bins.group, now_us)
    columns = (bubbles.time_us, bubbles.price, bubbles.side, bubbles.amount)
    found = [Bubble(*row) for row in zip(*(each.tolist() for each in columns), strict=True)]
    assert [one.amount for one in found] == pytest.approx([one.amount for one in expected])
    key = lambda one: (round(one.amount, 6), one.side, round(one.price, 6), one.at_us)  # noqa: E731
    # Of the smallest that still have room, any may be drawn.
    least = found[-1].amount if len(found) == MOST else 0.0
    clear = ([one for one in listed if one.amount > least] for listed in (found, expected))
    for mine, plain in zip(*(sorted(listed, key=key) for listed in clear), strict=True):
        assert mine.side == plain.side
        assert mine.price == pytest.approx(plain.price)
        assert mine.at_us == pytest.approx(plain.at_us, abs=bins.bin_us)
    put = spy.drawn()
    assert len(put) == len(found)
    plot = heatmap._viewport.areas.plot
    radii: dict[int, tuple[float, set[str]]] = {}
    for (place, pixmap), one in zip(put, found, strict=True):
        x = (one.at_us - view.to_us + view.width_us) / view.width_us * plot.width()
        y = (view.high - one.price) / (view.high - view.low) * plot.height()
        assert place.x() == pytest.approx(x, abs=1.5)
        assert place.y() == pytest.approx(y, abs=1.5)
        radius, halves = radii.setdefault(pixmap.cacheKey(), radius_of(pixmap))
        wanted = 2 + 16 * sqrt(one.amount / most)
        assert radius == pytest.approx(wanted, abs=1.6), "its area grows with the amount"
        assert halves == ({"upper"}, {"lower"}, {"upper", "lower"})[one.side]
    assert ratio == heatmap.devicePixelRatioF()
    return len(found)


def check_bands(desk: Desk, theme: Theme, now_us: int) -> int:
    """Compare bands of heat map and strips with the gaps of a plain walk; give how many are in view."""
    panels, shared = desk.replay.panels, desk.replay.shared
    expected = [gap for gap in gaps_us() if gap[1] > shared.from_us and gap[0] <= min(shared.to_us, now_us)]
    on_map = [band for band in panels.heatmap._canvas.bands if band.kind is BandKind.GAP]
    assert [(band.from_us, band.to_us) for band in on_map] == gaps_us()
    image, plot = panels.heatmap.grab().toImage(), panels.heatmap._viewport.areas.plot
    edge = QColor(theme.tokens.warning)
    for from_us, to_us in expected:
        for at_us in (from_us, to_us):
            x = round((at_us - shared.from_us) / shared.width_us * plot.width())
            if plot.left() + 2 < x < plot.right() - 2:
                column = [image.pixelColor(x + dx, plot.top() + 3) for dx in range(-2, 3)]
                assert edge.name() in [each.name() for each in column], "an edge where the gap begins or ends"
    for strip in panels.strips.shown:
        stretches = [each for each in strip.bands.bands() if each.tone is Tone.WARNING]
        seconds = [(each.begin, each.end) for each in stretches if each.word.startswith("gap")]
        ends_us = [(max(a, shared.from_us), min(b, shared.to_us, now_us)) for a, b in expected]
        wanted = [tuple((us - shared.to_us) / SECOND_US for us in ends) for ends in ends_us]
        assert np.array(seconds) == pytest.approx(np.array(wanted))
    return len(expected)


def test_bubbles_and_bands_are_those_of_plain_sums_however_the_replay_is_moved(
    qapp: QApplication, cache: Cache, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    link = f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={BEGIN_US}&to={END_US}"

    async def journey() -> None:
        async with desk_over(cache) as desk:
            player = await desk.operations.open_link(link)
            assert player is not None
            player.pause()
            heatmap, shared = desk.replay.panels.heatmap, desk.replay.shared
            shared.set_width(60 * SECOND_US)

            under_way = [False]
            player.seeking_changed.connect(lambda is_seeking: under_way.__setitem__(0, is_seeking))

            async def settled() -> int:
                """Wait until all that was asked for has come."""
                await until(lambda: heatmap.cells is not None and not heatmap._asker.is_waiting)
                await until(lambda: not (under_way[0] or heatmap._asker.is_waiting or player._orders))
                return shared.now_us

            async def check(bands: int | None = None) -> None:
                now_us = await settled()
                assert check_bubbles(desk, spy, now_us) > 20
                found = check_bands(desk, desk.replay._theme, now_us)
                assert bands in (None, found)

            await until(lambda: bool(heatmap._canvas.bands))
            player.seek(MIDNIGHT_US - 20 * SECOND_US)
            await until(lambda: shared.now_us == MIDNIGHT_US - 20 * SECOND_US)
            await check(1)
            player.set_speed(20.0)
            player.play()  # over midnight and the reset
            await until(lambda: shared.now_us > RESET_US + 5 * SECOND_US)
            player.pause()
            await check()  # how far it came is the machine's
            at_us = RESET_US
            player.seek(at_us)
            await until(lambda: shared.now_us == at_us)
            await check(1)
            player.step(StepUnit.TRADE, -60)
            await until(lambda: shared.now_us < at_us - 5 * SECOND_US)
            await check(1)
            desk.replay._theme.set_mode(ThemeMode.LIGHT)
            await check(1)
            desk.window.resize(1600, 1000)
            await check(1)
            player.set_speed(1000.0)
            player.play()
            await until(lambda: player.is_at_end and not player.clock.is_playing)
            await check(1)
            shared.pan(-40 * SECOND_US)
            await check(1)
            shared.set_width(120 * SECOND_US)
            await check(2)

    run_on_qt(qapp, journey())


def test_a_gap_reaches_no_further_than_what_was_played(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            link = f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={BEGIN_US}&to={END_US}"
            player = await desk.operations.open_link(link)
            assert player is not None
            player.pause()
            heatmap, shared = desk.replay.panels.heatmap, desk.replay.shared
            shared.set_width(60 * SECOND_US)
            await until(lambda: bool(heatmap._canvas.bands))
            inside_us = MIDNIGHT_US - 45 * SECOND_US
            player.seek(inside_us)
            await until(lambda: shared.now_us == inside_us and heatmap.cells is not None)
            assert check_bands(desk, desk.replay._theme, inside_us) == 1
            spread = desk.replay.panels.strips.spread
            (gap,) = [each for each in spread.bands.bands() if each.word.startswith("gap")]
            assert gap.end == pytest.approx(0.0), "it ends at the play line"

    run_on_qt(qapp, journey())
