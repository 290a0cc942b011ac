"""How the cells of the dataset table are painted: from roles alone, with the row's look behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QStyle,
    QStyleOptionViewItem,
)

from tickreel.store import DayState
from tickreel_desktop.components import RowDelegate, RowTable
from tickreel_desktop.components.row_table import ROW_PX
from tickreel_desktop.data.coverage import BAR_HEIGHT_PX, BAR_WIDTH_PX, CoveragePainter
from tickreel_desktop.data.model import DatasetRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName

_PADDING_PX = 8
_ICON_PX = 14
_Index = QModelIndex | QPersistentModelIndex
_State = QStyle.StateFlag

_STATE_LOOKS: dict[DayState, tuple[IconName, ColourName]] = {
    DayState.PRESENT: ("check", "text_3"),
    DayState.PENDING: ("clock", "text_2"),
    DayState.MISSING: ("warning", "warning"),
    DayState.PARTIAL: ("warning", "warning"),
    DayState.DAMAGED: ("x-circle", "error"),
}


class CoverageDelegate(RowDelegate):
    """Paint the coverage bar of a dataset; its tool-tip says the same in words."""

    def __init__(self, theme: Theme, table: RowTable, bars: CoveragePainter) -> None:
        super().__init__(theme, table)
        self._bars = bars

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        coverage = index.data(DatasetRole.COVERAGE)
        rect = self._text_rect(option.rect)
        width = min(self._theme.px(BAR_WIDTH_PX), rect.width())
        if coverage is None or width < 1:
            return
        bar = self._bars.bar(coverage, width, painter.device().devicePixelRatioF())
        top = rect.top() + (rect.height() - self._theme.px(BAR_HEIGHT_PX)) // 2
        painter.drawPixmap(QPoint(rect.left(), top), bar)

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        return index.data(Qt.ItemDataRole.AccessibleTextRole) or ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for the bar."""
        return QSize(self._theme.px(BAR_WIDTH_PX + 2 * _PADDING_PX), self._theme.px(ROW_PX))


class StateDelegate(RowDelegate):
    """Paint the state of a dataset or of a day: a mark whose shape says it, then the words."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        rect = self._text_rect(option.rect)
        left = rect.left() - self._theme.px(_ICON_PX + 6)
        look = _STATE_LOOKS.get(index.data(DatasetRole.STATE))
        if look is not None:
            ratio = painter.device().devicePixelRatioF()
            side = self._theme.px(_ICON_PX)
            mark = self._theme.pixmap(look[0], look[1], _ICON_PX, ratio)
            painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - side) // 2), mark)
        self._paint_text(painter, option, index, rect, "text")

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(_ICON_PX + 6), 0, 0, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for mark and words."""
        return super().sizeHint(option, index) + QSize(self._theme.px(_ICON_PX + 6), 0)
