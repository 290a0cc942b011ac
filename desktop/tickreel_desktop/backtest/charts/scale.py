"""Where instants and values lie on a chart, and the range of values that suits what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF

_ROOM = 0.06


@dataclass(frozen=True, slots=True)
class Place:
    """A view of [from_us, to_us] and [low, high] on a rectangle of pixels."""

    area: QRectF
    from_us: int
    to_us: int
    low: float
    high: float

    @property
    def columns(self) -> int:
        """How many columns of pixels there are."""
        return max(1, round(self.area.width()))

    @property
    def zero(self) -> float:
        """Where zero lies, or the edge nearest to it."""
        return float(np.clip(self.up(np.zeros(1))[0], self.area.top(), self.area.bottom()))

    def across(self, at_us: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give how far from the left instants lie, in pixels."""
        share = (at_us - self.from_us) / max(1, self.to_us - self.from_us)
        return np.asarray(self.area.left() + share * self.area.width(), np.float64)

    def up(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give how far from the top values lie, in pixels."""
        share = (values - self.low) / (self.high - self.low)
        return np.asarray(self.area.bottom() - share * self.area.height(), np.float64)

    def x_of(self, at_us: int) -> float:
        """Give how far from the left an instant lies."""
        return float(self.across(np.array([at_us], np.float64))[0])

    def y_of(self, value: float) -> float:
        """Give how far from the top a value lies."""
        return float(self.up(np.array([value]))[0])

    def instant_at(self, across_px: float) -> int:
        """Find the instant at a place."""
        share = (across_px - self.area.left()) / max(1.0, self.area.width())
        return self.from_us + round(share * (self.to_us - self.from_us))


def range_around(extremes: Iterable[tuple[float, float] | None], *, with_zero: bool) -> tuple[float, float]:
    """Give a range that shows all extremes with a little room; never one without height."""
    known = [value for pair in extremes if pair is not None for value in pair if isfinite(value)]
    known += [0.0] if with_zero or not known else []
    low, high = min(known), max(known)
    if high <= low:
        around = abs(low) * 0.01 or 1.0
        return low - around, high + around
    room = _ROOM * (high - low)
    return low - room, high + room
