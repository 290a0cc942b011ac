"""Snapshots that are written down by a test, without a market behind them."""

from __future__ import annotations

from typing import Any

from support.vendorfiles import START_US

from tickreel.analysis import FIGURES, Snapshot

SPAN_US = 60_000_000


def snapshot(
    number: int = 0, *, exchange: str = "binance-futures", symbol: str = "BTCUSDT", **values: Any
) -> Snapshot:
    """Give the snapshot of minute *number* with some figures by name; the others have no value."""
    named = {"duration": 60.0, "book_messages": 10, "gaps": 0, "doubts": 0, **values}
    start_us = START_US + number * SPAN_US
    return Snapshot(
        exchange, symbol, start_us, start_us + SPAN_US, {each.id: named.get(each.name) for each in FIGURES}
    )
