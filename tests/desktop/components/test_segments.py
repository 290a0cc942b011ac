from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from support.accessibility import accessible_name, nameless_controls

from tickreel_desktop.components import Segment, Segments

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

SPEEDS = [Segment(speed, speed) for speed in ("1x", "10x", "100x", "max")]


@pytest.fixture
def segments(theme: Theme, qtbot: QtBot) -> Segments:
    made = Segments(theme, "Speed", SPEEDS)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def buttons(segments: Segments) -> list[QToolButton]:
    return segments.findChildren(QToolButton)


def test_the_first_is_chosen_until_another_is(segments: Segments) -> None:
    assert segments.value() == "1x"
    segments.choose("100x")
    assert segments.value() == "100x"


def test_a_click_chooses_and_tells(segments: Segments, qtbot: QtBot) -> None:
    with qtbot.waitSignal(segments.chosen) as told:
        QTest.mouseClick(buttons(segments)[2], Qt.MouseButton.LeftButton)
    assert told.args == ["100x"]
    assert segments.value() == "100x"


def test_choosing_from_the_program_tells_nobody(segments: Segments, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(segments.chosen):
        segments.choose("10x")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([Qt.Key.Key_Right], "10x"),
        ([Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left], "10x"),
        ([Qt.Key.Key_End], "max"),
        ([Qt.Key.Key_End, Qt.Key.Key_Home], "1x"),
    ],
)
def test_arrows_home_and_end_choose(
    segments: Segments, qtbot: QtBot, keys: list[Qt.Key], expected: str
) -> None:
    told: list[str] = []
    segments.chosen.connect(told.append)
    buttons(segments)[0].setFocus()
    for key in keys:
        focus = segments.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)
    assert segments.value() == expected
    assert told[-1] == expected


def test_the_whole_control_is_one_stop_of_the_tab_key(segments: Segments, qtbot: QtBot) -> None:
    segments.choose("10x")
    stops = [each for each in buttons(segments) if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert [each.text() for each in stops] == ["10x"]


def test_every_choice_has_a_name_that_says_what_is_chosen(segments: Segments) -> None:
    assert nameless_controls(segments) == []
    assert [accessible_name(each) for each in buttons(segments)][1] == "Speed: 10x"


def test_choosing_does_not_move_the_neighbours(segments: Segments) -> None:
    before = [each.geometry() for each in buttons(segments)]
    segments.choose("max")
    assert [each.geometry() for each in buttons(segments)] == before
