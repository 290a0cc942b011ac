"""What the catalog says of datasets, days and their parts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY, US_PER_SECOND, day_start_us

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey

SEGMENT_FORMAT = 1
"""The format in which segments are written and the only one that is read."""

_LATE_START_US = 10 * 60 * US_PER_SECOND
_EARLY_END_US = US_PER_DAY - 10 * 60 * US_PER_SECOND


class DayState(StrEnum):
    """How a day of a dataset stands; a day without a record is *missing*."""

    PRESENT = "present"
    PARTIAL = "partial"
    ABSENT = "absent"
    PENDING = "pending"
    DAMAGED = "damaged"
    MISSING = "missing"

    @property
    def is_held(self) -> bool:
        """Whether there are rows to read (a present day may have none)."""
        return self in (DayState.PRESENT, DayState.PARTIAL)

    @property
    def is_hole(self) -> bool:
        """Whether reading over it would leave out rows that should be there."""
        return self in (DayState.MISSING, DayState.PENDING, DayState.DAMAGED)


class Source(StrEnum):
    """Where the rows of a day came from."""

    IMPORT = "import"
    TARDIS = "tardis"
    TARDIS_MACHINE = "tardis-machine"
    SHARED = "shared"
    """The shared cache, whose rows the vendor may not be able to serve."""
    SHARED_TARDIS = "shared (tardis)"
    """The shared cache, where they came from the vendor's files."""
    SAMPLE = "sample"

    @property
    def is_refetchable(self) -> bool:
        """Whether the vendor serves the same rows again."""
        return self in (Source.TARDIS, Source.SHARED_TARDIS)

    @property
    def is_shared(self) -> bool:
        """Whether they came from the shared cache, wherever they were before."""
        return self in (Source.SHARED, Source.SHARED_TARDIS)


REFETCHABLE_SQL = "('tardis', 'shared (tardis)')"
"""For ``source IN``: the sources of which the vendor serves the same rows again."""


class Grade(StrEnum):
    """How far the rows of a day can be relied on, in one word."""

    GOOD = "good"
    USABLE = "usable"
    BAD = "bad"


def state_of_rows(day: date, first_local_us: int | None, last_local_us: int | None) -> DayState:
    """Judge one part by its first and last row: partial when it starts after 00:10 or ends before 23:50."""
    if first_local_us is None or last_local_us is None:
        return DayState.PRESENT
    start_us = day_start_us(day)
    whole = first_local_us - start_us <= _LATE_START_US and last_local_us - start_us >= _EARLY_END_US
    return DayState.PRESENT if whole else DayState.PARTIAL


def state_of_parts(parts: Sequence[Part]) -> DayState:
    """Judge a day by the parts that are held of it."""
    if not parts:
        return DayState.MISSING
    if any(part.is_damaged for part in parts):
        return DayState.DAMAGED
    start_us = day_start_us(parts[0].day)
    whole = len(parts) == 1 and (parts[0].start_us, parts[0].end_us) == (start_us, start_us + US_PER_DAY)
    return DayState.PRESENT if whole else DayState.PARTIAL


@dataclass(frozen=True, slots=True)
class Part:
    """One segment file: the rows of a day whose local time lies in [start_us, end_us)."""

    segment_id: str
    day: date
    start_us: int
    end_us: int
    rows: int
    messages: int
    bytes: int
    first_local_us: int | None
    last_local_us: int | None
    rows_sha256: str
    opens_with_snapshot: bool
    """An L2 part of one symbol whose first row is a snapshot row: no earlier row matters to it."""
    source: Source
    source_sha256: str | None
    imported_us: int
    keyframe_bytes: int = 0
    format: int = SEGMENT_FORMAT
    damaged_us: int | None = None
    """When its file was found to be damaged, or None."""
    source_bytes: int | None = None
    """Size of the file that its rows came from, where it is known."""

    @property
    def is_damaged(self) -> bool:
        """Whether it cannot be read: its file is damaged, or of a format that is no longer read."""
        return self.damaged_us is not None or self.format != SEGMENT_FORMAT


@dataclass(frozen=True, slots=True)
class Day:
    """A recorded UTC day of a dataset."""

    key: DatasetKey
    day: date
    state: DayState
    rows_sha256: str
    parts: tuple[Part, ...]
    """In time order."""
    grade: Grade | None = None
    """None while its health is not known."""
    issues: tuple[str, ...] | None = None
    """Kinds of what its health report found, or None while it is not known."""
    pinned: bool = False
    hits: int = 0
    last_used_us: int | None = None
    used_order: int = 0
    """Place in the order of use over all days, 0 = never: unlike last_used_us it follows no clock."""
    expires_us: int | None = None

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.parts)

    @property
    def messages(self) -> int:
        """Messages of all parts."""
        return sum(part.messages for part in self.parts)

    @property
    def bytes(self) -> int:
        """Size on disk of all parts, without keyframes."""
        return sum(part.bytes for part in self.parts)

    @property
    def keyframe_bytes(self) -> int:
        """Size on disk of the keyframes of all parts."""
        return sum(part.keyframe_bytes for part in self.parts)

    @property
    def first_local_us(self) -> int | None:
        """Local time of the first row, or None without rows."""
        return min((p.first_local_us for p in self.parts if p.first_local_us is not None), default=None)

    @property
    def last_local_us(self) -> int | None:
        """Local time of the last row, or None without rows."""
        return max((p.last_local_us for p in self.parts if p.last_local_us is not None), default=None)

    @property
    def source(self) -> Source:
        """Where its newest part came from; that there are no rows, only the vendor can say."""
        if not self.parts:
            return Source.TARDIS
        return max(self.parts, key=lambda part: part.imported_us).source

    @property
    def source_sha256(self) -> str | None:
        """SHA-256 of the file it came from, or None when it came from several."""
        digests = {part.source_sha256 for part in self.parts}
        return digests.pop() if len(digests) == 1 else None

    @property
    def source_bytes(self) -> int | None:
        """Size of the files its parts came from, or None where one of them is not known."""
        sizes = [part.source_bytes for part in self.parts]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def imported_us(self) -> int | None:
        """When its newest part was stored, or None without parts."""
        return max((part.imported_us for part in self.parts), default=None)

    @property
    def is_refetchable(self) -> bool:
        """Whether an origin can serve all its rows again."""
        return all(part.source.is_refetchable for part in self.parts)

    def covers(self, at_us: int) -> bool:
        """Tell whether an instant lies inside a held part."""
        return any(part.start_us <= at_us < part.end_us for part in self.parts)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with sums over its recorded days."""

    key: DatasetKey
    first_day: date
    last_day: date
    days: dict[DayState, int]
    """Number of days by state; *missing* counts the unrecorded days between first and last."""
    rows: int
    bytes: int
    first_local_us: int | None
    last_local_us: int | None
    keyframe_bytes: int = 0
    grade: Grade | None = None
    """The worst of its days, or None while none is known."""
    hits: int = 0
    last_used_us: int | None = None
    pinned_days: int = 0
    expires_us: int | None = None
    """When the first of its days expires, or None."""


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days of one dataset from *first* to *last*, both included."""

    key: DatasetKey
    first: date
    last: date

    def __str__(self) -> str:
        span = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.key} {span}"
