"""Prices that grow a decimal in the middle of a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.numbers import positional

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tickreel.market.types import Schema


def watched_prices(schema: Schema) -> tuple[str, ...]:
    """Name the columns that hold prices at which one may trade, not prices computed from others."""
    return tuple(
        name
        for name in schema.names
        if name in ("price", "bid_price", "ask_price") or name.endswith(".price")
    )


_MOST_DECIMALS = 308
"""As many as a power of ten reaches; a price with more is smaller than any exchange's tick."""


class Decimals:
    """The most decimals that the prices of one instrument have had on one day."""

    def __init__(self) -> None:
        self._most = -1  # none met

    @property
    def power(self) -> float:
        """Ten to the most decimals so far; 0, which suits no price, before the first one."""
        return 0.0 if self._most < 0 else 10.0 ** min(self._most, _MOST_DECIMALS)

    def begin(self, prices: Sequence[float]) -> None:
        """Take the first prices of the day, those of one row: none of them is earlier than another.

        NaN where one is missing, but not all.
        """
        self._most = max(_decimals(price) for price in prices if price == price)

    def finer_rows(self, columns: Sequence[NDArray[np.float64]]) -> list[tuple[int, str]]:
        """Take the prices of the next rows; list the rows that have one with more decimals than any before.

        The columns have one length; each row found comes with a note.
        """
        from tickreel.store.health import rowkernels

        found: list[tuple[int, str]] = []
        starts = [0] * len(columns)
        if self._most < 0:
            row = min(rowkernels.first_finer(prices, 0, self.power) for prices in columns)
            if row == len(columns[0]):
                return found
            self.begin([float(prices[row]) for prices in columns])
            starts = [row + 1] * len(columns)
        while True:
            nexts = [
                rowkernels.first_finer(prices, start, self.power)
                for prices, start in zip(columns, starts, strict=True)
            ]
            row, column = min((row, column) for column, row in enumerate(nexts))
            if row == len(columns[column]):
                return found
            # The other columns are looked at again in this row, for the decimals that are now the most.
            starts = [max(start, row) for start in starts]
            starts[column] = row + 1
            price = float(columns[column][row])
            decimals = _decimals(price)
            if decimals > self._most:
                note = f"{positional(price)} after prices of {self._most} decimals"
                self._most = decimals
                if not found or found[-1][0] != row:
                    found.append((row, note))


def _decimals(price: float) -> int:
    return len(positional(price).partition(".")[2])
