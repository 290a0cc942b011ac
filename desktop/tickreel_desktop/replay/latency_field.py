"""The field for how late what is known is, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from tickreel.replay.plan import LONGEST_LATENCY_US
from tickreel_desktop.components import label
from tickreel_desktop.replay.speed import TypedField
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

_US_PER_MS = 1_000
_NOTE = "Ladder, depth and trades show what a strategy knows that hears of everything so much later."


class LatencyField(QWidget):
    """Milliseconds that are typed; what cannot be read is marked, and what was stays."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.latency_us = 0
        """What is asked for."""
        self.field = TypedField()
        self.field.setAccessibleName("Latency of what is known, milliseconds")
        self.field.setFixedWidth(theme.px(72))
        self.field.textEdited.connect(lambda _text: self._on_typed())
        self.field.left.connect(self._show)
        note = label(_NOTE, Role.CAPTION, wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.field)
        row.addWidget(note, 1)
        self._show()

    def set_latency(self, latency_us: int) -> None:
        """Show a latency, without telling anyone."""
        self.latency_us = latency_us
        self._show()

    def _show(self) -> None:
        whole, rest = divmod(self.latency_us, _US_PER_MS)
        self.field.setText(f"{whole}.{rest:03}".rstrip("0") if rest else str(whole))
        self.field.set_problem("")

    def _on_typed(self) -> None:
        try:
            latency_us = round(float(self.field.text() or "0") * _US_PER_MS)
        except (ValueError, OverflowError):
            latency_us = -1
        if not 0 <= latency_us <= LONGEST_LATENCY_US:
            self.field.set_problem("Type milliseconds from 0 to 60 000")
            return
        self.field.set_problem("")
        self.latency_us = latency_us
        self.changed.emit()
