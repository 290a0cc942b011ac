"""Reads dates and times as people type them into a search box, and finds the instants that are meant.

Nothing is refused here: what is no date and no time stays a word, and what can be read in several
ways is. Typed times are in the zone of whoever asks, unless they carry one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tickreel.market.time import EARLIEST_US, LATEST_US, US_PER_DAY, US_PER_SECOND, day_of, day_start_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.market.zone import Zone

_MOST_WORDS = 8
_MOST_YEARS = 3
_FIRST_YEAR, _LAST_YEAR = 2010, 2099
_LEAP_YEAR = 2012
_MONTHS_IN_FULL = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"
_DATES = tuple(
    re.compile(rf"(?<!\S){pattern}(?!\S)", re.ASCII)
    for pattern in (
        rf"{_YEAR}-(?P<number>\d{{1,2}})-{_DAY}",
        rf"{_DAY}[ -]?{_MONTH}[ -]?{_YEAR}",
        rf"{_MONTH} {_DAY} {_YEAR}",
        rf"{_DAY}[ -]?{_MONTH}",
        rf"{_MONTH} {_DAY}",
        rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second>\d{{1,2}})(?P=mark){_YEAR}",
    )
)
_TIME = re.compile(
    r"(?<!\S)(?P<hour>\d{1,2}):(?:(?P<minute>\d{1,2})(?::(?:(?P<second>\d{1,2})(?:\.(?P<fraction>\d{0,6}))?)?)?)?"
    r" ?(?P<zone>z|utc|[+-]\d{2}:?\d{2})?(?!\S)",
    re.ASCII,
)
_JOINED = re.compile(r"(?<!\S)(\d{4}-\d{1,2}-\d{1,2})t(?=\d)", re.ASCII)
_INSTANT = re.compile(r"(?<!\S)\d{16}(?!\S)", re.ASCII)
_FILLERS = frozenset({"at", "on", "in", "of"})
_HALF_TYPED = re.compile(r"\d{1,4}|\d{4}-(\d{0,2}-?\d?)|\d{1,2}[/.-](\d{0,2}[/.-]?\d{0,3})|\d+:.*", re.ASCII)


@dataclass(frozen=True, slots=True)
class OpenReplay:
    """The replay on screen: the half-open range [start_us, end_us) of a symbol, and where it is."""

    exchange: str
    symbol: str
    start_us: int
    end_us: int
    at_us: int


class TypedDate(NamedTuple):
    """A date; the year may be left out."""

    year: int | None
    month: int
    day: int

    def in_year(self, year: int) -> date | None:
        """Give the day of a year; None when there is no such day."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return None


class TypedClock(NamedTuple):
    """A time of day, or an instant."""

    us: int
    """Microseconds after midnight, or (*is_instant*) since 1970."""
    offset_us: int | None
    """How far it is ahead of UTC; None is the zone of the display."""
    is_instant: bool = False


class Reading(NamedTuple):
    """One way to read a text."""

    words: tuple[str, ...]
    date: TypedDate | None
    clock: TypedClock | None

    @property
    def has_moment(self) -> bool:
        """Tell whether it says anything of when."""
        return self.date is not None or self.clock is not None

    @property
    def names_day(self) -> bool:
        """Tell whether it says on which day."""
        return self.date is not None or (self.clock is not None and self.clock.is_instant)


def is_half_typed(word: str) -> bool:
    """Tell whether a word may become a date or a time."""
    is_month = any(month.startswith(word) for month in _MONTHS_IN_FULL)
    return is_month or _HALF_TYPED.fullmatch(word) is not None


def readings(text: str) -> list[Reading]:
    """List the ways to read a text, the likeliest first."""
    plain = " ".join(text.casefold().replace(",", " ").split())
    whole = Reading(_words(plain), None, None)
    rest = _JOINED.sub(r"\1 ", plain)
    clock, rest = _take_clock(rest)
    dates, rest = _take_dates(rest)
    found = []
    if clock is not None or dates:
        words = tuple(word for word in _words(rest) if word not in _FILLERS)
        if clock is None and words[-1:] in (("utc",), ("z",)):
            clock, words = TypedClock(0, 0), words[:-1]
        choices: list[TypedDate | None] = [*dates] or [None]
        found = [Reading(words, each, clock) for each in choices]
    return [each for each in (*found, whole) if len(each.words) <= _MOST_WORDS]


def _words(text: str) -> tuple[str, ...]:
    """Part a text into words; an exchange and its symbol may be joined by a colon or a slash."""
    return tuple(word for word in re.split(r"[ :/]", text) if word)


def _take_clock(text: str) -> tuple[TypedClock | None, str]:
    """Cut a time of day, or an instant in microseconds, out of a text."""
    for match in _INSTANT.finditer(text):
        if EARLIEST_US <= int(match[0]) < LATEST_US:
            return TypedClock(int(match[0]), 0, is_instant=True), _without(text, match)
    for match in _TIME.finditer(text):
        hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
        if hour < 24 and minute < 60 and second < 60:
            fraction_us = int((match["fraction"] or "0").ljust(6, "0"))
            us = (hour * 3600 + minute * 60 + second) * US_PER_SECOND + fraction_us
            return TypedClock(us, _offset_us(match["zone"])), _without(text, match)
    return None, text


