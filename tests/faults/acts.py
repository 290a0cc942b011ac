"""The acts in which a process is made to die: each with a home to begin with, and what it does to it.

An act may be done again after it was done: it then finds that nothing is left to do.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from faults.homes import DAY, KEY, NEXT_DAY, book_rows, check_sound, opened, opened_cache, store_part
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.market.time import day_start_us
from tickreel.market.types import SCHEMAS, DataType
from tickreel.settings import StoreSettings
from tickreel.store import ImportRequest, Provenance
from tickreel.store.care.backup import back_up
from tickreel.store.care.eviction import Eviction
from tickreel.store.care.rebuilding import rebuild
from tickreel.store.digest import RowsDigest
from tickreel.store.model import DayRange, Source
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.filesystem import Disk

_DAY_US = 86_400_000_000
_BOTH = DayRange(KEY, DAY, NEXT_DAY)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done to a home; paths are those of the folder that holds ``home``."""

    prepare: Callable[[Path], None]
    perform: Callable[[Path, Disk], None]
    needs_rebuild: bool = False
    """Before the act, the home cannot be opened, and says that a rebuild is the cure."""
    check: Callable[[Path], None] | None = None
    """A look at what else the act leaves behind, whether it came to its end or not."""


def _two_days(folder: Path) -> None:
    with opened(folder / "home") as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY)


def _csv(folder: Path, name: str, begins: list[int], price: str = "100.5") -> None:
    rows = [
        l2_line(begin + number * 1_000, side, price, str(number + 1), snapshot=number < 2)
        for begin in begins
        for number in range(40)
        for side in ("bid", "ask")
    ]
    write_csv(folder / name, DataType.INCREMENTAL_BOOK_L2, rows)


def _prepare_import(folder: Path) -> None:
    with opened(folder / "home"):
        _csv(folder, "a.csv", [START_US, START_US + _DAY_US])


def _prepare_part(folder: Path) -> None:
    with opened(folder / "home") as store:
        store_part(store, hour=2, whole=False, source=Source.IMPORT)
    _csv(folder, "a.csv", [START_US])


def _prepare_replace(folder: Path) -> None:
    _two_days(folder)
    _csv(folder, "a.csv", [START_US, START_US + _DAY_US], price="99.5")


def _import(*, replace: bool) -> Callable[[Path, Disk], None]:
    def perform(folder: Path, disk: Disk) -> None:
        with opened_cache(folder / "home", disk) as cache:
            cache.import_path(ImportRequest(folder / "a.csv", replace=replace))

    return perform


def _bring_parts(folder: Path, disk: Disk) -> None:
    """Store a day of parts as it comes from a shared cache: all of them, or none."""
    told: list[tuple[Provenance, str]] = []
    with opened_cache(folder / "home", disk) as cache, cache.ingest(KEY) as ingest:
        for hour in (1, 5, 9):
            block = book_rows(day_start_us(DAY) + hour * 3_600_000_000, 300, first_price=100.0 + hour)
            digest = RowsDigest(SCHEMAS[KEY.type], grouped=False)
            digest.update(block)
            ingest.begin_part()
            ingest.append(block)
            told.append((Provenance(Source.SHARED, None), digest.hexdigest()))
        ingest.commit_parts(told)


def _prepare_nothing(folder: Path) -> None:
    with opened(folder / "home"):
        pass


def _prepare_trashed(folder: Path) -> None:
    _two_days(folder)
    with opened(folder / "home") as store:
        store.trash.put(_BOTH)


def _prepare_beside(folder: Path) -> None:
    """What comes back finds a part of its day, and the rows of both are read for their digest."""
    with opened(folder / "home") as store:
        store_part(store, hour=1, whole=False)
        store.trash.put(_BOTH)
        store_part(store, hour=5, whole=False)


def _put(folder: Path, disk: Disk) -> None:
    with opened(folder / "home", disk) as store:
        if store.catalog.days(KEY):
            store.trash.put(_BOTH)


def _evict(folder: Path, disk: Disk) -> None:
    with opened(folder / "home", disk) as store:
        settings = StoreSettings(quota_bytes=0)
        Eviction(store.home, store.database, store.catalog, store.trash, settings).run()


def _restore(folder: Path, disk: Disk) -> None:
    with opened(folder / "home", disk) as store:
        store.trash.restore(store.trash.entries())


