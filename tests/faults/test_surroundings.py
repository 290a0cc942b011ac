"""Odd machines: a disk that cannot be written, a clock that goes back, few file handles."""

from __future__ import annotations

import shutil
import sys
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
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.errors import UsageError
from tickreel.filesystem import Disk
from tickreel.settings import StoreSettings
from tickreel.store import Cache
from tickreel.store.care.eviction import Eviction
from tickreel.store.care.rebuilding import rebuild
from tickreel.store.model import DayRange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = (KEY.exchange, KEY.symbol, KEY.type)
_SEGMENTS = 5_000
_PROCESS = psutil.Process()
_handles = _PROCESS.num_handles if psutil.WINDOWS else _PROCESS.num_fds


def test_a_home_on_a_disk_that_cannot_be_written_is_read(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 20_000_000) as folder:
        with opened(folder / "home") as store:
            store_part(store)
        rows = [l2_line(START_US + number, "bid", "100.5", "1") for number in range(3)]
        csv = write_csv(tmp_path / "a.csv", KEY.type, rows)
        make_read_only(folder)
        with Cache(folder / "home", read_only=True) as cache:
            assert cache.arrow(*NAMES, "2024-07-23", "2024-07-24").num_rows == 300
            with pytest.raises(UsageError, match="opened for reading only"):
                cache.import_file(csv)
            with pytest.raises(UsageError, match="opened for reading only"):
                cache.life.trash.put(DayRange(KEY, DAY, DAY))


def test_a_home_opened_for_reading_is_not_changed(tmp_path: Path) -> None:
    ACTS["ingest"].prepare(tmp_path)
    ACTS["ingest"].perform(tmp_path, Disk())
    root = tmp_path / "home"
    dead = root / "staging" / "dead"
    dead.mkdir()
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


@pytest.mark.long
def test_many_small_segments_are_read_with_few_handles(tmp_path: Path) -> None:
    root = tmp_path / "home"
    first = DAY - timedelta(days=_SEGMENTS)
    with opened(root) as store:
        store_many(store, first, _SEGMENTS)
    with opened_cache(root) as cache:
        before = _handles()
        rows, most = 0, 0
        for batch in cache.batches(*NAMES, first.isoformat(), DAY.isoformat()):
            rows += batch.num_rows
            most = max(most, _handles())
        assert rows == 3 * _SEGMENTS
        assert most - before <= 100


@pytest.mark.skipif(sys.platform == "win32", reason="threads and events count as handles there")
def test_a_file_that_was_read_is_not_held_open_once_it_is_removed(tmp_path: Path) -> None:
    root = tmp_path / "home"
    with opened(root) as store:
        store_part(store)
        store_part(store, NEXT_DAY)
    with opened_cache(root) as cache:
        assert cache.arrow(*NAMES, "2024-07-23", "2024-07-25").num_rows == 600
        before = _handles()
        cache.life.trash.put(DayRange(KEY, DAY, DAY))
        assert _handles() == before
        cache.life.purge()
        assert _handles() == before - 1, "it would take its room on the disk for as long as it is open"
        cache.life.expire(DayRange(KEY, NEXT_DAY, NEXT_DAY), 1)
        cache.life.eviction.run()
        assert _handles() == before - 2
