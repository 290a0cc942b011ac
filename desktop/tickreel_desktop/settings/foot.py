"""The foot of the dialog: what can be done with the whole, and what became of the last change."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, ElidedLabel, button
from tickreel_desktop.components.announce import announce
from tickreel_desktop.theme import Role, Theme, set_role

_AS_YOU_CHANGE = "Changes are saved at once"


class SettingsFoot(QFrame):
    """Offer the file, a reset, an undo and the way out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.DIALOG_FOOT)
        px = theme.px
        self.open_button = button(theme, "Open settings file", ButtonKind.FLAT)
        self.reset_button = button(theme, "Reset this page", ButtonKind.FLAT)
        self.undo_button = button(theme, "Undo", ButtonKind.FLAT, icon="arrow-counter-clockwise")
        self.close_button = button(theme, "Close", ButtonKind.PRIMARY)
        self._status = ElidedLabel(_AS_YOU_CHANGE)
        set_role(self._status, Role.CAPTION)
        self._status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(10), px(16), px(10))
        row.setSpacing(px(8))
        row.addWidget(self.open_button)
        row.addWidget(self.reset_button)
        row.addWidget(self._status, 1)
        row.addWidget(self.undo_button)
        row.addWidget(self.close_button)

    def status(self) -> str:
        """Give what is said beside the buttons."""
        return self._status.text()

    def begin(self) -> None:
        """Say how saving works, as at every opening."""
        self._status.setText(_AS_YOU_CHANGE)

    def say(self, text: str) -> None:
        """Say what became of a change, aloud too."""
        self._status.setText(text)
        announce(self._status, text)
