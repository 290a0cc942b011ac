"""What a worker on another machine must know to read days: what the catalog says of them, and their files.

It is taken from the catalog once, by the program that begins a sweep. A worker makes a small home of its own
from it, in which the segment files are links to where they lie, and never opens the catalog that it comes
from. Each segment's rows are held to the digest that the manifest has for them.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec

from tickreel.errors import EnvironmentProblem
from tickreel.store.home import Home
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tickreel.backtest.runs.data import RunDay
    from tickreel.store import Cache

Row = dict[str, Any]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of the catalog by table, and the files of segments."""

    dataset: list[Row]
    day: list[Row]
    segment: list[Row]
    member: list[Row]
    instrument: list[Row]
    files: dict[str, list[str]]
    """Path of the rows by segment, and of its keyframes where it has any."""


_TABLES = ("dataset", "day", "segment", "member", "instrument")


def manifest_of(cache: Cache, days: Iterable[RunDay]) -> Manifest:
    """Take what is said of days, and of the instruments of their exchanges, from the catalog."""
    tables: dict[str, list[Row]] = {name: [] for name in _TABLES}
    files: dict[str, list[str]] = {}
    with closing(cache.connect()) as database, database.snapshot():
        for day in days:
            key = day.key
            (dataset,) = _rows(
                database,
                "SELECT * FROM dataset WHERE exchange = ? AND symbol = ? AND type = ?",
                (key.exchange, key.symbol, key.type.value),
            )
            if dataset not in tables["dataset"]:
                tables["dataset"].append(dataset)
            of_day = (dataset["id"], day.day.isoformat())
            tables["day"] += _rows(database, "SELECT * FROM day WHERE dataset_id = ? AND day = ?", of_day)
            segments = _rows(
                database,
                "SELECT * FROM segment WHERE dataset_id = ? AND day = ? AND trashed_us IS NULL",
                of_day,
            )
            tables["segment"] += segments
            for segment in segments:
                tables["member"] += _rows(
                    database, "SELECT * FROM member WHERE segment_id = ?", (segment["id"],)
                )
        exchanges = sorted({row["exchange"] for row in tables["dataset"]})
        for exchange in exchanges:
            tables["instrument"] += _rows(
                database, "SELECT * FROM instrument WHERE exchange = ? ORDER BY id", (exchange,)
            )
    home = Home(cache.home, read_only=True)
    for segment in tables["segment"]:
        paths = [home.segment_path(segment["id"])]
        if segment["keyframe_bytes"]:
            paths.append(home.keyframes_path(segment["id"]))
        files[segment["id"]] = [str(path) for path in paths]
    return Manifest(**tables, files=files)


def _rows(database: Database, sql: str, given: tuple[Any, ...]) -> list[Row]:
    return [dict(row) for row in database.rows(sql, given)]


def make_home(manifest: Manifest, folder: Path) -> None:
    """Make a home in an empty folder that holds the days of a manifest, their files linked.

    Raises:
        EnvironmentProblem: a file does not lie where the manifest says, as on a machine that does not
            share the folder of the home, or cannot be linked or copied.
    """
    home = Home(folder)
    try:
        for segment_id, paths in manifest.files.items():
            home.segment_path(segment_id).parent.mkdir(parents=True, exist_ok=True)
            places = (home.segment_path(segment_id), home.keyframes_path(segment_id))
            for source, place in zip(paths, places, strict=False):  # keyframes need not be there
                if not os.path.isfile(source):
                    raise EnvironmentProblem(f"this worker does not see {source}, rows that it needs")
                try:
                    place.symlink_to(source)
                except OSError:  # not everybody may, on Windows
                    shutil.copyfile(source, place)
    except OSError as error:
        raise EnvironmentProblem(f"{folder} cannot be written: {error.strerror or error}") from error
    with closing(Database(home.catalog, read_only=False)) as database, database.writing() as connection:
        for table in _TABLES:
            for row in getattr(manifest, table):
                names = list(row)
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                    list(row.values()),
                )
