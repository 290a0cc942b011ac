"""The time zone in which people read and type times; whatever is stored or sent stays UTC.

A zone is known by its IANA name. Its rules are asked of the standard library, which takes them from
the system or from the ``tzdata`` package. Every instant has one wall time; a wall time has two
instants where the clocks go back, and none where they go forward.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tickreel.errors import UsageError
from tickreel.market.time import (
    EARLIEST_US,
    LATEST_US,
    US_PER_DAY,
    US_PER_SECOND,
    day_of,
    day_start_us,
    parse_instant,
)
from tickreel.market.units import THIN_SPACE, format_clock, format_stamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US_PER_MINUTE = 60 * US_PER_SECOND
_ONE_SECOND = timedelta(seconds=1)
_NAMES_ZONE = re.compile(r" ?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Change:
    """A moment at which the clocks of a zone are put forward or back."""

    at_us: int
    before_us: int
    """Offset from UTC until then."""
    after_us: int
    """Offset from UTC from then on."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone. A *wall* time is what its clocks show, in microseconds as though they showed UTC.

    Instants outside 2010 to 2100 have the offset of the nearer end, so that no instant is refused.
    """

    name: str = "UTC"
    """IANA name, such as ``Europe/London``."""

    @classmethod
    def named(cls, name: str) -> Zone:
        """Take the zone of a name.

        Raises:
            UsageError: there is no such zone on this machine.
        """
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(f"{name!r} is not a time zone of this machine: write one such as UTC") from None
        return cls(name)

    @property
    def is_utc(self) -> bool:
        """Tell whether it is UTC itself."""
        return self.name == "UTC"

    def offset_us(self, at_us: int) -> int:
        """Give how far the clocks are ahead of UTC at an instant."""
        if self.is_utc:
            return 0
        at_us = min(max(at_us, EARLIEST_US), LATEST_US - 1)
        return _offset_us(self.name, at_us // US_PER_SECOND)

    def wall_us(self, at_us: int) -> int:
        """Give what the clocks show at an instant."""
        return at_us + self.offset_us(at_us)

    def day_of(self, at_us: int) -> date:
        """Give the date on the calendar of this zone; a *day* of data is a UTC day, not this."""
        return day_of(self.wall_us(at_us))

    def instants(self, wall_us: int) -> tuple[int, ...]:
        """Find when the clocks show a wall time: once, never (put forward), or twice (put back)."""
        # The offset is at most 14 hours, so that a day on either side is before and after any change.
        offsets = {self.offset_us(wall_us - US_PER_DAY), self.offset_us(wall_us + US_PER_DAY)}
        return tuple(
            sorted(wall_us - offset for offset in offsets if self.offset_us(wall_us - offset) == offset)
        )

    def is_repeated(self, at_us: int) -> bool:
        """Tell whether the clocks show the same wall time at another instant too."""
        return not self.is_utc and len(self.instants(self.wall_us(at_us))) > 1

    def starts_day(self, at_us: int) -> bool:
        """Tell whether a date begins at an instant; that is not at 00:00 where midnight is left out."""
        return self.day_of(at_us) != self.day_of(at_us - 1)

    def day_start_us(self, day: date) -> int:
        """Find the first instant of a date of this zone."""
        wall_us = day_start_us(day)
        found = self.instants(wall_us)
        if found:
            return found[0]
        changes = self.changes(wall_us - US_PER_DAY, wall_us + US_PER_DAY)
        return next(each.at_us for each in changes if wall_us < each.at_us + each.after_us)

    def changes(self, start_us: int, end_us: int) -> list[Change]:
        """List the changes of the clocks in [start, end]."""
        if self.is_utc:
            return []
        years = range(day_of(max(start_us, EARLIEST_US)).year, day_of(min(end_us, LATEST_US - 1)).year + 1)
        found = (change for year in years for change in _changes_of_year(self.name, year))
        return [change for change in found if start_us <= change.at_us <= end_us]

    def round_instants(self, start_us: int, end_us: int, step_us: int) -> list[int]:
        """List the instants of [start, end] at which the clocks show a multiple of *step_us*.

        Where midnight is left out, the first instant of the date stands for it.
        """
        found: set[int] = set()
        begin_us, offset_us = start_us, self.offset_us(start_us)
        changes = self.changes(start_us + 1, end_us)
        for until_us, next_us in [*((each.at_us, each.after_us) for each in changes), (end_us + 1, 0)]:
            first = -(-(begin_us + offset_us) // step_us) * step_us
            found.update(wall_us - offset_us for wall_us in range(first, until_us + offset_us, step_us))
            begin_us, offset_us = until_us, next_us
        for each in changes:
            midnight_us = (each.at_us + each.after_us) // US_PER_DAY * US_PER_DAY
            if each.at_us + each.before_us <= midnight_us and midnight_us % step_us == 0:
                found.add(each.at_us)
        return sorted(found)

    def short_name(self, at_us: int) -> str:
        """Name the zone as shortly as possible at an instant: ``UTC``, ``BST``, ``UTC+05:45``."""
        if self.is_utc:
            return self.name
        at_us = min(max(at_us, EARLIEST_US), LATEST_US - 1)
        name = datetime.fromtimestamp(at_us // US_PER_SECOND, ZoneInfo(self.name)).tzname() or ""
        return name if name.isalpha() else f"UTC{self.offset_text(at_us)}"

    def full_name(self, at_us: int) -> str:
        """Name the zone so that it cannot be taken for another one: ``Europe/London (BST)``."""
        return self.name if self.is_utc else f"{self.name} ({self.short_name(at_us)})"

    def offset_text(self, at_us: int) -> str:
        """Spell the offset at an instant: ``+05:30``."""
        minutes = self.offset_us(at_us) // _US_PER_MINUTE
        sign = "-" if minutes < 0 else "+"
        return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    def clock(self, at_us: int, decimals: int = 3) -> str:
        """Print the time of day: ``13:26:36.412``; with the offset when the clocks show it twice."""
        return format_clock(self.wall_us(at_us), decimals) + self._distinction(at_us)

    def stamp(self, at_us: int, decimals: int = 3) -> str:
        """Print date and time: ``2024-08-05 13:32:00.114``; with the offset when the clocks show it twice."""
        return format_stamp(self.wall_us(at_us), decimals) + self._distinction(at_us)

    def _distinction(self, at_us: int) -> str:
        return f" {self.offset_text(at_us)}" if self.is_repeated(at_us) else ""

    def parse(self, text: str) -> int:
        """Read a typed time: as :func:`parse_instant`, but without a zone it is a time of this one.

        Raises:
            UsageError: it cannot be read, or the clocks show it twice or never; the message says
                what to type instead.
        """
        # As it is printed: figures in groups, the offset apart.
        text = _NAMES_ZONE.sub(r"\1", text.strip().replace(THIN_SPACE, ""))
        if self.is_utc or _NAMES_ZONE.search(text) or text.isdigit():
            return parse_instant(text)
        wall_us = parse_instant(text)
        found = self.instants(wall_us)
        if len(found) == 1:
            return found[0]
        if found:
            offsets = " or ".join(self.offset_text(each) for each in found)
            raise UsageError(f"the clocks of {self.name} show {text} twice: add {offsets}")
        change = next(
            each
            for each in self.changes(wall_us - US_PER_DAY, wall_us + US_PER_DAY)
            if wall_us < each.at_us + each.after_us
        )
        from_text, to_text = (_hour_text(change.at_us + each) for each in (change.before_us, change.after_us))
        raise UsageError(
            f"the clocks of {self.name} never show {text}: they go from {from_text} straight to {to_text}"
        )


UTC_ZONE = Zone()
"""The zone of everything that is stored."""


def _hour_text(wall_us: int) -> str:
    minutes = wall_us % US_PER_DAY // _US_PER_MINUTE
    return f"{minutes // 60:02}:{minutes % 60:02}"


@lru_cache(maxsize=4096)
def _offset_us(name: str, at_s: int) -> int:
    """Remember offsets: an axis asks for those of the same moments frame after frame."""
    return _find_offset_us(name, at_s)


def _find_offset_us(name: str, at_s: int) -> int:
    offset = datetime.fromtimestamp(at_s, ZoneInfo(name)).utcoffset()
    return 0 if offset is None else offset // _ONE_SECOND * US_PER_SECOND


@lru_cache(maxsize=256)
def _changes_of_year(name: str, year: int) -> tuple[Change, ...]:
    """Find the changes of a UTC year: look at every day, and halve those over which the offset differs."""
    start_s = (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // _ONE_SECOND
    end_s = (datetime(year + 1, 1, 1, tzinfo=UTC) - _EPOCH) // _ONE_SECOND
    found = []
    for day_s in range(start_s, end_s, 86_400):
        before_us, after_us = _find_offset_us(name, day_s - 1), _find_offset_us(name, day_s + 86_399)
        if before_us == after_us:
            continue
        low_s, high_s = day_s - 1, day_s + 86_399
        while high_s - low_s > 1:
            middle_s = (low_s + high_s) // 2
            if _find_offset_us(name, middle_s) == before_us:
                low_s = middle_s
            else:
                high_s = middle_s
        found.append(Change(high_s * US_PER_SECOND, before_us, after_us))
    return tuple(found)
