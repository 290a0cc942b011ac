"""Where on an overview things stand: its rows from top to bottom, and instants across.

Pure arithmetic of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF


@dataclass(frozen=True, slots=True)
class OverviewLayout:
    """The places of one size and one range [start_us, end_us)."""

    start_us: int
    end_us: int
    left: float
    width: float
    marks_top: float
    plot: QRectF
    """Mid, spread and volume."""
    band: QRectF
    """Health, below the plot."""
    labels_top: float

    def place(self, at_us: float) -> float:
        """Give the pixel of an instant."""
        return self.left + (at_us - self.start_us) / (self.end_us - self.start_us) * self.width

    def instant(self, across: float) -> int:
        """Give the instant at a pixel, inside the range."""
        share = (across - self.left) / max(1.0, self.width)
        at_us = self.start_us + round(share * (self.end_us - self.start_us))
        return min(max(at_us, self.start_us), self.end_us - 1)

    @property
    def us_per_px(self) -> float:
        """How much time a pixel covers."""
        return (self.end_us - self.start_us) / max(1.0, self.width)

    def across(self, from_us: float, to_us: float, least: float = 1.0) -> QRectF:
        """Give the part of the plot that a stretch covers, *least* pixels at least."""
        left = self.place(max(from_us, self.start_us))
        right = self.place(min(to_us, self.end_us))
        return QRectF(left, self.plot.top(), max(least, right - left), self.plot.height())
