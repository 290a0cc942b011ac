"""Where the dense part of a book lies: which prices are ticks, and which ticks are near the touch.

Nothing here decides what a book holds, only how quickly: a price that a placement does not
foresee goes into the sparse part, and costs there what it costs without a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SMALLEST_TICKS = 1 << 12
"""64 KB a book: a grouped file may hold a thousand symbols."""
LARGEST_TICKS = 1 << 16
FIRST_LIMIT = 1024
"""Strain at which a window is placed for the first time; a book of few rows never has one."""
LARGEST_LIMIT = 1 << 22
_PAID_LIMIT = 1 << 14
"""The longest wait while windows pay: placing one costs as much as some thousand rows of the block."""
_WELL_PLACED, _BADLY_PLACED = 64, 16
"""Rows per strain: from the one on, what is left costs less than a wider window; below the other it
takes more than the next size."""

_MOST_DECIMALS = 12
_FEWEST_LEVELS = 64
"""Of a side, from which on a window is worth placing before any row has come."""
_MOST_LEVELS = 2048
"""Levels of each side, from the best, of which the grid is learnt."""
_GRID_SHARE = 0.9
"""A grid that leaves more than a tenth of the levels aside is not worth a window."""
_FURTHEST_TICK = 2.0**50
"""Beyond this, counting ticks in float64 comes near its end."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A window of *ticks* prices a side; 0 ticks is no window."""

    ticks: int
    scale: float
    """Ticks per unit of price."""
    bases: tuple[float, float]
    """First tick of either side, in its keys; infinite where that side has no window."""


NO_WINDOW = Placement(0, 1.0, (np.inf, np.inf))


def next_limit(limit: int, *, has_paid: bool) -> int:
    """Give the strain until the next look: longer and longer, and much longer while windows do not pay."""
    return min(2 * limit, _PAID_LIMIT if has_paid else LARGEST_LIMIT)


def first_ticks(levels: int) -> int:
    """Give the size of the first window of a book that has so many levels on a side already.

    About twice as many ticks as levels, of which some lie apart; none is worth one for a few levels.
    """
    if levels < _FEWEST_LEVELS:
        return 0
    return min(max(SMALLEST_TICKS, 1 << (2 * levels).bit_length()), LARGEST_TICKS)


def next_ticks(ticks: int, rows: int, strain: int) -> int:
    """Give the size of the next window, after one of *ticks* bore *strain* in so many rows.

    Widening is for levels far away; for a market that walks, placing anew is enough.
    """
    if not ticks:
        return SMALLEST_TICKS
    if rows >= _WELL_PLACED * strain:
        return ticks
    return min((16 if rows < _BADLY_PLACED * strain else 4) * ticks, LARGEST_TICKS)


def may_stay(ticks: int, rows: int, strain: int, bests: Sequence[int]) -> bool:
    """Tell whether a window would be placed where it is: the best ticks are about where they begin."""
    return rows >= _BADLY_PLACED * strain and all(
        abs(best - (ticks - ticks // 4)) <= ticks // 8 for best in bests
    )


def place(keys: Sequence[NDArray[np.float64]], ticks: int) -> Placement:
    """Place a window of *ticks* around the best of *keys*: a sorted array per side, best last."""
    if not ticks:
        return NO_WINDOW
    near = np.concatenate([side[-_MOST_LEVELS:] for side in keys])
    scale = _scale_of(near)
    if scale is None:
        return NO_WINDOW
    bases = [_base(side, scale, ticks) for side in keys]
    return Placement(ticks, scale, (bases[0], bases[1]))


def on_grid(keys: NDArray[np.float64], scale: float) -> NDArray[np.bool_]:
    """Tell which keys are ticks, as the kernel does."""
    with np.errstate(over="ignore"):
        found: NDArray[np.bool_] = np.rint(keys * scale) / scale == keys
    return found


def _scale_of(keys: NDArray[np.float64]) -> float | None:
    """Find the coarsest grid of decimal prices: 10 for 0.1, 2 for 0.5, 20 for 0.05."""
    keys = keys[np.abs(keys) < _FURTHEST_TICK]
    for decimals in range(_MOST_DECIMALS + 1):
        power = 10**decimals
        is_tick = on_grid(keys, float(power))
        if keys.size and np.count_nonzero(is_tick) >= _GRID_SHARE * keys.size:
            whole = np.abs(np.rint(keys[is_tick] * power))
            if whole.max() >= _FURTHEST_TICK:
                return None
            step = int(np.gcd.reduce(whole.astype(np.int64)))
            return float(power // np.gcd(power, step))
    return None


def _base(keys: NDArray[np.float64], scale: float, ticks: int) -> float:
    """Put a quarter of the window ahead of the best tick, for the market to walk into."""
    near = keys[-_MOST_LEVELS:]
    near = near[on_grid(near, scale)]
    if not near.size:
        return float(np.inf)
    best = float(np.rint(near[-1] * scale))
    return best - (ticks - ticks // 4) if abs(best) < _FURTHEST_TICK else float(np.inf)
