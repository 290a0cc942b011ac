"""The choice of how much time the charts show, for the head of a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QComboBox

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_duration_s
from tickreel_desktop.replay.ticks import length_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

_MINUTE_US: Final = 60 * US_PER_SECOND
SPANS_US: Final = (_MINUTE_US, 5 * _MINUTE_US, 15 * _MINUTE_US, 60 * _MINUTE_US, 240 * _MINUTE_US)
"""Lengths of time that can be chosen; the wheel leads to any other."""
_HEIGHT_PX: Final = 22


def span_text(width_us: int) -> str:
    """Name a length of time that was reached by the wheel as short as those that can be chosen."""
    return length_text(width_us) if width_us in SPANS_US else format_duration_s(width_us / US_PER_SECOND)


class SpanChoice(QComboBox):
    """Say how much time is in view, and offer some round lengths of it."""

    def __init__(self, theme: Theme, shared: SharedView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shared = shared
        self.setAccessibleName("Time shown")
        self.view().setAccessibleName("Lengths of time")
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        for width_us in SPANS_US:
            self.addItem(span_text(width_us), width_us)
        self.activated.connect(lambda index: shared.set_width(self.itemData(index)))
        shared.span_changed.connect(self._renew)
        self._renew()

    def _renew(self) -> None:
        width_us = self._shared.width_us
        if self.currentData() == width_us:
            return
        index = self.findData(width_us)
        if index < 0:
            # A length that was reached by the wheel stands at the end, and goes with the next one.
            if self.count() > len(SPANS_US):
                self.removeItem(len(SPANS_US))
            self.addItem(span_text(width_us), width_us)
            index = len(SPANS_US)
        self.setCurrentIndex(index)
