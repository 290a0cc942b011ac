"""The time of a replay, in a field in which another one can be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal

from tickreel.errors import UsageError
from tickreel.market.time import day_of
from tickreel_desktop.components.sentences import capital
from tickreel_desktop.replay.pace import Pace
from tickreel_desktop.replay.speed import TypedField
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import field_text, range_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

_STAMP_SAMPLE = "2024-08-05 13:32:00.114 "
_LONG_STAMP_SAMPLE = f"{_STAMP_SAMPLE}+01:00 "
"""In an hour that the clocks show twice."""
_EVERY_MS = 100
"""Digits that change faster cannot be read."""


class TimeField(TypedField):
    """Show a moment of a range in the display zone, and read one that is typed."""

    chosen = Signal(object)
    """A moment of the range was typed (microseconds, int)."""
    widened = Signal()
    """It needs another width."""
    refused = Signal(str)
    """What was typed is no such moment: why; empty when that is over."""

    def __init__(self, theme: Theme, zone: DisplayZone, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._zone = zone
        self._range_us = (0, 1)
        self._at_us = 0
        self._fits = ""
        self._pace = Pace(_EVERY_MS, self._show, self)
        self.setFont(theme.font(FontRole.MONO))
        self.setToolTip(
            "Type a time and press Enter: 13:32, or 2024-08-05 13:32:00.114; with Z at its end it is UTC"
        )
        self.returnPressed.connect(self._on_typed)
        self.left.connect(self._on_left)
        zone.changed.connect(self._on_zone_changed)
        self._on_zone_changed()

    def set_range(self, start_us: int, end_us: int) -> None:
        """Take moments of [start, end)."""
        self._range_us = (start_us, end_us)

    def show_moment(self, at_us: int) -> None:
        """Show another moment, now or a little later, unless somebody is typing."""
        self._at_us = at_us
        self._pace.ask()

    def _show(self) -> None:
        text = field_text(self._zone.zone, self._at_us, decimals=3)
        sample = _STAMP_SAMPLE if len(text) <= len(_STAMP_SAMPLE) else _LONG_STAMP_SAMPLE
        if sample != self._fits:
            self._fits = sample
            self.setFixedWidth(self.fontMetrics().horizontalAdvance(sample) + self._theme.px(22))
            self.widened.emit()
        self.show_text(text)

    def edit(self) -> None:
        """Let the user type."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def _on_zone_changed(self) -> None:
        self.setAccessibleName(f"Time, {self._zone.name}")
        self._show()

    def _on_typed(self) -> None:
        start_us, end_us = self._range_us
        try:
            at_us = self._parse(self.text())
            if not start_us <= at_us < end_us:
                raise UsageError(f"the replay goes from {range_text(self._zone.zone, start_us, end_us)}")
        except UsageError as error:
            problem = capital(str(error))
            self.set_problem(problem)
            self.refused.emit(problem)
            return
        self.setModified(False)
        self.set_problem("")
        self.refused.emit("")
        self.chosen.emit(at_us)

    def _parse(self, text: str) -> int:
        """Read a time; one without a day is of the day that is shown."""
        text, zone = text.strip(), self._zone.zone
        has_day = "-" in text[:5] or text.isdigit()
        if has_day:
            return zone.parse(text)
        day = day_of(self._at_us) if text.endswith("Z") else zone.day_of(self._at_us)
        return zone.parse(f"{day.isoformat()} {text}")

    def _on_left(self) -> None:
        self.set_problem("")
        self.refused.emit("")
        self._show()
