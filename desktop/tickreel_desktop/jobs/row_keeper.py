"""Rows of jobs that a window keeps itself, until they are taken off the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.jobs.row import JobRow


class RowKeeper(QObject):
    """Keep a row for each job, by its id."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, JobRow] = {}

    def rows(self) -> Sequence[JobRow]:
        """Give all jobs."""
        return list(self._rows.values())

    def dismiss(self, job_ids: Sequence[str]) -> Callable[[], None]:
        """Take jobs that have ended off the list; what is returned brings them back."""
        gone = {each: self._rows.pop(each) for each in job_ids if each in self._rows}
        self.changed.emit()

        def restore() -> None:
            self._rows |= gone
            self.changed.emit()

        return restore
