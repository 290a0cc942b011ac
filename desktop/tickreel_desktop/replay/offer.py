"""What is held of the symbols of a replay, as its set-up sees it.

Plain values and arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us, days_touched
from tickreel.store import DayState
from tickreel_desktop.replay.missing import MissingRows
from tickreel_desktop.replay.naming import BOOK, USUAL_TYPES, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.market.types import DatasetKey, DataType
    from tickreel.replay import ReplayPlan
    from tickreel.store import Day
    from tickreel_desktop.replay.panel_choice import PanelChoice


@dataclass(frozen=True)
class HeldType:
    """One type of a symbol: its dataset, which may be the files of a group, and the recorded days of it."""

    key: DatasetKey
    days: tuple[Day, ...]
    """In time order."""

    @cached_property
    def recorded(self) -> Mapping[date, Day]:
        """What is recorded of each day."""
        return {day.day: day for day in self.days}

    @cached_property
    def states(self) -> Mapping[date, DayState]:
        """How each recorded day stands."""
        return {day.day: day.state for day in self.days}

    def prepare(self) -> None:
        """Work out ahead, on a worker thread, what is asked often."""
        _ = self.rows_us, self.sound, self.recorded, self._parts

    def state_of(self, day: date) -> DayState:
        """Tell how a day stands."""
        return self.states.get(day, DayState.MISSING)

    @cached_property
    def spans_us(self) -> tuple[tuple[int, int], ...]:
        """Give the stretches [from, to) that hold rows, in time order."""
        return tuple(
            (part.first_local_us, part.last_local_us + 1)
            for day in self.days
            for part in day.parts
            if part.first_local_us is not None and part.last_local_us is not None
        )

    @cached_property
    def rows_us(self) -> Mapping[int, tuple[int, int]]:
        """Give the stretch [from, to) that holds the rows of a day, by the day's first microsecond."""
        return {
            day_start_us(day.day): (day.first_local_us, day.last_local_us + 1)
            for day in self.days
            if day.first_local_us is not None and day.last_local_us is not None
        }

    @cached_property
    def sound(self) -> frozenset[date]:
        """The days that leave no hole."""
        return frozenset(day for day, state in self.states.items() if not state.is_hole)

    def unsound_us(self, start_us: int, end_us: int) -> list[tuple[int, int, DayState]]:
        """Give the days from a moment to another that are not held, joined to stretches [from, to)."""
        found: list[tuple[int, int, DayState]] = []
        for day in days_touched(start_us, end_us):
            state, from_us = self.state_of(day), day_start_us(day)
            if state.is_held:
                continue
            if found and found[-1][1:] == (from_us, state):
                found[-1] = (found[-1][0], from_us + US_PER_DAY, state)
            else:
                found.append((from_us, from_us + US_PER_DAY, state))
        return found

    def rows_in(self, start_us: int, end_us: int) -> tuple[int, bool]:
        """Count the rows of [start_us, end_us); tell whether parts cut through make that an estimate."""
        begin, end, rows = self._parts
        inside = np.minimum(end, end_us) - np.maximum(begin, start_us)
        share = np.clip(inside / (end - begin), 0.0, 1.0)
        return round(float(share @ rows)), bool(((share > 0) & (share < 1)).any())

    @cached_property
    def _parts(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Begin, end and rows of each part that has rows."""
        spans = np.array(self.spans_us, np.int64).reshape(-1, 2)
        rows = [part.rows for day in self.days for part in day.parts if part.first_local_us is not None]
        return spans[:, 0], spans[:, 1], np.array(rows, np.int64)


@dataclass(frozen=True)
class HeldSymbol:
    """One symbol and what is held of it."""

    exchange: str
    symbol: str
    types: Mapping[DataType, HeldType]
    """Empty when nothing is held of it."""

    @property
    def pair(self) -> tuple[str, str]:
        """Name it as plans do."""
        return self.exchange, self.symbol

    @property
    def name(self) -> str:
        """Name it for people."""
        return f"{self.exchange} {self.symbol}"

    @property
    def main(self) -> HeldType | None:
        """The type by which its time is shown: the order book, if one is held."""
        return self.types.get(BOOK) or next(iter(self.types.values()), None)

    @property
    def spans_us(self) -> tuple[tuple[int, int], ...]:
        """Give the stretches [from, to) that hold rows of its main type, in time order."""
        return () if self.main is None else self.main.spans_us

    def played(self, types: Sequence[DataType] | None) -> list[HeldType]:
        """List what is played of it where *types* are asked for; None is the usual ones."""
        return [self.types[one] for one in types or USUAL_TYPES if one in self.types]

    def lacking(self, types: Sequence[DataType] | None) -> str:
        """Say that there is nothing to play, or a type of which nothing is held; empty when all is well."""
        if not self.played(types):
            return f"Nothing is held of {self.name} that could be played"
        for one in types or ():
            if one not in self.types:
                return f"Nothing of the type {words_of([one])} is held of {self.name}"
        return ""

    def missing(self, start_us: int, end_us: int, types: Sequence[DataType] | None) -> list[MissingRows]:
        """Find the days that [start_us, end_us) touches and that would leave a hole."""
        played = self.played(types)
        days = frozenset(days_touched(start_us, end_us))
        return [
            MissingRows(self.name, day, tuple(each.key for each in played if day not in each.sound))
            for day in sorted(frozenset().union(*(days - each.sound for each in played)))
        ]

    def rows_in(self, start_us: int, end_us: int, types: Sequence[DataType] | None) -> tuple[int, bool]:
        """Count the rows of [start_us, end_us); tell whether parts cut through make that an estimate."""
        counts = [each.rows_in(start_us, end_us) for each in self.played(types)]
        return sum(rows for rows, _ in counts), any(is_estimate for _, is_estimate in counts)


@dataclass(frozen=True, slots=True)
class ReplayOffer:
    """What a form begins with."""

    symbols: tuple[HeldSymbol, ...]
    speed: float | None = 1.0
    """The speed to begin with, unless a plan says another; None is as fast as the machine goes."""
    plan: ReplayPlan | None = None
    """What was asked for before, of these symbols; None is the whole of what is held."""
    panels: PanelChoice | None = None
    """Which panels are shown; None leaves the boxes as they are."""


def span_us(symbols: Sequence[HeldSymbol]) -> tuple[int, int]:
    """Give the range [from, to), in whole seconds, of all rows that are held of any of some symbols.

    Raises:
        UsageError: there are none.
    """
    spans = [span for each in symbols for span in each.spans_us]
    if not spans:
        names = ", ".join(each.name for each in symbols) or "no symbol"
        raise UsageError(f"no order book is held of {names}: import one first")
    return _whole_seconds(min(begin for begin, _ in spans), max(end for _, end in spans))


def common_us(symbols: Sequence[HeldSymbol]) -> tuple[int, int]:
    """Give the range in which all of some symbols have rows, or that of any where there is none."""
    held = [each.spans_us for each in symbols if each.spans_us]
    begin = max((spans[0][0] for spans in held), default=0)
    end = min((max(end for _, end in spans) for spans in held), default=0)
    return _whole_seconds(begin, end) if begin < end else span_us(symbols)


def last_day_us(symbols: Sequence[HeldSymbol]) -> tuple[int, int]:
    """Give the last UTC day of which all that is played of some symbols is whole.

    Where there is none, it is what is held of the last day of the first one.

    Raises:
        UsageError: nothing is held.
    """
    held = [one for each in symbols for one in each.played(None)]
    days = [day for day in held[0].days if day.rows] if held else []
    if not days:
        raise UsageError(f"no order book is held of {symbols[0].name}: import one first")
    for day in reversed(days):
        if all(each.state_of(day.day) is DayState.PRESENT for each in held):
            start_us = day_start_us(day.day)
            return start_us, start_us + US_PER_DAY
    first_us, last_us = days[-1].first_local_us, days[-1].last_local_us
    assert first_us is not None
    assert last_us is not None  # it has rows
    return _whole_seconds(first_us, last_us + 1)


def last_hour_us(symbols: Sequence[HeldSymbol]) -> tuple[int, int]:
    """Give the last hour in which all of some symbols have rows."""
    begin, end = common_us(symbols)
    return max(begin, end - 3_600 * US_PER_SECOND), end


def _whole_seconds(begin_us: int, end_us: int) -> tuple[int, int]:
    second = US_PER_SECOND
    return begin_us // second * second, -(-end_us // second) * second
