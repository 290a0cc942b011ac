"""The list at the left: views of what is held, each with its count, and the filters that were saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tickreel.market.units import format_full
from tickreel_desktop.components import label, tool_button
from tickreel_desktop.components.keyboard import is_delete
from tickreel_desktop.data.query import UNUSED_DAYS
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QPainter

_WIDTH_PX = 190
_ROW_PX = 26
_HEAD_PX = 34
_PADDING_PX = 12
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_COUNT_ROLE = int(Qt.ItemDataRole.UserRole + 1)
_TROUBLE_ROLE = int(Qt.ItemDataRole.UserRole + 2)

VIEWS = (
    ("", ""),
    ("state:incomplete", "Incomplete"),
    ("health:problem", "Health problems"),
    ("keep:pinned", "Pinned"),
    (f"unused:{UNUSED_DAYS}", f"Unused over {UNUSED_DAYS} days"),
)
"""The condition of each view and what it is called; that of everything is called by what is listed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    key: str
    name: str
    count: int
    is_trouble: bool = False
    """Whether a count above zero asks for attention."""


class _EntryModel(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: tuple[Entry, ...] = ()

    def show(self, entries: tuple[Entry, ...]) -> None:
        if [entry.key for entry in entries] != [entry.key for entry in self.entries]:
            self.beginResetModel()
            self.entries = entries
            self.endResetModel()
        elif entries != self.entries:
            self.entries = entries
            self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{entry.name}, {entry.count}"
            case _ if role == _COUNT_ROLE:
                return entry.count
            case _ if role == _TROUBLE_ROLE:
                return entry.is_trouble and entry.count > 0
            case _:
                return None


class _EntryDelegate(QStyledItemDelegate):
    """Paint name and count."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a line."""
        theme = self._theme
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        QApplication.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, ground, painter, self._view
        )
        padding = theme.px(_PADDING_PX)
        rect = option.rect.adjusted(padding, 0, -padding, 0)
        count = format_full(index.data(_COUNT_ROLE))
        middle = Qt.AlignmentFlag.AlignVCenter
        is_trouble = index.data(_TROUBLE_ROLE)
        painter.setFont(option.font)
        painter.setPen(theme.colour("warning" if is_trouble else "text_3"))
        painter.drawText(rect, int(middle | Qt.AlignmentFlag.AlignRight), count)
        taken = option.fontMetrics.horizontalAdvance(count) + theme.px(8)
        name = QRect(rect.left(), rect.top(), max(0, rect.width() - taken), rect.height())
        painter.setPen(theme.colour("text"))
        words = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, name.width())
        painter.drawText(name, int(middle | Qt.AlignmentFlag.AlignLeft), words)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give each line the height of a row."""
        return QSize(0, self._theme.px(_ROW_PX))


class EntryList(QListView):
    """Show entries, as high as they need; a click or Enter chooses one."""

    chosen = Signal(str)
    removal_requested = Signal(str)
    renaming_requested = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._theme = theme
        self._model = _EntryModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_EntryDelegate(theme, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(lambda index: self.chosen.emit(self._model.entries[index.row()].key))

    def show_entries(self, entries: Sequence[Entry], chosen: str | None) -> None:
        """Show these entries, of which one or none is chosen."""
        at = self.currentIndex().row()
        self._model.show(tuple(entries))
        if at >= 0 and entries and not self.currentIndex().isValid():
            stays = self._model.index(min(at, len(entries) - 1))
            self.selectionModel().setCurrentIndex(stays, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.setFixedHeight(self._theme.px(_ROW_PX) * len(entries))
        row = next((place for place, entry in enumerate(entries) if entry.key == chosen), -1)
        if row < 0:
            self.selectionModel().clearSelection()
        elif not self.selectionModel().isSelected(self._model.index(row)):
            self.setCurrentIndex(self._model.index(row))

    def current_key(self) -> str | None:
        """Give the key of the line that the keyboard is at."""
        index = self.currentIndex()
        return self._model.entries[index.row()].key if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go and choose by the arrows; rename by F2, remove by Delete."""
        key = self.current_key()
        if key is not None and is_delete(event):
            self.removal_requested.emit(key)
        elif key is not None and event.key() == Qt.Key.Key_F2:
            self.renaming_requested.emit(key)
        elif key is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(key)
        else:
            super().keyPressEvent(event)
            now = self.current_key()
            if now is not None and now != key:
                self.chosen.emit(now)


class ViewsPanel(QFrame):
    """Show views and saved filters, and at the foot what :meth:`set_foot` is given."""

    view_chosen = Signal(str)
    """The condition of a view."""
    filter_chosen = Signal(str)
    """The name of a saved filter."""
    saving_requested = Signal()
    removal_requested = Signal(str)
    renaming_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.setFixedWidth(theme.px(_WIDTH_PX))
        self.views = EntryList(theme, "Views")
        self.views.chosen.connect(self.view_chosen)
        self.saved = EntryList(theme, "Saved filters")
        self.saved.chosen.connect(self.filter_chosen)
        self.saved.removal_requested.connect(self.removal_requested)
        self.saved.renaming_requested.connect(self.renaming_requested)
        self.saved.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.saved.customContextMenuRequested.connect(self._on_menu_requested)
        self._save = tool_button(theme, "plus", "Save the filter under a name")
        self._save.clicked.connect(lambda: self.saving_requested.emit())
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(_PADDING_PX), 0, theme.px(6), 0)
        head.addWidget(label("Views", Role.SECTION), 1)
        head.addWidget(self._save)
        top = QWidget()
        top.setFixedHeight(theme.px(_HEAD_PX))
        top.setLayout(head)
        self._saved_head = label("Saved filters", Role.LABEL)
        self._saved_head.setContentsMargins(theme.px(_PADDING_PX), theme.px(12), 0, theme.px(4))
        self._foot = QVBoxLayout()
        self._foot.setContentsMargins(0, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for each in (top, self.views, self._saved_head, self.saved):
            column.addWidget(each)
        column.addStretch(1)
        column.addLayout(self._foot)

    def set_foot(self, widget: QWidget) -> None:
        """Put something at the foot, in place of what was there."""
        while (item := self._foot.takeAt(0)) is not None:
            before = item.widget()
            if before is not None:
                before.setParent(None)
        self._foot.addWidget(widget)

    def show_entries(
        self, views: Sequence[Entry], saved: Sequence[Entry], *, view: str, name: str | None, can_save: bool
    ) -> None:
        """Show what there is with its counts: a view is in front, or a saved filter."""
        self.views.show_entries(views, view if name is None else None)
        self.saved.show_entries(saved, name)
        for each in (self._saved_head, self.saved):
            each.setVisible(bool(saved))
        self._save.setEnabled(can_save)
        self._save.setToolTip(
            "Save the filter under a name"
            if can_save
            else "Save the filter under a name\nFilter something first"
        )

    def make_menu(self, name: str) -> QMenu:
        """Make the menu of a saved filter; it goes when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Rename...", lambda: self.renaming_requested.emit(name))
        menu.addAction("Delete", lambda: self.removal_requested.emit(name))
        return menu

    def _on_menu_requested(self, place: QPoint) -> None:
        index = self.saved.indexAt(place)
        if index.isValid():
            self.make_menu(str(index.data())).popup(self.saved.viewport().mapToGlobal(place))
