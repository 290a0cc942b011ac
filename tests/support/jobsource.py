"""Jobs that are only listed, for tests of what shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from tickreel_desktop.jobs import JobAccount, JobRow, JobState, JobVerb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def job_row(job_id: str, state: JobState = JobState.RUNNING, **given: Any) -> JobRow:
    """Make a row of which only some things matter."""
    row = JobRow(job_id, "cloud-arrow-down", "Fetch", f"binance {job_id}", "2024-07-23", state, str(state))
    return replace(row, **given)


class ListedJobs(QObject):
    """A source whose rows are set by the test, and which takes down what is asked of it."""

    changed = Signal()

    def __init__(self, *rows: JobRow) -> None:
        super().__init__()
        self.listed = list(rows)
        self.accounts: dict[str, JobAccount] = {}
        self.asked: list[tuple[str, JobVerb]] = []

    def rows(self) -> Sequence[JobRow]:
        return list(self.listed)

    def account(self, job_id: str) -> JobAccount:
        return self.accounts.get(job_id, JobAccount(()))

    def act(self, job_id: str, verb: JobVerb) -> None:
        self.asked.append((job_id, verb))

    def dismiss(self, job_ids: Sequence[str]) -> Callable[[], None]:
        before = list(self.listed)
        self.show(*(row for row in self.listed if row.id not in job_ids))
        return lambda: self.show(*before)

    def show(self, *rows: JobRow) -> None:
        """List these from now on, and tell of it."""
        self.listed = list(rows)
        self.changed.emit()
