"""One act of restoring: versions on their way back from the trash, and there again; on worker threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.errors import ConflictError
from tickreel_desktop.care.survey import ranges_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tickreel.market.types import DatasetKey
    from tickreel.store import Cache, Day
    from tickreel.store.care.trash import TrashEntry
    from tickreel.store.model import DayRange

_Place = tuple["DatasetKey", "date"]


class Restoration:
    """Puts versions back; with *replaces*, what is held of their hours goes to the trash instead."""

    def __init__(self, cache: Cache, entries: Sequence[TrashEntry], *, replaces: bool) -> None:
        self._cache = cache
        self._entries = tuple(entries)
        self._replaces = replaces
        self._places = {(entry.key, entry.day) for entry in entries}
        self._beside: set[_Place] = set()
        """Days of which a version came to stand beside other hours."""
        self._swapped: list[TrashEntry] = []
        """What a version took the place of."""
        self.days: tuple[Day, ...] = ()
        """The days as they came back."""

    @property
    def keys(self) -> list[DatasetKey]:
        """The datasets of the versions."""
        return [key for key, _ in self._places]

    @property
    def is_undoable(self) -> bool:
        """Whether it can be taken back: a day leaves as a whole, with whatever came to stand beside it."""
        return not self._beside and len(self._places) == len(self._entries)

    @property
    def words(self) -> str:
        """Say what became of what was held of the days; empty where nothing was."""
        if self._swapped:
            return "What was here lies in the trash."
        return "It stands beside the other hours that are held." if self._beside else ""

    def do(self) -> None:
        """Put the versions back.

        Raises:
            NotHeldError: a version was purged in the meantime.
            ConflictError: what is held overlaps a version, which is not to replace it.
            TickreelError: a version, or what it stands beside, cannot be read.
        """
        was_held = {(day.key, day.day) for day in self._held()}
        known = self._ids()
        self.days = tuple(self._cache.life.trash.restore(self._entries, replace=self._replaces))
        self._swapped = [entry for entry in self._in_trash() if entry.id not in known]
        self._beside = was_held - {(entry.key, entry.day) for entry in self._swapped}
        self._cache.renew_health(*self._ranges())

    def undo(self) -> None:
        """Move the versions to the trash once more, and put back what they took the place of.

        Raises:
            NotHeldError: what was here before was purged in the meantime.
            ConflictError: a day has changed, or was pinned, in the meantime.
        """
        self._refuse_changed()
        trash = self._cache.life.trash
        known = self._ids()
        swapped = {(entry.key, entry.day) for entry in self._swapped}
        if swapped:
            trash.restore(self._swapped, replace=True)
        for one in ranges_of(day for day in self.days if (day.key, day.day) not in swapped):
            trash.put(one)
        self._entries = tuple(entry for entry in self._in_trash() if entry.id not in known)
        self._cache.renew_health(*self._ranges())

    def _refuse_changed(self) -> None:
        now = {(day.key, day.day): _segments(day) for day in self._held()}
        for day in self.days:
            if now.get((day.key, day.day)) != _segments(day):
                raise ConflictError(
                    f"{day.key} {day.day} has changed since it was restored: the trash has its versions"
                )

    def _ranges(self) -> list[DayRange]:
        return ranges_of(self.days)

    def _held(self) -> list[Day]:
        cache = self._cache
        days = (cache.day(key.exchange, key.symbol, key.type, day) for key, day in self._places)
        return [day for day in days if day is not None and day.parts]

    def _in_trash(self) -> Iterable[TrashEntry]:
        entries = self._cache.life.trash.entries()
        return (entry for entry in entries if (entry.key, entry.day) in self._places)

    def _ids(self) -> set[int]:
        return {entry.id for entry in self._in_trash()}


def _segments(day: Day) -> list[str]:
    return [part.segment_id for part in day.parts]
