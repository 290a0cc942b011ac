"""The field in which a threshold is typed, over the head of its strip."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from tickreel_desktop.theme import Theme

_WIDTH_PX = 150
_NAME = "Threshold of the spread"
_WRONG = "Type a number above 0, such as 2.5, or nothing for no threshold"


def read_threshold(text: str) -> float | None:
    """Read a threshold as people type it; None where nothing is typed.

    Raises:
        ValueError: it is no number above zero.
    """
    spelled = "".join(text.split()).replace("\u2009", "").removesuffix("bp")
    if not spelled:
        return None
    level = float(spelled)
    if not isfinite(level) or level <= 0:
        raise ValueError(f"{level} is not above 0")
    return level


class ThresholdField(QFrame):
    """Ask for a threshold: Enter takes it, Esc leaves it as it was; what is wrong stays and says so."""

    taken = Signal(object)
    """A level (float), or None for no threshold."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._strips = parent
        set_role(self, Role.PANEL)
        self.field = QLineEdit()
        self.field.setAccessibleName(_NAME)
        self.field.setPlaceholderText("no threshold")
        self.field.setFixedWidth(theme.px(_WIDTH_PX))
        self._complaint = label("", Role.ERROR)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.px(4), 0)
        row.setSpacing(theme.px(6))
        row.addWidget(self.field)
        row.addWidget(self._complaint)
        self.hide()
        self.field.returnPressed.connect(self._take)
        self.field.editingFinished.connect(self._on_left)
        self.field.textEdited.connect(lambda _text: self._complain(""))

    def ask(self, text: str, unit: str) -> None:
        """Begin with the threshold of now."""
        self.field.setAccessibleName(f"{_NAME}, {unit}")
        self.field.setText(text)
        self._complain("")
        self.show()
        self.raise_()
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def complaint(self) -> str:
        """Say what is wrong with what is typed; empty when nothing is."""
        return self._complaint.text()

    def _take(self) -> None:
        try:
            level = read_threshold(self.field.text())
        except ValueError:
            self._complain(_WRONG)
            return
        self._leave()
        self.taken.emit(level)

    def _on_left(self) -> None:
        # Enter ends editing too, and has been dealt with.
        if self.isVisible() and not self.field.hasFocus():
            self.hide()

    def _leave(self) -> None:
        self.hide()
        self._strips.setFocus(Qt.FocusReason.OtherFocusReason)

    def _complain(self, words: str) -> None:
        self._complaint.setText(words)
        self._complaint.setVisible(bool(words))
        self.field.setAccessibleDescription(words)
        set_style_property(self.field, "error", bool(words))
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)
