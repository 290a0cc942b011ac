"""What is measured of the store: the days of a home, and the shortest way through their files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tickreel.errors import DataError
from tickreel.market.time import US_PER_DAY
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.library.booktime import L2_COLUMNS, l2_rows
from tickreel.store.segments import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from tickreel.book import L2Rows
    from tickreel.store import Cache, Day


@dataclass(frozen=True, slots=True)
class Subject:
    """A stored file: its largest part, by which reading is measured, and the size of all of them."""

    key: DatasetKey
    segment: Path
    rows: int
    """Of the largest part."""
    first_us: int
    last_us: int
    all_rows: int
    all_bytes: int
    keyframe_bytes: int

    @property
    def has_book(self) -> bool:
        """Whether one order book follows from the rows."""
        return self.key.type is DataType.INCREMENTAL_BOOK_L2 and not self.key.is_grouped


def subject_of(cache: Cache) -> Subject:
    """Find what a home that one file was stored in holds.

    Raises:
        DataError: the file had no rows.
    """
    days = cache.all_days()
    parts = [(day, part) for day in days for part in day.parts]
    day, part = max(parts, key=lambda one: one[1].rows)
    if part.first_local_us is None or part.last_local_us is None:
        raise DataError(f"{day.key} {day.day} has no rows to measure")
    paths = [segment_path(cache, one.segment_id) for _, one in parts]
    keyframes = [path.with_suffix(".keys") for path in paths]
    return Subject(
        key=day.key,
        segment=segment_path(cache, part.segment_id),
        rows=part.rows,
        first_us=part.first_local_us,
        last_us=part.last_local_us,
        all_rows=sum(one.rows for _, one in parts),
        all_bytes=sum(path.stat().st_size for path in paths),
        keyframe_bytes=sum(path.stat().st_size for path in keyframes if path.exists()),
    )


def segment_path(cache: Cache, segment_id: str) -> Path:
    """Find the file of a sealed segment."""
    return next(cache.home.rglob(f"{segment_id}.tick"))


class Scanner:
    """One segment, read from its file again and again into the same buffers; a context manager."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._segment = Segment.open(subject.segment)

    def __enter__(self) -> Scanner:
        return self

    def __exit__(self, *_: object) -> None:
        self._segment.close()

    def decode(self) -> int:
        """Decode all columns of all rows; give the number of rows."""
        end_us = self._subject.last_us + 1
        return sum(len(block) for block in self._segment.blocks(self._subject.first_us, end_us, reuse=True))

    def l2_rows(self) -> Iterator[L2Rows]:
        """Decode what a book is made of, whole messages at a time; each is overwritten by the next."""
        end_us = self._subject.last_us + 1
        for block in self._segment.blocks(self._subject.first_us, end_us, L2_COLUMNS, reuse=True):
            yield l2_rows(block)

    def read(self, start_us: int, end_us: int) -> int:
        """Read a range into fresh arrays; give the number of rows."""
        return len(self._segment.read(start_us, end_us))


def multiply_days(home: Path, held: Day, datasets: int, days_each: int) -> None:
    """Enter a held day many times more into the catalog of a closed home, under other names and days.

    Only the catalog grows: there are no files behind the new entries.
    """
    with closing(sqlite3.connect(home / "catalog.sqlite")) as database, database:
        database.row_factory = sqlite3.Row
        kept = {table: _only_row(database, table) for table in ("dataset", "day", "segment")}
        for number in range(1, datasets + 1):
            dataset_id = kept["dataset"]["id"] + number
            _insert(
                database,
                "dataset",
                [kept["dataset"] | {"id": dataset_id, "symbol": f"{held.key.symbol}{number}"}],
            )
            spans = [(held.day + timedelta(days=step), step * US_PER_DAY) for step in range(days_each)]
            _insert(database, "day", [_day(kept["day"], dataset_id, day) for day, _ in spans])
            _insert(
                database,
                "segment",
                [
                    _moved(kept["segment"], shift_us)
                    | {"id": f"{dataset_id:016x}{shift_us:016x}", "dataset_id": dataset_id}
                    | {"day": day.isoformat()}
                    for day, shift_us in spans
                ],
            )


def _day(kept: dict[str, Any], dataset_id: int, day: date) -> dict[str, Any]:
    return kept | {"dataset_id": dataset_id, "day": day.isoformat()}


def _moved(segment: dict[str, Any], shift_us: int) -> dict[str, Any]:
    times = ("start_us", "end_us", "first_local_us", "last_local_us")
    return segment | {name: segment[name] + shift_us for name in times}


def _only_row(database: sqlite3.Connection, table: str) -> dict[str, Any]:
    (row,) = database.execute(f"SELECT * FROM {table}")
    return dict(row)


def _insert(database: sqlite3.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    names = ", ".join(rows[0])
    marks = ", ".join(f":{name}" for name in rows[0])
    database.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
