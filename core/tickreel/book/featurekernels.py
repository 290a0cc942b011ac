"""The compiled part of the features: what would take NumPy several passes over every level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEVELS = types.Array(types.float64, 3, "C", readonly=True)
_BPS = 10_000.0


@njit(
    types.void(_LEVELS, _LEVELS, types.uint64, types.float64[:, ::1]),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def fit_slopes(
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    levels: int,
    slopes: NDArray[np.float64],
) -> None:
    """Write to *slopes*, (m, 2), how fast each side's running amount rises with distance from the mid.

    *price* and *amount* are (m, 2, k) with k at least *levels*, best first; a NaN price ends a side.
    """
    for entry in range(np.uint64(price.shape[0])):
        best_bid = price[entry, 0, 0]
        best_ask = price[entry, 1, 0]
        mid = (best_bid + best_ask) / 2
        # False with a NaN, too.
        is_defined = best_bid <= best_ask and mid > 0.0
        for side in range(np.uint64(2)):
            slope = np.nan
            if is_defined:
                sign = 2.0 * side - 1.0
                running = 0.0
                products = 0.0
                squares = 0.0
                for level in range(levels):
                    if np.isnan(price[entry, side, level]):
                        break
                    distance = sign * (price[entry, side, level] - mid)
                    running += amount[entry, side, level]
                    products += distance * running
                    squares += distance * distance
                if squares > 0.0:
                    # Distances were in the price's unit: one such unit is _BPS / mid basis points.
                    slope = products / squares * (mid / _BPS)
            slopes[entry, side] = slope
