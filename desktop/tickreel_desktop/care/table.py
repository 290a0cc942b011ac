"""A table of plain values by columns that are functions of a row, sorted by a click on their heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView

from tickreel_desktop.components import RowDelegate, RowTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.theme import Theme

R = TypeVar("R")

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)


@dataclass(frozen=True)  # with slots, Column[R](...) fails before Python 3.12
class Column(Generic[R]):
    """One column; *width* is in pixels of scale 1."""

    title: str
    width: int
    text: Callable[[R], str]
    key: Callable[[R], Any]
    is_right: bool = False
    is_secondary: bool = False

    @property
    def alignment(self) -> int:
        """How its cells and its head are aligned."""
        side = Qt.AlignmentFlag.AlignRight if self.is_right else Qt.AlignmentFlag.AlignLeft
        return int(Qt.AlignmentFlag.AlignVCenter | side)


class ListModel(QAbstractTableModel, Generic[R]):
    """Show the rows it is given last, in the order of its sort."""

    def __init__(self, columns: Sequence[Column[R]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: list[R] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    @property
    def rows(self) -> Sequence[R]:
        """The rows, from the top."""
        return self._rows

    def show_rows(self, rows: Sequence[R]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self._arrange()
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give a cell's text or alignment."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == _ALIGN:
            return column.alignment
        return column.text(self._rows[index.row()]) if role == _DISPLAY else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == _DISPLAY:
            return self._columns[section].title
        return self._columns[section].alignment if role == _ALIGN else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Arrange by a column; equal rows stay as they were. The selection goes."""
        if not 0 <= column < len(self._columns):
            return
        self._sorted_by = (column, order)
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        if self._sorted_by is not None:
            column, order = self._sorted_by
            self._rows.sort(key=self._columns[column].key, reverse=order == Qt.SortOrder.DescendingOrder)


def make_table(
    theme: Theme, name: str, columns: Sequence[Column[R]], *, many: bool = False
) -> tuple[RowTable, ListModel[R]]:
    """Make a table and its model; with *many* several rows may be selected."""
    table = RowTable(theme, name)
    model = ListModel(columns, table)
    table.setModel(model)
    secondary = frozenset(place for place, column in enumerate(columns) if column.is_secondary)
    table.setItemDelegate(RowDelegate(theme, table, secondary))
    table.set_widths([theme.px(column.width) for column in columns])
    table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    table.setSortingEnabled(True)
    if many:
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    return table, model


def selected_rows(table: RowTable, model: ListModel[R]) -> list[R]:
    """Give the selected rows, from the top."""
    places = sorted(index.row() for index in table.selectionModel().selectedRows())
    return [model.rows[place] for place in places]
