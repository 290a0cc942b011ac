"""Tiny homes on which faults are tried: what they hold, and whether they hold together."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from tickreel.filesystem import Disk
from tickreel.market.block import Block
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store import Cache
from tickreel.store.care.trash import Trash
from tickreel.store.care.verification import verify
from tickreel.store.digest import RowsDigest
from tickreel.store.home import Home
from tickreel.store.model import DayState, Part, Source
from tickreel.store.records.catalog import Catalog, NewPart
from tickreel.store.records.database import Database
from tickreel.store.segments import KeyframeWriter, SealFacts, SegmentWriter
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.INCREMENTAL_BOOK_L2)
DAY = date(2024, 7, 23)
NEXT_DAY = date(2024, 7, 24)

Facts = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Store:
    """The pieces of an open store."""

    home: Home
    database: Database
    catalog: Catalog
    trash: Trash


@contextmanager
def opened(root: Path, disk: Disk | None = None) -> Iterator[Store]:
    """Open a store as the program does, the clearing of dead sessions included."""
    home = Home(root, disk=disk)
    with closing(Database(home.catalog, read_only=False)) as database:
        catalog = Catalog(database)
        home.sweep(catalog.held_segments)
        yield Store(home, database, catalog, Trash(home, database, catalog, 0))


@contextmanager
def opened_cache(root: Path, disk: Disk | None = None) -> Iterator[Cache]:
    """Open the cache as its users do, over a disk of the test's."""
    with Cache(root, disk=disk) as cache:
        yield cache


def book_rows(start_us: int, rows: int, *, first_price: float = 100.0) -> Block:
    """Make order-book rows, a millisecond apart, the first a snapshot row."""
    numbers = np.arange(rows)
    local_us = start_us + 1000 * numbers
    return Block(
        SCHEMAS[KEY.type],
        KEY.exchange,
        KEY.symbol,
        {
            "timestamp": local_us - 7,
            "local_timestamp": local_us,
            "is_snapshot": numbers == 0,
            "side": (numbers % 2).astype(np.int8),
            "price": first_price + (numbers % 50) / 10,
            "amount": 1.0 + numbers % 7,
        },
    )


def store_part(
    store: Store,
    day: date = DAY,
    *,
    hour: int = 0,
    rows: int = 300,
    whole: bool = True,
    source: Source = Source.TARDIS,
    imported_us: int = 1_000,
    first_price: float = 100.0,
) -> str:
    """Store rows as a part of a day, with a keyframe; give the segment's id."""
    block = book_rows(day_start_us(day) + hour * 3_600_000_000, rows, first_price=first_price)
    with Staging(store.home) as staging:
        part = _sealed(store.home.disk, staging, block, day, whole, source, imported_us)
        keyframes = KeyframeWriter(store.home.disk, staging.keyframes_path(part.segment_id))
        level = np.array([[first_price, 1.0]])
        keyframes.add(int(block.local_us[-1]), level, level + 1)
        part = replace(part, keyframe_bytes=keyframes.seal())
        with store.database.writing() as connection:
            state = DayState.PRESENT if whole else DayState.PARTIAL
            store.catalog.add_part(connection, NewPart(part, KEY, ()), state, part.rows_sha256)
            staging.publish([part.segment_id])
    return part.segment_id


class _Hasty(Disk):
    """Forces nothing to the disk: many files in a short time."""

    def sync(self, file: BinaryIO) -> None:
        pass

    def sync_folder(self, path: Path) -> None:
        pass


def store_many(store: Store, first: date, days: int) -> None:
    """Store many days of three rows each, from *first* on, in one step."""
    disk = _Hasty()
    with Staging(store.home) as staging, store.database.writing() as connection:
        parts = [
            _sealed(disk, staging, book_rows(day_start_us(day), 3), day, True, Source.TARDIS, 1_000)
            for day in (first + timedelta(days=number) for number in range(days))
        ]
        for part in parts:
            store.catalog.add_part(connection, NewPart(part, KEY, ()), DayState.PRESENT, part.rows_sha256)
        staging.publish([part.segment_id for part in parts])


