"""Rows into the cache: split by day, sealed, compared with what is held, recorded in one step.

A file is stored whole or not at all. Everything up to the catalog's transaction
happens in a staging folder; the transaction decides, moves the files and commits.
"""

from __future__ import annotations

import itertools
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from dataclasses import replace as changed
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import ConflictError, DataError, EnvironmentProblem
from tickreel.market.time import US_PER_DAY, day_of, day_start_us, format_us
from tickreel.market.types import SCHEMAS, DatasetKey
from tickreel.store.catalog import NewPart
from tickreel.store.digest import RowsDigest
from tickreel.store.home import Staging
from tickreel.store.model import Day, DayState, Part, Source, state_of_rows
from tickreel.store.segment import Sealed, SegmentWriter, read_segment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from datetime import date

    import pyarrow as pa

    from tickreel.store.catalog import Catalog
    from tickreel.store.database import Database
    from tickreel.store.home import Home


class Outcome(StrEnum):
    """What became of one day of a file."""

    STORED = "stored"
    ALREADY_HERE = "already_here"
    ADDED_PART = "added_part"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Ingested:
    """One day of a file, as it now stands in the cache."""

    day: Day
    outcome: Outcome
    rows: int
    """Rows of the file on that day; the day itself may hold more."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where rows come from, said when the last of them was read."""

    source: Source
    source_sha256: str | None


