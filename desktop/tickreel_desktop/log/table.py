"""The table of records: rows that can be chosen and copied; its end is followed while it is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QWidget

from tickreel.settings import LogLevel
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.log.model import LEVEL_ROLE, LogColumn, LogModel

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter, QResizeEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_resources import IconName

_WIDTHS_PX = (104, 92, 104, 80)
"""The message, last, has all the rest, and the room of the area where that is little."""
_WITHOUT_AREA_PX = 460
_ICON_PX = 14
_GAP_PX = 6
_AT_END_PX = 4
_Index = QModelIndex | QPersistentModelIndex

_LOOKS: dict[LogLevel, tuple[IconName, ColourName]] = {
    LogLevel.DEBUG: ("dots-three", "text_3"),
    LogLevel.INFO: ("info", "text_3"),
    LogLevel.WARNING: ("warning", "warning"),
    LogLevel.ERROR: ("x-circle", "error"),
}


class LogTable(RowTable):
    """Show a :class:`LogModel`; several rows may be chosen."""

    following_changed = Signal(bool)
    """The newest record is kept in view from now on, or no longer."""
    copy_requested = Signal()

    def __init__(self, theme: Theme, model: LogModel, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Log records", parent)
        self._follows = True
        self._without_area_px = theme.px(_WITHOUT_AREA_PX)
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setItemDelegate(RowDelegate(theme, self, frozenset({LogColumn.TIME, LogColumn.AREA})))
        self.setItemDelegateForColumn(LogColumn.LEVEL, _LevelDelegate(theme, self))
        self.set_widths([theme.px(width) for width in _WIDTHS_PX])
        copy = QAction("Copy as text", self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(lambda: self.copy_requested.emit())
        theme.bind_icon(copy, "copy")
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._on_scrolled)
        bar.rangeChanged.connect(self._on_range_changed)
        model.rowsAboutToBeRemoved.connect(self._on_rows_leaving)

    @property
    def is_following(self) -> bool:
        """Whether the newest record is kept in view."""
        return self._follows

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the area out where the message would have no room; the whole record names it."""
        self.setColumnHidden(LogColumn.AREA, event.size().width() < self._without_area_px)
        super().resizeEvent(event)

    def follow(self) -> None:
        """Go to the newest record and keep it in view."""
        self._set_following(True)
        self.scrollToBottom()

    def selected_positions(self) -> list[int]:
        """Give the positions of the chosen rows, from the top."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def _set_following(self, follows: bool) -> None:
        if follows != self._follows:
            self._follows = follows
            self.following_changed.emit(follows)

    def _on_scrolled(self, value: int) -> None:
        self._set_following(value >= self.verticalScrollBar().maximum() - _AT_END_PX)

    def _on_range_changed(self, _least: int, most: int) -> None:
        if self._follows:
            self.verticalScrollBar().setValue(most)

    def _on_rows_leaving(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Hold what is in view still while older rows leave above it."""
        if not self._follows:
            bar = self.verticalScrollBar()
            gone_px = (last - first + 1) * self.verticalHeader().defaultSectionSize()
            bar.setValue(bar.value() - gone_px)


class _LevelDelegate(RowDelegate):
    """Paint a level: a mark whose shape says it and the word, coloured only where something is wrong."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        rect = self._text_rect(option.rect)
        level = LogLevel(index.data(LEVEL_ROLE))  # Qt hands it on as plain text
        icon, colour = _LOOKS[level]
        side = self._theme.px(_ICON_PX)
        left = rect.left() - side - self._theme.px(_GAP_PX)
        mark = self._theme.pixmap(icon, colour, _ICON_PX, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - side) // 2), mark)
        is_grave = level in (LogLevel.WARNING, LogLevel.ERROR)
        self._paint_text(painter, option, index, rect, colour if is_grave else "text_2")

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(_ICON_PX + _GAP_PX), 0, 0, 0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give room for mark and word."""
        return super().sizeHint(option, index) + QSize(self._theme.px(_ICON_PX + _GAP_PX), 0)
