from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QSlider, QToolButton, QWidget

from tickreel.errors import UsageError
from tickreel.replay import parse_speed
from tickreel_desktop.components import Segments
from tickreel_desktop.replay.player import StepUnit
from tickreel_desktop.replay.reached import Reached
from tickreel_desktop.replay.sharedview import SharedView
from tickreel_desktop.replay.speed import SpeedChoice
from tickreel_desktop.replay.transport import Transport

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000
HOUR_US = 3_600_000_000


@pytest.fixture
def shared() -> SharedView:
    return SharedView()


@pytest.fixture
def transport(theme: Theme, zone: DisplayZone, shared: SharedView, qtbot: QtBot) -> Transport:
    made = Transport(theme, zone, shared)
    qtbot.addWidget(made)
    made.resize(1220, made.height())
    with qtbot.waitExposed(made):
        made.show()
    made.set_range(DAY_US, DAY_US + 24 * HOUR_US)
    made.set_speed(10.0)
    return made


def _type(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_play_is_asked_for_and_shown(transport: Transport, qtbot: QtBot) -> None:
    assert transport.play_button.accessibleName() == "Play"
    assert transport.reached.words.text() == "paused"
    with qtbot.waitSignal(transport.play_toggled):
        QTest.mouseClick(transport.play_button, Qt.MouseButton.LeftButton)
    transport.set_playing(True)
    assert transport.play_button.accessibleName() == "Pause"


def test_the_ends_are_a_click_away(transport: Transport, qtbot: QtBot) -> None:
    for name, at_us in (("To the start", DAY_US), ("To the end", DAY_US + 24 * HOUR_US - 1)):
        [found] = [each for each in transport.findChildren(QToolButton) if each.accessibleName() == name]
        with qtbot.waitSignal(transport.seek_requested) as sought:
            QTest.mouseClick(found, Qt.MouseButton.LeftButton)
        assert sought.args == [at_us]


@pytest.mark.parametrize(
    ("text", "at_us"),
    [
        ("13:32", DAY_US + 13 * HOUR_US + 32 * 60_000_000),
        ("13:32:00.114204", DAY_US + 13 * HOUR_US + 32 * 60_000_000 + 114_204),
        ("2024-08-05 02:00", DAY_US + 2 * HOUR_US),
        ("2024-08-05T04:00+02:00", DAY_US + 2 * HOUR_US),
        (str(DAY_US + 5), DAY_US + 5),
    ],
)
def test_a_typed_time_is_gone_to(transport: Transport, qtbot: QtBot, text: str, at_us: int) -> None:
    with qtbot.waitSignal(transport.seek_requested) as sought:
        _type(transport.time_field, text)
    assert sought.args == [at_us]
    assert transport.problem() == ""


@pytest.mark.parametrize("text", ["noon", "25:00", "2024-08-06", "2024-08-04 23:59:59", "12"])
def test_a_time_that_cannot_be_is_marked_with_the_reason(
    transport: Transport, qtbot: QtBot, text: str
) -> None:
    with qtbot.assertNotEmitted(transport.seek_requested):
        _type(transport.time_field, text)
    assert transport.time_field.property("error") is True
    assert transport.problem()
    assert transport.time_field.accessibleDescription() == transport.problem()
    # A frame does not take away what is being mended; Escape does.
    transport.set_now(DAY_US + HOUR_US)
    assert transport.time_field.text() == text
    QTest.keyClick(transport.time_field, Qt.Key.Key_Escape)
    assert transport.time_field.text() == "2024-08-05 01:00:00.000"
    assert transport.time_field.property("error") is False
    assert transport.problem() == ""


def test_the_time_moves_on_while_nobody_types(transport: Transport, qtbot: QtBot) -> None:
    transport.edit_time()
    for now_us in (DAY_US + 1_000_000, DAY_US + 1_500_000):
        transport.set_now(now_us)
    qtbot.waitUntil(lambda: transport.time_field.text() == "2024-08-05 00:00:01.500")
    assert transport.time_field.selectedText() == transport.time_field.text()


def test_speeds_are_buttons_and_a_typed_value(transport: Transport, qtbot: QtBot) -> None:
    for name, speed in (("Speed: 1000x", 1000.0), ("Speed: Max", None), ("Speed: 1x", 1.0)):
        [found] = [each for each in transport.findChildren(QToolButton) if each.accessibleName() == name]
        with qtbot.waitSignal(transport.speed_chosen) as chosen:
            QTest.mouseClick(found, Qt.MouseButton.LeftButton)
        assert chosen.args == [speed]
    with qtbot.waitSignal(transport.speed_chosen) as chosen:
        _type(transport.speed.field, "20")
    assert chosen.args == [20.0]
    assert transport.speed.field.text() == "20x"
    with qtbot.assertNotEmitted(transport.speed_chosen):
        _type(transport.speed.field, "fast")
    assert "is not a speed" in transport.problem()


def test_other_leads_to_the_field(theme: Theme, qtbot: QtBot) -> None:
    choice = SpeedChoice(theme)
    qtbot.addWidget(choice)
    with qtbot.waitExposed(choice):
        choice.show()
    [other] = [each for each in choice.findChildren(QToolButton) if each.text() == "Other"]
    with qtbot.assertNotEmitted(choice.chosen):
        QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    assert choice.field.hasFocus()
    QTest.keyClick(choice.field, Qt.Key.Key_Escape)
    choice.set_speed(7.5)
    assert (choice.field.text(), choice.speed) == ("7.5x", 7.5)
    assert other.isChecked()


def test_speeds_are_read_as_people_write_them() -> None:
    for text, speed in (("1", 1), ("0.5x", 0.5), ("1 000X", 1000), ("1,000", 1000), (" max ", None)):
        assert parse_speed(text) == speed
    for text in ("", "x", "0", "-3", "nan", "inf", "1e10"):
        with pytest.raises(UsageError, match="is not a speed"):
            parse_speed(text)


@pytest.mark.parametrize(
    ("wanted", "achieved", "text", "tone"),
    [
        (1000.0, 940.0, "doing 940x", "warning"),
        (1000.0, 985.0, "doing 1000x", "neutral"),
        (None, 12_400.0, "doing 12\u2009400x", "neutral"),
        (10.0, None, "starting", "neutral"),
    ],
)
def test_the_reached_speed_is_shown(
    transport: Transport, wanted: float | None, achieved: float | None, text: str, tone: str
) -> None:
    transport.set_speed(wanted)
    transport.set_playing(True)
    transport.set_reached(Reached(achieved, 1_580_000.0, 59.7))
    assert transport.reached.words.text() == text
    assert transport.reached.words.property("tone") == tone
    assert transport.reached.words.toolTip().endswith("1.6 M rows/s, 60 frames/s, 0 dropped")


def test_what_is_not_reached_is_not_said_while_it_is_paused(transport: Transport) -> None:
    transport.set_playing(True)
    transport.set_reached(Reached(9.0, 100.0, 60.0, 3))
    assert "3 dropped" in transport.reached.words.toolTip()
    transport.set_playing(False)
    assert (transport.reached.words.text(), transport.reached.words.toolTip()) == ("paused", "")
    transport.set_now(DAY_US + 24 * HOUR_US - 1)
    assert transport.reached.words.text() == "ended"


@pytest.mark.parametrize("width", [964, 1160, 1220, 1500, 1860, 2500])
def test_nothing_overlaps_or_is_cut(transport: Transport, qtbot: QtBot, width: int) -> None:
    transport.resize(width, transport.height())
    qtbot.wait(0)
    shown = [
        each
        for each in transport.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
        if each.isVisible() and each is not transport.overview
    ]
    places = sorted((each.geometry() for each in shown), key=lambda place: place.left())
    for before, after in pairwise(places):
        assert before.right() < after.left()
    assert places[-1].right() <= width
    for each in shown:
        if isinstance(each, QLabel | QLineEdit | Segments | QComboBox):
            assert each.width() >= each.minimumSizeHint().width(), each
    # The usual speeds stay buttons down to the smallest window.
    assert transport.findChildren(Segments)[0].isVisible()


def test_a_low_window_has_a_low_transport(transport: Transport) -> None:
    assert transport.height() == 104
    transport.set_compact(False)
    assert transport.height() == 128


def test_steps_are_asked_for_in_the_unit_that_is_chosen(transport: Transport, qtbot: QtBot) -> None:
    transport.set_unit(StepUnit.TRADE)
    for name, count in (("Step forward", 1), ("Step back", -1)):
        [found] = [each for each in transport.findChildren(QToolButton) if each.accessibleName() == name]
        assert "by a trade" in found.toolTip()
        with qtbot.waitSignal(transport.step_requested) as asked:
            QTest.mouseClick(found, Qt.MouseButton.LeftButton)
        assert asked.args == [count]
    with qtbot.waitSignal(transport.unit_chosen) as chosen:
        QTest.keyClick(transport.unit_choice, Qt.Key.Key_Down)
    assert chosen.args == [StepUnit.PRICE]


def test_quiet_is_skipped_from_a_length_on_that_a_menu_gives(transport: Transport, qtbot: QtBot) -> None:
    with qtbot.waitSignal(transport.quiet_chosen) as chosen:
        transport.quiet_button.click()
    assert chosen.args == [5_000_000]
    [longer] = [one for one in transport._quiet_menu.actions() if one.text() == "Longer than 1 min"]
    with qtbot.waitSignal(transport.quiet_chosen) as chosen:
        longer.trigger()
    assert chosen.args == [60_000_000]
    with qtbot.waitSignal(transport.quiet_chosen) as chosen:
        transport.quiet_button.click()
    assert chosen.args == [None]
    assert "longer than 1 min" in transport.quiet_button.toolTip()


def test_the_slider_gives_round_speeds_and_follows_the_others(theme: Theme, qtbot: QtBot) -> None:
    choice = SpeedChoice(theme)
    qtbot.addWidget(choice)
    slider = choice.findChildren(QSlider)[0]
    choice.set_speed(100.0)
    with qtbot.waitSignal(choice.chosen) as chosen:
        slider.setValue(slider.value() + slider.pageStep())
    assert chosen.args == [1000.0]
    assert choice.field.text() == "1000x"
    with qtbot.assertNotEmitted(choice.chosen):
        choice.set_speed(None)
    assert slider.value() == slider.maximum()
