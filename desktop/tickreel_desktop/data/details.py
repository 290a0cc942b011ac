"""The recorded days of the selected dataset, one line a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.market.units import ABSENT, format_bytes, format_clock, format_full
from tickreel_desktop.components import DockTitle
from tickreel_desktop.data.columns import coverage_words
from tickreel_desktop.data.delegates import RowDelegate, StateDelegate
from tickreel_desktop.data.model import DatasetRole
from tickreel_desktop.data.table import RowTable
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store import Day
    from tickreel_desktop.data.rows import DatasetRow

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LEFT, _RIGHT = (
    int(Qt.AlignmentFlag.AlignVCenter | side)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


def _clock(instant_us: int | None) -> str:
    return ABSENT if instant_us is None else format_clock(instant_us)


_COLUMNS: tuple[tuple[str, Callable[[Day], str], int, int], ...] = (
    ("Day", lambda day: day.day.isoformat(), _LEFT, 92),
    ("State", lambda day: day.state.value, _LEFT, 92),
    ("Rows", lambda day: format_full(day.rows), _RIGHT, 84),
    ("Size", lambda day: format_bytes(day.bytes), _RIGHT, 76),
    ("First row (UTC)", lambda day: _clock(day.first_local_us), _RIGHT, 104),
    ("Last row (UTC)", lambda day: _clock(day.last_local_us), _RIGHT, 104),
    ("Parts", lambda day: format_full(len(day.parts)), _RIGHT, 52),
    ("Source", lambda day: day.source.value, _LEFT, 80),
)
"""Title, text, alignment and width at scale 1."""
_STATE = 1
_SECONDARY = frozenset({4, 5, 6, 7})


class DayTableModel(QAbstractTableModel):
    """Show the recorded days of one dataset, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._days: tuple[Day, ...] = ()
        self._cells: dict[int, tuple[str, ...]] = {}

    def replace(self, days: tuple[Day, ...]) -> None:
        """Show these days from now on."""
        if days == self._days:
            return
        self.beginResetModel()
        self._days = days
        self._cells.clear()
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the days."""
        return 0 if parent.isValid() else len(self._days)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text, its alignment, or the state of its day."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            cells = self._cells.get(index.row())
            if cells is None:
                day = self._days[index.row()]
                cells = self._cells[index.row()] = tuple(text(day) for _, text, _, _ in _COLUMNS)
            return cells[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _COLUMNS[index.column()][2]
        return self._days[index.row()].state if role == DatasetRole.STATE else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_COLUMNS):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section][0]
        return _COLUMNS[section][2] if role == Qt.ItemDataRole.TextAlignmentRole else None


class DatasetDetails(QFrame):
    """Show what is recorded of one dataset."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._title = DockTitle(theme, "")
        self.model = DayTableModel(self)
        self._table = RowTable(theme, "Days of the selected dataset")
        self._table.setModel(self.model)
        self._table.setItemDelegate(RowDelegate(theme, self._table, _SECONDARY))
        self._table.setItemDelegateForColumn(_STATE, StateDelegate(theme, self._table))
        self._table.set_widths([theme.px(width) for *_, width in _COLUMNS])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._table, 1)

    def show_row(self, row: DatasetRow) -> None:
        """Show another dataset, or the same one as it stands now."""
        self._title.set_title(f"{row.key.symbol} {row.key.type}")
        self._title.set_caption(f"{row.key.exchange}, {coverage_words(row)}")
        self.model.replace(row.days)
