"""Groups, days, views, filters and columns, as a user works with them; and what others are told of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel, QMenu, QToolButton
from support.accessibility import nameless_controls
from support.datasets import dataset_row, recorded_days
from support.holdings import varied_holdings

from tickreel.market.types import DatasetKey, DataType
from tickreel.store.model import DayRange
from tickreel_desktop.components import Chip
from tickreel_desktop.data import DataWorkspace, dataset_rows
from tickreel_desktop.data.arrangement import Arrangement, KeptColumn, KeptTable, kept_arrangement
from tickreel_desktop.data.columns import DATASET_COLUMNS
from tickreel_desktop.data.legend import CoverageLegend
from tickreel_desktop.data.table import HeldTable
from tickreel_desktop.data.toolbar import DataToolbar
from tickreel_desktop.data.views import EntryList

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.data.detail import DetailReader
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

BTC = DatasetKey("binance", "BTCUSDT", DataType.TRADES)
ETH = DatasetKey("binance", "ETHUSDT", DataType.TRADES)
OTHER = DatasetKey("bybit", "BTCUSDT", DataType.TRADES)
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def workspace(theme: Theme, zone: DisplayZone, reader: DetailReader, qtbot: QtBot) -> DataWorkspace:
    made = DataWorkspace(theme, zone, reader)
    qtbot.addWidget(made)
    made.resize(1700, 740)
    made.show()
    made.show_rows(
        dataset_rows(
            [
                *recorded_days("binance", "BTCUSDT", states="hhh.hh"),
                *recorded_days("binance", "ETHUSDT", states="hp"),
                *recorded_days("bybit", "BTCUSDT", first=date(2023, 12, 30), states="hx"),
            ]
        )
    )
    return made


def click(workspace: DataWorkspace, row: int, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
    table = workspace.table
    place = table.visualRect(table.model().index(row, 1)).center()
    QTest.mouseClick(table.viewport(), LEFT, modifier, place)


def column(workspace: DataWorkspace, number: int = 1) -> list[str]:
    model = workspace.table.model()
    return [model.index(row, number).data() for row in range(model.rowCount())]


def list_days(workspace: DataWorkspace) -> None:
    (days,) = [each for each in workspace.findChildren(QToolButton) if each.text() == "Days"]
    QTest.mouseClick(days, LEFT)


def entries(workspace: DataWorkspace, name: str) -> dict[str, str]:
    (found,) = [each for each in workspace.findChildren(EntryList) if each.accessibleName() == name]
    model = found.model()
    spoken = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    return dict(cast("list[tuple[str, str]]", [text.rsplit(", ", 1) for text in spoken]))


def choose(workspace: DataWorkspace, name: str, text: str) -> None:
    (found,) = [each for each in workspace.findChildren(EntryList) if each.accessibleName() == name]
    model = found.model()
    row = next(row for row in range(model.rowCount()) if model.index(row, 0).data() == text)
    QTest.mouseClick(found.viewport(), LEFT, NO_KEY, found.visualRect(model.index(row, 0)).center())


def menu_of(workspace: DataWorkspace, name: str) -> QMenu:
    (found,) = [each for each in workspace.findChildren(QToolButton) if each.accessibleName() == name]
    menu = found.menu()
    menu.aboutToShow.emit()
    return menu


def trigger(menu: QMenu, *texts: str) -> None:
    for text in texts[:-1]:
        menu = next(cast("QMenu", action.menu()) for action in menu.actions() if action.text() == text)
    next(action for action in menu.actions() if action.text() == texts[-1]).trigger()


def chips(workspace: DataWorkspace) -> list[Chip]:
    return [each for each in workspace.findChildren(Chip) if not each.isHidden()]


def chip_words(workspace: DataWorkspace) -> list[str]:
    return [cast("QLabel", chip.findChild(QLabel)).text() for chip in chips(workspace)]


def test_groups_fold_by_click_and_by_keys(workspace: DataWorkspace) -> None:
    assert column(workspace) == ["binance", "BTCUSDT", "ETHUSDT", "bybit", "BTCUSDT"]
    assert workspace.selected_keys() == (BTC,)
    click(workspace, 0)
    assert column(workspace) == ["binance", "bybit", "BTCUSDT"]
    assert workspace.selected_keys() == ()
    click(workspace, 0)
    assert workspace.selected_keys() == (BTC,)
    assert len(column(workspace)) == 5
    table = workspace.table
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert (table.currentIndex().row(), workspace.selected_keys()) == (0, (BTC,))
    workspace.select(ETH)
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert table.currentIndex().row() == 0
    assert workspace.selected_keys() == (ETH,)  # the row of a group leaves what is chosen
    QTest.keyClick(table, Qt.Key.Key_Left)
    assert column(workspace) == ["binance", "bybit", "BTCUSDT"]
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert len(column(workspace)) == 5
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert workspace.selected_keys() == (BTC,)
    click(workspace, 3)
    assert workspace.select(OTHER)
    assert workspace.selected_keys() == (OTHER,)


def test_several_datasets_are_chosen_and_told(workspace: DataWorkspace, qtbot: QtBot) -> None:
    click(workspace, 1)
    with qtbot.waitSignal(workspace.selection_changed):
        click(workspace, 4, CTRL)
    assert workspace.selected_keys() == (BTC, OTHER)
    assert workspace.selected_ranges() == (
        DayRange(BTC, date(2024, 7, 23), date(2024, 7, 28)),
        DayRange(OTHER, date(2023, 12, 30), date(2023, 12, 31)),
    )
    workspace.table.sortByColumn(9, Qt.SortOrder.DescendingOrder)
    assert workspace.selected_keys() == (BTC, OTHER)
    QTest.keyClick(workspace.table, Qt.Key.Key_A, CTRL)
    assert workspace.selected_keys() == (BTC, ETH, OTHER)
    words = " | ".join(each.text() for each in workspace.findChildren(QLabel) if each.isVisible())
    assert "3 selected: 8 days, 36.0 kB" in words


def test_days_are_listed_chosen_and_merged(workspace: DataWorkspace, qtbot: QtBot) -> None:
    list_days(workspace)
    assert workspace.table.model().rowCount() == 9
    for row, modifier in ((1, NO_KEY), (3, SHIFT), (6, CTRL)):
        click(workspace, row, modifier)
    assert workspace.selected_ranges() == (
        DayRange(BTC, date(2024, 7, 24), date(2024, 7, 25)),
        DayRange(BTC, date(2024, 7, 27), date(2024, 7, 27)),
        DayRange(ETH, date(2024, 7, 24), date(2024, 7, 24)),
    )
    assert workspace.selected_keys() == (BTC, ETH)
    assert workspace.selected_key() == ETH
    # They stay chosen where a sort takes them, and when a day comes.
    before = workspace.selected_ranges()
    workspace.table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    assert workspace.selected_ranges() == before
    more = [*recorded_days("aaa", "A"), *recorded_days("binance", "BTCUSDT", states="hhhhhh")]
    workspace.show_rows(dataset_rows([*more, *recorded_days("binance", "ETHUSDT", states="hp")]))
    assert workspace.selected_ranges() == before
    with qtbot.waitSignal(workspace.replay_requested) as asked:
        QTest.keyClick(workspace.table, Qt.Key.Key_Return)
    assert asked.args == [ETH, date(2024, 7, 24)]


def test_days_of_the_calendar_are_told_and_give_way_to_days_that_are_chosen_after_them(
    workspace: DataWorkspace,
) -> None:
    list_days(workspace)
    click(workspace, 1)
    calendar = workspace.detail.calendar
    QTest.keyClick(calendar, Qt.Key.Key_Space)
    QTest.keyClick(calendar, Qt.Key.Key_Right, SHIFT)
    of_calendar = (DayRange(BTC, date(2024, 7, 24), date(2024, 7, 25)),)
    assert workspace.selected_ranges() == of_calendar
    words = " | ".join(each.text() for each in workspace.findChildren(QLabel) if each.isVisible())
    assert "2 days chosen in the calendar: 24 to 25 Jul 2024" in words
    workspace.show_rows(dataset_rows(recorded_days("binance", "BTCUSDT", states="hhh.hhh")))
    assert workspace.selected_ranges() == of_calendar
    click(workspace, 3)
    assert workspace.selected_ranges() == (DayRange(BTC, date(2024, 7, 27), date(2024, 7, 27)),)


def test_a_choice_that_a_sort_scatters_too_far_is_given_up_but_for_one(workspace: DataWorkspace) -> None:
    workspace.show_rows(varied_holdings(2_500))
    list_days(workspace)
    table = workspace.table
    QTest.keyClick(table, Qt.Key.Key_A, CTRL)
    everything = len(table.chosen())
    table.sortByColumn(6, Qt.SortOrder.DescendingOrder)
    assert len(table.chosen()) == everything
    table.choose(np.arange(0, 500))
    assert len(table.chosen()) == 500
    table.choose(np.arange(0, everything, 2), current=10)
    assert table.chosen().tolist() == [10]


def test_views_count_and_filter(workspace: DataWorkspace) -> None:
    assert entries(workspace, "Views") == {
        "All datasets": "3",
        "Incomplete": "3",
        "Health problems": "0",
        "Pinned": "0",
        "Unused over 60 days": "3",
    }
    choose(workspace, "Views", "Pinned")
    assert workspace.table.model().rowCount() == 0
    choose(workspace, "Views", "Incomplete")
    assert len(workspace.selected_keys()) == 1
    list_days(workspace)
    assert entries(workspace, "Views") == {
        "All days": "9",
        "Incomplete": "2",
        "Health problems": "0",
        "Pinned": "0",
        "Unused over 60 days": "9",
    }
    assert workspace.table.model().rowCount() == 2


def test_the_button_for_filters_keeps_its_room_beside_the_choice_of_table_or_detail(
    workspace: DataWorkspace,
) -> None:
    add = next(each for each in workspace.findChildren(QToolButton) if each.text() == "Add filter")
    style = Qt.ToolButtonStyle
    for width, wanted in ((900, style.ToolButtonIconOnly), (1300, style.ToolButtonTextBesideIcon)):
        workspace.resize(width, 700)
        strip = add.parentWidget()
        assert strip is not None
        assert strip.y() == workspace.filter.y()
        QApplication.sendPostedEvents()
        assert add.toolButtonStyle() == wanted
        assert add.isVisible()
        assert add.width() >= add.sizeHint().width()


def test_filters_stand_as_chips_and_can_be_removed(workspace: DataWorkspace) -> None:
    add = menu_of(workspace, "Add a filter")
    trigger(add, "Year", "2024")
    trigger(add, "Exchange", "bybit")
    assert chip_words(workspace) == ["Year: 2024", "Exchange: bybit"]
    assert workspace.selected_keys() == ()
    QTest.keyClick(cast("QToolButton", chips(workspace)[0].focusProxy()), Qt.Key.Key_Delete)
    assert chip_words(workspace) == ["Exchange: bybit"]
    assert workspace.selected_keys() == (OTHER,)
    trigger(menu_of(workspace, "Add a filter"), "Remove all filters")
    assert chips(workspace) == []
    assert len(column(workspace)) == 5


def test_filters_are_saved_used_renamed_and_deleted(workspace: DataWorkspace, qtbot: QtBot) -> None:
    trigger(menu_of(workspace, "Add a filter"), "Year", "2023")
    workspace.filter.setText("btc")
    (save,) = [
        each for each in workspace.findChildren(QToolButton) if each.accessibleName().startswith("Save the")
    ]
    QTest.mouseClick(save, LEFT)
    dialog = cast("QInputDialog", workspace.findChild(QInputDialog))
    dialog.setTextValue(" Old   BTC ")
    with qtbot.waitSignal(workspace.arranged):
        dialog.accept()
    assert entries(workspace, "Saved filters") == {"Old BTC": "1"}
    choose(workspace, "Views", "All datasets")
    workspace.filter.clear()
    trigger(menu_of(workspace, "Add a filter"), "Remove all filters")
    choose(workspace, "Saved filters", "Old BTC")
    assert (workspace.filter.text(), chip_words(workspace)) == ("btc", ["Year: 2023"])
    assert workspace.selected_keys() == (OTHER,)
    filters = workspace.arrangement().filters
    assert [(one.name, one.text, one.conditions) for one in filters] == [("Old BTC", "btc", ("year:2023",))]

    workspace.filter.setText("eth")
    menu = menu_of(workspace, "Views and saved filters")
    assert {action.text() for action in menu.actions()} >= {"All datasets\t3", "Old BTC\t1", "Save filter..."}
    (saved,) = [
        each for each in workspace.findChildren(EntryList) if each.accessibleName() == "Saved filters"
    ]
    saved.setCurrentIndex(saved.model().index(0, 0))
    QTest.keyClick(saved, Qt.Key.Key_F2)
    (renaming,) = [each for each in workspace.findChildren(QInputDialog) if each.isVisible()]
    assert renaming.textValue() == "Old BTC"
    renaming.setTextValue("Older")
    renaming.accept()
    assert entries(workspace, "Saved filters") == {"Older": "1"}
    with qtbot.waitSignal(workspace.filter_removed) as removed:
        QTest.keyClick(saved, Qt.Key.Key_Delete)
    assert workspace.arrangement().filters == ()
    workspace.put_back_filter(removed.args[0])
    assert entries(workspace, "Saved filters") == {"Older": "1"}
    workspace.drop_filter("Older")
    assert workspace.arrangement().filters == ()


def test_what_is_listed_and_how_is_kept(
    workspace: DataWorkspace,
    theme: Theme,
    zone: DisplayZone,
    reader: DetailReader,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    click(workspace, 3)
    list_days(workspace)
    file = kept_arrangement(tmp_path)
    file.now = workspace.arrangement()
    file.write()
    again = kept_arrangement(tmp_path)
    assert again.read() == ""
    kept = again.now
    assert kept == workspace.arrangement()

    other = DataWorkspace(theme, zone, reader)
    qtbot.addWidget(other)
    other.arrange(kept)
    assert other.arrangement() == kept
    assert kept.lists_days
    assert kept.folded == ("bybit",)
    other.arrange(Arrangement(grouping="mood"))
    assert other.arrangement().grouping == ""


def held_table(workspace: DataWorkspace, name: str) -> HeldTable:
    return cast("HeldTable", workspace.findChild(HeldTable, f"layout.data.{name}"))


def columns_of(table: HeldTable) -> dict[str, KeptColumn]:
    kept = msgspec.json.decode(table.saveState().data(), type=KeptTable)
    return {one.id: one for one in kept.columns}


def test_columns_and_the_sort_go_with_a_layout(
    workspace: DataWorkspace, theme: Theme, zone: DisplayZone, reader: DetailReader, qtbot: QtBot
) -> None:
    table = held_table(workspace, "datasets")
    first = table.saveState()
    menu = table.columns_menu(workspace)
    with qtbot.waitSignal(workspace.laid_out):
        trigger(menu, "Hits")
    trigger(menu, "First day")
    table.setColumnWidth(2, 222)
    table.horizontalHeader().moveSection(2, 5)
    size = next(place for place, column in enumerate(DATASET_COLUMNS) if column.id == "size")
    table.sortByColumn(size, Qt.SortOrder.DescendingOrder)
    stood = table.saveState()

    other = DataWorkspace(theme, zone, reader)
    qtbot.addWidget(other)
    assert held_table(other, "datasets").restoreState(stood)
    assert held_table(other, "datasets").saveState() == stood
    kept = msgspec.json.decode(stood.data(), type=KeptTable)
    assert (kept.sort, kept.descends) == ("size", True)
    by_id = columns_of(held_table(other, "datasets"))
    assert (by_id["hits"].is_shown, by_id["first_day"].is_shown) == (False, True)
    assert by_id["type"].width == 222
    assert list(by_id).index("type") == 5
    held_table(other, "datasets").resetState()
    assert held_table(other, "datasets").saveState() == first
    trigger(table.columns_menu(workspace), "Columns as at first")
    assert columns_of(table) == columns_of(held_table(other, "datasets"))


def test_columns_of_another_version_are_used_as_far_as_they_are_understood(workspace: DataWorkspace) -> None:
    table = held_table(workspace, "datasets")
    columns = (KeptColumn("gone", 50), KeptColumn("rows", 0), KeptColumn("symbol", 80, is_shown=False))
    assert table.restoreState(QByteArray(msgspec.json.encode(KeptTable(columns, "gone"))))
    assert next(iter(columns_of(table))) == "rows"
    before = table.saveState()
    assert not table.restoreState(QByteArray(b"no json"))
    assert table.saveState() == before


def test_the_list_of_views_gives_way_to_a_menu_and_has_a_slot(workspace: DataWorkspace, qtbot: QtBot) -> None:
    foot, top = QLabel("quota"), QLabel("savings")
    workspace.set_foot(foot)
    workspace.set_top(top)
    qtbot.waitUntil(lambda: foot.isVisible() and top.isVisible())
    assert nameless_controls(workspace) == []
    workspace.resize(1300, 740)
    QApplication.sendPostedEvents()
    assert not foot.isVisible()
    trigger(menu_of(workspace, "Views and saved filters"), "Pinned\t0")
    assert workspace.selected_keys() == ()


def test_actions_of_others_stand_in_bar_and_menu_of_the_rows(workspace: DataWorkspace, qtbot: QtBot) -> None:
    actions = [QAction(text, workspace) for text in ("Pin", "Export...")]
    workspace.set_actions(actions)
    bar = cast("DataToolbar", workspace.findChild(DataToolbar))
    assert not bar.fetch_button.isVisible()
    workspace.offer_fetch()
    with qtbot.waitSignal(workspace.fetch_requested):
        QTest.mouseClick(bar.fetch_button, LEFT)
    words = [action.text() for action in workspace.make_menu(on_row=True).actions() if action.text()]
    assert words[:5] == ["Set up a replay...", "Pin", "Export...", "Instrument...", "Copy as command"]
    actions[0].setEnabled(False)
    (pin,) = [each for each in bar.findChildren(QToolButton) if each.defaultAction() is actions[0]]
    assert not pin.isEnabled()


def test_in_a_narrow_bar_words_go_first_and_then_actions_move_into_a_menu(theme: Theme, qtbot: QtBot) -> None:
    made = [QAction(text) for text in ("Set up a replay...", "Copy as command", "Pin", "Verify", "Export...")]
    for action in made:
        theme.bind_icon(action, "play")
    opener, copier, *actions = made
    bar = DataToolbar(theme, opener, copier)
    qtbot.addWidget(bar)
    bar.set_actions(actions)
    bar.resize(900, bar.height())
    bar.show()

    def shown() -> dict[str, bool]:
        flat = [each for each in bar.findChildren(QToolButton) if each.isVisible()]
        flat = [each for each in flat if each.accessibleName() != "More actions"]
        return {
            each.text(): each.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            for each in flat
        }

    everything = ["Copy as command", "Set up a replay", "Pin", "Verify", "Export"]
    assert shown() == dict.fromkeys(everything, True)
    bar.resize(460, bar.height())
    assert shown() == {**dict.fromkeys(everything, False), "Copy as command": True}
    bar.resize(bar.minimumSizeHint().width() + 80, bar.height())
    left = shown()
    assert 1 < len(left) < len(everything)
    assert not any(left.values())
    (more,) = [each for each in bar.findChildren(QToolButton) if each.accessibleName() == "More actions"]
    assert more.isVisible()
    with qtbot.waitSignal(actions[2].triggered):
        trigger(more.menu(), "Export...")


def test_a_row_of_datasets_that_is_not_prepared_is_shown_too(workspace: DataWorkspace) -> None:
    workspace.show_rows([dataset_row("okex", "NEXOUSDT")])
    assert column(workspace) == ["okex", "NEXOUSDT"]


def test_where_only_one_has_room_the_detail_stands_behind_the_table(workspace: DataWorkspace) -> None:
    workspace.resize(1700, 500)
    assert workspace.table.isVisible()
    assert workspace.detail.isVisible()
    workspace.resize(1200, 500)
    assert workspace.table.isVisible()
    assert not workspace.detail.isVisible()
    (legend,) = workspace.findChildren(CoverageLegend)
    assert legend.isVisible()
    (button,) = [each for each in workspace.findChildren(QToolButton) if each.text() == "Detail"]
    QTest.mouseClick(button, LEFT)
    assert not workspace.table.isVisible()
    assert workspace.detail.isVisible()
    assert not legend.isVisible(), "the calendar has its own"
    workspace.resize(1200, 900)
    assert workspace.table.isVisible()
    assert legend.isVisible()
    assert not button.isVisible()
