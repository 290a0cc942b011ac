"""What is said of a day's health, and the form in which it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tickreel.store.model import Grade

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What is counted, in the order in which it is shown."""

    GAP = "gap"
    CROSSED = "crossed"
    EXCHANGE_TIME_BACK = "exchange_time_back"
    EXCHANGE_AFTER_LOCAL = "exchange_after_local"
    RESET = "reset"
    BEFORE_SNAPSHOT = "before_snapshot"
    DUPLICATE = "duplicate"
    PRECISION_CHANGE = "precision_change"
    SPLIT_SNAPSHOT = "split_snapshot"
    SNAPSHOT_MISMATCH = "snapshot_mismatch"


LOWERING = (Kind.GAP, Kind.CROSSED, Kind.SNAPSHOT_MISMATCH)
"""One of these and a day is no longer good."""

WITHOUT_CONCERN = (Kind.RESET, Kind.PRECISION_CHANGE)
"""Every day has the one, and an exchange may do the other at any time."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of local time [from_us, to_us) in which something was counted."""

    kind: Kind
    from_us: int
    to_us: int
    rows: int
    """How much was counted in it, in the unit of its kind; 0 for a gap, which has no rows."""
    note: str = ""

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "kind": self.kind.value,
            "from_us": self.from_us,
            "to_us": self.to_us,
            "rows": self.rows,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one day of a dataset."""

    grade: Grade
    counts: Mapping[Kind, int]
    """Of every kind."""
    snapshot_only: bool
    """The day has order-book rows and all of them are snapshot rows: no update can have been lost."""
    intervals: tuple[Interval, ...]
    """By time; at most a thousand of a kind, the closest joined where there were more."""

    @property
    def issues(self) -> tuple[Kind, ...]:
        """Name what was met that lowers the grade or calls for care."""
        return tuple(kind for kind in Kind if self.counts[kind] and kind not in WITHOUT_CONCERN)

    def to_form(self) -> dict[str, Any]:
        """Give it as values that JSON knows."""
        return {
            "grade": self.grade.value,
            "counts": {kind.value: self.counts[kind] for kind in Kind},
            "snapshot_only": self.snapshot_only,
            "intervals": [one.to_form() for one in self.intervals],
        }

    @classmethod
    def from_form(cls, form: Mapping[str, Any]) -> Health:
        """Read what :meth:`to_form` gave.

        Raises:
            KeyError, ValueError, TypeError: it is not of that form.
        """
        return cls(
            Grade(form["grade"]),
            {kind: int(form["counts"][kind.value]) for kind in Kind},
            bool(form["snapshot_only"]),
            tuple(Interval(**{**one, "kind": Kind(one["kind"])}) for one in form["intervals"]),
        )
