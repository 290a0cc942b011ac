"""The dataset table's model: frozen rows, an index array for order and filter, cells formatted once.

Sorting and filtering are NumPy work on keys inside the model. A proxy model
would ask Python for millions of cells; here a sort of 100,000 rows takes some
tens of milliseconds.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel_desktop.data.columns import COLUMNS, COVERAGE, Keys, coverage_words
from tickreel_desktop.data.rows import filter_words, gravest_state, haystack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.market.types import DatasetKey
    from tickreel_desktop.data.rows import DatasetRow

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class DatasetRole(IntEnum):
    """What a row tells beside the text of its cells."""

    SORT = Qt.ItemDataRole.UserRole + 1
    """The key by which the cell's column sorts."""
    KEY = Qt.ItemDataRole.UserRole + 2
    """The row's ``DatasetKey``."""
    COVERAGE = Qt.ItemDataRole.UserRole + 3
    """The row's ``Coverage``."""
    STATE = Qt.ItemDataRole.UserRole + 4
    """The gravest ``DayState`` of the row, which decides how it is marked."""


_ALIGNMENTS = tuple(
    int(
        Qt.AlignmentFlag.AlignVCenter
        | (Qt.AlignmentFlag.AlignRight if column.align == "right" else Qt.AlignmentFlag.AlignLeft)
    )
    for column in COLUMNS
)
# Plain integers: comparing with members of an enum costs more than the rest of data() together.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
_OWN_ROLES = frozenset(int(role) for role in DatasetRole)


