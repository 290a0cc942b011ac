"""The compiled heart of the book: rows applied to levels, most of them by one store.

A level's *key* is its price for a bid and its price negated for an ask, so that the best level
of either side has the highest key and one code path serves both. Each side lies in two places:

- A dense *window* of ticks near the touch, one amount a tick (0: no level). A price belongs there
  when it is on the grid, ``rint(key * scale) / scale == key``, which is asked of every row and
  gives the same float64 back, and its tick is inside the window. A cursor holds the best one. The
  windows of both sides lie in one array, each behind a cell that is no tick: a *cell* is a place
  in that array, and the first of a side stands for "no level" (its amount is NaN).
- A sparse *block* for every other price: slots in ascending key order. A level removed inside the
  block leaves a gap (amount 0, key kept), which the same price or a neighbour takes again without
  moving anything; the last slot in use is never a gap. A search starts where the price would lie
  if levels were as dense everywhere as they are near the end, and doubles its reach from there:
  a wrong guess costs steps, never the answer.

Where a price belongs follows from the grid and the window alone, so a level is never in both.
What is done outside the window, and what the window costs beside a store, is summed up as
*strain*; at a limit the caller is asked to place the window anew.

Rows are taken by pieces: a first loop, many rows at once, finds the cell of each, and marks those
that lie outside or begin a snapshot; a short second loop stores the amounts.

One kernel fills this module: its parts would have to be handed the arrays of the book, and a call
with arrays costs a row several times over. What reads a book lies in ``levelkernels``.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone, and would keep kernels compiled for the constants of an older version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import types

from tickreel.kernels import njit

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
TOPS = 10  # entries of the top levels written, the one they were compared with at first included
TOUCHED = 11  # bits of the sides whose top levels may be others than when they were last looked at
STATE_SIZE = 12

# Columns of the table of sides, which has a row per side (0 bid, 1 ask).
LOW = 0  # first slot of the block in use
HIGH = 1  # one past the block's best level; equal to LOW when it is empty
BEST = 2  # highest cell of the window that has a level; the first of the side without one
FLOOR = 3  # no cell of the window below this one has a level
TOP = 4  # no row whose cell is below this one is among the top levels
SIDE_SIZE = 5

# Slots of the grid.
SCALE = 0  # ticks per unit of price
BASE = 1  # first tick of the window of bids, followed by that of asks; infinite without a window
GRID_SIZE = 3

_PIECE = 1_024
"""Rows whose cells are found at a time."""
_OUTSIDE = -1
_OUTSIDE_RESET = -(2**31)
"""Cells of rows that lie outside the window; a row inside it that begins a snapshot has -2 less its cell."""
BOTH_SIDES = 0b11
NO_CELL = 2**31 - 1
"""The floor of a side whose window has no level."""
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


@njit(error_model="numpy")
def _find_cells(
    piece: int,
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    grid: NDArray[np.float64],
    cells_a_side: int,
    sides: NDArray[np.int64],
    cells: NDArray[np.int32],
) -> bool:
    """Find the cells of the rows from *piece* on; tell whether any is below the floor of its side.

    Nothing here depends on the row before, so that the processor does several rows at once.
    """
    scale, bid_base, ask_base = grid[SCALE], grid[BASE], grid[BASE + 1]
    bid_floor, ask_floor = np.int32(sides[0, FLOOR]), np.int32(sides[1, FLOOR])
    ticks = np.float64(cells_a_side - 1)
    is_any_below = False
    for i in range(cells.size):
        at = _at(piece + i)
        is_ask = side[at] != 0
        # Adding to zero makes -0.0 the one zero.
        key = 0.0 + (-price[at] if is_ask else price[at])
        whole = np.rint(key * scale)
        distance = whole - (ask_base if is_ask else bid_base)
        is_inside = (distance >= 0.0) & (distance < ticks) & (whole / scale == key)
        cell = np.int32(distance if is_inside else 0.0) + np.int32(cells_a_side * is_ask + 1)
        cells[i] = cell if is_inside else np.int32(_OUTSIDE)
        is_any_below |= is_inside & (cell < (ask_floor if is_ask else bid_floor))
    return is_any_below


@njit(error_model="numpy")
def _lowest(side: int, cells_a_side: int, cells: NDArray[np.int32]) -> int:
    """Find the lowest cell of a side that any of some rows is in, also of those that begin a snapshot."""
    first, end = np.int32(side * cells_a_side + 1), np.int32((side + 1) * cells_a_side)
    lowest = np.int32(NO_CELL)
    for i in range(cells.size):
        cell = max(cells[i], np.int32(-2) - cells[i])
        lowest = min(lowest, cell if (cell >= first) & (cell < end) else np.int32(NO_CELL))
    return int(lowest)


@njit(error_model="numpy")
def _has_snapshot(start: int, stop: int, is_snapshot: NDArray[np.bool_]) -> bool:
    """Tell whether any of the rows [*start*, *stop*) is a snapshot row.

    By itself, because a loop with nothing beside it is worked on many rows at once.
    """
    found = False
    for i in range(stop - start):
        found |= is_snapshot[_at(start + i)]
    return found


@njit(error_model="numpy")
def _mark_snapshots(
    piece: int,
    local_us: NDArray[np.int64],
    is_snapshot: NDArray[np.bool_],
    goes_on: bool,
    cells: NDArray[np.int32],
) -> None:
    """Mark the cells of rows that begin a snapshot; *goes_on* tells that the first one does not."""
    for i in range(cells.size):
        at = piece + i
        if i:
            goes_on = is_snapshot[at - 1] and local_us[at - 1] == local_us[at]
        if is_snapshot[at] and not goes_on:
            cells[i] = -2 - cells[i] if cells[i] >= 0 else _OUTSIDE_RESET


@njit(error_model="numpy")
def _find_ends(piece: int, local_us: NDArray[np.int64], lasts: NDArray[np.bool_]) -> None:
    """Tell of the rows from *piece* on which is the last of its message."""
    more = min(lasts.size, local_us.size - 1 - piece)
    for i in range(more):
        lasts[i] = local_us[_at(piece + i + 1)] != local_us[_at(piece + i)]
    lasts[more:] = True


@njit(error_model="numpy")
def _count_changes(start: int, stop: int, local_us: NDArray[np.int64]) -> int:
    """Count the rows [*start*, *stop*) whose time is not that of the row after them."""
    count = 0
    for row in range(start, stop):
        count += local_us[_at(row + 1)] != local_us[_at(row)]
    return count


@njit(error_model="numpy")
def _find_top(
    side: int,
    window: NDArray[np.float64],
    grid: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    at: int,
    levels: int,
) -> int:
    """Write the best levels of a side from *at* on, NaN and 0 where there are no more; give its TOP.

    Written into whole arrays at a place, because to slice one costs as much as some levels.
    """
    none = side * (window.size >> 1)
    sign = 1.0 - 2.0 * side
    # Ticks are counted from the window's base, which takes them to prices by one division.
    first = grid[BASE + side] - (none + 1)
    scale = grid[SCALE]
    cell, floor = sides[side, BEST], sides[side, FLOOR]
    slot, low = sides[side, HIGH] - 1, sides[side, LOW]
    found = 0
    while found < levels and cell >= floor:
        # Written whether it is a level or not: the processor cannot guess which ticks are.
        value = window[_at(cell)]
        price[_at(at + found)] = cell
        amount[_at(at + found)] = value
        found += value > 0.0
        cell -= 1
    top = cell + 1
    last = cell + 1 if found else 0
    if slot >= low and (found < levels or keys[side, slot] > (first + last) / scale):
        # Levels of the block are among them: both are walked side by side.
        cell = sides[side, BEST]
        found = 0
        while found < levels:
            while cell >= floor and window[_at(cell)] == 0.0:
                cell -= 1
            while slot >= low and amounts[side, slot] == 0.0:
                slot -= 1
            key = (first + cell) / scale if cell >= floor else -np.inf
            if slot >= low and keys[side, slot] > key:
                price[at + found] = 0.0 + sign * keys[side, slot]
                amount[at + found] = amounts[side, slot]
                slot -= 1
            elif cell >= floor:
                price[at + found] = 0.0 + sign * key
                amount[at + found] = window[_at(cell)]
                cell -= 1
            else:
                break
            found += 1
        top = cell + 1
    else:
        for level in range(found):
            price[_at(at + level)] = 0.0 + sign * ((first + price[_at(at + level)]) / scale)
    for level in range(found, levels):
        price[_at(at + level)] = np.nan
        amount[_at(at + level)] = 0.0
    return top if found == levels else 0


@njit(error_model="numpy")
def _differ(
    price: NDArray[np.float64], amount: NDArray[np.float64], at: int, before: int, levels: int
) -> bool:
    """Tell whether the levels at two places are not the same; one that is not there has no amount."""
    differs = False
    for level in range(levels):
        mine, other = _at(at + level), _at(before + level)
        differs |= (amount[mine] != amount[other]) | ((price[mine] != price[other]) & (amount[mine] > 0.0))
    return differs


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
        types.float64[::1],
        types.float64[::1],
        types.float64[:, ::1],
        types.float64[:, ::1],
        types.int64[:, ::1],
        types.int64[::1],
        types.int64,
        types.int64[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[::1],
        types.float64[::1],
        types.int64[::1],
        types.float64[::1],
        types.float64[::1],
        types.int64,
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
    touch_bid_amount: NDArray[np.float64],
    touch_ask_amount: NDArray[np.float64],
    top_us: NDArray[np.int64],
    top_price: NDArray[np.float64],
    top_amount: NDArray[np.float64],
    levels: int,
) -> int:
    """Apply rows [*start*, *stop*); give *stop*, or the row for which the caller must do something.

    *window* is (2 * (1 + ticks),), *grid* (GRID_SIZE,), *keys* and *amounts* are (2, capacity), *sides*
    (2, SIDE_SIZE), *state* (STATE_SIZE,). When the touch arrays have a length, they get an entry
    per message that ends, counted from *first_message* (the value of MESSAGES before the first
    row they are for); NaN stands for an empty side. With *levels*, *top_price* and *top_amount*,
    (entries * 2 * levels,), get an entry after each message that left the top levels other than
    the entry before, from entry TOPS on; NaN and 0 stand for no level.

    A call that gives a row below *stop* is repeated from it, after more room was made in the block
    when WANTS_ROOM is set, else after the window was placed anew: STRAIN has reached STRAIN_LIMIT.
    No window is asked for inside a snapshot, where half of the book is not there yet.
    """
    capacity = keys.shape[1]
    cells_a_side = window.size >> 1
    scale = grid[SCALE]
    writes = touch_us.size > 0
    is_primed = state[IS_PRIMED] != 0
    messages = state[MESSAGES]
    resets = state[RESETS]
    skipped = state[SKIPPED_ROWS]
    strain = state[STRAIN]
    strain_limit = state[STRAIN_LIMIT]
    tops = state[TOPS]
    touched = state[TOUCHED] if levels else BOTH_SIDES
    wants_room = False
    cells = np.empty(_PIECE, np.int32)
    lasts = np.empty(_PIECE, np.bool_)

    row = start
    begun = start - 1  # the row that began the last snapshot
    piece = start
    piece_end = start
    while row < stop:
        if row == piece_end:
            piece = row
            piece_end = min(stop, piece + _PIECE)
            found = cells[: piece_end - piece]
            if _find_cells(piece, side, price, grid, cells_a_side, sides, found):
                for own in range(2):
                    sides[own, FLOOR] = min(sides[own, FLOOR], _lowest(own, cells_a_side, found))
            if _has_snapshot(piece, piece_end, is_snapshot):
                goes_on = state[PREVIOUS_IS_SNAPSHOT] != 0 and state[PREVIOUS_US] == local_us[piece]
                if piece > start:
                    goes_on = is_snapshot[piece - 1] and local_us[piece - 1] == local_us[piece]
                _mark_snapshots(piece, local_us, is_snapshot, goes_on, found)
            if writes:
                _find_ends(piece, local_us, lasts[: piece_end - piece])
            if strain >= strain_limit and not (is_snapshot[_at(row)] and cells[0] >= _OUTSIDE):
                break

        ends = False
        if is_primed:
            # The short loops: by themselves they stay in registers.
            if writes:
                while row < piece_end:
                    cell = cells[_at(row - piece)]
                    if cell < 0:
                        break
                    value = amount[_at(row)]
                    window[_at(cell)] = value
                    s = _at(side[_at(row)])
                    best_cell = sides[s, BEST]
                    touched |= (cell >= sides[s, TOP]) << s
                    sides[s, BEST] = cell if (value > 0.0) & (cell > best_cell) else best_cell
                    if (cell == best_cell) & (value == 0.0):
                        floor = sides[s, FLOOR]
                        best_cell -= 1
                        while best_cell >= floor and window[_at(best_cell)] == 0.0:
                            best_cell -= 1
                        strain += (cell - best_cell) >> _TICKS_SCANNED
                        if best_cell < floor:
                            best_cell = cells_a_side if s else 0
                            sides[s, FLOOR] = _lowest(s, cells_a_side, cells[: piece_end - piece])
                        sides[s, BEST] = best_cell
                    row += 1
                    if lasts[_at(row - 1 - piece)]:
                        ends = True
                        messages += 1
                        break
            else:
                while row < piece_end:
                    cell = cells[_at(row - piece)]
                    if cell < 0:
                        break
                    value = amount[_at(row)]
                    window[_at(cell)] = value
                    s = _at(side[_at(row)])
                    # Chosen rather than branched on, but for the one case that needs a search: which
                    # rows move the best level is anybody's guess.
                    best_cell = sides[s, BEST]
                    sides[s, BEST] = cell if (value > 0.0) & (cell > best_cell) else best_cell
                    if (cell == best_cell) & (value == 0.0):
                        floor = sides[s, FLOOR]
                        best_cell -= 1
                        while best_cell >= floor and window[_at(best_cell)] == 0.0:
                            best_cell -= 1
                        strain += (cell - best_cell) >> _TICKS_SCANNED
                        if best_cell < floor:
                            best_cell = cells_a_side if s else 0
                            sides[s, FLOOR] = _lowest(s, cells_a_side, cells[: piece_end - piece])
                        sides[s, BEST] = best_cell
                    row += 1
        if row < piece_end and not ends:
            cell = cells[_at(row - piece)]
            if cell < _OUTSIDE:
                # A snapshot begins: the row itself comes next, as any other.
                if strain >= strain_limit:
                    break
                for cleared in range(2):
                    sides[cleared, LOW] = capacity // 2
                    sides[cleared, HIGH] = capacity // 2
                    none = cleared * cells_a_side
                    last = sides[cleared, BEST]
                    if last > none:
                        first = sides[cleared, FLOOR]
                        window[first : last + 1] = 0.0
                        strain += (last - first) >> _TICKS_CLEARED
                    sides[cleared, BEST] = none
                    sides[cleared, FLOOR] = _lowest(cleared, cells_a_side, cells[: piece_end - piece])
                is_primed = True
                touched = BOTH_SIDES
                resets += 1
                begun = row
                cells[_at(row - piece)] = _OUTSIDE if cell == _OUTSIDE_RESET else -2 - cell
                continue
            if is_primed:
                if strain >= strain_limit and not is_snapshot[_at(row)]:
                    break
                s = _at(side[_at(row)])
                key = 0.0 + (-price[_at(row)] if side[_at(row)] else price[_at(row)])
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
                touched |= 1 << s
                strain += 1
            else:
                skipped += 1
            row += 1
            if writes:
                ends = lasts[_at(row - 1 - piece)]
                messages += ends

        if writes and ends:
            entry = messages - 1 - first_message
            touch_us[entry] = local_us[_at(row - 1)]
            for own in range(2):
                none = own * cells_a_side
                best, size = np.nan, np.nan
                best_cell = sides[own, BEST]
                if best_cell > none:
                    best = (grid[BASE + own] + (best_cell - none - 1)) / scale
                    size = window[best_cell]
                high = sides[own, HIGH]
                if high > sides[own, LOW] and not best >= keys[own, _at(high - 1)]:
                    best = keys[own, _at(high - 1)]
                    size = amounts[own, _at(high - 1)]
                if own == 0:
                    touch_bid[entry] = 0.0 + best
                    touch_bid_amount[entry] = size
                else:
                    touch_ask[entry] = 0.0 - best
                    touch_ask_amount[entry] = size
            if levels > 0 and touched:
                differs = False
                for own in range(2):
                    at = (2 * tops + own) * levels
                    before = at - 2 * levels
                    if touched >> own & 1:
                        sides[own, TOP] = _find_top(
                            own, window, grid, keys, amounts, sides, top_price, top_amount, at, levels
                        )
                        differs |= _differ(top_price, top_amount, at, before, levels)
                    else:
                        for level in range(levels):
                            top_price[_at(at + level)] = top_price[_at(before + level)]
                            top_amount[_at(at + level)] = top_amount[_at(before + level)]
                touched = 0
                if differs:
                    top_us[tops] = local_us[_at(row - 1)]
                    tops += 1

    if not writes:
        messages += _count_changes(start, min(row, local_us.size - 1), local_us)
        messages += row == local_us.size and row > start
    if begun == row:  # which comes again, and must not begin the snapshot once more
        state[PREVIOUS_IS_SNAPSHOT] = 1
        state[PREVIOUS_US] = local_us[row]
    elif row > start:
        state[PREVIOUS_IS_SNAPSHOT] = is_snapshot[row - 1]
        state[PREVIOUS_US] = local_us[row - 1]
    state[IS_PRIMED] = is_primed
    state[MESSAGES] = messages
    state[ROWS] += row - start
    state[RESETS] = resets
    state[SKIPPED_ROWS] = skipped
    state[STRAIN] = strain
    state[WANTS_ROOM] = wants_room
    state[TOPS] = tops
    state[TOUCHED] = touched
    return row
