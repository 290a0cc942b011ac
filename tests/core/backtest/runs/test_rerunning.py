"""A run done again proves itself, or says what is not what it was."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from support.backtests import TAKER, Watcher, request, strategy_file

from tickreel.backtest.runs import rerunning
from tickreel.errors import Cancelled, DataError, NotHeldError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs

pytestmark = pytest.mark.long


def test_the_same_again_is_identical_and_leaves_nothing(
    runs: Runs, strategy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.backtest(request(strategy, seed=5, params={"pause_s": 0.0003}))
    told = runs.rerun(run.id)
    assert told["identical"] is True
    assert told["result_sha256"] == told["rerun_sha256"] == run.card.result_sha256
    assert (told["differing_versions"], told["differing_data"], told["differing_strategy"]) == ([], [], None)
    assert [path.name for path in (runs.cache.home / "runs").iterdir()] == [run.id]
    monkeypatch.setattr(rerunning, "versions_here", lambda: {**run.card.versions, "numpy": "9.9"})
    assert runs.rerun(run.id)["differing_versions"] == [
        {"name": "numpy", "then": run.card.versions["numpy"], "now": "9.9"}
    ]
    with pytest.raises(Cancelled):
        runs.rerun(run.id, Watcher(lambda done: done > 0))


def test_another_strategy_under_the_name_is_told_with_the_first_event_that_differs(
    runs: Runs, strategy: Path
) -> None:
    run = runs.backtest(request(strategy))
    strategy.write_text(TAKER.replace("self.number % self.every == 0", "self.number % self.every == 5"))
    told = runs.rerun(run.id)
    assert told["identical"] is False
    assert told["differing_strategy"]["then"] == run.card.strategy["sha256"]
    assert told["differing_strategy"]["now"] != run.card.strategy["sha256"]
    first = told["first_difference"]
    assert (first["table"], first["event"], first["index"]) == ("orders", "sent", 0)
    assert first["time_us"] == min(first[each]["submit_us"] for each in "ab")
    strategy_file(strategy.parent, TAKER.replace('Param("", ', 'Param("fail", '))
    with pytest.raises(DataError, match="it went wrong"):
        runs.rerun(run.id)
    strategy.unlink()
    with pytest.raises(UsageError, match="there is no strategy file"):
        runs.rerun(run.id)


def test_a_module_beside_a_strategy_is_its_code_as_well(runs: Runs, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    (folder / "signals").mkdir(parents=True)
    strategy = strategy_file(
        folder, f"from signals.lean import EVERY\n{TAKER.replace('Param(20,', 'Param(EVERY,')}"
    )
    (folder / "signals" / "__init__.py").write_text("")
    lean = folder / "signals" / "lean.py"
    lean.write_text("EVERY = 20\n")
    run = runs.backtest(request(strategy))
    assert (run.card.params["every"], run.card.strategy["modules"]) == (
        20,
        ["signals/__init__.py", "signals/lean.py"],
    )
    assert run.file("beside/signals/lean.py").read_text() == "EVERY = 20\n"
    assert runs.rerun(run.id)["differing_strategy"] is None
    lean.write_text("EVERY = 21\n")
    told = runs.rerun(run.id)
    assert told["differing_strategy"]["then"] == run.card.strategy["sha256"]
    assert told["differing_strategy"]["now"] != run.card.strategy["sha256"]
    assert told["identical"] is False
    assert not list(folder.rglob("__pycache__"))
    assert "signals" not in sys.modules
    lean.write_text("EVERY =\n")
    failure = runs.backtest(request(strategy)).card.failure
    assert failure is not None
    assert (failure.file, failure.line) == (str(strategy), 1)


def test_only_a_whole_run_can_be_done_again(runs: Runs, strategy: Path) -> None:
    failed = runs.backtest(request(strategy, params={"fault": "fail"}))
    with pytest.raises(UsageError, match="only one that came to its end"):
        runs.rerun(failed.id)
    with pytest.raises(NotHeldError, match="there is no run 'zz'"):
        runs.rerun("zz")


def test_two_runs_are_compared_by_what_was_asked_what_came_and_where_they_part(
    runs: Runs, strategy: Path
) -> None:
    a, b = (runs.backtest(request(strategy, params={"every": every})) for every in (20, 21))
    told = runs.compare(a.id, b.id)
    assert told["identical"] is False
    assert list(told["asked"]) == ["params"]
    assert told["first_difference"]["table"] == "orders"
    assert told["first_difference"]["index"] == 0
    assert {"turnover", "fees"} <= {one["name"] for one in told["metrics"]}
    again = runs.backtest(request(strategy, params={"every": 20}))
    told = runs.compare(a.id, again.id)
    assert (told["identical"], told["asked"], told["metrics"]) == (True, {}, [])
    assert told["first_difference"] is None