class Ingest:
    """Takes the rows of one dataset, in order, into the cache; a context manager.

    Leaving it without :meth:`commit` leaves the cache exactly as it was.
    """

    def __init__(self, home: Home, database: Database, catalog: Catalog, key: DatasetKey) -> None:
        self._home = home
        self._database = database
        self._catalog = catalog
        self._key = key
        self._stack = ExitStack()
        self._staging: Staging
        self._writer: SegmentWriter | None = None
        self._writer_day: date | None = None
        self._segment_id = ""
        self._sealed: list[tuple[str, Sealed]] = []

    def __enter__(self) -> Ingest:
        self._staging = self._stack.enter_context(Staging(self._home))
        self._stack.callback(self._abandon)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _abandon(self) -> None:
        if self._writer is not None:
            self._writer.discard()
            self._writer = None

    def append(self, batch: pa.RecordBatch) -> None:
        """Take the next rows, in the form of ``inside_schema``; they may span days."""
        local = batch.column("local_timestamp").to_numpy()
        if len(local) == 0:
            return
        day_numbers = local // US_PER_DAY
        edges = [0, *(np.flatnonzero(np.diff(day_numbers)) + 1).tolist(), len(local)]
        with self._disk():
            for low, high in itertools.pairwise(edges):
                self._writer_for(day_of(int(local[low]))).append(batch.slice(low, high - low))

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Tell of a disk that is full or gone as a problem of the machine."""
        try:
            yield
        except OSError as error:
            raise EnvironmentProblem(
                f"the home {self._home.root} cannot be written: {error.strerror or error}; nothing was stored"
            ) from error

    def _writer_for(self, day: date) -> SegmentWriter:
        if self._writer is None or self._writer_day != day:
            self._seal()
            self._segment_id, path = self._staging.new_segment()
            self._writer, self._writer_day = SegmentWriter(path, self._key, day), day
        return self._writer

    def _seal(self) -> None:
        if self._writer is not None:
            self._sealed.append((self._segment_id, self._writer.seal()))
            self._writer = None

    def append_empty_day(self, day: date) -> None:
        """Take a day that is known to have no rows."""
        with self._disk():
            self._writer_for(day)

    def commit(
        self, provenance: Provenance, *, replace: bool = False, complete: bool = False
    ) -> list[Ingested]:
        """Make all rows visible at once, or none of them.

        Raises:
            ConflictError: a day overlaps what is held and *replace* was not asked for.
            EnvironmentProblem: the disk is full, or the catalog cannot be written.
        """
        with self._disk():
            return self._commit(provenance, replace=replace, complete=complete)

    def _commit(self, provenance: Provenance, *, replace: bool, complete: bool) -> list[Ingested]:
        self._seal()
        published: list[str] = []
        now_us = time.time_ns() // 1000
        try:
            with self._database.writing() as connection:
                results = [
                    self._settle(
                        connection,
                        new,
                        replace=replace,
                        complete=complete,
                        now_us=now_us,
                        moved=published,
                    )
                    for new in self._new_parts(provenance, complete=complete, now_us=now_us)
                ]
                self._staging.publish(published)
        except BaseException:
            # An interrupt may arrive just after the commit: then the segments are the catalog's.
            with suppress(OSError):
                self._staging.withdraw(sorted(set(published) - self._catalog.held_segments(published)))
            raise
        recorded = {day.day: day for day in self._catalog.days(self._key)}
        rows = {sealed.day: sealed.rows for _, sealed in self._sealed}
        return [Ingested(recorded[day], outcome, rows[day]) for day, outcome in results]

    def _new_parts(self, provenance: Provenance, *, complete: bool, now_us: int) -> Iterable[NewPart]:
        for segment_id, sealed in self._sealed:
            first, last = sealed.first_local_us, sealed.last_local_us
            whole = complete or state_of_rows(sealed.day, first, last) is DayState.PRESENT
            start_us = day_start_us(sealed.day)
            span = (start_us, start_us + US_PER_DAY)
            if not whole and first is not None and last is not None:
                span = (first, last + 1)
            part = Part(
                segment_id=segment_id,
                day=sealed.day,
                start_us=span[0],
                end_us=span[1],
                rows=sealed.rows,
                messages=sealed.messages,
                bytes=sealed.bytes,
                first_local_us=first,
                last_local_us=last,
                rows_sha256=sealed.rows_sha256,
                opens_with_snapshot=sealed.opens_with_snapshot,
                source=provenance.source,
                source_sha256=provenance.source_sha256,
                imported_us=now_us,
            )
            yield NewPart(part, self._key, sealed.members)

    def _settle(
        self,
        connection: sqlite3.Connection,
        new: NewPart,
        *,
        replace: bool,
        complete: bool,
        now_us: int,
        moved: list[str],
    ) -> tuple[date, Outcome]:
        """Decide what becomes of one part, and record it."""
        part = new.part
        held = next((day for day in self._catalog.days(self._key) if day.day == part.day), None)
        if held is None:
            state = DayState.PRESENT if _is_whole(part) else DayState.PARTIAL
            self._catalog.add_part(connection, new, state, part.rows_sha256)
            moved.append(part.segment_id)
            return part.day, Outcome.STORED
        equal = self._equal_parts(held, part)
        if equal:
            if all(self._is_sound(old) for old in equal):
                return part.day, Outcome.ALREADY_HERE
            # The same rows once more are the cure of a damaged file.
            mended = changed(part, start_us=equal[0].start_us, end_us=equal[-1].end_us)
            self._catalog.trash(connection, equal, now_us)
            self._catalog.add_part(connection, changed(new, part=mended), held.state, held.rows_sha256)
            moved.append(part.segment_id)
            return part.day, Outcome.REPLACED
        if replace:
            self._catalog.trash(connection, held.parts, now_us)
            state = DayState.PRESENT if _is_whole(part) else DayState.PARTIAL
            self._catalog.add_part(connection, new, state, part.rows_sha256)
            moved.append(part.segment_id)
            return part.day, Outcome.REPLACED
        if not complete and part.first_local_us is not None and part.last_local_us is not None:
            # Beside other parts it is no whole day, however early and late its rows end.
            part = changed(part, start_us=part.first_local_us, end_us=part.last_local_us + 1)
            new = changed(new, part=part)
        for old in held.parts:
            if part.start_us < old.end_us and old.start_us < part.end_us:
                raise ConflictError(
                    f"{self._key} {part.day}: the new rows cover {_span(part)}, which overlaps "
                    f"{_span(old)} held already, and they differ: use --replace to swap the day "
                    "(the old one goes to the trash)"
                )
        self._catalog.add_part(connection, new, DayState.PARTIAL, self._digest_with(held, part))
        moved.append(part.segment_id)
        return part.day, Outcome.ADDED_PART

    def _equal_parts(self, held: Day, part: Part) -> list[Part]:
        """Find what is held of exactly the rows of *part*: all parts of the day, one of them, or nothing."""
        if part.rows_sha256 == held.rows_sha256:
            return list(held.parts)
        return [old for old in held.parts if old.rows_sha256 == part.rows_sha256][:1]

    def _is_sound(self, part: Part) -> bool:
        """Tell whether every row of a held part can be read."""
        columns = SCHEMAS[self._key.type].names
        path = self._home.segment_path(part.segment_id)
        try:
            for _ in read_segment(path, self._key, part.start_us, part.end_us, columns):
                pass
        except DataError:
            return False
        return True

    def _digest_with(self, held: Day, part: Part) -> str:
        """Digest the rows of the day's parts and the new one, in time order."""
        schema = SCHEMAS[self._key.type]
        digest = RowsDigest(schema, grouped=self._key.is_grouped)
        staged = {segment_id: sealed.path for segment_id, sealed in self._sealed}
        for piece in sorted((*held.parts, part), key=lambda piece: piece.start_us):
            path = staged.get(piece.segment_id) or self._home.segment_path(piece.segment_id)
            for batch in read_segment(path, self._key, piece.start_us, piece.end_us, schema.names):
                digest.update(batch)
        return digest.hexdigest()


def _is_whole(part: Part) -> bool:
    start_us = day_start_us(part.day)
    return (part.start_us, part.end_us) == (start_us, start_us + US_PER_DAY)


def _span(part: Part) -> str:
    return f"{format_us(part.start_us)} to {format_us(part.end_us)}"
