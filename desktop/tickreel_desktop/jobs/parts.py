"""The parts of a job, such as the days of a fetch, as a small table of its details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt

from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.jobs.row import JobPart, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QRect
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_PART_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_LEFT, _RIGHT = (
    int(Qt.AlignmentFlag.AlignVCenter | side)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)
_COLUMNS: tuple[tuple[str, Callable[[JobPart], str], int, int], ...] = (
    ("Day", lambda part: part.name, _LEFT, 84),
    ("State", lambda part: part.state_words, _LEFT, 116),
    ("Size", lambda part: part.size, _RIGHT, 74),
    ("Why", lambda part: "; ".join(filter(None, (part.reason, part.tries))), _LEFT, 80),
)
"""Title, text, alignment and width at scale 1."""
_STATE = 1
_ICON_PX = 14
_LOOKS: dict[JobState, tuple[IconName, ColourName]] = {
    JobState.FAILED: ("x-circle", "error"),
    JobState.WAITING: ("warning", "warning"),
    JobState.RUNNING: ("cloud-arrow-down", "accent"),
    JobState.QUEUED: ("clock", "text_3"),
    JobState.PAUSED: ("pause", "text_3"),
    JobState.DONE: ("check", "text_3"),
    JobState.CANCELLED: ("x", "text_3"),
}


class PartTableModel(QAbstractTableModel):
    """Show the parts of one job."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[JobPart, ...] = ()

    @property
    def parts(self) -> tuple[JobPart, ...]:
        """The parts, from the top."""
        return self._parts

    def replace(self, parts: tuple[JobPart, ...]) -> None:
        """Show these parts from now on; the same ones in the same order keep their selection."""
        if parts == self._parts:
            return
        if [part.name for part in parts] == [part.name for part in self._parts]:
            self._parts = parts
            self.dataChanged.emit(self.index(0, 0), self.index(len(parts) - 1, len(_COLUMNS) - 1))
            return
        self.beginResetModel()
        self._parts = parts
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the parts."""
        return 0 if parent.isValid() else len(self._parts)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text, its alignment, or its part."""
        if not index.isValid():
            return None
        if role == _PART_ROLE:
            return self._parts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[index.column()][1](self._parts[index.row()])
        return _COLUMNS[index.column()][2] if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        return _COLUMNS[section][2] if role == Qt.ItemDataRole.TextAlignmentRole else None


class _PartStateDelegate(RowDelegate):
    """Paint the state of a part: a mark whose shape says it, then the word."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        part: JobPart = index.data(_PART_ROLE)
        rect = self._text_rect(option.rect)
        side = self._theme.px(_ICON_PX)
        left = rect.left() - self._theme.px(_ICON_PX + 6)
        mark = self._theme.pixmap(*_LOOKS[part.state], _ICON_PX, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - side) // 2), mark)
        self._paint_text(painter, option, index, rect, "error" if part.state is JobState.FAILED else "text_2")

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(_ICON_PX + 6), 0, 0, 0)


class PartTable(RowTable):
    """Show the parts of one job; hidden while it has none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Days of the job", parent)
        self._theme = theme
        self.parts = PartTableModel(self)
        self.setModel(self.parts)
        self.setItemDelegate(RowDelegate(theme, self, frozenset({2, 3})))
        self.setItemDelegateForColumn(_STATE, _PartStateDelegate(theme, self))
        self.set_widths([theme.px(width) for *_, width in _COLUMNS])
        self.setMinimumHeight(theme.px(100))

    def show_parts(self, parts: tuple[JobPart, ...]) -> None:
        """Show other parts, or the same ones as they stand now."""
        self.parts.replace(parts)
        if parts:
            longest = max((part.name for part in parts), key=len)
            room = self.fontMetrics().horizontalAdvance(longest) + self._theme.px(18)
            self.setColumnWidth(0, min(max(room, self._theme.px(_COLUMNS[0][3])), self._theme.px(300)))
        self.setVisible(bool(parts))

    def selected_part(self) -> JobPart | None:
        """Give the selected part, or None."""
        row = self.selected_row()
        return None if row is None else self.parts.parts[row]
