"""Outcomes of runs put together by hand, for what comes after the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from tickreel.backtest.outcome import (
    FILL,
    HORIZONS_US,
    NEVER,
    ORDER,
    LogLine,
    Outcome,
    Recorded,
    Rule,
    Status,
    Traded,
    equity_dtype,
)

START_US = 1_721_692_800_000_000
S = 1_000_000
BTC = Traded("binance-futures", "BTCUSDT", 0.1, 0.001, 1.0, False, "USDT", 0.0002, 0.0005, "venue")
INVERSE = Traded("bitmex", "XBTUSD", 0.5, 100.0, 1.0, True, "XBT", 0.0, 0.0, "given")


def order(number: int, side: int, price: float, amount: float, **fields: Any) -> tuple[Any, ...]:
    """Give a row of orders; what is not named is that of one which was filled a second after it was sent."""
    sent_us = START_US + number * S
    row = {
        "id": number,
        "instrument": 0,
        "side": side,
        "kind": 0,
        "force": 0,
        "status": Status.FILLED,
        "reason": 0,
        "price": price,
        "amount": amount,
        "filled": amount,
        "submit_us": sent_us,
        "arrive_us": sent_us + 1000,
        "ack_us": sent_us + 2000,
        "cancel_us": NEVER,
        "end_us": sent_us + S,
        "known_end_us": sent_us + S + 1000,
        "queue_ahead": 2.0,
        "bid": price - 0.5,
        "ask": price + 0.5,
        "mid_sent": price,
    } | fields
    return tuple(row[name] for name in ORDER.names or ())


def fill(
    number: int, side: int, price: float, amount: float, position: float, **fields: Any
) -> tuple[Any, ...]:
    """Give a row of fills, of the order of that number."""
    at_us = START_US + (number + 1) * S
    row = {
        "order": number,
        "instrument": 0,
        "side": side,
        "is_maker": True,
        "rule": Rule.TRADED_AT,
        "time_us": at_us,
        "known_us": at_us + 1000,
        "price": price,
        "amount": amount,
        "fee": 0.01,
        "position": position,
        "mid": price,
    } | fields
    return tuple(row[name] for name in FILL.names or ())


def outcome(
    orders: list[tuple[Any, ...]],
    fills: list[tuple[Any, ...]],
    equity: list[float],
    *,
    instruments: tuple[Traded, ...] = (BTC,),
    **fields: Any,
) -> Outcome:
    """Give an outcome whose equity, that of the first instrument, is sampled every second."""
    samples = np.zeros(len(equity), equity_dtype(len(instruments)))
    samples["time_us"] = START_US + S * np.arange(1, len(equity) + 1)
    samples["equity"][:, 0] = equity
    samples["mid"][:, 0] = 100.0
    given: dict[str, Any] = {
        "strategy_name": "Lean",
        "strategy_sha256": "ab" * 32,
        "params": {"lean": 0.5},
        "equity_step_us": S,
        "messages": 100,
        "rows": 200,
        "trades": 3,
        "reached_us": START_US + len(equity) * S,
        "log": (LogLine(START_US, "info", "begun"),),
        "series": {"signal": Recorded(samples["time_us"].copy(), np.array(equity))},
    } | fields
    ends_us = np.array(fills, FILL)["time_us"][:, None] + np.array(HORIZONS_US)
    reached_us = given["reached_us"]
    return Outcome(
        instruments=instruments,
        orders=np.array(orders, ORDER),
        fills=np.array(fills, FILL),
        mids_after=np.where(ends_us < reached_us, 100.0, np.nan),
        equity=samples,
        **given,
    )


def round_trip() -> Outcome:
    """Give one that bought at 100, sold at 103, and was rejected once."""
    return outcome(
        [
            order(0, 1, 100.0, 2.0),
            order(1, -1, 103.0, 2.0, mid_sent=103.25),
            order(2, 1, 99.0, 4.0, filled=0.0, status=Status.REJECTED, reason=1, queue_ahead=np.nan),
        ],
        [fill(0, 1, 100.0, 2.0, 2.0), fill(1, -1, 103.0, 2.0, 0.0, is_maker=False, rule=Rule.TAKEN)],
        [0.0, 1.0, 6.0, 5.98, 5.98],
    )
