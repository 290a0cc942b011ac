"""A home whose days are recorded directly, with files that hold nothing to read."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from tickreel.filesystem import Disk
from tickreel.market.time import US_PER_DAY, day_start_us
from tickreel.market.types import DatasetKey, DataType
from tickreel.settings import StoreSettings
from tickreel.store.care.lifecycle import LifeCycle
from tickreel.store.home import Home
from tickreel.store.model import DayRange, Part, Source, state_of_parts
from tickreel.store.records.catalog import Catalog, NewPart
from tickreel.store.records.database import Database

if TYPE_CHECKING:
    from pathlib import Path

KEY = DatasetKey("binance-futures", "BTCUSDT", DataType.TRADES)
FIRST = date(2024, 7, 23)
START_US = day_start_us(date(2026, 1, 1))


def day(number: int) -> date:
    """Give a day counted from 2024-07-23."""
    return date.fromordinal(FIRST.toordinal() + number)


def days(first: int, last: int | None = None, key: DatasetKey = KEY) -> DayRange:
    """Give a range of days counted from 2024-07-23, the last included."""
    return DayRange(key, day(first), day(first if last is None else last))


@dataclass
class ClockedDisk(Disk):
    """A disk whose clock stands where it is put."""

    clock_us: int = START_US
    free: int | None = None

    def now_us(self) -> int:
        return self.clock_us

    def free_bytes(self, folder: Path) -> int:
        return super().free_bytes(folder) if self.free is None else self.free


@dataclass
class StoredHome:
    """A home that is open, with all that works on it; *reopen* starts anew as a program would."""

    root: Path
    disk: ClockedDisk = field(default_factory=ClockedDisk)
    settings: StoreSettings = field(default_factory=StoreSettings)

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self.home = Home(self.root, disk=self.disk)
        self.database = Database(self.home.catalog, read_only=False)
        self.catalog = Catalog(self.database)
        self.home.sweep(self.catalog.held_segments)
        self.life = LifeCycle(self.home, self.database, self.catalog, self.settings)

    def close(self) -> None:
        self.database.close()

    def reopen(self, settings: StoreSettings | None = None) -> None:
        self.close()
        self.settings = settings or self.settings
        self._open()

    def store(
        self,
        number: int,
        *,
        span: tuple[float, float] = (0, 1),
        source: Source = Source.IMPORT,
        size: int = 100,
        rows: int = 10,
        key: DatasetKey = KEY,
        rows_sha256: str | None = None,
    ) -> Part:
        """Hold a part of a day, *span* being its share of the day."""
        segment_id = uuid.uuid4().hex
        path = self.home.segment_path(segment_id)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"rows")
        path.with_suffix(".keys").write_bytes(b"keyframes")
        start_us = day_start_us(day(number))
        low, high = (start_us + int(share * US_PER_DAY) for share in span)
        part = Part(
            segment_id=segment_id,
            day=day(number),
            start_us=low,
            end_us=high,
            rows=rows,
            messages=rows,
            bytes=size,
            first_local_us=low,
            last_local_us=high - 1,
            rows_sha256=rows_sha256 or hashlib.sha256(segment_id.encode()).hexdigest(),
            opens_with_snapshot=False,
            source=source,
            source_sha256=None,
            imported_us=self.disk.now_us(),
            keyframe_bytes=size // 10,
        )
        with self.database.writing() as connection:
            held = self.catalog.day(key, day(number))
            parts = sorted((*(held.parts if held else ()), part), key=lambda one: one.start_us)
            joined = "".join(one.rows_sha256 for one in parts)
            digest = part.rows_sha256 if len(parts) == 1 else hashlib.sha256(joined.encode()).hexdigest()
            self.catalog.add_part(connection, NewPart(part, key, ()), state_of_parts(parts), digest)
        return part

    def files(self) -> set[str]:
        """Name the segments whose rows lie in their place; keyframes must lie beside them."""
        rows = {path.stem for path in self.home.segments.rglob("*.tick")}
        assert {path.stem for path in self.home.segments.rglob("*.keys")} == rows
        return rows

    def held(self, key: DatasetKey = KEY) -> list[int]:
        """Number the held days."""
        return [one.day.toordinal() - FIRST.toordinal() for one in self.catalog.days(key)]
