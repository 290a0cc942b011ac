"""The form that takes a key: into the system's store, or, where there is none, for this session only."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, button, label, tool_button
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from tickreel.keys import KeyName


class KeyEntry(QFrame):
    """Ask for a key and where it shall be kept."""

    kept = Signal(str, bool)
    """The key, and whether it is for this session only."""
    cancelled = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        name: KeyName,
        store: str | None,
        *,
        noun: str = "key",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, Role.CARD)
        px = theme.px
        self._store = store
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(f"New {title}")
        self.field.setPlaceholderText(f"Paste or type the {noun}")
        self.field.textChanged.connect(lambda _text: self._renew())
        self.field.returnPressed.connect(self._keep)
        self.session = QRadioButton("For this session only")
        self.variable = QRadioButton("Environment variable")
        self.keep_button = button(theme, f"Keep {noun}", ButtonKind.PRIMARY)
        self.keep_button.clicked.connect(lambda: self._keep())
        cancel = button(theme, "Cancel")
        cancel.clicked.connect(lambda: self.cancelled.emit())
        self._how = _how_to_set(name, noun)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(10), px(12), px(10))
        column.setSpacing(px(8))
        if store is None:
            column.addWidget(label(f"Where should the {title} be kept?", Role.SECTION, wrap=True))
            column.addWidget(
                label(
                    f"This machine has no keyring, and Tickreel writes no {noun} to a file.",
                    Role.CAPTION,
                    wrap=True,
                )
            )
            for choice, caption in (
                (self.session, "forgotten when Tickreel closes"),
                (self.variable, f"{name.variable}, set outside Tickreel"),
            ):
                choice.setAccessibleDescription(caption)
                row = QHBoxLayout()
                row.setSpacing(px(8))
                row.addWidget(choice)
                row.addWidget(label(caption, Role.CAPTION, wrap=True), 1)
                column.addLayout(row)
            self.session.setChecked(True)
            self.session.toggled.connect(lambda _on: self._renew())
        column.addWidget(self.field)
        self._how_box = self._how_to(theme)
        column.addWidget(self._how_box)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        if store is not None:
            foot.addWidget(label(f"It goes into {store}.", Role.CAPTION, wrap=True), 1)
        else:
            foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.keep_button)
        column.addLayout(foot)
        self._renew()

    def _how_to(self, theme: Theme) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(
            label("Set it where Tickreel is started from, and start Tickreel again:", Role.CAPTION, wrap=True)
        )
        row = QHBoxLayout()
        row.addWidget(label(self._how, Role.MONO, wrap=True), 1)
        copy = tool_button(theme, "copy", "Copy the line", size=14)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._how))
        row.addWidget(copy)
        column.addLayout(row)
        return box

    def _renew(self) -> None:
        is_variable = self._store is None and self.variable.isChecked()
        self.field.setVisible(not is_variable)
        self.keep_button.setVisible(not is_variable)
        self.keep_button.setEnabled(bool(self.field.text().strip()))
        self._how_box.setVisible(is_variable)

    def _keep(self) -> None:
        if self.keep_button.isEnabled() and self.field.isVisibleTo(self):
            self.kept.emit(self.field.text(), self._store is None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Escape, without closing the dialog."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)


def _how_to_set(name: KeyName, noun: str) -> str:
    value = f"YOUR-{noun.upper()}"
    return f"setx {name.variable} {value}" if sys.platform == "win32" else f"export {name.variable}={value}"
