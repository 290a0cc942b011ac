"""What the sample is about: its symbols, its hours, and how the market's mood changes in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from tickreel.market.time import day_start_us

SAMPLE_EXCHANGE = "tickreel-sim"
SAMPLE_DAY = date(2025, 3, 14)
SAMPLE_SEED = 20_250_314
_HOUR_US = 3_600 * 1_000_000
_LENGTH_S = 8_100
SAMPLE_START_US = day_start_us(SAMPLE_DAY) + 15 * _HOUR_US
"""15:00 UTC, an hour before a funding time."""
SAMPLE_END_US = SAMPLE_START_US + _LENGTH_S * 1_000_000
"""17:15 UTC; every message of the sample arrives before it."""

END_MS = _LENGTH_S * 1_000 - 150
OFFLINE_MS, ONLINE_MS = 4_380_000, 4_382_600
"""The connection drops once, for 2.6 s, and comes back with a snapshot.

What changed meanwhile was never sent: of either book some dozens of levels differ from that
snapshot, which is how a real loss of updates looks and why the days are graded usable.
"""
FUNDING_US = 8 * _HOUR_US

PHASES = np.array(
    [
        # second, drift in ticks of the leading symbol, volatility and activity (1024 = usual)
        (0, 0, 800, 1_000),
        (100, 60, 1_500, 1_900),  # a first push, so that there is something to see at once
        (135, 640, 1_000, 1_300),
        (300, 420, 900, 1_000),
        (700, 700, 1_000, 1_100),  # a trend
        (1_500, 2_500, 700, 800),
        (2_100, 2_300, 450, 520),  # calm
        (2_610, 2_050, 1_300, 1_300),
        (2_690, 1_500, 2_600, 3_600),  # the drop
        (2_730, -4_200, 2_900, 4_600),
        (2_752, -7_300, 2_600, 4_000),
        (2_775, -5_600, 2_100, 2_900),  # and the recovery
        (2_900, -4_900, 1_700, 2_100),
        (3_200, -2_500, 1_200, 1_300),
        (3_590, -2_100, 1_500, 2_300),  # funding
        (3_640, -1_900, 900, 900),
        (4_500, -1_300, 700, 750),
        (5_200, -2_300, 1_400, 1_300),  # to and fro
        (5_600, -1_000, 1_500, 1_500),
        (6_000, -2_200, 1_300, 1_200),
        (6_600, -600, 900, 1_000),
        (7_300, 1_200, 1_200, 1_400),
        (7_700, 700, 800, 900),
        (_LENGTH_S + 1, 900, 800, 900),
    ],
    np.int64,
)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One simulated contract and what is particular to its market."""

    symbol: str
    price_decimals: int
    """A tick is 10**-price_decimals."""
    amount_decimals: int
    """A lot is 10**-amount_decimals."""
    start_tick: int
    jump_ticks: int
    """Standard deviation of a usual jump of its own."""
    share: int
    """How much of the leading symbol's move in ticks it follows, of 1024; 0 for the leader."""
    slot_ms: int
    slot_spread_ms: int
    maker_rate: int
    """Orders of makers per message in the usual mood, times 1024."""
    taker_rate: int
    near_ticks: int
    far_ticks: int
    reach_ticks: int
    round_ticks: int
    first_trade: int
    interest_lots: int


INDEX_DECIMALS = 8
"""Decimals of index prices, mark prices and funding rates."""

INSTRUMENTS = (
    Instrument(
        "BTCUSDT", price_decimals=1, amount_decimals=3, start_tick=600_000, jump_ticks=14, share=0,
        slot_ms=25, slot_spread_ms=24, maker_rate=3_000, taker_rate=60,
        near_ticks=14, far_ticks=900, reach_ticks=4_000, round_ticks=500,
        first_trade=5_210_000_000, interest_lots=81_250_000,
    ),
    Instrument(
        "ETHUSDT", price_decimals=2, amount_decimals=2, start_tick=300_000, jump_ticks=5, share=620,
        slot_ms=30, slot_spread_ms=35, maker_rate=2_900, taker_rate=50,
        near_ticks=11, far_ticks=700, reach_ticks=3_200, round_ticks=500,
        first_trade=3_840_000_000, interest_lots=140_700_000,
    ),
)  # fmt: skip
"""The leading symbol first."""

SAMPLE_SYMBOLS = tuple(instrument.symbol for instrument in INSTRUMENTS)
