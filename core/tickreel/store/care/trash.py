"""The trash: versions of days that were taken away, to be put back or removed for good.

A version is what one act took of one day. Its files stay where they are until it is purged;
then the catalog forgets them first, with a list of them in staging, so that whatever ends
the process in between, the next start removes the rest. A session in staging stands around
each of these acts, so that the next start also makes the marks that were not made any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tickreel.errors import ConflictError, DataError, EnvironmentProblem, NotHeldError
from tickreel.market.time import format_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.care.room import ensure_room
from tickreel.store.care.verification import rows_sha256_of
from tickreel.store.model import state_of_parts
from tickreel.store.records.listing import PART_COLUMNS, part_of
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tickreel.store.home import Home
    from tickreel.store.model import Day, DayRange, Part
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database

_NAMED_AT_MOST = 10
_CATALOG_GROWTH_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """One version of a day in the trash; a higher *id* went there later."""

    id: int
    key: DatasetKey
    day: date
    trashed_us: int
    reason: str
    rows_sha256: str
    """Digest of its rows, or empty where it is some of several parts."""
    parts: tuple[Part, ...]
    """In time order."""
    holders: tuple[str, ...]
    """Who needs this very version, so that it is not purged."""

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(part.rows for part in self.parts)

    @property
    def bytes(self) -> int:
        """Size on disk, keyframes included."""
        return sum(part.bytes + part.keyframe_bytes for part in self.parts)

    @property
    def is_refetchable(self) -> bool:
        """Whether an origin can serve all its rows again."""
        return all(part.source.is_refetchable for part in self.parts)

    def __str__(self) -> str:
        return f"{self.key} {self.day} (version {self.id})"


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed for good, and what somebody still needs."""

    entries: tuple[TrashEntry, ...]
    kept: tuple[TrashEntry, ...]

    @property
    def freed_bytes(self) -> int:
        """Size of what was removed."""
        return sum(entry.bytes for entry in self.entries)


@dataclass(frozen=True, slots=True)
class _Return:
    """How a version comes back to what is held of its day."""

    entry: TrashEntry
    swapped: tuple[Part, ...]
    """What goes to the trash for it."""
    beside: tuple[Part, ...]
    """What stays held."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the day then holds, in time order."""
        return tuple(sorted((*self.beside, *self.entry.parts), key=lambda part: part.start_us))


