"""The compiled memory of ids: runs of rising numbers, and a table of hashes for all others.

Constants are spelled here: Numba's cache on disk looks at this file alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Slots of the state of one instrument.
RUNS = 0  # of consecutive numbers, in use
HASHES = 1  # in the table
REPEATS = 2  # written in this call and those it goes on from
STATE_SIZE = 3

_LONGEST_NUMBER = 18
_FULL, _OF = 3, 4  # of so many slots of the table, so many are used at most

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_BY_27, _BY_30, _BY_31, _BY_32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
_BYTE = np.uint64(8)
_ONE = np.uint64(1)


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(
    types.int64(
        _column(types.int32),
        _column(types.uint8),
        types.int64,
        types.int64[::1],
        types.int64[::1],
        types.int64[::1],
        types.uint64[::1],
        types.uint64[::1],
        types.int64[::1],
        types.boolean[::1],
    ),
    cache=True,
    nogil=True,
)
def take_ids(
    offsets: NDArray[np.int32],
    data: NDArray[np.uint8],
    start: int,
    state: NDArray[np.int64],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    older: NDArray[np.uint64],
    table: NDArray[np.uint64],
    repeats: NDArray[np.int64],
    is_hashed: NDArray[np.bool_],
) -> int:
    """Take ids from row *start* on; give the number of rows, or the row for which there is no room.

    *firsts* and *lasts* hold the runs, which rise; *table*, a power of two long, the hashes, 0
    where there is none. Hashes of *older* are put into it first. Rows whose id was seen go into
    *repeats*, with whether a hash tells so; both have room for every row. Empty ids are passed
    over; a number has no sign, no leading zero and at most 18 digits.

    A call that gives a row is repeated from it with longer runs when all of them are used, else
    with a longer table and the one before as *older*.
    """
    runs = state[RUNS]
    hashes = state[HASHES]
    found = state[REPEATS]
    mask = np.uint64(table.size - 1)
    for value in older:
        if value != 0:
            slot = value & mask
            while table[slot] != 0:
                slot = (slot + _ONE) & mask
            table[slot] = value
    row = start
    while row < offsets.size - 1:
        low = offsets[row]
        high = offsets[row + 1]
        if low == high:
            row += 1
            continue
        number = np.int64(-1)
        if high - low <= _LONGEST_NUMBER and not (data[low] == 48 and high - low > 1):
            number = np.int64(0)
            for at in range(low, high):
                digit = np.int64(data[at]) - 48
                if digit < 0 or digit > 9:
                    number = np.int64(-1)
                    break
                number = number * 10 + digit
        if number >= 0:
            if runs == 0 or number > lasts[runs - 1]:
                if runs > 0 and number == lasts[runs - 1] + 1:
                    lasts[runs - 1] = number
                elif runs == firsts.size:
                    break
                else:
                    firsts[runs] = number
                    lasts[runs] = number
                    runs += 1
                row += 1
                continue
            run = np.searchsorted(firsts[:runs], number, side="right") - 1
            if run >= 0 and number <= lasts[run]:
                repeats[found] = row
                is_hashed[found] = False
                found += 1
                row += 1
                continue
        if (hashes + 1) * _OF > table.size * _FULL:
            break
        mixed = _GOLDEN * np.uint64(high - low)
        for at in range(low, high, 8):
            word = np.uint64(0)
            for byte in range(at, min(at + 8, high)):
                word = (word << _BYTE) | np.uint64(data[byte])
            # Each step can be undone, so ids that differ in eight bytes only never meet.
            mixed = (mixed ^ word) * _MIX_1
            mixed ^= mixed >> _BY_32
        mixed = (mixed ^ (mixed >> _BY_30)) * _MIX_1
        mixed = (mixed ^ (mixed >> _BY_27)) * _MIX_2
        mixed ^= mixed >> _BY_31
        if mixed == 0:
            mixed = _ONE
        slot = mixed & mask
        while table[slot] != 0 and table[slot] != mixed:
            slot = (slot + _ONE) & mask
        if table[slot] == mixed:
            repeats[found] = row
            is_hashed[found] = True
            found += 1
        else:
            table[slot] = mixed
            hashes += 1
        row += 1
    state[RUNS] = runs
    state[HASHES] = hashes
    state[REPEATS] = found
    return row
