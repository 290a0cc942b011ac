"""A run or sweep that was asked for in this window, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.run import Run, RunFailed
from tickreel.backtest.sweeps.grid import SweepRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.request import BacktestRequest
    from tickreel.backtest.runs.card import Failure
    from tickreel.jobs import Job
    from tickreel_desktop.backtest.running.live import Live
    from tickreel_desktop.jobs.rates import RateMeter


@dataclass(eq=False, slots=True)
class Work:
    """A run or sweep that was asked for in this window."""

    number: int
    request: BacktestRequest | SweepRequest
    has_band: bool
    live: Live
    job: Job[Any]
    began_us: int
    meter: RateMeter
    ended_us: int = 0
    told_runs: int = 0
    is_told_begun: bool = False
    rerun_of: str | None = None
    """The run that is done once more, to prove that it gives the same."""

    @property
    def row_id(self) -> str:
        """Name it among all jobs."""
        return f"backtest-{self.number}"

    @property
    def base(self) -> BacktestRequest:
        """What is run, of a sweep what its runs have in common."""
        return self.request.base if isinstance(self.request, SweepRequest) else self.request

    @property
    def is_sweep(self) -> bool:
        """Whether it is a sweep."""
        return isinstance(self.request, SweepRequest)

    @property
    def run(self) -> Run | None:
        """The run that came of it, however it ended; None of a sweep, and of one that was refused."""
        if isinstance(self.job.error, RunFailed):
            return self.job.error.run
        return self.job.result if isinstance(self.job.result, Run) else None

    @property
    def proof(self) -> Mapping[str, Any]:
        """What came of doing a run once more, as ``runs rerun`` prints it; empty of all else."""
        result = self.job.result
        return result if isinstance(result, dict) else {}

    @property
    def failure(self) -> Failure | None:
        """Why its run failed, with file and line where they are known."""
        run = self.run
        return None if run is None else run.card.failure
