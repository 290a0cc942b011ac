"""Where the keys lead in the calendar: by days, by months, by years."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from PySide6.QtCore import Qt

from tickreel_desktop.data.detail.year_grid import MONTHS_OF_YEAR

_ONE_DAY = timedelta(days=1)


def day_by_key(key: int, day: date) -> date | None:
    """Give the day to which a key leads from another one; None for a key that leads nowhere."""
    targets = {
        Qt.Key.Key_Left.value: lambda: day - _ONE_DAY,
        Qt.Key.Key_Right.value: lambda: day + _ONE_DAY,
        Qt.Key.Key_Up.value: lambda: _months_on(day, -1),
        Qt.Key.Key_Down.value: lambda: _months_on(day, 1),
        Qt.Key.Key_PageUp.value: lambda: same_date(day, day.year - 1),
        Qt.Key.Key_PageDown.value: lambda: same_date(day, day.year + 1),
        Qt.Key.Key_Home.value: lambda: day.replace(day=1),
        Qt.Key.Key_End.value: lambda: day.replace(day=calendar.monthrange(day.year, day.month)[1]),
    }
    return targets[key]() if key in targets else None


def same_date(day: date, year: int) -> date:
    """Give the same date of another year, or the last day of its month."""
    return _months_on(day, (year - day.year) * MONTHS_OF_YEAR)


def _months_on(day: date, months: int) -> date:
    """Give the same number of another month, or its last."""
    year, month = divmod(day.year * MONTHS_OF_YEAR + day.month - 1 + months, MONTHS_OF_YEAR)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
