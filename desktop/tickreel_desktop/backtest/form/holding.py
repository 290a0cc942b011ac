"""What is held of the symbols of a run: each UTC day of it in one word, what is missing, how many rows.

Plain values without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.backtest.tape import PLAYED
from tickreel.market.time import days_touched
from tickreel.store import DayState
from tickreel.store.model import Grade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel_desktop.replay.missing import MissingRows
    from tickreel_desktop.replay.offer import HeldSymbol


class DayMark(StrEnum):
    """How a day of a range stands, over all symbols and types: the gravest of them."""

    MISSING = "missing"
    BAD = "known bad"
    PARTIAL = "partial"
    NOTES = "held, with notes on its health"
    ABSENT = "absent at vendor"
    HERE = "held"


_ORDER = tuple(DayMark)


@dataclass(frozen=True, slots=True)
class Extent:
    """What a range amounts to."""

    days: tuple[tuple[date, DayMark], ...]
    missing: tuple[MissingRows, ...]
    rows: int
    problem: str
    """Why nothing can be run on a symbol; empty when all can."""
    bad: tuple[tuple[date, tuple[str, ...]], ...] = ()
    """The days that are known to be bad, with the kinds of what was found of each."""

    @property
    def held_days(self) -> int:
        """Days of which something is held."""
        return sum(mark not in (DayMark.MISSING, DayMark.ABSENT) for _, mark in self.days)

    @property
    def sound_stretch(self) -> tuple[date, date] | None:
        """Give first and last of the longest stretch of days that are held and not known to be bad."""
        best: list[date] = []
        stretch: list[date] = []
        for day, mark in self.days:
            stretch = [] if mark in (DayMark.BAD, DayMark.MISSING) else [*stretch, day]
            best = max(best, stretch, key=len)
        return (best[0], best[-1]) if best else None


def extent_of(symbols: Sequence[HeldSymbol], start_us: int, end_us: int) -> Extent:
    """Sum up [start_us, end_us) of some symbols."""
    missing = tuple(lack for each in symbols for lack in each.missing(start_us, end_us, PLAYED))
    lacking = {each.day for each in missing}
    days = tuple(
        (day, DayMark.MISSING if day in lacking else _mark_of(symbols, day))
        for day in days_touched(start_us, end_us)
    )
    rows = sum(each.rows_in(start_us, end_us, PLAYED)[0] for each in symbols)
    problem = next((each.lacking(PLAYED) for each in symbols if not each.played(PLAYED)), "")
    bad = tuple((day, _issues_of(symbols, day)) for day, mark in days if mark is DayMark.BAD)
    return Extent(days, missing, rows, problem, bad)


def _issues_of(symbols: Sequence[HeldSymbol], day: date) -> tuple[str, ...]:
    """Name the kinds of what was found of a day, over all symbols and types that are known to be bad."""
    found = (held.recorded.get(day) for each in symbols for held in each.played(PLAYED))
    bad = (one for one in found if one is not None and one.grade is Grade.BAD)
    return tuple(dict.fromkeys(issue for one in bad for issue in one.issues or ()))


def _mark_of(symbols: Sequence[HeldSymbol], day: date) -> DayMark:
    marks = []
    for each in symbols:
        for held in each.played(PLAYED):
            found = held.recorded.get(day)
            if found is None:
                marks.append(DayMark.MISSING)
            elif found.grade is Grade.BAD:
                marks.append(DayMark.BAD)
            elif found.state is DayState.PARTIAL:
                marks.append(DayMark.PARTIAL)
            elif found.state is DayState.ABSENT:
                marks.append(DayMark.ABSENT)
            else:
                marks.append(DayMark.NOTES if found.grade is Grade.USABLE else DayMark.HERE)
    return min(marks, key=_ORDER.index, default=DayMark.MISSING)
