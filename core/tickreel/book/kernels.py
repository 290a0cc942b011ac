"""The compiled heart of the book: rows applied to levels, most of them by one store.

A level's *key* is its price for a bid and its price negated for an ask, so that the best level
of either side has the highest key and one code path serves both. Each side lies in two places:

- A dense *window* of ticks near the touch, one amount a tick (0: no level). A price belongs there
  when it is on the grid, ``rint(key * scale) / scale == key``, which is asked of every row and
  gives the same float64 back, and its tick is inside the window. A cursor holds the best one.
- A sparse *block* for every other price: slots in ascending key order. A level removed inside the
  block leaves a gap (amount 0, key kept), which the same price or a neighbour takes again without
  moving anything; the last slot in use is never a gap. A search starts where the price would lie
  if levels were as dense everywhere as they are near the end, and doubles its reach from there:
  a wrong guess costs steps, never the answer.

Where a price belongs follows from the grid and the window alone, so a level is never in both.
What is done outside the window, and what the window costs beside a store, is summed up as
*strain*; at a limit the caller is asked to place the window anew.

One kernel fills this module: its parts would have to be handed the arrays of the book, and a call
with arrays costs a row several times over. What reads a book lies in ``levelkernels``.

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
STRAIN = 7  # since the window was placed; in rows of the block, about 20 ns
STRAIN_LIMIT = 8
WANTS_ROOM = 9  # the block is full where the next row needs a slot
STATE_SIZE = 10

# Columns of the table of sides, which has a row per side (0 bid, 1 ask).
LOW = 0  # first slot of the block in use
HIGH = 1  # one past the block's best level; equal to LOW when it is empty
BEST = 2  # highest tick of the window that has a level, counted from its base; -1 without one
FLOOR = 3  # no tick of the window below this one has a level; as many as there are without one
SIDE_SIZE = 4

# Slots of the grid.
SCALE = 0  # ticks per unit of price
BASE = 1  # first tick of the window of bids, followed by that of asks; infinite without a window
GRID_SIZE = 3

_NEAR_TOUCH = 64
"""Levels over which the density near the touch is measured."""
_GAP_REACH = 32
"""Slots searched for a gap before everything up to the end is moved, which is quicker per slot."""
_TICKS_SCANNED = 5
"""Looking at 2 to this many ticks of the window costs as much as one row of the block."""
_TICKS_CLEARED = 7
"""As above, for setting ticks to zero."""

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
        types.int64,
        _column(types.int64),
        _column(types.boolean),
        _column(types.int8),
        _column(types.float64),
        _column(types.float64),
        types.float64[:, ::1],
        types.float64[::1],
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
    stop: int,
    local_us: NDArray[np.int64],
    is_snapshot: NDArray[np.bool_],
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    window: NDArray[np.float64],
    grid: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
    state: NDArray[np.int64],
    first_message: int,
    touch_us: NDArray[np.int64],
    touch_bid: NDArray[np.float64],
    touch_ask: NDArray[np.float64],
) -> int:
    """Apply rows [*start*, *stop*); give *stop*, or the row for which the caller must do something.

    *window* is (2, ticks), *grid* (GRID_SIZE,), *keys* and *amounts* are (2, capacity), *sides*
    (2, SIDE_SIZE), *state* (STATE_SIZE,). When the touch arrays have a length, they get an entry
    per message that ends, counted from *first_message* (the value of MESSAGES before the first
    row they are for); NaN stands for an empty side.

    A call that gives a row below *stop* is repeated from it, after more room was made in the block
    when WANTS_ROOM is set, else after the window was placed anew: STRAIN has reached STRAIN_LIMIT.
    No window is asked for inside a snapshot, where half of the book is not there yet.
    """
    n = local_us.size
    capacity = keys.shape[1]
    ticks = np.float64(window.shape[1])
    scale = grid[SCALE]
    writes_touch = touch_us.size > 0
    is_primed = state[IS_PRIMED] != 0
    previous_is_snapshot = state[PREVIOUS_IS_SNAPSHOT] != 0
    previous_us = state[PREVIOUS_US]
    messages = state[MESSAGES]
    resets = state[RESETS]
    skipped = state[SKIPPED_ROWS]
    strain = state[STRAIN]
    strain_limit = state[STRAIN_LIMIT]
    wants_room = False

    row = start
    while row < stop:
        ends = False
        # The short loop takes rows as long as they lie in the window; by itself it stays in registers.
        while is_primed and row < stop:
            us = local_us[_at(row)]
            snapshot = is_snapshot[_at(row)]
            if snapshot and not (previous_is_snapshot and previous_us == us):
                break
            s = _at(side[_at(row)])
            # Adding to zero makes -0.0 the one zero; a product, because a choice is guessed wrong
            # by the processor every other row.
            key = 0.0 + price[_at(row)] * (1.0 - 2.0 * side[_at(row)])
            whole = np.rint(key * scale)
            distance = whole - grid[s + _at(BASE)]
            if not (distance >= 0.0 and distance < ticks and whole / scale == key):
                break
            tick = int(distance)
            value = amount[_at(row)]
            window[s, _at(tick)] = value
            # Chosen rather than branched on, but for the one case that needs a search: which rows
            # move the best level is anybody's guess.
            is_level = value > 0.0
            best_tick = sides[s, BEST]
            floor = sides[s, FLOOR]
            sides[s, BEST] = tick if is_level & (tick > best_tick) else best_tick
            sides[s, FLOOR] = tick if is_level & (tick < floor) else floor
            if (tick == best_tick) & (value == 0.0):
                best_tick -= 1
                while best_tick >= floor and window[s, _at(best_tick)] == 0.0:
                    best_tick -= 1
                strain += (tick - best_tick) >> _TICKS_SCANNED
                if best_tick < floor:
                    best_tick = -1
                    sides[s, FLOOR] = window.shape[1]
                sides[s, BEST] = best_tick
            previous_is_snapshot = snapshot
            previous_us = us
            row += 1
            # Added rather than branched on: messages are of every length.
            ends = (local_us[_at(min(row, n - 1))] != us) | (row == n)
            messages += ends
            if writes_touch and ends:
                break
        if not (writes_touch and ends):
            if row == stop:
                break
            us = local_us[_at(row)]
            snapshot = is_snapshot[_at(row)]
            goes_on = snapshot and previous_is_snapshot and previous_us == us
            if strain >= strain_limit and not goes_on:
                break
            if snapshot and not goes_on:
                for cleared in range(2):
                    sides[cleared, LOW] = capacity // 2
                    sides[cleared, HIGH] = capacity // 2
                    last = sides[cleared, BEST]
                    if last >= 0:
                        first = sides[cleared, FLOOR]
                        window[cleared, first : last + 1] = 0.0
                        strain += (last - first) >> _TICKS_CLEARED
                    sides[cleared, BEST] = -1
                    sides[cleared, FLOOR] = window.shape[1]
                is_primed = True
                resets += 1
                # As if the row before were of this snapshot: the row itself comes next, and may be repeated.
                previous_is_snapshot = True
                previous_us = us
                continue

            if is_primed:
                s = _at(side[_at(row)])
                key = 0.0 + price[_at(row)] * (1.0 - 2.0 * side[_at(row)])
                value = amount[_at(row)]
                low = sides[s, LOW]
                high = sides[s, HIGH]
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
                        below = (best - key) / span * _NEAR_TOUCH
                        if below < high - low:
                            guess -= int(below)
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
                        sides[s, HIGH] = high
                elif value > 0.0:
                    # Move the levels between the new one and a gap nearby, or the nearer end.
                    if slot - low < high - slot:
                        gap = slot - 1
                        reach = max(low, slot - _GAP_REACH)
                        while gap >= reach and amounts[s, _at(gap)] > 0.0:
                            gap -= 1
                        if gap < reach:
                            if low == 0:
                                wants_room = True
                                break
                            gap = low - 1
                            sides[s, LOW] = gap
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
                                wants_room = True
                                break
                            gap = high
                            sides[s, HIGH] = high + 1
                        for moved in range(gap, slot, -1):
                            keys[s, _at(moved)] = keys[s, _at(moved - 1)]
                        for moved in range(gap, slot, -1):
                            amounts[s, _at(moved)] = amounts[s, _at(moved - 1)]
                    keys[s, _at(slot)] = key
                    amounts[s, _at(slot)] = value
                strain += 1
            else:
                skipped += 1
            previous_is_snapshot = snapshot
            previous_us = us
            row += 1
            ends = row == n or local_us[_at(row)] != us
            messages += ends

        if writes_touch and ends:
            entry = messages - 1 - first_message
            touch_us[entry] = us
            for touched in range(2):
                best = np.nan
                if sides[touched, BEST] >= 0:
                    best = (grid[BASE + touched] + sides[touched, BEST]) / scale
                high = sides[touched, HIGH]
                if high > sides[touched, LOW] and not best >= keys[touched, _at(high - 1)]:
                    best = keys[touched, _at(high - 1)]
                if touched == 0:
                    touch_bid[entry] = 0.0 + best
                else:
                    touch_ask[entry] = 0.0 - best

    state[IS_PRIMED] = is_primed
    state[PREVIOUS_IS_SNAPSHOT] = previous_is_snapshot
    state[PREVIOUS_US] = previous_us
    state[MESSAGES] = messages
    state[ROWS] += row - start
    state[RESETS] = resets
    state[SKIPPED_ROWS] = skipped
    state[STRAIN] = strain
    state[WANTS_ROOM] = wants_room
    return row
