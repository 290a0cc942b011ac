"""Runs in hftbacktest's environment: plays an ``.npz`` to its end, and prints its book and what it saw."""

from __future__ import annotations

import json
import sys

import numpy as np
from hftbacktest import BacktestAsset, HashMapMarketDepthBacktest  # type: ignore[import-not-found]
from hftbacktest.data.validation import validate_event_order  # type: ignore[import-not-found]
from numba import njit


@njit
def play(backtest, tick, low, high):  # type: ignore[no-untyped-def]  # Numba finds the types
    trades = 0
    while backtest.elapse(100_000_000) == 0:
        trades += len(backtest.last_trades(0))
        backtest.clear_last_trades(0)
    trades += len(backtest.last_trades(0))
    depth = backtest.depth(0)
    count = high - low + 1
    amounts = np.zeros((2, count))
    for place in range(count):
        amounts[0, place] = depth.bid_qty_at_tick(low + place)
        amounts[1, place] = depth.ask_qty_at_tick(low + place)
    return trades, depth.best_bid, depth.best_ask, amounts


def main() -> None:
    path, tick = sys.argv[1], float(sys.argv[2])
    events = np.load(path)["data"]
    validate_event_order(events)
    levels = events["px"][events["px"] > 0]
    low, high = round(levels.min() / tick), round(levels.max() / tick)
    asset = (
        BacktestAsset()
        .data([path])
        .linear_asset(1.0)
        .constant_order_latency(0, 0)
        .risk_adverse_queue_model()
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0, 0.0)
        .tick_size(tick)
        .lot_size(0.001)
        .last_trades_capacity(100_000)
    )
    trades, bid, ask, amounts = play(HashMapMarketDepthBacktest([asset]), tick, low, high)
    sides = [
        {str(low + place): float(amount) for place, amount in enumerate(side) if amount > 0}
        for side in amounts
    ]
    told = {"trades": trades, "bid": bid, "ask": ask, "bids": sides[0], "asks": sides[1]}
    sys.stdout.write(json.dumps(told))


main()
