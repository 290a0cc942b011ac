"""Days that are damaged in a home and may be whole in its backup.

What the home knows of the damage goes into the backup's catalog with everything else. Where the
backup's own file is sound, the mark does not belong there and is taken away.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tickreel.errors import DataError
from tickreel.market.types import DatasetKey, DataType
from tickreel.store.care.verification import problem_of_file, rows_sha256_of
from tickreel.store.model import SEGMENT_FORMAT
from tickreel.store.records.catalog import Catalog
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from tickreel.progress import Monitor


@dataclass(frozen=True, slots=True)
class DamagedDay:
    """A day whose rows the home has lost, in whole or in part."""

    key: DatasetKey
    day: date
    is_kept: bool
    """Whether the backup holds it sound and serves it."""


def settle_damage(
    catalog_path: Path,
    suspects: AbstractSet[str],
    place_of: Callable[[str], Path],
    now_us: int,
    monitor: Monitor,
) -> tuple[DamagedDay, ...]:
    """Mark segments that are damaged in the home as what a backup's own files of them prove to be.

    *catalog_path* is the backup's copy of the catalog, in use by nobody else; *suspects* are segments
    that it names, and *place_of* gives their files in the backup. Every byte and row of them is looked
    at. Gives the days that hold one of them, by dataset and day; those in the trash are settled alike
    and not told.

    Raises:
        sqlite3.Error: the copy cannot be changed.
        EnvironmentProblem: a file cannot be read for a reason that is no damage.
        Cancelled: the monitor said so.
    """
    with (
        closing(Database(catalog_path, read_only=True)) as database,
        # Not as a home's catalog is written: a log beside the copy would be no part of it.
        closing(sqlite3.connect(catalog_path, isolation_level=None)) as connection,
    ):
        connection.row_factory = sqlite3.Row
        catalog = Catalog(database)
        sound = set()
        for number, segment_id in enumerate(sorted(suspects)):
            monitor.report(number, len(suspects), "looking at copies of damaged days")
            if problem_of_file(database, segment_id, place_of(segment_id)) is None:
                sound.add(segment_id)
        connection.execute("BEGIN IMMEDIATE")
        catalog.mark_sound(connection, sorted(sound))
        catalog.mark_damaged(connection, _unmarked(connection, suspects - sound), now_us)
        connection.execute("COMMIT")
        days = _days_of(connection, suspects)
        for key, day in days:
            _give_digest(catalog, connection, key, day, place_of)
        return tuple(DamagedDay(key, day, _is_held(catalog, key, day)) for key, day in days)


def _unmarked(connection: sqlite3.Connection, segment_ids: Iterable[str]) -> list[str]:
    """Choose those that nothing says of that they cannot be read."""
    query = "SELECT 1 FROM segment WHERE id = ? AND damaged_us IS NULL AND format = ?"
    return [one for one in sorted(segment_ids) if connection.execute(query, (one, SEGMENT_FORMAT)).fetchone()]


def _days_of(connection: sqlite3.Connection, segment_ids: Iterable[str]) -> list[tuple[DatasetKey, date]]:
    """List the days that hold a segment, without those of segments in the trash."""
    query = (
        "SELECT exchange, symbol, type, day FROM segment JOIN dataset ON dataset.id = dataset_id"
        " WHERE segment.id = ? AND trashed_us IS NULL"
    )
    rows = [row for one in segment_ids for row in connection.execute(query, (one,))]
    return sorted(
        {
            (
                DatasetKey(row["exchange"], row["symbol"], DataType(row["type"])),
                date.fromisoformat(row["day"]),
            )
            for row in rows
        }
    )


def _is_held(catalog: Catalog, key: DatasetKey, number: date) -> bool:
    day = catalog.day(key, number)
    return day is not None and day.state.is_held


def _give_digest(
    catalog: Catalog,
    connection: sqlite3.Connection,
    key: DatasetKey,
    number: date,
    place_of: Callable[[str], Path],
) -> None:
    """Digest the rows of a day that has none: a part came to the home while another could not be read."""
    day = catalog.day(key, number)
    if day is None or not day.state.is_held or day.rows_sha256:
        return
    try:
        digest = rows_sha256_of(key, [place_of(part.segment_id) for part in day.parts])
    except DataError:
        return  # its readers are told of that part
    catalog.record_day(connection, key, number, day.state, digest)
