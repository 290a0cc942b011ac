"""A backup opens as a home, costs little the second time, and survives being interrupted."""

from __future__ import annotations

import errno
import json
from typing import TYPE_CHECKING

import pytest
from faults.homes import (
    DAY,
    KEY,
    NEXT_DAY,
    Store,
    check_sound,
    facts_of,
    opened,
    opened_cache,
    store_part,
)
from filelock import FileLock
from support.faultydisk import FaultyDisk
from support.monitors import CancelAt
from support.vendorfiles import START_US, l2_line, write_csv

from tickreel.errors import Cancelled, ConflictError, EnvironmentProblem, NotHeldError, UsageError
from tickreel.store.care.backup import MANIFEST, back_up
from tickreel.store.care.survival import DamagedDay
from tickreel.store.care.verification import verify
from tickreel.store.model import DayRange, DayState

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from tickreel.store import Cache


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def test_a_backup_opens_as_a_home_and_shares_nothing_with_it(home: Path, target: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        store_part(store, NEXT_DAY)
        store.trash.put(DayRange(KEY, NEXT_DAY, NEXT_DAY))
        made = back_up(store.home, target)
    assert (made.segments, made.new_segments, made.lost) == (2, 2, ())
    assert made.copied_bytes == made.bytes
    assert facts_of(target) == facts_of(home)
    for file in (home / "segments").rglob("*.*"):
        file.write_bytes(b"scribbled over")
    check_sound(target)


def test_the_second_backup_brings_only_what_is_new_and_drops_what_is_gone(home: Path, target: Path) -> None:
    with opened(home) as store:
        old = store_part(store, DAY)
        store_part(store, NEXT_DAY)
        back_up(store.home, target)
        assert back_up(store.home, target).new_segments == 0
        store.trash.put(DayRange(KEY, DAY, DAY))
        store.trash.purge(store.trash.entries())
        new = store_part(store, DAY, first_price=50)
        made = back_up(store.home, target)
    assert (made.segments, made.new_segments) == (2, 1)
    names = {path.stem for path in target.rglob("*.tick")}
    assert new in names
    assert old not in names
    assert facts_of(target) == facts_of(home)
    check_sound(target)


def test_a_backup_that_was_opened_as_a_home_is_brought_up_to_date(home: Path, target: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        back_up(store.home, target)
        check_sound(target)
        store_part(store, NEXT_DAY)
        back_up(store.home, target)
    assert facts_of(target) == facts_of(home)
    check_sound(target)


def test_a_copy_that_was_found_damaged_is_made_anew_and_no_other(home: Path, target: Path) -> None:
    with opened(home) as store:
        bad_here, bad_there = store_part(store, DAY), store_part(store, NEXT_DAY)
        back_up(store.home, target)
        bad, good = (target / path.relative_to(home) for path in _files(store, bad_there, bad_here))
        _scribble(bad)
        with opened(target) as copy:
            verify(copy.home, copy.catalog, copy.database)
        _scribble(store.home.segment_path(bad_here))
        verify(store.home, store.catalog, store.database)
        sound = good.read_bytes()
        made = back_up(store.home, target)
        assert made.new_segments == 1
        assert bad.read_bytes() == store.home.segment_path(bad_there).read_bytes()
        assert good.read_bytes() == sound, "the backup has the better file"
        assert back_up(store.home, target).new_segments == 0
    with opened(target) as copy:
        assert [one.problem for one in verify(copy.home, copy.catalog, copy.database)] == [None, None]
    check_sound(target)


def _damage_in_home(store: Store, segment_id: str, harm: str) -> None:
    path = store.home.segment_path(segment_id)
    if harm == "found":
        _scribble(path)
        verify(store.home, store.catalog, store.database)
        assert store.catalog.days(KEY)[0].state is DayState.DAMAGED
    elif harm == "cut off":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        path.unlink()


def _rows_of(root: Path) -> pa.Table:
    with opened_cache(root) as cache:
        return cache.arrow(KEY.exchange, KEY.symbol, KEY.type, "2024-07-23", "2024-07-24")


@pytest.mark.parametrize("harm", ["found", "cut off", "gone"])
def test_a_day_that_is_damaged_in_the_home_is_served_by_the_backup_that_has_it_whole(
    home: Path, target: Path, harm: str
) -> None:
    with opened(home) as store:
        segment_id = store_part(store, DAY)
        back_up(store.home, target)
    whole, before = _rows_of(home), facts_of(target)
    with opened(home) as store:
        _damage_in_home(store, segment_id, harm)
        store_part(store, NEXT_DAY)
        for new in (1, 0):  # and so it stays, however often the home is backed up
            made = back_up(store.home, target)
            assert made.damaged == (DamagedDay(KEY, DAY, is_kept=True),)
            assert (made.new_segments, made.segments) == (new, 2)
            assert made.lost == ((segment_id,) if harm == "gone" else ())
    assert set(before) < set(facts_of(target))
    assert _rows_of(target).equals(whole)
    assert not [path for path in target.glob("catalog*") if path.name != "catalog.sqlite"]
    check_sound(target)


@pytest.mark.parametrize("harm", ["found", "cut off"])
def test_a_day_whose_only_copy_is_damaged_is_told_and_never_served(
    home: Path, target: Path, harm: str
) -> None:
    with opened(home) as store:
        segment_id = store_part(store, DAY)
        _damage_in_home(store, segment_id, harm)
        for new in (1, 0):
            made = back_up(store.home, target)
            assert made.damaged == (DamagedDay(KEY, DAY, is_kept=False),)
            assert (made.new_segments, made.segments, made.lost) == (new, 1, ())
    with opened(target) as copy:
        assert copy.catalog.days(KEY)[0].state is DayState.DAMAGED
    with pytest.raises(NotHeldError, match="damaged"):
        _rows_of(target)


def test_a_copy_that_is_damaged_as_well_keeps_the_mark_though_nobody_had_looked_at_it(
    home: Path, target: Path
) -> None:
    with opened(home) as store:
        segment_id = store_part(store, DAY)
        back_up(store.home, target)
        copy = target / store.home.segment_path(segment_id).relative_to(home)
        _scribble(copy)
        _damage_in_home(store, segment_id, "found")
        assert back_up(store.home, target).damaged == (DamagedDay(KEY, DAY, is_kept=False),)
        assert copy.exists(), "what can be saved of it is there alone"
    with pytest.raises(NotHeldError, match="damaged"):
        _rows_of(target)


def test_a_day_that_came_in_parts_while_one_was_damaged_has_its_digest_in_the_backup(
    home: Path, target: Path
) -> None:
    with opened_cache(home) as cache:
        for hour in (0, 5):
            _import_part(cache, home.parent / f"{hour}.csv", hour)
        (day,) = cache.days(KEY.exchange, KEY.symbol, KEY.type)
        digest, first = day.rows_sha256, day.parts[0].segment_id
    whole = _rows_of(home)
    with opened(home) as store:
        back_up(store.home, target)
        _damage_in_home(store, first, "found")
    with opened_cache(home) as cache:
        _import_part(cache, home.parent / "9.csv", 9)
        assert not cache.days(KEY.exchange, KEY.symbol, KEY.type)[0].rows_sha256
    with opened(home) as store:
        assert back_up(store.home, target).damaged == (DamagedDay(KEY, DAY, is_kept=True),)
    with opened_cache(target) as copy:
        (kept,) = copy.days(KEY.exchange, KEY.symbol, KEY.type)
        assert len(kept.parts) == 3
        assert kept.rows_sha256 not in ("", digest)
        assert copy.health(KEY.exchange, KEY.symbol, KEY.type, "2024-07-23", "2024-07-24")[0][1] is not None
    assert _rows_of(target).slice(0, whole.num_rows).equals(whole)
    check_sound(target)


def _import_part(cache: Cache, path: Path, hour: int) -> None:
    at_us = START_US + hour * 3_600_000_000
    rows = [
        l2_line(at_us + 1000 * number, "bid", f"{90 + number}", "1", snapshot=not number)
        for number in range(5)
    ]
    cache.import_file(write_csv(path, KEY.type, rows))


def test_damage_in_the_trash_is_kept_out_of_the_backup_and_not_told_as_a_day(
    home: Path, target: Path
) -> None:
    with opened(home) as store:
        segment_id = store_part(store, DAY)
        store.trash.put(DayRange(KEY, DAY, DAY))
        back_up(store.home, target)
        _scribble(store.home.segment_path(segment_id))
        verify(store.home, store.catalog, store.database)
        assert back_up(store.home, target).damaged == ()
    with opened(target) as copy:
        copy.trash.restore(copy.trash.entries())
    check_sound(target)
    assert _rows_of(target).num_rows == 300


def _files(store: Store, *segment_ids: str) -> list[Path]:
    return [store.home.segment_path(segment_id) for segment_id in segment_ids]


def _scribble(path: Path) -> None:
    rows = bytearray(path.read_bytes())
    rows[50] ^= 1
    path.write_bytes(rows)


def test_what_is_in_the_home_later_is_not_in_the_backup(home: Path, target: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        back_up(store.home, target)
        store_part(store, NEXT_DAY)
    with opened(target) as copy:
        assert [day.day for day in copy.catalog.days(KEY)] == [DAY]


def test_a_folder_of_something_else_is_refused(home: Path, target: Path) -> None:
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    with opened(home) as store:
        with pytest.raises(UsageError, match="something other than a backup"):
            back_up(store.home, target)
        with pytest.raises(UsageError, match="in one another"):
            back_up(store.home, home / "backup")
        with pytest.raises(UsageError, match="not a folder"):
            back_up(store.home, target / "thesis.txt")
    assert [path.name for path in target.iterdir()] == ["thesis.txt"]


def test_two_backups_into_one_folder_do_not_mix(home: Path, target: Path) -> None:
    target.mkdir()
    with opened(home) as store:
        (target / MANIFEST).write_text("{}")
        with FileLock(target / "backup.lock"), pytest.raises(ConflictError, match="another process"):
            back_up(store.home, target)


@pytest.mark.parametrize("listed", ["segments", "runs"])
def test_a_manifest_that_was_tampered_with_removes_nothing_outside_the_backup(
    home: Path, target: Path, listed: str
) -> None:
    witness = target.parent / "witness"
    witness.mkdir()
    (witness / "of.mine").touch()
    for suffix in (".tick", ".keyframes"):
        (target.parent / f"witness{suffix}").touch()
    with opened(home) as store:
        store_part(store, DAY)
        back_up(store.home, target)
        manifest = json.loads((target / MANIFEST).read_bytes())
        manifest[listed] += [str(witness), "../../witness", "../../../witness", "..", ".", "", "\0", 7, None]
        (target / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        back_up(store.home, target)
    assert (witness / "of.mine").exists()
    assert len(list(target.parent.glob("witness.*"))) == 2
    check_sound(target)


def test_a_segment_whose_file_is_gone_is_named_and_the_rest_backed_up(home: Path, target: Path) -> None:
    with opened(home) as store:
        lost = store_part(store, DAY)
        store_part(store, NEXT_DAY)
        store.home.remove_segment(lost)
        made = back_up(store.home, target)
    assert made.lost == (lost,)
    assert made.segments == 1


@pytest.mark.parametrize("nth", range(8))
def test_a_full_disk_leaves_the_backup_as_it_was(home: Path, target: Path, nth: int) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        back_up(store.home, target)
        before = facts_of(target)
        store_part(store, NEXT_DAY)
    writes = 0

    def fails(_number: int, name: str) -> bool:
        nonlocal writes
        writes += name in ("write", "create", "sync")
        return writes > nth and name in ("write", "create", "sync")

    with (
        opened(home, FaultyDisk(fails=fails, error=errno.ENOSPC)) as store,
        pytest.raises(EnvironmentProblem, match="No space left"),
    ):
        back_up(store.home, target)
    assert facts_of(target) in (before, facts_of(home))
    with opened(home) as store:
        back_up(store.home, target)
    assert facts_of(target) == facts_of(home)
    check_sound(target)
    assert not [path for path in target.rglob("*") if ".partial" in path.name]


def test_a_cancelled_backup_is_the_one_before(home: Path, target: Path) -> None:
    with opened(home) as store:
        store_part(store, DAY)
        back_up(store.home, target)
        before = facts_of(target)
        store_part(store, NEXT_DAY)
        with pytest.raises(Cancelled):
            back_up(store.home, target, CancelAt(1))
    assert facts_of(target) == before
