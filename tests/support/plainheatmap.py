"""A heatmap by a walk over every microsecond: slow and obvious, to check the kernels against."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from support.dictbook import DictBook, Row

from tickreel.book.pricegrid import CellMeasure, PriceGrid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

Cells = list[Fraction]
"""Sizes of the cells of the bids, then of those of the asks."""


@cache
def exact(value: float) -> Fraction:
    return Fraction(repr(value))


def plain_sizes(book: DictBook, grid: PriceGrid) -> Cells:
    sizes = [Fraction(0)] * (2 * grid.cells)
    for number, side in enumerate(("bid", "ask")):
        for price, amount in book.sides[side].items():
            cell = (exact(price) - exact(grid.low)) // exact(grid.group)
            if 0 <= cell < grid.cells:
                sizes[number * grid.cells + cell] += Fraction(amount)
    return sizes


@dataclass
class PlainHeatmap:
    """What was in each cell at each microsecond, None where nothing was known."""

    grid: PriceGrid
    start_us: int
    sizes: list[Cells | None]

    @classmethod
    def of(
        cls, grid: PriceGrid, rows: Iterable[Row], breaks_us: Sequence[int], *, start_us: int, end_us: int
    ) -> PlainHeatmap:
        book, now, sizes = DictBook(), None, []
        messages: dict[int, list[Row]] = {}
        for row in rows:
            messages.setdefault(row.local_us, []).append(row)
        for us in range(min([start_us, *messages]), end_us):
            if us in breaks_us:
                book.forget()
                now = None
            if us in messages:
                book.apply(messages[us])
                now = plain_sizes(book, grid) if book.has_snapshot else None
            if us >= start_us:
                sizes.append(now)
        return cls(grid, start_us, sizes)

    def column(self, start_us: int, end_us: int, measure: CellMeasure) -> NDArray[np.float64]:
        instants = self.sizes[start_us - self.start_us : end_us - self.start_us]
        if measure is CellMeasure.LAST:
            instants = instants[-1:]
        known = [sizes for sizes in instants if sizes is not None]
        if not known:
            return np.full((2, self.grid.cells), np.nan)
        match measure:
            case CellMeasure.LAST | CellMeasure.GREATEST:
                found = [max(cell) for cell in zip(*known, strict=True)]
            case CellMeasure.TIME_WEIGHTED:
                found = [sum(cell) / len(known) for cell in zip(*known, strict=True)]
        return np.array([float(size) for size in found]).reshape(2, self.grid.cells)
