"""What would become of a file that is not imported yet, without the reading of rows that finds it out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tickreel.market.types import DatasetKey

CHECKED_ROWS = 1000
"""How many rows are looked at."""


class Prospect(StrEnum):
    """What an import would do with one day of a file."""

    WOULD_STORE = "would_store"
    ALREADY_HERE = "already_here"
    WOULD_ADD_PART = "would_add_part"
    WOULD_REPLACE = "would_replace"
    OVERLAPS = "overlaps"
    """Rows of the same time are held from another file: unless they are equal, the import refuses it."""

    @property
    def is_refused(self) -> bool:
        """Whether the import would most likely refuse it."""
        return self is Prospect.OVERLAPS

    def given(self, *, replace: bool, complete: bool) -> Prospect:
        """Tell the same with the options of an import.

        *complete* rows stand for the whole day, which has no room beside another part.
        """
        if replace and self in (Prospect.OVERLAPS, Prospect.WOULD_ADD_PART):
            return Prospect.WOULD_REPLACE
        if complete and self is Prospect.WOULD_ADD_PART:
            return Prospect.OVERLAPS
        return self


@dataclass(frozen=True, slots=True)
class DayAhead:
    """One day of a file, as far as its first rows tell."""

    day: date
    prospect: Prospect


@dataclass(frozen=True, slots=True)
class FileAhead:
    """A file whose first rows are good."""

    path: Path
    key: DatasetKey
    days: tuple[DayAhead, ...]
    """Those of the checked rows, oldest first; the file may hold more unless *is_all*."""
    rows: int
    """Rows that were checked."""
    is_all: bool
    """Whether the file has no more rows."""
    file_bytes: int
    """Size on disk."""
