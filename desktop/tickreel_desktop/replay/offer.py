"""What is held of the symbols of a replay, as its set-up sees it.

Plain values and arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_of, day_start_us, days_touched
from tickreel.market.types import DataType
from tickreel.store import DayState
from tickreel.store.model import DayRange
from tickreel_desktop.zone.times import day_text, utc_day_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from tickreel.market.types import DatasetKey
    from tickreel.replay import ReplayPlan
    from tickreel.store import Day

BOOK = DataType.INCREMENTAL_BOOK_L2
USUAL_TYPES = (BOOK, DataType.TRADES)
"""What is played of each symbol, as far as it is held, unless something else is asked for."""
_WORDS = {BOOK: "order book", DataType.TRADES: "trades"}
_MOST_NAMED = 4


@dataclass(frozen=True)
class HeldType:
    """One type of a symbol: its dataset, which may be the files of a group, and the recorded days of it."""

    key: DatasetKey
    days: tuple[Day, ...]
    """In time order."""

    @cached_property
    def states(self) -> Mapping[date, DayState]:
        """How each recorded day stands."""
        return {day.day: day.state for day in self.days}

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
class MissingRows:
    """A day of the range of which rows of a symbol that should be there are not held."""

    name: str
    day: date
    keys: tuple[DatasetKey, ...]

    @property
    def what(self) -> str:
        """Name the types in words."""
        return " and no ".join(words_of([key.type]) for key in self.keys)


@dataclass(frozen=True, slots=True)
class ReplayOffer:
    """What a form begins with."""

    symbols: tuple[HeldSymbol, ...]
    speed: float | None = 1.0
    """The speed to begin with, unless a plan says another; None is as fast as the machine goes."""
    plan: ReplayPlan | None = None
    """What was asked for before, of these symbols; None is the whole of what is held."""


def words_of(types: Iterable[DataType]) -> str:
    """Name types of data for people: ``order book, trades``."""
    return ", ".join(_WORDS.get(one, one.value.replace("_", " ")) for one in types)


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
        what = own[0].what if len({each.what for each in own}) == 1 else "complete rows"
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
