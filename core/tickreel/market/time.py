"""Instants as integer microseconds since 1970, UTC, and the few spellings accepted for them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from tickreel.errors import UsageError

US_PER_SECOND = 1_000_000
US_PER_DAY = 86_400 * US_PER_SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_US = timedelta(microseconds=1)

EARLIEST_US = 1_262_304_000 * US_PER_SECOND
"""2010-01-01, before which no market of this kind was recorded."""
LATEST_US = 4_102_444_800 * US_PER_SECOND
"""2100-01-01."""

_SPELLING = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,6}))?)?)?"
    r"(?P<zone>Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
_MOST_DIGITS = 20
_UNITS = (("seconds", 10**6), ("milliseconds", 10**3), ("nanoseconds", -(10**3)))

Instant = str | int | date | datetime
"""Every way in which a caller may give an instant; a datetime without a zone is UTC."""


def parse_instant(value: Instant) -> int:
    """Turn *value* into microseconds since 1970 UTC.

    Text of digits only is microseconds; other text is ``YYYY-MM-DD``, then optionally
    ``T`` or a space, ``HH:MM``, ``:SS``, ``.`` and 1 to 6 digits, then ``Z`` or ``+HH:MM``;
    without a zone it is UTC.

    Raises:
        UsageError: any other spelling, an impossible date, or an instant outside 2010-2100.
    """
    if isinstance(value, bool):
        raise UsageError(f"{value!r} is not a time")
    if isinstance(value, int):
        return _checked(value, str(value))
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return _checked((aware - _EPOCH) // _ONE_US, str(value))
    if isinstance(value, date):
        return _checked(day_start_us(value), str(value))
    if not isinstance(value, str):
        raise UsageError(f"{value!r} is not a time")
    if value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return _checked(int(value), value)
    return _checked(_from_text(value), value)


def _from_text(text: str) -> int:
    match = _SPELLING.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{text!r} is not a time: write YYYY-MM-DD, YYYY-MM-DDTHH:MM[:SS[.ffffff]][Z|+HH:MM], "
            "or microseconds since 1970"
        )
    zone = match["zone"]
    try:
        moment = datetime.fromisoformat(match["day"]).replace(
            hour=int(match["hour"] or 0),
            minute=int(match["minute"] or 0),
            second=int(match["second"] or 0),
            microsecond=int((match["fraction"] or "0").ljust(6, "0")),
            tzinfo=UTC if zone in (None, "Z") else _offset(zone),
        )
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time: {error}") from None
    return (moment - _EPOCH) // _ONE_US


def _offset(zone: str) -> timezone:
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if minutes > 59:
        raise ValueError("minutes of a zone go to 59")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if zone[0] == "-" else span)


def _checked(instant_us: int, spelled: str) -> int:
    if EARLIEST_US <= instant_us < LATEST_US:
        return instant_us
    hint = ""
    for unit, factor in _UNITS:
        as_us = instant_us * factor if factor > 0 else instant_us // -factor
        if EARLIEST_US <= as_us < LATEST_US:
            hint = f"; it looks like {unit}, and times are microseconds"
    raise UsageError(f"{spelled} lies outside the years 2010 to 2100{hint}")


def parse_range(start: Instant, end: Instant) -> tuple[int, int]:
    """Turn two instants into the half-open range [start, end) in microseconds.

    Raises:
        UsageError: either cannot be read, or the first lies after the second.
    """
    start_us, end_us = parse_instant(start), parse_instant(end)
    if start_us > end_us:
        raise UsageError(f"the range ends before it starts: {format_us(start_us)} to {format_us(end_us)}")
    return start_us, end_us


def parse_day(text: str) -> date:
    """Read a UTC day written ``YYYY-MM-DD``.

    Raises:
        UsageError: it is not such a day.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise UsageError(f"{text!r} is not a day: write YYYY-MM-DD")


def day_of(instant_us: int) -> date:
    """Find the UTC day in which an instant lies."""
    return date.fromordinal(_EPOCH.toordinal() + instant_us // US_PER_DAY)


def day_start_us(day: date) -> int:
    """Find the first microsecond of a UTC day."""
    return (day.toordinal() - _EPOCH.toordinal()) * US_PER_DAY


def days_touched(start_us: int, end_us: int) -> list[date]:
    """List the UTC days that [start_us, end_us) touches; none when it is empty."""
    if end_us <= start_us:
        return []
    first, last = day_of(start_us), day_of(end_us - 1)
    return [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]


def format_us(instant_us: int) -> str:
    """Spell an instant so that :func:`parse_instant` reads it back, to the microsecond."""
    return (_EPOCH + instant_us * _ONE_US).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
