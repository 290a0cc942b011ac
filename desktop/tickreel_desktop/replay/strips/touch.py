"""What the touch did over time, shared by the strips that draw it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tickreel.book import features
from tickreel.market.units import price_decimals
from tickreel_desktop.replay.series import History

if TYPE_CHECKING:
    from tickreel.replay import TouchSeries

_SAMPLED_PRICES = 64

MID, SPREAD, SPREAD_BPS = range(3)
"""The quantities of :attr:`TouchPast.history`."""


class TouchPoint(NamedTuple):
    """Mid, spread and spread in basis points of the mid at an instant; NaN where there is none."""

    mid: float
    spread: float
    spread_bps: float


class TouchPast:
    """Mid and spread after each message that changed them, and how many decimals prices have."""

    def __init__(self) -> None:
        self.history = History(3)
        self.decimals = 0

    def take(self, touch: TouchSeries) -> None:
        """Take what happened since the last frame."""
        values = touch.as_touch()
        newest = slice(-_SAMPLED_PRICES, None)
        self.decimals = max(
            self.decimals, price_decimals(touch.bid[newest]), price_decimals(touch.ask[newest])
        )
        self.history.append(
            touch.time_us, features.mid(values), features.spread(values), features.spread_bps(values)
        )

    def clear(self) -> None:
        """Forget everything."""
        self.history.clear()

    def at(self, at_us: int) -> TouchPoint | None:
        """Give what was in force at an instant; None before the first message."""
        found = self.history.at(at_us)
        return None if found is None else TouchPoint(*found)
