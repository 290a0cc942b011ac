"""The field in which the value of a fact is given: typed, or chosen where there are few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from tickreel.errors import UsageError
from tickreel.instruments.facts import FACTS, FactKind, read_value
from tickreel_desktop.instruments.words import fact_title, value_text
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from tickreel.instruments.facts import Value
    from tickreel_desktop.zone import DisplayZone

_EXAMPLES = {
    FactKind.STEP: "a number above 0, such as 0.1",
    FactKind.SIZE: "a number of 0 or more",
    FactKind.NUMBER: "a number, such as 0.0002",
    FactKind.TIME: "a time, such as 2024-08-05",
    FactKind.TEXT: "a text",
}
_FLAGS = ("true", "false")


class ValueEntry(QWidget):
    """Take the value of whichever fact is shown."""

    edited = Signal()
    """Something else stands in it."""
    entered = Signal()
    """The user pressed Enter."""

    def __init__(self, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zone = zone
        self._name = ""
        self.field = QLineEdit()
        self.choice = QComboBox()
        self.choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for control in (self.field, self.choice):
            control.setAccessibleName("Value")
        self.choice.view().setAccessibleName("Values")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.field, 1)
        row.addWidget(self.choice, 1)
        self.field.textChanged.connect(lambda _text: self.edited.emit())
        self.field.returnPressed.connect(self.entered)
        self.choice.currentIndexChanged.connect(lambda _index: self.edited.emit())
        self._show_control(has_choices=False)

    def show_fact(self, name: str, value: Value | None) -> None:
        """Take another fact, beginning with a value; None begins with nothing."""
        self._name = name
        fact = FACTS[name]
        choices = _FLAGS if fact.kind is FactKind.FLAG else fact.words
        text = "" if value is None else value_text(name, value, self._zone.zone)
        for control in (self.field, self.choice):
            control.blockSignals(True)
            control.setAccessibleName(f"{fact_title(name)}: value")
            control.setAccessibleDescription(fact.meaning)
        if choices:
            self.choice.clear()
            self.choice.addItems(["", *choices])
            self.choice.view().setAccessibleName(f"{fact_title(name)}: values")
            self.choice.setCurrentText(text)
        self.field.setText(text)
        self.field.setCursorPosition(0)
        self.field.setPlaceholderText(_EXAMPLES.get(fact.kind, ""))
        for control in (self.field, self.choice):
            control.blockSignals(False)
        self._show_control(has_choices=bool(choices))
        self.edited.emit()

    def text(self) -> str:
        """Give what stands in it."""
        return self.field.text().strip() if self.choice.isHidden() else self.choice.currentText()

    def value(self) -> Value | None:
        """Read what stands in it; None where nothing does.

        Raises:
            UsageError: the fact cannot have this value.
        """
        text = self.text()
        if not text or not self._name:
            return None
        if FACTS[self._name].kind is FactKind.TIME:
            try:
                return self._zone.zone.parse(text)
            except UsageError as error:
                raise UsageError(f"{fact_title(self._name)}: {error}") from error
        return read_value(self._name, text)

    def set_wrong(self, is_wrong: bool) -> None:
        """Mark the field as holding something wrong."""
        for control in (self.field, self.choice):
            set_style_property(control, "error", is_wrong)

    def take_focus(self) -> None:
        """Have the keyboard in the control that is shown."""
        if self.choice.isHidden():
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()
        else:
            self.choice.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_control(self, *, has_choices: bool) -> None:
        self.choice.setVisible(has_choices)
        self.field.setVisible(not has_choices)
