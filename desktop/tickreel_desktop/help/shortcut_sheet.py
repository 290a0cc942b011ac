"""All shortcuts on one sheet: by group, in columns, with keys drawn as caps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from tickreel_desktop.components import button, label
from tickreel_desktop.components.announce import announce
from tickreel_desktop.help.shortcut_group import ShortcutGroup, ShortcutRow, spelt
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIZE_PX = (1_008, 640)
_SMALLEST_PX = (420, 320)
_COLUMN_PX = 290
_WIDEST_COLUMN_PX = 380
_MOST_COLUMNS = 3


class ShortcutSheet(QDialog):
    """Show what can be done by which keys. Use ``open()``."""

    def __init__(self, theme: Theme, rows: Sequence[ShortcutRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows = tuple(row for row in rows if row.keys)
        self._shown = self._rows
        self.setObjectName("shortcuts")
        self.setWindowTitle("Shortcuts")
        self.setAccessibleName("Shortcuts")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self.setMinimumSize(*(theme.px(side) for side in _SMALLEST_PX))
        self.resize(*(theme.px(side) for side in _SIZE_PX))
        self.filter = self._make_filter()
        self.groups = [
            ShortcutGroup(theme, name, [row for row in self._rows if row.group == name])
            for name in dict.fromkeys(row.group for row in self._rows)
        ]
        self._nothing = label("No shortcut has all of these words or keys.", Role.SECONDARY, wrap=True)
        self._holders: list[QWidget] = []
        self._columns: list[QVBoxLayout] = []
        self._scroll = QScrollArea()
        self._said = label("", Role.CAPTION)
        self.copy_button = button(theme, "Copy as text", icon="copy")
        self._lay_out()
        self._renew()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def shown(self) -> Sequence[ShortcutRow]:
        """The rows that the filter lets through."""
        return self._shown

    @property
    def column_count(self) -> int:
        """In how many columns they stand."""
        return sum(1 for column in self._columns if column.count() > 1)

    def said(self) -> str:
        """Give the line in the foot."""
        return self._said.text()

    def as_text(self) -> str:
        """Write down what is shown, to be printed: a line each, below the names of the groups."""
        width = max((len(row.text) for row in self._shown), default=0)
        lines: list[str] = []
        for name in dict.fromkeys(row.group for row in self._shown):
            lines += [name] if not lines else ["", name]
            lines += [f"  {row.text:<{width}}  {spelt(row.keys)}" for row in self._shown if row.group == name]
        return "\n".join(lines)

    def _make_filter(self) -> QLineEdit:
        field = QLineEdit()
        field.setPlaceholderText("Filter by words or keys")
        field.setAccessibleName("Filter the shortcuts")
        mark = QAction(field)
        self._theme.bind_icon(mark, "funnel", "text_3", 14)
        field.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        field.textChanged.connect(lambda _text: self._renew())
        return field

    def _lay_out(self) -> None:
        """Put everything in its place, from the outside inwards: who gets a parent late is dressed twice."""
        px = self._theme.px
        margin = px(16)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(margin, px(12), margin, px(8))
        whole.addLayout(head)
        head.addWidget(self.filter)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Shortcuts by group")
        whole.addWidget(self._scroll, 1)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        whole.addWidget(foot)
        row = QHBoxLayout(foot)
        row.setContentsMargins(margin, px(10), margin, px(10))
        row.setSpacing(px(8))
        close = button(self._theme, "Close")
        close.clicked.connect(self.accept)
        self.copy_button.clicked.connect(self._on_copy)
        row.addWidget(self._said, 1)
        row.addWidget(self.copy_button)
        row.addWidget(close)
        page = QFrame()
        set_role(page, Role.PANEL)
        self._scroll.setWidget(page)
        columns = QHBoxLayout(page)
        columns.setContentsMargins(margin, px(4), margin, margin)
        columns.setSpacing(px(32))
        for _ in range(_MOST_COLUMNS):
            # A widget each, since a layout gives no room to those that are hidden.
            holder = QWidget(page)
            holder.setMaximumWidth(px(_WIDEST_COLUMN_PX))
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(px(16))
            column.addStretch(1)
            columns.addWidget(holder, 1)
            self._holders.append(holder)
            self._columns.append(column)
        columns.addStretch()
        for widget in (*self.groups, self._nothing):
            widget.setParent(page)
        self._scroll.viewport().installEventFilter(self)

    def _renew(self) -> None:
        words = self.filter.text().casefold().split()
        self._shown = tuple(row for row in self._rows if _has_all(row, words))
        for group in self.groups:
            group.show_only(self._shown)
        self._place()
        shown, count = len(self._shown), len(self._rows)
        self._said.setText(f"{count} shortcuts" if shown == count else f"{shown} of {count} shortcuts")
        self.copy_button.setEnabled(bool(self._shown))

    def _place(self) -> None:
        """Share the groups out over the columns that fit, in their order and about equally high."""
        width = self._scroll.viewport().width()
        fitting = max(1, min(_MOST_COLUMNS, width // self._theme.px(_COLUMN_PX)))
        shown = [group for group in self.groups if group.shown]
        for widget in (*self.groups, self._nothing):
            for column in self._columns:
                column.removeWidget(widget)
        for place, holder in enumerate(self._holders):
            holder.setVisible(place < fitting)
        left = sum(group.height_rows for group in shown)
        at = filled = 0
        for group in shown:
            share = left / (fitting - at)
            # A group goes on into the next column when more of it would hang over than stand inside.
            if at < fitting - 1 and filled and filled + group.height_rows / 2 > share:
                left -= filled
                at, filled = at + 1, 0
            self._columns[at].insertWidget(self._columns[at].count() - 1, group)
            group.show()  # which it loses when it changes the column
            filled += group.height_rows
        self._nothing.setVisible(not shown)
        if not shown:
            self._columns[0].insertWidget(0, self._nothing)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())
        self._said.setText("Copied")
        announce(self._said, "Shortcuts copied")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Use the columns that the new width has room for."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)


def _has_all(row: ShortcutRow, words: Sequence[str]) -> bool:
    whole = f"{row.group} {row.text} {row.keys} {spelt(row.keys)}".casefold()
    return all(word in whole for word in words)
