"""How times look in the window: on axes, in read-outs, fields and sentences.

Everything is a pure function of a zone and an instant. Times of tables and read-outs are
``Zone.clock`` and ``Zone.stamp``. Days of data are UTC days in every zone, and say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, US_PER_SECOND
from tickreel.market.units import MOST_DAYS_AGO, THIN_SPACE, format_age

if TYPE_CHECKING:
    from datetime import date

    from tickreel.market.zone import Zone

MILLISECONDS_BELOW_US = 2 * US_PER_SECOND
"""Moments of an axis that are closer than this are printed with milliseconds."""
_US_PER_MINUTE = 60 * US_PER_SECOND
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def axis_text(zone: Zone, at_us: int, step_us: int) -> str:
    """Print a moment of an axis: the date where one begins, milliseconds when steps are short."""
    if zone.starts_day(at_us):
        return day_text(zone.day_of(at_us))
    return zone.clock(at_us, 3 if step_us < MILLISECONDS_BELOW_US else 0)


def short_axis_text(zone: Zone, at_us: int, step_us: int) -> str:
    """Print a moment of an axis with little room, whole minutes as ``13:32``."""
    text = axis_text(zone, at_us, max(step_us, MILLISECONDS_BELOW_US))
    is_clock = not zone.starts_day(at_us)
    return text[:5] + text[8:] if is_clock and step_us % _US_PER_MINUTE == 0 else text


def day_text(day: date) -> str:
    """Print a date shortly, in one piece: ``5 Aug``."""
    return f"{day.day}\u00a0{_MONTHS[day.month - 1]}"


def utc_day_text(day: date) -> str:
    """Print a day of data, which is a UTC day in every zone: ``5 Aug UTC``."""
    return f"{day_text(day)}\u00a0UTC"


def moment_text(zone: Zone, at_us: int, decimals: int = 0) -> str:
    """Print a moment for a sentence: ``2024-08-05 13:32:00 UTC``."""
    # In an hour that the clocks show twice the name tells the two apart, and the offset does it too.
    return f"{zone.stamp(at_us, decimals)} {zone.short_name(at_us)}"


def clock_text(zone: Zone, at_us: int) -> str:
    """Print the time of day for a sentence: ``13:32:00 UTC``."""
    return f"{zone.clock(at_us, 0)} {zone.short_name(at_us)}"


def range_text(zone: Zone, start_us: int, end_us: int) -> str:
    """Print a range: ``2024-08-05 13:32:00 to 2024-08-06 00:00:00 UTC``."""
    begin, end = zone.stamp(start_us, 0), moment_text(zone, end_us)
    if zone.short_name(start_us) != zone.short_name(end_us):
        begin = moment_text(zone, start_us)
    return f"{begin} to {end}"


def field_text(zone: Zone, at_us: int, decimals: int | None = None) -> str:
    """Spell an instant for a field, so that :meth:`Zone.parse` reads it back.

    Without *decimals* it is exact to the microsecond and no longer than needed.
    """
    if decimals is None:
        decimals = 0 if at_us % US_PER_SECOND == 0 else 6
    return zone.stamp(at_us, decimals).replace(THIN_SPACE, "")


def age_text(zone: Zone, then_us: int, now_us: int) -> str:
    """Print how long ago a moment was: ``2 min ago``, ``3 d ago``, then its date; see :func:`exact_text`."""
    if now_us - then_us >= (MOST_DAYS_AGO + 1) * US_PER_DAY:
        return zone.day_of(then_us).isoformat()
    return format_age(then_us, now_us)


def exact_text(zone: Zone, at_us: int) -> str:
    """Print a moment for the tool-tip of an age: ``2024-08-05 13:32:00.114 Europe/London (BST)``."""
    return f"{zone.stamp(at_us)} {zone.full_name(at_us)}"
