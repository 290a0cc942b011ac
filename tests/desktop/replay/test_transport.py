from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QToolButton

from tickreel.errors import UsageError
from tickreel.replay import parse_speed
from tickreel_desktop.replay.overview import Overview
from tickreel_desktop.replay.speed import SpeedChoice
from tickreel_desktop.replay.transport import Transport

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000
HOUR_US = 3_600_000_000


@pytest.fixture
def transport(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> Transport:
    made = Transport(theme, zone)
    qtbot.addWidget(made)
    made.resize(1220, made.height())
    with qtbot.waitExposed(made):
        made.show()
    made.set_range(DAY_US, DAY_US + 24 * HOUR_US)
    made.set_speed(10.0)
    return made


@pytest.fixture
def overview(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> Overview:
    made = Overview(theme, zone)
    qtbot.addWidget(made)
    made.resize(1012, 36)
    with qtbot.waitExposed(made):
        made.show()
    made.set_range(DAY_US, DAY_US + 24 * HOUR_US)
    return made


def _type(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_play_is_asked_for_and_shown(transport: Transport, qtbot: QtBot) -> None:
    assert transport.play_button.accessibleName() == "Play"
    assert transport.achieved_text() == "paused"
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


def test_the_time_moves_on_while_nobody_types(transport: Transport) -> None:
    transport.edit_time()
    transport.set_now(DAY_US + 1_500_000)
    assert transport.time_field.text() == "2024-08-05 00:00:01.500"
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
    transport.set_achieved(achieved, 1_580_000)
    assert transport.achieved_text() == text
    assert transport._achieved.property("tone") == tone
    assert "1.6 M rows/s" in transport._achieved.toolTip()


def test_nothing_is_cut_at_1280(transport: Transport) -> None:
    assert transport.minimumSizeHint().width() <= 1220
    assert transport.height() == 104


def test_the_pointer_previews_while_it_drags_and_seeks_when_let_go(overview: Overview, qtbot: QtBot) -> None:
    with qtbot.waitSignal(overview.moved) as moved, qtbot.assertNotEmitted(overview.chosen):
        QTest.mousePress(overview, Qt.MouseButton.LeftButton, pos=QPoint(6 + 250, 12))
    assert moved.args == [DAY_US + 6 * HOUR_US]
    # The replay goes on below, but the mark stays with the pointer.
    overview.set_now(DAY_US + HOUR_US)
    assert overview.position_us == DAY_US + 6 * HOUR_US
    with qtbot.waitSignal(overview.moved):
        QTest.mouseMove(overview, QPoint(6 + 500, 12))
    with qtbot.waitSignal(overview.chosen) as chosen:
        QTest.mouseRelease(overview, Qt.MouseButton.LeftButton, pos=QPoint(6 + 500, 12))
    assert chosen.args == [DAY_US + 12 * HOUR_US]
    assert not overview.is_dragged


def test_the_keyboard_goes_by_steps_pages_and_ends(overview: Overview, qtbot: QtBot) -> None:
    overview.set_now(DAY_US + 12 * HOUR_US)
    expected = (
        (Qt.Key.Key_Right, DAY_US + 12 * HOUR_US + 10 * 60_000_000),
        (Qt.Key.Key_Left, DAY_US + 12 * HOUR_US),
        (Qt.Key.Key_PageUp, DAY_US + round(14.4 * HOUR_US)),
        (Qt.Key.Key_PageDown, DAY_US + 12 * HOUR_US),
        (Qt.Key.Key_Home, DAY_US),
        (Qt.Key.Key_Left, DAY_US),
        (Qt.Key.Key_End, DAY_US + 24 * HOUR_US - 1),
        (Qt.Key.Key_Right, DAY_US + 24 * HOUR_US - 1),
    )
    for key, at_us in expected:
        with qtbot.waitSignal(overview.chosen) as chosen:
            QTest.keyClick(overview, key)
        assert chosen.args == [at_us]
    assert overview.accessibleDescription() == "2024-08-05 23:59:59 UTC"


@pytest.mark.parametrize("span_us", [1, 1000, 60_000_000, 40 * 24 * HOUR_US])
def test_any_range_is_drawn(overview: Overview, span_us: int) -> None:
    overview.set_range(DAY_US, DAY_US + span_us)
    overview.set_held(((DAY_US, DAY_US + span_us // 2),))
    overview.set_now(DAY_US + span_us // 3)
    assert not overview.grab().isNull()