def _purge(folder: Path, disk: Disk) -> None:
    with opened(folder / "home", disk) as store:
        store.trash.purge(store.trash.entries())


def _prepare_lost(folder: Path) -> None:
    _two_days(folder)
    (folder / "home" / "catalog.sqlite").unlink()


def _prepare_scribbled(folder: Path) -> None:
    _two_days(folder)
    scribble(folder / "home" / "catalog.sqlite")


def scribble(catalog: Path) -> None:
    """Overwrite a catalog from its second page on."""
    data = bytearray(catalog.read_bytes())
    data[4096:] = b"\x5a" * (len(data) - 4096)
    catalog.write_bytes(data)


def _rebuild(folder: Path, disk: Disk) -> None:
    rebuild(folder / "home", disk=disk)


def prepare_old_home(folder: Path) -> None:
    """Make a home as the first version left it: its catalog, and a segment in the old format."""
    home = folder / "home"
    (home / "segments" / "ab").mkdir(parents=True)
    (home / "staging").mkdir()
    (home / "segments" / "ab" / ("ab" * 16 + ".parquet")).write_bytes(b"PAR1 of old")
    script = (
        files("tickreel.store.records").joinpath("migrations/0001_days_and_segments.sql").read_text("utf-8")
    )
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        catalog.executescript(script)
        catalog.execute("PRAGMA journal_mode = WAL")
        catalog.execute("INSERT INTO dataset VALUES (1, 'binance-futures', 'BTCUSDT', 'trades')")
        catalog.execute("INSERT INTO day VALUES (1, '2024-07-23', 'present', 'aa')")
        catalog.execute(
            "INSERT INTO segment VALUES"
            " (?, 1, '2024-07-23', ?, ?, 1, 1, 11, ?, ?, 'aa', 0, 'import', NULL, 5, NULL)",
            ("ab" * 16, START_US, START_US + _DAY_US, START_US, START_US),
        )
        catalog.execute("PRAGMA application_id = 0x7469636B")
        catalog.execute("PRAGMA user_version = 1")
        catalog.commit()


def _migrate(folder: Path, _disk: Disk) -> None:
    Database(folder / "home" / "catalog.sqlite", read_only=False).close()


def _back_up(folder: Path, disk: Disk) -> None:
    with opened(folder / "home", disk) as store:
        back_up(store.home, folder / "backup")
    assert not [*folder.glob("backup/*.partial*"), *folder.glob("backup/segments/*/*.partial")]


def _prepare_backup(folder: Path) -> None:
    _two_days(folder)
    with opened(folder / "home") as store:
        back_up(store.home, folder / "backup")
        store.trash.put(DayRange(KEY, DAY, DAY))
        store.trash.purge(store.trash.entries())
        store_part(store, DAY, first_price=55.0)


def _check_backup(folder: Path) -> None:
    """A backup that was interrupted opens, and holds what it held before or what it was to hold."""
    with opened(folder / "backup") as store:
        assert [day.day for day in store.catalog.days(KEY)] == [DAY, NEXT_DAY]
        # What it had brought so far is no part of the old backup, and no harm to it.
        for segment_id in store.home.orphans(store.catalog.held_segments):
            store.home.remove_segment(segment_id)
        for keyframes in store.home.segments.glob("*/*.keys"):
            if not keyframes.with_suffix(".tick").exists():
                keyframes.unlink()
    check_sound(folder / "backup")


ACTS = {
    "ingest": Act(_prepare_import, _import(replace=False)),
    "add part": Act(_prepare_part, _import(replace=False)),
    "bring parts": Act(_prepare_nothing, _bring_parts),
    "replace": Act(_prepare_replace, _import(replace=True)),
    "trash": Act(_two_days, _put),
    "eviction": Act(_two_days, _evict),
    "restore": Act(_prepare_trashed, _restore),
    "restore beside": Act(_prepare_beside, _restore),
    "purge": Act(_prepare_trashed, _purge),
    "rebuild": Act(_prepare_lost, _rebuild, needs_rebuild=True),
    "rebuild of a damaged catalog": Act(_prepare_scribbled, _rebuild, needs_rebuild=True),
    "rebuild of a sound catalog": Act(_two_days, _rebuild),
    "migration": Act(prepare_old_home, _migrate),
    "backup": Act(_prepare_backup, _back_up, check=_check_backup),
}
