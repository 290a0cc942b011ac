"""Tables over arrays of any length: a cell is made when it is seen, rows are chosen and sorted as numbers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeySequence

from tickreel_desktop.components import RowTable
from tickreel_desktop.components.row_delegate import RowDelegate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.theme import ColourName, Theme

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_TONE = int(Qt.ItemDataRole.UserRole) + 1
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
Places = range | NDArray[np.intp]
"""Rows of the arrays: all of a stretch, however long, or some."""
MOST_SORTED = 200_000
"""Rows that are sorted while somebody waits; more are sorted on another thread, and shown then."""
_MOST_COPIED = 100_000


@dataclass(frozen=True, slots=True)
class ArrayColumn:
    """One column; its callables are given a row."""

    title: str
    text: Callable[[int], str]
    width: int
    """Pixels at scale 1, until the user drags."""
    key: NDArray[Any] | None = None
    """What it is sorted by; without it is not."""
    is_number: bool = False
    tone: Callable[[int], ColourName] | None = None
    plain: Callable[[int], str] | None = None
    """What is copied, where that is not its words."""
    is_wide: bool = False
    """Whether it takes of the room that is left."""


class ArrayModel(QAbstractTableModel):
    """Show rows by their numbers; with *tasks* those that are many are sorted on another thread."""

    sorting_changed = Signal(bool)
    """Rows are being sorted, or are sorted now."""

    def __init__(self, parent: QObject | None = None, tasks: Tasks | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._is_sorting = False
        self._asked = 0
        """Counts what was asked to be shown: what was sorted too late is not."""
        self.columns: tuple[ArrayColumn, ...] = ()
        self._places: Places = range(0)
        self._chosen: Places = self._places
        self._sort: tuple[int, bool] | None = None

    @property
    def is_sorting(self) -> bool:
        """Whether what is shown is not in the order that was asked for yet."""
        return self._is_sorting

    def show_columns(self, columns: Sequence[ArrayColumn], rows: Places) -> None:
        """Show other columns, and of them these rows."""
        self._asked += 1
        self.beginResetModel()
        self.columns, self._chosen, self._sort = tuple(columns), rows, None
        self._places = rows
        self.endResetModel()
        self._tell_sorting(is_on=False)

    def choose(self, rows: Places) -> None:
        """Show other rows of the same columns, sorted as before."""
        if isinstance(rows, range) and isinstance(self._chosen, range) and rows == self._chosen:
            return
        self._chosen = rows
        self._arrange()

    def _arrange(self) -> None:
        """Show the chosen rows in their order: at once, or when they are sorted."""
        self._asked += 1
        rows, key, descends = self._chosen, None, False
        if self._sort is not None:
            column, descends = self._sort
            key = self.columns[column].key
        if key is not None and len(rows) > MOST_SORTED and self._tasks is not None:
            self._tell_sorting(is_on=True)
            self._tasks.start(self._sort_apart(rows, key, descends, self._asked), "sort a table")
        else:
            self._show_places(rows if key is None else _in_order(rows, key, descends=descends))

    async def _sort_apart(self, rows: Places, key: NDArray[Any], descends: bool, asked: int) -> None:
        places = await asyncio.to_thread(_in_order, rows, key, descends=descends)
        if asked == self._asked:
            self._show_places(places)

    def _show_places(self, places: Places) -> None:
        self.beginResetModel()
        self._places = places
        self.endResetModel()
        self._tell_sorting(is_on=False)

    def _tell_sorting(self, *, is_on: bool) -> None:
        if is_on != self._is_sorting:
            self._is_sorting = is_on
            self.sorting_changed.emit(is_on)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, or by none with -1."""
        wanted = (
            None if not 0 <= column < len(self.columns) else (column, order == Qt.SortOrder.DescendingOrder)
        )
        if wanted != self._sort:
            self._sort = wanted
            self._arrange()

    def place_at(self, row: int) -> int:
        """Give which row of the arrays stands at a place."""
        return int(self._places[row])

    def nearest(self, ascending: NDArray[np.int64], at: int) -> int | None:
        """Find where the row stands whose key, which ascends over the arrays, is nearest to a value."""
        places = self._places
        if not len(places):
            return None
        if not isinstance(places, range):
            return int(np.argmin(np.abs(ascending[places] - at)))
        keys = ascending[places.start : places.stop]
        after = min(int(np.searchsorted(keys, at)), len(keys) - 1)
        is_before = after > 0 and at - int(keys[after - 1]) <= int(keys[after]) - at
        return after - 1 if is_before else after

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give a cell's text, alignment or colour."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == _DISPLAY:
            return column.text(int(self._places[index.row()]))
        if role == _ALIGN:
            return _RIGHT if column.is_number else _LEFT
        if role == _TONE and column.tone is not None:
            return column.tone(int(self._places[index.row()]))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _ALIGN:
            return _RIGHT if self.columns[section].is_number else _LEFT
        return None

    def csv(self, rows: Sequence[int]) -> str:
        """Give rows as CSV with plain digits, and the titles before them."""
        lines = [",".join(column.title for column in self.columns)]
        for row in rows:
            place = int(self._places[row])
            lines.append(",".join((column.plain or column.text)(place) for column in self.columns))
        return "\n".join(lines) + "\n"


