"""The workspace as a user meets it: table, filter, empty states, drop, menu, commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit
from support.accessibility import nameless_controls
from support.datasets import dataset_row

from tickreel.market.types import DatasetKey, DataType
from tickreel.market.units import THIN_SPACE
from tickreel_desktop.data import DataWorkspace
from tickreel_desktop.theme import ThemeMode

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.data.detail import DetailReader
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

BTC = DatasetKey("binance", "BTCUSDT", DataType.TRADES)
NEXO = DatasetKey("binance", "NEXOUSDT", DataType.TRADES)
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def workspace(theme: Theme, zone: DisplayZone, reader: DetailReader, qtbot: QtBot) -> DataWorkspace:
    made = DataWorkspace(theme, zone, reader)
    qtbot.addWidget(made)
    made.resize(1220, 740)
    made.show()
    return made


def fill(workspace: DataWorkspace) -> None:
    workspace.show_rows([dataset_row("binance", symbol, states=states) for symbol, states in _THREE.items()])


_THREE = {"BTCUSDT": "h", "ETHUSDT": "h.p", "NEXOUSDT": "hhh"}


def visible_button(workspace: DataWorkspace, text: str) -> QAbstractButton:
    (found,) = [
        each
        for each in workspace.findChildren(QAbstractButton)
        if each.text() == text and each.isVisible() and not isinstance(each.parent(), QLineEdit)
    ]
    return found


def visible_words(workspace: DataWorkspace) -> str:
    shown = [each.text() for each in workspace.findChildren(QLabel) if each.isVisible() and each.text()]
    return " | ".join(shown).replace(THIN_SPACE, " ")


def test_an_empty_cache_says_so_and_offers_the_next_step(workspace: DataWorkspace, qtbot: QtBot) -> None:
    workspace.show_rows([])
    assert "No datasets yet" in visible_words(workspace)
    with qtbot.waitSignal(workspace.sample_requested):
        QTest.mouseClick(visible_button(workspace, "Open sample"), LEFT)
    with qtbot.waitSignal(workspace.import_requested):
        QTest.mouseClick(visible_button(workspace, "Import files"), LEFT)
    workspace.offer_fetch()
    with qtbot.waitSignal(workspace.fetch_requested):
        QTest.mouseClick(visible_button(workspace, "Fetch days"), LEFT)
    assert not workspace.table.isVisible()


def test_the_foot_sums_up_and_the_first_dataset_is_selected(workspace: DataWorkspace) -> None:
    fill(workspace)
    words = visible_words(workspace)
    assert "3 datasets, 6 days, 6 000 rows, 24.0 kB" in words
    assert "1 selected: 1 day, 4.0 kB" in words
    assert workspace.selected_key() == BTC


def test_a_filter_that_matches_nothing_can_be_cleared(workspace: DataWorkspace, qtbot: QtBot) -> None:
    fill(workspace)
    workspace.filter.setText("xyz")
    assert "No dataset matches the filter" in visible_words(workspace)
    assert "0 of 3 datasets" in visible_words(workspace)
    QTest.mouseClick(visible_button(workspace, "Clear filter"), LEFT)
    assert workspace.filter.text() == ""
    assert workspace.table.isVisible()


def test_the_filter_is_typed_into_and_enter_leads_back_to_the_table(
    workspace: DataWorkspace, qtbot: QtBot
) -> None:
    fill(workspace)
    workspace.activateWindow()
    workspace.table.setFocus()
    qtbot.waitUntil(workspace.table.hasFocus)
    workspace.edit_filter()
    assert workspace.filter.hasFocus()
    QTest.keyClicks(workspace.filter, "nexo/")
    assert workspace.filter.text() == "nexo/"
    QTest.keyClick(workspace.filter, Qt.Key.Key_Backspace)
    assert workspace.selected_key() == NEXO
    QTest.keyClick(workspace.filter, Qt.Key.Key_Return)
    assert workspace.table.hasFocus()
    QTest.keyClick(workspace.filter, Qt.Key.Key_Escape)
    assert workspace.filter.text() == ""


def test_letters_typed_in_the_table_go_to_the_filter(workspace: DataWorkspace) -> None:
    fill(workspace)
    workspace.activateWindow()
    workspace.filter.setText("eth")
    workspace.take_focus()
    for letter in "nexo 1":
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, letter)
    assert workspace.filter.hasFocus()
    assert workspace.filter.text() == "nexo 1", "in place of what stood there"
    workspace.filter.setText("nexo")
    assert workspace.selected_key() == NEXO


def test_to_choose_everything_asks_for_few_cells(
    workspace: DataWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.show_rows([dataset_row("binance", f"S{number}") for number in range(3000)])
    asked = 0
    count = type(workspace.table.model()).columnCount

    def counted(*given: Any) -> int:
        nonlocal asked
        asked += 1
        return count(*given)

    monkeypatch.setattr(type(workspace.table.model()), "columnCount", counted)
    QTest.keyClick(workspace.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    workspace.grab()
    assert len(workspace.selected_keys()) == 3000
    assert asked < 3000


def test_the_selection_stays_with_its_dataset(workspace: DataWorkspace) -> None:
    fill(workspace)
    workspace.filter.setText("btc")
    assert workspace.select(NEXO)  # the filter that hid it is gone
    workspace.filter.setText("nexo")
    workspace.filter.setText("")
    assert workspace.selected_key() == NEXO
    workspace.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert workspace.selected_key() == NEXO
    QTest.keyClicks(workspace.table, "btc")  # letters are no search of Qt's own
    assert workspace.selected_key() == NEXO
    workspace.show_rows([dataset_row("aaa", "A"), *(dataset_row("binance", symbol) for symbol in _THREE)])
    assert workspace.selected_key() == NEXO
    assert not workspace.select(DatasetKey("binance", "GONE", DataType.TRADES))


def test_what_is_selected_is_told_of_once_when_other_days_are_held(workspace: DataWorkspace) -> None:
    fill(workspace)
    told: list[object] = []
    workspace.selection_changed.connect(lambda: told.append(workspace.selected_key()))
    before = workspace.selected_key()
    workspace.show_rows([dataset_row("bybit", "SOLUSDT", states="hh")])
    assert len(told) == 1
    assert told[0] == workspace.selected_key() != before


def test_the_detail_is_that_of_the_selected_dataset(workspace: DataWorkspace) -> None:
    fill(workspace)
    workspace.select(DatasetKey("binance", "ETHUSDT", DataType.TRADES))
    workspace.bring_detail()
    assert "ETHUSDT | trades, binance | " in visible_words(workspace)
    assert workspace.detail.head.figures.text("Days") == "2 of 3"
    workspace.table.clearSelection()
    assert "Nothing is selected" in visible_words(workspace)


def test_enter_and_double_click_play_and_a_button_sets_up(workspace: DataWorkspace, qtbot: QtBot) -> None:
    fill(workspace)
    with qtbot.waitSignal(workspace.replay_requested) as asked:
        QTest.keyClick(workspace.table, Qt.Key.Key_Return)
    assert asked.args == [BTC, None]
    place = workspace.table.visualRect(workspace.table.model().index(3, 1)).center()
    QTest.mouseClick(workspace.table.viewport(), LEFT, NO_KEY, place)
    with qtbot.waitSignal(workspace.replay_requested) as asked:
        QTest.mouseDClick(workspace.table.viewport(), LEFT, NO_KEY, place)
    assert asked.args == [NEXO, None]
    with qtbot.waitSignal(workspace.setup_requested):
        QTest.mouseClick(visible_button(workspace, "Set up a replay"), LEFT)


def test_the_selected_dataset_is_spelled_as_a_command(workspace: DataWorkspace, qtbot: QtBot) -> None:
    workspace.show_rows([])
    assert workspace.command() == "tickreel datasets"
    fill(workspace)
    with qtbot.waitSignal(workspace.command_requested):
        QTest.mouseClick(visible_button(workspace, "Copy as command"), LEFT)
    assert workspace.command() == "tickreel replay binance BTCUSDT 2024-07-23 2024-07-24 --types trades"
    workspace.select(DatasetKey("binance", "ETHUSDT", DataType.TRADES))
    assert workspace.command() == (
        "tickreel replay binance ETHUSDT 2024-07-23 2024-07-26 --types trades --allow-missing"
    )


def test_the_menu_offers_the_same_actions(workspace: DataWorkspace, qtbot: QtBot) -> None:
    fill(workspace)
    menu = workspace.make_menu(on_row=True)
    by_text = {action.text(): action for action in menu.actions()}
    with qtbot.waitSignal(workspace.setup_requested):
        by_text["Set up a replay..."].trigger()
    with qtbot.waitSignal(workspace.import_requested):
        by_text["Import files..."].trigger()
    with qtbot.waitSignal(workspace.command_requested):
        by_text["Copy as command"].trigger()
    assert [action.text() for action in workspace.make_menu(on_row=False).actions()] == ["Import files..."]


def test_the_filter_field_leaves_dropped_files_to_the_window(workspace: DataWorkspace) -> None:
    assert all(not field.acceptDrops() for field in workspace.findChildren(QLineEdit))


def test_every_control_has_a_name(workspace: DataWorkspace) -> None:
    fill(workspace)
    assert nameless_controls(workspace) == []


@pytest.mark.parametrize("mode", [ThemeMode.DARK, ThemeMode.LIGHT])
def test_every_state_is_painted_in_both_themes(
    workspace: DataWorkspace, theme: Theme, mode: ThemeMode
) -> None:
    theme.set_mode(mode)
    workspace.show_rows(
        [
            dataset_row("binance", f"S{n}", states=states)
            for n, states in enumerate(("h", "hp", "h.pxah", "h.ahpx" * 60))
        ]
    )
    picture = workspace.grab().toImage()
    seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(100, 250)}
    for name in ("present", "warning", "error", "selected" if workspace.table.hasFocus() else "hover"):
        assert theme.colour(name).name() in seen, name


def test_the_row_under_the_pointer_is_lit(workspace: DataWorkspace, qtbot: QtBot) -> None:
    fill(workspace)
    table = workspace.table
    QTest.mouseMove(table.viewport(), table.visualRect(table.model().index(1, 1)).center())
    qtbot.waitUntil(lambda: table.hovered_row == 1)


def test_the_details_stand_beside_the_table_where_there_is_room(workspace: DataWorkspace) -> None:
    fill(workspace)
    assert workspace.table.width() == workspace.width()  # here the views stand in a menu
    workspace.resize(2400, 1200)
    QApplication.sendPostedEvents()
    assert workspace.table.width() < workspace.width() - 400
