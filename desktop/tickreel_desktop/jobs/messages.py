"""The history of messages: what came as a toast stays readable here, with what can still be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from tickreel_desktop.components import KeptMessage, ToastHost, ToastKind
from tickreel_desktop.components.keyboard import is_delete
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.theme import ColourName, FontRole, Theme
from tickreel_desktop.zone.times import moment_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QResizeEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from tickreel.market.zone import Zone
    from tickreel_desktop.zone import DisplayZone
    from tickreel_resources import IconName

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_KEPT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ROW_PX = 42
_KIND_PX, _TIME_PX = 104, 204
_ICON_PX = 14
KIND_LOOKS: dict[ToastKind, tuple[str, IconName, ColourName]] = {
    ToastKind.GOOD: ("Done", "check-circle", "text_2"),
    ToastKind.WARNING: ("Warning", "warning", "warning"),
    ToastKind.ERROR: ("Error", "x-circle", "error"),
}
_TITLES = ("Kind", "Time", "Message")
_KIND, _TIME, _WORDS = range(3)


def message_text(kept: KeptMessage, zone: Zone) -> str:
    """Write a message down for the clipboard, its time in *zone*."""
    message = kept.message
    kind = KIND_LOOKS[message.kind][0]
    head = f"{moment_text(zone, message.time_us)}  {kind}: {message.heading}"
    return "\n".join(filter(None, (head, message.text)))


class MessageTableModel(QAbstractTableModel):
    """Show messages, the newest first."""

    def __init__(self, zone: DisplayZone, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        zone.changed.connect(self._on_zone_changed)
        self._messages: tuple[KeptMessage, ...] = ()

    @property
    def messages(self) -> tuple[KeptMessage, ...]:
        """The messages, from the top."""
        return self._messages

    def replace(self, kept: Sequence[KeptMessage]) -> None:
        """Show these, given oldest first; where newer ones came the others keep their selection."""
        new = tuple(reversed(kept))
        added = len(new) - len(self._messages)
        if added > 0 and new[added:] == self._messages:
            self.beginInsertRows(_NOWHERE, 0, added - 1)
            self._messages = new
            self.endInsertRows()
        elif new != self._messages:
            self.beginResetModel()
            self._messages = new
            self.endResetModel()

    def _on_zone_changed(self) -> None:
        if self._messages:
            self.dataChanged.emit(self.index(0, _TIME), self.index(len(self._messages) - 1, _TIME))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the messages."""
        return 0 if parent.isValid() else len(self._messages)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a cell's text, its alignment, or its message."""
        if not index.isValid():
            return None
        kept = self._messages[index.row()]
        if role == _KEPT_ROLE:
            return kept
        if role == Qt.ItemDataRole.DisplayRole:
            message = kept.message
            if index.column() == _KIND:
                return KIND_LOOKS[message.kind][0]
            if index.column() == _TIME:
                return moment_text(self._zone.zone, message.time_us)
            return f"{message.heading}. {message.text}" if message.text else message.heading
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the title of a column."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class _KindDelegate(RowDelegate):
    """Paint the kind of a message: a mark and the word."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        kept: KeptMessage = index.data(_KEPT_ROLE)
        _, icon, colour = KIND_LOOKS[kept.message.kind]
        rect = self._text_rect(option.rect)
        side = self._theme.px(_ICON_PX)
        left = rect.left() - self._theme.px(_ICON_PX + 8)
        mark = self._theme.pixmap(icon, colour, _ICON_PX, painter.device().devicePixelRatioF())
        painter.drawPixmap(QPoint(left, rect.top() + (rect.height() - side) // 2), mark)
        self._paint_text(painter, option, index, rect, colour)

    def _text_rect(self, cell: QRect) -> QRect:
        return super()._text_rect(cell).adjusted(self._theme.px(_ICON_PX + 12), 0, 0, 0)


class _WordsDelegate(RowDelegate):
    """Paint a message on two lines: its heading, then its sentence."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        self._paint_ground(painter, option, index)
        message = index.data(_KEPT_ROLE).message
        rect = self._text_rect(option.rect)
        line = option.fontMetrics.height()
        gap = self._theme.px(2) if message.text else 0
        count = 2 if message.text else 1
        top = rect.top() + (rect.height() - count * line - gap) // 2
        bold = self._theme.font(FontRole.BODY, QFont.Weight.DemiBold)
        lines: tuple[tuple[str, QFont, ColourName, int], ...] = (
            (message.heading, bold, "text", top),
            (message.text, option.font, "text_2", top + line + gap),
        )
        for text, font, colour, y in lines:
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
            painter.setFont(font)
            painter.setPen(self._theme.colour(colour))
            painter.drawText(
                QRect(rect.left(), y, rect.width(), line), int(Qt.AlignmentFlag.AlignLeft), shown
            )

    def _tip(self, option: QStyleOptionViewItem, index: _Index) -> str:
        message = index.data(_KEPT_ROLE).message
        room = self._text_rect(option.rect).width()
        return message.text if option.fontMetrics.horizontalAdvance(message.text) > room else ""


