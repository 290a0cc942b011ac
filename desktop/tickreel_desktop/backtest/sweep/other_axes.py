"""What is told of the axes that the map does not show: their best trial, or one of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QWidget

from tickreel_desktop.backtest.sweep.figures import value_text
from tickreel_desktop.components import FlowLayout, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.backtest.sweeps.trials import GridAxis
    from tickreel_desktop.theme import Theme

_BEST = "best of all"


class OtherAxes(QFrame):
    """A list of values for each of them."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.BAR)
        self._theme = theme
        self._axes: tuple[GridAxis, ...] = ()
        self.choices: dict[str, QComboBox] = {}
        self._flow = FlowLayout(self, theme.px(6), theme.px(8), fills=False)
        self.hide()

    def show_axes(self, axes: Sequence[GridAxis]) -> None:
        """Let values of these axes be chosen."""
        if tuple(axes) == self._axes:
            return
        before = self.fixed()
        self._axes = tuple(axes)
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.choices = {}
        for axis in axes:
            made = QComboBox()
            made.setAccessibleName(f"{axis.name} of the map")
            made.view().setAccessibleName(made.accessibleName())
            made.addItem(_BEST)
            made.addItems([value_text(value) for value in axis.values])
            if axis.name in before and before[axis.name] in axis.values:
                made.setCurrentIndex(1 + axis.values.index(before[axis.name]))
            made.activated.connect(lambda _place: self.changed.emit())
            self._flow.addWidget(label(axis.name, Role.MONO))
            self._flow.addWidget(made)
            self.choices[axis.name] = made
        self.setVisible(bool(axes))

    def fixed(self) -> dict[str, Any]:
        """Give the values that are chosen, by axis."""
        return {
            axis.name: axis.values[self.choices[axis.name].currentIndex() - 1]
            for axis in self._axes
            if self.choices[axis.name].currentIndex() > 0
        }
