"""Looks through the files of the store for damage, and takes what is damaged out of service.

A damaged day is *quarantined*: marked in the catalog, in one transaction, so that no reader
is ever served from it. Its file stays where it is, for whoever wants to look at it; the cure
is to import or fetch the day again. Keyframes follow from the rows: damaged ones are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store.model import SEGMENT_FORMAT, DayState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tickreel.store.digest import RowsDigest
    from tickreel.store.home import Home
    from tickreel.store.model import DayRange
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database
    from tickreel.store.segments import Segment

_SEGMENTS = """
    SELECT segment.*, dataset.exchange, dataset.symbol, dataset.type, day.state
    FROM segment
    JOIN dataset ON dataset.id = segment.dataset_id
    LEFT JOIN day ON day.dataset_id = segment.dataset_id AND day.day = segment.day
    {where}
    ORDER BY dataset.exchange, dataset.symbol, dataset.type, segment.day,
        segment.trashed_us IS NOT NULL, segment.start_us, segment.id
"""
_OF_RANGE = """
    WHERE dataset.exchange = ? AND dataset.symbol = ? AND dataset.type = ?
    AND segment.day >= ? AND segment.day <= ?
"""
_HELD_CURE = "import the day again"
_TRASHED_CURE = "`tickreel cache purge` with its range removes it"


@dataclass(frozen=True, slots=True)
class Finding:
    """One segment that was looked at."""

    key: DatasetKey
    day: date
    state: DayState | None
    """Of the day, as it now stands; None for a segment that lies in the trash."""
    segment_id: str
    problem: str | None
    """What is wrong with its rows and what to do, or None."""
    note: str | None = None
    """What was put right without a loss, or None."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What the catalog says of a segment."""

    id: str
    key: DatasetKey
    day: date
    state: DayState | None
    rows: int
    bytes: int
    rows_sha256: str
    format: int
    keyframe_bytes: int
    is_damaged: bool
    is_trashed: bool

    @property
    def cure(self) -> str:
        """What to do when it cannot be read."""
        return _TRASHED_CURE if self.is_trashed else _HELD_CURE


def verify(
    home: Home,
    catalog: Catalog,
    database: Database,
    ranges: Sequence[DayRange] | None = None,
    *,
    deep: bool = False,
    records: bool = True,
    monitor: Monitor = UNWATCHED,
) -> list[Finding]:
    """Check every file of the days in *ranges* (default: of the whole store), the trash included.

    Every byte is read and held against its checksums, and the footer against the catalog;
    *deep* also decodes the rows and computes their digest. Damage is quarantined unless
    *records* is off; a quarantined day whose file proves sound under a deep check, as when it
    was put back from a backup, is taken into service again. Keyframes of sound rows that are gone
    or damaged are given up.

    Raises:
        UsageError: the home was opened for reading only, and *records* is on.
        EnvironmentProblem: a file cannot be read for a reason that is no damage.
        Cancelled: the monitor said so; what was found until then stays recorded.
    """
    if records:
        home.ensure_writable()
    recorded = _recorded(database, ranges)
    total = sum(one.bytes + one.keyframe_bytes for one in recorded)
    done = 0
    findings = []
    for one in recorded:
        monitor.report(done, total, f"{one.key} {one.day}")
        # A mark is only taken away by the hardest look.
        path = home.segment_path(one.id)
        problem = _problem_of_rows(path, one, deep or one.is_damaged, _Within(monitor, done, total))
        note = _mend_keyframes(home, database, one, records) if problem is None else None
        if (problem or note) and not _is_held(database, one.id):
            continue  # purged at this moment
        if records and problem is not None and not one.is_damaged:
            quarantine(catalog, database, one.id, home.disk.now_us())
        elif records and problem is None and one.is_damaged:
            with database.writing() as connection:
                catalog.mark_sound(connection, [one.id])
            note = "the file is sound again: the day is back in service"
        if records and problem is None and not one.is_trashed:
            _give_digest(home, catalog, database, one)
        findings.append(Finding(one.key, one.day, _state_now(database, one), one.id, problem, note))
        done += one.bytes + one.keyframe_bytes
    monitor.report(total, total, "every file was looked at")
    return findings


