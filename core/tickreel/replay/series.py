"""Best prices and trades of a span of a replay, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.book.series import Touch

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class TouchSeries:
    """Best bid and ask after each book message of a span, oldest first; all arrays have one length."""

    time_us: NDArray[np.int64]
    bid: NDArray[np.float64]
    """Best bid price; NaN where that side is empty, as its amount is."""
    ask: NDArray[np.float64]
    """Best ask price; NaN where that side is empty, as its amount is."""
    bid_amount: NDArray[np.float64]
    ask_amount: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.time_us)

    def __repr__(self) -> str:
        return f"TouchSeries({len(self)} moments)"

    @classmethod
    def joined(cls, pieces: list[TouchSeries]) -> TouchSeries:
        """Join spans that follow one another."""
        return cls(
            np.concatenate([p.time_us for p in pieces] or [np.empty(0, np.int64)]),
            *(
                np.concatenate([getattr(p, name) for p in pieces] or [np.empty(0, np.float64)])
                for name in ("bid", "ask", "bid_amount", "ask_amount")
            ),
        )

    def as_touch(self) -> Touch:
        """Give the same arrays as the formulas of :mod:`tickreel.book.features` take them."""
        return Touch(self.time_us, self.bid, self.ask, self.bid_amount, self.ask_amount)


@dataclass(frozen=True, slots=True, eq=False)
class TradeSeries:
    """Trades of a span, oldest first; all arrays have one length."""

    time_us: NDArray[np.int64]
    side: NDArray[np.int8]
    """0 buy, 1 sell, 2 unknown, 3 empty."""
    price: NDArray[np.float64]
    """NaN where the vendor gave none."""
    amount: NDArray[np.float64]
    """NaN where the vendor gave none."""

    def __len__(self) -> int:
        return len(self.time_us)

    def __repr__(self) -> str:
        return f"TradeSeries({len(self)} trades)"

    def part(self, start: int, stop: int) -> TradeSeries:
        """Give trades [start, stop) without copying."""
        return TradeSeries(
            self.time_us[start:stop], self.side[start:stop], self.price[start:stop], self.amount[start:stop]
        )

    @classmethod
    def joined(cls, pieces: list[TradeSeries]) -> TradeSeries:
        """Join spans that follow one another."""
        return cls(
            np.concatenate([p.time_us for p in pieces] or [np.empty(0, np.int64)]),
            np.concatenate([p.side for p in pieces] or [np.empty(0, np.int8)]),
            np.concatenate([p.price for p in pieces] or [np.empty(0, np.float64)]),
            np.concatenate([p.amount for p in pieces] or [np.empty(0, np.float64)]),
        )
