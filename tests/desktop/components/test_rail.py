from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from support.accessibility import accessible_name, nameless_controls

from tickreel_desktop.components import Rail
from tickreel_desktop.components.rail import bind_rail_icon

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_resources import IconName


class Shown:
    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.data = self._action(theme, "&Data", "database")
        self.replay = self._action(theme, "&Replay", "play-circle")
        self.jobs = self._action(theme, "&Jobs", "queue")
        self.settings = QAction("Settings…")
        self.rail = Rail(theme, [self.data, self.replay], [self.jobs], self.settings)
        self.rail.resize(60, 500)
        qtbot.addWidget(self.rail)
        self.rail.show()

    def _action(self, theme: Theme, text: str, icon: IconName) -> QAction:
        action = QAction(text)
        action.setCheckable(True)
        bind_rail_icon(theme, action, icon)
        return action

    def items(self) -> list[QToolButton]:
        return self.rail.findChildren(QToolButton)


@pytest.fixture
def shown(theme: Theme, qtbot: QtBot) -> Shown:
    return Shown(theme, qtbot)


def test_workspaces_exclude_each_other_and_panels_do_not(shown: Shown, qtbot: QtBot) -> None:
    for item in shown.items()[:3]:
        QTest.mouseClick(item, Qt.MouseButton.LeftButton)
    assert (shown.data.isChecked(), shown.replay.isChecked(), shown.jobs.isChecked()) == (False, True, True)
    QTest.mouseClick(shown.items()[2], Qt.MouseButton.LeftButton)
    assert not shown.jobs.isChecked()


def test_the_active_workspace_cannot_be_switched_off(shown: Shown, qtbot: QtBot) -> None:
    shown.data.trigger()
    shown.data.trigger()
    assert shown.data.isChecked()


def test_an_item_is_reached_and_worked_by_the_keyboard(shown: Shown, qtbot: QtBot) -> None:
    item = shown.items()[1]
    assert item.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.keyClick(item, Qt.Key.Key_Space)
    assert shown.replay.isChecked()


def test_a_badge_is_seen_and_said_while_there_are_failures(shown: Shown, theme: Theme) -> None:
    item = shown.items()[2]
    assert accessible_name(item) == "Jobs"
    plain = item.grab().toImage()
    shown.rail.set_badge(shown.jobs, 2, "failed")
    assert accessible_name(item) == "Jobs, 2 failed"
    assert item.grab().toImage() != plain
    shown.rail.set_badge(shown.jobs, 0, "failed")
    assert accessible_name(item) == "Jobs"
    assert item.grab().toImage() == plain


def test_every_item_has_a_name(shown: Shown) -> None:
    assert nameless_controls(shown.rail) == []
    assert [accessible_name(item) for item in shown.items()] == ["Data", "Replay", "Jobs", "Settings"]
