"""The fees of venues, for instruments of which nobody said any."""

from __future__ import annotations

from typing import NamedTuple


class VenueRates(NamedTuple):
    """What a venue takes of the traded value without any discount, as parts of it."""

    maker: float
    taker: float
    source: str
    """Where the rates stand, and of when that is."""


_BINANCE = "binance.com/en/fee/schedule, regular user, no BNB discount, as others quote it in 2024-2025"
_BINANCE_COIN = f"{_BINANCE}; Binance's own FAQ still calculates with 0.015 and 0.040 %"
_BYBIT = "bybit.com help center, Perpetual & Futures Contract: Fees Explained, 2024-10-16"
_DERIBIT = "support.deribit.com, Fees (articles/25944746248989), BTC and ETH futures and perpetuals, 2025"
_OKX = "okx.com/fees, regular users Lv1, 2024"

VENUE_FEES: dict[str, VenueRates] = {
    "binance": VenueRates(0.001, 0.001, _BINANCE),
    "binance-futures": VenueRates(0.0002, 0.0005, _BINANCE),
    "binance-delivery": VenueRates(0.0002, 0.0005, _BINANCE_COIN),
    "bybit": VenueRates(0.0002, 0.00055, _BYBIT),
    "bybit-spot": VenueRates(0.001, 0.001, "Bybit spot, non-VIP, as others quote it in 2024-2025"),
    "okex": VenueRates(0.0008, 0.001, _OKX),
    "okex-swap": VenueRates(0.0002, 0.0005, f"{_OKX}, as others quote it"),
    "okex-futures": VenueRates(0.0002, 0.0005, f"{_OKX}, as others quote it"),
    "deribit": VenueRates(0.0, 0.0005, _DERIBIT),
    "tickreel-sim": VenueRates(0.0002, 0.0005, "made up, as binance-futures"),
}
"""By the vendor's name of the exchange: the base rates, lowest tier, no token discounts. Rates change and
differ by region, and older days had others. A run card names the rates that a run used and their source;
type in your own with ``instruments set`` or --fees."""
