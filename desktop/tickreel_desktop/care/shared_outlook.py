"""Which days of a selection lie in the shared cache, which could go there, and what they take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tickreel.market.units import format_bytes, format_full
from tickreel_desktop.care.survey import place_of
from tickreel_desktop.care.table import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.fetch.sharing import SharedService
    from tickreel.market.types import DatasetKey
    from tickreel.shared.values import DayRecord
    from tickreel.store import Cache, Day
    from tickreel.store.model import DayRange


@dataclass(frozen=True, slots=True)
class SharedDay:
    """One day that lies in the shared cache."""

    key: DatasetKey
    day: date
    rows: int
    bytes: int
    is_here: bool
    """Whether this machine holds it as well."""

    @property
    def after(self) -> str:
        """Say where it is once it has left the shared cache."""
        return "stays on this machine" if self.is_here else "would have to be fetched again"


@dataclass(frozen=True, slots=True)
class SharedOutlook:
    """What is known of the days of a selection; made on a worker thread."""

    days: int
    there: tuple[SharedDay, ...]
    to_put: int
    """Days that are held here and are not there."""
    put_bytes: int
    nowhere: int
    """Days that are neither here nor there; absent ones left out."""
    unknown: int
    """Days of which the server did not say whether it has them."""
    trouble: str
    """Why it did not; empty when it said all."""

    @property
    def there_bytes(self) -> int:
        """What the days that are there take."""
        return sum(one.bytes for one in self.there)


def look_there(cache: Cache, service: SharedService, ranges: Sequence[DayRange]) -> SharedOutlook:
    """Look where the days of a selection lie.

    Raises:
        EnvironmentProblem: no shared cache is used, or the catalog cannot be read.
    """
    asked: dict[DatasetKey, list[date]] = {}
    for one in ranges:
        count = (one.last - one.first).days + 1
        asked.setdefault(one.key, []).extend(one.first + timedelta(days=number) for number in range(count))
    held: dict[tuple[DatasetKey, date], Day] = {}
    for key in asked:
        held.update({(key, day.day): day for day in cache.days(key.exchange, key.symbol, key.type)})
    found = service.whereabouts(asked)
    there = {(keys.key, keys.day): record for keys, record in found.found.items()}
    wanted = [(key, day) for key, days in asked.items() for day in days]
    to_put = [held[place].bytes for place in wanted if place not in there and _is_held(held.get(place))]
    nowhere = [place for place in wanted if place not in there and _is_lacking(held.get(place))]
    return SharedOutlook(
        days=len(wanted),
        there=tuple(_shared(place, there[place], held.get(place)) for place in wanted if place in there),
        to_put=len(to_put),
        put_bytes=sum(to_put),
        nowhere=len(nowhere),
        unknown=found.unknown,
        trouble="" if found.trouble is None else found.trouble.advice,
    )


def _shared(place: tuple[DatasetKey, date], record: DayRecord, held: Day | None) -> SharedDay:
    return SharedDay(*place, record.rows, record.stored_bytes, _is_held(held))


def _is_held(day: Day | None) -> bool:
    return day is not None and day.state.is_held


def _is_lacking(day: Day | None) -> bool:
    return day is None or day.state.is_hole


COLUMNS = (
    Column[SharedDay]("Dataset", 290, lambda one: str(one.key), lambda one: place_of(one.key, one.day)),
    Column[SharedDay]("Day", 96, lambda one: one.day.isoformat(), lambda one: one.day),
    Column[SharedDay](
        "Rows", 92, lambda one: format_full(one.rows), lambda one: one.rows, is_right=True, is_secondary=True
    ),
    Column[SharedDay]("Size", 84, lambda one: format_bytes(one.bytes), lambda one: one.bytes, is_right=True),
    Column[SharedDay]("After that", 200, lambda one: one.after, lambda one: one.after, is_secondary=True),
)
