"""What the form amounts to in days, rows and time, and the buttons that do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, button, label, tool_button
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme


class FormFoot(QFrame):
    """Say what would be run, or why it cannot be, beside the button that runs it."""

    run_wanted = Signal()
    sweep_wanted = Signal()
    command_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.FOOT)
        px = theme.px
        self._said = label("", Role.CAPTION, wrap=True)
        self.run_button = button(theme, "Run", ButtonKind.PRIMARY, icon="play-fill")
        self.run_button.setMinimumHeight(px(28))
        self.run_button.clicked.connect(lambda: self.run_wanted.emit())
        self.sweep_button = button(theme, "Sweep...")
        self.sweep_button.setMinimumHeight(px(28))
        self.sweep_button.clicked.connect(lambda: self.sweep_wanted.emit())
        self.command_button = tool_button(theme, "terminal-window", "Copy as command", size=18)
        self.command_button.clicked.connect(lambda: self.command_wanted.emit())
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.run_button)
        row.addWidget(self.sweep_button)
        row.addWidget(self.command_button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(10), px(14), px(12))
        column.setSpacing(px(8))
        column.addWidget(self._said)
        column.addLayout(row)

    def said(self) -> str:
        """Give what is said of the size of the run, or of what is in its way."""
        return self._said.text()

    def show_state(self, said: str, days: str, obstacle: str) -> None:
        """Say what would be run, on how many *days*; an *obstacle* stands in its place and turns it off."""
        self._said.setText(obstacle or said)
        set_style_property(self._said, "tone", "warning" if obstacle else "neutral")
        self.run_button.setText(f"Run {days}".rstrip())
        for each in (self.run_button, self.sweep_button, self.command_button):
            each.setEnabled(not obstacle)
            each.setAccessibleDescription(obstacle)
