"""How orders were filled: share of quantity, what the market did afterwards, queue, and what latency cost.

Sides are +1 for a buy and -1 for a sale. Prices are compared with the mid of the feed at an instant: the
mean of best bid and best ask after the last message up to it, NaN while a side is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.outcome import HORIZONS_US

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BPS = 1e4


def adverse_bps(
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    quantity: NDArray[np.float64],
    later_mid: NDArray[np.float64],
) -> float | None:
    """Give by how much the market went against fills, in basis points, weighted by quantity.

    -side x (mid(t + h) - p) / |p| x 10,000: above 0 the fill was worth less than was paid for it.
    Fills after which no mid is known are left out; None where that is all.
    """
    counts = np.isfinite(later_mid) & (price != 0) & (quantity > 0)
    if not counts.any():
        return None
    moved = -side[counts] * (later_mid[counts] - price[counts]) / np.abs(price[counts]) * _BPS
    return float(np.average(moved, weights=quantity[counts]))


def adverse_selection(
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    quantity: NDArray[np.float64],
    mids_after: NDArray[np.float64],
) -> list[dict[str, float | int | None]]:
    """Look at each of the horizons after fills of one instrument; *mids_after* float64 (fills, horizons).

    A fill counts at a horizon only where a mid is known, which is none behind the end of the run.
    """
    return [
        {
            "horizon_us": horizon_us,
            "fills": int(np.count_nonzero(np.isfinite(later))),
            "adverse_bps": adverse_bps(side, price, quantity, later),
        }
        for horizon_us, later in zip(HORIZONS_US, mids_after.T, strict=True)
    ]


def latency_cost(
    side: NDArray[np.int8],
    quantity: NDArray[np.float64],
    mid_sent: NDArray[np.float64],
    mid_arrived: NDArray[np.float64],
) -> float:
    """Give what the way to the exchange cost orders that took: sum of side x (mid there - mid when sent) x q.

    In price x quantity; above 0 the market moved away before they arrived. What has no mid counts 0.
    """
    moved = side * (mid_arrived - mid_sent) * quantity
    return float(np.nansum(moved)) if len(moved) else 0.0


def ratio(part: float, whole: float) -> float | None:
    """Give part / whole; None where there is no whole."""
    return None if whole <= 0 else part / whole
