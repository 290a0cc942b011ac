"""A backup has the kept runs of a home, whole, and what was damaged is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.backtests import request

from tickreel.__main__ import main
from tickreel.backtest.runs.service import Runs, opened_runs
from tickreel.errors import Cancelled
from tickreel.store import open_cache
from tickreel.store.care.backup import back_up
from tickreel.store.home import Home

if TYPE_CHECKING:
    from pathlib import Path


class CancelsAtThirdRun:
    def report(self, done: int, total: int | None, note: str = "") -> None:
        if (done, note) == (2, "copying runs"):
            raise Cancelled("enough")


def home_of(runs: Runs) -> Home:
    return Home(runs.cache.home)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_runs_are_copied_once_and_open_in_the_backup(runs: Runs, strategy: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    first = runs.backtest(request(strategy))
    made = back_up(home_of(runs), target)
    assert (made.runs, made.new_runs, made.damaged_runs) == (1, 1, ())
    second = runs.backtest(request(strategy, params={"every": 30}))
    runs.records.tag(first.id, ["kept"])
    made = back_up(home_of(runs), target)
    assert (made.runs, made.new_runs) == (2, 1)
    assert files_of(target / "runs") == files_of(runs.cache.home / "runs")
    with open_cache(target) as cache, opened_runs(cache) as there:
        assert [one.id for one in there.runs()] == [second.id, first.id]
        assert there.run(first.id).fills.equals(first.fills)
        assert [one.id for one in there.runs(tag="kept")] == [first.id]
    runs.trash.put(first.id)
    assert back_up(home_of(runs), target).runs == 1
    assert [path.name for path in (target / "runs").iterdir()] == [second.id]


def test_a_damaged_run_never_takes_the_place_of_the_copy(
    runs: Runs, strategy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "backup"
    run = runs.backtest(request(strategy))
    back_up(home_of(runs), target)
    sound = files_of(target / "runs")
    file = runs.cache.home / "runs" / run.id / "fills.parquet"
    file.write_bytes(file.read_bytes()[:-5] + b"other and longer")
    assert back_up(home_of(runs), target).damaged_runs == (run.id,)
    assert files_of(target / "runs") == sound
    fresh = back_up(home_of(runs), tmp_path / "fresh")
    assert (fresh.runs, fresh.damaged_runs) == (0, (run.id,))
    assert main(["cache", "verify", "--home", str(target)]) == 0
    assert main(["cache", "verify", "--home", str(runs.cache.home)]) == 1
    assert f"run {run.id}, fills.parquet: it was changed" in capsys.readouterr().err
    assert main(["cache", "backup", str(target), "--home", str(runs.cache.home)]) == 1
    assert "what the backup had of them is kept" in capsys.readouterr().err


def test_a_backup_that_is_cancelled_holds_whole_runs_and_is_finished_by_the_next(
    runs: Runs, strategy: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    for every in (20, 30, 40):
        runs.backtest(request(strategy, params={"every": every}))
    with pytest.raises(Cancelled):
        back_up(home_of(runs), target, CancelsAtThirdRun())
    (target / "runs" / "abc.partial").mkdir()
    assert back_up(home_of(runs), target).new_runs == 1
    assert files_of(target / "runs") == files_of(runs.cache.home / "runs")
    assert not (target / "runs" / "abc.partial").exists()
