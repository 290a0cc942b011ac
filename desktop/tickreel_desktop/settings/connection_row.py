"""The row of the connection to the shared cache: how it stands, and the way to its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from tickreel_desktop.components import button
from tickreel_desktop.settings.form_row import FormRow

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme


class ConnectionRow(FormRow):
    """Lead to the card of the connection, from the page of its settings."""

    opened = Signal()
    """The user wants to see the card."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            "shared",
            "Connection",
            "How the server answers, what it holds, and a test step by step.",
            "tickreel doctor",
            ("test", "latency", "redis", "breaker"),
        )
        self.open_button = button(theme, "Show and test")
        self.open_button.setAccessibleName("Show and test the connection to the shared cache")
        self.open_button.clicked.connect(lambda: self.opened.emit())
        self.controls.addWidget(self.open_button)
        self.controls.addStretch(1)
        self.tag.hide()

    def show_state(self, text: str) -> None:
        """Say how it stands."""
        self.set_note(text)
