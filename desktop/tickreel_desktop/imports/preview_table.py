"""How the files of a drop are shown: a tick, a mark for what was found, words; Space and a click tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from tickreel_desktop.components import RowDelegate, RowTable
from tickreel_desktop.imports.preview import Verdict
from tickreel_desktop.imports.preview_model import FILE, FINDING, TICK, PreviewModel, PreviewRole

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName

_Index = QModelIndex | QPersistentModelIndex
_State = QStyle.StateFlag
_ICON_PX = 14
_WIDTHS_PX = (34, 262, 118, 102, 142, 104, 74, 260)
_LOOKS: dict[Verdict, tuple[IconName, ColourName, ColourName]] = {
    Verdict.UNCHECKED: ("clock", "text_3", "text_3"),
    Verdict.GOOD: ("check", "text_3", "text"),
    Verdict.PART: ("plus", "text_3", "text"),
    Verdict.REPLACES: ("trash", "warning", "text"),
    Verdict.HERE: ("check-circle", "text_3", "text_2"),
    Verdict.OVERLAPS: ("warning", "warning", "text"),
    Verdict.SECOND: ("warning", "warning", "text"),
    Verdict.ASKING: ("question", "warning", "text"),
    Verdict.REFUSED: ("x-circle", "error", "error"),
}


class PreviewTable(RowTable):
    """Show the files of a drop."""

    def __init__(self, theme: Theme, model: PreviewModel) -> None:
        super().__init__(theme, "Files of the import")
        self._preview_model = model
        self.setModel(model)
        self.setItemDelegate(RowDelegate(theme, self, frozenset({2, 4, 5, 6})))
        self.setItemDelegateForColumn(TICK, _TickDelegate(theme, self))
        self.setItemDelegateForColumn(FILE, _NameDelegate(theme, self))
        self.setItemDelegateForColumn(FINDING, _FindingDelegate(theme, self))
        self.set_widths([theme.px(width) for width in _WIDTHS_PX])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick or untick by a click on the box."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == TICK and event.button() == Qt.MouseButton.LeftButton:
            self._preview_model.toggle(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick or untick the selected file by Space."""
        row = self.selected_row()
        if event.key() == Qt.Key.Key_Space and row is not None:
            self._preview_model.toggle(row)
            return
        super().keyPressEvent(event)


class _TickDelegate(RowDelegate):
    """Paint the box of a file that can be imported; others have none."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        if not _verdict(index).is_importable:
            return
        box = QStyleOptionViewItem(option)
        side = self._theme.px(_ICON_PX)
        box.rect = QRect(0, 0, side, side)
        box.rect.moveCenter(option.rect.center())
        is_ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        box.state = _State.State_Enabled | (_State.State_On if is_ticked else _State.State_Off)
        QApplication.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, self._table
        )


class _NameDelegate(RowDelegate):
    """Paint a file's name, shortened in the middle: names differ at their ends."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        rect = self._text_rect(option.rect)
        painter.setPen(self._theme.colour("text"))
        painter.setFont(option.font)
        shown = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class _FindingDelegate(RowDelegate):
    """Paint what was found of a file: a mark whose shape says it, then the words."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        mark, colour, words = _LOOKS[_verdict(index)]
        rect = self._text_rect(option.rect)
        ratio = painter.device().devicePixelRatioF()
        side = self._theme.px(_ICON_PX)
        place = QPoint(rect.left() - self._theme.px(_ICON_PX + 6), rect.top() + (rect.height() - side) // 2)
        painter.drawPixmap(place, self._theme.pixmap(mark, colour, _ICON_PX, ratio))
        self._paint_text(painter, option, index, rect, words)

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(_ICON_PX + 6), 0, 0, 0)


def _verdict(index: _Index) -> Verdict:
    return Verdict(index.data(PreviewRole.VERDICT))  # Qt hands a text on
