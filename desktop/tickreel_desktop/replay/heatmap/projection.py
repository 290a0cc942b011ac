"""Where a moment and a price lie on the screen: whole pixels that stay the same while time goes by.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Projection:
    """A view of *width* by *height* device pixels that ends at *to_us*.

    Places across are counted from an origin in time, so that an instant keeps its place when the
    view goes on; the first one in view is :attr:`left`.
    """

    width: int
    height: int
    origin_us: int
    to_us: int
    width_us: int
    low: float
    high: float

    @property
    def right(self) -> int:
        """The last place in view: that of *to_us*."""
        return self.place_of(self.to_us)

    @property
    def left(self) -> int:
        """The first place in view."""
        return self.right - self.width + 1

    @property
    def us_per_place(self) -> float:
        """How much time a pixel takes."""
        return self.width_us / self.width

    def place_of(self, at_us: int) -> int:
        """Give the place across of an instant."""
        return (at_us - self.origin_us) * self.width // self.width_us

    def start_us(self, place: int) -> int:
        """Give the first instant of a place across."""
        return self.origin_us - (-place * self.width_us) // self.width

    def starts_us(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the first instants of places across."""
        starts: NDArray[np.int64] = self.origin_us - (-places * self.width_us) // self.width
        return starts

    def down(self, price: float) -> float:
        """Give how far below the upper edge a price lies, in pixels."""
        return (self.high - price) / (self.high - self.low) * self.height

    def price_at(self, down: float) -> float:
        """Give the price so far below the upper edge."""
        return self.high - down / self.height * (self.high - self.low)

    def rows(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the pixel rows in which prices lie, some out of view; NaN for NaN."""
        rows: NDArray[np.float64] = np.floor((self.high - prices) / (self.high - self.low) * self.height)
        return rows

    def cells(self, borders: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give (height,) cells, upper row first; below 0, or as many as there are, where there is none."""
        middles = self.high - (np.arange(self.height) + 0.5) / self.height * (self.high - self.low)
        return np.searchsorted(borders, middles, side="right").astype(np.int64) - 1

    def is_same_but_later(self, other: Projection) -> bool:
        """Tell whether places of both mean the same moments and prices."""
        mine = (self.width, self.height, self.origin_us, self.width_us, self.low, self.high)
        return mine == (other.width, other.height, other.origin_us, other.width_us, other.low, other.high)
