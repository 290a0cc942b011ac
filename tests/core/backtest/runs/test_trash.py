"""Deleted runs: out of every list, back as they were, and gone for good in the end."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from support.backtests import request

from tickreel.backtest.runs.service import Runs, opened_runs
from tickreel.backtest.runs.trash import KEPT_DAYS
from tickreel.backtest.sweeps import sweep
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.cli.main import main
from tickreel.errors import ConflictError, DataError, EnvironmentProblem, NotHeldError
from tickreel.market.time import US_PER_DAY

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(runs: Runs, table: str = "run") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(runs.cache.home / "catalog.sqlite")) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def folders_of(runs: Runs) -> list[str]:
    return sorted(path.name for path in (runs.cache.home / "runs").iterdir())


def test_a_deleted_run_comes_back_as_it_was(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    runs.records.tag(run.id, ("kept",))
    runs.records.note(run.id, "the one to beat")
    rows, lines, files = rows_of(runs), rows_of(runs, "run_line"), files_of(runs.cache.home / "runs")
    runs.trash.put(run.id[:6])
    assert runs.runs() == []
    assert rows_of(runs, "run_line") == []
    assert not any(day.pinned for day in runs.cache.all_days())
    (entry,) = runs.trash.entries()
    assert (entry.card.id, entry.card.tags, entry.card.notes) == (run.id, ("kept",), "the one to beat")
    with pytest.raises(NotHeldError):
        runs.trash.put(run.id)
    runs.trash.restore(run.id[:6])
    assert rows_of(runs) == rows
    assert rows_of(runs, "run_line") == lines
    assert files_of(runs.cache.home / "runs") == files
    assert all(day.pinned for day in runs.cache.all_days())
    assert runs.trash.entries() == []
    with pytest.raises(NotHeldError, match="no run"):
        runs.trash.restore(run.id)


def test_a_sweep_comes_back_with_its_runs_but_not_over_one_that_was_done_since(
    runs: Runs, strategy: Path
) -> None:
    asked = SweepRequest(base=request(strategy), grid={"every": (30, 40)})
    made = sweep.begin(runs, asked, workers=1)
    sweeps = rows_of(runs, "sweep")
    for run in made.runs:
        runs.trash.put(run.id)
    assert rows_of(runs, "sweep") == []
    runs.trash.restore(made.runs[1].id)
    assert rows_of(runs, "sweep") == sweeps
    assert [run.id for run in runs.runs(made.id)] == [made.runs[1].id]
    again = sweep.resume(runs, made.id, workers=1)
    assert again.runs[0].id != made.runs[0].id
    before = folders_of(runs)
    with pytest.raises(ConflictError, match=again.runs[0].id):
        runs.trash.restore(made.runs[0].id)
    assert folders_of(runs) == before
    assert len(runs.runs(made.id)) == 2


@pytest.mark.parametrize("is_put", [True, False])
def test_what_a_crash_left_half_way_is_brought_to_where_the_catalog_has_it(
    runs: Runs, strategy: Path, monkeypatch: pytest.MonkeyPatch, *, is_put: bool
) -> None:
    run = runs.backtest(request(strategy))
    files = files_of(runs.cache.home / "runs")
    if not is_put:
        runs.trash.put(run.id)

    def end(_folder: Path) -> None:
        raise OSError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(runs.cache.disk, "sync_folder", end)
        with pytest.raises(EnvironmentProblem):
            (runs.trash.put if is_put else runs.trash.restore)(run.id)
    with opened_runs(runs.cache) as found:
        assert [one.id for one in found.runs()] == ([run.id] if is_put else [])
        assert len(found.trash.entries()) == int(not is_put)
        if not is_put:
            found.trash.restore(run.id)
        assert files_of(runs.cache.home / "runs") == files
        assert len(found.run(run.id).fills) == run.card.total_trades


def test_files_that_were_moved_without_the_catalog_are_moved_back(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    files = files_of(runs.cache.home / "runs")
    folder = runs.cache.home / "runs" / f"{run.id}.{runs.cache.disk.now_us()}.trashed"
    folder.mkdir()
    (runs.cache.home / "runs" / run.id).rename(folder / "files")
    with opened_runs(runs.cache) as found:
        assert [one.id for one in found.runs()] == [run.id]
    assert files_of(runs.cache.home / "runs") == files


def test_the_trash_is_purged_by_age_at_a_start_and_by_hand(
    runs: Runs, strategy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = (runs.backtest(request(strategy)) for _ in range(2))
    home = str(runs.cache.home)
    capsys.readouterr()
    assert main(["runs", "delete", old.id, new.id, "--home", home]) == 0
    assert capsys.readouterr().out == "2 runs deleted\n"
    (folder,) = (runs.cache.home / "runs").glob(f"{old.id}.*")
    instant = int(folder.name.split(".")[1])
    before_us = instant - KEPT_DAYS * US_PER_DAY - 1
    folder.rename(folder.with_name(f"{old.id}.{before_us}.trashed"))
    assert main(["runs", "list", "--home", home]) == 0  # which begins by bringing things into line
    capsys.readouterr()
    assert main(["runs", "restore", old.id, "--home", home]) != 0
    assert "no run" in capsys.readouterr().err
    assert main(["runs", "trash", "--json", "--home", home]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [new.id]
    assert main(["runs", "purge", "--older-than", "1", "--home", home]) == 0
    assert capsys.readouterr().out == "0 runs purged\n"
    assert main(["runs", "restore", new.id[:5], "--home", home]) == 0
    assert capsys.readouterr().out == "1 run restored\n"
    runs.trash.put(new.id)
    assert main(["runs", "purge", "--json", "--home", home]) == 0
    assert json.loads(capsys.readouterr().out) == {"purged": [new.id]}
    assert folders_of(runs) == []


def test_a_record_that_was_changed_is_told_and_stays(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    runs.trash.put(run.id)
    (record,) = (runs.cache.home / "runs").glob("*/record.json")
    record.write_text("{}", encoding="utf-8")
    for act in (runs.trash.entries, lambda: runs.trash.restore(run.id)):
        with pytest.raises(DataError, match=run.id):
            act()
    assert record.exists()


@pytest.mark.parametrize("name", ["..", "/witness", "../witness", "a/../../witness", ""])
def test_a_card_that_names_a_place_outside_moves_nothing(
    runs: Runs, strategy: Path, tmp_path: Path, name: str
) -> None:
    run = runs.backtest(request(strategy))
    witness = runs.cache.home / "witness"
    witness.mkdir()
    named = str(witness) if name == "/witness" else name
    with closing(sqlite3.connect(runs.cache.home / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE run SET card = json_set(card, '$.id', ?)", (named,))
    before = {path for path in tmp_path.rglob("*") if "catalog" not in path.name}
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        runs.trash.put(run.id)
    assert {path for path in tmp_path.rglob("*") if "catalog" not in path.name} == before
    assert witness.is_dir()
