"""A command line to be read and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tickreel_desktop.components.buttons import tool_button
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme


class CommandLine(QFrame):
    """Show the command that does the same without a window, shortened to the room; it is copied whole."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.CARD)
        self._whole = ""
        self._shown = ElidedLabel("", Qt.TextElideMode.ElideRight)
        set_role(self._shown, Role.MONO)
        self.copy_button = tool_button(theme, "copy", "Copy the command line", size=14)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._whole))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(4), theme.px(4), theme.px(4))
        row.addWidget(self._shown, 1)
        row.addWidget(self.copy_button)

    def command(self) -> str:
        """Give what would be copied."""
        return self._whole

    def set_command(self, text: str, shown: str = "") -> None:
        """Show a command; *shown* stands for one of several lines."""
        self._whole = text
        self._shown.setText(shown or text)
        set_style_property(self._shown, "quiet", not text)  # it says why there is none
        self._shown.setToolTip(text if shown else "")
        self._shown.setAccessibleName(f"Command line: {text}")
        self.copy_button.setEnabled(bool(text))
