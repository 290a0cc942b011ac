"""What a table lists, prepared off the thread of the window: rows, sort keys, and what filters look at.

A filter never looks at rows one by one. What a word may stand in is kept as few different texts with a
code for each row, so that a word is looked for in some hundred texts and not in a hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from tickreel.store import Dataset, DayState
from tickreel_desktop.data.day_columns import GRADES, SOURCES, STATES, codes, integers, joined, known
from tickreel_desktop.data.rows import DatasetRow, grade_word, state_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tickreel.market.types import DatasetKey
    from tickreel.store import Day

Keys = npt.NDArray[Any]
"""One sort key a row: integers, or float64 where NaN, which sorts last either way, stands for none."""
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
R = TypeVar("R")

DAYS_PER_DATASET = 1 << 22
"""More than ordinals of days go: by it dataset and day make one number."""
_INCOMPLETE = (DayState.MISSING, DayState.PARTIAL, DayState.PENDING, DayState.DAMAGED)


@dataclass(frozen=True, slots=True, eq=False)
class Facet:
    """Different texts, in lower case, and for each row which of them is its own."""

    texts: tuple[str, ...]
    codes: Places

    def holding(self, word: str) -> Mask:
        """Tell of each row whether a word stands in its text."""
        found = np.fromiter((word in text for text in self.texts), np.bool_, len(self.texts))
        return found[self.codes]

    def equal_to(self, text: str) -> Mask | None:
        """Tell of each row whether its text is this one; None where that is the text of none."""
        return self.codes == self.texts.index(text) if text in self.texts else None

    def of(self, rows: Places) -> Facet:
        """Give the facet of a list whose rows belong to these."""
        return Facet(self.texts, self.codes[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Listing(Generic[R]):
    """Rows in the order of their names, with all that is needed to arrange them."""

    rows: Sequence[R]
    keys: Mapping[str, Keys]
    """By the ids of the columns."""
    words: tuple[Facet, ...]
    """What the words of a filter may stand in."""
    names: Mapping[str, Facet]
    """Exchange, symbol and type."""
    states: Mapping[str, Mask]
    grades: Mapping[str, Mask]
    pinned: Mask
    touched_us: npt.NDArray[np.int64]
    years: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
    """The first and the last year that a row touches."""
    datasets: tuple[DatasetKey, ...]
    idents: npt.NDArray[np.int64]
    """Number of the dataset, times ``DAYS_PER_DATASET``, plus the ordinal of the day: ascending."""
    shared: npt.NDArray[np.int64] | None = None
    """Days of each row that lie in the shared cache, -1 where that is not known; None without one."""

    def position_of(self, before: Listing[R], places: Places) -> Places:
        """Find rows of an earlier list in this one; those that are gone are left out."""
        if before is self or not len(places):
            return places
        numbers = {key: number for number, key in enumerate(self.datasets)}
        moved = np.array([numbers.get(key, -1) for key in before.datasets], np.int64)
        dataset, ordinal = np.divmod(before.idents[places], DAYS_PER_DATASET)
        wanted = moved[dataset] * DAYS_PER_DATASET + ordinal
        found = np.searchsorted(self.idents, wanted)
        found[found == len(self.idents)] = 0
        is_here = (moved[dataset] >= 0) & (self.idents[found] == wanted if len(self.idents) else False)
        return found[is_here]

    def lists_the_same_as(self, other: Listing[R]) -> bool:
        """Whether both name the same datasets or days, in the same order."""
        return self.datasets == other.datasets and np.array_equal(self.idents, other.idents)


@dataclass(frozen=True, slots=True, eq=False)
class Holdings:
    """Everything that is held, as both tables list it; make it on a worker thread."""

    datasets: Listing[DatasetRow]
    days: Listing[Day]

    @classmethod
    def of(cls, rows: Iterable[DatasetRow]) -> Holdings:
        """Prepare rows of datasets and all their days."""
        ordered = tuple(sorted(rows, key=lambda row: (row.exchange, row.symbol, row.key.type.value)))
        datasets = _list_datasets(ordered)
        return cls(datasets, _list_days(ordered, datasets))


def _facet(texts: Sequence[str]) -> Facet:
    """Tell different texts apart; their codes are in the order of the texts."""
    if not texts:
        return Facet((), np.empty(0, np.intp))
    different, codes = np.unique(np.array(texts, dtype=np.str_), return_inverse=True)
    return Facet(tuple(different.tolist()), codes.astype(np.intp))


def _grade_masks(grades: Places) -> dict[str, Mask]:
    bad, usable, good, unchecked = (grades == code for code in range(len(GRADES)))
    return {"bad": bad, "usable": usable, "good": good, "unchecked": unchecked, "problem": bad | usable}


def _shares(sizes: Keys, counts: Keys) -> npt.NDArray[np.float64]:
    shares = np.full(len(counts), np.nan)
    np.divide(sizes, counts, out=shares, where=counts > 0)
    return shares


def _list_datasets(rows: tuple[DatasetRow, ...]) -> Listing[DatasetRow]:
    count = len(rows)
    datasets = [row.dataset for row in rows]

    def sums(value: Callable[[Dataset], int]) -> npt.NDArray[np.int64]:
        return integers((value(dataset) for dataset in datasets), count)

    names = {
        "exchange": _facet([row.exchange for row in rows]),
        "symbol": _facet([row.symbol for row in rows]),
        "type": _facet([row.key.type.value for row in rows]),
    }
    grades = codes((dataset.grade for dataset in datasets), GRADES, count)
    first, last = sums(lambda d: d.first_day.toordinal()), sums(lambda d: d.last_day.toordinal())
    held = integers((row.held_days for row in rows), count)
    span = last - first + 1
    sizes, counts = sums(lambda d: d.bytes), sums(lambda d: d.rows)
    faults = np.array(
        [[dataset.days.get(state, 0) for state in _INCOMPLETE] for dataset in datasets], np.int64
    ).reshape(count, len(_INCOMPLETE))
    states = {state.value: faults[:, place] > 0 for place, state in enumerate(_INCOMPLETE)}
    states["present"] = sums(lambda d: d.days.get(DayState.PRESENT, 0)) > 0
    states["absent"] = sums(lambda d: d.days.get(DayState.ABSENT, 0)) > 0
    states["incomplete"] = faults.sum(axis=1) > 0
    pinned = sums(lambda d: d.pinned_days)
    words = tuple(
        f"{row.exchange} {row.symbol} {row.key.type} {state_words(row)} {grade_word(row.dataset.grade)}"
        f"{' pinned' if row.dataset.pinned_days else ''}".casefold()
        for row in rows
    )
    return Listing(
        rows=rows,
        keys={
            **{name: facet.codes for name, facet in names.items()},
            "days": held,
            "coverage": held / np.maximum(span, 1),
            # The worst first, of equal ones that with the most days at fault.
            "health": grades * 10_000_000 - np.minimum(faults.sum(axis=1), 9_999_999),
            "where": held,
            "first_day": first,
            "last_day": last,
            "rows": counts,
            "size": sizes,
            "bytes_per_row": _shares(sizes, counts),
            "hits": sums(lambda d: d.hits),
            "last_used": known((dataset.last_used_us for dataset in datasets), count),
            "keep": _kept_until(
                pinned > 0,
                integers((row.kept_by_hand for row in rows), count) >= np.maximum(held, 1),
                known((dataset.expires_us for dataset in datasets), count),
            ),
        },
        words=(Facet(words, np.arange(count)),),
        names={name: _lowered(facet) for name, facet in names.items()},
        states=states,
        grades=_grade_masks(grades),
        pinned=pinned > 0,
        touched_us=integers((row.touched_us for row in rows), count),
        years=(sums(lambda d: d.first_day.year), sums(lambda d: d.last_day.year)),
        datasets=tuple(row.key for row in rows),
        idents=np.arange(count, dtype=np.int64) * DAYS_PER_DATASET,
    )


def _list_days(rows: tuple[DatasetRow, ...], datasets: Listing[DatasetRow]) -> Listing[Day]:
    columns = [row.columns for row in rows]
    days = tuple(day for row in rows for day in row.days)
    owner = np.repeat(np.arange(len(rows)), [len(row.days) for row in rows])
    names = {name: facet.of(owner) for name, facet in datasets.names.items()}
    states, grades, sources = (joined(columns, name) for name in ("states", "grades", "sources"))
    dates, date_codes = np.unique(joined(columns, "ordinals"), return_inverse=True)
    calendar = [date.fromordinal(ordinal) for ordinal in dates.tolist()]
    years = np.array([day.year for day in calendar], np.int64)[date_codes]
    pinned, by_hand = joined(columns, "pinned"), joined(columns, "by_hand")
    whole_name = tuple(f"{row.exchange} {row.symbol} {row.key.type}".casefold() for row in rows)
    state_masks = {state.value: states == code for code, state in enumerate(STATES)}
    state_masks["incomplete"] = np.isin(states, [STATES.index(state) for state in _INCOMPLETE])
    return Listing(
        rows=days,
        keys={
            **{name: datasets.keys[name][owner] for name in names},
            "day": dates[date_codes],
            "state": states,
            "health": grades,
            "where": np.zeros(len(days), np.int64),
            "rows": joined(columns, "rows"),
            "size": joined(columns, "bytes"),
            "source": sources,
            "hits": joined(columns, "hits"),
            "last_used": joined(columns, "last_used_us"),
            "pinned": pinned.astype(np.int8),
            "keep": _kept_until(pinned, by_hand, joined(columns, "expires_us")),
        },
        words=(
            Facet(whole_name, owner),
            Facet(tuple(day.isoformat() for day in calendar), date_codes),
            Facet(tuple(state.value for state in STATES), states),
            Facet(tuple(grade_word(grade).casefold() for grade in GRADES), grades),
            Facet(tuple(source.value for source in SOURCES), sources),
            Facet(("", "pinned"), pinned.astype(np.intp)),
        ),
        names=names,
        states=state_masks,
        grades=_grade_masks(grades),
        pinned=pinned,
        touched_us=joined(columns, "touched_us"),
        years=(years, years),
        datasets=datasets.datasets,
        idents=owner * DAYS_PER_DATASET + dates[date_codes] if days else np.empty(0, np.int64),
    )


def _lowered(facet: Facet) -> Facet:
    return Facet(tuple(text.casefold() for text in facet.texts), facet.codes)


def _kept_until(pinned: Mask, by_hand: Mask, expires_us: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sort by the time that is left; without an end come the imported, after them the pinned."""
    never = np.where(by_hand, 2.0**62, expires_us)
    return np.where(pinned, 2.0**63, never)


NOTHING = Holdings.of(())
