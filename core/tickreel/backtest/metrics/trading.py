"""What fills made of a position: gains realised, hit rate, turnover, fees, inventory.

Sides are +1 for a buy and -1 for a sale. A *multiplier* turns price x quantity into the currency of
settlement; for inverse contracts the value of a quantity q at price p is q x multiplier / p.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Realised:
    """Gains of fills that made a position smaller, before fees, in the currency of settlement."""

    gains: NDArray[np.float64]
    """float64 (closing fills,), in the order of the fills."""
    position: NDArray[np.float64]
    """float64 (fills,): the position after each fill, in units of quantity."""


def value_of(
    price: NDArray[np.float64], quantity: NDArray[np.float64], multiplier: float, *, is_inverse: bool
) -> NDArray[np.float64]:
    """Give what quantities are worth: p q m, or q m / p for an inverse contract; float64, as long as they."""
    if is_inverse:
        return np.asarray(quantity * multiplier / price, np.float64)
    return np.asarray(price * quantity * multiplier, np.float64)


def realised(
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    quantity: NDArray[np.float64],
    multiplier: float,
    *,
    is_inverse: bool,
) -> Realised:
    """Go through fills of one instrument by average cost, in their order.

    A fill against the position closes min(|position|, q) of it at a gain of
    sign(position) x (p - average) x closed x m, for an inverse contract
    sign(position) x (1 / average - 1 / p) x closed x m; the rest opens anew at p. Average cost of
    what is added weighs by quantity (for an inverse contract the reciprocals are averaged).
    """
    position, average = 0.0, 0.0  # average of price, or of its reciprocal
    gains: list[float] = []
    positions = np.empty(len(side), np.float64)
    for place in range(len(side)):
        signed = float(side[place]) * float(quantity[place])
        level = 1.0 / float(price[place]) if is_inverse else float(price[place])
        if position * signed < 0:
            closed = min(abs(position), abs(signed))
            moved = (average - level) if is_inverse else (level - average)
            gains.append((1.0 if position > 0 else -1.0) * moved * closed * multiplier)
            if abs(signed) > abs(position):
                average = level
        else:
            whole = abs(position) + abs(signed)
            average = (average * abs(position) + level * abs(signed)) / whole if whole else level
        position += signed
        if abs(position) < 1e-12 * max(1.0, abs(signed)):
            position = 0.0
        positions[place] = position
    return Realised(np.array(gains, np.float64), positions)


def hit_rate(gains: NDArray[np.float64]) -> float | None:
    """Give the share of closing fills that gained, of those that gained or lost; None without any."""
    counted = int(np.count_nonzero(gains))
    return None if not counted else int(np.count_nonzero(gains > 0)) / counted


def time_weighted(at_us: NDArray[np.int64], values: NDArray[np.float64], start_us: int, end_us: int) -> float:
    """Give the mean over [start_us, end_us) of a value that changes at *at_us* and is 0 before."""
    if end_us <= start_us or not len(values):
        return 0.0
    until_us = np.append(at_us[1:], end_us)
    return float(np.dot(values, (until_us - at_us).astype(np.float64)) / (end_us - start_us))


def inventory(
    at_us: NDArray[np.int64], position: NDArray[np.float64], start_us: int, end_us: int
) -> dict[str, float]:
    """Sum up the position of one instrument over [start_us, end_us), in units of quantity.

    *at_us* int64 (n,) ascending, *position* float64 (n,) after each fill. Means weigh by time.
    """
    return {
        "mean": time_weighted(at_us, position, start_us, end_us),
        "mean_absolute": time_weighted(at_us, np.abs(position), start_us, end_us),
        "longest": float(max(0.0, position.max())) if len(position) else 0.0,
        "shortest": float(min(0.0, position.min())) if len(position) else 0.0,
        "last": float(position[-1]) if len(position) else 0.0,
        "flat_share": 1.0 - time_weighted(at_us, (position != 0).astype(np.float64), start_us, end_us),
    }
