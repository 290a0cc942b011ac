"""Rows into the cache: split by day, sealed, compared with what is held, recorded in one step.

A file is stored whole or not at all. Everything up to the catalog's transaction
happens in a staging folder; the transaction moves the files and commits.
"""

from __future__ import annotations

import itertools
from contextlib import ExitStack, contextmanager
from dataclasses import replace as replaced
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import DataError, EnvironmentProblem
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.store.intake.dayfile import DayFile, Lanes
from tickreel.store.intake.lane import Lane
from tickreel.store.intake.recording import Arrived, Recording
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey
    from tickreel.store.home import Home
    from tickreel.store.intake.checkup import Checkup
    from tickreel.store.intake.recording import Ingested, Provenance
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database


_ROOM_PER_ROW_BYTES = 32
"""More than rows of a book or trades take; asked for with every block, so that wide ones are noticed too."""


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
        self._begins_part = False
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

    def begin_part(self) -> None:
        """Let the rows that follow be a part of their own, also of a day of which rows came before."""
        self._begins_part = True

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
        if self._begins_part or not self._files or self._files[-1].day != day:
            self._begins_part = False
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
        if rows_sha256 is not None and len(self._files) != 1:
            raise DataError(f"the rows of {self._key} that came are not those of one day")
        if len(self._files) > 1:
            provenance = replaced(provenance, source_bytes=None)
        return self._commit(
            [self._arrived(file, provenance, rows_sha256) for file in self._files],
            replace=replace,
            complete=complete,
        )

    def commit_parts(
        self,
        told: Sequence[tuple[Provenance, str]],
        *,
        replace: bool = False,
        complete: bool = False,
    ) -> Ingested:
        """Make all parts of one day visible at once, or none of them; see :meth:`begin_part`.

        Of each it is told, in their order, which is that of time, where it comes from and the digest of its
        rows. What :meth:`commit` raises is raised here too, and also:

        Raises:
            DataError: the parts overlap.
        """
        for one, after in itertools.pairwise(self._files):
            if one.last_local_us is None or (after.first_local_us or 0) <= one.last_local_us:
                raise DataError(f"the parts of {self._key} {one.day} that came overlap")
        parts = [self._arrived(file, *of_it) for file, of_it in zip(self._files, told, strict=True)]
        # One that looks whole by itself is decided on when it is seen to be beside others.
        parts.sort(key=lambda part: part.file.looks_whole)
        return self._commit(parts, replace=replace, complete=complete)[-1]

    def _arrived(self, file: DayFile, provenance: Provenance, told_sha256: str | None) -> Arrived:
        return Arrived(file, provenance, self._rests_on[file.day], told_sha256)

    def _commit(self, arrived: Sequence[Arrived], *, replace: bool, complete: bool) -> list[Ingested]:
        recording = Recording(
            self._home, self._database, self._catalog, self._checkup, self._key, self._staging
        )
        with self._disk():
            self._lanes.wait()
            if any(one.told_sha256 not in (None, one.file.rows_sha256) for one in arrived):
                raise DataError(f"the rows of {self._key} that came are not those that were told of")
            recording.record(arrived, replace=replace, complete=complete)
        return recording.told()
