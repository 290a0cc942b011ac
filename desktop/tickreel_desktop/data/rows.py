"""One dataset as a row of the table: its sums, its recorded days, and how its span is covered.

Everything here is made off the UI thread from what the catalog says and never
changes afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from tickreel.market.units import format_full
from tickreel.store import Dataset, Day, DayState, summarise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey

_LETTERS = {
    DayState.PRESENT: "h",
    DayState.ABSENT: "a",
    DayState.PENDING: "u",
    DayState.MISSING: "m",
    DayState.PARTIAL: "p",
    DayState.DAMAGED: "x",
}
_STATES = {letter: state for state, letter in _LETTERS.items()}
_BY_GRAVITY = "xpmuah"
"""Letters from the gravest to the best: of several days in one pixel the gravest is shown."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The state of every day of a span, oldest first, one letter a day; equal spans are equal values."""

    letters: str

    @property
    def states(self) -> tuple[DayState, ...]:
        """The states, oldest first."""
        return tuple(_STATES[letter] for letter in self.letters)

    def shrunk(self, cells: int) -> tuple[DayState, ...]:
        """Give at most *cells* states; a cell that stands for several days shows the gravest of them."""
        count = len(self.letters)
        if count <= cells:
            return self.states
        edges = [count * cell // cells for cell in range(cells + 1)]
        return tuple(
            _STATES[min(self.letters[low:high], key=_BY_GRAVITY.index)] for low, high in pairwise(edges)
        )


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """What the table knows of one dataset."""

    dataset: Dataset
    days: tuple[Day, ...]
    """Recorded days, oldest first."""
    coverage: Coverage

    @property
    def exchange(self) -> str:
        """Name of the exchange, as the vendor spells it."""
        return self.dataset.key.exchange

    @property
    def symbol(self) -> str:
        """Name of the symbol, as the vendor spells it."""
        return self.dataset.key.symbol

    @property
    def first_day(self) -> date:
        """First recorded UTC day."""
        return self.dataset.first_day

    @property
    def last_day(self) -> date:
        """Last recorded UTC day."""
        return self.dataset.last_day

    @property
    def key(self) -> DatasetKey:
        """Name the dataset; no two rows share it."""
        return self.dataset.key

    @property
    def held_days(self) -> int:
        """Days with rows to read."""
        return sum(count for state, count in self.dataset.days.items() if state.is_held)

    @property
    def span_days(self) -> int:
        """Days from the first to the last recorded one, both counted."""
        return len(self.coverage.letters)


def dataset_rows(days: Iterable[Day]) -> list[DatasetRow]:
    """Make a row for every dataset from all recorded days, in the order of ``Cache.all_days``."""
    return [_row(key, tuple(found)) for key, found in groupby(days, key=lambda day: day.key)]


def _row(key: DatasetKey, days: tuple[Day, ...]) -> DatasetRow:
    first = days[0].day.toordinal()
    letters = [_LETTERS[DayState.MISSING]] * (days[-1].day.toordinal() - first + 1)
    for day in days:
        letters[day.day.toordinal() - first] = _LETTERS[day.state]
    return DatasetRow(summarise(key, list(days)), days, Coverage("".join(letters)))


def state_words(row: DatasetRow) -> str:
    """Say in words what is wrong with a dataset: ``complete``, ``2 missing, 1 partial``, ``partial``."""
    counts = row.dataset.days
    faults = [
        (state, count)
        for state in (DayState.DAMAGED, DayState.MISSING, DayState.PARTIAL, DayState.PENDING)
        if (count := counts.get(state, 0))
    ]
    if not faults:
        absent = counts.get(DayState.ABSENT, 0)
        return f"{format_full(absent)} absent at vendor" if absent else "complete"
    if len(faults) == 1 and faults[0][1] == row.span_days:
        return faults[0][0].value
    return ", ".join(f"{format_full(count)} {state.value}" for state, count in faults)


def gravest_state(row: DatasetRow) -> DayState:
    """Give the state that decides how a dataset is marked: damaged over missing and partial over the rest."""
    counts = row.dataset.days
    for state in (DayState.DAMAGED, DayState.MISSING, DayState.PARTIAL, DayState.PENDING):
        if counts.get(state, 0):
            return state
    return DayState.PRESENT


def haystack(row: DatasetRow) -> str:
    """Give the text in which a filter looks for its words."""
    key = row.key
    return f"{key.exchange} {key.symbol} {key.type} {state_words(row)}".casefold()


def filter_words(text: str) -> Sequence[str]:
    """Take a filter's text apart; a row passes when every word stands somewhere in its text."""
    return re.split(r"[\s,]+", text.casefold().strip(" ,\t")) if text.strip(" ,\t") else ()