def _offset_us(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone in ("z", "utc"):
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return (-minutes if zone[0] == "-" else minutes) * 60 * US_PER_SECOND


def _take_dates(text: str) -> tuple[list[TypedDate], str]:
    """Cut a date out of a text; several when it can be read in several ways."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            found = [each for each in _dates_of(match.groupdict()) if each.in_year(each.year or _LEAP_YEAR)]
            if found:
                return found, _without(text, match)
    return [], text


def _dates_of(parts: dict[str, str | None]) -> list[TypedDate]:
    year = int(parts.get("year") or 0) or None
    if parts.get("year") and not _FIRST_YEAR <= (year or 0) <= _LAST_YEAR:
        return []
    day = int(parts.get("day") or 0)
    if name := parts.get("month"):
        months = [n for n, month in enumerate(_MONTHS_IN_FULL, 1) if month.startswith(name)]
        return [TypedDate(year, month, day) for month in months]
    if number := parts.get("number"):
        return [TypedDate(year, int(number), day)]
    first, second = int(parts.get("first") or 0), int(parts.get("second") or 0)
    day_first, month_first = TypedDate(year, second, first), TypedDate(year, first, second)
    # With dots the day always comes first.
    is_clear = parts.get("mark") == "." or day_first == month_first
    return [day_first] if is_clear else [day_first, month_first]


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def moments_of(
    reading: Reading, held_us: tuple[int, int], zone: Zone, replay: OpenReplay | None
) -> Sequence[int | None]:
    """Find the moments of a symbol that are meant, the likeliest first; [None] when none was typed.

    *held_us* is the range [from, to) that is held of it, *replay* the one on screen if it is of it.
    """
    clock = reading.clock
    if reading.date is None and clock is None:
        return [None]
    if clock is not None and clock.is_instant:
        return [clock.us]
    windows = [held_us]
    if replay is not None:
        windows.insert(0, (replay.start_us, replay.end_us))
    if reading.date is None:
        moments = [] if clock is None else _times_of_day(clock, zone, windows, replay)
        return [at_us for at_us in moments if EARLIEST_US <= at_us < LATEST_US]
    moments = []
    days = days_of(reading.date, windows[-1])
    held = [day for day in days if _overlap(day, zone, windows[-1]) is not None]
    for day in (held or days)[:_MOST_YEARS]:
        moments += _start_of(day, zone, windows) if clock is None else _instants(day, clock, zone)
    return [at_us for at_us in moments if EARLIEST_US <= at_us < LATEST_US]


def days_of(typed: TypedDate, window: tuple[int, int]) -> list[date]:
    """Give the days of a date; without a year one in each that a window touches, the latest first."""
    if typed.year is not None:
        years = [typed.year]
    else:
        # A day more on either side, since the year may begin earlier or later in other zones.
        first, last = day_of(window[0] - US_PER_DAY).year, day_of(window[1] + US_PER_DAY).year
        years = list(range(last, first - 1, -1))
    return [day for year in years if (day := typed.in_year(year)) is not None]


@lru_cache(maxsize=1024)
def day_bounds(day: date, zone: Zone) -> tuple[int, int]:
    """Find the first instant of a day of a zone, and that of the next day."""
    return zone.day_start_us(day), zone.day_start_us(date.fromordinal(day.toordinal() + 1))


def _overlap(day: date, zone: Zone, window: tuple[int, int]) -> int | None:
    """Find the first instant of a window on a day; None when there is none."""
    start_us, end_us = day_bounds(day, zone)
    first_us = max(start_us, window[0])
    return first_us if first_us < min(end_us, window[1]) else None


def _start_of(day: date, zone: Zone, windows: Sequence[tuple[int, int]]) -> list[int]:
    """Give the first instant of a day that there is data of."""
    inside = (_overlap(day, zone, window) for window in windows)
    return [next((at_us for at_us in inside if at_us is not None), day_bounds(day, zone)[0])]


def _instants(day: date, clock: TypedClock, zone: Zone) -> list[int]:
    wall_us = day_start_us(day) + clock.us
    return list(zone.instants(wall_us)) if clock.offset_us is None else [wall_us - clock.offset_us]


def _times_of_day(
    clock: TypedClock, zone: Zone, windows: Sequence[tuple[int, int]], replay: OpenReplay | None
) -> list[int]:
    """Find a time without a date: of the replay on screen the nearest, else of the last day held."""
    near_us = windows[0][1] - 1 if replay is None else replay.at_us
    middle = zone.day_of(near_us).toordinal()
    first, last = (day_of(edge_us).toordinal() for edge_us in (windows[0][0], windows[0][1] - 1))
    # The nearest day comes first; the ends of the range are tried when it has no such time.
    days = dict.fromkeys(
        (middle, middle - 1, middle + 1, first - 1, first, first + 1, last - 1, last, last + 1)
    )
    found = [_instants(date.fromordinal(day), clock, zone) for day in days]
    start_us, end_us = windows[0]
    inside = [[at_us for at_us in instants if start_us <= at_us < end_us] for instants in found]
    return next((instants for instants in inside if instants), found[0])
