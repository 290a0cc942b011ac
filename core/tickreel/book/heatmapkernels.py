"""The compiled heart of the heatmap: rows applied to the levels it shows, and columns taken from them.

What is shown is laid out flat, the bids before the asks: the ticks of the price grid, one amount
each; *blocks* of neighbouring ticks, which lie within a cell; and the cells. After the last of
each come one more tick, block and cell, which take the rows that lie outside, so that no row asks
the processor to guess whether it is seen. A price between two ticks hangs, in rising order, on
the chain of its block.

The size of a cell is the sum of its blocks, the size of a block the sum of its ticks and then of
its chain, each in rising order of price. It is summed anew where something was touched, never
mended by a difference: it follows from the levels alone, by whatever way they came about.

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

# What a column says of the size of a cell.
LAST = 0
GREATEST = 1
TIME_WEIGHTED = 2

# Slots of the grid.
LOW_PRICE = 0  # the first price that is shown
END_PRICE = 1  # the first above it that is not
SCALE = 2  # ticks per unit of price, as near as it can be told
STEP = 3  # a tick is STEP / UNIT, both whole numbers
UNIT = 4
LOW_TICK = 5
SIDE_TICKS = 6
SIDE_BLOCKS = 7
CELL_TICKS = 8
CELL_BLOCKS = 9
BLOCK_TICKS = 10  # of all blocks of a cell but the last, which may have fewer
GRID_SIZE = 11

# Slots of the state.
IS_KNOWN = 0  # a snapshot has been met since the last break
COLUMN_US = 1  # where the open column begins
KNOWN_FROM_US = 2  # since when, in the open column, the book has been known; while it is
KNOWN_US = 3  # how long before that, in the open column, it was known
FIRST_FREE = 4  # link of a chain; -1 when none is left
FREE_LINKS = 5
STATE_SIZE = 6

# An unsigned index spares Numba's check for counting from the end.
_at = np.uint64


def _column(dtype: types.Type) -> types.Array:
    """Describe a column that is only read: such a parameter takes writable arrays as well."""
    return types.Array(dtype, 1, "C", readonly=True)


@njit(
    types.int64(
        _column(types.int8),
        _column(types.float64),
        _column(types.float64),
        types.int32[::1],
        types.int32[::1],
    ),
    cache=True,
    nogil=True,
    error_model="numpy",  # no check of divisors, which are never 0
)
def place_rows(
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    grid: NDArray[np.float64],
    ticks: NDArray[np.int32],
    blocks: NDArray[np.int32],
) -> int:
    """Write tick and block of each row, and give the number of rows that lie between ticks.

    Those have tick -1; what is outside has the tick and the block after the last. *grid* is
    (GRID_SIZE,).
    """
    low_price = grid[LOW_PRICE]
    end_price = grid[END_PRICE]
    scale = grid[SCALE]
    step = grid[STEP]
    unit = grid[UNIT]
    low_tick = grid[LOW_TICK]
    side_ticks = grid[SIDE_TICKS]
    side_blocks = grid[SIDE_BLOCKS]
    cell_ticks = grid[CELL_TICKS]
    cell_blocks = grid[CELL_BLOCKS]
    # Halves keep a quotient away from the whole numbers, where its rounding could matter.
    per_cell = 1.0 / cell_ticks
    per_block = 1.0 / grid[BLOCK_TICKS]
    off_grid = 0
    for row in range(price.size):
        own = price[_at(row)]
        is_shown = (own >= low_price) & (own < end_price)
        whole = np.rint(own * scale)
        tick_price = whole * step / unit
        is_tick = tick_price == own
        tick = whole - low_tick - (1.0 if tick_price > own else 0.0)
        tick = tick if is_shown else 0.0
        cell = np.floor((tick + 0.5) * per_cell)
        block = cell * cell_blocks + np.floor((tick - cell * cell_ticks + 0.5) * per_block)
        is_ask = np.float64(side[_at(row)])
        tick = tick + is_ask * side_ticks if is_tick else -1.0
        ticks[_at(row)] = np.int32(tick if is_shown else 2.0 * side_ticks)
        blocks[_at(row)] = np.int32(block + is_ask * side_blocks if is_shown else 2.0 * side_blocks)
        off_grid += is_shown & (not is_tick)
    return off_grid


@njit(
    types.int64(
        _column(types.int64),
        _column(types.boolean),
        _column(types.float64),
        _column(types.float64),
        types.int32[::1],
        types.int32[::1],
        types.int64,
        types.int64,
        types.int64,
        types.float64[::1],
        types.int32[::1],
        types.int32[::1],
        types.int32[::1],
        types.float64[::1],
        types.int32[::1],
        types.float64[::1],
        types.float64[::1],
        types.int32[::1],
        types.uint8[:, ::1],
        types.int32[:, ::1],
        types.float64[::1],
        types.float64[::1],
        types.int64[::1],
        types.int64[::1],
        types.float64[:, ::1],
        types.int64,
    ),
    cache=True,
    nogil=True,
    error_model="numpy",
)
def feed_rows(
    local_us: NDArray[np.int64],
    is_snapshot: NDArray[np.bool_],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    ticks: NDArray[np.int32],
    blocks: NDArray[np.int32],
    until_us: int,
    width_us: int,
    measure: int,
    amounts: NDArray[np.float64],
    first_ticks: NDArray[np.int32],
    first_blocks: NDArray[np.int32],
    cells: NDArray[np.int32],
    block_sizes: NDArray[np.float64],
    chains: NDArray[np.int32],
    link_prices: NDArray[np.float64],
    link_amounts: NDArray[np.float64],
    next_links: NDArray[np.int32],
    is_untouched: NDArray[np.uint8],
    touched: NDArray[np.int32],
    sizes: NDArray[np.float64],
    gathered: NDArray[np.float64],
    since_us: NDArray[np.int64],
    state: NDArray[np.int64],
    columns: NDArray[np.float64],
    column: int,
) -> int:
    """Apply whole messages, and write the columns that end by *until_us* from *column* on; give the next.

    *ticks* and *blocks* are of :func:`place_rows`, and the links that are free are as many at
    least as the rows between ticks. Of each tick there is its amount; of each block its first
    tick, its cell, its size and the head of its chain (-1: none); of each cell its first block,
    its size, what was gathered of it in the open column (the greatest size, or the integral of
    the size over the microseconds until it last changed) and since when it has its size.
    *is_untouched* and *touched* are (2, n), of blocks and of cells; between calls all are
    untouched. *columns* is (n, cells of both sides), *state* (STATE_SIZE,).
    """
    n = local_us.size
    shown = columns.shape[1]
    column_us = state[COLUMN_US]
    end_us = column_us + width_us
    is_known = state[IS_KNOWN] != 0
    known_from_us = state[KNOWN_FROM_US]
    known_us = state[KNOWN_US]
    first_free = state[FIRST_FREE]
    free_links = state[FREE_LINKS]

    row = 0
    while True:
        us = local_us[_at(row)] if row < n else until_us
        while end_us <= us:
            known_us += end_us - known_from_us if is_known else 0
            if (measure == LAST and not is_known) or known_us == 0:
                columns[column, :] = np.nan
            elif measure == LAST:
                for cell in range(shown):
                    columns[column, cell] = sizes[_at(cell)]
            elif measure == GREATEST:
                for cell in range(shown):
                    columns[column, cell] = gathered[_at(cell)]
            else:
                for cell in range(shown):
                    rest = sizes[_at(cell)] * (end_us - since_us[_at(cell)])
                    columns[column, cell] = (gathered[_at(cell)] + rest) / known_us
            if measure == GREATEST:
                gathered[:] = sizes
            elif measure == TIME_WEIGHTED:
                gathered[:] = 0.0
                since_us[:] = end_us
            column += 1
            column_us = end_us
            end_us += width_us
            known_from_us = column_us
            known_us = 0
        if row == n:
            break

        # A stretch is what must be applied before sizes are looked at: a message, or, where only
        # the end of a column matters, all of the column that is there.
        stretch_end_us = end_us if measure == LAST else us + 1
        touched_blocks = _at(0)
        while True:
            # The short loop takes most rows; by itself it stays in registers.
            while (
                is_known
                and row < n
                and local_us[_at(row)] < stretch_end_us
                and not is_snapshot[_at(row)]
                and ticks[_at(row)] >= 0
            ):
                block = _at(blocks[_at(row)])
                amounts[_at(ticks[_at(row)])] = amount[_at(row)]
                # Written first and counted after: which blocks come again is anybody's guess.
                touched[0, touched_blocks] = block
                touched_blocks += _at(is_untouched[0, block])
                is_untouched[0, block] = 0
                row += 1
            if row == n or local_us[_at(row)] >= stretch_end_us:
                break
            if is_snapshot[_at(row)] and (
                row == 0 or not is_snapshot[_at(row - 1)] or local_us[_at(row - 1)] != local_us[_at(row)]
            ):
                # Levels are only in cells that had a size, and in blocks of this stretch.
                for cell in range(shown):
                    if sizes[_at(cell)] > 0.0:
                        for own in range(first_blocks[_at(cell)], first_blocks[_at(cell + 1)]):
                            if block_sizes[_at(own)] > 0.0 and is_untouched[0, _at(own)]:
                                is_untouched[0, _at(own)] = 0
                                touched[0, touched_blocks] = own
                                touched_blocks += _at(1)
                for entry in range(int(touched_blocks)):
                    block = _at(touched[0, _at(entry)])
                    amounts[first_ticks[block] : first_ticks[block + _at(1)]] = 0.0
                    link = chains[block]
                    while link >= 0:
                        following = next_links[_at(link)]
                        next_links[_at(link)] = first_free
                        first_free = link
                        free_links += 1
                        link = following
                    chains[block] = -1
                if not is_known:
                    is_known = True
                    known_from_us = local_us[_at(row)]
            if is_known:
                block = _at(blocks[_at(row)])
                tick = ticks[_at(row)]
                value = amount[_at(row)]
                touched[0, touched_blocks] = block
                touched_blocks += _at(is_untouched[0, block])
                is_untouched[0, block] = 0
                if tick >= 0:
                    amounts[_at(tick)] = value
                else:
                    key = price[_at(row)]
                    before = np.int32(-1)
                    link = chains[block]
                    while link >= 0 and link_prices[_at(link)] < key:
                        before = link
                        link = next_links[_at(link)]
                    follower = link
                    if link >= 0 and link_prices[_at(link)] == key:
                        if value > 0.0:
                            link_amounts[_at(link)] = value
                        else:
                            follower = next_links[_at(link)]
                            next_links[_at(link)] = first_free
                            first_free = link
                            free_links += 1
                    elif value > 0.0:
                        follower = np.int32(first_free)
                        first_free = next_links[_at(follower)]
                        free_links -= 1
                        link_prices[_at(follower)] = key
                        link_amounts[_at(follower)] = value
                        next_links[_at(follower)] = link
                    if before < 0:
                        chains[block] = follower
                    else:
                        next_links[_at(before)] = follower
            row += 1

        touched_cells = _at(0)
        for entry in range(int(touched_blocks)):
            block = _at(touched[0, _at(entry)])
            total = 0.0
            for tick in range(first_ticks[block], first_ticks[block + _at(1)]):
                total += amounts[_at(tick)]
            link = chains[block]
            while link >= 0:
                total += link_amounts[_at(link)]
                link = next_links[_at(link)]
            block_sizes[block] = total
            is_untouched[0, block] = 1
            own_cell = _at(cells[block])
            touched[1, touched_cells] = own_cell
            touched_cells += _at(is_untouched[1, own_cell])
            is_untouched[1, own_cell] = 0
        for entry in range(int(touched_cells)):
            own_cell = _at(touched[1, _at(entry)])
            total = 0.0
            for own in range(first_blocks[own_cell], first_blocks[own_cell + _at(1)]):
                total += block_sizes[_at(own)]
            if measure == GREATEST:
                gathered[own_cell] = max(gathered[own_cell], total)
            elif measure == TIME_WEIGHTED:
                gathered[own_cell] += sizes[own_cell] * (us - since_us[own_cell])
                since_us[own_cell] = us
            sizes[own_cell] = total
            is_untouched[1, own_cell] = 1
        # What was before a message at the column's first instant was never in the column.
        if measure == GREATEST and us == column_us:
            gathered[:] = sizes

    state[IS_KNOWN] = is_known
    state[COLUMN_US] = column_us
    state[KNOWN_FROM_US] = known_from_us
    state[KNOWN_US] = known_us
    state[FIRST_FREE] = first_free
    state[FREE_LINKS] = free_links
    return column
