"""The parameters that a strategy declares: name, value, unit or range, each checked as it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from tickreel_desktop.backtest.form.draft import param_field, spelled
from tickreel_desktop.backtest.form.fields import TextField
from tickreel_desktop.components import ElidedLabel, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tickreel.backtest.declaring import Parameter
    from tickreel_desktop.theme import Theme

_VALUE_PX = 92


class ParamsGrid(QWidget):
    """Hold the values of parameters as they are typed."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._params: tuple[Parameter, ...] = ()
        self.fields: dict[str, QWidget] = {}
        """The field of each parameter, by its name."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(4))
        self._grid.setColumnStretch(0, 1)

    def show_params(self, params: Sequence[Parameter], values: Mapping[str, str]) -> None:
        """Show these parameters, each with its value or its default."""
        if tuple(params) != self._params:
            self._rebuild(tuple(params))
        for parameter in params:
            self._set(parameter, values.get(parameter.name) or spelled(parameter.default))

    def values(self) -> dict[str, str]:
        """Give what was changed, as it is typed."""
        given = {parameter.name: self._text(parameter) for parameter in self._params}
        return {
            parameter.name: given[parameter.name]
            for parameter in self._params
            if given[parameter.name].strip() not in ("", spelled(parameter.default))
        }

    def reset(self) -> None:
        """Put every value as the strategy declares it."""
        for parameter in self._params:
            self._set(parameter, spelled(parameter.default))
        self.changed.emit()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark what is wrong."""
        for name, field in self.fields.items():
            if isinstance(field, TextField):
                field.set_problem(problems.get(param_field(name), ""))

    def _rebuild(self, params: tuple[Parameter, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._params = params
        self.fields = {}
        for row, parameter in enumerate(params):
            name = ElidedLabel(parameter.name, Qt.TextElideMode.ElideMiddle)
            set_role(name, Role.MONO)
            name.setToolTip(parameter.meaning)
            field = self._make(parameter)
            field.setFixedWidth(self._theme.px(_VALUE_PX))
            note = label(parameter.unit or parameter.span, Role.CAPTION)
            note.setMinimumWidth(self._theme.px(44))
            self.fields[parameter.name] = field
            for column, widget in enumerate((name, field, note)):
                self._grid.addWidget(widget, row, column)

    def _make(self, parameter: Parameter) -> QWidget:
        what = ", ".join(filter(None, (parameter.meaning, parameter.unit, parameter.span)))
        if parameter.type == "bool":
            box = QCheckBox()
            box.setAccessibleName(parameter.name)
            box.setToolTip(what)
            box.toggled.connect(lambda _on: self.changed.emit())
            return box
        if parameter.choices:
            choice = QComboBox()
            choice.setAccessibleName(parameter.name)
            choice.view().setAccessibleName(f"Values of {parameter.name}")
            choice.setToolTip(what)
            choice.addItems([spelled(one) for one in parameter.choices])
            choice.activated.connect(lambda _place: self.changed.emit())
            return choice
        field = TextField(parameter.name, spelled(parameter.default))
        field.set_tip(what)
        field.textEdited.connect(lambda _text: self.changed.emit())
        return field

    def _set(self, parameter: Parameter, text: str) -> None:
        field = self.fields[parameter.name]
        field.blockSignals(True)
        if isinstance(field, QCheckBox):
            field.setChecked(text.lower() == "true")
        elif isinstance(field, QComboBox):
            field.setCurrentText(text)
        elif isinstance(field, TextField) and field.text() != text:
            field.setText(text)
        field.blockSignals(False)

    def _text(self, parameter: Parameter) -> str:
        field = self.fields[parameter.name]
        if isinstance(field, QCheckBox):
            return spelled(field.isChecked())
        if isinstance(field, QComboBox):
            return field.currentText()
        assert isinstance(field, TextField)
        return field.text()
