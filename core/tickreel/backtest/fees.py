"""The fees of venues, for instruments of which nobody said any."""

from __future__ import annotations

from typing import NamedTuple


class VenueRates(NamedTuple):
    """What a venue takes of the traded value without any discount, as parts of it."""

    maker: float
    taker: float


VENUE_FEES: dict[str, VenueRates] = {
    "binance": VenueRates(0.001, 0.001),
    "binance-futures": VenueRates(0.0002, 0.0005),
    "binance-delivery": VenueRates(0.0002, 0.0005),
    "bybit": VenueRates(0.0002, 0.00055),
    "bybit-spot": VenueRates(0.001, 0.001),
    "okex": VenueRates(0.0008, 0.001),
    "okex-swap": VenueRates(0.0002, 0.0005),
    "okex-futures": VenueRates(0.0002, 0.0005),
    "deribit": VenueRates(0.0, 0.0005),
    "tickreel-sim": VenueRates(0.0002, 0.0005),
}
"""By the vendor's name of the exchange: the base rates that each published in 2024, lowest tier, no token
discounts. A run card names the rates that a run used; type in your own with ``instruments set`` or --fees."""
