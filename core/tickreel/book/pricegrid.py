"""The cells of a heatmap: equal steps of price with exact decimal borders."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import UsageError

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

MOST_TICKS = 1 << 24
"""Of a grid; a tick takes 8 bytes a side, but for those of wide stretches without a level."""
_FURTHEST_UNIT = 1 << 49
"""Prices up to here, counted in the unit of the tick's fraction, have at most 15 digits: equal
decimals are equal float64s, and the reverse."""


class CellMeasure(StrEnum):
    """What a column says of the size of a cell."""

    LAST = "last"
    """As it was at the column's last instant."""
    GREATEST = "max"
    """The greatest that it was at an instant of the column."""
    TIME_WEIGHTED = "time-weighted"
    """Its mean over all instants of the column."""


@dataclass(frozen=True, slots=True)
class PriceGrid:
    """Cells of equal height: cell i holds the prices in [low + i * group, low + (i + 1) * group).

    The borders are meant as decimals, and a price as the shortest decimal of its float64: with
    cells of 0.1, the price 0.3 is in the cell that begins at 0.3. Prices between two ticks have
    their cell as well; many of them, as of a tick that is too coarse, cost time but change nothing.

    Raises:
        UsageError: there is no cell, *low* or *group* is not a whole number of ticks, or the
            grid has too many ticks or too many digits.
    """

    low: float
    group: float
    cells: int
    tick: float

    def __post_init__(self) -> None:
        if self.cells < 1:
            raise UsageError(f"a heatmap of {self.cells} cells cannot be made: ask for 1 or more")
        if not (0 < self.tick < np.inf and 0 < self.group < np.inf and abs(self.low) < np.inf):
            raise UsageError(
                f"cells of {self.group} from {self.low} on ticks of {self.tick} cannot be made: "
                "the price must be finite, group and tick above 0"
            )
        for name, value in (("group", self.group), ("low", self.low)):
            if _fraction(value) % _fraction(self.tick):
                raise UsageError(
                    f"the {name} of a heatmap, {value}, is not a whole number of ticks of {self.tick}"
                )
        if self.cells * self.cell_ticks > MOST_TICKS:
            raise UsageError(
                f"{self.cells} cells of {self.cell_ticks} ticks are too many ticks: "
                f"choose a smaller group, or a tick above {self.tick}"
            )
        step, unit = _fraction(self.tick).as_integer_ratio()
        furthest = abs(self.low_tick) + self.cells * self.cell_ticks
        if furthest * step > _FURTHEST_UNIT or int(float(unit)) != unit:
            raise UsageError(
                f"prices around {self.low} have too many digits for a heatmap on ticks of {self.tick}"
            )

    @classmethod
    def around(cls, price: float, *, group: float, cells: int, tick: float) -> Self:
        """Make a grid that has *price* in its middle; grids of one group share their borders."""
        whole = _fraction(price) // _fraction(group)
        return cls(float((whole - cells // 2) * _fraction(group)), group, cells, tick)

    @property
    def tick_ratio(self) -> tuple[int, int]:
        """Give the tick as a fraction of integers."""
        return _fraction(self.tick).as_integer_ratio()

    @property
    def cell_ticks(self) -> int:
        """Count the ticks of a cell."""
        return int(_fraction(self.group) / _fraction(self.tick))

    @property
    def low_tick(self) -> int:
        """Count the ticks from price 0 to the lowest border."""
        return int(_fraction(self.low) / _fraction(self.tick))

    @property
    def borders(self) -> NDArray[np.float64]:
        """Give the (cells + 1,) prices between which the cells lie, upward.

        A price lies in the cell whose lower border it reaches and whose upper it does not, compared
        as float64.
        """
        step, unit = _fraction(self.tick).as_integer_ratio()
        ticks = self.low_tick + self.cell_ticks * np.arange(self.cells + 1)
        # Both operands are exact, so that the quotient is the float64 of the decimal.
        borders: NDArray[np.float64] = (ticks * step).astype(np.float64) / float(unit)
        return borders


def _fraction(value: float) -> Fraction:
    """Give the shortest decimal of a float64, which is what somebody meant by it."""
    return Fraction(repr(float(value)))
