"""Eviction: which days leave by themselves, and which never do.

Only what an origin can serve again leaves by itself, and it leaves for good: through the
trash it would free nothing. What was imported or made here leaves by hand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tickreel.market.time import US_PER_DAY
from tickreel.settings import EvictionPolicy
from tickreel.store.care.trash import remove_files
from tickreel.store.model import REFETCHABLE_SQL, Source
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from tickreel.settings import StoreSettings
    from tickreel.store.care.trash import Trash, TrashEntry
    from tickreel.store.home import Home
    from tickreel.store.model import Day, DayRange
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database

_KEPT_FOR = {
    Source.IMPORT: "imported: it leaves by hand alone",
    Source.SAMPLE: "made here: it leaves by hand alone",
    Source.TARDIS_MACHINE: "recorded from tardis-machine: no origin serves the same rows again",
    Source.SHARED: "from the shared cache: it was none of the vendor's, and leaves by hand alone",
}

_ORDERS: dict[EvictionPolicy, Callable[[Day], tuple[int, ...]]] = {
    EvictionPolicy.LRU: lambda day: (day.used_order,),
    EvictionPolicy.LFU: lambda day: (day.hits, day.used_order),
    EvictionPolicy.LARGEST: lambda day: (-size_of(day), day.used_order),
    EvictionPolicy.OLDEST: lambda day: (day.day.toordinal(), day.used_order),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A day and why it goes, or why it stays."""

    day: Day
    reason: str


@dataclass(frozen=True, slots=True)
class EvictionPlan:
    """What would leave by itself now, and what would not."""

    policy: EvictionPolicy
    quota_bytes: int | None
    used_bytes: int
    """Days, keyframes and trash."""
    evict: tuple[Choice, ...]
    """In the order in which they go."""
    purge: tuple[TrashEntry, ...]
    keep: tuple[Choice, ...]

    @property
    def freed_bytes(self) -> int:
        """How much becomes free."""
        return sum(size_of(one.day) for one in self.evict) + sum(entry.bytes for entry in self.purge)

    @property
    def over_bytes(self) -> int:
        """How much lies beyond the quota even afterwards."""
        return (
            0 if self.quota_bytes is None else max(0, self.used_bytes - self.freed_bytes - self.quota_bytes)
        )


def size_of(day: Day) -> int:
    """Tell what a day takes on disk, keyframes included."""
    return day.bytes + day.keyframe_bytes


def plan_eviction(
    days: Sequence[Day], trash: Sequence[TrashEntry], settings: StoreSettings, now_us: int
) -> EvictionPlan:
    """Choose what leaves: what is over its time, then what is over the quota, in the policy's order."""
    used_bytes = sum(map(size_of, days)) + sum(entry.bytes for entry in trash)
    free_to_go = sorted((e for e in trash if e.is_refetchable and not e.holders), key=lambda e: e.id)
    retention_us = settings.trash_days * US_PER_DAY
    purge = [entry for entry in free_to_go if now_us - entry.trashed_us >= retention_us]
    kept = {id(day): reason for day in days if (reason := _reason_to_keep(day))}
    movable = [day for day in days if day.parts and id(day) not in kept]
    evict = [
        Choice(day, "expired") for day in movable if day.expires_us is not None and day.expires_us <= now_us
    ]
    if settings.quota_bytes is not None:
        over_bytes = used_bytes - settings.quota_bytes
        over_bytes -= sum(size_of(one.day) for one in evict) + sum(entry.bytes for entry in purge)
        gone = {entry.id for entry in purge}
        for entry in (entry for entry in free_to_go if entry.id not in gone):
            if over_bytes <= 0:
                break
            purge.append(entry)
            over_bytes -= entry.bytes
        expired = {id(one.day) for one in evict}
        order = _ORDERS[settings.eviction]
        for day in sorted((day for day in movable if id(day) not in expired), key=order):
            if over_bytes <= 0:
                break
            evict.append(Choice(day, "over the quota"))
            over_bytes -= size_of(day)
    going = {id(one.day) for one in evict}
    keep = [
        Choice(day, kept.get(id(day), "there is room for it"))
        for day in days
        if day.parts and id(day) not in going
    ]
    return EvictionPlan(
        settings.eviction, settings.quota_bytes, used_bytes, tuple(evict), tuple(purge), tuple(keep)
    )


def plan_of_chosen(days: Iterable[Day], settings: StoreSettings, used_bytes: int) -> EvictionPlan:
    """Let of chosen days all go that may; *used_bytes* is what the whole home takes."""
    held = [(day, _reason_to_keep(day)) for day in days if day.parts]
    return EvictionPlan(
        settings.eviction,
        settings.quota_bytes,
        used_bytes,
        evict=tuple(Choice(day, "chosen") for day, reason in held if reason is None),
        purge=(),
        keep=tuple(Choice(day, reason) for day, reason in held if reason is not None),
    )


def _reason_to_keep(day: Day) -> str | None:
    if day.pinned:
        return "pinned"
    sources = sorted({part.source for part in day.parts if not part.source.is_refetchable})
    return _KEPT_FOR[sources[0]] if sources else None


