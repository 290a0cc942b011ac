"""Rows into the cache: split by day, sealed, compared with what is held, recorded in one step.

A file is stored whole or not at all. Everything up to the catalog's transaction
happens in a staging folder; the transaction moves the files and commits.
"""

from __future__ import annotations

import itertools
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import ConflictError, DataError, EnvironmentProblem, NotHeldError
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.market.types import SCHEMAS, DatasetKey
from tickreel.progress import UNWATCHED
from tickreel.store.digest import RowsDigest
from tickreel.store.intake.dayfile import DayFile, Finished, Lanes
from tickreel.store.intake.lane import Lane
from tickreel.store.intake.settling import Arrival, Decision, Outcome, settle
from tickreel.store.model import Day, Part, Source
from tickreel.store.records.catalog import NewPart
from tickreel.store.segments import SealFacts, Segment
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from datetime import date

    from tickreel.market.block import Block
    from tickreel.store.home import Home
    from tickreel.store.intake.checkup import Checkup
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database


_ROOM_PER_ROW_BYTES = 32
"""More than rows of a book or trades take; asked for with every block, so that wide ones are noticed too."""


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
    source_bytes: int | None = None
    """Size of the file they come from; of one that holds several days it is told for none."""
    disconnects_us: tuple[tuple[int, int | None], ...] = ()
    """Where the recorder was cut off: local times of the messages before and after."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A sealed day that is to be recorded."""

    new: NewPart
    finished: Finished
    day_sha256: str
    """Digest of all rows that the day will hold."""

    @property
    def is_whole_day(self) -> bool:
        """Whether the watch saw all rows of the day; beside other parts it is looked at anew, in order."""
        return self.day_sha256 == self.new.part.rows_sha256


@dataclass(frozen=True, slots=True)
class _Settled:
    """One day of the file with what was decided of it; *kept* is None where it is here already."""

    file: DayFile
    decision: Decision
    kept: _Kept | None


