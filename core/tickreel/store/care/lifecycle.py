"""The life of days in a home: pinned, trashed, restored, expired, evicted, purged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, EnvironmentProblem, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY
from tickreel.settings import StoreSettings
from tickreel.store.care.eviction import Eviction, EvictionPlan
from tickreel.store.care.pins import Pins
from tickreel.store.care.room import ensure_room, kept_free_bytes
from tickreel.store.care.statistics import Statistics, gather_statistics
from tickreel.store.care.trash import Purged, Trash, TrashEntry, newest, overlaps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.store.home import Home
    from tickreel.store.model import Day, DayRange
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of the days of a range."""

    held: tuple[Day, ...]
    trashed: tuple[TrashEntry, ...]


class LifeCycle:
    """What may be done with days once they are stored; every method is one step, seen whole or not at all.

    In a home that was opened for reading only, all that would change anything raises UsageError.
    """

    def __init__(
        self, home: Home, database: Database, catalog: Catalog, settings: StoreSettings | None = None
    ) -> None:
        self._home = home
        self._database = database
        self._catalog = catalog
        self.settings = settings or StoreSettings()
        self.pins = Pins(home, database, catalog)
        self.trash = Trash(home, database, catalog, self.settings.keep_free_bytes)
        self.eviction = Eviction(home, database, catalog, self.trash, self.settings)

    def ensure_room(self, needed_bytes: int) -> None:
        """Stop before *needed_bytes* are written when they do not fit; see :func:`ensure_room`."""
        ensure_room(self._home.disk, self._home.root, needed_bytes, self.settings.keep_free_bytes)

    def room_bytes(self) -> int:
        """Tell how much can be taken in before the quota is passed, or the disk is as full as it may be.

        Raises:
            EnvironmentProblem: the catalog or the disk cannot be read.
        """
        free_bytes = self._home.disk.free_bytes(self._home.root)
        left_bytes = free_bytes - kept_free_bytes(self._home.root, self.settings.keep_free_bytes)
        if self.settings.quota_bytes is not None:
            left_bytes = min(left_bytes, self.settings.quota_bytes - self.eviction.used_bytes())
        return max(0, left_bytes)

    def statistics(self) -> Statistics:
        """Sum up the home."""
        return gather_statistics(self._home, self._database, self._catalog, self.settings.quota_bytes)

    def tidy(self) -> EvictionPlan | None:
        """Do what happens by itself: give times to days, and let go of what is over them or the quota."""
        self.eviction.set_times()
        return self.eviction.run_if_due()

    def versions(self, days: DayRange) -> Versions:
        """List what is held and what is in the trash of a range."""
        with self._database.snapshot():
            held = self._catalog.days_between(days.key, days.first, days.last)
            return Versions(tuple(held), tuple(self.trash.entries(days)))

    def restore(
        self, days: DayRange | None = None, *, trash_id: int | None = None, replace: bool = False
    ) -> list[Day]:
        """Put back one version, or of every day (of a range) the one that went to the trash last.

        Raises:
            UsageError: both a range and a version are named.
            NotHeldError: there is no such version.
            TickreelError: see :meth:`Trash.restore`.
        """
        self._home.ensure_writable()
        if trash_id is not None:
            if days is not None:
                raise UsageError(f"version {trash_id} is named by its number alone: leave the range out")
            return self.trash.restore([self.trash.entry(trash_id)], replace=replace)
        return self.trash.restore(newest(self._in_trash(days)), replace=replace)

    def in_the_way(self, entries: Iterable[TrashEntry]) -> list[tuple[TrashEntry, Day]]:
        """List the versions that overlap what is held and sound of their day, with that day."""
        found = []
        with self._database.snapshot():
            for entry in entries:
                day = self._catalog.day(entry.key, entry.day)
                if day is not None and overlaps(day.parts, entry.parts):
                    found.append((entry, day))
        return found

    def purge(
        self,
        days: DayRange | None = None,
        *,
        trash_id: int | None = None,
        older_than_days: int | None = None,
    ) -> Purged:
        """Remove versions for good: one, or those of a range, those that are old enough, or all.

        A range and an age may be given together. With all of them goes what was computed from rows
        and can be computed again.

        Raises:
            UsageError: a range or an age is given beside the one version, or an age below 0.
            NotHeldError: the named version is not in the trash, or nothing of the named range is.
            ConflictError: somebody still needs the one version that was named.
            EnvironmentProblem: files cannot be removed.
        """
        self._home.ensure_writable()
        if older_than_days is not None and older_than_days < 0:
            raise UsageError(f"{older_than_days} days in the trash: give a number from 0 on")
        if trash_id is not None:
            if days is not None or older_than_days is not None:
                raise UsageError(
                    f"version {trash_id} is named by its number alone: leave the range and the age out"
                )
            entry = self.trash.entry(trash_id)
            if entry.holders:
                raise ConflictError(f"{entry} is needed by {', '.join(entry.holders)} and is kept")
            return self.trash.purge([entry])
        entries: Iterable[TrashEntry] = self._in_trash(days) if days else self.trash.entries()
        if older_than_days is not None:
            before_us = self._home.disk.now_us() - older_than_days * US_PER_DAY
            entries = [entry for entry in entries if entry.trashed_us <= before_us]
        purged = self.trash.purge(entries)
        if days is None and older_than_days is None:
            self._clear_derived()
        return purged

    def _clear_derived(self) -> None:
        try:
            self._home.clear_derived()
        except OSError as error:
            raise EnvironmentProblem(
                f"the trash is purged, but files in {self._home.derived} cannot be removed: "
                f"{error.strerror or error}"
            ) from error

    def _in_trash(self, days: DayRange | None) -> list[TrashEntry]:
        entries = self.trash.entries(days)
        if not entries:
            where = f"of {days} " if days else ""
            raise NotHeldError(f"nothing {where}is in the trash: `tickreel cache trash` lists what is")
        return entries

    def expire(self, days: DayRange, expires_us: int | None) -> list[Day]:
        """Let the held days of a range leave by themselves from an instant on, or never (None).

        Raises:
            NotHeldError: nothing is held of the range.
            ConflictError: no origin can serve one of them again, so it never leaves by itself.
        """
        self._home.ensure_writable()
        with self._database.writing() as connection:
            held = [d for d in self._catalog.days_between(days.key, days.first, days.last) if d.parts]
            if not held:
                raise NotHeldError(f"nothing is held of {days}: `tickreel datasets --days` lists what is")
            own = next((day for day in held if not day.is_refetchable), None)
            if own is not None and expires_us is not None:
                raise ConflictError(
                    f"{days.key} {own.day} cannot be fetched again, so it never expires: "
                    "`tickreel cache evict` moves it to the trash"
                )
            self._catalog.set_expiry(connection, days.key, [day.day for day in held], expires_us)
            return [d for d in self._catalog.days_between(days.key, days.first, days.last) if d.parts]
