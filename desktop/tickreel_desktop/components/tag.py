"""A state in a word or two; coloured only where it asks for attention."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from tickreel_desktop.components.tone import Tone
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property


class Tag(QLabel):
    """Show a state."""

    def __init__(self, text: str, tone: Tone = Tone.NEUTRAL, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        set_role(self, Role.TAG)
        set_style_property(self, "tone", str(tone))

    def set_state(self, text: str, tone: Tone) -> None:
        """Show another state."""
        self.setText(text)
        set_style_property(self, "tone", str(tone))
