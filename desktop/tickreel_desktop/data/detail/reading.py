"""What is read of a day or a year for the detail; everything here runs on a thread of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tickreel.errors import TickreelError
from tickreel.store import DayState
from tickreel.store.health import Interval, Kind
from tickreel.store.library.minutes import DayMinutes, day_minutes
from tickreel.store.library.peeking import Peek, peek

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel.store import Cache, Day
    from tickreel.store.care.trash import TrashEntry
    from tickreel.store.model import DayRange

MOST_INTERVALS = 20_000
"""More are counted, not listed."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayInterval:
    """An interval of the health report of a day."""

    day: date
    interval: Interval


@dataclass(frozen=True, slots=True)
class HealthList:
    """What the health reports of some days say."""

    counts: Mapping[Kind, int]
    """Of every kind that was met, in the order of kinds."""
    days_with: Mapping[Kind, int]
    intervals: tuple[DayInterval, ...]
    """By time, at most :data:`MOST_INTERVALS`."""
    is_cut: bool
    """There are more."""
    looked_at: int
    """Days whose report was read."""
    unknown: int
    """Days with rows that have no report; to make one is long work."""
    problems: tuple[str, ...]
    """Days whose rows cannot be read, each with its reason."""


@dataclass(frozen=True, slots=True)
class DayFiles:
    """The files of a day, in the order of its parts."""

    day: Day
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a day: the current one, or one in the trash."""

    day: date
    rows_sha256: str
    rows: int
    bytes: int
    source: str
    stored_us: int | None
    entry: TrashEntry | None
    """None for the version that is held."""
    differs: bool
    """Its rows are others than those that are held now."""


def health_of_day(cache: Cache, day: Day) -> HealthList:
    """Read the report of one day, which is computed where it is not known."""
    return _listed(cache, (day,), None)


def health_of_days(cache: Cache, days: Sequence[Day], monitor: Monitor) -> HealthList:
    """Read the reports that are kept of some days of a dataset, oldest first.

    Raises:
        Cancelled: the monitor said so.
    """
    return _listed(cache, days, monitor)


def _listed(cache: Cache, days: Sequence[Day], monitor: Monitor | None) -> HealthList:
    counts = dict.fromkeys(Kind, 0)
    days_with = dict.fromkeys(Kind, 0)
    found: list[DayInterval] = []
    problems: list[str] = []
    is_cut = False
    looked_at = unknown = 0
    for done, day in enumerate(days):
        if monitor is not None:
            monitor.report(done, len(days))
        if day.state is DayState.DAMAGED:
            problems.append(f"{day.day}: damaged, fetch or import it again")
            continue
        if not day.state.is_held:
            continue
        if monitor is not None and day.grade is None:
            unknown += 1
            continue
        key = day.key
        try:
            read = cache.health(key.exchange, key.symbol, key.type, day.day, day.day + _ONE_DAY)
        except TickreelError as error:
            problems.append(f"{day.day}: {error}")
            continue
        for _, health in read:
            if health is None:
                continue
            looked_at += 1
            for kind in Kind:
                counts[kind] += health.counts[kind]
                days_with[kind] += health.counts[kind] > 0
            room = MOST_INTERVALS - len(found)
            is_cut |= len(health.intervals) > room
            found += (DayInterval(day.day, one) for one in health.intervals[:room])
    met = [kind for kind in Kind if counts[kind]]
    return HealthList(
        counts={kind: counts[kind] for kind in met},
        days_with={kind: days_with[kind] for kind in met},
        intervals=tuple(found),
        is_cut=is_cut,
        looked_at=looked_at,
        unknown=unknown,
        problems=tuple(problems),
    )


def minutes_of(cache: Cache, day: Day, monitor: Monitor) -> DayMinutes:
    """Sum up the minutes of a held day."""
    return day_minutes(cache.library, day, monitor)


def rows_from(cache: Cache, day: Day, from_us: int, rows: int) -> Peek:
    """Read some rows of a held day."""
    return peek(cache.library, day, from_us, rows)


def files_of(cache: Cache, day: Day) -> DayFiles:
    """Name the files of a day."""
    return DayFiles(day, tuple(cache.library.file_of(part) for part in day.parts))


def versions_of(cache: Cache, day: DayRange) -> tuple[Version, ...]:
    """List the versions of a day: the one that is held, then those in the trash, the newest first."""
    versions = cache.life.versions(day)
    held = next((one for one in versions.held if one.parts), None)
    found = []
    if held is not None:
        found.append(
            Version(
                day=held.day,
                rows_sha256=held.rows_sha256,
                rows=held.rows,
                bytes=held.bytes,
                source=held.source.value,
                stored_us=held.imported_us,
                entry=None,
                differs=False,
            )
        )
    for entry in sorted(versions.trashed, key=lambda one: one.id, reverse=True):
        newest = max(entry.parts, key=lambda part: part.imported_us, default=None)
        found.append(
            Version(
                day=entry.day,
                rows_sha256=entry.rows_sha256,
                rows=entry.rows,
                bytes=entry.bytes,
                source="" if newest is None else newest.source.value,
                stored_us=None if newest is None else newest.imported_us,
                entry=entry,
                differs=held is not None and entry.rows_sha256 != held.rows_sha256,
            )
        )
    return tuple(found)


def minutes_key(day: Day) -> tuple[object, ...]:
    """Name what the figures of a day follow from; a book that is carried into it is not looked at."""
    return ("minutes", day.key, day.day, day.rows_sha256, tuple(part.segment_id for part in day.parts))
