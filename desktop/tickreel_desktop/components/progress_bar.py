"""A thin bar for work that takes time; without a known length it moves in three steps."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QProgressBar, QWidget

from tickreel_desktop.theme.motion import is_motion_reduced
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from PySide6.QtCore import QTimerEvent

_STEP_MS = 400
_STEPS = 3
_FULL = 1000


class BarState(StrEnum):
    """Name what the colour of a bar says."""

    MOVING = "moving"
    WAITING = "waiting"
    SLOWED = "slowed"
    FAILED = "failed"


class ProgressBar(QProgressBar):
    """Show a part of the whole, or that work goes on."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTextVisible(False)
        self.setRange(0, _FULL)
        self.setValue(0)
        self._timer_id = 0

    def set_fraction(self, fraction: float | None, state: BarState = BarState.MOVING) -> None:
        """Show *fraction* of the whole, 0 to 1; None is work of unknown length."""
        set_style_property(self, "state", str(state))
        if fraction is None:
            self.setRange(0, _STEPS)
            if is_motion_reduced():
                self.setValue(_STEPS - 1)
            elif not self._timer_id:
                self.setValue(1)
                self._timer_id = self.startTimer(_STEP_MS)
            return
        if self._timer_id:
            self.killTimer(self._timer_id)
            self._timer_id = 0
        self.setRange(0, _FULL)
        self.setValue(round(min(max(fraction, 0.0), 1.0) * _FULL))

    def is_still(self) -> bool:
        """Tell whether nothing moves by itself."""
        return not self._timer_id

    def timerEvent(self, event: QTimerEvent) -> None:
        """Take the next of the three steps."""
        self.setValue(self.value() % _STEPS + 1)