def _sealed(
    disk: Disk, staging: Staging, block: Block, day: date, whole: bool, source: Source, imported_us: int
) -> Part:
    digest = RowsDigest(SCHEMAS[KEY.type], grouped=False)
    digest.update(block)
    segment_id, path = staging.new_segment()
    writer = SegmentWriter(disk, path, KEY, day)
    writer.append(block)
    sealed = writer.seal(SealFacts(digest.hexdigest(), source.value, None, imported_us, whole))
    start_us, last_us = int(block.local_us[0]), int(block.local_us[-1])
    return Part(
        segment_id=segment_id,
        day=day,
        start_us=day_start_us(day) if whole else start_us,
        end_us=day_start_us(day) + US_PER_DAY if whole else last_us + 1,
        rows=sealed.rows,
        messages=sealed.messages,
        bytes=sealed.bytes,
        first_local_us=start_us,
        last_local_us=last_us,
        rows_sha256=sealed.rows_sha256,
        opens_with_snapshot=sealed.opens_with_snapshot,
        source=source,
        source_sha256=None,
        imported_us=imported_us,
    )


def facts_of(root: Path) -> Facts:
    """Say what a home holds, in words that are the same however it came there: no ids, no clock."""
    with closing(sqlite3.connect(f"{(root / 'catalog.sqlite').as_uri()}?mode=ro", uri=True)) as catalog:
        days = catalog.execute(
            "SELECT 'day', exchange, symbol, type, day, state, rows_sha256"
            " FROM day JOIN dataset ON dataset.id = dataset_id ORDER BY 2, 3, 4, 5"
        ).fetchall()
        parts = catalog.execute(
            "SELECT 'part', exchange, symbol, type, day, start_us, end_us, rows_sha256, keyframe_bytes,"
            " damaged_us IS NULL, trashed_us IS NULL"
            " FROM segment JOIN dataset ON dataset.id = dataset_id ORDER BY 2, 3, 4, 5, 6, 8, 11"
        ).fetchall()
        pins = catalog.execute("SELECT 'pin', day, holder, rows_sha256 FROM pin ORDER BY 2, 3").fetchall()
        kept = catalog.execute("SELECT 'expiry', day, expires_us FROM day ORDER BY 2").fetchall()
    return (*days, *parts, *pins, *kept)


def check_sound(root: Path) -> None:
    """Fail unless every row that the catalog names is there, and no file that nobody names."""
    with opened(root) as store:
        problems = [
            f"{one.day}: {one.problem or one.note}"
            for one in verify(store.home, store.catalog, store.database, deep=True, records=False)
            if (one.problem or one.note) and "no longer read" not in (one.problem or "")
        ]
        assert not problems, problems
        held = {row[0] for row in store.database.tuples("SELECT id FROM segment WHERE format <> 0")}
        files = {path for path in store.home.segments.rglob("*") if path.is_file()}
        named = {
            store.home.segment_path(one).with_suffix(suffix)
            for one in held
            for suffix in (".tick", ".keys", ".trashed")
        }
        # Old segments are left alone; a backup's unfinished copies are cleared by the next backup.
        unknown = {path for path in files - named if path.suffix not in (".parquet", ".partial")}
        assert not unknown, sorted(unknown)
        assert not list(store.home.staging.iterdir()), list(store.home.staging.iterdir())
        assert not list(root.glob("*.unfinished*")), list(root.iterdir())


def check_marks(root: Path) -> None:
    """Fail unless the marks beside the files say of every segment what the catalog says of the trash."""
    with opened(root) as store:
        in_trash = {part.segment_id for entry in store.trash.entries() for part in entry.parts}
        marked = {path.stem for path in store.home.segments.rglob("*.trashed")}
    assert marked == in_trash
