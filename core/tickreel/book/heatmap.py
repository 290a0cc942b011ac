"""A heatmap of the book: how much lay in each cell of price, in each column of time.

A heatmap shows one range of prices from one instant on. Another range, another grouping or an
earlier instant is another heatmap, begun from the book at its left edge.
"""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.book.pricegrid import CellMeasure
from tickreel.book.rows import L2Rows
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from tickreel.book.book import Book
    from tickreel.book.pricegrid import PriceGrid

_WHOLE_BLOCK_TICKS = 16
"""Summing as many is nothing beside the rest of a row."""
_ROWS_AT_ONCE = 1 << 14
"""Placed and then applied, while they are in the processor's cache."""
_SMALLEST_ROOM = 64


class Columns(NamedTuple):
    """Finished columns, oldest first."""

    start_us: NDArray[np.int64]
    """(n,): the first instant of each."""
    sizes: NDArray[np.float64]
    """(n, 2, cells): bids, then asks, the lowest cell first; NaN where nothing was known."""


class Heatmap:
    """Turn the rows of one book into columns of the sizes of cells; one thread at a time may use it.

    The size of a cell at an instant is the sum of the amounts of all levels of a side whose price
    lies in it, in the book after all messages up to and including that instant; bids and asks are
    kept apart, as they may lie in one cell, or be crossed. Column k has the instants from
    *start_us* + k * *width_us* on, up to and not including those of the next. What it says of a
    cell is taken over the instants at which the book is known: it is not before the first
    snapshot, nor from a break until the next. A column, or for the last size its last instant, at
    which the book is never known, is NaN.

    Sums are of float64, rounded once per addition and made anew when a cell has changed: they
    follow from the levels and the grid alone, whatever came before and however rows were cut
    into calls. The lock of the interpreter is released while rows are applied.
    """

    __slots__ = (
        "_amounts",
        "_block_sizes",
        "_cells",
        "_chains",
        "_first_blocks",
        "_first_ticks",
        "_gathered",
        "_grid",
        "_is_untouched",
        "_link_amounts",
        "_link_prices",
        "_measure",
        "_next_links",
        "_placed",
        "_position_us",
        "_since_us",
        "_sizes",
        "_state",
        "_touched",
        "_width_us",
        "grid",
        "measure",
    )

    def __init__(
        self,
        grid: PriceGrid,
        book: Book | None,
        *,
        start_us: int,
        width_us: int,
        measure: CellMeasure = CellMeasure.LAST,
    ) -> None:
        """Begin at *start_us* from the book before it: that after all earlier messages.

        *book* is None while no snapshot has been met.

        Raises:
            UsageError: a column has no width, or the book is of *start_us* or later.
        """
        if width_us < 1:
            raise UsageError(f"a column {width_us} us wide cannot be made: ask for 1 or more")
        if book is not None and book.message_us is not None and book.message_us >= start_us:
            raise UsageError(
                f"a heatmap cannot begin at {start_us} from the book at {book.message_us}: "
                "give it the book before its first instant"
            )
        kernels = _kernels()
        self.grid = grid
        self.measure = measure
        self._width_us = width_us
        self._position_us = start_us
        self._measure = {
            CellMeasure.LAST: kernels.LAST,
            CellMeasure.GREATEST: kernels.GREATEST,
            CellMeasure.TIME_WEIGHTED: kernels.TIME_WEIGHTED,
        }[measure]
        self._lay_out()
        self._state = np.zeros(kernels.STATE_SIZE, np.int64)
        self._state[[kernels.COLUMN_US, kernels.KNOWN_FROM_US]] = start_us
        self._placed = np.empty((2, 0), np.int32)
        self._empty()
        self._gathered = np.zeros(2 * grid.cells + 1)
        self._since_us = np.full(2 * grid.cells + 1, start_us)
        if book is not None:
            self._state[kernels.IS_KNOWN] = 1
            self._apply(_as_message(book, start_us), start_us, self._room(0), 0)

    @property
    def position_us(self) -> int:
        """The instant before which all messages have been given."""
        return self._position_us

    @property
    def open_us(self) -> int:
        """The first instant of the column that is not finished."""
        return int(self._state[_kernels().COLUMN_US])

    def feed(self, rows: L2Rows, until_us: int) -> Columns:
        """Apply whole messages, all there are before *until_us*, and give the columns that end by it.

        Raises:
            UsageError: a row lies before the end of an earlier call, or not before *until_us*.
            TypeError: an array is not of its type or not contiguous.
        """
        if until_us < self._position_us:
            raise UsageError(f"a heatmap that has come to {self._position_us} cannot go back to {until_us}")
        if len(rows):
            first_us, last_us = int(rows.local_us[0]), int(rows.local_us[-1])
            if first_us < self._position_us or last_us >= until_us:
                raise UsageError(
                    f"rows from {first_us} to {last_us} do not lie in the stretch "
                    f"from {self._position_us} to {until_us} that a heatmap was to take"
                )
        open_us = self.open_us
        columns = self._room((until_us - open_us) // self._width_us)
        start = column = 0
        while True:
            stop = _whole_messages(rows, start)
            is_all = stop == len(rows)
            reached_us = until_us if is_all else int(rows.local_us[stop - 1])
            column = self._apply(rows.part(start, stop), reached_us, columns, column)
            if is_all:
                break
            start = stop
        self._position_us = until_us
        return Columns(
            open_us + self._width_us * np.arange(column, dtype=np.int64),
            columns.reshape(column, 2, self.grid.cells),
        )

    def forget(self, at_us: int) -> Columns:
        """Pass a break in coverage that begins at *at_us*, and give the columns that end by it.

        Raises:
            UsageError: rows at or after *at_us* have been given.
        """
        finished = self.feed(_NO_ROWS, at_us)
        kernels, state = _kernels(), self._state
        if state[kernels.IS_KNOWN]:
            state[kernels.IS_KNOWN] = 0
            state[kernels.KNOWN_US] += at_us - state[kernels.KNOWN_FROM_US]
            if self.measure is CellMeasure.TIME_WEIGHTED:
                self._gathered += self._sizes * (at_us - self._since_us)
            elif at_us == self.open_us:
                # What was before is not in the column.
                self._gathered[:] = 0.0
            self._empty()
        return finished

    def open_column(self) -> NDArray[np.float64]:
        """Give (2, cells) of the column that is not finished, as if it ended at the position.

        It is NaN while it has no instant; the last size also from a break on.
        """
        kernels, state = _kernels(), self._state
        is_known = bool(state[kernels.IS_KNOWN])
        known_us = int(state[kernels.KNOWN_US])
        if is_known:
            known_us += self._position_us - int(state[kernels.KNOWN_FROM_US])
        if not known_us or (self.measure is CellMeasure.LAST and not is_known):
            return np.full((2, self.grid.cells), np.nan)
        match self.measure:
            case CellMeasure.LAST:
                found = self._sizes.copy()
            case CellMeasure.GREATEST:
                found = self._gathered.copy()
            case CellMeasure.TIME_WEIGHTED:
                rest = self._sizes * (self._position_us - self._since_us)
                found = (self._gathered + rest) / known_us
        return found[:-1].reshape(2, self.grid.cells)

    def _room(self, columns: int) -> NDArray[np.float64]:
        return np.empty((columns, 2 * self.grid.cells))

    def _lay_out(self) -> None:
        """Lay out ticks, blocks and cells as the kernels' module describes them."""
        kernels, grid = _kernels(), self.grid
        ticks = grid.cell_ticks
        # About as many blocks to sum as ticks of a block.
        block_ticks = ticks if ticks <= _WHOLE_BLOCK_TICKS else isqrt(ticks - 1) + 1
        starts = np.arange(0, ticks, block_ticks)
        step, unit = grid.tick_ratio
        borders = grid.borders
        layout = np.empty(kernels.GRID_SIZE)
        layout[kernels.LOW_PRICE] = borders[0]
        layout[kernels.END_PRICE] = borders[-1]
        layout[kernels.SCALE] = unit / step
        layout[kernels.STEP] = step
        layout[kernels.UNIT] = unit
        layout[kernels.LOW_TICK] = grid.low_tick
        layout[kernels.SIDE_TICKS] = grid.cells * ticks
        layout[kernels.SIDE_BLOCKS] = grid.cells * len(starts)
        layout[kernels.CELL_TICKS] = ticks
        layout[kernels.CELL_BLOCKS] = len(starts)
        layout[kernels.BLOCK_TICKS] = block_ticks
        self._grid = layout
        shown = 2 * grid.cells
        blocks = shown * len(starts)
        # After the last of each comes one for what is outside, and after it the end.
        first_ticks = (ticks * np.arange(shown)[:, None] + starts).ravel()
        self._first_ticks = np.append(first_ticks, [shown * ticks, shown * ticks + 1]).astype(np.int32)
        self._first_blocks = np.append(len(starts) * np.arange(shown + 1), blocks + 1).astype(np.int32)
        self._cells = np.append(np.repeat(np.arange(shown), len(starts)), shown).astype(np.int32)
        self._is_untouched = np.ones((2, blocks + 1), np.uint8)
        # An entry is written before it is known to count, even after the last.
        self._touched = np.empty((2, blocks + 2), np.int32)

    def _empty(self) -> None:
        """Take all levels away."""
        kernels = _kernels()
        self._amounts = np.zeros(int(self._first_ticks[-1]))
        self._block_sizes = np.zeros(len(self._cells))
        self._chains = np.full(len(self._cells), -1, np.int32)
        self._sizes = np.zeros(2 * self.grid.cells + 1)
        self._link_prices = np.empty(0)
        self._link_amounts = np.empty(0)
        self._next_links = np.empty(0, np.int32)
        self._state[kernels.FIRST_FREE] = -1
        self._state[kernels.FREE_LINKS] = 0

    def _apply(self, rows: L2Rows, until_us: int, columns: NDArray[np.float64], column: int) -> int:
        kernels = _kernels()
        n = len(rows)
        if self._placed.shape[1] < n:
            self._placed = np.empty((2, n), np.int32)
        ticks, blocks = self._placed[0, :n], self._placed[1, :n]
        off_grid = kernels.place_rows(rows.side, rows.price, self._grid, ticks, blocks)
        if off_grid > self._state[kernels.FREE_LINKS]:
            self._add_links(off_grid)
        reached: int = kernels.feed_rows(
            rows.local_us,
            rows.is_snapshot,
            rows.price,
            rows.amount,
            ticks,
            blocks,
            until_us,
            self._width_us,
            self._measure,
            self._amounts,
            self._first_ticks,
            self._first_blocks,
            self._cells,
            self._block_sizes,
            self._chains,
            self._link_prices,
            self._link_amounts,
            self._next_links,
            self._is_untouched,
            self._touched,
            self._sizes,
            self._gathered,
            self._since_us,
            self._state,
            columns,
            column,
        )
        return reached

    def _add_links(self, wanted: int) -> None:
        """Make room for levels between ticks: twice of what there is, or more."""
        kernels, state = _kernels(), self._state
        held = len(self._next_links)
        added = max(wanted, held, _SMALLEST_ROOM)
        links = np.arange(held + 1, held + added + 1, dtype=np.int32)
        links[-1] = state[kernels.FIRST_FREE]
        self._next_links = np.append(self._next_links, links)
        self._link_prices = np.append(self._link_prices, np.empty(added))
        self._link_amounts = np.append(self._link_amounts, np.empty(added))
        state[kernels.FIRST_FREE] = held
        state[kernels.FREE_LINKS] += added


_NO_ROWS = L2Rows(
    np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0, np.int8), np.empty(0), np.empty(0)
)


def _kernels() -> ModuleType:
    """Import the kernels at their first use: Numba takes half a second, which most commands never need."""
    from tickreel.book import heatmapkernels

    return heatmapkernels


def _as_message(book: Book, local_us: int) -> L2Rows:
    """Give the levels of a book as one message of updates."""
    levels = np.concatenate([book.bids, book.asks])
    sides = np.repeat(np.array([0, 1], np.int8), [len(book.bids), len(book.asks)])
    return L2Rows(
        np.full(len(levels), local_us),
        np.zeros(len(levels), np.bool_),
        sides,
        np.ascontiguousarray(levels[:, 0]),
        np.ascontiguousarray(levels[:, 1]),
    )


def _whole_messages(rows: L2Rows, start: int) -> int:
    """Give the end of whole messages from row *start* on that are about so many rows as go at once."""
    stop = start + _ROWS_AT_ONCE
    if stop >= len(rows):
        return len(rows)
    return int(np.searchsorted(rows.local_us, rows.local_us[stop - 1], side="right"))