class MessageTable(RowTable):
    """Show the messages that a window keeps."""

    opened = Signal(KeptMessage)
    """All of a message is to be shown."""

    def __init__(
        self, theme: Theme, zone: DisplayZone, toasts: ToastHost, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "Messages", parent)
        self._theme = theme
        self._toasts = toasts
        self._zone = zone
        self.messages = MessageTableModel(zone, self)
        self.setModel(self.messages)
        self.setItemDelegate(RowDelegate(theme, self, frozenset({_TIME})))
        self.setItemDelegateForColumn(_KIND, _KindDelegate(theme, self))
        self.setItemDelegateForColumn(_WORDS, _WordsDelegate(theme, self))
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW_PX))
        self.horizontalHeader().setMinimumSectionSize(theme.px(24))
        self.row_opened.connect(lambda row: self.opened.emit(self.messages.messages[row]))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_requested)
        toasts.kept_changed.connect(self._renew)
        self._renew()

    def selected_message(self) -> KeptMessage | None:
        """Give the selected message, or None."""
        row = self.selected_row()
        return None if row is None else self.messages.messages[row]

    def copy_selected(self) -> None:
        """Put the selected message on the clipboard."""
        kept = self.selected_message()
        if kept is not None:
            self._copy(kept)

    def _copy(self, kept: KeptMessage) -> None:
        QGuiApplication.clipboard().setText(message_text(kept, self._zone.zone))

    def make_menu(self, kept: KeptMessage) -> QMenu:
        """Make the menu of a message; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for each in kept.actions():
            action = menu.addAction(each.text)
            action.triggered.connect(lambda _on=False, each=each: kept.run(each))
        details = menu.addAction("Show details")
        self._theme.bind_icon(details, "info", "text_2", 14)
        details.triggered.connect(lambda: self.opened.emit(kept))
        copy = menu.addAction("Copy")
        self._theme.bind_icon(copy, "copy", "text_2", 14)
        copy.triggered.connect(lambda: self._copy(kept))
        forget = menu.addAction("Take off the list")
        self._theme.bind_icon(forget, "x", "text_2", 14)
        forget.triggered.connect(lambda: self._toasts.forget([kept]))
        return menu

    def _renew(self) -> None:
        self.messages.replace(self._toasts.kept())

    def _on_menu_requested(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if index.isValid():
            menu = self.make_menu(self.messages.messages[index.row()])
            menu.popup(self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy by Ctrl+C, take off the list by Delete, open by Enter."""
        kept = self.selected_message()
        if kept is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif kept is not None and is_delete(event):
            self._toasts.forget([kept])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the row that the keys would act on."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason and self.selected_row() is None:
            self.selectRow(self.currentIndex().row())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words what the other columns do not need."""
        super().resizeEvent(event)
        self.setColumnWidth(_KIND, self._theme.px(_KIND_PX))
        self.setColumnWidth(_TIME, self._theme.px(_TIME_PX))
