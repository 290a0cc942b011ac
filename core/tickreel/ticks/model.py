"""What the tick store hands out: ticks, pages of them, and what became of a write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.market.types import DatasetKey

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
"""What a tick may hold under its keys: what JSON knows, with 64-bit integers and exact floats."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One stored tick."""

    id: int
    key: DatasetKey
    time_us: int
    sequence: int
    """Order of arrival among the ticks of its dataset and microsecond."""
    value: Mapping[str, Value]
    stored_us: int
    expires_us: int | None
    hits: int
    """How often it was got by its id or time; pages do not count here."""
    last_used_us: int
    """When it was last stored, got, or read in a page (for pages to the hour)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Ticks of a range in order of time and arrival, and where the next page begins."""

    ticks: tuple[Tick, ...]
    next_cursor: str | None
    """What to ask for to go on; None when the range holds no more."""


@dataclass(frozen=True, slots=True)
class Removed:
    """How many ticks were removed, and the bytes of their values as stored."""

    ticks: int
    value_bytes: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the ticks of one write."""

    stored: int
    """Ticks that are in the store now and were not before."""
    already_here: int
    """Ticks that were held already: same dataset, time and value."""
    ids: tuple[int, ...]
    """The row id of every tick given, in the order given."""
    evicted: Removed
    """What had to go to keep the store within its budget."""


@dataclass(frozen=True, slots=True)
class TickStats:
    """The store in figures, all of them counted or computed."""

    datasets: int
    ticks: int
    raw_bytes: int
    """The values before compression."""
    value_bytes: int
    """The values as they lie in the file."""
    used_bytes: int
    """What rows and indexes fill of the file: the figure that a budget limits."""
    file_bytes: int
    """The files on the disk, the write-ahead log included."""
    hits: int
    """Gets and pages that found something."""
    misses: int
    evicted_ticks: int
    expired_ticks: int

    @property
    def compression_ratio(self) -> float | None:
        """How many times smaller the values are than before compression; None without ticks."""
        return self.raw_bytes / self.value_bytes if self.value_bytes else None

    @property
    def hit_rate(self) -> float | None:
        """Part of the lookups that found something, from 0 to 1; None before the first."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else None
