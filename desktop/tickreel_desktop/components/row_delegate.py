"""How a cell of text is painted in a table of rows: the row's look, then the words, elided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

if TYPE_CHECKING:
    from PySide6.QtGui import QHelpEvent, QPainter

    from tickreel_desktop.components.row_table import RowTable
    from tickreel_desktop.theme import ColourName, Theme

ROW_PX = 26
_PADDING_PX = 8
_Index = QModelIndex | QPersistentModelIndex
_State = QStyle.StateFlag
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


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
        alignment = index.data(Qt.ItemDataRole.TextAlignmentRole) or _LEFT
        painter.drawText(rect, alignment, shown)

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