def confirm_damage(home: Home, catalog: Catalog, database: Database, segment_id: str) -> str | None:
    """Look at a segment that a reader stumbled over; quarantine it if it is damaged, and say why.

    Returns None when the file is sound or the catalog has let go of it meanwhile.
    """
    problem = problem_of_file(database, segment_id, home.segment_path(segment_id))
    if problem is None or not _is_held(database, segment_id):
        return None
    quarantine(catalog, database, segment_id, home.disk.now_us())
    return problem


def problem_of_file(database: Database, segment_id: str, path: Path) -> str | None:
    """Hold every byte and row of a segment's file, wherever it lies, against what the catalog says of it.

    Returns what is wrong with it, or None when it is sound or the catalog does not know the segment.

    Raises:
        EnvironmentProblem: the file cannot be read for a reason that is no damage.
    """
    rows = database.rows(_SEGMENTS.format(where="WHERE segment.id = ?"), (segment_id,))
    return next((_problem_of_rows(path, one, True, UNWATCHED) for one in _to_recorded(rows)), None)


def quarantine(catalog: Catalog, database: Database, segment_id: str, now_us: int) -> None:
    """Take a damaged segment out of service, and its day, at once and for every reader."""
    with database.writing() as connection:
        catalog.mark_damaged(connection, [segment_id], now_us)


def _give_digest(home: Home, catalog: Catalog, database: Database, one: _Recorded) -> None:
    """Digest the rows of a held day that has none: a part came while another could not be read.

    Asked of every sound file, so that a run that ended before this is made good by the next.
    """
    day = catalog.day(one.key, one.day)
    if day is None or not day.state.is_held or day.rows_sha256:
        return
    try:
        digest = rows_sha256_of(one.key, [home.segment_path(part.segment_id) for part in day.parts])
    except DataError:
        return  # another part, whose turn comes
    with database.writing() as connection:
        now = catalog.day(one.key, one.day)
        if now is not None and now.parts == day.parts:
            catalog.record_day(connection, one.key, one.day, day.state, digest)


def rows_sha256_of(key: DatasetKey, paths: Iterable[Path]) -> str:
    """Digest the rows of segments, whose files are given in time order, by reading them.

    Raises:
        DataError: one of them is gone or damaged.
    """
    from tickreel.store.digest import RowsDigest  # NumPy, that what only lists never needs
    from tickreel.store.segments import Segment

    digest = RowsDigest(SCHEMAS[key.type], grouped=key.is_grouped)
    for path in paths:
        with Segment.open(path) as segment:
            digest_rows(digest, segment, UNWATCHED)
    return digest.hexdigest()


def digest_rows(digest: RowsDigest, segment: Segment, monitor: Monitor, note: str = "") -> None:
    """Let a digest take in all rows of a segment; raises DataError when they are damaged."""
    first, last = segment.footer.first_local_us, segment.footer.last_local_us
    if first is None or last is None:
        return
    for block in segment.blocks(first, last + 1):
        monitor.report(0, None, note)
        digest.update(block)


def _recorded(database: Database, ranges: Sequence[DayRange] | None) -> list[_Recorded]:
    if ranges is None:
        return _to_recorded(database.rows(_SEGMENTS.format(where="")))
    found = [
        one
        for asked in ranges
        for one in _to_recorded(
            database.rows(
                _SEGMENTS.format(where=_OF_RANGE),
                (
                    asked.key.exchange,
                    asked.key.symbol,
                    asked.key.type.value,
                    asked.first.isoformat(),
                    asked.last.isoformat(),
                ),
            )
        )
    ]
    return list({one.id: one for one in found}.values())


