"""The word behind a time that says in which zone it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.zone.display import DisplayZone


class ZoneLabel(QLabel):
    """Name the display zone as it is at the instant that is shown beside it; the tool-tip names it fully."""

    def __init__(self, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.CAPTION)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._zone = zone
        self._at_us = 0
        zone.changed.connect(self._renew)
        self._renew()

    def set_moment(self, at_us: int) -> None:
        """Stand beside another instant: summer and winter have names of their own."""
        if at_us != self._at_us:
            self._at_us = at_us
            self._renew()

    def _renew(self) -> None:
        zone = self._zone.zone
        name = zone.short_name(self._at_us)
        if name != self.text():
            self.setText(name)
        tip = f"Times are shown and typed in {zone.full_name(self._at_us)}"
        if tip != self.toolTip():
            self.setToolTip(tip)
