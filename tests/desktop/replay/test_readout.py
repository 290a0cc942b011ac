from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from support.books import deep_book, make_book

from tickreel.replay import SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel_desktop.replay.readout import BookReadout

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel.book import Book
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


def frame(book: Book | None, totals: Totals | None = None, symbol: str = "BTCUSDT") -> SymbolFrame:
    return SymbolFrame(
        exchange="bybit",
        symbol=symbol,
        book=book,
        touch=TouchSeries.joined([]),
        trades=TradeSeries.joined([]),
        totals=totals or Totals(),
    )


@pytest.fixture
def readout(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> BookReadout:
    made = BookReadout(theme, zone)
    qtbot.addWidget(made)
    made.resize(320, 700)
    return made


def test_the_figures_are_those_of_the_book(readout: BookReadout) -> None:
    book = make_book([(100.0, 3), (99.5, 2)], [(101.0, 1), (102.0, 4)])
    readout.set_frame(frame(book, Totals(12_345, 67_890, 5, 2, 7)))
    assert readout.value("Mid") == "100.50"
    assert readout.value("Microprice") == "100.75"
    assert readout.value("Spread") == "1.0 (99.5 bp)"
    assert readout.value("Best bid") == "100.0 × 3.000"
    assert readout.value("Best ask") == "101.0 × 1.000"
    assert readout.value("Imbalance, top 10") == "0.00" or readout.value("Imbalance, top 10") == "+0.00"
    assert readout.value("Bid levels") == "2"
    assert readout.value("Messages") == "12\u2009345"
    assert readout.value("Resets") == "2"
    assert readout.value("Skipped rows") == "7"
    assert readout.state_text() == ""


def test_depth_is_summed_within_ten_basis_points_without_a_cursor(readout: BookReadout) -> None:
    readout.set_frame(frame(deep_book(10_000, 100)))
    assert "10.0 bp of the mid" in readout.near_text()
    # 20 levels of half a price unit each lie within 10.
    assert readout.value("Bids within") == readout.value("Asks within") == "210.0"


def test_depth_follows_the_cursor(readout: BookReadout, qtbot: QtBot) -> None:
    readout.set_cursor(9_995.0)
    readout.set_frame(frame(deep_book(10_000, 100)))
    qtbot.waitUntil(lambda: readout.value("Bids within") == "55.00")
    assert "as far as the cursor" in readout.near_text()


def test_values_change_at_most_ten_times_a_second_and_end_with_the_newest(
    readout: BookReadout, qtbot: QtBot
) -> None:
    for amount in range(1, 200):
        readout.set_frame(frame(make_book([(10, amount)], [(11, 1)])))
    assert readout.value("Best bid") == "10 × 1.000"
    qtbot.waitUntil(lambda: readout.value("Best bid") == "10 × 199.0")


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (None, "plays no order book"),
        (make_book([], [], None), "Waiting for the first snapshot"),
        (make_book([], []), "Both sides are empty"),
        (make_book([(10, 1)], []), "has no asks"),
        (make_book([], [(10, 1)]), "has no bids"),
        (make_book([(12, 1)], [(10, 1)]), "crossed"),
        (make_book([(-1, 1)], [(1, 1)]), ""),
        (make_book([(10, 0)], [(11, 0)]), ""),
    ],
)
def test_what_is_missing_is_said_in_words(readout: BookReadout, book: Book | None, words: str) -> None:
    readout.set_frame(frame(book))
    assert words in readout.state_text()
    assert bool(words) == bool(readout.state_text())
    if book is None or not len(book.bids) or not len(book.asks):
        assert readout.value("Mid") == "–"
    assert not readout.grab().isNull()


def test_another_symbol_has_its_own_decimals(readout: BookReadout, qtbot: QtBot) -> None:
    readout.set_frame(frame(make_book([(0.0125, 1)], [(0.0126, 1)])))
    assert readout.value("Best bid") == "0.0125 × 1.000"
    readout.set_frame(frame(make_book([(10, 1)], [(11, 1)]), symbol="ETHUSDT"))
    qtbot.waitUntil(lambda: readout.value("Best bid") == "10 × 1.000")


def test_without_a_replay_it_says_so(readout: BookReadout) -> None:
    assert readout.state_text() == "No replay is open."


def test_figures_can_be_selected(readout: BookReadout) -> None:
    readout.set_frame(frame(make_book([(10, 1)], [(11, 1)])))
    [mid] = [each for each in readout.findChildren(QLabel) if each.accessibleName().startswith("Mid:")]
    assert mid.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
