"""The numbers of a chart as rows: what its table twin shows and what is written as CSV."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from tickreel_desktop.components import RowTable

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel_desktop.theme import Theme

_INDEX = QModelIndex | QPersistentModelIndex


def plain(value: float) -> str:
    """Spell a number in plain digits that read back as it is; nothing where it is not known."""
    if not isfinite(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


@dataclass(frozen=True, slots=True)
class ChartTable:
    """What a chart draws, in words and plain digits."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def write(self, path: Path) -> None:
        """Write a CSV file; one that is there is replaced once the new one is whole.

        Raises:
            OSError: it cannot be written there.
        """
        part = path.with_name(f"{path.name}.part")
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(self.columns)
                writer.writerows(self.rows)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


class TableTwin(QDialog):
    """Show the numbers of a chart as they were when it was asked for."""

    def __init__(self, theme: Theme, table: ChartTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(table.name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows = RowTable(theme, table.name)
        self.rows.setModel(_Rows(table, self))
        self.rows.resizeColumnsToContents()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)
        self.resize(theme.px(640), theme.px(480))


class _Rows(QAbstractTableModel):
    def __init__(self, table: ChartTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table

    def rowCount(self, parent: _INDEX | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._table.rows)

    def columnCount(self, parent: _INDEX | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._table.columns)

    def data(self, index: _INDEX, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self._table.rows[index.row()][index.column()] if role == Qt.ItemDataRole.DisplayRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._table.columns[section]
        return None
