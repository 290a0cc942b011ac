from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from support.books import deep_book, make_book

from tickreel.replay import Frame, SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel_desktop.replay import depth
from tickreel_desktop.replay.curves import depth_curves, stairs, walls
from tickreel_desktop.replay.depth import DepthChart
from tickreel_desktop.replay.depthspan import DepthSpan
from tickreel_desktop.replay.exporting import svg_of
from tickreel_desktop.replay.sharedview import Cursor, SharedView

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel.book import Book
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

ODD_BOOKS = {
    "no levels": make_book([], []),
    "no message yet": make_book([], [], None),
    "only bids": make_book([(10, 1), (9, 2)], []),
    "only asks": make_book([], [(10, 1), (11, 2)]),
    "one level a side": make_book([(10, 1)], [(11, 1)]),
    "one level only": make_book([(10, 1)], []),
    "crossed": make_book([(12, 1), (9, 2)], [(10, 1), (11, 2)]),
    "locked": make_book([(10, 1)], [(10, 1)]),
    "negative": make_book([(-5, 1), (-6, 1)], [(-4, 1), (-3, 2)]),
    "around zero": make_book([(-1, 1)], [(1, 1)]),
    "at zero": make_book([(0, 1)], [(0, 1)]),
    "far apart": make_book([(1e-7, 1e22)], [(123456789012345678, 1e-9)]),
    "amounts of zero": make_book([(10, 0)], [(11, 0)]),
}


@pytest.fixture
def shared() -> SharedView:
    return SharedView()


@pytest.fixture
def chart(theme: Theme, zone: DisplayZone, shared: SharedView, qtbot: QtBot) -> DepthChart:
    made = DepthChart(theme, zone, shared)
    qtbot.addWidget(made)
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def frame(book: Book | None, *, gap_since_us: int | None = None, is_jump: bool = False) -> Frame:
    """Make the frame of a moment with this book."""
    nothing = TouchSeries.joined([])
    shown = SymbolFrame("x", "Y", book, nothing, TradeSeries.joined([]), Totals(), gap_since_us=gap_since_us)
    return Frame(0, (shown,), 0, is_jump, False)


def show(chart: DepthChart, shown: Frame) -> None:
    """Give the chart a frame, and have it drawn at once."""
    chart.take(shown)
    chart.settle()


def random_sides(seed: int) -> list[list[tuple[float, float]]]:
    """Make bids and asks around 1000, best first."""
    chance = np.random.default_rng(seed)
    sides = []
    for sign in (-1, 1):
        steps = (np.cumsum(chance.integers(1, 9, 60)) / 10).tolist()
        amounts = (chance.integers(1, 900, 60) / 100).tolist()
        sides.append([(1000 + sign * step, amount) for step, amount in zip(steps, amounts, strict=True)])
    return sides


def plain_sums(levels: list[tuple[float, float]], mid: float, sign: int) -> list[tuple[float, float]]:
    """Sum up the levels within half a per cent of the mid, by their distance from it in per cent."""
    running, sums = 0.0, []
    for price, amount in levels:
        if sign * (price - mid) > 0.005 * mid:
            break
        running += amount
        sums.append(((price - mid) / mid * 100, running))
    return sums


def test_amounts_are_summed_outward_from_the_touch() -> None:
    book = make_book([(10, 1), (9, 2), (1, 50)], [(11, 3), (12, 4), (99, 50)])
    curves = depth_curves(book, 0.2)
    assert curves is not None
    assert (curves.reference, curves.low, curves.high) == pytest.approx((10.5, 8.4, 12.6))
    assert curves.bids.price.tolist() == [10, 9]
    assert curves.bids.total.tolist() == [1, 3]
    assert curves.asks.total.tolist() == [3, 7]
    assert curves.most == 7
    assert [curves.bids.total_at(p) for p in (10.2, 10, 9.5, 9, 2)] == [0, 1, 1, 3, 3]
    assert [curves.asks.total_at(p) for p in (10.8, 11, 11.5, 12, 20)] == [0, 3, 3, 7, 7]


