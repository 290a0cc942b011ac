"""The last trades that were played, and those of them that pass a filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel_desktop.replay.ring import Ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import TradeSeries

KEPT = 10_000
SIDES = ("buy", "sell", "unknown")
_UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """Which trades are shown, and how."""

    least: float = 0.0
    """Amount from which on a trade is shown."""
    side: int | None = None
    """Only trades of this side: 0 buy, 1 sell; None shows all."""
    merges: bool = False
    """Trades of one microsecond and one side are one row: their amounts together, the last one's price."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of time and sales, the oldest first; all arrays have one length."""

    number: NDArray[np.int64]
    """Which trade it is, counted from the beginning; of merged ones the last."""
    time_us: NDArray[np.int64]
    side: NDArray[np.int8]
    """0 buy, 1 sell, 2 everything else."""
    price: NDArray[np.float64]
    amount: NDArray[np.float64]
    trades: NDArray[np.int64]
    """How many trades a row is."""

    def __len__(self) -> int:
        return len(self.number)


class Trades:
    """Keeps the last trades in memory that does not grow."""

    def __init__(self, limit: int = KEPT) -> None:
        self._ring = Ring(limit, np.int64, np.int8, np.float64, np.float64)

    def __len__(self) -> int:
        return len(self._ring)

    @property
    def taken(self) -> int:
        """Trades taken since it was cleared, those that are no longer kept among them."""
        return self._ring.taken

    def clear(self) -> None:
        """Forget all trades."""
        self._ring.clear()

    def append(self, trades: TradeSeries) -> None:
        """Take trades that follow."""
        self._ring.append(trades.time_us, trades.side, trades.price, trades.amount)

    def rows(self, wanted: TradeFilter) -> Rows:
        """Give the rows that pass a filter; merged trades pass by their amount together."""
        time_us, side, price, amount = (self._ring.column(each) for each in range(4))
        number = np.arange(self.taken - len(self), self.taken)
        side = np.where(side > _UNKNOWN, _UNKNOWN, side).astype(np.int8)
        rows = Rows(number, time_us, side, price, amount, np.ones(len(number), np.int64))
        if wanted.merges:
            rows = _merged(rows)
        passes = np.ones(len(rows), np.bool_)
        if wanted.least > 0:
            passes &= rows.amount >= wanted.least
        if wanted.side is not None:
            passes &= rows.side == wanted.side
        return rows if passes.all() else _chosen(rows, passes)


def _merged(rows: Rows) -> Rows:
    if not len(rows):
        return rows
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = (rows.time_us[1:] != rows.time_us[:-1]) | (rows.side[1:] != rows.side[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(rows)) - 1
    amount = np.add.reduceat(np.nan_to_num(rows.amount, nan=0.0), first)
    return Rows(
        rows.number[last], rows.time_us[last], rows.side[last], rows.price[last], amount, last - first + 1
    )


def _chosen(rows: Rows, passes: NDArray[np.bool_]) -> Rows:
    return Rows(
        rows.number[passes],
        rows.time_us[passes],
        rows.side[passes],
        rows.price[passes],
        rows.amount[passes],
        rows.trades[passes],
    )
