"""A stretch of time cut into columns: what some quantities did inside each.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """One quantity per column; NaN where it was not known at all. All arrays have one length."""

    low: NDArray[np.float64]
    """Least value in force inside the column, the one it began with included."""
    high: NDArray[np.float64]
    last: NDArray[np.float64]
    """Value in force at the end of the column."""

    def part(self, first: int, stop: int) -> Band:
        """Give the columns from *first* to before *stop*."""
        return Band(self.low[first:stop], self.high[first:stop], self.last[first:stop])

    def joined(self, other: Band) -> Band:
        """Put the columns that follow behind these."""
        return Band(
            np.concatenate([self.low, other.low]),
            np.concatenate([self.high, other.high]),
            np.concatenate([self.last, other.last]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A stretch of time cut into columns of equal width."""

    edges_us: NDArray[np.int64]
    """Edges of the columns, one more than there are columns; a column is [edge, next edge)."""
    bands: tuple[Band, ...]
    """One for each quantity."""
    is_broken: NDArray[np.bool_]
    """Somewhere in the column, after the first point, the first quantity was not known."""
    points: NDArray[np.int64]
    """Changes inside each column that are kept."""

    def __len__(self) -> int:
        return len(self.is_broken)

    def part(self, first: int, stop: int) -> Columns:
        """Give the columns from *first* to before *stop*."""
        return Columns(
            self.edges_us[first : stop + 1],
            tuple(band.part(first, stop) for band in self.bands),
            self.is_broken[first:stop],
            self.points[first:stop],
        )

    def joined(self, other: Columns) -> Columns:
        """Put the columns that follow behind these."""
        return Columns(
            np.concatenate([self.edges_us[:-1], other.edges_us]),
            tuple(one.joined(more) for one, more in zip(self.bands, other.bands, strict=True)),
            np.concatenate([self.is_broken, other.is_broken]),
            np.concatenate([self.points, other.points]),
        )