class Ingest:
    """Takes the rows of one dataset, in order, into the cache; a context manager.

    Leaving it without :meth:`commit` leaves the cache exactly as it was.
    """

    def __init__(
        self,
        home: Home,
        database: Database,
        catalog: Catalog,
        checkup: Checkup,
        key: DatasetKey,
        ensure_room: Callable[[int], None],
    ) -> None:
        self._home = home
        self._database = database
        self._catalog = catalog
        self._checkup = checkup
        self._key = key
        self._ensure_room = ensure_room
        self._stack = ExitStack()
        self._lanes = Lanes(storing=Lane("tickreel store"), studying=Lane("tickreel study"))
        self._staging: Staging
        self._files: list[DayFile] = []
        self._rests_on: dict[date, tuple[str, ...]] = {}

    def __enter__(self) -> Ingest:
        self._staging = self._stack.enter_context(Staging(self._home))
        self._stack.callback(self._abandon)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _abandon(self) -> None:
        for file in self._files:
            file.give_up()
        self._lanes.drop()
        for file in self._files:
            file.discard()
        self._files.clear()

    def append(self, block: Block) -> None:
        """Take the next rows, with all columns of their type; they may span days."""
        local = block.local_us
        if len(local) == 0:
            return
        edges = [0, len(local)]
        if local[0] // US_PER_DAY != local[-1] // US_PER_DAY:
            edges[1:1] = (np.flatnonzero(np.diff(local // US_PER_DAY)) + 1).tolist()
        self._ensure_room(_ROOM_PER_ROW_BYTES * len(local))
        with self._disk():
            for low, high in itertools.pairwise(edges):
                self._file_for(day_of(int(local[low]))).append(block.cut(low, high))

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Tell of a disk that is full or gone as a problem of the machine."""
        try:
            yield
        except OSError as error:
            raise EnvironmentProblem(
                f"the home {self._home.root} cannot be written: {error.strerror or error}; nothing was stored"
            ) from error

    def _file_for(self, day: date) -> DayFile:
        if not self._files or self._files[-1].day != day:
            self._lanes.wait()
            segment_id, path = self._staging.new_segment()
            carried, basis = self._checkup.carried_into(self._key, day)
            file = DayFile(
                self._home.disk,
                path,
                self._staging.keyframes_path(segment_id),
                self._key,
                day,
                carried,
                self._lanes,
            )
            self._files.append(file)
            self._rests_on[day] = basis
        return self._files[-1]

    def append_empty_day(self, day: date) -> None:
        """Take a day that is known to have no rows."""
        with self._disk():
            self._file_for(day)

    def commit(
        self,
        provenance: Provenance,
        *,
        replace: bool = False,
        complete: bool = False,
        rows_sha256: str | None = None,
    ) -> list[Ingested]:
        """Make all rows visible at once, or none of them; with *rows_sha256* only those of one such day.

        Raises:
            DataError: the rows are not those of *rows_sha256*.
            ConflictError: a day overlaps what is held and *replace* was not asked for.
            EnvironmentProblem: the disk is full, or the catalog cannot be written.
            NotHeldError: a day was stored, and somebody took it away before it could be told of.
        """
        with self._disk():
            self._lanes.wait()
            if rows_sha256 is not None and [file.rows_sha256 for file in self._files] != [rows_sha256]:
                raise DataError(f"the rows of {self._key} that came are not those that were told of")
            while True:
                settled = [
                    self._settle(file, provenance, replace=replace, complete=complete) for file in self._files
                ]
                if self._record(settled):
                    break
        days = [each.file.day for each in settled]
        self._checkup.renew(self._key, days)
        recorded = self._catalog.days_between(self._key, min(days), max(days)) if days else []
        by_day = {day.day: day for day in recorded}
        gone = [str(day) for day in days if day not in by_day]
        if gone:
            raise NotHeldError(f"{self._key} {', '.join(gone)} was stored, and taken away again meanwhile")
        return [Ingested(by_day[each.file.day], each.decision.outcome, each.file.rows) for each in settled]

    def _settle(self, file: DayFile, provenance: Provenance, *, replace: bool, complete: bool) -> _Settled:
        """Decide on one day, and seal it; no lock is held, however long that takes."""
        arrival = Arrival(self._key, file.day, file.first_local_us, file.last_local_us, file.rows_sha256)
        held = self._catalog.day(self._key, file.day)
        decision = settle(
            arrival,
            held,
            replace=replace,
            complete=complete,
            is_sound=self._is_sound,
            is_fetched=provenance.source is Source.TARDIS or (provenance.source.is_shared and complete),
        )
        if not decision.stores:
            return _Settled(file, decision, None)
        facts = SealFacts(
            rows_sha256=arrival.rows_sha256,
            source=provenance.source.value,
            source_sha256=provenance.source_sha256,
            imported_us=self._now_after(held),
            is_whole=decision.is_whole,
            source_bytes=self._source_bytes(provenance),
            disconnects_us=tuple(cut for cut in provenance.disconnects_us if day_of(cut[0]) == file.day),
        )
        finished = file.seal(facts)
        if finished.facts.is_whole != decision.is_whole:
            # Sealed before another program stored rows of the same day: its footer would be wrong.
            raise ConflictError(
                f"{self._key} {file.day} was changed by another program meanwhile: import again"
            )
        part = _part(file, finished, decision, provenance, facts.source_bytes)
        new = NewPart(part, self._key, finished.sealed.members)
        return _Settled(file, decision, _Kept(new, finished, self._day_sha256(decision, part)))

    def _source_bytes(self, provenance: Provenance) -> int | None:
        return provenance.source_bytes if len(self._files) == 1 else None

    def _now_after(self, held: Day | None) -> int:
        """Tell the time, later than that of what is held although the clock may have gone back.

        Which of two versions is the newer must be seen from the segments alone.
        """
        before = -1 if held is None or held.imported_us is None else held.imported_us
        return max(self._home.disk.now_us(), before + 1)

    def _record(self, settled: list[_Settled]) -> bool:
        """Move the files and commit; False when the catalog has changed since it was decided."""
        published: list[str] = []
        try:
            with self._database.writing() as connection:
                for each in settled:
                    if _rows_of(self._catalog.day(self._key, each.file.day)) != _rows_of(each.decision.held):
                        return False
                for each in settled:
                    if each.kept is not None:
                        published.append(each.kept.new.part.segment_id)
                        self._keep(connection, each, each.kept)
                self._staging.publish(published)
            gone = (part for each in settled if each.kept for part in each.decision.trashed)
            self._staging.mark_trashed(put=(part.segment_id for part in gone))
            for kept in (each.kept for each in settled if each.kept and each.kept.is_whole_day):
                part = kept.new.part
                self._checkup.leave(self._key, part.day, self._basis(part), kept.finished.books)
        except BaseException:
            # An interrupt may arrive just after the commit: then the segments are the catalog's.
            refused = sorted(set(published) - self._catalog.held_segments(published))
            if refused:  # else there may be marks left to make, of which the session tells the next start
                with suppress(OSError):
                    self._staging.withdraw(refused)
            raise
        return True

    def _keep(self, connection: sqlite3.Connection, settled: _Settled, kept: _Kept) -> None:
        part = kept.new.part
        self._catalog.trash(connection, settled.decision.trashed, part.imported_us)
        self._catalog.add_part(connection, kept.new, settled.decision.state, kept.day_sha256)
        if kept.is_whole_day:
            self._checkup.keep(connection, self._key, part.day, kept.finished.health, self._basis(part))

    def _basis(self, part: Part) -> str:
        return " ".join((part.rows_sha256, *self._rests_on[part.day]))

    def _is_sound(self, part: Part) -> bool:
        """Tell whether every row of a held part can be read."""
        try:
            with Segment.open(self._home.segment_path(part.segment_id)) as segment:
                segment.verify(UNWATCHED)
        except DataError:
            return False
        return True

    def _day_sha256(self, decision: Decision, part: Part) -> str:
        """Digest all rows of the day as it will stand, in time order."""
        held = decision.held.parts if decision.held else ()
        pieces = sorted({*held, part} - {*decision.trashed}, key=lambda piece: piece.start_us)
        if len(pieces) == 1:
            return part.rows_sha256
        if any(piece.is_damaged for piece in pieces):
            return ""  # the day stays damaged, and nobody can say what its rows are
        digest = RowsDigest(SCHEMAS[self._key.type], grouped=self._key.is_grouped)
        try:
            for piece in pieces:
                for block in self._blocks_of(piece):
                    digest.update(block)
        except DataError:
            return ""  # found only now: reading it has marked the day, and so it is decided anew
        return digest.hexdigest()

    def _blocks_of(self, part: Part) -> Iterator[Block]:
        staged = {file.path.stem: file.path for file in self._files}.get(part.segment_id)
        if staged is None:
            yield from self._checkup.rows_of(self._key, part)
            return
        with Segment.open(staged) as segment:
            yield from segment.blocks(part.start_us, part.end_us, reuse=True)


def _rows_of(day: Day | None) -> tuple[object, ...]:
    """Tell what of a day a decision rests on: its rows, not how often it was read."""
    return () if day is None else (day.state, day.parts)


def _part(
    file: DayFile, finished: Finished, decision: Decision, provenance: Provenance, source_bytes: int | None
) -> Part:
    sealed = finished.sealed
    return Part(
        segment_id=file.path.stem,
        day=sealed.day,
        start_us=decision.span[0],
        end_us=decision.span[1],
        rows=sealed.rows,
        messages=sealed.messages,
        bytes=sealed.bytes,
        first_local_us=sealed.first_local_us,
        last_local_us=sealed.last_local_us,
        rows_sha256=sealed.rows_sha256,
        opens_with_snapshot=sealed.opens_with_snapshot,
        source=provenance.source,
        source_sha256=provenance.source_sha256,
        imported_us=finished.facts.imported_us,
        keyframe_bytes=finished.keyframe_bytes,
        source_bytes=source_bytes,
    )
