"""One dataset as a row of the table: its sums, its recorded days, and how its span is covered.

Everything here is made off the UI thread from what the catalog says and never
changes afterwards.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY
from tickreel.market.units import ABSENT, format_age, format_full
from tickreel.store import Dataset, Day, DayState, summarise
from tickreel.store.model import Grade
from tickreel_desktop.data.day_columns import DayColumns, touched_us

if TYPE_CHECKING:
    from collections.abc import Iterable
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
_WORDS = {Grade.GOOD: "Good", Grade.USABLE: "Usable", Grade.BAD: "Bad", None: "Not checked"}
_REASONS = {
    "gap": "with gaps",
    "crossed": "with crossed books",
    "snapshot_mismatch": "with lost updates",
    "exchange_time_back": "with exchange time going back",
    "exchange_after_local": "with exchange time after local time",
    "reset": "with resets",
    "before_snapshot": "with updates before a snapshot",
    "duplicate": "with duplicates",
    "precision_change": "with a finer price step",
    "split_snapshot": "with split snapshots",
}
"""What the kinds of a health report mean, said of days; the first three are why a day is no longer good."""
_BY_HAND = "until deleted"
_GRAVE_REASONS = ("gap", "crossed", "snapshot_mismatch")
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
    columns: DayColumns = field(repr=False, compare=False)
    """The same days as arrays."""
    issues: tuple[tuple[str, int], ...] = ()
    """Kinds of what the health reports found, each with the number of its days."""
    kept_by_hand: int = 0
    """Held days that no origin can serve again: they leave only by hand."""
    touched_us: int = 0
    """When a day was last used, or else stored."""

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
    def is_here(self) -> bool:
        """Whether anything is recorded of it here; else it lies in the shared cache alone."""
        return bool(self.days)

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
    found = Counter(kind for day in days if day.issues for kind in day.issues)
    return DatasetRow(
        summarise(key, list(days)),
        days,
        Coverage("".join(letters)),
        DayColumns.of(days),
        tuple((kind, found[kind]) for kind in _REASONS if found[kind]),
        sum(1 for day in days if day.state.is_held and not day.is_refetchable),
        max(touched_us(day) for day in days),
    )


def row_elsewhere(key: DatasetKey, first: date, last: date) -> DatasetRow:
    """Make the row of a dataset that lies in the shared cache alone."""
    span = (last - first).days + 1
    return DatasetRow(
        Dataset(key, first, last, {DayState.MISSING: span}, 0, 0, None, None),
        (),
        Coverage(_LETTERS[DayState.MISSING] * span),
        DayColumns.of(()),
    )


def state_words(row: DatasetRow) -> str:
    """Say in words what is wrong with a dataset: ``complete``, ``2 missing, 1 partial``, ``partial``."""
    if not row.is_here:
        return "in the shared cache only"
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
    if not row.is_here:
        return DayState.ABSENT
    counts = row.dataset.days
    for state in (DayState.DAMAGED, DayState.MISSING, DayState.PARTIAL, DayState.PENDING):
        if counts.get(state, 0):
            return state
    return DayState.PRESENT


def grade_word(grade: Grade | None) -> str:
    """Give the one word that says how far rows can be relied on."""
    return _WORDS[grade]


def health_words(row: DatasetRow) -> str:
    """Say in one word how far a dataset can be relied on, then why: ``Usable, 3 days with gaps``."""
    if not row.is_here:
        return state_words(row).capitalize()
    reasons = [] if (states := state_words(row)) == "complete" else [states]
    reasons += [
        _REASONS[kind] if days == row.span_days else _reason(kind, days)
        for kind, days in row.issues
        if kind in _GRAVE_REASONS
    ]
    return ", ".join((grade_word(row.dataset.grade), *reasons))


def health_tip(row: DatasetRow) -> str:
    """Say all that the health reports of a dataset found."""
    if not row.is_here:
        return "In the shared cache only: fetch its days, or play one of its book, to bring them here"
    found = [_reason(kind, days) for kind, days in row.issues]
    return "\n".join((f"{grade_word(row.dataset.grade)}: {state_words(row)}", *found))


def day_health_words(day: Day) -> str:
    """Say the same of one day: ``Usable, with gaps``."""
    reasons = [_REASONS[kind] for kind in _GRAVE_REASONS if kind in (day.issues or ())]
    return ", ".join((grade_word(day.grade), *reasons))


def _reason(kind: str, days: int) -> str:
    return f"{format_full(days)} {'day' if days == 1 else 'days'} {_REASONS[kind]}"


def used_words(last_used_us: int | None, now_us: int) -> str:
    """Say how long ago something was used."""
    return "never" if last_used_us is None else format_age(last_used_us, now_us)


def keep_words(row: DatasetRow, now_us: int) -> str:
    """Say how long a dataset is kept: ``3 of 8 pinned``, ``83 d more``, ``until deleted``."""
    pinned, held = row.dataset.pinned_days, row.held_days
    if pinned:
        return "pinned" if pinned >= held else f"{format_full(pinned)} of {format_full(held)} pinned"
    if not held:
        return ABSENT
    if row.kept_by_hand == held:
        return _BY_HAND
    return _time_left(row.dataset.expires_us, now_us)


def day_keep_words(day: Day, now_us: int) -> str:
    """Say how long one day is kept."""
    if day.pinned:
        return "pinned"
    if not day.state.is_held:
        return ABSENT
    return _time_left(day.expires_us, now_us) if day.is_refetchable else _BY_HAND


def _time_left(expires_us: int | None, now_us: int) -> str:
    if expires_us is None:
        return "until evicted"
    days = -((now_us - expires_us) // US_PER_DAY)
    return f"{format_full(days)} d more" if days > 0 else "expired"
