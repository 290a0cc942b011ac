"""What is in view or in a filter, always removable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from tickreel_desktop.components.labels import label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class Chip(QFrame):
    """Show one condition and let it be taken away."""

    removed = Signal()
    """The user took it away; the owner deletes the chip."""

    def __init__(self, theme: Theme, text: str, *, on: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.CHIP)
        self.setProperty("on", on)
        self.setFixedHeight(theme.px(22))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(7), 0, 0, 0)
        row.setSpacing(theme.px(2))
        self._text = label("")
        row.addWidget(self._text)
        self._remove = QToolButton()
        self._remove.setFixedSize(theme.px(24), theme.px(20))
        self._remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.bind_icon(self._remove, "x", "text_2", 12)
        self._remove.clicked.connect(lambda: self.removed.emit())
        row.addWidget(self._remove)
        self.setFocusProxy(self._remove)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Name the condition anew, for one that goes along with something."""
        self._text.setText(text)
        self._remove.setToolTip(f"Remove {text}")
        self._remove.setAccessibleName(f"Remove {text}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the condition away by Delete or Backspace as well."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)
