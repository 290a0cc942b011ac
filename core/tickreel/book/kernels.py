"""The compiled heart of the book: rows applied to sorted levels.

A side is one block of slots in ascending *key* order, the best level last; a bid's key is its
price and an ask's is its price negated, so that one code path serves both. Prices are compared
as float64 and nothing else: no tick, no grid, no window. A level removed inside the block leaves
a gap (amount 0, key kept), which the same price or a neighbour takes again without moving
anything; the last slot in use is never a gap, so the touch is read in one step. A search
starts where the price would lie if levels were as dense everywhere as they are near the touch,
and doubles its reach from there: a wrong guess costs steps, never the answer.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone, and would keep kernels compiled for the constants of an older version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, types

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Slots of the state of one book.
IS_PRIMED = 0  # a snapshot has been met since the start or the last break
PREVIOUS_IS_SNAPSHOT = 1  # of the last row applied
PREVIOUS_US = 2
MESSAGES = 3
ROWS = 4
RESETS = 5
SKIPPED_ROWS = 6
STATE_SIZE = 7

# Columns of the table of blocks, which has a row per side (0 bid, 1 ask).
LOW = 0  # first slot in use
HIGH = 1  # one past the best level; equal to LOW when the side is empty
BLOCK_SIZE = 2

_NEAR_TOUCH = 64
"""Levels over which the density near the touch is measured."""
_GAP_REACH = 32
"""Slots searched for a gap before everything up to the end is moved, which is quicker per slot."""

# An unsigned index spares Numba's check for counting from the end: a third of the time of a row.
_at = np.uint64


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


# Spelled out, so that there is one compiled form, and an array of another type is refused at the
# call instead of costing seconds of compilation in the middle of a replay.
@njit(
    types.int64(
        types.int64,
        _column(types.int64),
        _column(types.boolean),
        _column(types.int8),
        _column(types.float64),
        _column(types.float64),
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.int64[:, ::1],
        types.int64[::1],
        types.int64,
        types.int64[::1],
        types.float64[::1],
        types.float64[::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",  # no check of divisors: a start that is not a number is not used
)
def apply_rows(
    start: int,
    local_us: NDArray[np.int64],
    is_snapshot: NDArray[np.bool_],
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    blocks: NDArray[np.int64],
    state: NDArray[np.int64],
    first_message: int,
    touch_us: NDArray[np.int64],
    touch_bid: NDArray[np.float64],
    touch_ask: NDArray[np.float64],
) -> int:
    """Apply rows from *start* on; give the number of rows, or the row for which a block has no room.

    *keys* and *amounts* are (2, capacity), *blocks* (2, BLOCK_SIZE), *state* (STATE_SIZE,). When
    the touch arrays have a length, they get an entry per message, counted from *first_message*
    (the value of MESSAGES before the batch); NaN stands for an empty side. After more room was
    made, the call is repeated with the row it gave; a reset always leaves room, so a row that
    resets is never repeated.
    """
    n = local_us.size
    capacity = keys.shape[1]
    writes_touch = touch_us.size > 0
    is_primed = state[IS_PRIMED] != 0
    previous_is_snapshot = state[PREVIOUS_IS_SNAPSHOT] != 0
    previous_us = state[PREVIOUS_US]
    messages = state[MESSAGES]
    resets = state[RESETS]
    skipped = state[SKIPPED_ROWS]

    row = start
    while row < n:
        us = local_us[row]
        snapshot = is_snapshot[row]
        if snapshot and not (previous_is_snapshot and previous_us == us):
            for cleared in range(2):
                blocks[cleared, LOW] = capacity // 2
                blocks[cleared, HIGH] = capacity // 2
            is_primed = True
            resets += 1

        if is_primed:
            s = _at(side[row])
            low = blocks[s, LOW]
            high = blocks[s, HIGH]
            # Adding to zero also makes -0.0 the one zero.
            key = 0.0 + price[row] if s == 0 else 0.0 - price[row]
            value = amount[row]

            # Find the first slot whose key is not below ours.
            best = keys[s, _at(high - 1)] if low < high else -np.inf
            if best < key:
                slot = high
            elif best == key:
                slot = high - 1
            else:
                guess = high - 1
                if high - low > _NEAR_TOUCH:
                    span = best - keys[s, _at(high - 1 - _NEAR_TOUCH)]
                    distance = (best - key) / span * _NEAR_TOUCH
                    if distance < high - low:
                        guess -= int(distance)
                reach = 1
                if keys[s, _at(guess)] < key:
                    slot = guess + 1
                    last = guess + reach
                    while last < high and keys[s, _at(last)] < key:
                        slot = last + 1
                        reach <<= 1
                        last = guess + reach
                    last = min(last, high - 1)
                else:
                    last = guess
                    slot = guess - reach
                    while slot >= low and keys[s, _at(slot)] >= key:
                        last = slot
                        reach <<= 1
                        slot = guess - reach
                    slot = max(slot + 1, low)
                while slot < last:
                    middle = (slot + last) >> 1
                    if keys[s, _at(middle)] < key:
                        slot = middle + 1
                    else:
                        last = middle

            if slot < high and keys[s, _at(slot)] == key:
                amounts[s, _at(slot)] = value
                # The last slot in use is always a level, never a gap.
                if value == 0.0 and slot == high - 1:
                    while high > low and amounts[s, _at(high - 1)] == 0.0:
                        high -= 1
                    blocks[s, HIGH] = high
            elif value > 0.0:
                # Move the levels between the new one and a gap nearby, or the nearer end.
                if slot - low < high - slot:
                    gap = slot - 1
                    reach = max(low, slot - _GAP_REACH)
                    while gap >= reach and amounts[s, _at(gap)] > 0.0:
                        gap -= 1
                    if gap < reach:
                        if low == 0:
                            break
                        gap = low - 1
                        blocks[s, LOW] = gap
                    slot -= 1
                    # A loop per array: each becomes one block move.
                    for moved in range(gap, slot):
                        keys[s, _at(moved)] = keys[s, _at(moved + 1)]
                    for moved in range(gap, slot):
                        amounts[s, _at(moved)] = amounts[s, _at(moved + 1)]
                else:
                    gap = slot
                    reach = min(high, slot + _GAP_REACH)
                    while gap < reach and amounts[s, _at(gap)] > 0.0:
                        gap += 1
                    if gap == reach:
                        if high == capacity:
                            break
                        gap = high
                        blocks[s, HIGH] = high + 1
                    for moved in range(gap, slot, -1):
                        keys[s, _at(moved)] = keys[s, _at(moved - 1)]
                    for moved in range(gap, slot, -1):
                        amounts[s, _at(moved)] = amounts[s, _at(moved - 1)]
                keys[s, _at(slot)] = key
                amounts[s, _at(slot)] = value
        else:
            skipped += 1

        previous_is_snapshot = snapshot
        previous_us = us
        row += 1
        if row == n or local_us[row] != us:
            if writes_touch:
                entry = messages - first_message
                touch_us[entry] = us
                touch_bid[entry] = np.nan
                touch_ask[entry] = np.nan
                if blocks[0, HIGH] > blocks[0, LOW]:
                    touch_bid[entry] = keys[0, _at(blocks[0, HIGH] - 1)]
                if blocks[1, HIGH] > blocks[1, LOW]:
                    touch_ask[entry] = 0.0 - keys[1, _at(blocks[1, HIGH] - 1)]
            messages += 1

    state[IS_PRIMED] = is_primed
    state[PREVIOUS_IS_SNAPSHOT] = previous_is_snapshot
    state[PREVIOUS_US] = previous_us
    state[MESSAGES] = messages
    state[ROWS] += row - start
    state[RESETS] = resets
    state[SKIPPED_ROWS] = skipped
    return row
