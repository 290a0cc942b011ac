"""Changing shortcuts by hand: find, press, take from another, go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from support.accessibility import nameless_controls

from tickreel_desktop.actions import Actions
from tickreel_desktop.actions.editor import KeysModel, ShortcutDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def actions(theme: Theme) -> Actions:
    return Actions(theme)


@pytest.fixture
def dialog(theme: Theme, actions: Actions, qtbot: QtBot) -> ShortcutDialog:
    made = ShortcutDialog(theme, actions, "data.import")
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def press(dialog: ShortcutDialog, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier = CTRL) -> None:
    dialog.keys.setFocus()
    QTest.keyClick(dialog.keys, key, modifier)
    qtbot.waitUntil(dialog.apply_button.isEnabled)


def test_the_model_keeps_the_rules_of_qt(theme: Theme, actions: Actions) -> None:
    model = KeysModel(theme, actions)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    actions.use_keys({"data.import": "Ctrl+I"})
    assert model.data(model.index(model.row_of("data.import"), 2)) == "Ctrl+I"
    del tester


def test_new_keys_are_pressed_and_told(dialog: ShortcutDialog, actions: Actions, qtbot: QtBot) -> None:
    assert not dialog.apply_button.isEnabled()
    press(dialog, qtbot, Qt.Key.Key_I)
    with qtbot.waitSignal(dialog.keys_chosen) as told:
        dialog.apply_button.click()
    assert told.args == [{"data.import": "Ctrl+I"}]
    assert actions.keys("data.import") == "Ctrl+I"
    dialog.reset_button.click()
    assert actions.keys("data.import") == "Ctrl+O"
    assert not dialog.reset_button.isEnabled()


def test_keys_of_another_action_are_taken_only_knowingly(
    dialog: ShortcutDialog, actions: Actions, qtbot: QtBot
) -> None:
    press(dialog, qtbot, Qt.Key.Key_Q)
    assert dialog.apply_button.text() == "Take these keys"
    with qtbot.waitSignal(dialog.keys_chosen) as told:
        dialog.apply_button.click()
    assert told.args == [{"data.import": "Ctrl+Q", "app.quit": ""}]
    assert actions.keys("app.quit") == ""


def test_an_action_may_have_no_keys(dialog: ShortcutDialog, actions: Actions) -> None:
    dialog.none_button.click()
    assert actions.keys("data.import") == ""
    assert not dialog.none_button.isEnabled()


def test_actions_are_found_by_name_and_by_keys(dialog: ShortcutDialog) -> None:
    dialog.filter.setText("ctrl+shift+j")
    assert dialog.table.model().rowCount() == 1
    dialog.filter.setText("about")
    assert dialog.table.model().index(0, 0).data() == "About Tickreel"


def test_every_control_has_a_name(dialog: ShortcutDialog) -> None:
    assert nameless_controls(dialog) == []
