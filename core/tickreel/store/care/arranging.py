"""Which segments make up each day, decided from their footers and recorded in the catalog.

A part stands for the time it stood for when it came in. Of what overlaps, the newest wins;
what does not overlap stands beside each other as parts of one day.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from tickreel.errors import DataError
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.care.verification import digest_rows
from tickreel.store.model import SEGMENT_FORMAT, DayState

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel.store.home import Home
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.segments import Footer

_REASON = "rebuilt"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A segment file that no footer could be read from."""

    segment_id: str
    path: Path
    problem: str


class SegmentFiles:
    """The segment files of a home: no footer is read twice, and no rows for the same digest."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.footers: dict[str, Footer] = {}
        self.unreadable: dict[str, Unreadable] = {}
        self.damaged: set[str] = set()
        """Those whose rows were read for a digest, and could not be."""
        self._bytes: dict[str, int] = {}
        self._digests: dict[tuple[str, ...], str | None] = {}

    @property
    def has_days_of_several(self) -> bool:
        """Whether any day has more than one segment, of which parts or versions may be made."""
        return len({(footer.key, footer.day) for footer in self.footers.values()}) < len(self.footers)

    def read(self, monitor: Monitor) -> None:
        """Read the footers of files that came since the last call, and forget those that went."""
        ids = list(self._home.segment_ids())
        for gone in self.footers.keys() - set(ids):
            del self.footers[gone]
        for gone in self.unreadable.keys() - set(ids):
            del self.unreadable[gone]
        for done, segment_id in enumerate(ids):
            if segment_id not in self.footers and segment_id not in self.unreadable:
                monitor.report(done, len(ids), "reading segments")
                self._read_one(segment_id)

    def _read_one(self, segment_id: str) -> None:
        from tickreel.store.segments import Segment  # the decoder comes with it

        path = self._home.segment_path(segment_id)
        try:
            with Segment.open(path) as segment:
                self._bytes[segment_id] = path.stat().st_size
                self.footers[segment_id] = segment.footer
        except FileNotFoundError:
            return  # purged at this moment
        except DataError as error:
            if path.exists():
                self.unreadable[segment_id] = Unreadable(segment_id, path, str(error))

    def leave_out(self, segment_ids: set[str]) -> None:
        """Forget segments that others are about to remove."""
        for segment_id in segment_ids & set(self.footers):
            del self.footers[segment_id]

    def bytes(self, segment_id: str) -> int:
        """Give the size that a segment had when its footer was read."""
        return self._bytes[segment_id]

    def is_trashed(self, segment_id: str) -> bool:
        """Tell whether a segment is marked as lying in the trash."""
        return self._home.is_trashed(segment_id)

    def keyframe_bytes(self, segment_id: str) -> int:
        """Give the size of a segment's keyframes, 0 when it has none."""
        with suppress(FileNotFoundError):
            return self._home.keyframes_path(segment_id).stat().st_size
        return 0

    def digest(self, key: DatasetKey, segment_ids: Iterable[str], monitor: Monitor) -> str | None:
        """Digest the rows of segments, given in time order; None when one proves *damaged*.

        They are read when they are first asked for.
        """
        ids = tuple(segment_ids)
        if ids not in self._digests:
            self._digests[ids] = self._digest(key, ids, monitor)
        return self._digests[ids]

    def _digest(self, key: DatasetKey, ids: tuple[str, ...], monitor: Monitor) -> str | None:
        from tickreel.store.digest import RowsDigest
        from tickreel.store.segments import Segment

        digest = RowsDigest(SCHEMAS[key.type], grouped=key.is_grouped)
        for segment_id in ids:
            try:
                with Segment.open(self._home.segment_path(segment_id)) as segment:
                    digest_rows(digest, segment, monitor, "digesting rows")
            except DataError:
                self.damaged.add(segment_id)
                return None
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Arranged:
    """What came of it."""

    days: int
    added: int
    """Segments that the catalog did not know."""
    trashed: int
    """Segments that newer rows cover."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One version of some time of a day."""

    segment_id: str
    start_us: int
    end_us: int
    imported_us: int
    is_readable: bool


