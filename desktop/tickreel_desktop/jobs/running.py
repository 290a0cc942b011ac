"""Jobs of the job runner that nobody else tells of, such as a verification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tickreel.jobs import State, fraction_done
from tickreel.market.units import format_count
from tickreel_desktop.jobs.rates import RateMeter, left_words
from tickreel_desktop.jobs.row import JobAccount, JobRow, JobState, JobVerb
from tickreel_desktop.jobs.row_keeper import RowKeeper
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from PySide6.QtCore import QObject

    from tickreel.jobs import Job, JobRunner
    from tickreel_desktop.imports import JobRelay
    from tickreel_desktop.zone import DisplayZone
    from tickreel_resources import IconName

_STATES = {
    State.QUEUED: JobState.QUEUED,
    State.RUNNING: JobState.RUNNING,
    State.SUCCEEDED: JobState.DONE,
    State.FAILED: JobState.FAILED,
    State.CANCELLED: JobState.CANCELLED,
}
_ICONS: Mapping[str, IconName] = {
    "verify": "shield-check",
    "sample": "play-circle",
    "export": "export",
    "delete": "trash",
    "warm": "users",
    "drop": "trash",
}
_WORDS = {JobState.QUEUED: "Queued", JobState.DONE: "Done", JobState.CANCELLED: "Cancelled"}


class RunnerJobs(RowKeeper):
    """Tell of the runner's jobs but for the kinds in *told_elsewhere*; a kind may have an icon of its own."""

    def __init__(
        self,
        runner: JobRunner,
        relay: JobRelay,
        now_us: Callable[[], int],
        zone: DisplayZone,
        *,
        told_elsewhere: Collection[str] = ("import", "import-find"),
        icons: Mapping[str, IconName] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._runner = runner
        self._now_us = now_us
        self._zone = zone
        zone.changed.connect(self.changed)
        self._told_elsewhere = frozenset(told_elsewhere)
        self._icons = _ICONS if icons is None else icons
        self._jobs: dict[str, Job[Any]] = {}
        self._meters: dict[str, RateMeter] = {}
        self._ended_us: dict[str, int] = {}
        self._began_us: dict[str, int] = {}
        relay.changed.connect(self._on_jobs_changed)
        self._on_jobs_changed(runner.jobs)

    def account(self, job_id: str) -> JobAccount:
        """Tell when a job began and ended, and how far it is in its own units."""
        job = self._jobs.get(job_id)
        if job is None:
            return JobAccount(())
        facts = [("Began", moment_text(self._zone.zone, self._began_us[job_id]))]
        if ended_us := self._ended_us.get(job_id):
            facts.append(("Ended", moment_text(self._zone.zone, ended_us)))
        progress = job.progress
        if progress.total:
            facts.append(("Done", f"{format_count(progress.done)} of {format_count(progress.total)}"))
        return JobAccount(tuple(facts))

    def act(self, job_id: str, verb: JobVerb) -> None:
        """Cancel a job, or take it off the list."""
        if verb is JobVerb.CANCEL and (job := self._jobs.get(job_id)) is not None:
            self._runner.cancel(job)
            self._on_jobs_changed((job,))
        elif verb is JobVerb.DISMISS:
            self.dismiss([job_id])

    def _on_jobs_changed(self, jobs: Sequence[Job[Any]]) -> None:
        for job in jobs:
            if job.kind in self._told_elsewhere:
                continue
            self._began_us.setdefault(job.id, self._now_us())
            if job.state.is_final:
                self._ended_us.setdefault(job.id, self._now_us())
            self._jobs[job.id] = job
            self._rows[job.id] = self._row(job)
            self.changed.emit()

    def _row(self, job: Job[Any]) -> JobRow:
        state, progress = _STATES[job.state], job.progress
        fraction, done, left_s = fraction_done(progress), "", None
        if progress.total:
            done = f"{format_count(progress.done)} of {format_count(progress.total)}"
        if state is JobState.RUNNING:
            meter = self._meters.setdefault(job.id, RateMeter())
            meter.note(progress.updated_s, progress.done)
            left_s = meter.left_s(progress.total - progress.done) if progress.total else None
        verbs: tuple[JobVerb, ...] = (JobVerb.DISMISS,)
        if not job.state.is_final:
            verbs = () if job.is_cancel_asked else (JobVerb.CANCEL,)
        words = _WORDS.get(state, progress.note)
        if state is JobState.FAILED:
            words = str(job.error) or type(job.error).__name__
        elif state is JobState.RUNNING and job.is_cancel_asked:
            words = "Stopping"
        return JobRow(
            job.id,
            self._icons.get(job.kind, "list-bullets"),
            "",
            job.title,
            "",
            state,
            words,
            1.0 if state is JobState.DONE else 0.0 if state is JobState.QUEUED else fraction,
            done,
            left=left_words(left_s),
            left_s=left_s,
            verbs=verbs,
            order=self._began_us[job.id],
            ended_us=self._ended_us.get(job.id, 0),
        )