class ArrayTable(RowTable):
    """Show an :class:`ArrayModel`; Ctrl+C copies rows."""

    row_chosen = Signal(int)
    """The user went to this row of the arrays."""

    def __init__(
        self, theme: Theme, name: str, parent: QWidget | None = None, *, tasks: Tasks | None = None
    ) -> None:
        super().__init__(theme, name, parent)
        self._theme = theme
        self.rows = ArrayModel(self, tasks)
        self._is_told = False
        self._is_dragged = self._is_sharing = False
        """Whether the user, or the table itself, gives columns their widths."""
        self.setModel(self.rows)
        self.setItemDelegate(_ToneDelegate(theme, self))
        self.setSelectionMode(RowTable.SelectionMode.ExtendedSelection)
        for heads in (self.horizontalHeader(), self.verticalHeader()):
            heads.setSelectionModel(QItemSelectionModel(self.rows, heads))
        self.horizontalHeader().setSortIndicatorClearable(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.horizontalHeader().setStretchLastSection(False)
        self.horizontalHeader().sectionResized.connect(self._on_resized)
        self.selectionModel().currentRowChanged.connect(lambda *_: self._tell())

    def show_columns(self, columns: Sequence[ArrayColumn], count: int) -> None:
        """Show all rows of other columns."""
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        titles = [column.title for column in self.rows.columns]
        self.rows.show_columns(columns, range(count))
        if [column.title for column in columns] != titles:
            self._is_dragged = False
        self._share_room()

    def _share_room(self) -> None:
        """Spread the columns over the width until the user drags one of them."""
        columns = self.rows.columns
        if self._is_dragged or not columns:
            return
        widths = [self._theme.px(column.width) for column in columns]
        wide = [place for place, column in enumerate(columns) if column.is_wide]
        # Numbers at the far right would stand alone; words there may be long.
        wide = wide or (list(range(len(columns))) if columns[-1].is_number else [len(columns) - 1])
        left, base = max(0, self.viewport().width() - sum(widths)), sum(widths[place] for place in wide)
        for place in wide:
            widths[place] += left * widths[place] // base
        self._is_sharing = True
        self.set_widths(widths)
        self._is_sharing = False

    def _on_resized(self, _column: int, _before: int, _now: int) -> None:
        self._is_dragged = self._is_dragged or not self._is_sharing

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the columns anew."""
        super().resizeEvent(event)
        self._share_room()

    def go_to(self, row: int) -> None:
        """Make a row of the table the current one without telling of it."""
        self._is_told = True
        self.selectRow(row)
        self.scrollTo(self.rows.index(row, 0), RowTable.ScrollHint.PositionAtCenter)
        self._is_told = False

    def _tell(self) -> None:
        index = self.currentIndex()
        if index.isValid() and not self._is_told:
            self.row_chosen.emit(self.rows.place_at(index.row()))

    def copy(self) -> None:
        """Put the selected rows, or all where none is, on the clipboard as CSV."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        rows = chosen or list(range(min(self.rows.rowCount(), _MOST_COPIED)))
        QGuiApplication.clipboard().setText(self.rows.csv(rows))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy by Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)


def _in_order(rows: Places, key: NDArray[Any], *, descends: bool) -> NDArray[np.intp]:
    places = np.asarray(rows, np.intp)
    order = np.argsort(key[places], kind="stable")
    return places[order[::-1] if descends else order]


class _ToneDelegate(RowDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell, in its colour where it has one."""
        self._paint_ground(painter, option, index)
        tone: ColourName = index.data(_TONE) or "text"
        self._paint_text(painter, option, index, self._text_rect(option.rect), tone)
