from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QLineEdit, QTableView, QToolButton

from tickreel_desktop.theme import Theme, ThemeMode
from tickreel_desktop.theme.tokens import DARK

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


def table(qtbot: QtBot) -> QTableView:
    model = QStandardItemModel(0, 2)
    for symbol in ("BTCUSDT", "ETHUSDT", "NEXOUSDT"):
        model.appendRow([QStandardItem(symbol), QStandardItem("trades")])
    view = QTableView()
    view.setModel(model)
    model.setParent(view)
    view.setShowGrid(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.resize(320, 160)
    qtbot.addWidget(view)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    return view


def colour_at(view: QTableView, at: QPoint) -> str:
    return view.viewport().grab().toImage().pixelColor(at).name().upper()


def test_a_selected_row_is_tinted_and_has_a_bar_at_its_left(theme: Theme, qtbot: QtBot) -> None:
    view = table(qtbot)
    view.setFocus()
    view.selectRow(1)
    first = view.visualRect(view.model().index(1, 0))
    second = view.visualRect(view.model().index(1, 1))
    assert colour_at(view, first.topLeft()) == DARK.accent
    assert colour_at(view, second.topLeft()) == DARK.selected
    assert colour_at(view, second.bottomLeft()) == DARK.line


def test_a_selection_without_focus_is_quiet(theme: Theme, qtbot: QtBot) -> None:
    view = table(qtbot)
    view.selectRow(1)
    view.clearFocus()
    first = view.visualRect(view.model().index(1, 0))
    second = view.visualRect(view.model().index(1, 1))
    assert colour_at(view, first.topLeft()) == DARK.text_3
    assert colour_at(view, second.topLeft()) == DARK.hover


def test_a_row_keeps_the_ground_that_its_model_gives_it(theme: Theme, qtbot: QtBot) -> None:
    view = table(qtbot)
    index = view.model().index(2, 1)
    view.model().setData(index, theme.colour("error_bg"), Qt.ItemDataRole.BackgroundRole)
    assert colour_at(view, view.visualRect(index).topLeft()) == DARK.error_bg


def test_a_ticked_box_is_filled_with_the_accent(theme: Theme, qtbot: QtBot) -> None:
    box = QCheckBox("Stop at health problems")
    qtbot.addWidget(box)
    box.show()

    def has_accent() -> bool:
        image = box.grab().toImage()
        row = range(min(20, image.width()))
        return DARK.accent in {image.pixelColor(x, image.height() // 2 - 5).name().upper() for x in row}

    assert not has_accent()
    box.setChecked(True)
    assert has_accent()


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_icons_in_fields_grow_with_the_scale(qapp: QApplication, qtbot: QtBot, scale: float) -> None:
    theme = Theme(ThemeMode.DARK, scale)
    theme.apply(qapp)
    try:
        field = QLineEdit()
        mark = QAction(field)
        theme.bind_icon(mark, "funnel", "text_3", 14)
        field.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        qtbot.addWidget(field)
        field.resize(200, theme.px(26))
        field.show()
        (drawn,) = field.findChildren(QToolButton)
        picture = drawn.grab().toImage()
        ground = picture.pixelColor(0, 0)
        rows = [
            y
            for y in range(picture.height())
            if any(picture.pixelColor(x, y) != ground for x in range(picture.width()))
        ]
        assert 0.7 * theme.px(14) < rows[-1] - rows[0] + 1 <= theme.px(14)
    finally:
        shiboken6.delete(theme)
