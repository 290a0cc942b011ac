"""The numbers of a chart as rows: what its table twin shows and what is written as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from tickreel_desktop.components import RowTable

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel_desktop.theme import Theme

_INDEX = QModelIndex | QPersistentModelIndex


def plain(value: float) -> str:
    """Spell a number with a point, no more digits than it has and no exponent; empty for none."""
    if not isfinite(value):
        return ""
    text = repr(float(value))
    if "e" in text:
        return np.format_float_positional(value, trim="-")
    return text.removesuffix(".0")


@dataclass(frozen=True, slots=True)
class ChartTable:
    """What a chart draws, in words and plain digits."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """Give it as CSV, a line for each row and one for the headings."""
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return written.getvalue()

    def write(self, path: Path) -> None:
        """Write a CSV file; one that is there is replaced once the new one is whole.

        Raises:
            OSError: it cannot be written there.
        """
        part = path.with_name(f"{path.name}.part")
        try:
            part.write_text(self.text(), encoding="utf-8", newline="")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


class TableTwin(QDialog):
    """Show the numbers of a chart as they were when it was asked for."""

    def __init__(
        self, theme: Theme, name: str, model: QAbstractTableModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.rows = RowTable(theme, name)
        if model.parent() is None:
            model.setParent(self)
        self.rows.setModel(model)
        self.rows.resizeColumnsToContents()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)
        self.resize(theme.px(640), theme.px(480))


def rows_of(table: ChartTable) -> QAbstractTableModel:
    """Give the rows of a table as a model, for a :class:`TableTwin`."""
    return _Rows(table)


class _Rows(QAbstractTableModel):
    def __init__(self, table: ChartTable) -> None:
        super().__init__()
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
