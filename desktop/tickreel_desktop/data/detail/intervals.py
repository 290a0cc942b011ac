"""A table of health intervals: when, how long, why."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QStyleOptionViewItem

from tickreel.market.time import US_PER_SECOND, day_start_us
from tickreel.market.units import format_duration_s
from tickreel.store.health import Kind
from tickreel_desktop.components.row_delegate import ROW_PX, RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.components.static_texts import LEFT
from tickreel_desktop.data.detail.kinds import colour_of, reason_of, words_of
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QPainter, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from tickreel.market.zone import Zone
    from tickreel_desktop.data.detail.reading import DayInterval
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

KIND_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LONG_US = 600 * US_PER_SECOND
"""Of intervals from this length on whole seconds are enough."""
_ICON_PX = 14
_GAP_PX = 6
_TWO_LINES_PX = 42
_TIGHT_BELOW_PX = 640
_LEFT, _RIGHT = (
    int(Qt.AlignmentFlag.AlignVCenter | side)
    for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)


class IntervalColumn(IntEnum):
    """The columns, in their order."""

    DAY = 0
    INTERVAL = 1
    LENGTH = 2
    REASON = 3


_WIDTHS_PX = (96, 184, 60, 60)
_SORT_KEYS: dict[IntervalColumn, Callable[[DayInterval], Any]] = {
    IntervalColumn.DAY: lambda one: one.interval.from_us,
    IntervalColumn.INTERVAL: lambda one: (one.interval.from_us - day_start_us(one.day), one.day),
    IntervalColumn.LENGTH: lambda one: one.interval.to_us - one.interval.from_us,
    IntervalColumn.REASON: lambda one: (words_of(one.interval.kind).reason, one.interval.from_us),
}


def interval_text(zone: Zone, from_us: int, to_us: int) -> str:
    """Print an interval, its end without what it shares with its begin: ``02:11:07.204 to 09.940``."""
    length_us = to_us - from_us
    if length_us <= 1:
        return zone.clock(from_us)
    decimals = 3 if length_us < _LONG_US else 0
    begin, end = zone.clock(from_us, decimals), zone.clock(to_us, decimals)
    for shared in (6, 3):
        if begin[:shared] == end[:shared] and length_us < _LONG_US:
            return f"{begin} to {end[shared:]}"
    return f"{begin} to {end}"


class IntervalModel(QAbstractTableModel):
    """Hold intervals and sort them."""

    def __init__(self, zone: DisplayZone, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._rows: tuple[DayInterval, ...] = ()
        self._sorted_by = (IntervalColumn.DAY, Qt.SortOrder.AscendingOrder)
        zone.changed.connect(self._on_zone_changed)

    def replace(self, rows: Sequence[DayInterval]) -> None:
        """Show these from now on, in the order that was chosen."""
        self.beginResetModel()
        self._rows = self._in_order(rows)
        self.endResetModel()

    def row_at(self, row: int) -> DayInterval:
        """Give what stands in a row."""
        return self._rows[row]

    def _in_order(self, rows: Sequence[DayInterval]) -> tuple[DayInterval, ...]:
        column, order = self._sorted_by
        is_down = order == Qt.SortOrder.DescendingOrder
        return tuple(sorted(rows, key=_SORT_KEYS[column], reverse=is_down))

    def _on_zone_changed(self) -> None:
        column = IntervalColumn.INTERVAL
        if self._rows:
            self.dataChanged.emit(self.index(0, column), self.index(len(self._rows) - 1, column))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        if not 0 <= column < len(IntervalColumn):
            return
        self._sorted_by = (IntervalColumn(column), order)
        self.replace(self._rows)

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the intervals."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(IntervalColumn)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text, its alignment, or the kind of its row."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() == IntervalColumn.LENGTH else _LEFT
        one = self._rows[index.row()]
        if role == KIND_ROLE:
            return one.interval.kind.value
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == IntervalColumn.INTERVAL:
            return ", ".join(filter(None, (self._text(one, column) for column in IntervalColumn)))
        return (
            self._text(one, IntervalColumn(index.column())) if role == Qt.ItemDataRole.DisplayRole else None
        )

    def _text(self, one: DayInterval, column: IntervalColumn) -> str:
        interval = one.interval
        match column:
            case IntervalColumn.DAY:
                return one.day.isoformat()
            case IntervalColumn.INTERVAL:
                zone = self._zone.zone
                date = zone.day_of(interval.from_us)
                text = interval_text(zone, interval.from_us, interval.to_us)
                return text if date == one.day else f"{day_text(date)} {text}"
            case IntervalColumn.LENGTH:
                length_us = interval.to_us - interval.from_us
                return format_duration_s(length_us / US_PER_SECOND) if length_us > 1 else ""
            case IntervalColumn.REASON:
                return reason_of(interval)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column and its alignment."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(IntervalColumn):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section == IntervalColumn.LENGTH else _LEFT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        zone = self._zone.zone
        at_us = self._rows[0].interval.from_us if self._rows else 0
        return ("Day (UTC)", f"Interval ({zone.short_name(at_us)})", "Length", "Reason")[section]


class IntervalTable(RowTable):
    """Show intervals; Enter or a double click asks for a replay of one.

    In little room, as those of one day, each is told in two lines: when and how long, and why.
    """

    interval_opened = Signal(object)
    """A ``DayInterval``."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, name: str, *, with_day: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, name, parent)
        self.rows = IntervalModel(zone, self)
        self.setModel(self.rows)
        self.setItemDelegate(RowDelegate(theme, self, frozenset({IntervalColumn.DAY, IntervalColumn.LENGTH})))
        self.set_widths([theme.px(width) for width in _WIDTHS_PX])
        self._in_a_line = _IntervalDelegate(theme, self)
        self._in_two_lines = _NoteDelegate(theme, self, tells_day=with_day)
        self._heights_px = theme.px(ROW_PX), theme.px(_TWO_LINES_PX)
        self._tight_below_px = theme.px(_TIGHT_BELOW_PX)
        self._with_day = with_day
        self.horizontalHeader().setVisible(with_day)
        self._stand(is_tight=not with_day)
        if with_day:
            self.setSortingEnabled(True)
            self.sortByColumn(IntervalColumn.DAY, Qt.SortOrder.AscendingOrder)
        self.row_opened.connect(lambda row: self.interval_opened.emit(self.rows.row_at(row)))

    def _stand(self, *, is_tight: bool) -> None:
        """Tell each interval in two lines, or in one."""
        told = self._in_two_lines if is_tight else self._in_a_line
        self.setItemDelegateForColumn(IntervalColumn.INTERVAL, told)
        for column in (IntervalColumn.DAY, IntervalColumn.LENGTH, IntervalColumn.REASON):
            self.setColumnHidden(column, is_tight)
        self.verticalHeader().setDefaultSectionSize(self._heights_px[is_tight])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take two lines for each interval where there is little room."""
        super().resizeEvent(event)
        is_tight = not self._with_day or self.width() < self._tight_below_px
        if is_tight != self.isColumnHidden(IntervalColumn.REASON):
            self._stand(is_tight=is_tight)

    def height_px(self, rows: int) -> int:
        """Tell how high it is with so many rows in view."""
        heads_px = 0 if self.horizontalHeader().isHidden() else self.horizontalHeader().height()
        return heads_px + rows * self.verticalHeader().defaultSectionSize() + 1


class _IntervalDelegate(RowDelegate):
    """Paint the time of an interval behind the mark of its kind."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        self._paint_mark(painter, option, index)
        self._paint_text(painter, option, index, self._text_rect(option.rect), "text")

    def _paint_mark(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = self._text_rect(option.rect)
        kind = Kind(index.data(KIND_ROLE))
        side = self._theme.px(_ICON_PX)
        left = rect.left() - side - self._theme.px(_GAP_PX)
        ratio = painter.device().devicePixelRatioF()
        mark = self._theme.pixmap(words_of(kind).icon, colour_of(kind), _ICON_PX, ratio)
        painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - side) // 2), mark)

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(_ICON_PX + _GAP_PX), 0, 0, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for mark and time."""
        return super().sizeHint(option, index) + QSize(self._theme.px(_ICON_PX + _GAP_PX), 0)


class _NoteDelegate(_IntervalDelegate):
    """Paint an interval in two lines: when it was and how long, and the reason below."""

    def __init__(self, theme: Theme, table: RowTable, *, tells_day: bool) -> None:
        super().__init__(theme, table)
        self._tells_day = tells_day

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        upper, lower = self._lines(option.rect)
        when = QStyleOptionViewItem(option)
        when.rect = upper
        self._paint_ground(painter, option, index)
        self._paint_mark(painter, when, index)
        painter.setFont(option.font)
        painter.setPen(self._colour_of("text"))
        texts = self._texts_of(option.font)
        rect = self._text_rect(upper)
        told = self._when(index)
        texts.draw(painter, told, rect, LEFT)
        length = index.sibling(index.row(), IntervalColumn.LENGTH).data()
        painter.setPen(self._colour_of("text_2"))
        if length:
            shift = option.fontMetrics.horizontalAdvance(told) + 2 * self._theme.px(_GAP_PX)
            texts.draw(painter, length, rect.adjusted(shift, 0, 0, 0), LEFT)
        texts.draw(painter, self._reason(index), self._text_rect(lower), LEFT)

    def _lines(self, cell: QRect) -> tuple[QRect, QRect]:
        inset = self._theme.px(3)
        half = cell.height() // 2
        return (
            QRect(cell.x(), cell.y() + inset, cell.width(), half - inset),
            QRect(cell.x(), cell.y() + half, cell.width(), half - inset),
        )

    def _when(self, index: _Index) -> str:
        """Give the time; of notes of many days the day as well."""
        day = index.sibling(index.row(), IntervalColumn.DAY).data()
        return f"{day}  {index.data()}" if self._tells_day else str(index.data())

    def _reason(self, index: _Index) -> str:
        return str(index.sibling(index.row(), IntervalColumn.REASON).data())

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        reason = self._reason(index)
        room = self._text_rect(option.rect).width()
        return reason if option.fontMetrics.horizontalAdvance(reason) > room else ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for two lines."""
        return QSize(super().sizeHint(option, index).width(), self._theme.px(_TWO_LINES_PX))
