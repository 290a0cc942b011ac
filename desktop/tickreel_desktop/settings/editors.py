"""The control of each kind of setting, made from what the setting says of itself."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QWidget

from tickreel.settings import Kind, Settings, text_of, value_of, value_of_text
from tickreel.settings.form import Form, form_of
from tickreel_desktop.components import button
from tickreel_desktop.settings.fields import Choice, NumberSpin, ValueField

if TYPE_CHECKING:
    from tickreel.settings import Setting
    from tickreel_desktop.theme import Theme

_SEARCHED_FROM = 13
"""A list of this many choices is searched by typing."""
_FIELD_WIDTH_PX = 150
_WIDE_FIELD_WIDTH_PX = 300
_EXAMPLES = {Kind.BYTES: "500 GB", Kind.BYTES_PER_SECOND: "10 MB/s", Kind.DAYS: "90 days"}
_NOT_SPECIAL = object()


class Editor(QWidget):
    """Show a value and let it be changed."""

    chosen = Signal(object)
    """The user chose this value."""
    refused = Signal(str)
    """What was typed is not accepted: why. Empty when that is over."""

    def __init__(self, setting: Setting, control: QWidget) -> None:
        super().__init__()
        self.setting = setting
        self.control = control
        unit = f", {setting.kind.unit}" if setting.kind.unit else ""
        control.setAccessibleName(f"{setting.title}{unit}")
        control.setAccessibleDescription(setting.explanation)
        self.setFocusProxy(control)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.addWidget(control)

    def show_value(self, value: Any) -> None:
        """Show a value without telling anyone; what somebody is typing stays."""
        raise NotImplementedError

    def take(self) -> None:
        """Take what is being typed."""


class ChoiceEditor(Editor):
    """Choose one of those the setting lists."""

    def __init__(self, theme: Theme, setting: Setting, form: Form) -> None:
        self._choices = form.choices
        titles = [setting.word(choice) or choice for choice in form.choices]
        self._list = Choice(theme, titles, is_searched=len(titles) >= _SEARCHED_FROM)
        super().__init__(setting, self._list)
        self._shown = ""
        self._list.view().setAccessibleName(self._list.accessibleName())
        self._list.activated.connect(self._on_activated)
        line = self._list.lineEdit()
        if line is not None:
            line.setAccessibleName(self._list.accessibleName())
            line.textEdited.connect(lambda _text: self.refused.emit(""))
            line.editingFinished.connect(self._on_typed)

    def show_value(self, value: Any) -> None:
        """Show the choice of now."""
        plain = value.value if isinstance(value, Enum) else value
        self._shown = plain
        if plain in self._choices:
            self._list.setCurrentIndex(self._choices.index(plain))

    def _on_activated(self, index: int) -> None:
        self.refused.emit("")
        self._choose(self._choices[index])

    def _on_typed(self) -> None:
        text = self._list.currentText().strip()
        index = self._list.findText(text, Qt.MatchFlag.MatchFixedString)
        if index >= 0:
            self._list.setCurrentIndex(index)
            self._choose(self._choices[index])
        elif text:
            self.refused.emit(f"{text!r} is not accepted; choose one of the list")
            self._list.setEditText(self._list.itemText(self._list.currentIndex()))

    def _choose(self, choice: str) -> None:
        if choice != self._shown:
            self._shown = choice
            self.chosen.emit(self.setting.read(choice))


class FlagEditor(Editor):
    """Switch something on or off."""

    def __init__(self, setting: Setting) -> None:
        self._box = QCheckBox(setting.word(True) or "On")
        super().__init__(setting, self._box)
        self._box.clicked.connect(lambda is_on: self.chosen.emit(is_on))

    def show_value(self, value: Any) -> None:
        """Show whether it is on."""
        self._box.setChecked(bool(value))


class WishEditor(Editor):
    """Switch something on or off, or leave it to what holds where nothing is said."""

    def __init__(self, theme: Theme, setting: Setting) -> None:
        self._values = [value for value, _ in setting.words]
        self._list = Choice(theme, [word for _, word in setting.words], is_searched=False)
        super().__init__(setting, self._list)
        self._list.view().setAccessibleName(self._list.accessibleName())
        self._shown: bool | None = None
        self._list.activated.connect(self._on_activated)

    def show_value(self, value: Any) -> None:
        """Show the choice of now."""
        self._shown = value
        self._list.setCurrentIndex(self._values.index(value))

    def _on_activated(self, index: int) -> None:
        value = self._values[index]
        if value != self._shown:
            self._shown = value
            self.chosen.emit(value)


class SpinEditor(Editor):
    """Type a number with its unit, or step it by arrows."""

    def __init__(self, theme: Theme, setting: Setting, form: Form) -> None:
        self._spin = NumberSpin(theme, setting, form)
        super().__init__(setting, self._spin)
        self._spin.valueChanged.connect(self._on_changed)
        self._spin.refused.connect(self.refused)

    def show_value(self, value: Any) -> None:
        """Show the number of now."""
        self._spin.blockSignals(True)
        self._spin.setValue(value)
        self._spin.blockSignals(False)

    def take(self) -> None:
        """Take what is being typed."""
        self._spin.interpretText()

    def _on_changed(self, _value: float) -> None:
        self.refused.emit("")
        self.chosen.emit(self._spin.number())


class TypedEditor(Editor):
    """Type a value; special ones, such as none at all, have a box to tick beside it."""

    def __init__(self, theme: Theme, setting: Setting, form: Form, *, is_wide: bool) -> None:
        self.field = ValueField(theme.px(_WIDE_FIELD_WIDTH_PX if is_wide else _FIELD_WIDTH_PX))
        super().__init__(setting, self.field)
        self.field.taken.connect(self._on_taken)
        self.field.dropped.connect(self._on_dropped)
        self._value: Any = None
        self._is_awaited = False
        self._boxes: dict[str | None, QCheckBox] = {}
        self.row.setSpacing(theme.px(12))
        # A wide field is empty for none, and says in grey what that means.
        for special in () if is_wide else form.specials:
            self._add_box(special)

    def _add_box(self, special: str | None) -> None:
        word = text_of(self.setting, special)
        box = QCheckBox(word)
        box.setAccessibleName(f"{self.setting.title}: {word}")
        box.clicked.connect(lambda is_on: self._on_ticked(special, is_on=is_on))
        self._boxes[special] = box
        self.row.addWidget(box)

    def show_value(self, value: Any) -> None:
        """Show the value of now, unless another is being typed."""
        self._value = value
        if not self.field.isModified() and not self._is_awaited:
            self._show()

    def take(self) -> None:
        """Take what is being typed."""
        self.field.take()

    def _show(self) -> None:
        self._is_awaited = False
        special = next((one for one in self._boxes if one == self._value), _NOT_SPECIAL)
        is_empty = special is not _NOT_SPECIAL or self._value is None
        self.field.setText("" if is_empty else text_of(self.setting, self._value))
        self.field.setCursorPosition(0)
        for one, box in self._boxes.items():
            box.setChecked(one == special)
        self.field.setEnabled(special is _NOT_SPECIAL)
        self.field.setPlaceholderText(text_of(self.setting, None) if not self._boxes else "")

    def _on_taken(self, text: str) -> None:
        try:
            value = value_of_text(self.setting, text)
        except ValueError as error:
            self.field.set_error(True)
            self.refused.emit(str(error))
            return
        self._choose(value)

    def _on_dropped(self) -> None:
        self.field.set_error(False)
        self.refused.emit("")
        self._show()

    def _on_ticked(self, special: str | None, *, is_on: bool) -> None:
        default = value_of(Settings(), self.setting.key)
        if is_on:
            self._choose(special)
        elif default not in self._boxes:
            self._choose(default)
        else:
            # Nothing is chosen yet: what was ticked holds until a value is typed.
            self._is_awaited = True
            self.field.setEnabled(True)
            self.field.setPlaceholderText(_EXAMPLES.get(self.setting.kind, ""))
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, value: Any) -> None:
        is_another = value != self._value
        self._value = value
        self._on_dropped()
        if is_another:
            self.chosen.emit(value)


class PathEditor(TypedEditor):
    """Type the path of a file, or look for it."""

    def __init__(self, theme: Theme, setting: Setting, form: Form) -> None:
        super().__init__(theme, setting, form, is_wide=True)
        self.browse_button = button(theme, "Browse")
        self.browse_button.setAccessibleName(f"Browse for {setting.title}")
        self.browse_button.clicked.connect(lambda: self._browse())
        self.row.insertWidget(1, self.browse_button)

    def _browse(self) -> None:
        chooser = QFileDialog(self, self.setting.title, self.field.text())
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._choose)
        chooser.open()


def make_editor(theme: Theme, setting: Setting) -> Editor:
    """Make the control that fits a setting."""
    form = form_of(setting)
    if setting.kind is Kind.FLAG and None in form.specials:
        return WishEditor(theme, setting)
    if setting.kind is Kind.FLAG:
        return FlagEditor(setting)
    if form.choices:
        return ChoiceEditor(theme, setting, form)
    if setting.kind is Kind.PATH:
        return PathEditor(theme, setting, form)
    is_bounded = form.minimum is not None and form.maximum is not None
    if is_bounded and not form.specials:
        return SpinEditor(theme, setting, form)
    return TypedEditor(theme, setting, form, is_wide=setting.kind in (Kind.URL, Kind.TEXT))
