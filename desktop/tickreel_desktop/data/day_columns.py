"""The recorded days of one dataset as arrays, made once: lists of all days are put together from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from tickreel.store import DayState, Source
from tickreel.store.model import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tickreel.store import Day

T = TypeVar("T")

STATES = tuple(DayState)
SOURCES = tuple(sorted(Source, key=lambda source: source.value))
GRADES = (Grade.BAD, Grade.USABLE, Grade.GOOD, None)


@dataclass(frozen=True, slots=True, eq=False)
class DayColumns:
    """One value a day in each array, oldest day first."""

    ordinals: npt.NDArray[np.int64]
    states: npt.NDArray[np.intp]
    """Places in :data:`STATES`; grades and sources are places in theirs."""
    grades: npt.NDArray[np.intp]
    sources: npt.NDArray[np.intp]
    rows: npt.NDArray[np.int64]
    bytes: npt.NDArray[np.int64]
    has_parts: npt.NDArray[np.bool_]
    source_bytes: npt.NDArray[np.float64]
    """Size of the files it came from; NaN where one of them is not known."""
    hits: npt.NDArray[np.int64]
    last_used_us: npt.NDArray[np.float64]
    """NaN where it was never used."""
    expires_us: npt.NDArray[np.float64]
    """NaN where it has no end."""
    touched_us: npt.NDArray[np.int64]
    pinned: npt.NDArray[np.bool_]
    by_hand: npt.NDArray[np.bool_]
    """No origin can serve it again: it leaves only by hand."""

    @classmethod
    def of(cls, days: Sequence[Day]) -> DayColumns:
        """Take the values down."""
        count = len(days)
        return cls(
            ordinals=integers((day.day.toordinal() for day in days), count),
            states=codes((day.state for day in days), STATES, count),
            grades=codes((day.grade for day in days), GRADES, count),
            sources=codes((day.source for day in days), SOURCES, count),
            rows=integers((day.rows for day in days), count),
            bytes=integers((day.bytes for day in days), count),
            has_parts=np.fromiter((bool(day.parts) for day in days), np.bool_, count),
            source_bytes=known((day.source_bytes for day in days), count),
            hits=integers((day.hits for day in days), count),
            last_used_us=known((day.last_used_us for day in days), count),
            expires_us=known((day.expires_us for day in days), count),
            touched_us=integers((touched_us(day) for day in days), count),
            pinned=np.fromiter((day.pinned for day in days), np.bool_, count),
            by_hand=np.fromiter((not day.is_refetchable for day in days), np.bool_, count),
        )


def joined(columns: Sequence[DayColumns], name: str) -> npt.NDArray[Any]:
    """Put one array of several datasets after each other."""
    # Of no datasets at all there is still an array of the right kind.
    return np.concatenate([getattr(each, name) for each in columns or (_NONE,)])


def touched_us(day: Day) -> int:
    """Give when a day was last used, or else stored; 0 where neither is known."""
    return max(day.last_used_us or 0, day.imported_us or 0)


def integers(values: Iterable[int], count: int) -> npt.NDArray[np.int64]:
    """Make an array of *count* whole numbers."""
    return np.fromiter(values, np.int64, count)


def known(values: Iterable[int | None], count: int) -> npt.NDArray[np.float64]:
    """Make an array of *count* values of which some are not known: NaN."""
    return np.fromiter((np.nan if value is None else value for value in values), np.float64, count)


def codes(values: Iterable[T], all_values: Sequence[T], count: int) -> npt.NDArray[np.intp]:
    """Make an array of the places that *count* values have in *all_values*."""
    numbers = {value: number for number, value in enumerate(all_values)}
    return np.fromiter((numbers[value] for value in values), np.intp, count)


_NONE = DayColumns.of(())
