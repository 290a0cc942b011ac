"""Runs as the command line, Python and the desktop use them: do one, find, compare, look after."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tickreel.backtest.runs.comparing import compare
from tickreel.backtest.runs.process import Child, Limits
from tickreel.backtest.runs.records import RunRecords
from tickreel.backtest.runs.rerunning import COMPARED, rerun
from tickreel.backtest.runs.run import Run
from tickreel.backtest.runs.running import run
from tickreel.backtest.runs.settling import settle
from tickreel.backtest.runs.trash import RunTrash
from tickreel.progress import UNWATCHED
from tickreel.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.backtest.request import BacktestRequest
    from tickreel.progress import Monitor
    from tickreel.store import Cache


class Runs:
    """The runs of a home."""

    def __init__(self, cache: Cache, records: RunRecords) -> None:
        self.cache = cache
        self.records = records
        self.trash = RunTrash(cache, records)

    def backtest(self, request: BacktestRequest, monitor: Monitor = UNWATCHED) -> Run:
        """Do a run and keep it; *monitor* hears of microseconds of the range.

        A run that failed or was cancelled is given as well: its card says so.

        Raises:
            TickreelError: it was refused before it began, and nothing is kept of it.
        """
        with Child(self.cache.home, limits_of(self.cache)) as child:
            return Run(self.cache.home, run(self.cache, self.records, child, request, monitor))

    def rerun(self, run_id: str, monitor: Monitor = UNWATCHED) -> dict[str, Any]:
        """Do a run once more; see :func:`tickreel.backtest.runs.rerunning.rerun`, also for errors."""
        with Child(self.cache.home, limits_of(self.cache)) as child:
            return rerun(self.cache, child, self.run(run_id), monitor)

    def compare(self, first_id: str, second_id: str) -> dict[str, Any]:
        """Compare two runs; see :func:`tickreel.backtest.runs.comparing.compare`.

        Raises:
            DataError: files of one are gone, were changed, or were never written.
        """
        a, b = self.run(first_id), self.run(second_id)
        tables = [{name: one.table(name) for name in COMPARED} for one in (a, b)]
        return compare(a.card, b.card, *tables)

    def run(self, run_id: str) -> Run:
        """Find a run by its id, or by the beginning of it; raises as :meth:`RunRecords.run`."""
        return Run(self.cache.home, self.records.run(run_id))

    def runs(self, sweep_id: str | None = None, tag: str | None = None) -> list[Run]:
        """List runs, the newest first; those of a sweep in its order."""
        return [Run(self.cache.home, one) for one in self.records.runs(sweep_id, tag)]


@contextmanager
def opened_runs(cache: Cache) -> Iterator[Runs]:
    """Open the runs of a home, and bring them into line with their files."""
    with RunRecords(cache) as records:
        settle(cache, records)
        yield Runs(cache, records)


def limits_of(cache: Cache) -> Limits:
    """Give what a run may take, as it is set."""
    settings = load(cache.home).values.backtest
    return Limits(settings.memory_limit_bytes, settings.stall_s)


def workers_of(cache: Cache) -> int:
    """Give how many runs go on at once, as it is set: by default as many as this process may use cores."""
    settings = load(cache.home).values.backtest
    return settings.workers or available_cores()


def available_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
