"""What the tabs of the detail are about: a dataset, the day that is opened, the days that are chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.types import DataType
from tickreel_desktop.data.detail.day_words import range_words

if TYPE_CHECKING:
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store import Day

REPLAYED = frozenset({DataType.INCREMENTAL_BOOK_L2, DataType.TRADES})
"""Types at whose moments a replay can be opened."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One state of what is looked at."""

    key: DatasetKey
    opened: date
    """The UTC day that is opened."""
    day: Day | None
    """What is recorded of it."""
    in_span: bool
    """It lies between the first and the last recorded day."""
    first: date
    """The first of the days of which the health is told: those that are chosen, or a whole year."""
    last: date
    days: tuple[Day, ...]
    """What is recorded of these, oldest first."""

    @property
    def scope(self) -> str:
        """Name the days of which the health is told."""
        if (self.first.month, self.first.day, self.last.month, self.last.day) == (1, 1, 12, 31):
            return str(self.first.year)
        return range_words(self.first, self.last)

    @property
    def held_day(self) -> Day | None:
        """The opened day, where it has rows to read."""
        return self.day if self.day is not None and self.day.state.is_held else None


def version_of(day: Day | None) -> tuple[object, ...]:
    """Name what is told of a day: where this is the same there is nothing to read anew."""
    if day is None:
        return ()
    parts = tuple(part.segment_id for part in day.parts)
    return (day.key, day.day, day.state, day.rows_sha256, parts, day.grade, day.issues)
