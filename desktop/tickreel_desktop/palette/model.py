"""The rows of the palette, as Qt wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.palette.candidates import Row

ROW_ROLE = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()


class PaletteModel(QAbstractListModel):
    """Hold what was found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[Row] = ()

    def replace(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    @property
    def rows(self) -> Sequence[Row]:
        """The rows, headings among them."""
        return self._rows

    def first_choice(self) -> int | None:
        """Find the first row that can be chosen, or else the first that is no heading."""
        choices = [
            (place, row.candidate) for place, row in enumerate(self._rows) if row.candidate is not None
        ]
        possible = (place for place, candidate in choices if not candidate.reason)
        return next(possible, choices[0][0] if choices else None)

    def next_choice(self, place: int, step: int) -> int | None:
        """Find the next row up (-1) or down (1) that is no heading, round the ends."""
        count = len(self._rows)
        for distance in range(1, count + 1):
            at = (place + step * distance) % count
            if self._rows[at].candidate is not None:
                return at
        return None

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self._rows)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the row itself, or what a screen reader says of it."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if row.candidate is None:
                return row.heading
            parts = (row.candidate.title, row.candidate.detail, row.candidate.keys, row.candidate.reason)
            return ", ".join(part for part in parts if part)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Let all but headings be chosen."""
        if not index.isValid() or self._rows[index.row()].candidate is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
