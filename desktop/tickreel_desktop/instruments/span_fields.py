"""Two fields for a range of time, read in the display zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from tickreel.errors import UsageError
from tickreel_desktop.components import label
from tickreel_desktop.instruments.words import time_text
from tickreel_desktop.theme import Role
from tickreel_desktop.theme.roles import set_style_property
from tickreel_desktop.zone import ZoneLabel

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


class SpanFields(QWidget):
    """Take from when and until when; an empty field is no limit."""

    edited = Signal()
    """Something else stands in one of them."""

    def __init__(
        self,
        theme: Theme,
        zone: DisplayZone,
        name: str,
        empty: tuple[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._zone = zone
        self.start = QLineEdit()
        self.end = QLineEdit()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        zone_label = ZoneLabel(zone)
        for word, field, placeholder in (("from", self.start, empty[0]), ("to", self.end, empty[1])):
            field.setAccessibleName(f"{name}, {word}")
            field.setPlaceholderText(placeholder)
            field.setToolTip("A date or a time; with Z at its end it is UTC")
            field.textChanged.connect(lambda _text: self.edited.emit())
            if field is self.end:
                row.addWidget(label("to", Role.SECONDARY))
            row.addWidget(field, 1)
        row.addWidget(zone_label)

    def show_span(self, start_us: int | None, end_us: int | None) -> None:
        """Show a range."""
        for field, at_us in ((self.start, start_us), (self.end, end_us)):
            field.setText("" if at_us is None else time_text(at_us, self._zone.zone))
            field.setCursorPosition(0)

    def span(self) -> tuple[int | None, int | None]:
        """Read the range.

        Raises:
            UsageError: one of the two is no time, or the end lies before the start.
        """
        found: list[int | None] = []
        for field in (self.start, self.end):
            set_style_property(field, "error", False)
        for field in (self.start, self.end):
            text = field.text().strip()
            try:
                found.append(self._zone.zone.parse(text) if text else None)
            except UsageError:
                set_style_property(field, "error", True)
                raise
        start_us, end_us = found
        if start_us is not None and end_us is not None and start_us >= end_us:
            set_style_property(self.end, "error", True)
            raise UsageError("it must hold for some time: its end lies before its start")
        return start_us, end_us
