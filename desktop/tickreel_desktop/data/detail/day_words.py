"""A day of a dataset in words: for tool-tips, for those who do not see the calendar, for headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.units import format_bytes, format_full
from tickreel.store import DayState
from tickreel_desktop.data.detail.kinds import issue_words

if TYPE_CHECKING:
    from datetime import date

    from tickreel.store import Day

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def long_day(day: date) -> str:
    """Print a day in full: ``Monday 5 August 2024``."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def medium_day(day: date) -> str:
    """Print a day where other things stand beside it: ``Mon 5 Aug 2024``."""
    return f"{_WEEKDAYS[day.weekday()][:3]} {day.day} {_short_month(day)} {day.year}"


def range_words(first: date, last: date, *, has_year: bool = True) -> str:
    """Print days from one to another: ``3 to 14 Aug 2024``, ``28 Jul to 3 Aug 2024``.

    *has_year* is to be left out where the year of all days stands beside them.
    """
    end = f"{last.day} {_short_month(last)}{f' {last.year}' if has_year or first.year != last.year else ''}"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {_short_month(first)} {first.year} to {end}"
    if first.month != last.month:
        return f"{first.day} {_short_month(first)} to {end}"
    return f"{first.day} to {end}"


def _short_month(day: date) -> str:
    return MONTHS[day.month - 1][:3]


def grade_words(day: Day) -> str:
    """Say how far the rows can be relied on, and why not further; empty where that is not known."""
    if day.grade is None:
        return ""
    reasons = ", ".join(issue_words(issue) for issue in day.issues or ())
    return f"health {day.grade.value}" + (f": {reasons}" if reasons else "")


def day_words(date_: date, day: Day | None, *, in_span: bool) -> str:
    """Say all that the calendar shows of a day, in a line."""
    head = f"{long_day(date_)}, UTC"
    if day is None:
        return f"{head}: {'missing' if in_span else 'nothing held, outside the days of this dataset'}"
    state = "absent at vendor" if day.state is DayState.ABSENT else day.state.value
    if day.state is DayState.PENDING:
        state = "pending, the vendor has not published it yet"
    parts = [state]
    if day.parts:
        parts += [f"{format_full(day.rows)} rows", format_bytes(day.bytes)]
    parts += [grade_words(day)] if day.grade is not None else []
    parts += ["pinned"] if day.pinned else []
    return f"{head}: {', '.join(parts)}"


def why_not_held(day: Day | None, *, in_span: bool) -> tuple[str, str, bool]:
    """Say of a day without rows to read: a heading, why and what to do, and whether a fetch may help."""
    match None if day is None else day.state:
        case DayState.ABSENT:
            return ("Absent at the vendor", "The vendor has no rows of this day.", False)
        case DayState.PENDING:
            return (
                "Not published yet",
                "The vendor had not published this day when it was asked for. Fetch it again later.",
                True,
            )
        case DayState.DAMAGED:
            return (
                "This day is damaged",
                "Its file cannot be read and is out of service. Fetch the day, or import its file, again.",
                True,
            )
        case _:
            where = "It lies between days that are held." if in_span else "The dataset has no days here."
            return ("This day is not held", f"{where} Fetch it, or import its file.", True)
