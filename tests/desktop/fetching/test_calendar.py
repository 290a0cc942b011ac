"""A range of days by drag, by keys and by typing; all say the same."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls

from tickreel_desktop.fetching.days_form import DaysForm
from tickreel_desktop.fetching.fates import DayFate, Fate

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

TODAY = date(2024, 9, 18)
LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def form(qtbot: QtBot, theme: Theme) -> DaysForm:
    made = DaysForm(theme, TODAY)
    qtbot.addWidget(made)
    made.resize(368, 320)
    made.show()
    return made


def test_a_drag_chooses_a_range_in_either_direction(form: DaysForm) -> None:
    calendar = form.calendar
    begin, end = (calendar.cell_of(date(2024, 9, day)) for day in (20, 9))
    assert begin is not None
    assert end is not None
    QTest.mousePress(calendar, LEFT, pos=begin.center().toPoint())
    QTest.mouseMove(calendar, end.center().toPoint())
    QTest.mouseRelease(calendar, LEFT, pos=end.center().toPoint())
    assert form.days() == (date(2024, 9, 9), date(2024, 9, 20))
    far = calendar.cell_of(date(2024, 9, 30))
    assert far is not None
    QTest.mouseClick(calendar, LEFT, SHIFT, far.center().toPoint())
    assert form.days() == (date(2024, 9, 20), date(2024, 9, 30))


def test_the_keys_move_and_with_shift_carry_the_range_on(form: DaysForm) -> None:
    calendar = form.calendar
    QTest.keyClick(calendar, Qt.Key.Key_Space)
    assert form.days() == (TODAY, TODAY)
    QTest.keyClick(calendar, Qt.Key.Key_Up, SHIFT)
    QTest.keyClick(calendar, Qt.Key.Key_Left, SHIFT)
    assert form.days() == (date(2024, 9, 10), TODAY)
    QTest.keyClick(calendar, Qt.Key.Key_PageDown)
    assert calendar.month == date(2024, 10, 1)
    assert form.days() == (date(2024, 9, 10), TODAY)
    QTest.keyClick(calendar, Qt.Key.Key_End, SHIFT)
    assert form.days() == (TODAY, date(2024, 10, 31))


def test_typed_days_and_presets_show_in_the_calendar_and_a_wrong_one_says_why(form: DaysForm) -> None:
    form.choose_last_month()
    assert form.days() == (date(2024, 8, 1), date(2024, 8, 31))
    assert form.calendar.month == date(2024, 8, 1)
    form.choose_last_week()
    assert form.days() == (date(2024, 9, 11), date(2024, 9, 17))
    form.last_field.selectAll()
    QTest.keyClicks(form.last_field, "2024-02-30")
    assert form.days()[1] is None
    assert form.problem() == "'2024-02-30' is not a day: write YYYY-MM-DD"
    form.last_field.selectAll()
    QTest.keyClicks(form.last_field, "2024-09-01")
    assert form.problem() == "The last day lies before the first"
    assert nameless_controls(form) == []


def test_a_day_says_what_becomes_of_it_and_whether_it_is_free(form: DaysForm) -> None:
    form.set_days(date(2024, 9, 1), date(2024, 9, 2))
    fates = {date(2024, 9, 1): DayFate(((Fate.FETCH, 1), (Fate.HERE, 2)))}
    held = {date(2024, 9, 5): DayFate(((Fate.PARTIAL, 1),))}
    form.show_fates(fates, held, frozenset())
    calendar = form.calendar
    assert calendar.words(date(2024, 9, 1)) == "2024-09-01: 1 to fetch, 2 here; free without a key"
    assert calendar.words(date(2024, 9, 5)) == "2024-09-05: partial"
    assert calendar.words(date(2024, 9, 3)) == "2024-09-03: not here"
    assert not calendar.grab().isNull()
