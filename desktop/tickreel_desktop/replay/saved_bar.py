"""The saved set-ups at the head of the form: choose one, rename or delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QLineEdit, QMenu, QToolButton, QWidget

from tickreel_desktop.components import label, tool_button
from tickreel_desktop.replay.saved import LONGEST_NAME
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tickreel_desktop.theme import Theme

_NONE = "None saved yet"
_CHOOSE = "Choose one"


class SavedBar(QWidget):
    """Show the names; what is done with them is told."""

    chosen = Signal(str)
    renamed = Signal(str, str)
    deleted = Signal(str)
    undo_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names = QComboBox()
        self.names.setAccessibleName("Saved set-ups")
        self.names.view().setAccessibleName("Names of saved set-ups")
        self.names.setMinimumWidth(theme.px(220))
        self.names.activated.connect(self._on_activated)
        self._more = tool_button(theme, "dots-three", "Rename or delete the set-up")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self._more)
        self._more.setMenu(self.menu)
        self.rename_action = self.menu.addAction("Rename...")
        self.rename_action.triggered.connect(lambda: self._rename())
        self.delete_action = self.menu.addAction("Delete")
        self.delete_action.triggered.connect(lambda: self.deleted.emit(self.current))
        self.undo_action = self.menu.addAction("")
        self.undo_action.triggered.connect(lambda: self.undo_wanted.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(label("Saved set-ups", Role.SECONDARY))
        row.addWidget(self.names)
        row.addWidget(self._more)
        self.show_names([], "", "")

    @property
    def current(self) -> str:
        """The name that is chosen; empty when none is."""
        return self.names.currentText() if self.names.currentIndex() > 0 else ""

    def show_names(self, names: Sequence[str], current: str, undo: str) -> None:
        """Offer these names, one of them as chosen; *undo* names what can be undone, if anything."""
        self.names.clear()
        self.names.addItem(_CHOOSE if names else _NONE)
        self.names.addItems(list(names))
        self.names.setCurrentIndex(names.index(current) + 1 if current in names else 0)
        self.names.setEnabled(bool(names))
        self.undo_action.setText(f"Undo {undo[:1].lower()}{undo[1:]}")
        self.undo_action.setVisible(bool(undo))
        self._renew()

    def _renew(self) -> None:
        for action in (self.rename_action, self.delete_action):
            action.setEnabled(bool(self.current))
        self._more.setEnabled(bool(self.current) or self.undo_action.isVisible())

    def _on_activated(self, _index: int) -> None:
        self._renew()
        if self.current:
            self.chosen.emit(self.current)

    def _rename(self) -> None:
        name = self.current
        ask_name(self, "Rename the set-up", name, lambda text: self.renamed.emit(name, text))


def ask_name(parent: QWidget, title: str, name: str, then: Callable[[str], object]) -> QInputDialog:
    """Ask for the name of a set-up."""
    dialog = QInputDialog(parent.window())
    dialog.setWindowTitle(title)
    dialog.setLabelText("Name of the set-up")
    dialog.setTextValue(name)
    field = dialog.findChild(QLineEdit)
    if field is not None:
        field.setMaxLength(LONGEST_NAME)
        field.setAccessibleName("Name of the set-up")
    dialog.textValueSelected.connect(then)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
