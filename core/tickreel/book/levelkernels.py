"""The compiled readers of a book: its levels in order, and how they differ from a snapshot's.

How a book lies in its arrays is told in ``kernels``. The places are spelled here again: Numba's
cache on disk looks at this file alone, and a test holds the two spellings together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Columns of the table of sides.
LOW = 0
HIGH = 1
BEST = 2
FLOOR = 3
# A side's cells begin with one that is no tick.

# Slots of the grid.
SCALE = 0
BASE = 1


_PAIR = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(
    _PAIR(
        types.float64[::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.int64[:, ::1],
        types.float64[:, :, ::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def list_levels(
    window: NDArray[np.float64],
    grid: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
    found: NDArray[np.float64],
) -> tuple[int, int]:
    """Write price and amount of the levels of both sides to *found*, best first; give their numbers.

    *found* is (2, n, 2), with a row for each slot in use and each cell from the floor to the best
    of either side; with n = 0 the levels are only counted.
    """
    writes = found.shape[1] > 0
    counts = np.zeros(2, np.int64)
    for side in range(2):
        low, high = sides[side, LOW], sides[side, HIGH]
        floor, best = sides[side, FLOOR], sides[side, BEST]
        first = side * (window.size >> 1) + 1
        sparse = 0
        for slot in range(low, high):
            sparse += amounts[side, slot] > 0.0
        dense = 0
        if not writes:
            for cell in range(floor, best + 1):
                dense += window[cell] > 0.0
            counts[side] = sparse + dense
            continue
        for cell in range(best, floor - 1, -1):
            # Written whether it is a level or not: the processor cannot guess which ticks are.
            found[side, dense, 0] = cell - first
            found[side, dense, 1] = window[cell]
            dense += window[cell] > 0.0
        sign = 1.0 - 2.0 * side
        for level in range(dense):
            # Adding to zero leaves no negative zero.
            found[side, level, 0] = 0.0 + sign * ((grid[BASE + side] + found[side, level, 0]) / grid[SCALE])
        # Merged from the worst on, so that nothing is overwritten before it was moved.
        counts[side] = sparse + dense
        place = sparse + dense - 1
        level = dense - 1
        for slot in range(low, high):
            if amounts[side, slot] > 0.0:
                while level >= 0 and sign * found[side, level, 0] < keys[side, slot]:
                    found[side, place, 0] = found[side, level, 0]
                    found[side, place, 1] = found[side, level, 1]
                    level -= 1
                    place -= 1
                found[side, place, 0] = 0.0 + sign * keys[side, slot]
                found[side, place, 1] = amounts[side, slot]
                place -= 1
    return counts[0], counts[1]


@njit(
    types.float64(
        types.int64,
        types.float64,
        types.float64[::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def amount_at(
    side: int,
    price: float,
    window: NDArray[np.float64],
    grid: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
) -> float:
    """Give the amount of the level of one side at a price; 0 where there is none."""
    key = 0.0 + (-price if side else price)
    whole = np.rint(key * grid[SCALE])
    distance = whole - grid[BASE + side]
    if distance >= 0.0 and distance < (window.size >> 1) - 1 and whole / grid[SCALE] == key:
        return float(window[side * (window.size >> 1) + 1 + int(distance)])
    low, high = sides[side, LOW], sides[side, HIGH]
    slot = low + np.searchsorted(keys[side, low:high], key)
    if slot < high and keys[side, slot] == key:
        return float(amounts[side, slot])
    return 0.0


@njit(
    types.void(
        types.int64,
        types.Array(types.float64, 2, "C", readonly=True),
        types.float64[::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def put_levels(
    side: int,
    levels: NDArray[np.float64],
    window: NDArray[np.float64],
    grid: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
) -> None:
    """Put the levels of a side, (n, 2) best first, where they belong in a book without any.

    The block must have more slots than there are levels.
    """
    n = levels.shape[0]
    first = side * (window.size >> 1) + 1
    ticks = (window.size >> 1) - 1
    base, scale = grid[BASE + side], grid[SCALE]
    sign = 1.0 - 2.0 * side
    sparse = 0
    for level in range(n):
        # Adding to zero makes -0.0 the one zero.
        key = 0.0 + sign * levels[level, 0]
        whole = np.rint(key * scale)
        distance = whole - base
        sparse += not (distance >= 0.0 and distance < ticks and whole / scale == key)
    low = (keys.shape[1] - sparse) // 2
    slot = low
    for level in range(n - 1, -1, -1):
        key = 0.0 + sign * levels[level, 0]
        whole = np.rint(key * scale)
        distance = whole - base
        if distance >= 0.0 and distance < ticks and whole / scale == key:
            cell = first + int(distance)
            window[cell] = levels[level, 1]
            sides[side, FLOOR] = min(sides[side, FLOOR], cell)
            sides[side, BEST] = cell
        else:
            keys[side, slot] = key
            amounts[side, slot] = levels[level, 1]
            slot += 1
    sides[side, LOW] = low
    sides[side, HIGH] = slot


@njit(
    types.int64(
        types.int64,
        _column(types.float64),
        _column(types.float64),
        types.float64[::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.int64[:, ::1],
    ),
    cache=True,
    nogil=True,
)
def count_mismatches(
    side: int,
    snapshot_keys: NDArray[np.float64],
    snapshot_amounts: NDArray[np.float64],
    window: NDArray[np.float64],
    grid: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
) -> int:
    """Count the keys of one side, from a snapshot's lowest level to its highest, whose amount differs.

    The snapshot's keys rise strictly; an amount of 0 is no level. The book is as in
    ``kernels``.
    """
    first = 0
    end = snapshot_keys.size
    while first < end and snapshot_amounts[first] == 0.0:
        first += 1
    while first < end and snapshot_amounts[end - 1] == 0.0:
        end -= 1
    if first == end:
        return 0
    lowest = snapshot_keys[first]
    highest = snapshot_keys[end - 1]
    scale = grid[SCALE]
    base = grid[BASE + side]
    first_cell = side * (window.size >> 1) + 1

    # Every level of the book in the range is a difference, until the snapshot is seen to have it too.
    differing = 0
    cell = sides[side, FLOOR]
    while cell <= sides[side, BEST]:
        if window[cell] > 0.0 and lowest <= (base + (cell - first_cell)) / scale <= highest:
            differing += 1
        cell += 1
    slot = sides[side, LOW]
    slot += np.searchsorted(keys[side, slot : sides[side, HIGH]], lowest)
    while slot < sides[side, HIGH] and keys[side, slot] <= highest:
        if amounts[side, slot] > 0.0:
            differing += 1
        slot += 1

    slot = sides[side, LOW]
    for level in range(first, end):
        key = snapshot_keys[level]
        held = 0.0
        whole = np.rint(key * scale)
        distance = whole - base
        if distance >= 0.0 and distance < (window.size >> 1) - 1 and whole / scale == key:
            held = window[first_cell + int(distance)]
        else:
            slot += np.searchsorted(keys[side, slot : sides[side, HIGH]], key)
            if slot < sides[side, HIGH] and keys[side, slot] == key:
                held = amounts[side, slot]
        if held > 0.0:
            if held == snapshot_amounts[level]:
                differing -= 1
        elif snapshot_amounts[level] > 0.0:
            differing += 1
    return differing
