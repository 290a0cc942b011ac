"""A disk that is full, or fails, at any moment of an import: told clearly, and nothing has changed."""

from __future__ import annotations

import errno
import shutil
from typing import TYPE_CHECKING

import pytest
from faults.acts import ACTS
from faults.homes import check_sound, facts_of, opened, opened_cache
from support.faultydisk import FaultyDisk
from support.mounts import small_disk

from tickreel.errors import EnvironmentProblem
from tickreel.filesystem import Disk

if TYPE_CHECKING:
    from pathlib import Path

_GROWING = ("make_folder", "create", "write")
_NOT_IN_OPENING = 3
"""Folders that are made when a home is opened, which tells of it in words of its own."""


def _operations(folder: Path, scratch: Path, act: str) -> list[str]:
    shutil.copytree(folder, scratch)
    disk = FaultyDisk()
    ACTS[act].perform(scratch, disk)
    return disk.names


@pytest.mark.parametrize("act", ["ingest", "replace"])
def test_a_full_disk_at_any_write_is_told_and_changes_nothing(tmp_path: Path, act: str) -> None:
    base = tmp_path / "base"
    base.mkdir()
    ACTS[act].prepare(base)
    before = facts_of(base / "home")
    names = _operations(base, tmp_path / "counting", act)
    after = facts_of(tmp_path / "counting" / "home")
    growing = [number for number, name in enumerate(names) if name in _GROWING]
    assert len(growing) > 10
    for first in growing[_NOT_IN_OPENING:]:
        folder = tmp_path / f"full{first}"
        shutil.copytree(base, folder)
        disk = FaultyDisk(
            fails=lambda number, name, first=first: number >= first and name in _GROWING,  # type: ignore[misc]
            error=errno.ENOSPC,
        )
        with pytest.raises(EnvironmentProblem, match="No space left on device"):
            ACTS[act].perform(folder, disk)
        assert facts_of(folder / "home") == before
        check_sound(folder / "home")
        ACTS[act].perform(folder, Disk())
        assert facts_of(folder / "home") == after
        shutil.rmtree(folder)


def test_a_failing_drive_at_any_step_is_told_and_changes_nothing(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    ACTS["ingest"].prepare(base)
    before = facts_of(base / "home")
    names = _operations(base, tmp_path / "counting", "ingest")
    after = facts_of(tmp_path / "counting" / "home")
    for step, name in enumerate(names):
        if step < _NOT_IN_OPENING or name == "remove":
            continue
        folder = tmp_path / f"failing{step}"
        shutil.copytree(base, folder)
        disk = FaultyDisk(fails=lambda number, _name, step=step: number == step, error=errno.EIO)  # type: ignore[misc]
        with pytest.raises(EnvironmentProblem, match="Input/output error"):
            ACTS["ingest"].perform(folder, disk)
        with opened(folder / "home"):
            assert facts_of(folder / "home") == before
        check_sound(folder / "home")
        ACTS["ingest"].perform(folder, Disk())
        assert facts_of(folder / "home") == after
        shutil.rmtree(folder)


@pytest.mark.logs_warnings  # at the edge there is room for the rows, and none for a report, which is said
def test_a_truly_full_disk_refuses_an_import_and_takes_it_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_KEEP_FREE_BYTES", "0")
    with small_disk(tmp_path / "disk", 3_000_000) as folder:
        ACTS["ingest"].prepare(folder)
        before = facts_of(folder / "home")
        ballast = folder / "ballast"
        refused = 0
        for left_bytes in (0, 2_000, 20_000, 60_000, 120_000):
            free_bytes = shutil.disk_usage(folder).free
            ballast.write_bytes(bytes(max(free_bytes - left_bytes, 0) // 4096 * 4096))
            try:
                ACTS["ingest"].perform(folder, Disk())
            except EnvironmentProblem:
                refused += 1
                ballast.unlink()
                with opened_cache(folder / "home") as cache:
                    assert cache.datasets() == []
                assert facts_of(folder / "home") == before
                check_sound(folder / "home")
            else:
                ballast.unlink()
                break
        assert refused, "the disk was full"
        ACTS["ingest"].perform(folder, Disk())
        check_sound(folder / "home")
        with opened_cache(folder / "home") as cache:
            assert sum(dataset.rows for dataset in cache.datasets()) == 160


def test_a_truly_full_disk_refuses_a_rebuild_and_leaves_the_catalog_as_it_was(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 3_000_000) as folder:
        ACTS["rebuild of a sound catalog"].prepare(folder)
        before = facts_of(folder / "home")
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(folder).free // 4096 * 4096))
        with pytest.raises(EnvironmentProblem, match=r"cannot be remade: .*full.*it is as it was"):
            ACTS["rebuild of a sound catalog"].perform(folder, Disk())
        ballast.unlink()
        check_sound(folder / "home")
        assert facts_of(folder / "home") == before
        ACTS["rebuild of a sound catalog"].perform(folder, Disk())
        check_sound(folder / "home")
