"""Odd machines: a disk that cannot be written, a clock that goes back, few file handles."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import psutil
import pytest
from faults.acts import ACTS
from faults.homes import (
    DAY,
    KEY,
    NEXT_DAY,
    check_sound,
    facts_of,
    opened,
    opened_cache,
    store_many,
    store_part,
)
from support.faultydisk import FaultyDisk
from support.mounts import make_read_only, small_disk

from tickreel.errors import TickreelError
from tickreel.filesystem import Disk
from tickreel.settings import StoreSettings
from tickreel.store import Cache
from tickreel.store.eviction import Eviction
from tickreel.store.model import DayRange
from tickreel.store.rebuilding import rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = (KEY.exchange, KEY.symbol, KEY.type)
_SEGMENTS = 5_000


def test_a_home_on_a_disk_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 20_000_000) as folder:
        with opened(folder / "home") as store:
            store_part(store)
        make_read_only(folder)
        with Cache(folder / "home", read_only=True) as cache:
            assert cache.arrow(*NAMES, "2024-07-23", "2024-07-24").num_rows == 300
            with pytest.raises(TickreelError):
                cache.import_file(tmp_path / "nothing.csv")


def test_a_home_opened_for_reading_is_not_changed(tmp_path: Path) -> None:
    ACTS["ingest"].prepare(tmp_path)
    ACTS["ingest"].perform(tmp_path, Disk())
    root = tmp_path / "home"
    dead = root / "staging" / "dead"
    dead.mkdir()
    with opened(tmp_path / "other"):
        pass
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and path.suffix}
    with Cache(root, read_only=True) as cache:
        assert cache.arrow(*NAMES, "2024-07-23", "2024-07-24").num_rows == 80
    assert dead.exists()
    for path, data in before.items():
        if path.suffix in (".tick", ".keys", ".sqlite"):
            assert path.read_bytes() == data, path


def test_a_clock_that_jumps_back_loses_nothing(tmp_path: Path) -> None:
    ACTS["replace"].prepare(tmp_path)
    plain = tmp_path / "plain"
    shutil.copytree(tmp_path / "home", plain / "home")
    shutil.copy(tmp_path / "a.csv", plain)
    ACTS["replace"].perform(plain, Disk())

    def backwards() -> Iterator[int]:
        now_us = 2_000_000_000_000_000
        while True:
            yield now_us
            now_us -= 3_600_000_000

    clock = backwards()
    disk = FaultyDisk(clock=lambda: next(clock))
    ACTS["replace"].perform(tmp_path, disk)
    assert facts_of(tmp_path / "home") == facts_of(plain / "home")
    with opened(tmp_path / "home", disk) as store:
        days = DayRange(KEY, DAY, NEXT_DAY)
        store.trash.put(days)
        newest = sorted(store.trash.entries(), key=lambda entry: entry.id)[-2:]
        store.trash.restore(newest)
        Eviction(store.home, store.database, store.catalog, store.trash, StoreSettings()).run()
    assert facts_of(tmp_path / "home") == facts_of(plain / "home")
    rebuild(tmp_path / "home", disk=disk)
    assert facts_of(tmp_path / "home") == facts_of(plain / "home")
    check_sound(tmp_path / "home")


def test_many_small_segments_are_read_with_few_handles(tmp_path: Path) -> None:
    root = tmp_path / "home"
    first = DAY - timedelta(days=_SEGMENTS)
    with opened(root) as store:
        store_many(store, first, _SEGMENTS)
    process = psutil.Process()
    counted = process.num_handles if psutil.WINDOWS else process.num_fds
    with opened_cache(root) as cache:
        before = counted()
        rows, most = 0, 0
        for batch in cache.batches(*NAMES, first.isoformat(), DAY.isoformat()):
            rows += batch.num_rows
            most = max(most, counted())
        assert rows == 3 * _SEGMENTS
        assert most - before <= 100
