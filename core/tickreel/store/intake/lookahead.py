"""Looks at a file that is not imported yet, and tells from its first rows what an import would do.

Nothing is stored, and of a large file only the head is read: what is wrong further down is found
by the import itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import EnvironmentProblem
from tickreel.market.time import US_PER_DAY, day_of
from tickreel.progress import UNWATCHED
from tickreel.store.intake.importing import RowCheck, key_of_empty
from tickreel.store.intake.prospect import CHECKED_ROWS, DayAhead, FileAhead, Prospect
from tickreel.vendorcsv import open_csv

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from tickreel.market.types import DatasetKey
    from tickreel.progress import Monitor
    from tickreel.store.intake.request import ImportRequest
    from tickreel.store.model import Day, Part
    from tickreel.vendorcsv import Head

_PIECE_BYTES = 1 << 20


def look_ahead(
    request: ImportRequest,
    held: Callable[[DatasetKey, date], Day | None],
    *,
    rows: int = CHECKED_ROWS,
    monitor: Monitor = UNWATCHED,
) -> FileAhead:
    """Check at most the first *rows* rows of a file as its import would, and hold it against what is *held*.

    Of a day that is held the file is told to be already here where its bytes are those of the file
    that the day came from; it is read to its end for that, which *monitor* hears in bytes.

    Raises:
        UsageError: the type or the group cannot be told, or nothing names an empty file.
        RowError: a row is not what it must be, or contradicts the request.
        DataError: the file is not a vendor's CSV, or is damaged before the end of these rows.
        EnvironmentProblem: it cannot be read.
        Cancelled: the monitor said so.
    """
    file_bytes = _size(request.path)
    with open_csv(request.path, type=request.type) as csv:
        head = csv.first_rows(rows)
        if csv.schema is None or not head.blocks:
            key, day = key_of_empty(request, csv)
            firsts_us: dict[date, int | None] = {day: None}
        else:
            check = RowCheck(request, head.blocks[0])
            for block in head.blocks:
                check.check(block)
            key = check.key(csv.schema.type)
            firsts_us = _firsts_of(head)
    whole = _WholeFile(request.path, file_bytes, monitor)
    raw = [(day, _prospect(held(key, day), first_us, whole)) for day, first_us in firsts_us.items()]
    ahead = tuple(
        DayAhead(day, one.given(replace=request.replace, complete=request.complete)) for day, one in raw
    )
    return FileAhead(request.path, key, ahead, head.rows, head.is_all, file_bytes)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # opening it tells what is wrong


def _firsts_of(head: Head) -> dict[date, int | None]:
    """Give the local time of the first row of each day, oldest first."""
    local_us = np.concatenate([block.local_us for block in head.blocks])
    _, places = np.unique(local_us // US_PER_DAY, return_index=True)
    return {day_of(int(first_us)): int(first_us) for first_us in local_us[places]}


class _WholeFile:
    """The bytes of a file: read once, and only where somebody asks."""

    def __init__(self, path: Path, size: int, monitor: Monitor) -> None:
        self._path = path
        self._size = size
        self._monitor = monitor
        self._sha256: str | None = None

    def is_source_of(self, part: Part) -> bool:
        """Tell whether the rows of *part* came from a file of just these bytes."""
        if part.source_sha256 is None or part.source_bytes not in (None, self._size):
            return False
        if self._sha256 is None:
            self._sha256 = self._hash()
        return self._sha256 == part.source_sha256

    def _hash(self) -> str:
        digest, done = hashlib.sha256(), 0
        try:
            with self._path.open("rb", buffering=0) as file:
                while piece := file.read(_PIECE_BYTES):
                    digest.update(piece)
                    done += len(piece)
                    self._monitor.report(done, self._size)
        except OSError as error:
            raise EnvironmentProblem(f"{self._path}: cannot be read: {error.strerror}") from error
        return digest.hexdigest()


def _prospect(held: Day | None, first_us: int | None, whole: _WholeFile) -> Prospect:
    """Tell what :func:`tickreel.store.intake.settling.settle` would decide, as far as the head says."""
    if held is None or not held.parts:
        return Prospect.WOULD_STORE
    same = [part for part in held.parts if whole.is_source_of(part)]
    if same:
        # The same rows once more are the cure of a damaged file.
        return Prospect.WOULD_REPLACE if any(part.is_damaged for part in same) else Prospect.ALREADY_HERE
    if all(part.is_damaged for part in held.parts):
        return Prospect.WOULD_REPLACE
    sound = [part for part in held.parts if not part.is_damaged]
    if first_us is None or any(part.start_us <= first_us < part.end_us for part in sound):
        return Prospect.OVERLAPS
    return Prospect.WOULD_ADD_PART
