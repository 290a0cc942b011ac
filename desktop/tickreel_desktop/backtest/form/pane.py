"""The form as a column of the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel_desktop.components import DockTitle, EmptyState
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme


class FormPane(QFrame):
    """Show what is to be run."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(DockTitle(theme, "New run"))
        column.addWidget(EmptyState(theme, "flask", "No strategy", "Choose a strategy to run."), 1)

    def take_focus(self) -> None:
        """Give the keyboard to the first field."""
        self.setFocus()