class Trash:
    """Takes days away, and gives them back.

    All that changes anything raises UsageError in a home that was opened for reading only.
    """

    def __init__(
        self, home: Home, database: Database, catalog: Catalog, keep_free_bytes: int | None = None
    ) -> None:
        self._home = home
        self._database = database
        self._catalog = catalog
        self._keep_free_bytes = keep_free_bytes

    def entries(self, days: DayRange | None = None) -> list[TrashEntry]:
        """List what lies in the trash, by exchange, symbol, type, day and version."""
        with self._database.snapshot(), self._database.as_written():
            heads = self._database.rows(
                "SELECT trash.*, exchange, symbol, type FROM trash JOIN dataset ON dataset.id = dataset_id"
                " ORDER BY exchange, symbol, type, day, trash.id"
            )
            parts: dict[int, list[Part]] = {}
            for trash_id, *row in self._database.tuples(
                f"SELECT trash_id, dataset_id, {PART_COLUMNS} FROM segment WHERE trash_id IS NOT NULL"
                " ORDER BY trash_id, start_us"
            ):
                parts.setdefault(trash_id, []).append(part_of(tuple(row), date.fromisoformat(row[2])))
            pins = self._database.tuples(
                "SELECT dataset_id, day, rows_sha256, holder FROM pin WHERE holder <> '' ORDER BY holder"
            )
        holders: dict[tuple[int, str, str], list[str]] = {}
        for dataset_id, day, digest, holder in pins:
            holders.setdefault((dataset_id, day, digest), []).append(holder)
        with self._database.as_written():
            found = [
                TrashEntry(
                    id=head["id"],
                    key=DatasetKey(head["exchange"], head["symbol"], DataType(head["type"])),
                    day=date.fromisoformat(head["day"]),
                    trashed_us=head["trashed_us"],
                    reason=head["reason"],
                    rows_sha256=head["rows_sha256"],
                    parts=tuple(parts.get(head["id"], ())),
                    holders=tuple(holders.get((head["dataset_id"], head["day"], head["rows_sha256"]), ())),
                )
                for head in heads
            ]
        return [one for one in found if days is None or _is_in(one, days)]

    def entry(self, trash_id: int) -> TrashEntry:
        """Find one version by its id.

        Raises:
            NotHeldError: there is none.
        """
        return _found(next((one for one in self.entries() if one.id == trash_id), None), trash_id)

    def put(self, days: DayRange, reason: str = "by hand") -> list[TrashEntry]:
        """Move all held days of a range to the trash, or none of them.

        Raises:
            NotHeldError: nothing is held of the range.
            ConflictError: days of it are pinned.
        """
        with Staging(self._home) as staging:
            with self._database.writing() as connection:
                between = self._catalog.days_between(days.key, days.first, days.last)
                held = [day for day in between if day.parts]
                if not held:
                    raise NotHeldError(f"nothing is held of {days}: `tickreel datasets --days` lists what is")
                _refuse_pinned(held)
                parts = [part for day in held for part in day.parts]
                ids = self._catalog.trash(connection, parts, self._home.disk.now_us(), reason)
                for day in held:
                    self._catalog.drop_day(connection, day.key, day.day)
                put = [entry for entry in self.entries(days) if entry.id in ids]
            staging.mark_trashed(put=[part.segment_id for part in parts])
        return put

    def restore(self, entries: Sequence[TrashEntry], *, replace: bool = False) -> list[Day]:
        """Put versions back, all or none of them; give the days as they then stand.

        Where rows must be read, because a version comes to stand beside others of its day, nobody
        else is kept waiting for it.

        Raises:
            ConflictError: what is held overlaps a version, and *replace* does not swap it for that.
            NotHeldError: a version left the trash in the meantime.
            DataError: a version, or a part beside which it comes to stand, is damaged or of a format
                that is no longer read.
            EnvironmentProblem: its file is gone, or the disk is too full.
        """
        self._home.ensure_writable()
        ensure_room(self._home.disk, self._home.root, _CATALOG_GROWTH_BYTES, self._keep_free_bytes)
        with Staging(self._home) as staging:
            while True:
                with self._database.snapshot():
                    plan = self._plan(entries, replace=replace)
                try:
                    digests = [self._digest_after(one) for one in plan]
                except DataError:
                    if self._plan(entries, replace=replace) != plan:
                        continue  # a part was taken away while it was read: decide anew
                    raise
                with self._database.writing() as connection:
                    if self._plan(entries, replace=replace) != plan:
                        continue  # somebody else was faster: decide anew
                    now_us = self._home.disk.now_us()
                    for one, digest in zip(plan, digests, strict=True):
                        self._put_back(connection, one, digest, now_us)
                    places = dict.fromkeys((one.entry.key, one.entry.day) for one in plan)
                    days = [day for place in places if (day := self._catalog.day(*place)) is not None]
                break
            held = {part.segment_id for day in days for part in day.parts}
            swapped = {part.segment_id for one in plan for part in one.swapped}
            staging.mark_trashed(put=swapped - held, taken=held)
        return days

    def _plan(self, entries: Sequence[TrashEntry], *, replace: bool) -> list[_Return]:
        """Decide how versions come back, one after the other, to what is held just now."""
        in_trash = {entry.id: entry for entry in self.entries()}
        held: dict[tuple[DatasetKey, date], tuple[Part, ...]] = {}
        plan = []
        for asked in entries:
            entry = _found(in_trash.get(asked.id), asked.id)
            self._check_files(entry)
            place = (entry.key, entry.day)
            if place not in held:
                day = self._catalog.day(*place)
                held[place] = day.parts if day else ()
            one = _return_to(held[place], entry, replace=replace)
            held[place] = one.parts
            plan.append(one)
        return plan

    def _digest_after(self, one: _Return) -> str:
        """Give the digest of the rows that a day will hold; empty where a part of it is damaged."""
        if not one.beside and one.entry.rows_sha256:
            return one.entry.rows_sha256
        if any(part.is_damaged for part in one.beside):
            return ""
        paths = [self._home.segment_path(part.segment_id) for part in one.parts]
        return rows_sha256_of(one.entry.key, paths)

    def _put_back(self, connection: sqlite3.Connection, one: _Return, digest: str, now_us: int) -> None:
        entry = one.entry
        self._catalog.trash(connection, one.swapped, now_us, "swapped for an older version")
        connection.execute(
            "UPDATE segment SET trashed_us = NULL, trash_id = NULL WHERE trash_id = ?", (entry.id,)
        )
        connection.execute("DELETE FROM trash WHERE id = ?", (entry.id,))
        self._catalog.record_day(connection, entry.key, entry.day, state_of_parts(one.parts), digest)

    def _check_files(self, entry: TrashEntry) -> None:
        if any(part.is_damaged for part in entry.parts):
            raise DataError(f"{entry} cannot be read any more: import or fetch the day again")
        gone = [part for part in entry.parts if not self._home.segment_path(part.segment_id).exists()]
        if gone:
            path = self._home.segment_path(gone[0].segment_id)
            raise EnvironmentProblem(f"{entry} cannot be restored: its file {path} is gone")

    def purge(self, entries: Iterable[TrashEntry]) -> Purged:
        """Remove versions for good, but for those that somebody needs; what is gone already is no error."""
        wanted = {entry.id for entry in entries}
        with Staging(self._home) as staging:
            with self._database.writing() as connection:
                found = [entry for entry in self.entries() if entry.id in wanted]
                kept = tuple(entry for entry in found if entry.holders)
                gone = tuple(entry for entry in found if not entry.holders)
                parts = [part for entry in gone for part in entry.parts]
                staging.list_moves([part.segment_id for part in parts])
                self.forget(connection, gone)
            remove_files(self._home, staging, parts)
        return Purged(gone, kept)

    def forget(self, connection: sqlite3.Connection, entries: Iterable[TrashEntry]) -> None:
        """Strike versions out of the catalog; whoever calls removes their files afterwards."""
        for entry in entries:
            self._catalog.forget_segments(connection, [part.segment_id for part in entry.parts])
            connection.execute("DELETE FROM trash WHERE id = ?", (entry.id,))


