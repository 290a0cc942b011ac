"""What the queue tells: jobs, and the days they want."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tickreel.fetch.states import FetchState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from tickreel.fetch.request import FetchRequest, Origin
    from tickreel.market.types import DatasetKey


INTERRUPTED = "interrupted; goes on when a fetch starts"
"""Why a day is queued that a process had begun which is gone."""
_BEGUN = (FetchState.RUNNING, FetchState.VERIFYING)


@dataclass(frozen=True, slots=True)
class FetchDay:
    """One day of a dataset on its way."""

    id: int
    key: DatasetKey
    day: date
    start_us: int
    end_us: int
    origin: Origin
    state: FetchState
    attempts: int
    """Tries that failed so far."""
    troubles: Mapping[str, int]
    """How many of them by each kind of trouble."""
    wait_until_us: int | None
    reason: str
    """Why it waits, failed, or is what it is; empty when there is nothing to say."""
    evidence: Path | None
    """What was kept of a failure."""
    bytes: int
    """Of its file that have come."""
    total_bytes: int | None
    rows: int | None
    file: Path | None
    """Its whole file, while that waits to be stored."""
    changed_us: int

    def tries(self, kind: str) -> int:
        """Count the tries that failed by one kind of trouble, the one that just did included."""
        return self.troubles.get(kind, 0) + 1

    def one_more(self, kind: str) -> dict[str, object]:
        """Give what changes of its record when a try fails by a kind of trouble."""
        troubles = {**self.troubles, kind: self.tries(kind)}
        return {"attempts": self.attempts + 1, "troubles": json.dumps(troubles)}

    def left(self) -> FetchDay:
        """Give it as it stands when nobody fetches: what was begun is queued."""
        return replace(self, state=FetchState.QUEUED, reason=INTERRUPTED) if self.state in _BEGUN else self

    def __str__(self) -> str:
        return f"{self.key} {self.day}"


@dataclass(frozen=True, slots=True)
class FetchJob:
    """What somebody asked for, and how far it has come."""

    id: int
    request: FetchRequest
    priority: int
    created_us: int
    standing_id: int | None
    days: Mapping[FetchState, int]
    """Days by state, those with none left out."""
    bytes: int
    total_bytes: int
    """Of the days whose size is known."""
    rows: int
    wait_until_us: int | None
    """When the first of its waiting days is tried again."""
    is_paused: bool
    """Whether no more of its days are begun; those on their way may still be so."""
    interrupted: int = 0
    """Of the queued days, those that a process had begun which is gone."""

    def left(self) -> FetchJob:
        """Give it as it stands when nobody fetches: what was begun is queued."""
        begun = sum(self.days.get(state, 0) for state in _BEGUN)
        if not begun:
            return self
        days = {state: count for state, count in self.days.items() if state not in _BEGUN}
        days[FetchState.QUEUED] = days.get(FetchState.QUEUED, 0) + begun
        return replace(self, days=days, interrupted=begun)

    @property
    def total(self) -> int:
        """Days in all."""
        return sum(self.days.values())

    @property
    def ended(self) -> int:
        """Days to which nothing more happens by itself."""
        return sum(count for state, count in self.days.items() if state.is_final)

    @property
    def done(self) -> int:
        """Days that have ended as they should: here, or known not to be had."""
        return sum(count for state, count in self.days.items() if state.is_good)

    @property
    def is_ended(self) -> bool:
        """Whether all its days have ended."""
        return self.ended == self.total

    @property
    def state(self) -> FetchState:
        """One word for all its days: the liveliest while it is under way, then the worst."""
        order = (
            FetchState.RUNNING,
            FetchState.VERIFYING,
            FetchState.QUEUED,
            FetchState.WAITING,
            FetchState.PAUSED,
            FetchState.FAILED,
            FetchState.CANCELLED,
            FetchState.PENDING,
            FetchState.DONE,
            FetchState.ABSENT,
        )
        return next((state for state in order if self.days.get(state)), FetchState.DONE)
