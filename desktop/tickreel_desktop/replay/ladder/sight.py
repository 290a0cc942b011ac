"""Everything the ladder shows at an instant: plain figures, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.units import format_amount, format_price
from tickreel_desktop.replay.ladder.levels import TouchRows, row_amounts, touch_rows, walls
from tickreel_desktop.replay.ladder.traded import SIDES
from tickreel_desktop.replay.statistics import NEAR_BP, amounts_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.book import Book
    from tickreel_desktop.replay.ladder.arrangement import Arrangement
    from tickreel_desktop.replay.ladder.scale import RowScale
    from tickreel_desktop.replay.ladder.traded import TradedVolume


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """The rows from *low* upward, and the sums that stand beside them."""

    scale: RowScale
    low: int
    amounts: NDArray[np.float64]
    """(rows, 2): bids and asks; 0 where there are none."""
    traded: NDArray[np.float64]
    """(rows, 3): bought, sold, and of unknown side."""
    is_wall: NDArray[np.bool_]
    """(rows, 2)."""
    touch: TouchRows
    best: tuple[float | None, float | None]
    """Best bid and best ask."""
    near: tuple[float, float]
    """Amounts within some basis points of the mid; NaN without one."""
    total: tuple[float, float]
    """Amounts of the whole book."""
    total_traded: float

    @property
    def spread(self) -> float | None:
        """Best ask less best bid, below 0 in a crossed book; None when a side is empty."""
        bid, ask = self.best
        return None if bid is None or ask is None else ask - bid

    @property
    def is_crossed(self) -> bool:
        """Whether the best bid is at or above the best ask."""
        return self.spread is not None and self.spread <= 0

    @property
    def longest_bar(self) -> float:
        """The largest amount in view that is no wall: walls fill their column, and hide no other bar."""
        usual = self.amounts[~self.is_wall]
        return float(usual.max(initial=0.0))

    def index(self, row: int) -> int:
        """Give where a row is in the arrays."""
        return row - self.low

    def row_of(self, price: float) -> int:
        """Give the row in which the levels of a price are shown."""
        at = np.array([price])
        bid, ask = self.best
        middle = bid if ask is None else ask if bid is None else (bid + ask) / 2
        is_bid = middle is None or price <= middle
        return int((self.scale.floor if is_bid else self.scale.ceil)(at)[0])

    def spread_text(self) -> str:
        """Say what lies between the sides."""
        spread = self.spread
        if spread is None:
            return "no bids" if self.best[0] is None else "no asks"
        word = "crossed" if spread < 0 else "locked" if spread == 0 else "spread"
        return f"{word} {format_price(spread, self.scale.decimals)}"

    def row_text(self, row: int) -> str:
        """Read out a row: price, amounts, what was traded, and whether it is a wall."""
        at = self.index(row)
        words = [format_price(self.scale.price(row), self.scale.decimals)]
        if not 0 <= at < len(self.amounts):
            return words[0]
        for side, name in enumerate(("bid", "ask")):
            if self.amounts[at, side]:
                wall = ", a wall" if self.is_wall[at, side] else ""
                best = "best " if row == self.touch[side] else ""
                words.append(f"{best}{name} {format_amount(self.amounts[at, side])}{wall}")
        if len(words) == 1:
            words.append("no orders")
        words += [
            f"traded {name} {format_amount(amount)}"
            for name, amount in zip(SIDES, self.traded[at], strict=True)
            if amount
        ]
        return ", ".join(words)


def seen(book: Book, scale: RowScale, arrangement: Arrangement, traded: TradedVolume) -> Sight:
    """Compute what the rows in view show."""
    low, count = arrangement.low, arrangement.count
    amounts = row_amounts(book, scale, low, count)
    bid, ask = book.best_bid, book.best_ask
    return Sight(
        scale=scale,
        low=low,
        amounts=amounts,
        traded=traded.rows(scale, low, count),
        is_wall=walls(amounts),
        touch=touch_rows(book, scale),
        best=(bid[0] if bid else None, ask[0] if ask else None),
        near=amounts_within(book, NEAR_BP),
        total=(float(book.bids[:, 1].sum()), float(book.asks[:, 1].sum())),
        total_traded=float(traded.total().sum()),
    )
