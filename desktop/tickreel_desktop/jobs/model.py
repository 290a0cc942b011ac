"""The table of jobs as a model: rows come, go and move one by one, so that a selection stays where it is."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel_desktop.jobs.row import JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.jobs.row import JobRow

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
JOB_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The ``JobRow`` of a cell."""


class JobColumn(IntEnum):
    """Where what stands."""

    JOB = 0
    PROGRESS = 1
    DONE = 2
    RATE = 3
    LEFT = 4
    STATE = 5


_LEFT, _RIGHT = (
    int(Qt.AlignmentFlag.AlignVCenter | side)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)
_COLUMNS: tuple[tuple[str, Callable[[JobRow], str], int], ...] = (
    ("Job", lambda row: row.title, _LEFT),
    ("Progress", lambda row: percent(row.fraction), _LEFT),
    ("Done", lambda row: row.done, _RIGHT),
    ("Rate", lambda row: row.rate, _RIGHT),
    ("Left", lambda row: row.left, _RIGHT),
    ("State", lambda row: row.words, _LEFT),
)
"""Title, text and alignment."""
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)


def percent(fraction: float | None) -> str:
    """Word a share; it is not said to be whole before it is."""
    return "" if fraction is None else f"{int(min(max(fraction, 0.0), 1.0) * 100 + 1e-9)} %"


def spoken_progress(row: JobRow) -> str:
    """Say how far a job is, for those who do not see its bar."""
    return f"{percent(row.fraction) or 'length not known'}, {row.state}"


class JobTableModel(QAbstractTableModel):
    """Show the jobs it is given last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[JobRow] = []

    @property
    def rows(self) -> tuple[JobRow, ...]:
        """The jobs, from the top."""
        return tuple(self._rows)

    def row_at(self, row: int) -> JobRow:
        """Give the job that stands in a row."""
        return self._rows[row]

    def position_of(self, job_id: str) -> int | None:
        """Find a job by its id."""
        return next((place for place, row in enumerate(self._rows) if row.id == job_id), None)

    def replace(self, rows: Sequence[JobRow]) -> None:
        """Show these jobs from now on; those that stay keep their selection."""
        wanted = {row.id for row in rows}
        self._remove([place for place, row in enumerate(self._rows) if row.id not in wanted])
        held = {row.id for row in self._rows}
        self._arrange([row.id for row in rows if row.id in held])
        self._insert(rows, held)
        self._renew(rows)

    def _remove(self, gone: list[int]) -> None:
        for first, last in reversed(_runs(gone)):
            self.beginRemoveRows(_NOWHERE, first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()

    def _arrange(self, ids: list[str]) -> None:
        """Put the rows that stay into their new order."""
        if [row.id for row in self._rows] == ids:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        by_id = {row.id: row for row in self._rows}
        place_of = {job_id: place for place, job_id in enumerate(ids)}
        moved = [self.index(place_of[self._rows[index.row()].id], index.column()) for index in before]
        self._rows = [by_id[job_id] for job_id in ids]
        self.changePersistentIndexList(before, moved)
        self.layoutChanged.emit()

    def _insert(self, rows: Sequence[JobRow], held: set[str]) -> None:
        for first, last in _runs([place for place, row in enumerate(rows) if row.id not in held]):
            self.beginInsertRows(_NOWHERE, first, last)
            self._rows[first:first] = rows[first : last + 1]
            self.endInsertRows()

    def _renew(self, rows: Sequence[JobRow]) -> None:
        changed = [
            place
            for place, (old, new) in enumerate(zip(self._rows, rows, strict=True))
            if old is not new and old != new
        ]
        self._rows = list(rows)
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(_COLUMNS) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the jobs."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text, its alignment, what is said of it, or its job."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == JOB_ROLE:
            return row
        if role == _DISPLAY:
            return _COLUMNS[column][1](row)
        if role == _ALIGN:
            return _COLUMNS[column][2]
        if role == _SPOKEN:
            if column == JobColumn.PROGRESS:
                return spoken_progress(row)
            if column == JobColumn.STATE and row.state is JobState.FAILED:
                return f"Failed: {row.words}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        return _COLUMNS[section][2] if role == Qt.ItemDataRole.TextAlignmentRole else None


def _runs(places: list[int]) -> list[tuple[int, int]]:
    """Gather rising places into first and last of each unbroken run."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place - 1:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
