"""Runs and sweeps of this window as jobs; their threads are their own, so that nothing waits for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.folder import run_folder
from tickreel.backtest.submitting import submit_run, submit_sweep
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.jobs import fraction_done
from tickreel.jobs.runner import JobRunner
from tickreel_desktop.backtest.running.live import Live
from tickreel_desktop.backtest.running.words import (
    STATES,
    failure_words,
    rest_of,
    result_words,
    running_words,
    strategy_name,
)
from tickreel_desktop.backtest.running.work import Work
from tickreel_desktop.imports import JobRelay
from tickreel_desktop.jobs import JobAccount, JobRow, JobState, JobVerb
from tickreel_desktop.jobs.rates import RateMeter, left_words
from tickreel_desktop.jobs.row_keeper import RowKeeper
from tickreel_desktop.zone.times import moment_text, range_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.runs.service import Runs
    from tickreel.jobs import Job
    from tickreel.store import Cache
    from tickreel_desktop.zone import DisplayZone

RERUN_KIND = "rerun"
_AT_ONCE = 2
"""Runs and sweeps at a time; the runs of a sweep are as many at once as is set."""


class BacktestJobs(RowKeeper):
    """Does runs and sweeps, and tells the Jobs panel of them."""

    recorded = Signal()
    """Runs or sweeps were recorded, or ended."""
    ended = Signal(object)
    """This :class:`Work` has ended, however."""
    open_wanted = Signal(object)
    """What came of this :class:`Work` is to be shown."""
    line_wanted = Signal(object)
    """The place of the failure of this :class:`Work` is to be opened."""

    def __init__(self, cache: Cache, zone: DisplayZone, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache
        self._zone = zone
        self._relay = JobRelay(self)
        self._runner = JobRunner(self._relay.tell, workers=_AT_ONCE)
        self._works: dict[str, Work] = {}
        self._numbers = 0
        self._runs: Runs | None = None
        self._relay.changed.connect(self._on_jobs_changed)
        zone.changed.connect(self.changed)

    def submit(
        self,
        runs: Runs,
        request: BacktestRequest | SweepRequest,
        *,
        has_band: bool = False,
        resumed: str | None = None,
    ) -> Work:
        """Queue a run or a sweep; *resumed* is the id of one that is gone on with."""
        self._runs = runs
        live = Live(self._cache.home)
        job: Job[Any]
        if isinstance(request, SweepRequest):
            live.id = resumed
            job = submit_sweep(
                self._runner,
                runs,
                resumed or request,
                on_ranked=lambda _ranking: live.tell_run_ended(),
                watched=live.watch,
            )
        else:
            job = submit_run(self._runner, runs, request, has_band=has_band, watched=live.watch)
        return self._add(request, live, job, has_band=has_band)

    def _add(
        self,
        request: BacktestRequest | SweepRequest,
        live: Live,
        job: Job[Any],
        *,
        has_band: bool = False,
        rerun_of: str | None = None,
    ) -> Work:
        self._numbers += 1
        now_us = self._cache.disk.now_us()
        work = Work(self._numbers, request, has_band, live, job, now_us, RateMeter(), rerun_of=rerun_of)
        self._works[work.row_id] = work
        self._on_jobs_changed((job,))
        return work

    def submit_rerun(self, runs: Runs, run: Run) -> Work:
        """Queue a run once more, to prove that it gives the same; nothing of that is kept."""
        self._runs = runs
        live = Live(self._cache.home)
        job = self._runner.submit(
            RERUN_KIND, f"run {run.id} once more", lambda monitor: runs.rerun(run.id, live.watch(monitor))
        )
        return self._add(BacktestRequest.from_form(run.request), live, job, rerun_of=run.id)

    def works(self) -> tuple[Work, ...]:
        """Give all, the oldest first."""
        return tuple(self._works.values())

    def work_of(self, found_id: str) -> Work | None:
        """Find what goes on, or has just ended, by the id of its run or sweep."""
        found = (work for work in reversed(self._works.values()) if work.live.id == found_id)
        return next(found, None)

    def running(self) -> list[str]:
        """Name what would be cancelled if the window closed now."""
        return [self._rows[each].title for each, work in self._works.items() if not work.job.state.is_final]

    def cancel(self, found_id: str) -> None:
        """Cancel a run or sweep by its id; one that has ended is let be."""
        work = self.work_of(found_id)
        if work is not None and not work.job.state.is_final:
            self._cancel(work)

    def pause(self, found_id: str, is_paused: bool) -> None:
        """Let a sweep begin no further runs, or go on; those under way come to their end."""
        work = self.work_of(found_id)
        if work is not None:
            work.live.is_paused = is_paused
            self._on_jobs_changed((work.job,))

    def retry(self, work: Work) -> Work | None:
        """Do once more what has ended; a sweep is gone on with."""
        if not work.job.state.is_final or self._runs is None:
            return None
        self.dismiss([work.row_id])
        if work.rerun_of is not None:
            return self.submit_rerun(self._runs, self._runs.run(work.rerun_of))
        resumed = work.live.id if work.is_sweep else None
        return self.submit(self._runs, work.request, has_band=work.has_band, resumed=resumed)

    async def close(self) -> None:
        """Cancel all, wait until each has really ended, and end the threads."""
        await asyncio.to_thread(self._runner.shutdown)

    # For the Jobs panel

    def account(self, job_id: str) -> JobAccount:
        """Tell all that is known of a job."""
        work = self._works.get(job_id)
        if work is None:
            return JobAccount(())
        base, zone = work.base, self._zone.zone
        facts = [
            ("Range", range_text(zone, base.start_us, base.end_us)),
            ("Sweep" if work.is_sweep else "Run", work.live.id or "not recorded yet"),
            ("Began", moment_text(zone, work.began_us)),
        ]
        if work.ended_us:
            facts.append(("Ended", moment_text(zone, work.ended_us)))
        if equity := work.live.equity():
            facts.append(("Equity", running_words(work)))
            facts.append(("At", moment_text(zone, equity[-1][0])))
        if work.live.said:
            facts.append(("It says", work.live.said.splitlines()[-1]))
        run = work.run
        folder = None if run is None else run_folder(self._cache.home, run.id)
        return JobAccount(tuple(facts), place=folder)

    def act(self, job_id: str, verb: JobVerb) -> None:
        """Do something with a job."""
        work = self._works.get(job_id)
        if work is None:
            return
        if verb is JobVerb.CANCEL:
            self._cancel(work)
        elif verb is JobVerb.PAUSE or (verb is JobVerb.RESUME and not work.job.state.is_final):
            work.live.is_paused = verb is JobVerb.PAUSE
            self._on_jobs_changed((work.job,))
        elif verb in (JobVerb.RETRY, JobVerb.RESUME):
            self.retry(work)
        elif verb is JobVerb.OPEN:
            self.open_wanted.emit(work)
        elif verb is JobVerb.SHOW_LINE:
            self.line_wanted.emit(work)
        elif verb is JobVerb.DISMISS:
            self.dismiss([job_id])

    def _cancel(self, work: Work) -> None:
        self._runner.cancel(work.job)
        self._on_jobs_changed((work.job,))

    def _on_jobs_changed(self, jobs: Sequence[Job[Any]]) -> None:
        changed = {job.id for job in jobs}
        for work in tuple(self._works.values()):
            if work.job.id in changed:
                self._renew(work)

    def _renew(self, work: Work) -> None:
        has_ended = work.job.state.is_final and not work.ended_us
        if has_ended:
            work.ended_us = self._cache.disk.now_us()
        if work.row_id in self._rows or not work.job.state.is_final or has_ended:
            self._rows[work.row_id] = self._row(work)
        is_begun = work.live.id is not None and not work.is_told_begun
        if has_ended or is_begun or work.live.ended_runs != work.told_runs:
            work.is_told_begun = work.live.id is not None
            work.told_runs = work.live.ended_runs
            self.recorded.emit()
        self.changed.emit()
        if has_ended:
            self.ended.emit(work)

    def _row(self, work: Work) -> JobRow:
        job = work.job
        state, progress = STATES[job.state], job.progress
        fraction, left_s = fraction_done(progress), None
        if state is JobState.RUNNING:
            work.meter.note(progress.updated_s, progress.done)
            left_s = work.meter.left_s(progress.total - progress.done) if progress.total else None
        share = 1.0 if state is JobState.DONE else 0.0 if state is JobState.QUEUED else fraction
        return JobRow(
            work.row_id,
            "flask",
            "Once more" if work.rerun_of else "Sweep" if work.is_sweep else "Backtest",
            strategy_name(work.base.strategy),
            rest_of(work.request, self._zone.zone),
            state,
            self._words(work, state),
            share,
            "" if share is None or state is not JobState.RUNNING else f"{100 * share:.0f} %",
            left=left_words(left_s),
            left_s=left_s,
            verbs=self._verbs(work, state),
            order=work.number,
            ended_us=work.ended_us,
        )

    def _words(self, work: Work, state: JobState) -> str:
        if state is JobState.RUNNING:
            return "Stopping" if work.job.is_cancel_asked else running_words(work)
        if state is JobState.FAILED:
            return failure_words(work)
        if state is JobState.QUEUED:
            return "Queued"
        return result_words(work) if state is JobState.DONE else "Cancelled, what there was is kept"

    def _verbs(self, work: Work, state: JobState) -> tuple[JobVerb, ...]:
        if not work.job.state.is_final:
            if work.job.is_cancel_asked:
                return ()
            hold = (JobVerb.RESUME if work.live.is_paused else JobVerb.PAUSE,) if work.is_sweep else ()
            return (*hold, JobVerb.CANCEL)
        again = JobVerb.RESUME if work.is_sweep and work.live.id is not None else JobVerb.RETRY
        opens = (
            (JobVerb.OPEN,) if work.live.id is not None and (work.is_sweep or work.run is not None) else ()
        )
        if state is JobState.DONE:
            return (*opens, JobVerb.DISMISS)
        failure = work.failure
        line = (JobVerb.SHOW_LINE,) if failure is not None and failure.line is not None else ()
        return (*line, again, *opens, JobVerb.DISMISS)
