"""The heatmap's pixels and words beside an independent book and an independent ramp."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from dataclasses import replace
from math import log1p
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from support.dictbook import DictBook, Row
from support.feeds import EXCHANGE, SYMBOL
from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.market.types import DataType
from tickreel.replay import Replay, ReplayPlan, Views
from tickreel.store import open_cache
from tickreel_desktop.replay.heatmap import Choices, HeatmapLegend, HeatmapView
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.sharedview import Cursor, SharedView
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.book import PriceGrid
    from tickreel.replay import Frame
    from tickreel_desktop.theme import Theme, Tokens
    from tickreel_desktop.zone import DisplayZone

SECOND_US = 1_000_000
DAY_US = 24 * 3600 * SECOND_US
MIDNIGHT_US = START_US // DAY_US * DAY_US + DAY_US
FIRST_US = MIDNIGHT_US - 40 * SECOND_US
"""The first snapshot; the replay begins ten seconds before it, and goes on over midnight."""
RESET_US = MIDNIGHT_US + 10 * SECOND_US
BEGIN_US, END_US = FIRST_US - 10 * SECOND_US, MIDNIGHT_US + 60 * SECOND_US
WIDTH_PX, HEIGHT_PX = 458, 300
"""A plot of 300 pixels across, beside the profile and the axis."""


def feed() -> list[Row]:
    """Give rows of a book around 100: a snapshot, changes ten times a second, a reset after midnight."""
    chance = random.Random(3)
    rows = []
    for at_us, amount in ((FIRST_US, 5.0), (RESET_US, 11.0)):
        for side, sign in (("bid", -1), ("ask", 1)):
            rows += [Row(at_us, True, side, round(100 + sign * n / 10, 1), amount) for n in range(1, 26)]
    for at_us in range(FIRST_US + 50_000, END_US, 100_000):
        side = chance.choice(("bid", "ask"))
        price = round(100 + (-1 if side == "bid" else 1) * chance.randint(1, 25) / 10, 1)
        rows.append(Row(at_us, False, side, price, chance.choice((0.0, 1.0, 2.5, 40.0))))
    return sorted(rows, key=lambda row: row.local_us)


ROWS = feed()


def import_feed(folder: Path, home: Path) -> None:
    with open_cache(home) as cache:
        for day, is_first in (("2024-07-23", True), ("2024-07-24", False)):
            name = f"{EXCHANGE}_{{}}_{day}_{SYMBOL}.csv.gz"
            of_day = [row for row in ROWS if (row.local_us < MIDNIGHT_US) == is_first]
            lines = [
                l2_line(row.local_us, row.side, f"{row.price:.1f}", str(row.amount), snapshot=row.is_snapshot)
                for row in of_day
            ]
            l2 = DataType.INCREMENTAL_BOOK_L2
            cache.import_file(write_csv(folder / name.format(l2), l2, lines))
            begin_us = FIRST_US if is_first else MIDNIGHT_US
            trades = [
                line(DataType.TRADES, begin_us + n * SECOND_US, id=str(n), price="100.1", amount="2")
                for n in range(30)
            ]
            cache.import_file(write_csv(folder / name.format("trades"), DataType.TRADES, trades))


def books() -> list[tuple[int, list[dict[float, float]]]]:
    """Give the levels of both sides after each message."""
    book, found = DictBook(), []
    for number, row in enumerate(ROWS):
        book.apply([row])
        if number + 1 == len(ROWS) or ROWS[number + 1].local_us > row.local_us:
            found.append((row.local_us, [dict(book.sides["bid"]), dict(book.sides["ask"])]))
    return found


BOOKS = books()


def plain_size(grid: PriceGrid, cell: int, start_us: int, end_us: int) -> float | None:
    """Give the greatest bids and the greatest asks in a cell of prices over [start, end), by dicts."""
    low = round(grid.low / grid.tick) + cell * grid.cell_ticks
    first = bisect_right(BOOKS, start_us, key=lambda one: one[0])
    stop = bisect_left(BOOKS, end_us, key=lambda one: one[0])
    shown = [sides for _, sides in BOOKS[max(0, first - 1) : stop]]
    if not shown:
        return None
    return sum(
        max(
            sum(
                amount
                for price, amount in sides[index].items()
                if 0 <= round(price / grid.tick) - low < grid.cell_ticks
            )
            for sides in shown
        )
        for index in (0, 1)
    )


def plain_colour(tokens: Tokens, size: float | None, clip: float, *, is_log: bool = True) -> str:
    """Colour a size by the formula of the ramp, stop by stop."""
    if size is None:
        return tokens.line.lower()
    shown = min(size, clip)
    place = (log1p(1.1 * shown) / log1p(1.1 * clip)) ** tokens.heat.power if is_log else shown / clip
    at = round(place * 255) / 255
    stops = tokens.heat.stops
    low = max(stop for stop in stops if stop[0] <= at)
    high = min((stop for stop in stops if stop[0] >= at), default=low)
    share = 0.0 if high[0] == low[0] else (at - low[0]) / (high[0] - low[0])
    channels = [
        round(int(low[1][n : n + 2], 16) * (1 - share) + int(high[1][n : n + 2], 16) * share)
        for n in (1, 3, 5)
    ]
    return "#" + "".join(f"{channel:02x}" for channel in channels)


class Stage:
    """A heatmap over a real session, as a stage serves it."""

    def __init__(self, view: HeatmapView, shared: SharedView, session: Replay, qtbot: QtBot) -> None:
        self.view, self.shared, self.session, self.qtbot = view, shared, session, qtbot
        self.history_us = 0
        self.asked: list[tuple[PriceGrid, int]] = []
        view.views_wanted.connect(self._serve)
        self._is_wanted = False

    def _serve(self, grid: PriceGrid, column_us: int, measure: object, history_us: int) -> None:
        self.asked.append((grid, column_us))
        self.history_us = history_us
        self.session.show(Views({(EXCHANGE, SYMBOL): grid}, column_us, measure))  # type: ignore[arg-type]
        self._is_wanted = True

    def give(self, frame: Frame) -> None:
        self.shared.set_now(frame.at_us)
        self.view.take(frame)
        if self._is_wanted:
            self._is_wanted = False
            self.seek(self.session.at_us)

    def seek(self, at_us: int) -> None:
        self.give(self.session.seek(at_us, history_us=self.history_us))

    def settle(self) -> None:
        """Wait until nothing more is asked for."""
        while self.view._asker.is_waiting:
            self.qtbot.wait(20)
        if self._is_wanted:
            self._is_wanted = False
            self.seek(self.session.at_us)

    def check(self, tokens: Tokens, *, is_log: bool = True) -> int:
        """Compare cells all over the picture with the plain book; give how many were seen."""
        image = self.view.grab().toImage()
        view, cells = self.view.projection(), self.view.cells
        assert view is not None
        assert cells is not None
        seen = 0
        for x in range(3, view.width, 23):
            start_us = view.start_us(view.left + x)
            if start_us > self.session.at_us or start_us < BEGIN_US:
                continue
            first = cells.start_us(cells.number_at(start_us))
            end_us = min(first + cells.column_us, self.session.at_us + 1)
            for price in (98.05, 98.55, 101.45, 102.15, 102.85):
                cell = int((price - cells.grid.low) // cells.grid.group)
                size = plain_size(cells.grid, cell, first, end_us)
                found = image.pixelColor(x, int(view.down(price))).name()
                expected = plain_colour(tokens, size, self.view.scale.clip, is_log=is_log)
                assert found == expected, (x, price, size)
                seen += 1
        return seen


@pytest.fixture
def stage(theme: Theme, zone: DisplayZone, home: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[Stage]:
    import_feed(tmp_path, home)
    with open_cache(home) as cache:
        plan = ReplayPlan(((EXCHANGE, SYMBOL),), BEGIN_US, END_US)
        shared = SharedView()
        view = HeatmapView(theme, zone, shared)
        qtbot.addWidget(view)
        view.resize(WIDTH_PX, HEIGHT_PX)
        with qtbot.waitExposed(view):
            view.show()
        made = Stage(view, shared, Replay.from_plan(cache, plan), qtbot)
        shared.begin(BEGIN_US, END_US)
        shared.set_width(60 * SECOND_US)
        view.begin(ReplayRequest(plan, BEGIN_US))
        made.give(made.session.seek(FIRST_US + 2 * SECOND_US, history_us=0))
        shared.set_prices(97.0, 103.0)
        made.settle()
        yield made


def test_every_cell_has_the_colour_of_its_size_however_the_replay_is_moved(
    stage: Stage, theme: Theme
) -> None:
    stage.seek(FIRST_US + 20 * SECOND_US)
    assert stage.check(theme.tokens) > 25  # with the unknown before the first snapshot
    for _ in range(90):  # over midnight and the reset, further than the picture is wide
        stage.give(stage.session.advance(stage.session.at_us + 777_777))
        stage.view.repaint()
    assert stage.session.at_us > RESET_US + 20 * SECOND_US
    assert stage.check(theme.tokens) > 50
    stage.give(stage.session.step_back("second", 25, history_us=stage.history_us))
    assert stage.check(theme.tokens) > 50
    theme.set_mode(ThemeMode.LIGHT)
    assert stage.check(theme.tokens) > 50
    stage.view.resize(WIDTH_PX + 130, HEIGHT_PX + 77)
    stage.settle()
    assert stage.check(theme.tokens) > 50
    stage.view.choose(Choices(is_log=False, column_us=SECOND_US))
    stage.settle()
    assert stage.asked[-1][1] == SECOND_US
    assert stage.check(theme.tokens, is_log=False) > 50


def test_the_unfinished_column_is_coloured_anew_with_each_frame(stage: Stage, theme: Theme) -> None:
    stage.view.choose(Choices(column_us=10 * SECOND_US))
    stage.settle()
    stage.seek(FIRST_US + 21 * SECOND_US)
    for _ in range(15):
        stage.view.repaint()
        stage.give(stage.session.advance(stage.session.at_us + SECOND_US // 2))
    assert stage.check(theme.tokens) > 25


def test_small_sizes_are_ground_when_they_are_filtered(stage: Stage, theme: Theme) -> None:
    stage.seek(FIRST_US + 20 * SECOND_US)
    stage.view.choose(replace(stage.view.choices, least=1e9))
    stage.view.repaint()
    image, view = stage.view.grab().toImage(), stage.view.projection()
    assert view is not None
    colours = {image.pixelColor(250, int(view.down(price))).name() for price in (98.05, 102.15)}
    assert colours == {theme.tokens.plot.lower()}


def test_best_prices_are_lines_with_a_halo(stage: Stage, theme: Theme) -> None:
    stage.seek(FIRST_US + 20 * SECOND_US)
    stage.view.grab()
    view = stage.view.projection()
    assert view is not None
    book = DictBook().apply([row for row in ROWS if row.local_us <= stage.session.at_us])
    best = (book.bids()[0][0], book.asks()[0][0])
    place = view.place_of(stage.session.at_us)
    for price, name, apart in ((best[0], "bid", 1), (best[1], "ask", -1)):
        pixel = stage.view._canvas.picture.pixel(place, int(view.down(price)) + apart)
        assert pixel == theme.colour(name).rgb()  # type: ignore[arg-type]


def test_the_cursor_reads_the_exact_sizes_and_what_was_traded(stage: Stage) -> None:
    stage.seek(FIRST_US + 20 * SECOND_US)
    cells = stage.view.cells
    assert cells is not None
    stage.shared.set_cursor(Cursor(FIRST_US + 5 * SECOND_US + 10, 100.1))
    reading = stage.view.reading()
    assert reading is not None
    cell = (1001 - round(cells.grid.low * 10)) // cells.grid.cell_ticks
    expected = plain_size(cells.grid, cell, reading.start_us, reading.start_us + reading.column_us)
    assert reading.bid + reading.ask == expected
    assert reading.bought + reading.sold + reading.other == 2.0
    assert reading.low <= 100.1 < reading.high
    with stage.qtbot.waitSignal(stage.view.read) as said:
        QTest.keyClick(stage.view, Qt.Key.Key_Return)
    assert "Row 100." in said.args[0]
    QTest.keyClick(stage.view, Qt.Key.Key_Up)
    QTest.keyClick(stage.view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    moved = stage.view.reading()
    assert moved is not None
    assert moved.low == reading.high
    assert moved.start_us == reading.start_us - 10 * reading.column_us
    model = stage.view.table_model()
    assert model.rowCount() == cells.grid.cells
    QTest.keyClick(stage.view, Qt.Key.Key_Escape)
    assert stage.view.reading() is None


def test_dragging_zooming_and_selecting_move_the_shared_view(stage: Stage) -> None:
    stage.seek(FIRST_US + 40 * SECOND_US)
    shared, view = stage.shared, stage.view
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, QPoint(100, 100))
    QTest.mouseMove(view, QPoint(200, 100))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, QPoint(200, 100))
    assert shared.selection is not None
    assert shared.selection[1] - shared.selection[0] == pytest.approx(20 * SECOND_US, rel=0.02)
    assert [shared.follows] == [True]
    prices, to_us = shared.prices, shared.to_us
    assert prices is not None
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    QTest.mouseMove(view, QPoint(150, 130))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(150, 130))
    assert [shared.follows] == [False]
    assert to_us - shared.to_us == pytest.approx(10 * SECOND_US, rel=0.02)
    assert shared.prices == pytest.approx((prices[0] + 0.6, prices[1] + 0.6))
    view.follow()
    assert [shared.follows] == [True]
    view.zoom_prices(0.5)
    zoomed = shared.prices
    assert zoomed is not None
    assert zoomed[1] - zoomed[0] == pytest.approx(3.0)


def test_a_box_measures_time_prices_and_the_trades_inside(stage: Stage, theme: Theme) -> None:
    stage.view.set_instrument(0.1, "BTC")
    stage.seek(FIRST_US + 29 * SECOND_US + 500_000)  # trades of 2 at 100.1, one a second
    view, projection = stage.view, stage.view.projection()
    assert projection is not None

    def place(at_us: int, price: float) -> QPoint:
        return QPoint(projection.place_of(at_us) - projection.left, round(projection.down(price)))

    def drag(begin: QPoint, end: QPoint) -> str:
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, begin)
        QTest.mouseMove(view, end)
        with stage.qtbot.waitSignal(view.read) as said:
            QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
        return str(said.args[0])

    looked_at = (stage.shared.to_us, stage.shared.prices)
    view.measure()
    low, high = place(FIRST_US + 10_500_000, 99.05), place(FIRST_US + 20_500_000, 101.05)
    said = drag(low, high)
    assert (stage.shared.to_us, stage.shared.prices) == looked_at, "the view stays"
    assert said.startswith(
        "Time +0:00:10.000, Price +2.0, Price +20 ticks, Price +202 bp, Traded buy 20.00 BTC, Rows"
    )
    assert said.endswith(("of 0.1", "of 0.2")), said
    image = view.grab().toImage()
    assert image.pixelColor(high.x() - 3, int(projection.down(99.0))) == theme.colour("text")
    backwards = drag(high, place(FIRST_US + 15_500_000, 100.55))
    assert backwards.startswith("Time \u22120:00:05.000, Price \u22120.5, Price \u22125 ticks")
    assert "Traded nothing" in backwards, "above the trades"
    assert "Traded nothing" in drag(low, place(FIRST_US + 20_500_000, 99.55)), "below them"
    assert "Traded buy 10.00 BTC" in drag(low, place(FIRST_US + 15_500_000, 100.55)), "of half the time"
    stage.give(stage.session.advance(stage.session.at_us + 5 * SECOND_US))
    assert view._measuring.measure() is not None, "it stays while time goes by"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view._measuring.corners is None
    assert not view.is_measuring


def test_keys_measure_from_the_cursor_on(stage: Stage) -> None:
    stage.seek(FIRST_US + 29 * SECOND_US + 500_000)
    view, cells = stage.view, stage.view.cells
    assert cells is not None
    stage.shared.set_cursor(Cursor(FIRST_US + 20 * SECOND_US, 100.1))
    began_us = FIRST_US + 20 * SECOND_US
    view.measure()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up):
        QTest.keyClick(view, key)
    corners = view._measuring.corners
    assert corners is not None
    assert corners[0].at_us == began_us
    assert corners[1].at_us == cells.start_us(cells.number_at(began_us) - 2)
    assert stage.shared.cursor.at_us == corners[1].at_us
    with stage.qtbot.waitSignal(view.read) as said:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert said.args[0].startswith("Time \u2212")
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view._measuring.corners == corners, "what is kept is extended no more"
    with stage.qtbot.waitSignal(view.measuring_changed):
        view.measure()
    assert view._measuring.corners is None


def test_what_is_in_view_is_written_as_figures(stage: Stage, tmp_path: Path) -> None:
    stage.seek(FIRST_US + 5 * SECOND_US)
    shown = stage.view.visible_cells()
    assert shown is not None
    path = tmp_path / "cells.csv"
    shown.write_csv(path)
    header, *lines = path.read_text().splitlines()
    assert header == "time_us,price,bid,ask"
    assert len(lines) == len(shown.start_us) * (len(shown.borders) - 1)
    assert any(one.endswith(",,") for one in lines)  # not known before the first snapshot
    assert [one.name for one in tmp_path.glob(".*.part")] == []


def test_the_legend_and_every_control_have_words(stage: Stage, theme: Theme) -> None:
    stage.view.set_instrument(0.1, "BTC")
    stage.view.grab()
    legend = HeatmapLegend(theme, stage.view)
    stage.qtbot.addWidget(legend)
    assert legend.text().endswith("BTC, log")
    assert not legend.grab().isNull()
    assert isinstance(stage.view, QWidget)
    assert stage.view.accessibleName() == "Depth heat map"
    assert stage.view._figures.description().startswith("Best bid 99.9, best ask 100.1")
