"""Damaged files: a flipped bit is never served, a torn catalog log costs nothing that was committed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from faults.acts import ACTS
from faults.homes import DAY, KEY, NEXT_DAY, facts_of, opened, opened_cache, store_part
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.errors import DataError, EnvironmentProblem, NotHeldError
from tickreel.filesystem import Disk
from tickreel.market.time import parse_instant
from tickreel.store.care.rebuilding import rebuild
from tickreel.store.model import DayState
from tickreel.store.segments import Keyframes

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (KEY.exchange, KEY.symbol, KEY.type)
SPAN = ("2024-07-23", "2024-07-24")


def _flip(path: Path, place: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)


def test_a_flipped_bit_in_rows_is_never_served(tmp_path: Path) -> None:
    ACTS["ingest"].prepare(tmp_path)
    ACTS["ingest"].perform(tmp_path, Disk())
    root = tmp_path / "home"
    with opened_cache(root) as cache:
        whole = cache.arrow(*NAMES, *SPAN)
        segment_id = cache.days(*NAMES)[0].parts[0].segment_id
    chance = random.Random(11)
    catalog = (root / "catalog.sqlite").read_bytes()
    stumbled = 0
    for _ in range(40):
        with opened(root) as store:
            path = store.home.segment_path(segment_id)
        place, bit = chance.randrange(path.stat().st_size), chance.randrange(8)
        _flip(path, place, bit)
        with opened_cache(root) as cache:
            try:
                assert cache.arrow(*NAMES, *SPAN).equals(whole), f"bit {bit} of byte {place} was served"
            except DataError:
                stumbled += 1
                assert cache.days(*NAMES)[0].state is DayState.DAMAGED
                with pytest.raises(NotHeldError, match="damaged"):
                    cache.arrow(*NAMES, *SPAN)
        _flip(path, place, bit)
        (root / "catalog.sqlite").write_bytes(catalog)
    assert stumbled == 40


@pytest.mark.logs_warnings
def test_a_flipped_bit_in_keyframes_changes_no_book(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickreel.store.health.books.KEYFRAME_ROWS", 10_000)
    root = tmp_path / "home"
    at = "2024-07-23T01:35:00"
    chance = random.Random(12)
    rows = [
        l2_line(START_US + 100_000 * number, "bid", f"{chance.uniform(90, 99):.2f}", f"{chance.random():.3f}")
        for number in range(1, 60_000)
    ]
    rows.insert(0, l2_line(START_US, "bid", "90", "1", snapshot=True))
    file = write_csv(tmp_path / "a.csv.gz", KEY.type, rows)
    with opened_cache(root) as cache:
        cache.import_file(file)
        digest = cache.book(KEY.exchange, KEY.symbol, at).state_hash()
        segment_id = cache.days(*NAMES)[0].parts[0].segment_id
    with opened(root) as store:
        path = store.home.keyframes_path(segment_id)
    with closing(Keyframes.open(path)) as keyframes:
        entry = keyframes._table[np.searchsorted(keyframes.times_us, parse_instant(at), "right") - 1]
    begin, size = int(entry["offset"]), int(entry["stored_bytes"])
    read = [(begin + chance.randrange(size), True) for _ in range(20)]
    for place, is_read in (*read, *((chance.randrange(path.stat().st_size), False) for _ in range(5))):
        bit = chance.randrange(8)
        caplog.clear()
        _flip(path, place, bit)
        with opened_cache(root) as cache:
            assert cache.book(KEY.exchange, KEY.symbol, at).state_hash() == digest
        assert "read on without keyframes" in caplog.text or not is_read
        _flip(path, place, bit)


@pytest.mark.parametrize("seed", range(12))
def test_a_torn_log_of_the_catalog_gives_an_earlier_state_or_the_cure(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    root = tmp_path / "home"
    torn = tmp_path / "torn"
    states = []
    with opened(root) as store:
        states.append(facts_of(root))
        for day in (DAY, NEXT_DAY):
            store_part(store, day)
            states.append(facts_of(root))
        shutil.copytree(root, torn)  # as it lies there while the program runs
    log = torn / "catalog.sqlite-wal"
    data = bytearray(log.read_bytes())
    place = chance.randrange(len(data))
    if seed % 2:
        data = data[:place]
    else:
        data[place : place + 5_000] = bytes(
            chance.randrange(256) for _ in range(len(data[place : place + 5_000]))
        )
    log.write_bytes(data)
    (torn / "catalog.sqlite-shm").unlink(missing_ok=True)
    try:
        with opened(torn) as store:
            assert facts_of(torn) in states
            missing = 2 - sum(row[0] == "part" for row in facts_of(torn))
            assert len(store.home.orphans(store.catalog.held_segments)) == missing
    except EnvironmentProblem as error:
        refusal = str(error)
    else:
        refusal = "`tickreel cache rebuild`"
    assert "`tickreel cache rebuild`" in refusal
    rebuild(torn)
    with opened(torn):
        assert facts_of(torn) == states[-1]


def test_a_damaged_catalog_says_that_a_rebuild_is_the_cure(tmp_path: Path) -> None:
    ACTS["rebuild of a damaged catalog"].prepare(tmp_path)
    with (
        pytest.raises(EnvironmentProblem, match="`tickreel cache rebuild` remakes it"),
        opened(tmp_path / "home") as store,
    ):
        store.catalog.all_days()
    rebuild(tmp_path / "home")
    with opened(tmp_path / "home") as store:
        assert len(store.catalog.all_days()) == 2
    with closing(sqlite3.connect(tmp_path / "home" / "catalog.sqlite")) as catalog:
        assert catalog.execute("PRAGMA integrity_check").fetchone() == ("ok",)
