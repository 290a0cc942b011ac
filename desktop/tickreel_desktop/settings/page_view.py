"""The pages themselves: all rows under the headings of their sections, of which some are in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from tickreel.settings import SECTIONS
from tickreel_desktop.components import EmptyState, button, label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

    from tickreel_desktop.settings.form_row import FormRow

_MARGIN_PX = 24
_ROW_MAX_WIDTH_PX = 980
_HEADING_PX = 20
_NARROW_PX = 720
_NOTHING = "No setting matches"


class PageView(QScrollArea):
    """Show rows by section."""

    search_cleared = Signal()
    """The user wants to see all of them again."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme.px
        self._theme = theme
        self.rows: list[FormRow] = []
        """In the order in which they were made, which within a section is that of the view."""
        self._is_narrow = False
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QFrame()
        set_role(body, Role.PANEL)
        column = QVBoxLayout(body)
        column.setContentsMargins(px(_MARGIN_PX), px(16), px(_MARGIN_PX), px(24))
        column.setSpacing(0)
        self._headings: dict[str, QLabel] = {}
        self._columns: dict[str, QVBoxLayout] = {}
        for section in SECTIONS:
            heading = label(section.title, Role.TITLE)
            self._headings[section.name] = heading
            column.addWidget(heading)
            heading.hide()
            self._columns[section.name] = QVBoxLayout()
            column.addLayout(self._columns[section.name])
        clear = button(theme, "Clear the search")
        clear.clicked.connect(lambda: self.search_cleared.emit())
        self._nothing = EmptyState(theme, "magnifying-glass", _NOTHING, "", [clear])
        self._nothing.hide()
        column.addWidget(self._nothing, 1)
        column.addStretch(1)
        self.setWidget(body)

    def add_row(self, row: FormRow) -> None:
        """Take a row up at the end of its section; it is shown by :meth:`show_rows` alone."""
        row.hide()
        row.setMaximumWidth(self._theme.px(_ROW_MAX_WIDTH_PX))
        row.set_narrow(self._is_narrow)
        self._columns[row.section].addWidget(row)
        self.rows.append(row)

    def ordered(self) -> list[FormRow]:
        """Give all rows as they stand one below the other."""
        return [row for name in self._columns for row in self.rows if row.section == name]

    def shown(self) -> list[FormRow]:
        """Give the rows that are in view or can be scrolled to."""
        return [row for row in self.ordered() if not row.isHidden()]

    def show_rows(self, shown: Sequence[FormRow], words: tuple[str, ...]) -> None:
        """Show these rows, with the words searched for marked, and the headings they stand under."""
        sections = [name for name in self._headings if any(row.section == name for row in shown)]
        for name, heading in self._headings.items():
            heading.setVisible(name in sections)
            above_px = _HEADING_PX if name in sections[1:] else _HEADING_PX // 5
            heading.setContentsMargins(0, self._theme.px(above_px), 0, self._theme.px(4))
        for row in self.rows:
            row.setVisible(row in shown)
            row.mark(words)
        self._nothing.setVisible(bool(words) and not shown)
        self._nothing.set_text(_NOTHING, f"None is called or explained by “{' '.join(words)}”.")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the rows out for the width there is."""
        super().resizeEvent(event)
        self._is_narrow = self.viewport().width() < self._theme.px(_NARROW_PX)
        for row in self.rows:
            row.set_narrow(self._is_narrow)
