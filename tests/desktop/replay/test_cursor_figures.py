"""The view of the figures at the cursor: which moment they are of, how they are said and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from support.accessibility import nameless_controls
from support.books import make_book

from tickreel.replay import Frame, ReplayPlan, SymbolFrame, Totals, TouchSeries, TradeSeries
from tickreel_desktop.replay.cursor_figures import CursorFigures
from tickreel_desktop.replay.player import ReplayRequest
from tickreel_desktop.replay.sharedview import Cursor, SharedView

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000
SECOND_US = 1_000_000


@pytest.fixture
def shared() -> SharedView:
    return SharedView()


@pytest.fixture
def figures(theme: Theme, zone: DisplayZone, shared: SharedView, qtbot: QtBot) -> CursorFigures:
    made = CursorFigures(theme, zone, shared)
    qtbot.addWidget(made)
    made.resize(262, 280)
    with qtbot.waitExposed(made):
        made.show()
    plan = ReplayPlan((("bybit", "BTCUSDT"),), DAY_US + SECOND_US, DAY_US + 3_600 * SECOND_US)
    made.begin(ReplayRequest(plan, plan.start_us))
    return made


def played() -> Frame:
    """Make a frame at second 20: a message and a trade each second, the last book one of its own."""
    seconds = np.arange(1, 21)
    touch = TouchSeries(
        DAY_US + seconds * SECOND_US,
        np.full(20, 100.0),
        np.full(20, 100.5),
        seconds.astype(np.float64),
        np.full(20, 1.0),
    )
    trades = TradeSeries(
        DAY_US + seconds * SECOND_US, (seconds % 2).astype(np.int8), np.full(20, 100.0), np.full(20, 0.5)
    )
    symbol = SymbolFrame(
        exchange="bybit",
        symbol="BTCUSDT",
        book=make_book([(100.0, 20), (99.9, 3)], [(100.5, 1), (100.6, 4)]),
        touch=touch,
        trades=trades,
        totals=Totals(),
    )
    return Frame(DAY_US + 20 * SECOND_US, (symbol,), 0, is_jump=True, is_end=False)


CAPTIONS = (
    "Mid",
    "Microprice",
    "Spread",
    "Bid in 10 bp",
    "Ask in 10 bp",
    "Imbalance, top 10",
    "Messages",
    "Bought in 1 s",
    "Sold in 1 s",
    "Order flow, 10 s",
)


def test_it_shows_the_play_line_until_the_cursor_is_in_the_past(
    figures: CursorFigures, shared: SharedView, qtbot: QtBot
) -> None:
    assert figures.moment() == "Waiting for the first moment"
    figures.take(played())
    assert figures.moment() == "2024-08-05 00:00:20.000\u2009000 UTC, at the play line"
    assert [figures.value(caption) for caption in CAPTIONS] == [
        "100.25",
        "100.48",
        "0.5 (49.9 bp)",
        "0",
        "0",
        "+0.64",
        "1 in 1 s",
        "0.500 (1 trade)",
        "0",
        "+10.00",
    ]
    assert figures.note() == ""
    shared.set_cursor(Cursor(DAY_US + 3 * SECOND_US + 1, None))
    qtbot.waitUntil(lambda: "at the cursor" in figures.moment())
    assert figures.moment().startswith("2024-08-05 00:00:03.000\u2009001")
    assert [figures.value(caption) for caption in CAPTIONS] == [
        "100.25",
        "100.38",
        "0.5 (49.9 bp)",
        "\u2013",
        "\u2013",
        "\u2013",
        "1 in 1 s",
        "0",
        "0.500 (1 trade)",
        "+2.000",
    ]
    assert "only the touch is kept" in figures.note()
    shared.set_cursor(Cursor(DAY_US + 21 * SECOND_US, None))
    qtbot.waitUntil(lambda: "at the play line" in figures.moment())
    shared.set_cursor(Cursor(DAY_US + SECOND_US // 2, None))
    qtbot.waitUntil(lambda: "before what is kept" in figures.note())
    assert figures.value("Mid") == "\u2013"


def test_figures_are_copied_and_given_as_a_table(figures: CursorFigures) -> None:
    figures.take(played())
    figures.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == figures.moment()
    assert lines[1:] == [f"{caption}\t{figures.value(caption)}" for caption in CAPTIONS]
    table = {name: value for name, value in figures.table().rows}  # noqa: C416
    assert table["local_timestamp"] == str(DAY_US + 20 * SECOND_US)
    assert table["mid"] == "100.25"
    assert table["buys_1s"] == "1"
    assert float(table["order_flow_imbalance_10s"]) == 10
    figures.clear()
    assert figures.moment() == "No replay open"
    assert figures.table().rows == ()


def test_figures_can_be_selected_and_have_names(figures: CursorFigures) -> None:
    figures.take(played())
    [mid] = [each for each in figures.findChildren(QLabel) if each.accessibleName() == "Mid: 100.25"]
    assert mid.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert nameless_controls(figures) == []
    assert [tool.accessibleName() for tool in figures.tools()] == ["Copy the figures"]
