"""Days that a range of a replay lacks: named, fetched, or cut off.

Plain values and arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.store.model import DayRange
from tickreel_desktop.replay.naming import words_of
from tickreel_desktop.zone.times import day_text, utc_day_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache

    Places = frozenset[tuple[DatasetKey, date]]
    """Days of datasets."""

_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class MissingRows:
    """A day of the range of which rows of a symbol that should be there are not held."""

    name: str
    day: date
    keys: tuple[DatasetKey, ...]

    @property
    def what(self) -> str:
        """Name the types in words."""
        return " and no ".join(words_of([key.type]) for key in self.keys)


def parted(missing: Iterable[MissingRows], shared: Places) -> tuple[list[MissingRows], list[MissingRows]]:
    """Part what is missing here into what lies nowhere, and what a replay takes from the shared cache."""
    lost: list[MissingRows] = []
    coming: list[MissingRows] = []
    for each in missing:
        comes = all((key, each.day) in shared for key in each.keys)
        (coming if comes else lost).append(each)
    return lost, coming


def shared_places(cache: Cache, places: Places) -> Places:
    """Tell which days lie in the shared cache; none where nobody answers. It waits for the server."""
    farther = cache.farther
    asked: dict[DatasetKey, list[date]] = {}
    for key, day in sorted(places):
        asked.setdefault(key, []).append(day)
    return frozenset() if farther is None else frozenset(farther.days_there(asked))


def coming_text(coming: Sequence[MissingRows]) -> str:
    """Say what is taken from the shared cache; empty where nothing is."""
    days = sorted({each.day for each in coming})
    if not days:
        return ""
    come = "comes" if len(days) == 1 else "come"
    when = "when it opens" if len(days) == 1 else "while it plays"
    return f"{counted(len(days))} {come} from the shared cache {when}: {days_text(days)} (UTC)."


@dataclass(frozen=True, slots=True)
class RangeFix:
    """Another range that has no hole, or fewer, and the words for it."""

    text: str
    start_us: int
    end_us: int


def range_fix(missing: Sequence[MissingRows], start_us: int, end_us: int) -> RangeFix | None:
    """Shorten a range so that it ends before the first missing day, else begins after the last."""
    if not missing:
        return None
    days = {each.day for each in missing}
    first_us = day_start_us(min(days))
    if first_us > start_us:
        return RangeFix(f"End on {utc_day_text(day_of(first_us - 1))}", start_us, first_us)
    after_us = first_us
    while day_of(after_us) in days:
        after_us += US_PER_DAY
    if after_us < end_us:
        return RangeFix(f"Start on {utc_day_text(day_of(after_us))}", after_us, end_us)
    return None


def missing_text(missing: Sequence[MissingRows]) -> str:
    """Say in a sentence of each symbol, or of those that lack the same, which days are missing."""
    lacks: dict[str, list[str]] = {}
    for name in dict.fromkeys(each.name for each in missing):
        own = [each for each in missing if each.name == name]
        what = own[0].what if len({each.keys for each in own}) == 1 else "complete rows"
        lacks.setdefault(f"no {what} for {days_text([each.day for each in own])}", []).append(name)
    return " ".join(
        f"{' and '.join(names)} {'has' if len(names) == 1 else 'have'} {lack} (UTC)."
        for lack, names in lacks.items()
    )


def days_text(days: Sequence[date]) -> str:
    """Name a few days, and count the others."""
    named = ", ".join(day_text(day) for day in days[:_MOST_NAMED])
    more = len(days) - _MOST_NAMED
    return f"{named} and {more} more {'day' if more == 1 else 'days'}" if more > 0 else named


def ranges_of(missing: Iterable[MissingRows]) -> list[DayRange]:
    """Give the days that are missing as ranges of their datasets, each without a gap."""
    found: dict[DatasetKey, list[DayRange]] = {}
    for each in missing:
        for key in each.keys:
            ranges = found.setdefault(key, [])
            if ranges and day_start_us(each.day) - day_start_us(ranges[-1].last) <= US_PER_DAY:
                ranges[-1] = DayRange(key, ranges[-1].first, max(each.day, ranges[-1].last))
            else:
                ranges.append(DayRange(key, each.day, each.day))
    return [each for ranges in found.values() for each in ranges]


def counted(days: int) -> str:
    """Count days in words."""
    return "1 day" if days == 1 else f"{days} days"
