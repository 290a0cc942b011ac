"""The command line that plays the same, to be read and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tickreel_desktop.components import ElidedLabel, tool_button
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme


class CommandLine(QFrame):
    """Show one line, shortened where there is no room; it is copied whole."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.CARD)
        self._line = ElidedLabel("", Qt.TextElideMode.ElideRight)
        set_role(self._line, Role.MONO)
        self.copy_button = tool_button(theme, "copy", "Copy the command line", size=14)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(4), theme.px(4), theme.px(4))
        row.addWidget(self._line, 1)
        row.addWidget(self.copy_button)

    def text(self) -> str:
        """Give the line."""
        return self._line.text()

    def show_text(self, text: str) -> None:
        """Show another line."""
        self._line.setText(text)
        self._line.setAccessibleName(f"Command line: {text}")
