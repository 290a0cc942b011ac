"""How a cell of text is painted in a table of rows: the row's look, then the words, elided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from tickreel_desktop.components.static_texts import LEFT, RIGHT, StaticTexts

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QHelpEvent, QPainter

    from tickreel_desktop.components.hover_table import HoverTable
    from tickreel_desktop.theme import ColourName, Theme

ROW_PX = 26
_PADDING_PX = 8
_Index = QModelIndex | QPersistentModelIndex
_MARKED = (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus).value
_RIGHT = Qt.AlignmentFlag.AlignRight.value
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGN = int(Qt.ItemDataRole.TextAlignmentRole)


class RowDelegate(QStyledItemDelegate):
    """Paint a cell of text: row ground, then the words, elided at the right.

    *secondary* are the columns in the quieter colour.
    """

    def __init__(self, theme: Theme, table: HoverTable, secondary: frozenset[int] = frozenset()) -> None:
        super().__init__(table)
        self._theme = theme
        self._table = table
        self._secondary = secondary
        self._padding = theme.px(_PADDING_PX)
        self._texts: dict[QFont, StaticTexts] = {}
        self._colours: dict[ColourName, QColor] = {}
        theme.changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self._colours.clear()

    def _colour_of(self, name: ColourName) -> QColor:
        """Give a colour of the theme in use, made once for thousands of cells."""
        found = self._colours.get(name)
        if found is None:
            found = self._colours[name] = self._theme.colour(name)
        return found

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        if not option.state.value & _MARKED:
            # Most cells by far: painted here, since each call into the style costs as much as the text.
            rect = option.rect
            if index.row() == self._table.hovered_row:
                painter.fillRect(rect, self._colour_of("hover"))
            painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, self._colour_of("line"))
            return
        ground = QStyleOptionViewItem(option)
        # The style marks the first column of a selected row.
        ground.index = index  # type: ignore[assignment]
        QApplication.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, ground, painter, self._table
        )

    def _text_rect(self, cell: QRect) -> QRect:
        return cell.adjusted(self._padding, 0, -self._padding, 0)

    def _paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, rect: QRect, colour: ColourName
    ) -> None:
        # Of the model, and not through the index: what Qt hands on is packed and unpacked on the way.
        model = index.model()
        text = model.data(index, _DISPLAY)
        if not text:
            return
        font = option.font
        painter.setPen(self._colour_of(colour))
        painter.setFont(font)
        is_right = int(model.data(index, _ALIGN) or 0) & _RIGHT
        self._texts_of(font).draw(painter, text, rect, RIGHT if is_right else LEFT)

    def _texts_of(self, font: QFont) -> StaticTexts:
        found = self._texts.get(font)
        if found is None:
            kept = QFont(font)  # that of an option goes with it
            found = self._texts[kept] = StaticTexts(kept)
        return found

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
