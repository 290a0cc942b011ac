"""One tick, as the founding article's callbacks and strategies take it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tickreel.analysis import Analysis


@dataclass(frozen=True, slots=True)
class TickEvent:
    """A tick as the article has it."""

    exchange: str
    symbol: str
    timestamp: int
    """When it reached the recorder, in microseconds since 1970 UTC."""
    bid_price: float
    """NaN where that side of the book is empty or unknown, as the size is."""
    ask_price: float
    bid_size: float
    ask_size: float
    side: str | None = None
    """``buy``, ``sell``, ``unknown``, or empty where the vendor gave none."""
    volume: float | None = None
    """Amount of the trade; NaN where the vendor gave none."""
    price: float | None = None
    """Price of the trade; NaN where the vendor gave none."""
    ai_analysis: Analysis | None = None
    """What was analysed at this tick, where that was asked for."""

    @property
    def spread(self) -> float:
        """Best ask less best bid; NaN when one is missing."""
        return self.ask_price - self.bid_price

    @property
    def mid_price(self) -> float:
        """The price halfway between best bid and ask; NaN when one is missing."""
        return (self.bid_price + self.ask_price) / 2

    def to_dict(self) -> dict[str, Any]:
        """Give the article's dict, with the price of the trade, and without an analysis."""
        cells = asdict(replace(self, ai_analysis=None))
        del cells["ai_analysis"]
        cells["bid"], cells["ask"] = cells.pop("bid_price"), cells.pop("ask_price")
        return cells | {"spread": self.spread, "mid_price": self.mid_price}
