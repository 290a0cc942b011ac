"""The pages themselves: all rows under the headings of their sections, of which some are in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

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

    def __init__(self, theme: Theme, rows: Sequence[FormRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme.px
        self._theme = theme
        self.rows = tuple(rows)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QFrame()
        set_role(body, Role.PANEL)
        column = QVBoxLayout(body)
        column.setContentsMargins(px(_MARGIN_PX), px(16), px(_MARGIN_PX), px(24))
        column.setSpacing(0)
        self._headings = {}
        for section in SECTIONS:
            heading = label(section.title, Role.TITLE)
            self._headings[section.name] = heading
            column.addWidget(heading)
            for row in self.rows:
                if row.section == section.name:
                    row.setMaximumWidth(px(_ROW_MAX_WIDTH_PX))
                    column.addWidget(row)
        clear = button(theme, "Clear the search")
        clear.clicked.connect(lambda: self.search_cleared.emit())
        self._nothing = EmptyState(theme, "magnifying-glass", _NOTHING, "", [clear])
        column.addWidget(self._nothing, 1)
        column.addStretch(1)
        self.setWidget(body)

    def shown(self) -> list[FormRow]:
        """Give the rows that are in view or can be scrolled to."""
        return [row for row in self.rows if not row.isHidden()]

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
        self._nothing.setVisible(not shown)
        self._nothing.set_text(_NOTHING, f"None is called or explained by “{' '.join(words)}”.")
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the rows out for the width there is."""
        super().resizeEvent(event)
        is_narrow = self.viewport().width() < self._theme.px(_NARROW_PX)
        for row in self.rows:
            row.set_narrow(is_narrow)