def newest(entries: Iterable[TrashEntry]) -> list[TrashEntry]:
    """Choose of every day the version that went to the trash last."""
    last: dict[tuple[DatasetKey, date], TrashEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.id):
        last[entry.key, entry.day] = entry
    return [last[place] for place in sorted(last)]


def remove_files(home: Home, staging: Staging, parts: Iterable[Part]) -> None:
    """Remove the files of segments that the catalog has let go of.

    What cannot be removed now is left to the next start, which finds it in *staging*'s list.
    """
    try:
        gone = list(parts)
        for part in gone:
            if part.format == 0:
                home.disk.remove(home.segment_path(part.segment_id).with_suffix(".parquet"))
        staging.withdraw([part.segment_id for part in gone])
    except OSError as error:
        raise EnvironmentProblem(
            f"files of {home.root} that are no longer needed cannot be removed: {error.strerror or error}; "
            "the next start tries again"
        ) from error


def _found(entry: TrashEntry | None, trash_id: int) -> TrashEntry:
    if entry is None:
        raise NotHeldError(f"there is no version {trash_id} in the trash: `tickreel cache trash` lists it")
    return entry


def _return_to(held: tuple[Part, ...], entry: TrashEntry, *, replace: bool) -> _Return:
    """Decide what becomes of the parts that are held when a version comes back."""
    crossed = [(old, new) for old in held for new in entry.parts if _overlap(old, new)]
    if not crossed:
        return _Return(entry, swapped=(), beside=held)
    if not replace and overlaps(held, entry.parts):
        old, new = crossed[0]
        raise ConflictError(
            f"{entry} covers {_span(new)}, which overlaps {_span(old)} held now: "
            "use --replace to swap them (what is held goes to the trash)"
        )
    return _Return(entry, swapped=held, beside=())


def overlaps(held: Iterable[Part], coming: Sequence[Part]) -> bool:
    """Tell whether parts that come back would have to replace some that are held and sound."""
    crossed = [old for old in held if any(_overlap(old, new) for new in coming)]
    return any(not old.is_damaged for old in crossed)


def _refuse_pinned(days: Iterable[Day]) -> None:
    pinned = [str(day.day) for day in days if day.pinned]
    if pinned:
        more = len(pinned) - _NAMED_AT_MOST
        named = ", ".join(pinned[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
        raise ConflictError(f"pinned and therefore kept: {named}; `tickreel cache unpin` lets go of them")


def _is_in(entry: TrashEntry, days: DayRange) -> bool:
    return entry.key == days.key and days.first <= entry.day <= days.last


def _overlap(one: Part, other: Part) -> bool:
    return one.start_us < other.end_us and other.start_us < one.end_us


def _span(part: Part) -> str:
    return f"{format_us(part.start_us)} to {format_us(part.end_us)}"
