"""The wanted speed of a replay: a few usual ones as buttons, any other on a slider or typed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QWidget

from tickreel.errors import UsageError
from tickreel.replay import MAX_SPEED, parse_speed
from tickreel_desktop.components import Segment, Segments
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent

    from tickreel_desktop.theme import Theme

_OTHER = "other"
_STEPS_PER_DECADE = 10
_SLOWEST, _DECADES = 0.1, 5
"""Where the slider begins, and the power of ten at which it ends."""
_USUAL = ("1", "10", "100", "1000")


class SpeedChoice(QWidget):
    """Choose a speed in market seconds per second; None is as fast as the machine goes."""

    chosen = Signal(object)
    """The user chose this speed (float or None); not sent for :meth:`set_speed`."""
    refused = Signal(str)
    """What was typed is no speed: why; empty when that is over."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._speed: float | None = 1.0
        choices = [Segment(key, f"{key}x") for key in _USUAL]
        choices += [Segment(MAX_SPEED, "Max"), Segment(_OTHER, "Other")]
        self._segments = Segments(theme, "Speed", choices)
        self._segments.chosen.connect(self._on_segment_chosen)
        self.field = TypedField(self)
        """Where any speed can be typed."""
        self.field.setFixedWidth(theme.px(60))
        self.field.setAccessibleName("Speed, market seconds per second")
        self.field.setToolTip("Type any speed, such as 20 or 0.5, or max")
        self.field.returnPressed.connect(self._on_typed)
        self.field.left.connect(self._show)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self._slider = self._make_slider(theme)
        row.addWidget(self._slider)
        row.addWidget(self._segments)
        row.addWidget(self.field)
        self._show()

    def _make_slider(self, theme: Theme) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setAccessibleName("Speed, market seconds per second, logarithmic")
        slider.setFixedWidth(theme.px(130))
        slider.setRange(round(_STEPS_PER_DECADE * math.log10(_SLOWEST)), round(_STEPS_PER_DECADE * _DECADES))
        slider.setSingleStep(1)
        slider.setPageStep(_STEPS_PER_DECADE)
        slider.valueChanged.connect(self._on_slid)
        return slider

    def show_slider(self, shown: bool) -> None:
        """Show the slider, where there is room for it."""
        self._slider.setVisible(shown)
        self._measure_anew()

    def show_usual(self, shown: bool) -> None:
        """Show the usual speeds; without them only the field is left."""
        self._segments.setVisible(shown)
        self._measure_anew()

    def show_other(self, shown: bool) -> None:
        """Show the button that leads to the field."""
        self._segments.set_shown(_OTHER, shown)
        self._measure_anew()

    def _measure_anew(self) -> None:
        """Know the new width at once, and not when Qt comes round to it."""
        self._row.invalidate()
        self.updateGeometry()

    @property
    def speed(self) -> float | None:
        """Give the speed that is chosen."""
        return self._speed

    def set_speed(self, speed: float | None) -> None:
        """Show another choice without telling anyone."""
        if speed != self._speed:
            self._speed = speed
            self._show()

    def _show(self) -> None:
        key = MAX_SPEED if self._speed is None else f"{self._speed:g}"
        self._segments.choose(key if key in (*_USUAL, MAX_SPEED) else _OTHER)
        self.field.setText(MAX_SPEED if self._speed is None else f"{self._speed:g}x")
        self.field.set_problem("")
        self.refused.emit("")
        self._slider.blockSignals(True)
        top = self._slider.maximum()
        wanted = top if self._speed is None else round(_STEPS_PER_DECADE * math.log10(self._speed))
        self._slider.setValue(wanted)
        self._slider.blockSignals(False)

    def _on_slid(self, value: int) -> None:
        speed = 10 ** (value / _STEPS_PER_DECADE)
        self._take(float(f"{speed:.2g}"))

    def _on_segment_chosen(self, key: str) -> None:
        if key == _OTHER:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()
        else:
            self._take(None if key == MAX_SPEED else float(key))

    def _on_typed(self) -> None:
        try:
            speed = parse_speed(self.field.text())
        except UsageError as error:
            problem = capital(str(error))
            self.field.set_problem(problem)
            self.refused.emit(problem)
            return
        self._take(speed)

    def _take(self, speed: float | None) -> None:
        self._speed = speed
        self._show()
        self.chosen.emit(speed)


class TypedField(QLineEdit):
    """A field that shows a value and may hold another one while it is typed.

    Enter takes it (``returnPressed``); Escape, or leaving it, brings the value back (:attr:`left`).
    """

    left = Signal()

    def set_problem(self, problem: str) -> None:
        """Mark what was typed as wrong and say why; empty when it is right again."""
        set_style_property(self, "error", bool(problem))
        self.setAccessibleDescription(problem)

    def show_text(self, text: str) -> None:
        """Show the value of now, unless somebody is typing."""
        if not self.isModified() and text != self.text():
            selected = self.hasSelectedText()
            self.setText(text)
            if selected:
                self.selectAll()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select all, so that typing replaces it."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Bring the value back."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape bring the value back."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._leave()
            self.selectAll()
        else:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                # Qt hands it on, and a dialog would press its primary button for it.
                event.accept()

    def _leave(self) -> None:
        self.setModified(False)
        self.left.emit()
