"""A band of columns as the points of one line: a stroke for each column, joined to the next.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.replay.columns import Band


class Strokes(NamedTuple):
    """Points, and of each whether it is joined to the one after it."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    connect: NDArray[np.int32]


def strokes(edges: NDArray[np.float64], band: Band, is_broken: NDArray[np.bool_]) -> Strokes | None:
    """Give the strokes of a band, not joined over a gap; None where nothing is known."""
    known = np.flatnonzero(~np.isnan(band.low))
    if not len(known):
        return None
    center = (edges[known] + edges[known + 1]) / 2
    low, high, last = band.low[known], band.high[known], band.last[known]
    # Each stroke ends nearer to where the next begins.
    ends_high = np.abs(last - high) <= np.abs(last - low)
    y = np.empty(2 * len(known))
    y[0::2] = np.where(ends_high, low, high)
    y[1::2] = np.where(ends_high, high, low)
    connect = np.ones(2 * len(known), np.int32)
    connect[1:-1:2] = (np.diff(known) == 1) & ~(is_broken[known[:-1]] | is_broken[known[1:]])
    return Strokes(np.repeat(center, 2), y, connect)
