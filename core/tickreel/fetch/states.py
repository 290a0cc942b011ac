"""Where a day stands on its way from the vendor into the cache, and the moves it may make."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class FetchState(StrEnum):
    """Where one day of one dataset stands in the queue."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    WAITING = "waiting"
    """For a better moment, which is told, after something that time may cure."""
    VERIFYING = "verifying"
    """It has come whole, and is unpacked, checked and stored."""
    DONE = "done"
    ABSENT = "absent"
    """The vendor has none."""
    PENDING = "pending"
    """The vendor has not published it yet."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens by itself."""
        return self not in UNDER_WAY

    @property
    def is_good(self) -> bool:
        """Whether a job may end with it and have succeeded."""
        return self in (FetchState.DONE, FetchState.ABSENT, FetchState.PENDING)


UNDER_WAY = frozenset(
    {
        FetchState.QUEUED,
        FetchState.RUNNING,
        FetchState.PAUSED,
        FetchState.WAITING,
        FetchState.VERIFYING,
    }
)
"""States in which a day is still to be fetched; of a day there is one such record at most."""

_ENDS = frozenset(FetchState) - UNDER_WAY

MOVES: Mapping[FetchState, frozenset[FetchState]] = {
    FetchState.QUEUED: frozenset({FetchState.RUNNING, FetchState.PAUSED, FetchState.CANCELLED}),
    # Back to queued when whoever fetched it is gone.
    FetchState.RUNNING: frozenset(
        {FetchState.QUEUED, FetchState.VERIFYING, FetchState.WAITING, FetchState.PAUSED, *_ENDS}
    ),
    FetchState.VERIFYING: frozenset({FetchState.QUEUED, FetchState.WAITING, FetchState.PAUSED, *_ENDS}),
    FetchState.WAITING: frozenset(
        {FetchState.RUNNING, FetchState.QUEUED, FetchState.PAUSED, FetchState.CANCELLED}
    ),
    FetchState.PAUSED: frozenset({FetchState.QUEUED, FetchState.CANCELLED}),
    **dict.fromkeys(_ENDS, frozenset()),
}
"""Every move that a day may make; one that has ended stays as it is, and is asked for anew."""
