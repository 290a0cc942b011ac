"""Takes hold of a threshold by the pointer, and moves it by round values."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from tickreel_desktop.replay.strips.spread import SpreadStrip

_GRIP_PX = 4


class ThresholdHand:
    """What the pointer does with the threshold of a strip; places are those of the scene."""

    def __init__(self, strip: SpreadStrip) -> None:
        self._strip = strip
        self.is_holding = False

    def is_near(self, place: QPointF) -> bool:
        """Tell whether the line is under the pointer."""
        threshold = self._strip.threshold
        if threshold is None or not self._strip.is_shown:
            return False
        level, per_px = self._level_at(place)
        return abs(level - threshold) <= _GRIP_PX * per_px

    def moved(self, place: QPointF) -> float | None:
        """Give the level under the pointer, with decimals that tell pixels apart; None where not above 0."""
        level, per_px = self._level_at(place)
        rounded = round(level, max(0, -floor(log10(per_px))))
        return rounded if rounded > 0 else None

    def _level_at(self, place: QPointF) -> tuple[float, float]:
        box = self._strip.box
        low, high = box.viewRange()[1]
        per_px: float = (high - low) / max(1.0, box.height())
        return high - box.mapFromScene(place).y() * per_px, per_px
