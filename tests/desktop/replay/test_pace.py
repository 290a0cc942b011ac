from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtTest import QTest

from tickreel_desktop.replay.pace import Pace, Turns

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
    QTest.qWait(20)
    assert done == [1, 99], "nothing is done that nobody asked for"
    wanted.append(100)
    pace.ask()
    assert done == [1, 99, 100]


def test_what_shares_its_turns_is_done_with_different_frames(qtbot: QtBot) -> None:
    done: list[str] = []
    owner, turns = QObject(), Turns()
    first = Pace(1, lambda: done.append("a"), owner, turns)
    second = Pace(1, lambda: done.append("b"), owner, turns)
    alone = Pace(1, lambda: done.append("alone"), owner)
    for pace in (first, second, alone):
        pace.ask()
    assert done == ["a", "alone"]
    qtbot.waitUntil(lambda: len(done) == 3)
    assert done == ["a", "alone", "b"], "it had its turn, though no frame came"


def test_a_wish_that_waits_is_served_with_the_next_frame(qtbot: QtBot) -> None:
    done: list[int] = []
    owner = QObject()
    pace = Pace(5, lambda: done.append(len(done)), owner)
    pace.ask()
    pace.ask()
    QTest.qWait(10)
    assert done == [0]
    pace.ask()
    assert done == [0, 1]
    QTest.qWait(60)
    assert done == [0, 1], "the wish was served with that frame"


def test_who_has_waited_longest_is_next_however_often_others_ask(qtbot: QtBot) -> None:
    done: list[str] = []
    owner, turns = QObject(), Turns()
    often = Pace(1, lambda: done.append("often"), owner, turns)
    seldom = Pace(30, lambda: done.append("seldom"), owner, turns)
    for _frame in range(12):
        for pace in (often, seldom):
            pace.ask()
        QTest.qWait(12)
    assert done.count("seldom") >= 3
    assert done.count("often") >= 3


def test_who_is_gone_keeps_nobody_waiting(qtbot: QtBot) -> None:
    done: list[str] = []
    owner, turns = QObject(), Turns()
    gone_owner = QObject()
    gone = Pace(1, lambda: done.append("gone"), gone_owner, turns)
    often = Pace(2_000, lambda: done.append("often"), owner, turns)
    gone.ask()
    QTest.qWait(20)
    often.ask()
    gone.ask()  # it is not its turn
    shiboken6.delete(gone_owner)
    QTest.qWait(2_100)
    often.ask()
    assert done == ["gone", "often", "often"]
