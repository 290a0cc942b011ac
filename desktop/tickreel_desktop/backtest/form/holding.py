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

    @property
    def held_days(self) -> int:
        """Days of which something is held."""
        return sum(mark not in (DayMark.MISSING, DayMark.ABSENT) for _, mark in self.days)


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
    return Extent(days, missing, rows, problem)


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
