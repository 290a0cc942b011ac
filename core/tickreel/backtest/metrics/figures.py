"""All figures of a run for its card, from what the engine left.

Values are in the currency of settlement. Where instruments settle in several, what would add them up is
None, and each is told by itself under ``instruments``. What is not known is None.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.metrics.execution import adverse_selection, latency_cost, ratio
from tickreel.backtest.metrics.returns import earnings, held
from tickreel.backtest.metrics.trading import hit_rate, inventory, realised, value_of
from tickreel.backtest.outcome import NEVER, Reason, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.backtest.outcome import Outcome, Table, Traded


def figures(outcome: Outcome, start_us: int, capital: float | None) -> dict[str, Any]:
    """Sum up a run over [start_us, where it came to); a dict that JSON knows, with numbers finite or None."""
    end_us = max(start_us, outcome.reached_us)
    each = [
        _of_instrument(outcome, number, traded, start_us, end_us)
        for number, traded in enumerate(outcome.instruments)
    ]
    currencies = {traded.currency for traded in outcome.instruments}
    found: dict[str, Any] = {
        "currency": None,
        **earnings(np.empty(0, np.int64), np.empty(0), start_us, end_us, None),
        **dict.fromkeys(("pnl", "fees", "funding", "realised", "turnover", "latency_cost")),
        **dict.fromkeys(("max_drawdown", "longest_drawdown_us", "turnover_of_capital")),
    }
    if len(currencies) == 1:
        at_us, equity = total_equity(outcome)
        found |= {
            "currency": currencies.pop() or None,
            **earnings(at_us, equity, start_us, end_us, capital),
            **{name: sum(one[name] for one in each) for name in ("fees", "funding", "realised", "turnover")},
            "latency_cost": sum(one["latency_cost"] for one in each),
        }
        if capital is not None:
            found["turnover_of_capital"] = sum(one["turnover"] for one in each) / capital
    gains = np.concatenate([one.pop("_gains") for one in each]) if each else np.empty(0)
    found |= {"hit_rate": hit_rate(gains), "closing_fills": len(gains), **_fills(outcome)}
    found |= {"queue": _queue(outcome), "latency": _latency(outcome.orders), "instruments": each}
    told: dict[str, Any] = _finite(found)
    return told


def total_equity(outcome: Outcome) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give equity over all instruments, (n,) and (n,); without a mid, what was last known holds."""
    columns = held(np.array(outcome.equity["equity"], np.float64))
    return np.ascontiguousarray(outcome.equity["time_us"]), columns.sum(axis=1)


def _of_instrument(
    outcome: Outcome, number: int, traded: Traded, start_us: int, end_us: int
) -> dict[str, Any]:
    is_own = outcome.fills["instrument"] == number
    fills = outcome.fills[is_own]
    orders = outcome.orders[outcome.orders["instrument"] == number]
    side, price, amount = fills["side"], fills["price"], fills["amount"]
    at_us = np.ascontiguousarray(fills["time_us"])
    closed = realised(side, price, amount, traded.multiplier, is_inverse=traded.is_inverse)
    equity = outcome.equity
    last = equity[-1] if len(equity) else None
    return {
        "exchange": traded.exchange,
        "symbol": traded.symbol,
        "currency": traded.currency or None,
        "pnl": None if last is None else float(last["equity"][number]),
        "fees": float(fills["fee"].sum()),
        "funding": 0.0 if last is None else float(last["funding"][number]),
        "realised": float(closed.gains.sum()),
        "turnover": float(
            np.abs(value_of(price, amount, traded.multiplier, is_inverse=traded.is_inverse)).sum()
        ),
        "fills": len(fills),
        "inventory": inventory(at_us, np.ascontiguousarray(fills["position"]), start_us, end_us),
        "adverse_selection": adverse_selection(side, price, amount, outcome.mids_after[is_own]),
        "latency_cost": _latency_cost(orders, fills, traded),
        "_gains": closed.gains,
    }


def _latency_cost(orders: Table, fills: Table, traded: Traded) -> float:
    """Give what the way to the exchange cost what took, as a value; see :func:`latency_cost`."""
    if not len(orders):
        return 0.0
    takes = fills[~fills["is_maker"]]
    place = np.searchsorted(orders["id"], takes["order"])  # ids ascend
    of = orders[place]
    arrived = (of["bid"] + of["ask"]) / 2
    if traded.is_inverse:
        return latency_cost(
            takes["side"], takes["amount"] * traded.multiplier, -1 / of["mid_sent"], -1 / arrived
        )
    return latency_cost(takes["side"], takes["amount"] * traded.multiplier, of["mid_sent"], arrived)


def _fills(outcome: Outcome) -> dict[str, Any]:
    orders, fills = outcome.orders, outcome.fills
    asked, filled = float(orders["amount"].sum()), float(orders["filled"].sum())
    rejected = orders[orders["status"] == Status.REJECTED]
    reasons = Counter(Reason(int(code)).name.lower() for code in rejected["reason"])
    maker = float(fills["amount"][fills["is_maker"]].sum())
    return {
        "fill_ratio": ratio(filled, asked),
        "orders_filled_share": ratio(int(np.count_nonzero(orders["filled"] > 0)), len(orders)),
        "maker_share": ratio(maker, float(fills["amount"].sum())),
        "rejected": len(rejected),
        "rejected_reasons": dict(sorted(reasons.items())),
    }


def _queue(outcome: Outcome) -> dict[str, Any]:
    """Sum up the orders that joined a queue."""
    orders, fills = outcome.orders, outcome.fills
    joined = orders[np.isfinite(orders["queue_ahead"])]
    first_us = np.full(len(orders), NEVER, np.int64)
    makes = fills[fills["is_maker"]]
    first_us[makes["order"][::-1]] = makes["time_us"][::-1]  # the first of an order is written last
    waited = first_us[joined["id"]]
    is_filled = waited != NEVER
    waits_us = waited[is_filled] - joined["arrive_us"][is_filled]
    return {
        "joined": len(joined),
        "filled_share": ratio(int(np.count_nonzero(is_filled)), len(joined)),
        "ahead_mean": float(joined["queue_ahead"].mean()) if len(joined) else None,
        "ahead_median": float(np.median(joined["queue_ahead"])) if len(joined) else None,
        "wait_median_us": int(np.median(waits_us)) if len(waits_us) else None,
    }


def _latency(orders: Table) -> dict[str, Any]:
    """Sum up how long orders and answers were on their way, in microseconds."""
    found: dict[str, Any] = {}
    for name, begin, end in (("entry", "submit_us", "arrive_us"), ("response", "arrive_us", "ack_us")):
        known = (orders[begin] != NEVER) & (orders[end] != NEVER)
        took_us = (orders[end] - orders[begin])[known]
        found[f"{name}_median_us"] = int(np.median(took_us)) if len(took_us) else None
        found[f"{name}_p99_us"] = int(np.quantile(took_us, 0.99)) if len(took_us) else None
    return found


def _finite(value: Any) -> Any:
    """Give None for what is no number, so that JSON can hold it."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value
