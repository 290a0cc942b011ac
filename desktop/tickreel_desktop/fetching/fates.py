"""What becomes of each day, over all the datasets that are asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from tickreel.fetch.preflight import Action
from tickreel.market.units import format_full
from tickreel.store import DayState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from tickreel.fetch.preflight import PlannedDay
    from tickreel.store import Day


class Fate(StrEnum):
    """What is known of a day, or becomes of it; the first of several is the one that is drawn."""

    FETCH = "to fetch"
    REPLACE = "to replace"
    SHARED = "in the shared cache"
    BAD = "known bad"
    DENIED = "not in the plan"
    DAMAGED = "damaged"
    PARTIAL = "partial"
    PENDING = "not published yet"
    ABSENT = "absent at vendor"
    HERE = "here"

    @property
    def is_fetched(self) -> bool:
        """Whether it is to be downloaded."""
        return self in (Fate.FETCH, Fate.REPLACE)


_GRAVITY = {fate: place for place, fate in enumerate(Fate)}
_HELD = {
    DayState.PRESENT: Fate.HERE,
    DayState.PARTIAL: Fate.PARTIAL,
    DayState.ABSENT: Fate.ABSENT,
    DayState.DAMAGED: Fate.DAMAGED,
}


@dataclass(frozen=True, slots=True)
class DayFate:
    """One UTC day over all datasets."""

    counts: tuple[tuple[Fate, int], ...]
    """Datasets by fate, the gravest first."""
    reason: str = ""
    """Why the gravest has its fate, where that says more."""

    @property
    def fate(self) -> Fate:
        """The one that is drawn."""
        return self.counts[0][0]

    def words(self) -> str:
        """Say it: ``to fetch``, or ``2 to fetch, 1 here`` of several datasets."""
        if len(self.counts) == 1:
            told = self.fate.value
        else:
            told = ", ".join(f"{format_full(count)} {fate.value}" for fate, count in self.counts)
        return f"{told}: {self.reason}" if self.reason else told


def fate_of(item: PlannedDay) -> Fate:
    """Say what a plan makes of a day."""
    match item.action:
        case Action.HAVE | Action.FETCHED:
            return Fate.HERE
        case Action.SHARED:
            return Fate.SHARED
        case Action.FETCH:
            return Fate.FETCH
        case Action.REPLACE:
            return Fate.REPLACE
        case Action.LEFT:
            return Fate.BAD if item.flaw else Fate.PARTIAL
        case Action.ABSENT:
            return Fate.ABSENT
        case Action.PENDING:
            return Fate.PENDING
        case Action.DENIED:
            return Fate.DENIED
        case Action.FAILED | Action.CANCELLED:  # never before the start
            return Fate.DAMAGED
    assert_never(item.action)


def planned_fates(items: Iterable[PlannedDay]) -> dict[date, DayFate]:
    """Sum the days of a plan up over its datasets."""
    counts: dict[date, Counter[Fate]] = {}
    reasons: dict[tuple[date, Fate], str] = {}
    for item in items:
        fate = fate_of(item)
        counts.setdefault(item.day, Counter())[fate] += 1
        reasons.setdefault((item.day, fate), item.flaw or item.reason)
    return {
        day: DayFate(ordered := _ordered(found), reasons[day, ordered[0][0]]) for day, found in counts.items()
    }


def held_fates(days: Iterable[Day]) -> dict[date, DayFate]:
    """Sum the days that are recorded up over their datasets."""
    counts: dict[date, Counter[Fate]] = {}
    for day in days:
        fate = _HELD.get(day.state)
        if fate is not None:
            counts.setdefault(day.day, Counter())[fate] += 1
    return {day: DayFate(_ordered(found)) for day, found in counts.items()}


def _ordered(counts: Mapping[Fate, int]) -> tuple[tuple[Fate, int], ...]:
    return tuple(sorted(counts.items(), key=lambda each: _GRAVITY[each[0]]))
