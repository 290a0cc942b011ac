"""What frames show beside books, touch and trades: heatmaps and the balance of the best levels.

A screen asks a session for views by :meth:`tickreel.replay.Replay.show`. What is not asked for is
not computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from tickreel.book import CellMeasure, Heatmap, PriceGrid
from tickreel.book.rows import L2Rows
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tickreel.book import Book, Columns

NO_ROWS = L2Rows(np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0, np.int8), np.empty(0), np.empty(0))
_NO_GRIDS: Mapping[tuple[str, str], PriceGrid] = MappingProxyType({})
_NO_DETAILS: Mapping[tuple[str, str], Detail] = MappingProxyType({})


class Detail(IntEnum):
    """How much of an instrument frames show; what they do not is not computed."""

    NOTHING = 0
    """Only that it is played."""
    TOUCH = 1
    """Its best prices, and when its messages come."""
    ALL = 2


@dataclass(frozen=True, slots=True)
class Views:
    """What the frames of a session show beside books, touch and trades.

    Raises:
        UsageError: a column has no width, or levels or history are below 0.
    """

    grids: Mapping[tuple[str, str], PriceGrid] = field(default_factory=lambda: _NO_GRIDS)
    """The cells of the heatmap of an instrument, by exchange and symbol; without one it has no heatmap."""
    column_us: int = 1_000_000
    """How much time a column of each heatmap takes. Column k begins k widths after the start of the range."""
    measure: CellMeasure = CellMeasure.GREATEST
    """What a column says of a cell."""
    imbalance_levels: int = 0
    """How many of the best levels a side are weighed after each message; 0 for no balance."""
    loop_history_us: int = 0
    """How much of the past the frames show that go back to the beginning of a loop."""
    details: Mapping[tuple[str, str], Detail] = field(default_factory=lambda: _NO_DETAILS)
    """How much is shown of an instrument, by exchange and symbol; all of one that is not named."""
    feed_latency: bool = False
    """Whether frames tell how long messages took to arrive, by columns as those of the heatmap."""

    def __post_init__(self) -> None:
        if self.column_us < 1:
            raise UsageError(f"a column {self.column_us} us wide cannot be made: ask for 1 or more")
        if self.imbalance_levels < 0:
            raise UsageError(f"{self.imbalance_levels} levels cannot be weighed: ask for 0 or more")
        if self.loop_history_us < 0:
            raise UsageError(f"a history of {self.loop_history_us} us cannot be shown: ask for 0 or more")

    def detail(self, exchange: str, symbol: str) -> Detail:
        """Give how much is shown of an instrument."""
        return self.details.get((exchange, symbol), Detail.ALL)

    def aligned(self, at_us: int, start_us: int) -> int:
        """Give the last instant up to *at_us* before which a column ends, counted from the range's start.

        Without columns it is *at_us* itself, and never before the microsecond before *start_us*.
        """
        if not (self.grids or self.feed_latency):
            return at_us
        return start_us + (at_us + 1 - start_us) // self.column_us * self.column_us - 1


NO_VIEWS = Views()
"""Nothing beside books, touch and trades."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatColumns:
    """The columns of a heatmap that ended since the last frame, and the one that is not finished."""

    grid: PriceGrid
    column_us: int
    measure: CellMeasure
    start_us: NDArray[np.int64]
    """(n,): the first instant of each finished column, oldest first."""
    sizes: NDArray[np.float64]
    """(n, 2, cells): bids, then asks, the lowest cell first; NaN where nothing was known."""
    open_us: int
    """The first instant of the column that is not finished."""
    open_sizes: NDArray[np.float64]
    """(2, cells): as if it ended at the frame."""

    def __len__(self) -> int:
        return len(self.start_us)

    def __repr__(self) -> str:
        return f"HeatColumns({len(self)} columns of {self.grid.cells} cells)"


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """How the amounts of the best levels weigh against each other, where they changed; oldest first."""

    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    """(bids - asks) / (bids + asks): 1 is only bids, -1 only asks, NaN where both are empty."""

    def __len__(self) -> int:
        return len(self.time_us)

    def __repr__(self) -> str:
        return f"Balance({len(self)} moments)"

    @classmethod
    def joined(cls, pieces: list[Balance]) -> Balance:
        """Join spans that follow one another."""
        return cls(
            np.concatenate([p.time_us for p in pieces] or [np.empty(0, np.int64)]),
            np.concatenate([p.value for p in pieces] or [np.empty(0, np.float64)]),
        )


class HeatRecorder:
    """The heatmap of one instrument as its book is played, handed out frame by frame."""

    def __init__(self, views: Views, grid: PriceGrid, book: Book | None, start_us: int) -> None:
        """Begin at *start_us*, or just after the book's last message where that lies later.

        By the exchange's clock a book may hold messages that arrived after the clock's reading.
        """
        self._views = views
        if book is not None and book.message_us is not None:
            start_us = max(start_us, book.message_us + 1)
        self._map = Heatmap(grid, book, start_us=start_us, width_us=views.column_us, measure=views.measure)
        self._finished: list[Columns] = []

    def take(self, rows: L2Rows) -> None:
        """Take whole messages that follow."""
        self._keep(self._map.feed(rows, int(rows.local_us[-1]) + 1))

    def pass_to(self, until_us: int) -> None:
        """Let time pass up to an instant before which no more messages come."""
        if until_us > self._map.position_us:
            self._keep(self._map.feed(NO_ROWS, until_us))

    def forget(self, at_us: int) -> None:
        """Pass a break in coverage that begins at *at_us*, or at what was taken where that lies later."""
        self._keep(self._map.forget(max(at_us, self._map.position_us)))

    def drop(self) -> None:
        """Let the next frame show nothing of what was played so far."""
        self._finished.clear()

    def columns(self) -> HeatColumns:
        """Hand out what ended since the last time."""
        cells = self._map.grid.cells
        finished, self._finished = self._finished, []
        return HeatColumns(
            grid=self._map.grid,
            column_us=self._views.column_us,
            measure=self._views.measure,
            start_us=np.concatenate([one.start_us for one in finished] or [np.empty(0, np.int64)]),
            sizes=np.concatenate([one.sizes for one in finished] or [np.empty((0, 2, cells))]),
            open_us=self._map.open_us,
            open_sizes=self._map.open_column(),
        )

    def _keep(self, columns: Columns) -> None:
        if len(columns.start_us):
            self._finished.append(columns)
