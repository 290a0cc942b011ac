"""The sizes of the newest columns of a heatmap, and their levels where those are looked at.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel_desktop.replay.heatmap.ramp import ABSENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import HeatColumns
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.ramp import Scale

_NONE = -1 << 62
_MARGIN = 4
"""Levels are made for a part of the rows in view more on each side, so that a drag finds them there."""


class CellRing:
    """Keep the newest columns of one heatmap, the unfinished one included.

    A column is known by its number: how many widths it begins after the first instant that one could
    begin at. Sizes are kept as they came; levels are made when they are asked for.
    """

    def __init__(self, heat: HeatColumns, capacity: int) -> None:
        """Begin with the first columns of a heatmap; of more than *capacity* the newest are kept."""
        self.grid = heat.grid
        self.column_us = heat.column_us
        self.measure = heat.measure
        self.borders = heat.grid.borders
        self._phase_us = 0
        self._capacity = max(1, capacity)
        self._sizes = np.empty((self._capacity, 2, heat.grid.cells))
        self._numbers = np.full(self._capacity, _NONE)
        self._levels = np.empty((self._capacity, heat.grid.cells), np.uint16)
        self._is_fresh = np.zeros(self._capacity, np.bool_)
        self._rows = (0, 0)
        self._scale: Scale | None = None
        self.has_dropped = False
        """Columns gave way to newer ones."""
        self.has_unknown = False
        """Of some column that came since the last jump nothing was known."""
        self.restart(heat)

    def restart(self, heat: HeatColumns) -> None:
        """Forget all columns and begin anew with those of the same heatmap, as after a jump."""
        self._numbers[:] = _NONE
        self._phase_us = heat.open_us % heat.column_us
        self.has_dropped = self.has_unknown = False
        self.append(heat)

    def suits(self, heat: HeatColumns) -> bool:
        """Tell whether these columns are of the same heatmap."""
        return (heat.grid, heat.column_us, heat.measure) == (self.grid, self.column_us, self.measure)

    def number_at(self, at_us: int) -> int:
        """Give the number of the column in which an instant lies."""
        return (at_us - self._phase_us) // self.column_us

    def numbers_at(self, at_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the numbers of the columns in which instants lie."""
        numbers: NDArray[np.int64] = (at_us - self._phase_us) // self.column_us
        return numbers

    def start_us(self, number: int) -> int:
        """Give the first instant of a column."""
        return self._phase_us + number * self.column_us

    def cell_of(self, price: float) -> int:
        """Give the cell that holds a price; outside of the grid where none does."""
        return int(np.searchsorted(self.borders, price, side="right")) - 1

    def rows_in(self, view: Projection) -> tuple[int, int]:
        """Give the rows [low, high) of cells that a view shows; none where *high* is not above *low*."""
        cell_of_row = view.cells(self.borders)
        return max(0, int(cell_of_row.min())), min(self.grid.cells, int(cell_of_row.max()) + 1)

    @property
    def from_us(self) -> int:
        """The first instant of the oldest column that is kept."""
        return self.start_us(int(self._numbers[self._numbers != _NONE].min()))

    def append(self, heat: HeatColumns) -> None:
        """Take the columns that ended since the last ones, and the one that is not finished."""
        numbers = self.numbers_at(heat.start_us)
        self._put(numbers[-self._capacity :], heat.sizes[-self._capacity :])
        self.open_number = self.number_at(heat.open_us)
        self._put(np.array([self.open_number]), heat.open_sizes[None])

    def _put(self, numbers: NDArray[np.int64], sizes: NDArray[np.float64]) -> None:
        slots = numbers % self._capacity
        before = self._numbers[slots]
        self.has_dropped |= bool(((before != _NONE) & (before != numbers)).any())
        self.has_unknown |= bool(np.isnan(sizes[:, 0, 0]).any())
        self._sizes[slots] = sizes
        self._numbers[slots] = numbers
        self._is_fresh[slots] = False

    def column(self, number: int) -> NDArray[np.float64] | None:
        """Give (2, cells) of a column, bids then asks; None when it is not kept."""
        slot = number % self._capacity
        return self._sizes[slot] if self._numbers[slot] == number else None

    def is_unknown(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which of the columns are kept, and nothing was known in them."""
        slots = numbers % self._capacity
        unknown: NDArray[np.bool_] = (self._numbers[slots] == numbers) & np.isnan(self._sizes[slots, 0, 0])
        return unknown

    def totals(self, numbers: NDArray[np.int64], low: int, high: int) -> NDArray[np.float64]:
        """Give (n, rows) of bids and asks together, in the rows [low, high) of the columns that are kept."""
        slots = numbers % self._capacity
        slots = slots[self._numbers[slots] == numbers]
        totals: NDArray[np.float64] = self._sizes[slots, 0, low:high] + self._sizes[slots, 1, low:high]
        return totals

    def levels(self, numbers: NDArray[np.int64], low: int, high: int, scale: Scale) -> NDArray[np.uint16]:
        """Give (n, high - low) levels of the rows [low, high) of columns; absent where none is kept."""
        if scale != self._scale or not (self._rows[0] <= low and high <= self._rows[1]):
            margin = (high - low) // _MARGIN
            self._rows = (max(0, low - margin), min(self.grid.cells, high + margin))
            self._scale = scale
            self._is_fresh[:] = False
        slots = numbers % self._capacity
        is_kept = self._numbers[slots] == numbers
        stale = slots[is_kept & ~self._is_fresh[slots]]
        if len(stale):
            first, stop = self._rows
            sizes = self._sizes[stale, :, first:stop]
            self._levels[stale, first:stop] = scale.levels(sizes[:, 0] + sizes[:, 1])
            self._is_fresh[stale] = True
        found: NDArray[np.uint16] = self._levels[slots, low:high]
        found[~is_kept] = ABSENT
        return found