class Eviction:
    """Carries out what was planned; a day that was pinned in the meantime stays.

    All that changes anything raises UsageError in a home that was opened for reading only.
    """

    def __init__(
        self, home: Home, database: Database, catalog: Catalog, trash: Trash, settings: StoreSettings
    ) -> None:
        self._home = home
        self._database = database
        self._catalog = catalog
        self._trash = trash
        self._settings = settings

    def preview(self, ranges: Iterable[DayRange] | None = None, *, more_bytes: int = 0) -> EvictionPlan:
        """Tell what would leave now, of *ranges* all that may; nothing is changed.

        Without ranges it is what would leave by itself, once *more_bytes* more are held.
        """
        settings, quota_bytes = self._settings, self._settings.quota_bytes
        if more_bytes and quota_bytes is not None:
            settings = replace(settings, quota_bytes=max(0, quota_bytes - more_bytes))
        with self._database.snapshot():
            if ranges is not None:
                return plan_of_chosen(self._days_of(ranges), self._settings, self.used_bytes())
            return plan_eviction(
                self._catalog.all_days(), self._trash.entries(), settings, self._home.disk.now_us()
            )

    def run(self, ranges: Iterable[DayRange] | None = None) -> EvictionPlan:
        """Let go of what is to leave by itself, in one step; tell what went and what stayed.

        With *ranges* all of their days leave for good that may leave by themselves, and nothing else.
        """
        chosen = None if ranges is None else tuple(ranges)
        with Staging(self._home) as staging:
            with self._database.writing() as connection:
                plan = self.preview(chosen)
                parts = [part for one in plan.evict for part in one.day.parts]
                parts += [part for entry in plan.purge for part in entry.parts]
                if not plan.evict and not plan.purge:
                    return plan
                staging.list_moves([part.segment_id for part in parts])
                self._forget(connection, (one.day for one in plan.evict))
                self._trash.forget(connection, plan.purge)
            remove_files(self._home, staging, parts)
        return plan

    def run_if_due(self) -> EvictionPlan | None:
        """Run when a quota is passed or a time is over, and something may leave; else None.

        That is cheap to tell, also for a home over its quota whose days were all imported.
        """
        return self.run() if self._is_due() else None

    def _is_due(self) -> bool:
        now_us = self._home.disk.now_us()
        (row,) = self._database.rows(
            f"SELECT EXISTS (SELECT 1 FROM segment WHERE source IN {REFETCHABLE_SQL}) AS movable,"
            " (SELECT TOTAL(bytes + keyframe_bytes) FROM segment) AS used,"
            " EXISTS (SELECT 1 FROM day WHERE expires_us <= ?) AS expired,"
            " EXISTS (SELECT 1 FROM trash JOIN segment ON trash_id = trash.id"
            f"  WHERE trash.trashed_us <= ? AND source IN {REFETCHABLE_SQL}) AS stale",
            (now_us, now_us - self._settings.trash_days * US_PER_DAY),
        )
        quota_bytes = self._settings.quota_bytes
        is_over = quota_bytes is not None and row["used"] > quota_bytes
        return bool(row["movable"] and (row["expired"] or row["stale"] or is_over))

    def set_times(self) -> int:
        """Give an expiry to days that an origin can serve and that have none, as the setting asks.

        Gives the number of days that have one now and had none.
        """
        self._home.ensure_writable()
        if self._settings.ttl_days is None:
            return 0
        with self._database.writing() as connection:
            cursor = connection.execute(
                "UPDATE day SET expires_us = ? + ("
                "  SELECT MAX(imported_us) FROM segment WHERE segment.dataset_id = day.dataset_id"
                "  AND segment.day = day.day AND trashed_us IS NULL)"
                " WHERE expires_us IS NULL AND EXISTS ("
                "  SELECT 1 FROM segment WHERE segment.dataset_id = day.dataset_id"
                "  AND segment.day = day.day AND trashed_us IS NULL)"
                " AND NOT EXISTS ("
                "  SELECT 1 FROM segment WHERE segment.dataset_id = day.dataset_id"
                f"  AND segment.day = day.day AND trashed_us IS NULL AND source NOT IN {REFETCHABLE_SQL})",
                (self._settings.ttl_days * US_PER_DAY,),
            )
            return cursor.rowcount

    def _days_of(self, ranges: Iterable[DayRange]) -> list[Day]:
        found = {
            (day.key, day.day): day
            for one in ranges
            for day in self._catalog.days_between(one.key, one.first, one.last)
        }
        return list(found.values())

    def used_bytes(self) -> int:
        """Sum up what counts against the quota: days, keyframes and trash."""
        ((used,),) = self._database.tuples("SELECT TOTAL(bytes + keyframe_bytes) FROM segment")
        return int(used)

    def _forget(self, connection: sqlite3.Connection, days: Iterable[Day]) -> None:
        for day in days:
            self._catalog.forget_segments(connection, [part.segment_id for part in day.parts])
            self._catalog.drop_day(connection, day.key, day.day)
