"""The list of the bookmarks of a symbol: find, rename, note, go to, delete, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.components import ButtonKind, EmptyState, RowTable, button, label
from tickreel_desktop.replay.bookmarks import LONGEST_NAME, LONGEST_NOTE, Bookmark
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.replay.bookmarks import Bookmarks
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_SIZE_PX = (620, 420)
_WIDTHS_PX = (180, 170)
_NOWHERE = QModelIndex()


class BookmarkModel(QAbstractTableModel):
    """Hold the bookmarks of the open symbol, by time."""

    def __init__(self, zone: DisplayZone, bookmarks: Bookmarks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._source = bookmarks
        self._marks = bookmarks.all
        bookmarks.changed.connect(self._on_changed)
        zone.changed.connect(self._on_changed)

    def _on_changed(self) -> None:
        self.beginResetModel()
        self._marks = self._source.all
        self.endResetModel()

    def mark(self, row: int) -> Bookmark:
        """Give the bookmark of a row."""
        return self._marks[row]

    def row_of(self, at_us: int) -> int | None:
        """Find the row of a moment."""
        return next((row for row, one in enumerate(self._marks) if one.at_us == at_us), None)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the bookmarks."""
        return 0 if parent.isValid() else len(self._marks)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Name the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (f"Time ({self._zone.name})", "Name", "Note")[section]
        return None

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give the words of a cell."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            one = self._marks[index.row()]
            return (self._zone.zone.stamp(one.at_us), one.name, one.note)[index.column()]
        return None


class BookmarkList(QDialog):
    """Show them beside the replay; what is done to them is only asked for."""

    go_requested = Signal(object)
    """To a moment (microseconds, int)."""
    changed = Signal(object, object)
    """A :class:`Bookmark` as it was and as it shall be."""
    delete_requested = Signal(object)
    export_requested = Signal()

    def __init__(
        self, theme: Theme, zone: DisplayZone, bookmarks: Bookmarks, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bookmarks")
        self.setWindowTitle("Bookmarks")
        self.resize(*(theme.px(side) for side in _SIZE_PX))
        self._theme = theme
        self._bookmarks = bookmarks
        self._shown_us: int | None = None
        self._model = BookmarkModel(zone, bookmarks, self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._model)
        self._found.setFilterKeyColumn(-1)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Find a bookmark by name, note or time")
        self.filter.setAccessibleName("Find a bookmark by name, note or time")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.table = RowTable(theme, "Bookmarks")
        self.table.setModel(self._found)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.set_widths([theme.px(width) for width in _WIDTHS_PX])
        self.table.row_opened.connect(lambda _row: self._go())
        self.table.selectionModel().selectionChanged.connect(lambda _now, _before: self._show_selected())
        self.name = self._field("Name", LONGEST_NAME)
        self.note = self._field("Note", LONGEST_NOTE)
        self.go_button = button(theme, "Go to", ButtonKind.PRIMARY)
        self.go_button.clicked.connect(self._go)
        self.delete_button = button(theme, "Delete", ButtonKind.DANGER, icon="trash")
        self.delete_button.clicked.connect(self._delete)
        self.export_button = button(theme, "Export as CSV...", icon="export")
        self.export_button.clicked.connect(lambda: self.export_requested.emit())
        self._lay_out()
        bookmarks.changed.connect(self._on_changed)
        self._on_changed()

    def _field(self, name: str, longest: int) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setMaxLength(longest)
        field.editingFinished.connect(self._on_edited)
        return field

    def _lay_out(self) -> None:
        px = self._theme.px
        self._empty = EmptyState(
            self._theme, "bookmark-simple", "No bookmark yet", "B sets one at the moment that is played."
        )
        self._nothing = EmptyState(
            self._theme, "magnifying-glass", "No bookmark matches", "Type something else to find one."
        )
        self._pages = QStackedWidget()
        for page in (self.table, self._empty, self._nothing):
            self._pages.addWidget(page)
        fields = QHBoxLayout()
        fields.setSpacing(px(8))
        for word, field, share in (("Name", self.name, 2), ("Note", self.note, 3)):
            fields.addWidget(label(word, Role.SECONDARY))
            fields.addWidget(field, share)
        body = QVBoxLayout()
        body.setContentsMargins(px(16), px(14), px(16), px(12))
        body.setSpacing(px(10))
        body.addWidget(self.filter)
        body.addWidget(self._pages, 1)
        body.addLayout(fields)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(9), px(16), px(8))
        row.setSpacing(px(8))
        row.addWidget(self.export_button)
        row.addStretch(1)
        row.addWidget(self.delete_button)
        row.addWidget(self.go_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body, 1)
        column.addWidget(foot)

    def selected(self) -> Bookmark | None:
        """Give the one that is selected."""
        row = self.table.selected_row()
        return (
            None
            if row is None
            else self._model.mark(self._found.mapToSource(self._found.index(row, 0)).row())
        )

    def select(self, at_us: int) -> None:
        """Select that of a moment, and let its name be typed."""
        row = self._model.row_of(at_us)
        if row is not None:
            self.filter.clear()
            self.table.show_row(self._found.mapFromSource(self._model.index(row, 0)).row())
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            self.name.selectAll()

    def _on_filter_changed(self, text: str) -> None:
        self._found.setFilterFixedString(text)
        self._show_page()

    def _on_changed(self) -> None:
        """Keep the selection where it was, else take the next one."""
        at_us = self._shown_us
        marks = self._bookmarks.all
        nearest = min(marks, key=lambda one: abs(one.at_us - (at_us or 0)), default=None)
        if nearest is not None:
            row = self._model.row_of(nearest.at_us)
            if row is not None:
                self.table.selectRow(self._found.mapFromSource(self._model.index(row, 0)).row())
        self._show_page()
        self._show_selected()

    def _show_page(self) -> None:
        if not self._model.rowCount():
            self._pages.setCurrentWidget(self._empty)
        else:
            self._pages.setCurrentWidget(self.table if self._found.rowCount() else self._nothing)

    def _show_selected(self) -> None:
        one = self.selected()
        self._shown_us = None if one is None else one.at_us
        for field, text in ((self.name, one and one.name), (self.note, one and one.note)):
            field.setEnabled(one is not None)
            if field.text() != (text or ""):
                field.setText(text or "")
        self.go_button.setEnabled(one is not None)
        self.delete_button.setEnabled(one is not None)
        self.export_button.setEnabled(bool(self._model.rowCount()))

    def _on_edited(self) -> None:
        one = self.selected()
        if one is None or one.at_us != self._shown_us:
            return
        name = self.name.text().strip() or one.name
        after = Bookmark(one.at_us, name, self.note.text().strip())
        if after != one:
            self.changed.emit(one, after)
        else:
            self._show_selected()

    def _go(self) -> None:
        one = self.selected()
        if one is not None:
            self.go_requested.emit(one.at_us)

    def _delete(self) -> None:
        one = self.selected()
        if one is not None:
            self.delete_requested.emit(one)
