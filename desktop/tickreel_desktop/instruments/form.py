"""What the forms below the facts have in common: a problem in its place, a command, and being off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.components.announce import announce
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractButton, QLabel

    from tickreel_desktop.theme import Theme

_CAPTION_PX = 56


class Form(QFrame):
    """Lay captions, controls, what is said and buttons out below each other."""

    command_changed = Signal()
    """Another command line does the same as the form."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.PANEL)
        self._theme = theme
        self.off_reason = ""
        """Why nothing can be changed here; empty where it can."""
        px = theme.px
        self.about = label("", Role.SECONDARY, wrap=True)
        self.problem = label("", Role.ERROR, wrap=True)
        self.problem.hide()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnMinimumWidth(0, px(_CAPTION_PX))
        self._grid.setColumnStretch(1, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(px(8))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(px(12), px(8), px(12), px(8))
        self.column.setSpacing(px(6))
        self.column.addWidget(self.about)
        self.column.addLayout(self._grid)
        self.column.addWidget(self.problem)
        self.column.addStretch(1)
        self.column.addLayout(self.buttons)

    def add_line(self, caption: str, control: QWidget) -> QLabel:
        """Put a control below the others, and give its caption."""
        row = self._grid.rowCount()
        beside = label(caption, Role.LABEL)
        self._grid.addWidget(beside, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(control, row, 1)
        return beside

    def add_buttons(self, *buttons: QAbstractButton) -> None:
        """Put buttons at the foot, from the left."""
        for each in buttons:
            self.buttons.addWidget(each)
        self.buttons.addStretch(1)

    def set_problem(self, text: str) -> None:
        """Say what is wrong, aloud too; empty where nothing is."""
        is_new = text != self.problem.text()
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        if text and is_new and self.isVisible():
            announce(self, text)

    def set_off(self, reason: str) -> None:
        """Let nothing be changed, and say why; an empty reason lets it be changed again."""
        self.off_reason = reason
        self.renew()

    def renew(self) -> None:
        """Say what can be done now."""
        raise NotImplementedError

    def command(self) -> str | None:
        """Give the command line that does the same as the form, as it is filled in."""
        raise NotImplementedError
