from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tickreel.replay import TouchSeries
from tickreel_desktop.replay.shown_time import WINDOWS_US, window_text
from tickreel_desktop.replay.strips import TouchStrips
from tickreel_desktop.replay.ticks import HeldRange, round_ticks, time_step_us

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

DAY_US = 1_722_816_000_000_000
SECOND_US = 1_000_000
NAN = float("nan")


def touch(*points: tuple[float, float, float]) -> TouchSeries:
    """Make a series of (seconds after midnight, bid, ask)."""
    seconds, bid, ask = zip(*points, strict=True)
    time_us = DAY_US + (np.array(seconds) * SECOND_US).astype(np.int64)
    return TouchSeries(time_us, *np.array([bid, ask, np.ones(len(bid)), np.ones(len(ask))], float))


@pytest.fixture
def strips(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> TouchStrips:
    made = TouchStrips(theme, zone)
    qtbot.addWidget(made)
    made.resize(800, 260)
    with qtbot.waitExposed(made):
        made.show()
    made.set_range(DAY_US, DAY_US + 3600 * SECOND_US)
    made.set_window(60 * SECOND_US)
    return made


def test_the_values_of_now_stand_in_the_strips(strips: TouchStrips) -> None:
    strips.append(touch((1, 99.9, 100.1), (30, 100.0, 100.5)))
    strips.set_now(DAY_US + 40 * SECOND_US)
    assert strips.values_text() == ("100.25", "0.5 (49.9 bp)")


def test_an_empty_side_is_said_and_drawn_as_a_gap(strips: TouchStrips) -> None:
    strips.append(touch((1, 99, 101), (20, NAN, 101), (40, 99, 101), (50, NAN, NAN)))
    strips.set_now(DAY_US + 60 * SECOND_US)
    assert strips.values_text()[0] == "none: a side of the book is empty"
    bands = strips._mid.bands.bands()
    assert [word for *_, word in bands] == ["no book", "no book"]
    assert [(round(begin), round(end)) for begin, end, _ in bands] == [(-40, -20), (-10, 0)]
    connect = strips._mid.lines[0].opts["connect"]
    x = strips._mid.lines[0].xData
    # No stroke leads over the gap: of the two ends of every joined pair, neither lies beyond it.
    joined = np.flatnonzero(connect[:-1])
    assert not ((x[joined] < -39) & (x[joined + 1] > -21)).any()
    assert not strips.grab().isNull()


def test_nothing_yet_is_drawn_as_nothing(strips: TouchStrips) -> None:
    strips.set_now(DAY_US + 5 * SECOND_US)
    assert strips.values_text() == ("none", "none")
    assert strips._mid.bands.bands() == ()
    assert not strips.grab().isNull()


@pytest.mark.parametrize(
    "series",
    [
        touch((1, NAN, NAN)),
        touch((1, 10, NAN), (2, 11, NAN)),
        touch((1, 12, 10), (2, 12, 9)),
        touch((1, 0, 0)),
        touch((1, -5, -4), (2, -1, 1)),
        touch((1, 1e-9, 2e-9)),
        touch((1, 1e17, 2e17)),
    ],
)
@pytest.mark.parametrize("window_us", WINDOWS_US)
def test_odd_touches_are_drawn(strips: TouchStrips, series: TouchSeries, window_us: int | None) -> None:
    strips.set_window(window_us)
    strips.append(series)
    strips.set_now(DAY_US + 10 * SECOND_US)
    assert not strips.grab().isNull()


def test_a_jump_replaces_what_was_drawn(strips: TouchStrips) -> None:
    strips.append(touch((1, 99, 101)))
    strips.set_now(DAY_US + 2 * SECOND_US)
    strips.replace(touch((1, 49, 51)))
    strips.set_now(DAY_US + 2 * SECOND_US)
    assert strips.values_text()[0] == "50.0"
    strips.set_range(DAY_US, DAY_US + 60 * SECOND_US)
    assert strips.values_text()[0] == "none"


def test_a_click_asks_to_go_there(strips: TouchStrips, qtbot: QtBot) -> None:
    strips.append(touch((1, 99, 101)))
    strips.set_now(DAY_US + 60 * SECOND_US)
    with qtbot.waitSignal(strips.seek_requested) as sought:
        QTest.mouseClick(strips.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(360, 60))
    assert DAY_US + 25 * SECOND_US < sought.args[0] < DAY_US + 35 * SECOND_US


def test_one_cursor_runs_through_both_strips(strips: TouchStrips, qtbot: QtBot) -> None:
    strips.append(touch((1, 99, 101), (50, 199, 201)))
    strips.set_now(DAY_US + 60 * SECOND_US)
    with qtbot.waitSignal(strips.cursor_moved):
        QTest.mouseMove(strips.viewport(), QPoint(100, 60))
    assert strips._mid.cursor_line.isVisible()
    assert strips._mid.cursor_line.value() == strips._spread.cursor_line.value()
    assert strips.values_text()[0] == "100.0 at the cursor"
    before = strips.cursor_us
    strips.set_now(DAY_US + 70 * SECOND_US)
    # A pointer that rests stays over the same place, which is another moment now.
    assert strips.cursor_us == (before or 0) + 10 * SECOND_US
    QTest.mouseMove(strips.viewport(), QPoint(790, 60))
    assert strips.cursor_us is None


def test_the_keyboard_moves_the_cursor_and_goes_there(strips: TouchStrips, qtbot: QtBot) -> None:
    strips.append(touch((1, 99, 101)))
    now_us = DAY_US + 60 * SECOND_US
    strips.set_now(now_us)
    QTest.keyClick(strips, Qt.Key.Key_Left)
    one = now_us - (strips.cursor_us or 0)
    assert 0 < one < SECOND_US
    QTest.keyClick(strips, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert now_us - (strips.cursor_us or 0) == 11 * one
    with qtbot.waitSignal(strips.seek_requested) as sought:
        QTest.keyClick(strips, Qt.Key.Key_Return)
    assert sought.args == [strips.cursor_us]
    QTest.keyClick(strips, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(strips, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert strips.cursor_us == now_us
    QTest.keyClick(strips, Qt.Key.Key_Escape)
    assert strips.cursor_us is None


def test_a_pointer_that_leaves_takes_only_its_own_cursor_away(strips: TouchStrips) -> None:
    strips.append(touch((1, 99, 101)))
    strips.set_now(DAY_US + 60 * SECOND_US)
    QTest.keyClick(strips, Qt.Key.Key_Left)
    QApplication.sendEvent(strips, QEvent(QEvent.Type.Leave))
    assert strips.cursor_us is not None, "the keys have put it there"
    QTest.mouseMove(strips.viewport(), QPoint(100, 60))
    QApplication.sendEvent(strips, QEvent(QEvent.Type.Leave))
    assert strips.cursor_us is None


def test_keys_without_a_use_are_left_to_the_window(theme: Theme, zone: DisplayZone, qtbot: QtBot) -> None:
    strips = TouchStrips(theme, zone)
    qtbot.addWidget(strips)

    def takes(key: Qt.Key) -> bool:
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(strips, event)
        return event.isAccepted()

    keys = (Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Space)
    assert [takes(key) for key in keys] == [False, False, False, False], "nothing was played yet"
    strips.set_range(DAY_US, DAY_US + 3600 * SECOND_US)
    assert [takes(key) for key in keys] == [False, False, True, False], "without a cursor"
    assert [takes(key) for key in keys] == [True, True, True, False]


def test_hidden_strips_draw_when_they_are_seen_again(strips: TouchStrips) -> None:
    strips.hide()
    strips.append(touch((1, 99, 101)))
    strips.set_now(DAY_US + 2 * SECOND_US)
    assert strips.values_text()[0] == "none"
    strips.show()
    assert strips.values_text()[0] == "100.0"


def test_the_whole_range_stands_still_while_now_moves(strips: TouchStrips) -> None:
    strips.set_window(None)
    strips.append(touch((1, 99, 101)))
    strips.set_now(DAY_US + 900 * SECOND_US)
    view = strips._mid.box.viewRange()[0]
    assert strips._mid.now_line.value() == -2700
    strips.set_now(DAY_US + 1800 * SECOND_US)
    assert strips._mid.now_line.value() == -1800
    assert strips._mid.box.viewRange()[0] == view


def test_the_choice_of_the_window_drives_the_strips(strips: TouchStrips, qtbot: QtBot) -> None:
    choice = strips.make_window_choice()
    qtbot.addWidget(choice)
    assert choice.value() == str(60 * SECOND_US)
    for key, window_us in (("None", None), (str(900 * SECOND_US), 900 * SECOND_US)):
        choice.chosen.emit(key)
        assert strips.window_us == window_us
    assert [window_text(each) for each in WINDOWS_US] == ["1 min", "5 min", "15 min", "1 h", "all"]


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12), st.integers(1, 8))
def test_round_values_lie_inside_and_are_not_too_many(low: float, span: float, most: int) -> None:
    high = low + span
    values = round_ticks(low, high, most).values
    slack = 1e-6 * (span + abs(low) * 1e-6)
    assert all(low - slack <= value <= high + slack for value in values)
    assert len(values) <= most + 1


def test_round_values_are_round() -> None:
    assert round_ticks(52_311, 52_549, 6).values == (52350, 52400, 52450, 52500)
    assert round_ticks(0, 0.83, 5) == round_ticks(0.0, 0.83, 5)
    assert round_ticks(0, 0.83, 5).values == (0, 0.2, 0.4, 0.6, 0.8)
    assert round_ticks(-0.5, 0.5, 4).decimals == 2
    assert round_ticks(3, 3, 4).values == ()
    assert round_ticks(NAN, 3, 4).values == ()


def test_the_step_of_a_time_axis_is_round() -> None:
    assert time_step_us(300 * SECOND_US, 6) == 60 * SECOND_US
    assert time_step_us(86_400 * SECOND_US, 12) == 7200 * SECOND_US


def test_a_held_range_grows_at_once_and_shrinks_late() -> None:
    held = HeldRange()
    assert held.fit(100, 200)
    assert held.low < 100
    assert held.high > 200
    assert not held.fit(110, 190)
    assert not held.fit(120, 190)
    assert held.fit(150, 160)
    assert held.high < 165
    assert held.fit(150, 300)
    assert not held.fit(NAN, NAN)
    assert held.fit(5, 5)
    assert held.low < 5 < held.high