def _to_recorded(rows: list[sqlite3.Row]) -> list[_Recorded]:
    return [
        _Recorded(
            id=row["id"],
            key=DatasetKey(row["exchange"], row["symbol"], DataType(row["type"])),
            day=date.fromisoformat(row["day"]),
            state=DayState(row["state"]) if row["state"] and row["trashed_us"] is None else None,
            rows=row["row_count"],
            bytes=row["bytes"],
            rows_sha256=row["rows_sha256"],
            format=row["format"],
            keyframe_bytes=row["keyframe_bytes"],
            is_damaged=row["damaged_us"] is not None,
            is_trashed=row["trashed_us"] is not None,
        )
        for row in rows
    ]


def _is_held(database: Database, segment_id: str) -> bool:
    return bool(database.rows("SELECT 1 FROM segment WHERE id = ?", (segment_id,)))


def _state_now(database: Database, one: _Recorded) -> DayState | None:
    if one.is_trashed:
        return None
    rows = database.rows(
        "SELECT state FROM day JOIN segment USING (dataset_id, day) WHERE segment.id = ?", (one.id,)
    )
    return DayState(rows[0]["state"]) if rows else one.state


def _problem_of_rows(path: Path, one: _Recorded, deep: bool, monitor: Monitor) -> str | None:
    """Find what is wrong with the rows of a segment in the file *path*."""
    if one.format != SEGMENT_FORMAT:
        return f"it is stored in a format that is no longer read: {one.cure}"
    try:
        size = path.stat().st_size
        if size != one.bytes:
            return f"its file has {size} bytes and not {one.bytes}: {one.cure}"
        return _problem_of_content(path, one, deep, monitor)
    except FileNotFoundError:
        return f"its file is gone: {one.cure}"
    except DataError as error:
        return str(error)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be read: {error.strerror or error}") from error


def _problem_of_content(path: Path, one: _Recorded, deep: bool, monitor: Monitor) -> str | None:
    from tickreel.store.digest import RowsDigest
    from tickreel.store.segments import Segment  # the decoder comes with it

    segment = Segment.open(path)
    try:
        footer = segment.footer
        told = (footer.key, footer.day, footer.rows, footer.rows_sha256)
        if told != (one.key, one.day, one.rows, one.rows_sha256):
            return (
                f"its file holds {footer.key} {footer.day} with {footer.rows} rows, or other rows than were "
                f"stored: {one.cure}"
            )
        segment.verify(monitor)
        if not deep:
            return None
        digest = RowsDigest(SCHEMAS[one.key.type], grouped=one.key.is_grouped)
        digest_rows(digest, segment, monitor)
        if digest.hexdigest() != one.rows_sha256:
            return f"its rows do not give the digest they were stored with: {one.cure}"
    finally:
        segment.close()
    return None


def _mend_keyframes(home: Home, database: Database, one: _Recorded, records: bool) -> str | None:
    """Drop keyframes that cannot be read; a book is then built from the rows alone."""
    path = home.keyframes_path(one.id)
    if not one.keyframe_bytes and not path.exists():
        return None
    from tickreel.store.segments import Keyframes

    try:
        with Keyframes.open(path) as keyframes:
            keyframes.verify()
    except DataError as error:
        if not records:
            return f"{error}; without them seeks take longer"
        with database.writing() as connection:
            connection.execute("UPDATE segment SET keyframe_bytes = 0 WHERE id = ?", (one.id,))
        _remove(home, path)
        return "its keyframes cannot be read and are dropped: seeks into it take longer, nothing is lost"
    return None


def _remove(home: Home, path: Path) -> None:
    try:
        home.disk.remove(path)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be removed: {error.strerror or error}") from error


class _Within:
    """Reports the work on one file as part of the work on all."""

    def __init__(self, monitor: Monitor, done: int, total: int) -> None:
        self._monitor = monitor
        self._done = done
        self._total = total

    def report(self, done: int, total: int | None, note: str = "") -> None:
        """Pass the report on, measured in bytes of all files."""
        inside = done if total is not None else 0
        self._monitor.report(min(self._done + inside, self._total), self._total, note)
