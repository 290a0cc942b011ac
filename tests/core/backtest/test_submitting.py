"""A run as a job ends as any job does: with a result, an error, or cancelled."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from support.backtests import request

from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.run import RunFailed
from tickreel.backtest.submitting import submit_run, submit_sweep
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.jobs import Job, JobRunner, State

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs


def test_runs_and_sweeps_are_jobs(runs: Runs, strategy: Path) -> None:
    begun = threading.Event()

    def on_change(job: Job[Any]) -> None:
        if "slow.py" in job.title and job.progress.done > 0:
            begun.set()

    slow = strategy.with_name("slow.py")
    slow.write_bytes(strategy.read_bytes())
    runner = JobRunner(on_change, workers=2)
    try:
        good = submit_run(runner, runs, request(strategy))
        bad = submit_run(runner, runs, request(strategy, params={"fault": "fail"}))
        good.join(300)
        bad.join(300)
        assert (good.state, good.kind) == (State.SUCCEEDED, "backtest")
        assert good.result is not None
        assert good.result.card.state is RunState.SUCCEEDED
        assert good.progress.total == good.result.card.to_us - good.result.card.from_us
        assert bad.state is State.FAILED
        assert isinstance(bad.error, RunFailed)
        stopped = submit_run(runner, runs, request(slow, params={"pause_s": 0.01}))
        assert begun.wait(120)
        runner.cancel(stopped)
        stopped.join(60)
        assert stopped.state is State.CANCELLED
        assert [one.card.state for one in runs.runs()].count(RunState.CANCELLED) == 1
        sweep = submit_sweep(runner, runs, SweepRequest(base=request(strategy), grid={"every": (20, 30)}))
        sweep.join(300)
        assert (sweep.state, sweep.kind) == (State.SUCCEEDED, "sweep")
        assert sweep.result is not None
        again = submit_sweep(runner, runs, sweep.result.id)
        again.join(300)
        assert again.result is not None
        assert [one.id for one in again.result.runs] == [one.id for one in sweep.result.runs]
    finally:
        runner.shutdown()
