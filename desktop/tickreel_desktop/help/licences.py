"""The list of what Tickreel is made of, with the licence of each part and its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QFrame, QLineEdit, QPlainTextEdit, QSplitter, QVBoxLayout, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.theme import FontRole, Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QObject

    from tickreel_desktop.help.parts import Part

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_HEADERS = ("Part", "Version", "Licence")
_WIDTHS_PX = (180, 110, 200)
_SECONDARY = frozenset({1, 2})


class PartModel(QAbstractTableModel):
    """List the parts whose name or licence has all words of the filter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        self._words: list[str] = []
        self._shown: list[Part] = []

    @property
    def shown(self) -> Sequence[Part]:
        """The parts in view."""
        return self._shown

    @property
    def count(self) -> int:
        """How many there are, shown or not."""
        return len(self._parts)

    def replace(self, parts: Sequence[Part]) -> None:
        """List other parts."""
        self._parts = tuple(parts)
        self._renew()

    def set_filter(self, text: str) -> None:
        """Show only those that have all of these words."""
        self._words = text.casefold().split()
        self._renew()

    def _renew(self) -> None:
        self.beginResetModel()
        self._shown = [
            part
            for part in self._parts
            if all(word in f"{part.name} {part.licence}".casefold() for word in self._words)
        ]
        self.endResetModel()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Count the parts in view."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Give a cell."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        part = self._shown[index.row()]
        return (part.name, part.version, part.licence)[index.column()]

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return _HEADERS[section] if role == Qt.ItemDataRole.DisplayRole else None


class LicenceView(QFrame):
    """Let the user look up a part and read its licence."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by part or licence")
        self.filter.setAccessibleName("Filter the parts")
        mark = QAction(self.filter)
        theme.bind_icon(mark, "funnel", "text_3", 14)
        self.filter.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.model = PartModel(self)
        self.table = RowTable(theme, "Parts of Tickreel")
        self.table.setModel(self.model)
        self.table.setItemDelegate(RowDelegate(theme, self.table, _SECONDARY))
        self.table.set_widths([theme.px(width) for width in _WIDTHS_PX])
        self.table.selectionModel().selectionChanged.connect(lambda: self._renew_text())
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(theme.font(FontRole.MONO, QFont.Weight.Normal))
        self.text.setAccessibleName("Text of the licence")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._note = label("", Role.CAPTION)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        below = QWidget()
        text_column = QVBoxLayout(below)
        text_column.setContentsMargins(0, theme.px(8), 0, 0)
        text_column.addWidget(self.text)
        split.addWidget(below)
        split.setSizes([theme.px(210), theme.px(240)])
        column = QVBoxLayout(self)
        margin = theme.px(16)
        column.setContentsMargins(margin, theme.px(12), margin, theme.px(12))
        column.setSpacing(theme.px(8))
        column.addWidget(self.filter)
        column.addWidget(split, 1)
        column.addWidget(self._note)
        self.say("Reading what is installed")

    def note(self) -> str:
        """Give the line below."""
        return self._note.text()

    def say(self, text: str) -> None:
        """Say something of the list as a whole."""
        self._note.setText(text)

    def show_parts(self, parts: Sequence[Part]) -> None:
        """List the parts and read the first."""
        self.model.replace(parts)
        self._on_shown_changed()

    def show_part(self, name: str) -> None:
        """Read one of them."""
        self.filter.clear()
        names = [part.name for part in self.model.shown]
        if name in names:
            self.table.show_row(names.index(name))

    def _on_filter_changed(self, text: str) -> None:
        self.model.set_filter(text)
        self._on_shown_changed()

    def _on_shown_changed(self) -> None:
        shown, count = len(self.model.shown), self.model.count
        self.say(f"{count} parts" if shown == count else f"{shown} of {count} parts")
        if shown:
            self.table.show_row(0)
        self._renew_text()

    def _renew_text(self) -> None:
        row = self.table.selected_row()
        if row is None:
            self.text.setPlainText("")
            return
        part = self.model.shown[row]
        self.text.setPlainText(part.text or _words_without_text(part))


def _words_without_text(part: Part) -> str:
    words = f"The package {part.name} ships no text of its licence. Its metadata name it: {part.licence}."
    # The Python bindings of Qt, which come under the licence of Qt.
    return f"{words} The text of the LGPL stands at Qt in this list." if "LGPL-3.0" in part.licence else words
