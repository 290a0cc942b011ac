"""A table of a few frozen things, told by functions: for lists that need no model of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlainColumn(Generic[T]):
    """One column."""

    title: str
    text: Callable[[T], str]
    width: int
    """Pixels at scale 1, until the user drags."""
    is_number: bool = False


class PlainModel(QAbstractTableModel, Generic[T]):
    """Show things in the order in which they are given."""

    def __init__(self, columns: Sequence[PlainColumn[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: tuple[T, ...] = ()

    def replace(self, rows: Sequence[T]) -> None:
        """Show other things."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def renew(self) -> None:
        """Tell the same things anew, as after a change of the zone."""
        self.replace(self._rows)

    def row_at(self, row: int) -> T:
        """Give the thing of a row."""
        return self._rows[row]

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the things."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text or its alignment."""
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(self._rows[index.row()])
        return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        return _alignment(self._columns[section]) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _alignment(column: PlainColumn[Any]) -> int:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return int(Qt.AlignmentFlag.AlignVCenter | side)
