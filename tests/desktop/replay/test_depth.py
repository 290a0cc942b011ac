from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from support.books import deep_book, make_book

from tickreel_desktop.replay.curves import depth_curves, stairs
from tickreel_desktop.replay.depth import DepthChart

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel.book import Book
    from tickreel_desktop.theme import Theme

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
def chart(theme: Theme, qtbot: QtBot) -> DepthChart:
    made = DepthChart(theme)
    qtbot.addWidget(made)
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


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


@pytest.mark.parametrize("span", [0.001, 0.05, None])
@pytest.mark.parametrize("name", ODD_BOOKS)
def test_odd_books_are_drawn(chart: DepthChart, name: str, span: float | None) -> None:
    chart.set_span(span)
    chart.set_book(ODD_BOOKS[name])
    chart.set_cursor(10.5)
    assert not chart.grab().isNull()


def _words(chart: DepthChart) -> str:
    return chart._state_text.text()


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (None, "no order book yet: waiting for the first snapshot"),
        (ODD_BOOKS["no message yet"], "no order book yet: waiting for the first snapshot"),
        (ODD_BOOKS["no levels"], "the book is empty"),
        (ODD_BOOKS["only bids"], "no asks"),
        (ODD_BOOKS["only asks"], "no bids"),
        (ODD_BOOKS["crossed"], ""),
    ],
)
def test_what_is_not_there_is_said_in_words(chart: DepthChart, book: Book | None, words: str) -> None:
    chart.set_book(deep_book(100, 50))
    chart.set_book(book)
    assert _words(chart) == words


def test_the_sides_have_their_colours_and_places(chart: DepthChart, theme: Theme) -> None:
    chart.set_book(deep_book(10_000, 400))
    image = chart.grab().toImage()
    colours = (
        {image.pixelColor(x, 330).name() for x in (40, 80)},
        {image.pixelColor(x, 330).name() for x in (450, 500)},
    )
    assert theme.colour("bid_bg").name() in colours[0]
    assert theme.colour("ask_bg").name() in colours[1]


def test_the_pointer_moves_the_cursor_and_leaving_takes_it_away(chart: DepthChart, qtbot: QtBot) -> None:
    chart.set_book(deep_book(10_000, 400))
    with qtbot.waitSignal(chart.cursor_moved) as moved:
        QTest.mouseMove(chart.viewport(), QPoint(100, 200))
    price = moved.args[0]
    assert 9950 < price < 10_000
    assert chart.cursor_price == price
    assert "Bids to here" in chart.readout_text()
    QTest.mouseMove(chart.viewport(), QPoint(595, 200))
    assert chart.cursor_price is None
    assert chart.readout_text() == ""


def test_the_keyboard_moves_the_cursor(chart: DepthChart, qtbot: QtBot) -> None:
    chart.set_book(deep_book(10_000, 400))
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.cursor_price == pytest.approx(10_000 + 100 / 200)
    assert "Asks to here" in chart.readout_text()
    assert "From mid  0.50 bp" in chart.readout_text()
    QTest.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert chart.cursor_price == pytest.approx(10_000 - 9 * 100 / 200)
    for _ in range(30):
        QTest.keyClick(chart, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert chart.cursor_price == pytest.approx(9950)
    with qtbot.waitSignal(chart.cursor_moved) as moved:
        QTest.keyClick(chart, Qt.Key.Key_Escape)
    assert moved.args == [None]


def test_the_choice_of_the_distance_drives_the_chart(chart: DepthChart, qtbot: QtBot) -> None:
    choice = chart.make_span_choice()
    qtbot.addWidget(choice)
    assert choice.value() == "0.005"
    choice.chosen.emit("None")
    assert chart.span is None
    choice.chosen.emit("0.01")
    assert chart.span == 0.01


def test_a_hidden_chart_draws_when_it_is_seen_again(chart: DepthChart) -> None:
    chart.hide()
    chart.set_book(ODD_BOOKS["only bids"])
    assert _words(chart) != "no asks"
    chart.show()
    assert _words(chart) == "no asks"


def test_a_screen_reader_hears_the_best_prices(theme: Theme, qtbot: QtBot) -> None:
    chart = DepthChart(theme)
    qtbot.addWidget(chart)
    assert chart.accessibleName() == "Depth, cumulative amount"
    assert chart.accessibleDescription() == "No order book"
    # Within the same second it is left alone.
    chart.set_book(make_book([(10, 1)], [(11, 1)]))
    chart.show()
    assert chart.accessibleDescription() == "No order book"
