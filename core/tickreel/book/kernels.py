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
that lie outside or begin a snapshot. A short second loop stores the amounts of a stretch, which ends
at a marked row, at the end of a message where something is to be written there, and else with the
piece. Nobody looks at the book inside a stretch, so its best level is looked for once, at the end.

What a row costs is counted in single nanoseconds, so nothing here counts references to arrays (see
``_INSIDE``): handing an array to a function would cost as much as some rows. What reads a book lies
in ``levelkernels``.

Constants are spelled here and not in a module without Numba: its cache on disk looks at this
file alone, and would keep kernels compiled for the constants of an older version. For the same
reason the kernels that are compiled into one another share this file, however long it becomes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
STATE_SIZE = 11

# Columns of the table of sides, which has a row per side (0 bid, 1 ask).
LOW = 0  # first slot of the block in use
HIGH = 1  # one past the block's best level; equal to LOW when it is empty
BEST = 2  # highest cell of the window that has a level; the first of the side without one
FLOOR = 3  # no cell of the window below this one has a level
SIDE_SIZE = 4

# Slots of the grid.
SCALE = 0  # ticks per unit of price
BASE = 1  # first tick of the window of bids, followed by that of asks; infinite without a window
GRID_SIZE = 3

_PIECE = 1_024
"""Rows whose cells are found at a time."""
_OUTSIDE = -1
_OUTSIDE_RESET = -(2**31)
"""Cells of rows that lie outside the window; a row inside it that begins a snapshot has -2 less its cell."""
_BOTH_SIDES = 0b11
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

_INSIDE: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
"""Of what only kernels call: compiled without Numba's counting of references.

Else each array handed to a function is counted up and down again in steps that other cores see: some
100 nanoseconds for a call with as many arrays as a book has. Such a function can use parts of arrays,
but Numba refuses one that makes an array or gives one back.
"""

