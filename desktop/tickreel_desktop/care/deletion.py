"""One act of deletion: days on their way to the trash, back from it, and there again; on worker threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.progress import UNWATCHED, Monitor
from tickreel_desktop.care.survey import in_pieces, ranges_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.store import Cache, Day
    from tickreel.store.care.trash import TrashEntry
    from tickreel.store.model import DayRange

_AT_ONCE = 50
"""Days of one dataset that go in one step; between two steps it may be cancelled."""


class Deletion:
    """Moves held days to the trash; *pinned* are those of them whose pins by hand are taken first."""

    def __init__(self, cache: Cache, days: Sequence[Day], pinned: Sequence[Day] = ()) -> None:
        self._cache = cache
        self._days = tuple(days)
        self._pinned = ranges_of(pinned)
        self.entries: list[TrashEntry] = []
        """What lies in the trash for it."""

    @property
    def ranges(self) -> list[DayRange]:
        """The days, in unbroken ranges."""
        return ranges_of(self._days)

    @property
    def bytes(self) -> int:
        """Size of what lies in the trash for it."""
        return sum(entry.bytes for entry in self.entries)

    def do(self, monitor: Monitor = UNWATCHED) -> None:
        """Move the days; what was moved before an error or a cancellation stays in :attr:`entries`.

        Raises:
            ConflictError: one was pinned in the meantime.
            NotHeldError: nothing is held of a range any more.
            Cancelled: the monitor said so.
        """
        total = len(self._days)
        self.entries = []
        for one in self._pinned:
            self._cache.life.pins.unpin(one)
        try:
            for piece in in_pieces(self.ranges, _AT_ONCE):
                monitor.report(len(self.entries), total, str(piece.key))
                self.entries += self._cache.life.trash.put(piece)
        finally:
            self._renew_health()

    def undo(self) -> None:
        """Put the days back with the times and the pins they had.

        Raises:
            NotHeldError: a version was purged in the meantime.
            ConflictError: something else is held of a day by now.
        """
        life = self._cache.life
        life.trash.restore(self.entries)
        gone = {(entry.key, entry.day) for entry in self.entries}
        back = [day for day in self._days if (day.key, day.day) in gone]
        for expires_us in {day.expires_us for day in back if day.expires_us is not None}:
            for one in ranges_of(day for day in back if day.expires_us == expires_us):
                life.expire(one, expires_us)
        for one in self._pinned:
            life.pins.pin(one)
        self._renew_health()
        self.entries = []

    def _renew_health(self) -> None:
        self._cache.renew_health(*self.ranges)
