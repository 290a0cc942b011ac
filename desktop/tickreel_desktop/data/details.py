"""The recorded days of the selected dataset, one line a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel.market.time import day_start_us
from tickreel.market.units import ABSENT, format_bytes, format_full
from tickreel_desktop.components import DockTitle
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.data.columns import coverage_words
from tickreel_desktop.data.delegates import StateDelegate
from tickreel_desktop.data.model import DatasetRole
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.market.zone import Zone
    from tickreel.store import Day
    from tickreel_desktop.data.rows import DatasetRow
    from tickreel_desktop.zone import DisplayZone

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LEFT, _RIGHT = (
    int(Qt.AlignmentFlag.AlignVCenter | side)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


def _moment(instant_us: int | None, day: Day, zone: Zone) -> str:
    """Print the time of a row, with the date where it is not that of the UTC day."""
    if instant_us is None:
        return ABSENT
    date = zone.day_of(instant_us)
    return f"{'' if date == day.day else f'{day_text(date)} '}{zone.clock(instant_us)}"


_COLUMNS: tuple[tuple[str, Callable[[Day, Zone], str], int, int], ...] = (
    ("Day (UTC)", lambda day, _: day.day.isoformat(), _LEFT, 92),
    ("State", lambda day, _: day.state.value, _LEFT, 92),
    ("Rows", lambda day, _: format_full(day.rows), _RIGHT, 84),
    ("Size", lambda day, _: format_bytes(day.bytes), _RIGHT, 76),
    ("First row", lambda day, zone: _moment(day.first_local_us, day, zone), _RIGHT, 136),
    ("Last row", lambda day, zone: _moment(day.last_local_us, day, zone), _RIGHT, 136),
    ("Parts", lambda day, _: format_full(len(day.parts)), _RIGHT, 52),
    ("Source", lambda day, _: day.source.value, _LEFT, 80),
)
"""Title, text, alignment and width at scale 1."""
_STATE = 1
_TIMES = (4, 5)
"""Columns in the display zone, which their titles name."""
_SECONDARY = frozenset({4, 5, 6, 7})


class DayTableModel(QAbstractTableModel):
    """Show the recorded days of one dataset, oldest first."""

    def __init__(self, zone: DisplayZone, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._days: tuple[Day, ...] = ()
        self._cells: dict[int, tuple[str, ...]] = {}
        zone.changed.connect(self._on_zone_changed)

    def replace(self, days: tuple[Day, ...]) -> None:
        """Show these days from now on."""
        if days == self._days:
            return
        self.beginResetModel()
        self._days = days
        self._cells.clear()
        self.endResetModel()

    def _on_zone_changed(self) -> None:
        self._cells.clear()
        first, last = _TIMES
        if self._days:
            self.dataChanged.emit(self.index(0, first), self.index(len(self._days) - 1, last))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, first, last)

    def _zone_names(self) -> str:
        """Name the zone as its clocks are called on the days that are shown."""
        zone = self._zone.zone
        days = (self._days[0].day, self._days[-1].day) if self._days else ()
        names = dict.fromkeys(zone.short_name(day_start_us(day)) for day in days)
        return "/".join(names) or zone.name

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
                cells = self._cells[index.row()] = tuple(
                    text(day, self._zone.zone) for _, text, _, _ in _COLUMNS
                )
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
            title = _COLUMNS[section][0]
            return f"{title} ({self._zone_names()})" if section in _TIMES else title
        if role == Qt.ItemDataRole.ToolTipRole and section in _TIMES:
            return f"Times are shown in {self._zone.name}"
        return _COLUMNS[section][2] if role == Qt.ItemDataRole.TextAlignmentRole else None


class DatasetDetails(QFrame):
    """Show what is recorded of one dataset."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._title = DockTitle(theme, "")
        self.model = DayTableModel(zone, self)
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
