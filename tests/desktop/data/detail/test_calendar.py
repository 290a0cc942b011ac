"""The calendar of days: what it shows in shapes and words, and how days are opened and chosen in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from support.datasets import recorded_days

from tickreel.market.units import THIN_SPACE
from tickreel.store import DayState
from tickreel.store.model import Grade
from tickreel_desktop.data.detail.calendar import YearCalendar
from tickreel_desktop.data.detail.cells import Mark, mark_of, paint_mark, paint_marks
from tickreel_desktop.data.detail.day_words import day_words, range_words
from tickreel_desktop.data.detail.year_grid import YearGrid

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

FIRST = date(2024, 7, 23)
LEFT, SHIFT, NO_KEY = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


@pytest.fixture
def calendar(theme: Theme, qtbot: QtBot) -> YearCalendar:
    made = YearCalendar(theme)
    qtbot.addWidget(made)
    made.resize(436, made.sizeHint().height())
    days = recorded_days("binance", "BTCUSDT", first=FIRST, states="hpax.hhh")
    days[6] = replace(days[6], state=DayState.PENDING, parts=())
    days[5] = replace(days[5], grade=Grade.USABLE, issues=("gap",))
    made.show_days(days)
    made.show_opened(FIRST)
    made.show()
    return made


def place_of(calendar: YearCalendar, day: date) -> QPoint:
    """Find a point of a day as a user would: by looking over the widget."""
    for y in range(0, calendar.height(), 3):
        for x in range(0, calendar.width(), 3):
            if calendar.day_under(QPoint(x, y)) == day:
                return QPoint(x + 3, y + 4)
    raise AssertionError(f"{day} is not in view")


@pytest.mark.parametrize("width_px", [90, 436, 900])
def test_all_cells_at_once_are_those_of_the_days_one_by_one(theme: Theme, width_px: int) -> None:
    grid = YearGrid(theme, 2024, width_px, is_compact=False)
    last = date(2024, 12, 30)
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(365)]
    assert grid.cells(last) == [(day, QRectF(grid.cell(day))) for day in days]


def test_a_day_is_marked_by_what_is_recorded_of_it(calendar: YearCalendar) -> None:
    days = [date(2024, 7, number) for number in (22, 23, 24, 25, 26, 27)]
    marks = [mark_of(calendar.day_at(day), in_span=calendar.is_in_span(day)).state for day in days]
    assert marks == [
        None,
        DayState.PRESENT,
        DayState.PARTIAL,
        DayState.ABSENT,
        DayState.DAMAGED,
        DayState.MISSING,
    ]
    assert mark_of(None, in_span=False) == Mark(None)


def test_every_mark_has_a_shape_of_its_own(calendar: YearCalendar) -> None:
    picture = calendar.grab().toImage().convertToFormat(calendar.grab().toImage().Format.Format_Grayscale8)
    shapes = set()
    for number in (22, 23, 24, 25, 26, 27, 29, 30):
        rect = calendar.grid.cell(date(2024, 7, number))
        shapes.add(bytes(picture.copy(rect).constBits()))
    assert len(shapes) == 8


def test_many_marks_are_painted_as_each_of_them_is(calendar: YearCalendar, theme: Theme) -> None:
    states = (None, *DayState)
    marks = [Mark(state, has_notes=notes) for state in states for notes in (False, True)]
    placed = [(QRectF(2 + 16 * place, 2, 11, 15), mark) for place, mark in enumerate(marks)]
    pictures = []
    for together in (True, False):
        picture = QImage(16 * len(marks), 20, QImage.Format.Format_RGB32)
        picture.fill(theme.colour("panel"))
        painter = QPainter(picture)
        if together:
            paint_marks(painter, theme, placed)
        else:
            for body, mark in placed:
                paint_mark(painter, theme, body, mark)
        painter.end()
        pictures.append(picture)
    assert pictures[0] == pictures[1]


def test_a_day_is_told_in_words(calendar: YearCalendar) -> None:
    assert calendar.accessibleName() == "Days of 2024"
    assert (
        calendar.accessibleDescription()
        == f"Tuesday 23 July 2024, UTC: present, 1{THIN_SPACE}000 rows, 4.0 kB"
    )
    QTest.keyClick(calendar, Qt.Key.Key_Down)
    assert "nothing held" in calendar.accessibleDescription()
    assert day_words(date(2024, 7, 27), None, in_span=True) == "Saturday 27 July 2024, UTC: missing"


def test_arrows_go_by_days_and_months_and_enter_opens(calendar: YearCalendar, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_End):
        QTest.keyClick(calendar, key)
    assert calendar.cursor_day == date(2024, 7, 31)
    assert calendar.opened == FIRST
    with qtbot.waitSignal(calendar.day_opened) as opened:
        QTest.keyClick(calendar, Qt.Key.Key_Return)
    assert opened.args == [date(2024, 7, 31)]
    QTest.keyClick(calendar, Qt.Key.Key_Up)
    assert calendar.cursor_day == date(2024, 6, 30)


def test_the_cursor_leads_into_other_years_and_never_behind_today(calendar: YearCalendar) -> None:
    for _ in range(7):
        QTest.keyClick(calendar, Qt.Key.Key_Up)
    assert (calendar.year, calendar.cursor_day) == (2023, date(2023, 12, 23))
    assert calendar.accessibleName() == "Days of 2023"
    calendar.show_year(9999)
    assert not calendar.can_go_on


def test_shift_and_arrows_choose_days_and_escape_lets_go(calendar: YearCalendar, qtbot: QtBot) -> None:
    chosen: list[tuple[date, date]] = []
    calendar.range_chosen.connect(lambda first, last: chosen.append((first, last)))
    QTest.keyClick(calendar, Qt.Key.Key_Left, SHIFT)
    QTest.keyClick(calendar, Qt.Key.Key_Up, SHIFT)
    assert chosen == [(date(2024, 7, 22), FIRST), (date(2024, 6, 22), FIRST)]
    assert calendar.chosen_days == chosen[-1]
    assert calendar.accessibleDescription().endswith("Chosen: 22 Jun to 23 Jul 2024")
    with qtbot.waitSignal(calendar.range_cleared):
        QTest.keyClick(calendar, Qt.Key.Key_Escape)
    QTest.keyClick(calendar, Qt.Key.Key_Space)
    assert calendar.chosen_days == (date(2024, 6, 22), date(2024, 6, 22))


def test_a_click_opens_a_day_and_a_drag_chooses_days(calendar: YearCalendar, qtbot: QtBot) -> None:
    begin, end = place_of(calendar, date(2024, 7, 24)), place_of(calendar, date(2024, 8, 2))
    with qtbot.waitSignal(calendar.range_chosen) as chosen:
        QTest.mousePress(calendar, LEFT, NO_KEY, begin)
        QTest.mouseMove(calendar, end)
        QTest.mouseRelease(calendar, LEFT, NO_KEY, end)
    assert chosen.args == [date(2024, 7, 24), date(2024, 8, 2)]
    assert calendar.opened == FIRST
    with qtbot.waitSignal(calendar.day_opened) as opened:
        QTest.mouseClick(calendar, LEFT, NO_KEY, begin)
    assert opened.args == [date(2024, 7, 24)]
    assert calendar.chosen_days is None


def test_the_name_of_a_month_and_its_key_choose_the_month(calendar: YearCalendar, qtbot: QtBot) -> None:
    july = (date(2024, 7, 1), date(2024, 7, 31))
    name = QPoint(5, place_of(calendar, FIRST).y())
    with qtbot.waitSignal(calendar.range_chosen) as told:
        QTest.mouseClick(calendar, LEFT, NO_KEY, name)
    assert (tuple(told.args), calendar.chosen_days, calendar.opened) == (july, july, FIRST)
    calendar.clear_range()
    calendar.show_opened(date(2024, 2, 9))
    QTest.keyClick(calendar, Qt.Key.Key_M)
    assert calendar.chosen_days == (date(2024, 2, 1), date(2024, 2, 29))
    QTest.keyClick(calendar, Qt.Key.Key_Right, SHIFT)
    assert calendar.chosen_days == (date(2024, 2, 29), date(2024, 3, 1)), "a choice begins at the cursor anew"
    assert calendar.grid.month_under(QPoint(5, 2)) is None
    assert calendar.grid.month_under(place_of(calendar, FIRST)) is None


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2024, 8, 3), date(2024, 8, 3), "3 Aug 2024"),
        (date(2024, 8, 3), date(2024, 8, 14), "3 to 14 Aug 2024"),
        (date(2024, 7, 28), date(2024, 8, 3), "28 Jul to 3 Aug 2024"),
        (date(2023, 12, 28), date(2024, 1, 3), "28 Dec 2023 to 3 Jan 2024"),
    ],
)
def test_ranges_are_named_shortly(first: date, last: date, words: str) -> None:
    assert range_words(first, last) == words
