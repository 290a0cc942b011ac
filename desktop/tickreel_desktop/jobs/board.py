"""All jobs of all sources on one list, told at most ten times a second, with the sum of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from tickreel.market.units import format_bytes, format_full
from tickreel_desktop.jobs.rates import left_words
from tickreel_desktop.jobs.row import JobAccount, JobState, JobVerb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.jobs.row import JobRow, JobSource

TELL_EVERY_MS = 100
_RANKS = {
    JobState.RUNNING: 0,
    JobState.WAITING: 0,
    JobState.FAILED: 1,
    JobState.QUEUED: 2,
    JobState.PAUSED: 2,
}
"""What is begun stands above what failed, and that above what is to come."""
_TOLD = (
    ((JobState.RUNNING,), "running"),
    ((JobState.WAITING,), "waiting"),
    ((JobState.QUEUED,), "queued"),
    ((JobState.PAUSED,), "paused"),
    ((JobState.FAILED,), "failed"),
)


class JobBoard(QObject):
    """Gather the rows of the sources and hand what is asked of a job to the source it is of."""

    changed = Signal()
    """The rows are others now, or an account is."""

    def __init__(self, sources: Sequence[JobSource], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sources = tuple(sources)
        self._active: tuple[JobRow, ...] = ()
        self._ended: tuple[JobRow, ...] = ()
        self._source_of: dict[str, JobSource] = {}
        self._row_of: dict[str, JobRow] = {}
        self._is_stale = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TELL_EVERY_MS)
        self._pause.timeout.connect(self._tell)
        for source in self._sources:
            source.changed.connect(self._on_changed)
        self._gather()

    @property
    def active(self) -> tuple[JobRow, ...]:
        """Jobs that go on, wait or failed: what is begun first, then what failed, then what is to come."""
        return self._active

    @property
    def ended(self) -> tuple[JobRow, ...]:
        """Jobs that are done or were cancelled, the newest first."""
        return self._ended

    def row(self, job_id: str) -> JobRow | None:
        """Find a job; None when it has gone."""
        return self._row_of.get(job_id)

    def account(self, job_id: str) -> JobAccount:
        """Tell all that is known of a job."""
        source = self._source_of.get(job_id)
        return JobAccount(()) if source is None else source.account(job_id)

    def act(self, job_id: str, verb: JobVerb) -> None:
        """Do something with a job, if that can be done with it now."""
        row = self._row_of.get(job_id)
        if row is not None and verb in row.verbs:
            self._source_of[job_id].act(job_id, verb)

    def act_all(self, verb: JobVerb) -> None:
        """Do something with every job with which it can be done."""
        for row in self._active:
            if verb in row.verbs:
                self._source_of[row.id].act(row.id, verb)

    def can(self, verb: JobVerb) -> bool:
        """Tell whether there is a job with which this can be done."""
        return any(verb in row.verbs for row in self._active)

    def dismiss(self, job_ids: Sequence[str]) -> Callable[[], None]:
        """Take jobs that have ended off the list; what is returned brings them back."""
        bring_back = [
            source.dismiss(own)
            for source in self._sources
            if (own := [each for each in job_ids if self._source_of.get(each) is source])
        ]

        def restore() -> None:
            for each in bring_back:
                each()

        return restore

    def counts(self) -> Counter[JobState]:
        """Count the active jobs by state."""
        return Counter(row.state for row in self._active)

    def summary(self) -> str:
        """Sum up what goes on: "5 running, 9 queued, 1 failed"; empty when nothing does."""
        counts = self.counts()
        told = ((sum(counts[state] for state in states), word) for states, word in _TOLD)
        return ", ".join(f"{format_full(count)} {word}" for count, word in told if count)

    def speed(self) -> str:
        """Say how fast it goes and how long it takes: "38 MB/s, about 14 min left"; empty if unknown."""
        per_s = sum(row.bytes_per_s or 0.0 for row in self._active)
        left_s = max((row.left_s for row in self._active if row.left_s is not None), default=None)
        parts = [f"{format_bytes(round(per_s))}/s"] if per_s >= 1 else []
        if left_s is not None:
            parts.append(f"about {left_words(left_s)} left")
        return ", ".join(parts)

    def _on_changed(self) -> None:
        if self._pause.isActive():
            self._is_stale = True
        else:
            self._gather()
            self._pause.start()
            self.changed.emit()

    def _tell(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._on_changed()

    def _gather(self) -> None:
        active: list[tuple[tuple[int, int, float], JobRow]] = []
        ended: list[JobRow] = []
        self._source_of = {}
        self._row_of = {}
        for place, source in enumerate(self._sources):
            for row in source.rows():
                self._source_of[row.id] = source
                self._row_of[row.id] = row
                if row.state.is_ended:
                    ended.append(row)
                else:
                    active.append(((_RANKS[row.state], place, row.order), row))
        active.sort(key=lambda each: each[0])
        ended.sort(key=lambda row: -row.ended_us)
        self._active = tuple(row for _, row in active)
        self._ended = tuple(ended)
