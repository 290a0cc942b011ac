"""What columns a picture needs: cells, their grouping, the width of a column and how much of the past.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isfinite
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.book import CellMeasure, PriceGrid
from tickreel.book.pricegrid import MOST_TICKS
from tickreel.instruments.commonstep import CommonStep
from tickreel.market.time import US_PER_SECOND

if TYPE_CHECKING:
    from tickreel.book import Book

MOST_COLUMNS = 8192
"""Of the past; a longer one is shown in part."""
COLUMNS_US = (US_PER_SECOND // 10, US_PER_SECOND, 10 * US_PER_SECOND, 60 * US_PER_SECOND)
"""Widths of a column that can be chosen."""
GROUPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Heights of a cell that can be chosen, in ticks."""
_NICE_US = (
    *(factor * power for power in (1_000, 10_000, 100_000) for factor in (1, 2, 5)),
    *(seconds * US_PER_SECOND for seconds in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)),
)
_ROW_PX = 4
_LEAST_ROW_PX = 1
_COLUMNS_PER_PX = 8
_GRID_VIEWS = 3
"""How many times the prices in view the cells span."""
_LEAST_MARGIN = 0.25
"""Cells are asked for anew when fewer than this part of a view lie beyond its edge."""
_WIDEST_GRID = 8
_FIRST_VIEW = 0.0045
_FIRST_ROWS = 60
_FEWEST_ROWS = 8
_MORE_PAST = 1.25
_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user wants to see; None is left to the size of the picture."""

    group_ticks: int | None = None
    column_us: int | None = None
    measure: CellMeasure = CellMeasure.GREATEST
    is_log: bool = True
    least: float = 0.0
    """Cells of a smaller size are drawn as ground."""


class Demand(NamedTuple):
    """The heatmap that a picture needs."""

    grid: PriceGrid
    column_us: int
    measure: CellMeasure
    history_us: int
    bin_us: int
    """How finely the touch and the trades are to be known."""


class Sight(NamedTuple):
    """What is to be seen, and on how many pixels."""

    start_us: int
    """The first moment of the replay."""
    now_us: int
    from_us: int
    to_us: int
    low: float
    high: float
    width_px: int
    height_px: int


def wanted(sight: Sight, choices: Choices, tick: float, held: Demand | None, reach_us: int) -> Demand:
    """Say what is needed for a sight; what is *held* stays as it is for as long as it serves.

    *reach_us* is how far back what is held goes.

    Raises:
        UsageError: such prices have too many digits for a heatmap.
    """
    us_per_px = max(1.0, (sight.to_us - sight.from_us) / sight.width_px)
    bin_us = next((us for us in _NICE_US if us >= us_per_px), _NICE_US[-1])
    column_us = choices.column_us or bin_us
    while column_us * _COLUMNS_PER_PX < us_per_px:
        column_us *= 10
    bin_us = min(bin_us, column_us)
    group_ticks = _group_ticks(sight, choices.group_ticks, tick)
    grid = None if held is None else held.grid
    if grid is None or not _serves(grid, sight, group_ticks, tick):
        grid = _grid(sight, group_ticks, tick)
    first_us = max(sight.from_us, sight.start_us)
    is_other = held is None or (held.column_us, held.bin_us) != (column_us, bin_us)
    if held is not None and not is_other and reach_us <= first_us + column_us:
        history_us = held.history_us
    else:
        # No less than a view, so that a jump ahead fills it.
        past_us = ceil(_MORE_PAST * max(sight.to_us - sight.from_us, sight.now_us - first_us))
        history_us = min(-(-past_us // column_us), MOST_COLUMNS) * column_us
    return Demand(grid, column_us, choices.measure, history_us, bin_us)


def _group_ticks(sight: Sight, chosen: int | None, tick: float) -> int:
    """Choose how many ticks a cell is high: those that were chosen, unless they are less than a pixel."""
    ticks_per_px = (sight.high - sight.low) / tick / sight.height_px
    if chosen is not None and chosen >= ticks_per_px * _LEAST_ROW_PX:
        return chosen
    least = ticks_per_px * (_LEAST_ROW_PX if chosen is not None else _ROW_PX)
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= least:
                return factor * power
        power *= 10


def _serves(grid: PriceGrid, sight: Sight, group_ticks: int, tick: float) -> bool:
    """Tell whether a grid has the right cells, enough of them beyond the edges, and not far too many."""
    if grid.tick != tick or abs(grid.group / tick - group_ticks) > _NEAR:
        return False
    view = sight.high - sight.low
    grid_high = grid.low + grid.cells * grid.group
    margin = _LEAST_MARGIN * view
    return (
        grid.low <= sight.low - margin
        and sight.high + margin <= grid_high
        and grid_high - grid.low <= _WIDEST_GRID * view + 2 * grid.group
    )


def _grid(sight: Sight, group_ticks: int, tick: float) -> PriceGrid:
    group = float(group_ticks * Fraction(repr(tick)))
    cells = max(_FEWEST_ROWS, ceil(_GRID_VIEWS * (sight.high - sight.low) / group) + 2)
    cells = min(cells, MOST_TICKS // group_ticks)
    return PriceGrid.around((sight.low + sight.high) / 2, group=group, cells=cells, tick=tick)


def first_prices(mid: float, tick: float) -> tuple[float, float]:
    """Choose the prices to look at first around a mid."""
    half = max(_FIRST_VIEW * abs(mid), _FIRST_ROWS * tick) / 2
    return mid - half, mid + half


def price_limits(tick: float) -> tuple[float, float]:
    """Give how few and how many prices can be brought into view."""
    return _FEWEST_ROWS * tick, MOST_TICKS / (2 * _GRID_VIEWS) * tick


def tick_of(book: Book) -> float | None:
    """Find the step of which all prices of a book are multiples; None where they do not tell of one."""
    step = CommonStep()
    step.add(np.concatenate([book.bids[:, 0], book.asks[:, 0]]))
    found = step.step
    if found is None or not isfinite(tick := float(found)) or tick <= 0:
        return None
    return tick