def test_without_a_distance_the_whole_book_is_summed() -> None:
    book = make_book([(10, 1), (9, 2), (1, 50)], [(11, 3), (12, 4), (99, 50)])
    curves = depth_curves(book, None)
    assert curves is not None
    assert (curves.low, curves.high) == (1, 99)
    assert (curves.bids.total[-1], curves.asks.total[-1]) == (53, 57)


def test_stairs_rise_at_each_level_and_run_to_the_edge() -> None:
    curves = depth_curves(make_book([(10, 1), (9, 2)], [(11, 3)]), 0.2)
    assert curves is not None
    across, up = stairs(curves.bids, curves.low, 100)
    assert across.tolist() == [10, 10, 9, 9, curves.low]
    assert up.tolist() == [0, 1, 1, 3, 3]


def test_more_levels_than_places_keep_their_sums() -> None:
    curves = depth_curves(deep_book(10_000, 8000), None)
    assert curves is not None
    across, up = stairs(curves.asks, curves.high, 300)
    assert len(across) <= 2 * 301 + 1
    assert up[-1] == curves.asks.total[-1]
    exact = np.array([curves.asks.total_at(price) for price in across[1:-1:2]])
    assert up[1::2].tolist() == exact.tolist()


@pytest.mark.parametrize("span", [DepthSpan.TENTH, DepthSpan.FIVE, DepthSpan.PRICES, DepthSpan.ALL])
def test_odd_books_are_drawn(chart: DepthChart, shared: SharedView, span: DepthSpan) -> None:
    chart.set_span(span)
    shared.set_prices(9.0, 12.0)
    shared.set_cursor(Cursor(None, 10.5))
    for book in ODD_BOOKS.values():
        for is_log in (False, True):
            chart.set_log(is_log=is_log)
            show(chart, frame(book))
            assert not chart.grab().isNull()


def _words(chart: DepthChart) -> str:
    return chart._state_text.text()


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (None, "this replay plays no order book"),
        (ODD_BOOKS["no message yet"], "no order book yet: waiting for the first snapshot"),
        (ODD_BOOKS["no levels"], "the book is empty"),
        (ODD_BOOKS["only bids"], "no asks"),
        (ODD_BOOKS["only asks"], "no bids"),
        (ODD_BOOKS["crossed"], ""),
    ],
)
def test_what_is_not_there_is_said_in_words(chart: DepthChart, book: Book | None, words: str) -> None:
    show(chart, frame(deep_book(100, 50)))
    show(chart, frame(book))
    assert _words(chart) == words


def test_the_sides_have_their_colours_and_places(chart: DepthChart, theme: Theme) -> None:
    show(chart, frame(deep_book(10_000, 400)))
    image = chart.grab().toImage()
    colours = (
        {image.pixelColor(x, 330).name() for x in (40, 80)},
        {image.pixelColor(x, 330).name() for x in (450, 500)},
    )
    assert theme.colour("bid_bg").name() in colours[0]
    assert theme.colour("ask_bg").name() in colours[1]


def test_the_pointer_moves_the_shared_cursor_and_leaving_takes_it_away(
    chart: DepthChart, shared: SharedView
) -> None:
    show(chart, frame(deep_book(10_000, 400)))
    QTest.mouseMove(chart.viewport(), QPoint(100, 200))
    at_us, price = shared.cursor
    assert at_us is None
    assert price is not None
    assert 9950 < price < 10_000
    assert "Bids to here" in chart.readout_text()
    QTest.mouseMove(chart.viewport(), QPoint(595, 200))
    assert shared.cursor.price is None
    assert chart.readout_text() == ""


def test_a_cursor_of_another_chart_is_shown(chart: DepthChart, shared: SharedView) -> None:
    show(chart, frame(deep_book(10_000, 400)))
    shared.set_cursor(Cursor(5, 10_010.0))
    assert chart._cursor_line.isVisible()
    assert chart._cursor_line.value() == pytest.approx(0.1)
    shared.set_cursor(Cursor(5, 20_000.0))
    assert not chart._cursor_line.isVisible(), "it is out of sight"
    shared.set_cursor(Cursor(5, None))
    assert chart.readout_text() == ""


