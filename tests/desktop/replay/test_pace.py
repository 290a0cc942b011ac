from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel_desktop.replay.pace import Pace

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_it_is_done_at_once_then_not_more_often_and_at_last_with_the_newest(qtbot: QtBot) -> None:
    wanted: list[int] = [0]
    done: list[int] = []
    owner = QObject()
    pace = Pace(20, lambda: done.append(wanted[-1]), owner)
    for number in range(1, 100):
        wanted.append(number)
        pace.ask()
    assert done == [1]
    qtbot.waitUntil(lambda: done == [1, 99])
    wanted.append(100)
    qtbot.waitUntil(lambda: pace._timer.isActive() is False)
    pace.ask()
    assert done == [1, 99, 100]