class Arrangement:
    """Decides which segments make up each day, and records it."""

    def __init__(
        self,
        catalog: Catalog,
        connection: sqlite3.Connection,
        files: SegmentFiles,
        now_us: int,
        monitor: Monitor,
    ) -> None:
        self._catalog = catalog
        self._connection = connection
        self._files = files
        self._now_us = now_us
        self._monitor = monitor
        self._old = {row["id"]: row for row in connection.execute("SELECT * FROM segment")}
        self._added = 0
        self._trashed = 0

    def record(self) -> Arranged:
        """Bring the catalog's days and segments into line with the files."""
        for segment_id, footer in self._files.footers.items():
            self._record_segment(segment_id, footer)
        for segment_id, row in self._old.items():
            # Its file is gone or damaged: the day is not forgotten, it says what must be fetched again.
            if segment_id not in self._files.footers and row["format"] == SEGMENT_FORMAT:
                self._connection.execute(
                    "UPDATE segment SET damaged_us = coalesce(damaged_us, ?) WHERE id = ?",
                    (self._now_us, segment_id),
                )
        held = self._connection.execute(
            "SELECT segment.*, exchange, symbol, type FROM segment JOIN dataset ON dataset.id = dataset_id"
            " WHERE trashed_us IS NULL ORDER BY dataset_id, day"
        ).fetchall()
        days = 0
        for (dataset_id, day), group in groupby(held, key=lambda row: (row["dataset_id"], row["day"])):
            days += self._record_day(dataset_id, day, list(group))
        self._connection.execute(
            "DELETE FROM day WHERE state IN ('present', 'partial', 'damaged') AND NOT EXISTS ("
            " SELECT 1 FROM segment WHERE segment.dataset_id = day.dataset_id"
            " AND segment.day = day.day AND trashed_us IS NULL)"
        )
        return Arranged(days, self._added, self._trashed)

    def _record_segment(self, segment_id: str, footer: Footer) -> None:
        """Record what a footer says; whether it lies in the trash, only the old catalog knows."""
        start_us, end_us = _span(footer)
        facts = {
            "dataset_id": self._catalog.dataset_id(self._connection, footer.key),
            "day": footer.day.isoformat(),
            "start_us": start_us,
            "end_us": end_us,
            "row_count": footer.rows,
            "messages": footer.messages,
            "bytes": self._files.bytes(segment_id),
            "first_local_us": footer.first_local_us,
            "last_local_us": footer.last_local_us,
            "rows_sha256": footer.rows_sha256,
            "opens_with_snapshot": int(footer.opens_with_snapshot),
            "source": footer.source,
            "source_sha256": footer.source_sha256,
            "source_bytes": footer.source_bytes,
            "imported_us": footer.imported_us,
            "format": SEGMENT_FORMAT,
            "keyframe_bytes": self._files.keyframe_bytes(segment_id),
        }
        if segment_id in self._old:
            assignments = ", ".join(f"{name} = :{name}" for name in facts)
            self._connection.execute(
                f"UPDATE segment SET {assignments} WHERE id = :id", {**facts, "id": segment_id}
            )
        else:
            self._added += 1
            self._connection.execute(
                f"INSERT INTO segment (id, {', '.join(facts)})"
                f" VALUES (:id, {', '.join(f':{name}' for name in facts)})",
                {**facts, "id": segment_id},
            )
        self._connection.executemany(
            "INSERT OR IGNORE INTO member (segment_id, symbol) VALUES (?, ?)",
            [(segment_id, symbol) for symbol in footer.members],
        )

    def _record_day(self, dataset_id: int, day: str, rows: list[sqlite3.Row]) -> bool:
        """Record what makes up a day; tell whether anything does."""
        pieces = [
            _Piece(
                segment_id=row["id"],
                start_us=row["start_us"],
                end_us=row["end_us"],
                imported_us=row["imported_us"],
                is_readable=row["damaged_us"] is None and row["format"] == SEGMENT_FORMAT,
            )
            for row in rows
        ]
        # What the old catalog knows it has said; of the rest only the marks beside the files tell.
        in_trash = [
            piece
            for piece in pieces
            if piece.segment_id not in self._old and self._files.is_trashed(piece.segment_id)
        ]
        chosen, older = _newest(piece for piece in pieces if piece not in in_trash)
        self._trash(dataset_id, day, [*in_trash, *older])
        if not chosen:
            return False
        digests = {row["id"]: row["rows_sha256"] for row in rows}
        is_whole = len(chosen) == 1 and chosen[0].end_us - chosen[0].start_us == US_PER_DAY
        if not all(piece.is_readable for piece in chosen):
            state = DayState.DAMAGED
        else:
            state = DayState.PRESENT if is_whole else DayState.PARTIAL
        key = DatasetKey(rows[0]["exchange"], rows[0]["symbol"], DataType(rows[0]["type"]))
        ids = [piece.segment_id for piece in chosen]
        digest: str | None = digests[ids[0]]
        if len(ids) > 1:
            digest = self._files.digest(key, ids, self._monitor) if state is not DayState.DAMAGED else None
            self._catalog.mark_damaged(self._connection, self._files.damaged & set(ids), self._now_us)
        if digest is None:
            recorded = self._recorded(dataset_id, day)
            state, digest = DayState.DAMAGED, recorded[1] if recorded else ""
        if self._recorded(dataset_id, day) != (state.value, digest):
            self._catalog.record_day(self._connection, key, date.fromisoformat(day), state, digest)
        return True

    def _recorded(self, dataset_id: int, day: str) -> tuple[str, str] | None:
        row = self._connection.execute(
            "SELECT state, rows_sha256 FROM day WHERE dataset_id = ? AND day = ?", (dataset_id, day)
        ).fetchone()
        return None if row is None else (row["state"], row["rows_sha256"])

    def _trash(self, dataset_id: int, day: str, older: list[_Piece]) -> None:
        """Put versions that newer rows cover into the trash, each by itself."""
        for piece in older:
            row = self._connection.execute(
                "INSERT INTO trash (dataset_id, day, trashed_us, reason, rows_sha256)"
                " SELECT dataset_id, day, ?, ?, rows_sha256 FROM segment WHERE id = ? RETURNING id",
                (self._now_us, _REASON, piece.segment_id),
            ).fetchone()
            self._connection.execute(
                "UPDATE segment SET trashed_us = ?, trash_id = ? WHERE id = ?",
                (self._now_us, row["id"], piece.segment_id),
            )
            self._trashed += 1


def _span(footer: Footer) -> tuple[int, int]:
    """Give the local time that a part stands for, as it was decided when it came in."""
    first, last = footer.first_local_us, footer.last_local_us
    if footer.is_whole or first is None or last is None:
        start_us = day_start_us(footer.day)
        return start_us, start_us + US_PER_DAY
    return first, last + 1


def _newest(pieces: Iterable[_Piece]) -> tuple[list[_Piece], list[_Piece]]:
    """Choose, newest first, what overlaps nothing newer; give it in time order, and the rest."""
    chosen: list[_Piece] = []
    older: list[_Piece] = []
    for piece in sorted(pieces, key=lambda one: (not one.is_readable, -one.imported_us, one.segment_id)):
        overlaps = any(piece.start_us < one.end_us and one.start_us < piece.end_us for one in chosen)
        (older if overlaps else chosen).append(piece)
    return sorted(chosen, key=lambda one: one.start_us), older