def test_the_keyboard_moves_the_cursor(chart: DepthChart, shared: SharedView) -> None:
    show(chart, frame(deep_book(10_000, 400)))
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert shared.cursor.price == pytest.approx(10_000 + 100 / 200)
    assert "Asks to here" in chart.readout_text()
    assert "From mid  0.50 bp" in chart.readout_text()
    QTest.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert shared.cursor.price == pytest.approx(10_000 - 9 * 100 / 200)
    for _ in range(30):
        QTest.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert shared.cursor.price == pytest.approx(9950)
    QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert shared.cursor.price is None


def test_the_choice_of_the_distance_drives_the_chart(chart: DepthChart, qtbot: QtBot) -> None:
    choice = chart.make_span_choice()
    qtbot.addWidget(choice)
    assert choice.currentText() == DepthSpan.HALF
    choice.activated.emit(list(DepthSpan).index(DepthSpan.ALL))
    assert chart.span is DepthSpan.ALL
    with qtbot.waitSignal(chart.caption_changed) as told:
        chart.set_span(DepthSpan.ONE)
    assert told.args == ["cumulative, \u00b11 %"]
    assert choice.currentText() == DepthSpan.ONE


@pytest.mark.parametrize("is_log", [False, True])
def test_the_curves_are_the_sums_of_a_plain_loop(chart: DepthChart, is_log: bool) -> None:
    chart.set_log(is_log=is_log)
    for seed in range(12):
        sides = random_sides(seed)
        show(chart, frame(make_book(sides[0], sides[1])))
        mid = (sides[0][0][0] + sides[1][0][0]) / 2
        for levels, curve, sign in zip(sides, chart._sides, (-1, 1), strict=True):
            expected = plain_sums(levels, mid, sign)
            across, up = curve.getData()
            tops = 10.0 ** up[1:-1:2] if is_log else up[1:-1:2]
            np.testing.assert_allclose(across[1:-1:2], [at for at, _ in expected], atol=1e-9)
            np.testing.assert_allclose(tops, [total for _, total in expected], rtol=1e-9)
            assert across[-1] == pytest.approx(0.5 * sign)


def test_a_wall_is_a_level_of_five_times_the_median() -> None:
    bids = [(100.0 - n, 2.0) for n in range(8)]
    asks = [(101.0 + n, 2.0) for n in range(8)]
    bids[3], asks[5], asks[6] = (97.0, 10.0), (106.0, 9.9), (107.0, 30.0)
    curves = depth_curves(make_book(bids, asks), None)
    assert curves is not None
    assert [(w.price, w.amount, w.total, w.is_bid) for w in walls(curves)] == [
        (107.0, 30.0, 10 + 9.9 + 30, False),
        (97.0, 10.0, 16.0, True),
    ]
    few = depth_curves(make_book(bids[:4], asks[:5]), None)
    assert few is not None
    assert walls(few) == [], "of so few levels none stands out"


def test_walls_are_marked_on_the_stairs_with_their_prices(chart: DepthChart) -> None:
    book = make_book(
        [((9990 - n) / 100, 50.0 if n == 20 else 1.0) for n in range(40)],
        [((10_010 + n) / 100, 1.0) for n in range(40)],
    )
    show(chart, frame(book))
    (mark,) = chart._walls.marks()
    assert (mark.text, mark.is_bid, mark.up) == ("99.70", True, 70.0)
    assert mark.across == pytest.approx(-0.3)
    assert [row[4] for row in chart.table().rows].count("wall") == 1
    show(chart, frame(deep_book(100, 5)))
    assert chart._walls.marks() == ()


def test_the_prices_in_view_are_shown_on_an_axis_of_prices(chart: DepthChart, shared: SharedView) -> None:
    show(chart, frame(deep_book(10_000, 400)))
    chart.set_span(DepthSpan.PRICES)
    shared.set_prices(9990.0, 10_050.0)
    assert chart._box.viewRange()[0] == [9990.0, 10_050.0]
    across, up = chart._sides[1].getData()
    assert across[1] == 10_000.25
    assert up[-1] == sum(range(1, 101))
    shared.set_prices(9980.0, 10_010.0)
    assert chart._box.viewRange()[0] == [9980.0, 10_010.0]


