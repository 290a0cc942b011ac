"""How the cells of the dataset table are painted: from roles alone, with the row's look behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from tickreel.market.units import format_count
from tickreel.store import DayState
from tickreel_desktop.components import RowDelegate, RowTable
from tickreel_desktop.components.row_delegate import ROW_PX
from tickreel_desktop.data.coverage import BAR_HEIGHT_PX, BAR_WIDTH_PX, CoveragePainter
from tickreel_desktop.data.dataset_model import DatasetTableModel
from tickreel_desktop.data.model import DatasetRole
from tickreel_desktop.theme import FontRole
from tickreel_desktop.theme.focus import RING_WIDTH_PX

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName

_PADDING_PX = 8
_ICON_PX = 14
_CARET_PX = 12
_LETTER_PX = (17, 16)
_Index = QModelIndex | QPersistentModelIndex
_State = QStyle.StateFlag
_GROUP, _GRADE, _PINNED = int(DatasetRole.GROUP), int(DatasetRole.GRADE), int(DatasetRole.PINNED)

_STATE_LOOKS: dict[DayState, tuple[IconName, ColourName]] = {
    DayState.PRESENT: ("check", "text_3"),
    DayState.PENDING: ("clock", "text_2"),
    DayState.MISSING: ("warning", "warning"),
    DayState.PARTIAL: ("warning", "warning"),
    DayState.DAMAGED: ("x-circle", "error"),
}


_HEALTH_LOOKS: dict[str, tuple[IconName, ColourName]] = {
    "good": ("check", "text_3"),
    "unchecked": ("question", "text_3"),
    "warning": ("warning", "warning"),
    "error": ("x-circle", "error"),
}


class HeldDelegate(RowDelegate):
    """Paint a cell of a row, or of the row of a group: raised, bold, with its caret."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        is_open = index.model().data(index, _GROUP)
        if is_open is None:
            self._paint_row(painter, option, index)
        else:
            self._paint_group(painter, option, index, is_open)

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self._paint_ground(painter, option, index)
        rect = self._text_rect(option.rect)
        model = index.model()
        if isinstance(model, DatasetTableModel) and model.grouping and index.column() == model.head_column:
            rect = rect.adjusted(self._theme.px(_CARET_PX + 4), 0, 0, 0)
        self._paint_text(
            painter, option, index, rect, "text_2" if index.column() in self._secondary else "text"
        )

    def _paint_group(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index, is_open: bool
    ) -> None:
        theme, cell = self._theme, option.rect
        is_lit = index.row() == self._table.hovered_row
        painter.fillRect(cell, theme.colour("hover" if is_lit else "raised"))
        painter.fillRect(cell.x(), cell.bottom(), cell.width(), 1, theme.colour("line"))
        rect = super()._text_rect(cell)
        model = index.model()
        is_head = isinstance(model, DatasetTableModel) and index.column() == model.head_column
        if is_head:
            ratio = painter.device().devicePixelRatioF()
            mark = theme.pixmap("caret-down" if is_open else "caret-right", "text_2", _CARET_PX, ratio)
            side = theme.px(_CARET_PX)
            painter.drawPixmap(QPoint(rect.left(), rect.top() + (rect.height() - side) // 2), mark)
            rect = rect.adjusted(side + theme.px(4), 0, 0, 0)
        words = QStyleOptionViewItem(option)
        words.font = theme.font(FontRole.BODY, QFont.Weight.DemiBold if is_head else None)
        words.fontMetrics = QFontMetrics(words.font)
        self._paint_text(painter, words, index, rect, "text")
        self._paint_ring(painter, option)

    def _paint_ring(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        """Show where the keyboard is: the row of a group cannot be selected."""
        is_by_key = self._table.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        if option.state & _State.State_HasFocus and is_by_key:
            painter.setPen(QPen(self._theme.colour("accent"), RING_WIDTH_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(1, 1, -1, -1))


class MarkDelegate(HeldDelegate):
    """Paint a mark whose shape says what the words after it say."""

    def _look(self, index: _Index) -> tuple[IconName, ColourName] | None:
        raise NotImplementedError

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self._paint_ground(painter, option, index)
        look = self._look(index)
        rect = self._text_rect(option.rect)
        if look is not None:
            side = self._theme.px(_ICON_PX)
            mark = self._theme.pixmap(look[0], look[1], _ICON_PX, painter.device().devicePixelRatioF())
            left = rect.left() - side - self._theme.px(6)
            painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - side) // 2), mark)
        self._paint_text(painter, option, index, rect, "text")

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(_ICON_PX + 6), 0, 0, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for mark and words."""
        return super().sizeHint(option, index) + QSize(self._theme.px(_ICON_PX + 6), 0)


class HealthDelegate(MarkDelegate):
    """Paint the health of a dataset or day; the tool-tip says all that was found."""

    def _look(self, index: _Index) -> tuple[IconName, ColourName] | None:
        return _HEALTH_LOOKS.get(index.model().data(index, _GRADE))

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        return index.data(Qt.ItemDataRole.ToolTipRole) or super()._tip(option, index)


class StateDelegate(MarkDelegate):
    """Paint the state of a dataset or of a day."""

    def _look(self, index: _Index) -> tuple[IconName, ColourName] | None:
        return _STATE_LOOKS.get(index.data(DatasetRole.STATE))


class KeepDelegate(HeldDelegate):
    """Paint how long something stays, with a pin where it is pinned."""

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self._paint_ground(painter, option, index)
        rect = self._text_rect(option.rect)
        is_pinned = bool(index.model().data(index, _PINNED))
        if is_pinned:
            side = self._theme.px(_ICON_PX)
            mark = self._theme.pixmap(
                "push-pin-fill", "accent", _ICON_PX, painter.device().devicePixelRatioF()
            )
            painter.drawPixmap(QPoint(rect.left(), rect.top() + (rect.height() - side) // 2), mark)
            rect = rect.adjusted(side + self._theme.px(5), 0, 0, 0)
        self._paint_text(painter, option, index, rect, "text" if is_pinned else "text_2")


class WhereDelegate(HeldDelegate):
    """Paint where the days of a row lie: two letters, filled where they all do, edged where some do."""

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self._paint_ground(painter, option, index)
        where = index.data(DatasetRole.WHERE)
        if where is None:
            return
        px, rect = self._theme.px, self._text_rect(option.rect)
        width, height = (px(side) for side in _LETTER_PX)
        box = QRect(rect.left(), rect.top() + (rect.height() - height) // 2, width, height)
        painter.save()
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
        for letter, count in (("L", where.here), ("S", where.shared)):
            self._paint_letter(painter, box, letter, count, where.days)
            box.translate(width + px(3), 0)
        if 0 < where.shared < where.days:
            painter.setFont(self._theme.font(FontRole.CAPTION))
            painter.setPen(self._theme.colour("text_2"))
            text = f"{format_count(where.shared)} of {format_count(where.days)}"
            room = QRect(box.left() + px(2), rect.top(), rect.right() - box.left() - px(2), rect.height())
            if painter.fontMetrics().horizontalAdvance(text) <= room.width():
                painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()

    def _paint_letter(self, painter: QPainter, box: QRect, letter: str, count: int, days: int) -> None:
        theme = self._theme
        edge: ColourName = "accent" if count > 0 else "line_strong"
        painter.setPen(QPen(theme.colour(edge), 1))
        painter.setBrush(theme.colour("accent_bg") if count >= days else Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.setPen(theme.colour("text" if count > 0 else "text_3"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "?" if count < 0 else letter)

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        return index.data(Qt.ItemDataRole.AccessibleTextRole) or ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for both letters and a number."""
        return QSize(self._theme.px(2 * (_LETTER_PX[0] + _PADDING_PX) + 60), self._theme.px(ROW_PX))


class CoverageDelegate(HeldDelegate):
    """Paint the coverage bar of a dataset; its tool-tip says the same in words."""

    def __init__(self, theme: Theme, table: RowTable, bars: CoveragePainter) -> None:
        super().__init__(theme, table)
        self._bars = bars

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        self._paint_ground(painter, option, index)
        coverage = index.data(DatasetRole.COVERAGE)
        rect = self._text_rect(option.rect)
        width = min(self._theme.px(BAR_WIDTH_PX), rect.width())
        if coverage is None or width < 1:
            return
        lead, axis = index.data(DatasetRole.AXIS)
        bar = self._bars.bar(coverage, width, painter.device().devicePixelRatioF(), lead=lead, axis=axis)
        top = rect.top() + (rect.height() - self._theme.px(BAR_HEIGHT_PX)) // 2
        painter.drawPixmap(QPoint(rect.left(), top), bar)

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        return index.data(Qt.ItemDataRole.AccessibleTextRole) or ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for the bar."""
        return QSize(self._theme.px(BAR_WIDTH_PX + 2 * _PADDING_PX), self._theme.px(ROW_PX))
