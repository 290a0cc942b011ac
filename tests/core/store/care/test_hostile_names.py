"""Names in a backup, a catalog or a list that lead elsewhere: nothing there is removed or overwritten."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from faults.homes import DAY, opened, store_part
from fuzzing.containing import contained
from fuzzing.stored import some_card

from tickreel.backtest.runs.folder import checked, folders, run_folder, unfinished_folder
from tickreel.backtest.runs.records import RunRecords
from tickreel.errors import DataError, EnvironmentProblem
from tickreel.store import open_cache
from tickreel.store.care.backup import MANIFEST, back_up

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = (
    "../../witness",
    "../witness",
    "..",
    ".",
    "",
    "/",
    "{}",
    "{}/",
    "ab/../../../witness",
    "\0",
    "..\\witness",
)
"""With the path of the witness in the place of the braces."""


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    """Make a folder and files beside the backup, which nobody may touch."""
    folder = tmp_path / "witness"
    folder.mkdir()
    (folder / "of.mine").touch()
    for suffix in (".tick", ".keys"):
        (tmp_path / f"witness{suffix}").touch()
    return folder


def _is_there(witness: Path) -> bool:
    return (witness / "of.mine").exists() and all(
        witness.with_suffix(suffix).exists() for suffix in (".tick", ".keys")
    )


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("what", ["segments", "runs"])
def test_a_manifest_cannot_have_anything_removed_outside_its_backup(
    tmp_path: Path, witness: Path, what: str, name: str
) -> None:
    hostile = name.format(witness)
    home, target = tmp_path / "home", tmp_path / "backup"
    with opened(home) as store:
        store_part(store, DAY)
        back_up(store.home, target)
        manifest = json.loads((target / MANIFEST).read_bytes())
        manifest[what].append(hostile)
        (target / MANIFEST).write_text(json.dumps(manifest))
        with contained(home, target):
            back_up(store.home, target)
    assert _is_there(witness)
    assert hostile not in json.loads((target / MANIFEST).read_bytes())[what]
    assert list(target.glob("segments/*/*.tick"))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_list_of_a_dead_change_cannot_reach_outside_the_home(
    tmp_path: Path, witness: Path, name: str
) -> None:
    home = tmp_path / "home"
    with opened(home) as store:
        store_part(store, DAY)
    dead = home / "staging" / "dead"
    dead.mkdir()
    (dead / "moves.json").write_text(json.dumps([name.format(witness), 5, None]))
    with contained(home), opened(home) as store:
        assert len(store.catalog.all_days()) == 1
    assert _is_there(witness)
    assert not dead.exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_segment_of_such_a_name_is_refused(tmp_path: Path, witness: Path, name: str) -> None:
    with opened(tmp_path / "home") as store:
        for place in (store.home.segment_path, store.home.keyframes_path, store.home.remove_segment):
            with contained(tmp_path / "home"), pytest.raises(DataError, match="no name of a segment"):
                place(name.format(witness))
    assert _is_there(witness)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_run_of_such_a_name_is_refused(tmp_path: Path, name: str) -> None:
    for place in (run_folder, unfinished_folder):
        with pytest.raises(DataError, match="no id of a run"):
            place(tmp_path, name.format(tmp_path))


def test_folders_that_are_no_runs_are_left_alone(tmp_path: Path) -> None:
    for name in ("0123456789", "0123456789.unfinished", "my notes", ".unfinished"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    assert folders(tmp_path) == ({"0123456789"}, {"0123456789"})


@pytest.mark.parametrize(
    "file", ["../../../witness/of.mine", "{}/of.mine", "a/../../b", "", "C:\\x", "a\\b", "\0"]
)
def test_a_catalog_cannot_have_files_copied_from_or_to_elsewhere(
    tmp_path: Path, witness: Path, file: str
) -> None:
    home, target = tmp_path / "home", tmp_path / "backup"
    with opened(home) as store:
        store_part(store, DAY)
        _add_run(home, "0123456789", json.dumps({file.format(witness): "ab" * 32}))
        with contained(home, target), pytest.raises(EnvironmentProblem, match="did not write"):
            back_up(store.home, target)
    assert _is_there(witness)


@pytest.mark.parametrize("file", ["../../witness/of.mine", "{}/of.mine", "", "C:\\x", "a\\b", "\0"])
def test_a_run_with_such_a_file_is_not_read_and_so_not_exported(
    tmp_path: Path, witness: Path, file: str
) -> None:
    home = tmp_path / "home"
    with open_cache(home) as cache, RunRecords(cache) as records:
        _add_run(home, "0123456789", json.dumps({file.format(witness): "ab" * 32}))
        with pytest.raises(EnvironmentProblem, match="cannot be read"):
            records.run("0123456789")
    with pytest.raises(DataError, match="kept no"):
        checked(home, "0123456789", {file.format(witness): "ab" * 32}, file.format(witness))
    assert _is_there(witness)


def _add_run(home: Path, run_id: str, files: str) -> None:
    with closing(sqlite3.connect(home / "catalog.sqlite")) as catalog:
        catalog.execute(
            "INSERT INTO run (id, kind, state, created_us, pid, began_s, request, card, files)"
            " VALUES (?, 'backtest', 'failed', 1, 1, 1, '{}', ?, ?)",
            (run_id, json.dumps(some_card().to_form()), files),
        )
        catalog.commit()
