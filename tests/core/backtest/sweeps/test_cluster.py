"""A sweep on a Dask cluster: equal to the one here, by workers that never open the catalog."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from support.backtests import FEES, NAME, PAIR, SPAN, Watcher, line_of, request

import tickreel
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.data import days_of
from tickreel.backtest.sweeps.cluster import Cluster
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.backtest.sweeps.manifest import make_home, manifest_of
from tickreel.backtest.sweeps.sweep import begin
from tickreel.errors import Cancelled, EnvironmentProblem, UsageError
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs

pytestmark = pytest.mark.long

# A program of its own: two workers, each a process, until its stdin ends.
_CLUSTER = """
    import sys
    from distributed import LocalCluster

    if __name__ == "__main__":
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, scheduler_port=0) as it:
            print(it.scheduler_address, flush=True)
            sys.stdin.read()
"""


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """Start a cluster; give the address of its scheduler."""
    script = tmp_path / "cluster.py"
    script.write_text(textwrap.dedent(_CLUSTER), encoding="utf-8")
    started = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert started.stdout is not None
    assert started.stdin is not None
    try:
        yield started.stdout.readline().strip()
        started.stdin.close()
        started.wait(60)
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def test_a_sweep_there_equals_one_here(runs: Runs, strategy: Path, scheduler: str) -> None:
    options: dict[str, Any] = {"cache": runs.cache, "fees": FEES, "models": "optimistic"}
    options["grid"] = {"every": [10, 20], "fault": ["", "fail"]}
    there = tickreel.sweep(str(strategy), [NAME], *SPAN, scheduler=scheduler, **options)
    here = tickreel.sweep(str(strategy), [NAME], *SPAN, **options)
    assert [one.card.result_sha256 for one in there] == [one.card.result_sha256 for one in here]
    assert [one.card.metrics for one in there] == [one.card.metrics for one in here]
    assert [one.card.state for one in there] == [RunState.SUCCEEDED, RunState.FAILED] * 2
    assert [one.files for one in there] == [one.files for one in here]
    failure = there[1].card.failure
    assert failure is not None
    assert (failure.file, failure.line) == (str(strategy), line_of("fail"))
    assert len(there[0].fills) == there[0].card.total_trades
    with pytest.raises(UsageError, match="no parameter 'nothing'"):
        tickreel.sweep(
            str(strategy), [NAME], *SPAN, scheduler=scheduler, **options | {"grid": {"nothing": [1]}}
        )


def test_how_far_a_run_there_is_gets_known_while_it_goes_on_and_it_can_be_stopped(
    runs: Runs, strategy: Path, scheduler: str
) -> None:
    asked = SweepRequest(base=request(strategy, params={"pause_s": 0.004}), grid={"every": (10, 20, 30)})
    span_us = SPAN[1] - SPAN[0]
    watcher = Watcher(lambda done: done > span_us / 4)
    with pytest.raises(Cancelled):
        begin(runs, asked, watcher, scheduler=scheduler)
    # No run had ended, so that what was told came from within one.
    assert max(done for done, _, _ in watcher.told) < span_us
    # A worker that went on with what was cancelled would not take what comes next.
    (run,) = tickreel.sweep(
        str(strategy), [NAME], *SPAN, scheduler=scheduler, cache=runs.cache, fees=FEES, grid={"every": [10]}
    )
    assert run.card.state is RunState.SUCCEEDED


def test_a_manifest_makes_a_home_that_reads_the_same_and_no_more(
    runs: Runs, strategy: Path, tmp_path: Path
) -> None:
    asked = request(strategy)
    days = days_of(runs.cache, asked)
    manifest = manifest_of(runs.cache, days)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    make_home(manifest, elsewhere)
    with open_cache(elsewhere, read_only=True) as cache:
        assert [one.to_form() for one in days_of(cache, asked)] == [one.to_form() for one in days]
        for data_type in ("trades", "incremental_book_L2"):
            mine, theirs = (each.arrow(*PAIR, data_type, *SPAN) for each in (runs.cache, cache))
            assert theirs.equals(mine)
    nowhere = {name: [str(tmp_path / "nowhere")] for name in manifest.files}
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(EnvironmentProblem, match="does not see"):
        make_home(msgspec.structs.replace(manifest, files=nowhere), other)


def test_where_nobody_answers_it_is_said() -> None:
    with pytest.raises(EnvironmentProblem, match="no Dask scheduler answers"):
        Cluster("tcp://127.0.0.1:9")
