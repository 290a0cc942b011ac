"""Runs and sweeps as jobs: with progress, time left, and a cancel that is awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.backtest.calls import ended_well
from tickreel.backtest.sweeps.grid import band
from tickreel.backtest.sweeps.sweep import begin, resume

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.runs.service import Runs
    from tickreel.backtest.sweeps.grid import SweepRequest
    from tickreel.backtest.sweeps.ranking import Ranked
    from tickreel.backtest.sweeps.sweep import Sweep
    from tickreel.jobs import Job, JobRunner
    from tickreel.progress import Monitor

RUN_KIND, SWEEP_KIND = "backtest", "sweep"
"""Kinds of the jobs, for those who list them."""


def _as_it_is(monitor: Monitor) -> Monitor:
    return monitor


def submit_run(
    runner: JobRunner,
    runs: Runs,
    request: BacktestRequest,
    *,
    has_band: bool = False,
    watched: Callable[[Monitor], Monitor] = _as_it_is,
) -> Job[Run]:
    """Queue a run; the job fails or is cancelled as the run is, which is kept all the same.

    With *has_band* the runs of its band follow one that came to its end. *watched* puts something between
    the job and its monitor, such as a :class:`tickreel.backtest.watching.RunWatcher`.
    """

    def work(job: Monitor) -> Run:
        monitor = watched(job)
        done = ended_well(runs.backtest(request, monitor))
        if has_band:
            begin(runs, band(request), monitor)
        return done

    symbols = ", ".join(symbol for _, symbol in request.instruments)
    return runner.submit(RUN_KIND, f"{request.strategy} on {symbols}", work)


def submit_sweep(
    runner: JobRunner,
    runs: Runs,
    asked: SweepRequest | str,
    *,
    on_ranked: Callable[[Sequence[Ranked]], object] = lambda _: None,
    watched: Callable[[Monitor], Monitor] = _as_it_is,
) -> Job[Sweep]:
    """Queue a sweep, or by its id one that is to be gone on with; *on_ranked* is told on the job's thread.

    *watched* is as of :func:`submit_run`.
    """

    def work(job: Monitor) -> Sweep:
        monitor = watched(job)
        if isinstance(asked, str):
            return resume(runs, asked, monitor, on_ranked=on_ranked)
        return begin(runs, asked, monitor, on_ranked=on_ranked)

    title = f"sweep {asked}" if isinstance(asked, str) else f"{asked.base.strategy}, {asked.count()} runs"
    return runner.submit(SWEEP_KIND, title, work)