# An unsigned index spares Numba's check for counting from the end: a third of the time of a row.
_at = np.uint64


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(**_INSIDE)
def _find_cells(
    piece: int,
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    grid: NDArray[np.float64],
    cells_a_side: int,
    sides: NDArray[np.int64],
    cells: NDArray[np.int32],
    filled: NDArray[np.int32],
) -> bool:
    """Find the cells of the rows from *piece* on; tell whether any is below the floor of its side.

    *filled* gets the cells once more, with 0 for a row that leaves no level in its cell. Nothing here
    depends on the row before, so that the processor does several rows at once.
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
        filled[i] = cell if is_inside & (amount[at] > 0.0) else np.int32(0)
        is_any_below |= is_inside & (cell < (ask_floor if is_ask else bid_floor))
    return is_any_below


@njit(**_INSIDE)
def _lowest(side: int, cells_a_side: int, cells: NDArray[np.int32]) -> int:
    """Find the lowest cell of a side that any of some rows is in, also of those that begin a snapshot."""
    first, end = np.int32(side * cells_a_side + 1), np.int32((side + 1) * cells_a_side)
    lowest = np.int32(NO_CELL)
    for i in range(cells.size):
        cell = max(cells[i], np.int32(-2) - cells[i])
        lowest = min(lowest, cell if (cell >= first) & (cell < end) else np.int32(NO_CELL))
    return int(lowest)


@njit(**_INSIDE)
def _has_snapshot(start: int, stop: int, is_snapshot: NDArray[np.bool_]) -> bool:
    """Tell whether any of the rows [*start*, *stop*) is a snapshot row.

    By itself, because a loop with nothing beside it is worked on many rows at once.
    """
    found = False
    for i in range(stop - start):
        found |= is_snapshot[_at(start + i)]
    return found


@njit(**_INSIDE)
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


@njit(**_INSIDE)
def _find_ends(piece: int, local_us: NDArray[np.int64], ends: NDArray[np.int64]) -> int:
    """List the rows, from *piece* on, behind the last one of each message; give how many end there."""
    found = 0
    more = min(ends.size, local_us.size - 1 - piece)
    for i in range(more):
        # Written whether a message ends or not: the processor cannot guess where.
        ends[_at(found)] = piece + i + 1
        found += local_us[_at(piece + i + 1)] != local_us[_at(piece + i)]
    if more < ends.size:
        ends[_at(found)] = local_us.size
        found += 1
    return found


@njit(**_INSIDE)
def _count_changes(start: int, stop: int, local_us: NDArray[np.int64]) -> int:
    """Count the rows [*start*, *stop*) whose time is not that of the row after them."""
    count = 0
    for row in range(start, stop):
        count += local_us[_at(row + 1)] != local_us[_at(row)]
    return count


@njit(**_INSIDE)
def _next_best(
    side: int, cell: int, window: NDArray[np.float64], sides: NDArray[np.int64], cells: NDArray[np.int32]
) -> int:
    """Find a side's best cell below one; the first of the side, without a level, if there is none.

    *cells* are those of the piece, whose later rows are not yet applied.
    """
    floor = sides[side, FLOOR]
    while cell >= floor:
        if window[_at(cell)] != 0.0:
            return cell
        cell -= 1
    cells_a_side = window.size >> 1
    sides[side, FLOOR] = _lowest(side, cells_a_side, cells)
    return int(side * cells_a_side)


@njit(**_INSIDE)
def _find_slot(key: float, low: int, high: int, keys: NDArray[np.float64]) -> int:
    """Find the first slot of a side, in [*low*, *high*], whose key is not below *key*; *high* if none is."""
    if low == high:
        return high
    best = keys[_at(high - 1)]
    if best < key:
        return high
    if best == key:
        return high - 1
    guess = high - 1
    if high - low > _NEAR_TOUCH:
        span = best - keys[_at(high - 1 - _NEAR_TOUCH)]
        below = (best - key) / span * _NEAR_TOUCH
        if below < high - low:
            guess -= int(below)
    reach = 1
    if keys[_at(guess)] < key:
        slot = guess + 1
        last = guess + reach
        while last < high and keys[_at(last)] < key:
            slot = last + 1
            reach <<= 1
            last = guess + reach
        last = min(last, high - 1)
    else:
        last = guess
        slot = guess - reach
        while slot >= low and keys[_at(slot)] >= key:
            last = slot
            reach <<= 1
            slot = guess - reach
        slot = max(slot + 1, low)
    while slot < last:
        middle = (slot + last) >> 1
        if keys[_at(middle)] < key:
            slot = middle + 1
        else:
            last = middle
    return slot


@njit(**_INSIDE)
def _put_in_block(
    side: int,
    key: float,
    value: float,
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
) -> bool:
    """Set a level of the block, or remove it with the amount 0; tell whether there was room."""
    low, high = sides[side, LOW], sides[side, HIGH]
    slot = _find_slot(key, low, high, keys[side])
    if slot < high and keys[side, _at(slot)] == key:
        amounts[side, _at(slot)] = value
        # The last slot in use is always a level, never a gap.
        if value == 0.0 and slot == high - 1:
            while high > low and amounts[side, _at(high - 1)] == 0.0:
                high -= 1
            sides[side, HIGH] = high
        return True
    if not value > 0.0:
        return True
    # Move the levels between the new one and a gap nearby, or the nearer end.
    if slot - low < high - slot:
        gap = slot - 1
        reach = max(low, slot - _GAP_REACH)
        while gap >= reach and amounts[side, _at(gap)] > 0.0:
            gap -= 1
        if gap < reach:
            if low == 0:
                return False
            gap = low - 1
            sides[side, LOW] = gap
        slot -= 1
        # A loop per array: each becomes one block move.
        for moved in range(gap, slot):
            keys[side, _at(moved)] = keys[side, _at(moved + 1)]
        for moved in range(gap, slot):
            amounts[side, _at(moved)] = amounts[side, _at(moved + 1)]
    else:
        gap = slot
        reach = min(high, slot + _GAP_REACH)
        while gap < reach and amounts[side, _at(gap)] > 0.0:
            gap += 1
        if gap == reach:
            if high == keys.shape[1]:
                return False
            gap = high
            sides[side, HIGH] = high + 1
        for moved in range(gap, slot, -1):
            keys[side, _at(moved)] = keys[side, _at(moved - 1)]
        for moved in range(gap, slot, -1):
            amounts[side, _at(moved)] = amounts[side, _at(moved - 1)]
    keys[side, _at(slot)] = key
    amounts[side, _at(slot)] = value
    return True


@njit(**_INSIDE)
def _best_of(
    side: int,
    window: NDArray[np.float64],
    prices: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
) -> tuple[float, float]:
    """Give price and amount of the best level of a side; NaN both without one."""
    # The cell that stands for "no level" has neither.
    cell = _at(sides[side, BEST])
    best, size = prices[cell], window[cell]
    high = sides[side, HIGH]
    if high > sides[side, LOW]:
        sign = 1.0 - 2.0 * side
        key = keys[side, _at(high - 1)]
        if not sign * best >= key:
            best, size = 0.0 + sign * key, amounts[side, _at(high - 1)]
    return best, size


@njit(**_INSIDE)
def _write_tops(
    entry: int,
    changed: int,
    window: NDArray[np.float64],
    prices: NDArray[np.float64],
    keys: NDArray[np.float64],
    amounts: NDArray[np.float64],
    sides: NDArray[np.int64],
    lowest_cells: NDArray[np.int64],
    lowest_keys: NDArray[np.float64],
    top_price: NDArray[np.float64],
    top_amount: NDArray[np.float64],
    levels: int,
) -> bool:
    """Write the best levels of both sides as an entry; tell whether they differ from the entry before.

    A side whose bit in *changed* is not set is copied from there. The others get their cell of
    *lowest_cells* and their key of *lowest_keys*, below which no row changes these levels.
    """
    differs = False
    for side in range(2):
        at = (2 * entry + side) * levels
        before = at - 2 * levels
        if not changed >> side & 1:
            for level in range(levels):
                top_price[_at(at + level)] = top_price[_at(before + level)]
            for level in range(levels):
                top_amount[_at(at + level)] = top_amount[_at(before + level)]
            continue
        sign = 1.0 - 2.0 * side
        cell, floor = sides[side, BEST], sides[side, FLOOR]
        slot, low = sides[side, HIGH] - 1, sides[side, LOW]
        found = 0
        # So many cells cannot have more levels than are wanted, which need not be asked each time.
        for _ in range(min(levels, cell + 1 - floor)):
            # Written whether it is a level or not: the processor cannot guess which ticks are.
            value = window[_at(cell)]
            top_price[_at(at + found)] = prices[_at(cell)]
            top_amount[_at(at + found)] = value
            found += value > 0.0
            cell -= 1
        while found < levels and cell >= floor:
            value = window[_at(cell)]
            top_price[_at(at + found)] = prices[_at(cell)]
            top_amount[_at(at + found)] = value
            found += value > 0.0
            cell -= 1
        last_key = sign * top_price[_at(at + found - 1)] if found else -np.inf
        if slot >= low and (found < levels or keys[side, slot] > last_key):
            # Levels of the block are among them: both are walked side by side.
            cell = sides[side, BEST]
            found = 0
            while found < levels:
                while cell >= floor and window[_at(cell)] == 0.0:
                    cell -= 1
                while slot >= low and amounts[side, slot] == 0.0:
                    slot -= 1
                last_key = sign * prices[_at(cell)] if cell >= floor else -np.inf
                if slot >= low and keys[side, slot] > last_key:
                    last_key = keys[side, slot]
                    top_amount[at + found] = amounts[side, slot]
                    slot -= 1
                elif cell >= floor:
                    top_amount[at + found] = window[_at(cell)]
                    cell -= 1
                else:
                    break
                top_price[at + found] = 0.0 + sign * last_key
                found += 1
        for level in range(found, levels):
            top_price[_at(at + level)] = np.nan
            top_amount[_at(at + level)] = 0.0
        # Looked through to its floor, the window may yet get a level below that, above those of the block.
        lowest_cells[side] = cell + 1 if found == levels and cell >= floor else 0
        lowest_keys[side] = last_key if found == levels else -np.inf
        if not differs:
            for level in range(levels):
                mine, other = _at(at + level), _at(before + level)
                differs |= (top_amount[mine] != top_amount[other]) | (
                    (top_price[mine] != top_price[other]) & (top_amount[mine] > 0.0)
                )
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
    prices: NDArray[np.float64],
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
    (2, SIDE_SIZE), *state* (STATE_SIZE,). *prices* are those of the cells, NaN for those that are no
    tick; without touch arrays they are not looked at.

    When the touch arrays have a length, they get an entry per message that ends, counted from
    *first_message* (the value of MESSAGES before the first row they are for); NaN stands for an empty
    side. With *levels*, *top_price* and *top_amount*, (entries * 2 * levels,), get an entry after each
    message that left the top levels other than the entry before, from entry TOPS on; NaN and 0 stand
    for no level.

    A call that gives a row below *stop* is repeated from it, after more room was made in the block
    when WANTS_ROOM is set, else after the window was placed anew: STRAIN has reached STRAIN_LIMIT.
    No window is asked for inside a snapshot, where half of the book is not there yet.
    """
    capacity = keys.shape[1]
    cells_a_side = window.size >> 1
    writes = touch_us.size > 0
    is_primed = state[IS_PRIMED] != 0
    messages = state[MESSAGES]
    resets = state[RESETS]
    skipped = state[SKIPPED_ROWS]
    strain = state[STRAIN]
    strain_limit = state[STRAIN_LIMIT]
    tops = state[TOPS]
    wants_room = False
    cells = np.empty(_PIECE, np.int32)
    filled = np.empty(_PIECE, np.int32)
    ends = np.empty(_PIECE, np.int64)
    ends_found = 0
    ends_met = 0
    # Of the top levels as they were written last: the cell and the key of each side below which no row
    # changes them; and the sides that a row since then has changed.
    lowest_cells = np.zeros(2, np.int64)
    lowest_keys = np.full(2, -np.inf)
    changed = _BOTH_SIDES

    row = start
    begun = start - 1  # the row that began the last snapshot
    piece = start
    piece_end = start
    while row < stop:
        if row == piece_end:
            piece = row
            piece_end = min(stop, piece + _PIECE)
            found = cells[: piece_end - piece]
            if _find_cells(piece, side, price, amount, grid, cells_a_side, sides, found, filled):
                for own in range(2):
                    sides[own, FLOOR] = min(sides[own, FLOOR], _lowest(own, cells_a_side, found))
            if _has_snapshot(piece, piece_end, is_snapshot):
                goes_on = state[PREVIOUS_IS_SNAPSHOT] != 0 and state[PREVIOUS_US] == local_us[piece]
                if piece > start:
                    goes_on = is_snapshot[piece - 1] and local_us[piece - 1] == local_us[piece]
                _mark_snapshots(piece, local_us, is_snapshot, goes_on, found)
            if writes:
                ends_met = 0
                ends_found = _find_ends(piece, local_us, ends[: piece_end - piece])
            if strain >= strain_limit and not (is_snapshot[_at(row)] and cells[0] >= _OUTSIDE):
                break

        stretch_end = ends[_at(ends_met)] if ends_met < ends_found else piece_end
        if is_primed:
            # The highest cells that get a level; one of the asks is above any of the bids, 0 is of no level.
            highest_bid = 0
            highest_ask = 0
            first = row
            # The short loop: by itself it stays in registers.
            while row < stretch_end:
                cell = int(cells[_at(row - piece)])
                if cell < 0:
                    break
                window[_at(cell)] = amount[_at(row)]
                level = int(filled[_at(row - piece)])
                highest_ask = max(highest_ask, level)
                highest_bid = max(highest_bid, level if level < cells_a_side else 0)
                row += 1
            for own in range(2):
                best = max(sides[own, BEST], highest_ask if own else highest_bid)
                if window[_at(best)] == 0.0:
                    above, floor = best, sides[own, FLOOR]
                    best = _next_best(own, above - 1, window, sides, cells[: piece_end - piece])
                    strain += (above - max(best, floor)) >> _TICKS_SCANNED
                sides[own, BEST] = best
            if levels:
                lowest_bid, lowest_ask = lowest_cells[0], lowest_cells[1]
                for place in range(first - piece, row - piece):
                    cell = int(cells[_at(place)])
                    changed |= (cell >= lowest_bid) & (cell < cells_a_side)
                    changed |= (cell >= lowest_ask) << 1
        if row < stretch_end:
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
                changed = _BOTH_SIDES
                resets += 1
                begun = row
                cells[_at(row - piece)] = _OUTSIDE if cell == _OUTSIDE_RESET else -2 - cell
                continue
            if is_primed:
                if strain >= strain_limit and not is_snapshot[_at(row)]:
                    break
                own = int(side[_at(row)])
                key = 0.0 + (-price[_at(row)] if own else price[_at(row)])
                if not _put_in_block(own, key, amount[_at(row)], keys, amounts, sides):
                    wants_room = True
                    break
                changed |= (key >= lowest_keys[own]) << own
                strain += 1
            else:
                skipped += 1
            row += 1

        if ends_met < ends_found and row == ends[_at(ends_met)]:
            ends_met += 1
            messages += 1
            entry = messages - 1 - first_message
            touch_us[entry] = local_us[_at(row - 1)]
            touch_bid[entry], touch_bid_amount[entry] = _best_of(0, window, prices, keys, amounts, sides)
            touch_ask[entry], touch_ask_amount[entry] = _best_of(1, window, prices, keys, amounts, sides)
            if levels and changed:
                if _write_tops(
                    tops,
                    changed,
                    window,
                    prices,
                    keys,
                    amounts,
                    sides,
                    lowest_cells,
                    lowest_keys,
                    top_price,
                    top_amount,
                    levels,
                ):
                    top_us[tops] = local_us[_at(row - 1)]
                    tops += 1
                changed = 0

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
    return row