class DatasetTableModel(QAbstractTableModel):
    """Show datasets; :meth:`replace` brings new rows, :meth:`set_filter` and :meth:`sort` arrange them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[DatasetRow, ...] = ()
        self._haystacks: tuple[str, ...] = ()
        self._cells: dict[int, tuple[str, ...]] = {}
        self._keys: dict[int, Keys] = {}
        self._by_name: npt.NDArray[np.intp] = np.empty(0, np.intp)
        self._order: npt.NDArray[np.intp] = np.empty(0, np.intp)
        """All rows in the order of the sort."""
        self._shown: npt.NDArray[np.intp] = np.empty(0, np.intp)
        """Those of them that pass the filter: position in the table to position in the rows."""
        self._filter = ""
        self._sorted_by = (0, Qt.SortOrder.AscendingOrder)

    @property
    def rows(self) -> tuple[DatasetRow, ...]:
        """Every row, also those that the filter hides, in the order in which they were given."""
        return self._rows

    @property
    def shown_rows(self) -> list[DatasetRow]:
        """The rows that pass the filter, as they stand in the table."""
        return [self._rows[i] for i in self._shown.tolist()]

    @property
    def filter_text(self) -> str:
        """The text of the filter."""
        return self._filter

    def row_at(self, row: int) -> DatasetRow:
        """Give the row that stands at a position of the table."""
        return self._rows[int(self._shown[row])]

    def position_of(self, key: DatasetKey) -> int | None:
        """Find where a dataset stands in the table; None when it is not there or filtered out."""
        for position, i in enumerate(self._shown.tolist()):
            if self._rows[i].key == key:
                return position
        return None

    def replace(self, rows: Iterable[DatasetRow]) -> None:
        """Show these rows from now on, sorted and filtered as before.

        When the same datasets stand in the same places only the cells are renewed, otherwise the
        model is reset; whoever keeps a selection keeps it by key.
        """
        before = [row.key for row in self.shown_rows]
        new = tuple(rows)
        haystacks = tuple(haystack(row) for row in new)
        by_name = np.array(
            sorted(
                range(len(new)), key=lambda i: (new[i].key.exchange, new[i].key.symbol, new[i].key.type.value)
            ),
            dtype=np.intp,
        )
        order = _ordered(by_name, COLUMNS[self._sorted_by[0]].sort_key(new), self._sorted_by[1])
        shown = _passing(order, haystacks, self._filter)
        same_places = before == [new[i].key for i in shown.tolist()]
        if not same_places:
            self.beginResetModel()
        self._rows, self._haystacks, self._by_name = new, haystacks, by_name
        self._order, self._shown = order, shown
        self._cells.clear()
        self._keys.clear()
        if not same_places:
            self.endResetModel()
        elif before:
            self.dataChanged.emit(self.index(0, 0), self.index(len(before) - 1, len(COLUMNS) - 1))

    def set_filter(self, text: str) -> None:
        """Show only rows in whose exchange, symbol, type or state every word of *text* stands."""
        if text == self._filter:
            return
        self._filter = text
        shown = _passing(self._order, self._haystacks, text)
        if np.array_equal(shown, self._shown):
            return
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def _key_of(self, column: int) -> Keys:
        keys = self._keys.get(column)
        if keys is None:
            keys = self._keys[column] = COLUMNS[column].sort_key(self._rows)
        return keys

    def _text(self, i: int, column: int) -> str:
        cells = self._cells.get(i)
        if cells is None:
            row = self._rows[i]
            cells = self._cells[i] = tuple(column.text(row) for column in COLUMNS)
        return cells[column]

    def _own(self, i: int, column: int, role: int) -> Any:
        row = self._rows[i]
        match role:
            case DatasetRole.SORT:
                return self._key_of(column)[i].item()
            case DatasetRole.KEY:
                return row.key
            case DatasetRole.COVERAGE:
                return row.coverage
            case _:
                return gravest_state(row)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the rows that pass the filter."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give a cell's text, alignment or one of :class:`DatasetRole`; None for everything else."""
        if role == _DISPLAY:
            if not index.isValid():
                return None
            return self._text(int(self._shown[index.row()]), index.column())
        if role == _ALIGN:
            return _ALIGNMENTS[index.column()] if index.isValid() else None
        if not index.isValid() or (role not in _OWN_ROLES and role != _SPOKEN):
            return None
        i = int(self._shown[index.row()])
        if role != _SPOKEN:
            return self._own(i, index.column(), role)
        return coverage_words(self._rows[i]) if index.column() == COVERAGE else self._text(i, index.column())

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column, its alignment and its tool-tip."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role == _DISPLAY:
            return COLUMNS[section].title
        if role == _ALIGN:
            return _ALIGNMENTS[section]
        if role == _TIP:
            column = COLUMNS[section]
            return f"{column.title}: {column.hint}" if column.hint else None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Arrange by a column; equal cells stand by exchange, symbol and type, also when descending."""
        if not 0 <= column < len(COLUMNS):
            return
        self._sorted_by = (column, order)
        new_order = _ordered(self._by_name, self._key_of(column), order)
        if np.array_equal(new_order, self._order):
            return
        # WORKAROUND: given a list of parents and a hint, PySide6 6.11.3 crashes in the selection model.
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        places = [(int(self._shown[index.row()]), index.column()) for index in kept]
        self._order = new_order
        self._shown = _passing(new_order, self._haystacks, self._filter)
        where = np.empty(len(self._rows), np.intp)
        where[self._shown] = np.arange(len(self._shown))
        self.changePersistentIndexList(
            kept, [self.index(int(where[i]), kept_column) for i, kept_column in places]
        )
        self.layoutChanged.emit()


def _ordered(by_name: npt.NDArray[np.intp], keys: Keys, order: Qt.SortOrder) -> npt.NDArray[np.intp]:
    """Sort by *keys*, ties in the order of *by_name*; NaN comes last in either direction."""
    found = keys[by_name]
    if order == Qt.SortOrder.DescendingOrder:
        if found.dtype.kind == "U":
            found = np.unique(found, return_inverse=True)[1]
        found = -found
    return by_name[np.argsort(found, kind="stable")]


def _passing(order: npt.NDArray[np.intp], haystacks: tuple[str, ...], text: str) -> npt.NDArray[np.intp]:
    words = filter_words(text)
    if not words:
        return order
    passes = np.fromiter(
        (all(word in hay for word in words) for hay in haystacks), dtype=np.bool_, count=len(haystacks)
    )
    return order[passes[order]]
