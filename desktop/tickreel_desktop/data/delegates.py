"""How the cells of the dataset table are painted: from roles alone, with the row's look behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from tickreel.store import DayState
from tickreel_desktop.data.coverage import BAR_HEIGHT_PX, BAR_WIDTH_PX, CoveragePainter
from tickreel_desktop.data.model import DatasetRole
from tickreel_desktop.data.table import ROW_PX, RowTable

if TYPE_CHECKING:
    from PySide6.QtGui import QHelpEvent, QPainter

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


class RowDelegate(QStyledItemDelegate):
    """Paint a cell of text: row ground, then the words, elided at the right.

    *secondary* are the columns in the quieter colour.
    """

    def __init__(self, theme: Theme, table: RowTable, secondary: frozenset[int] = frozenset()) -> None:
        super().__init__(table)
        self._theme = theme
        self._table = table
        self._secondary = secondary

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        marked = _State.State_Selected | _State.State_HasFocus
        if not option.state & marked:
            # Most cells by far: painted here, since each call into the style costs as much as the text.
            rect = option.rect
            if index.row() == self._table.hovered_row:
                painter.fillRect(rect, self._theme.colour("hover"))
            painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, self._theme.colour("line"))
            return
        ground = QStyleOptionViewItem(option)
        # The style marks the first column of a selected row.
        ground.index = index  # type: ignore[assignment]
        QApplication.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, ground, painter, self._table
        )

    def _text_rect(self, cell: QRect) -> QRect:
        padding = self._theme.px(_PADDING_PX)
        return cell.adjusted(padding, 0, -padding, 0)

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, rect: QRect, colour: ColourName
    ) -> None:
        text = index.data(Qt.ItemDataRole.DisplayRole)
        if not text:
            return
        painter.setPen(self._theme.colour(colour))
        painter.setFont(option.font)
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, index.data(Qt.ItemDataRole.TextAlignmentRole), shown)

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        """Give the whole text of a cell that does not show it; empty otherwise."""
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        room = self._text_rect(option.rect).width()
        return text if option.fontMetrics.horizontalAdvance(text) > room else ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        colour: ColourName = "text_2" if index.column() in self._secondary else "text"
        self._paint_text(painter, option, index, self._text_rect(option.rect), colour)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for the text."""
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        width = option.fontMetrics.horizontalAdvance(text) + 2 * self._theme.px(_PADDING_PX)
        return QSize(width, self._theme.px(ROW_PX))

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Show in the tool-tip what the cell cannot."""
        if event.type() != QEvent.Type.ToolTip:
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), self._tip(option, index), view.viewport(), option.rect)
        return True


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
