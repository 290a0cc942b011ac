"""A table of rows as the vendor writes them; copied, they are CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from tickreel.market.types import SCHEMAS, Kind
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem

    from tickreel.market.types import DatasetKey
    from tickreel.store.library.peeking import Peek
    from tickreel_desktop.theme import ColourName, Theme

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LEFT, _RIGHT = (
    int(Qt.AlignmentFlag.AlignVCenter | side)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)
_SIDES: dict[str, ColourName] = {"bid": "bid", "ask": "ask", "buy": "bid", "sell": "ask"}
_SELDOM = ("id", "is_snapshot")
_PADDING_PX = 18
_LONGEST = 40
"""Rows that are looked at to find the widths of the columns."""


class PeekModel(QAbstractTableModel):
    """Hold rows of text; what is the same in all of them stands last, or with *brief* is left out."""

    def __init__(self, *, brief: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_brief = brief
        self._names: tuple[str, ...] = ()
        self._places: tuple[int, ...] = ()
        self._alignments: tuple[int, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()

    def replace(self, key: DatasetKey, seen: Peek) -> None:
        """Show other rows, of a dataset."""
        self.beginResetModel()
        kinds = {column.name: column.kind for column in SCHEMAS[key.type].columns}
        names = list(seen.columns)
        same = ("exchange",) if key.is_grouped else ("exchange", "symbol")
        if self._is_brief:
            names = [name for name in names if name not in same]
        # What is looked at most comes first: there may be little room.
        names.sort(key=lambda name: (name != "local_timestamp", name in _SELDOM, name in same))
        self._names = tuple(names)
        self._places = tuple(seen.columns.index(name) for name in names)
        self._alignments = tuple(_RIGHT if kinds[name] is Kind.NUMBER else _LEFT for name in names)
        self._rows = seen.rows
        self.endResetModel()

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._rows = ()
        self.endResetModel()

    def csv(self, rows: list[int]) -> str:
        """Give rows as CSV with the columns that are shown, in the vendor's order, and their names above."""
        names = dict(zip(self._places, self._names, strict=True))
        places = sorted(names)
        lines = [
            tuple(names[place] for place in places),
            *(tuple(self._rows[row][place] for place in places) for row in rows),
        ]
        return "".join(f"{','.join(line)}\n" for line in lines)

    def longest(self, column: int) -> str:
        """Give the longest of the first texts of a column, or its name."""
        texts = [row[self._places[column]] for row in self._rows[:_LONGEST]]
        return max((*texts, self._names[column]), key=len)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(self._names)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text or its alignment."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][self._places[index.column()]]
        return self._alignments[index.column()] if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the vendor's name of a column, and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._names):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._names[section]
        return self._alignments[section] if role == Qt.ItemDataRole.TextAlignmentRole else None


class PeekTable(RowTable):
    """Show rows; those that are chosen, or all, are copied as CSV."""

    def __init__(self, theme: Theme, name: str, *, brief: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._theme = theme
        self._is_brief = brief
        self._widths_of: tuple[object, ...] = ()
        self.rows = PeekModel(brief=brief, parent=self)
        self.setModel(self.rows)
        self.setFont(theme.font(FontRole.MONO))
        self.setItemDelegate(_CellDelegate(theme, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        copy = QAction("Copy as CSV", self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(lambda: self.copy())
        theme.bind_icon(copy, "copy")
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def sizeHint(self) -> QSize:
        """Ask for the least height where a few rows are enough: what is above is not scrolled for more."""
        hint = super().sizeHint()
        return QSize(hint.width(), self.minimumHeight()) if self._is_brief else hint

    def show_rows(self, key: DatasetKey, seen: Peek) -> None:
        """Show other rows; the columns of one dataset keep the widths that they were given."""
        self.rows.replace(key, seen)
        if self._widths_of == (key, bool(seen.rows)):
            return
        self._widths_of = (key, bool(seen.rows))
        words = QFontMetrics(self._theme.font(FontRole.MONO))
        heads = QFontMetrics(self._theme.font(FontRole.CAPTION))
        for column in range(self.rows.columnCount()):
            text = self.rows.longest(column)
            head = str(self.rows.headerData(column, Qt.Orientation.Horizontal))
            width = max(words.horizontalAdvance(text), heads.horizontalAdvance(head))
            self.setColumnWidth(column, width + self._theme.px(_PADDING_PX))

    def copy(self) -> None:
        """Put the chosen rows, or all where none is chosen, on the clipboard as CSV."""
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText(self.rows.csv(chosen or list(range(self.rows.rowCount()))))


class _CellDelegate(RowDelegate):
    """Paint a cell of a row; sides have their colour beside their word."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        colour = _SIDES.get(index.data(Qt.ItemDataRole.DisplayRole), "text")
        self._paint_text(painter, option, index, self._text_rect(option.rect), colour)
