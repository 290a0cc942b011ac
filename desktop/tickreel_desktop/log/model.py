"""The model of the log table: the newest records, and those of them that pass the filter."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from tickreel.logs import RING_RECORDS
from tickreel.settings import LogLevel
from tickreel_desktop.log.records import LEVEL_WORDS, LEVELS, LogRow, row_of
from tickreel_desktop.zone.times import exact_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tickreel.logs import Entry
    from tickreel_desktop.zone import DisplayZone

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class LogColumn(IntEnum):
    """Name the columns."""

    TIME = 0
    LEVEL = 1
    AREA = 2
    MESSAGE = 3


LEVEL_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The ``LogLevel`` of a row."""
_TITLES = {
    LogColumn.TIME: "Time",
    LogColumn.LEVEL: "Level",
    LogColumn.AREA: "Area",
    LogColumn.MESSAGE: "Message",
}
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)
_ALIGNMENT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class LogModel(QAbstractTableModel):
    """Hold up to *capacity* records, oldest first; :meth:`append` is cheap, the filter looks at all."""

    def __init__(
        self, zone: DisplayZone, capacity: int = RING_RECORDS, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._zone = zone
        zone.changed.connect(self._on_zone_changed)
        self._capacity = capacity
        self._rows: deque[LogRow] = deque()
        self._shown: list[LogRow] = []
        self._next = 0
        self._least = LogLevel.DEBUG
        self._area = ""
        self._words: tuple[str, ...] = ()
        self._by_level: Counter[LogLevel] = Counter()

    @property
    def total(self) -> int:
        """How many records are held, also those that the filter hides."""
        return len(self._rows)

    @property
    def is_filtered(self) -> bool:
        """Whether the filter may hide anything."""
        return self._least is not LogLevel.DEBUG or bool(self._area or self._words)

    @property
    def shown_rows(self) -> list[LogRow]:
        """The rows that pass the filter, as they stand in the table."""
        return list(self._shown)

    def count_of(self, level: LogLevel) -> int:
        """Count the held records of a level."""
        return self._by_level[level]

    def areas(self) -> list[str]:
        """List the areas of which records are held."""
        return sorted({row.area for row in self._rows})

    def row_at(self, row: int) -> LogRow:
        """Give the row that stands at a position of the table."""
        return self._shown[row]

    def position_of(self, number: int) -> int | None:
        """Find where a record stands in the table; None when it is filtered out or gone."""
        at = bisect_right(self._shown, number, key=_number) - 1
        return at if at >= 0 and self._shown[at].number == number else None

    def append(self, entries: Iterable[Entry]) -> int:
        """Take newer records, for which the oldest may leave; give how many of the new ones are shown."""
        new = [row_of(number, entry) for number, entry in enumerate(entries, self._next)]
        if not new:
            return 0
        self._next = new[-1].number + 1
        new = new[-self._capacity :]
        self._drop(len(self._rows) + len(new) - self._capacity)
        self._rows.extend(new)
        self._by_level.update(row.level for row in new)
        passing = [row for row in new if self._passes(row)]
        if passing:
            first = len(self._shown)
            self.beginInsertRows(_NOWHERE, first, first + len(passing) - 1)
            self._shown.extend(passing)
            self.endInsertRows()
        return len(passing)

    def _drop(self, count: int) -> None:
        if count <= 0:
            return
        dropped = [self._rows.popleft() for _ in range(count)]
        self._by_level.subtract(row.level for row in dropped)
        gone = bisect_right(self._shown, dropped[-1].number, key=_number)
        if gone:
            self.beginRemoveRows(_NOWHERE, 0, gone - 1)
            del self._shown[:gone]
            self.endRemoveRows()

    def clear(self) -> None:
        """Forget what is held; what comes next is shown."""
        self.beginResetModel()
        self._rows.clear()
        self._shown.clear()
        self._by_level.clear()
        self.endResetModel()

    def set_filter(self, least: LogLevel, area: str, text: str) -> None:
        """Show records of *least* and graver, of one area (empty: of all), with every word of *text*."""
        wanted = (least, area, tuple(text.lower().split()))
        if wanted == (self._least, self._area, self._words):
            return
        self.beginResetModel()
        self._least, self._area, self._words = wanted
        self._shown = [row for row in self._rows if self._passes(row)]
        self.endResetModel()

    def _passes(self, row: LogRow) -> bool:
        return (
            LEVELS.index(row.level) >= LEVELS.index(self._least)
            and (not self._area or row.area == self._area)
            and all(word in row.haystack for word in self._words)
        )

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the rows that pass the filter."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(LogColumn)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give a cell's text, alignment, tool-tip or level; None for everything else."""
        if not index.isValid():
            return None
        row = self._shown[index.row()]
        if role == _DISPLAY:
            return self._text(row, index.column())
        if role == _ALIGN:
            return _ALIGNMENT
        if role == LEVEL_ROLE:
            return row.level
        if role == _TIP and index.column() == LogColumn.TIME:
            return exact_text(self._zone.zone, row.entry.time_us)
        return None

    def _text(self, row: LogRow, column: int) -> str:
        match column:
            case LogColumn.TIME:
                return self._zone.zone.clock(row.entry.time_us)
            case LogColumn.LEVEL:
                return LEVEL_WORDS[row.level]
            case LogColumn.AREA:
                return row.area
            case _:
                more = row.more_lines
                return f"{row.message}  (+{more} {'line' if more == 1 else 'lines'})" if more else row.message

    def _zone_name(self) -> str:
        """Name the zone as it is for the newest record: summer and winter have names of their own."""
        return self._zone.zone.short_name(self._rows[-1].entry.time_us if self._rows else 0)

    def _on_zone_changed(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, LogColumn.TIME, LogColumn.TIME)
        if self._shown:
            last = self.index(len(self._shown) - 1, LogColumn.TIME)
            self.dataChanged.emit(self.index(0, LogColumn.TIME), last)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(LogColumn):
            return None
        if role == _DISPLAY:
            title = _TITLES[LogColumn(section)]
            return f"{title}, {self._zone_name()}" if section == LogColumn.TIME else title
        return _ALIGNMENT if role == _ALIGN else None


def _number(row: LogRow) -> int:
    return row.number