@pytest.mark.parametrize("width", [150, 262, 700])
def test_no_two_words_of_the_axis_overlap(chart: DepthChart, shared: SharedView, width: int) -> None:
    chart.resize(width, 300)
    shared.set_prices(61_987.5, 62_012.5)
    show(chart, frame(deep_book(62_000, 4000)))
    axis = chart._price_axis
    metrics = QFontMetricsF(axis.style["tickFont"])
    for span in DepthSpan:
        chart.set_span(span)
        low, high = chart._box.viewRange()[0]
        size = chart._box.width()
        ((_, values),) = axis.tickValues(low, high, size)
        words = axis.tickStrings(list(values), 1.0, 1.0)
        places = [(value - low) / (high - low) * size for value in values]
        halves = [metrics.horizontalAdvance(word) / 2 for word in words]
        assert values
        for n in range(len(values) - 1):
            assert places[n] + halves[n] < places[n + 1] - halves[n + 1]


def test_what_is_drawn_is_written_as_csv_picture_and_drawing(chart: DepthChart, tmp_path: Path) -> None:
    show(chart, frame(make_book([(99.9, 1.5), (99.8, 2)], [(100.1, 0.25)])))
    chart.table().write(tmp_path / "depth.csv")
    assert (tmp_path / "depth.csv").read_text().splitlines() == [
        "side,price,amount,cumulative,wall",
        "bid,99.9,1.5,1.5,",
        "bid,99.8,2,3.5,",
        "ask,100.1,0.25,0.25,",
    ]
    assert b"100.0" in svg_of(chart, chart._theme.colour("plot"))
    assert [path.name for path in tmp_path.iterdir()] == ["depth.csv"]
    with pytest.raises(OSError, match="absent"):
        chart.table().write(tmp_path / "absent" / "depth.csv")


def test_a_day_that_is_not_held_and_a_replay_without_books_are_said(chart: DepthChart) -> None:
    show(chart, frame(make_book([], [], None), gap_since_us=7))
    assert _words(chart) == "no order book: this day is not held"
    show(chart, frame(None))
    assert _words(chart) == "this replay plays no order book"
    chart.clear()
    assert _words(chart) == "no order book yet: waiting for the first snapshot"


def test_a_hidden_chart_draws_when_it_is_seen_again(chart: DepthChart) -> None:
    chart.hide()
    show(chart, frame(ODD_BOOKS["only bids"]))
    assert _words(chart) != "no asks"
    chart.show()
    assert _words(chart) == "no asks"


def test_a_screen_reader_hears_the_best_prices(
    theme: Theme, zone: DisplayZone, shared: SharedView, qtbot: QtBot
) -> None:
    chart = DepthChart(theme, zone, shared)
    qtbot.addWidget(chart)
    assert chart.accessibleName() == "Depth, cumulative amount"
    assert chart.accessibleDescription() == "No order book"
    # Within the same second it is left alone.
    show(chart, frame(make_book([(10, 1)], [(11, 1)])))
    chart.show()
    assert chart.accessibleDescription() == "No order book"


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a busy machine the time to give a chart that is made now several books."""
    monkeypatch.setattr(depth, "_EVERY_MS", 1_000)


@pytest.mark.usefixtures("unhurried")
def test_books_that_come_faster_than_stairs_are_seen_wait_and_the_newest_is_drawn(
    chart: DepthChart, qtbot: QtBot
) -> None:
    for amount in (1, 2, 3):
        chart.take(frame(make_book([(10, amount)], [(10.01, 1)])))
    assert chart._sides[0].getData()[1].max() == 1
    qtbot.waitUntil(lambda: chart._sides[0].getData()[1].max() == 3)


def test_what_is_written_is_the_newest_book(chart: DepthChart) -> None:
    for amount in (1, 2, 3):
        chart.take(frame(make_book([(10, amount)], [(10.01, 1)])))
    assert chart.table().rows[0][:3] == ("bid", "10", "3")
