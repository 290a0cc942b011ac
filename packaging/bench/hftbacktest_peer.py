"""hftbacktest's fastest book of levels, its ROIVector: by itself, and under a strategy that quotes.

By itself time passes by the minute, and no strategy acts. That is more than a bare book: it keeps two,
the exchange's and the one that is known locally after the feed's latency, applies each row to both, and
is ready to model orders, their queues and their latency. Less: a price outside of the range it was told
is dropped, so it is told the whole range of the day; a snapshot clears no further than its own levels
reach; and it reads nothing, since its events, made by its own converter, lie ready.
"""

from __future__ import annotations

import contextlib
import os

import numpy as np
from contest import Contest, say, timed_book, timed_run
from hftbacktest import (  # type: ignore[import-not-found]
    BUY,
    GTX,
    LIMIT,
    BacktestAsset,
    ROIVectorMarketDepthBacktest,
)
from hftbacktest.data.utils import tardis  # type: ignore[import-not-found]
from hftbacktest.types import DEPTH_CLEAR_EVENT, LOCAL_EVENT  # type: ignore[import-not-found]
from numba import njit

contest = Contest()
path = contest.folder / "events.npy"
_MINUTE_NS = 60_000_000_000
_QUOTES_NS = 100_000_000
_ORDERS_NS = 5_000_000
_KIND = 0xFF
"""The bits of an event that say of which kind it is."""
_MOST_DECIMALS = 12


def _prepare() -> None:
    # What it prints would stand among the figures.
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        events = tardis.convert([str(contest.csv)])
    np.save(path, events)


def _step(values: np.ndarray) -> float:
    """Find the decimal step that all values are multiples of."""
    values = np.unique(values)
    for decimals in range(_MOST_DECIMALS):
        if np.array_equal(np.round(values, decimals), values):
            return float(f"1e-{decimals}")
    return float(f"1e-{_MOST_DECIMALS}")


@njit
def _pass_time(backtest, step_ns):  # type: ignore[no-untyped-def]  # Numba finds the types
    while backtest.elapse(step_ns) == 0:
        pass
    depth = backtest.depth(0)
    return depth.best_bid, depth.best_ask


@njit
def _quote(backtest, step_ns):  # type: ignore[no-untyped-def]  # Numba finds the types
    """Do what tickreel.bench.backtests.CompiledQuotes does."""
    sent = 0
    while backtest.elapse(step_ns) == 0:
        backtest.clear_inactive_orders(0)
        depth = backtest.depth(0)
        is_quoting = False
        orders = backtest.orders(0).values()
        while orders.has_next():
            order = orders.get()
            is_quoting = True
            best = depth.best_bid_tick if order.side == BUY else depth.best_ask_tick
            if order.price_tick != best and order.cancellable:
                backtest.cancel(0, order.order_id, False)
        if not is_quoting and depth.best_bid < depth.best_ask:
            backtest.submit_buy_order(0, sent, depth.best_bid, 1.0, GTX, LIMIT, False)
            backtest.submit_sell_order(0, sent + 1, depth.best_ask, 1.0, GTX, LIMIT, False)
            sent += 2
    return sent


def _measure() -> dict[str, float]:
    events = np.load(path)
    is_level = (events["ev"] & _KIND) != DEPTH_CLEAR_EVENT
    tick, lot = _step(events["px"][is_level]), _step(events["qty"][is_level])
    low, high = float(events["px"].min()), float(events["px"].max())
    # Those that come in another order on the exchange are there twice.
    rows = int(np.count_nonzero(is_level & ((events["ev"] & LOCAL_EVENT) != 0)))

    def backtest(latency_ns: int):  # type: ignore[no-untyped-def]
        asset = (
            BacktestAsset()
            .data(events)
            .linear_asset(1.0)
            .constant_order_latency(latency_ns, latency_ns)
            .risk_adverse_queue_model()
            .no_partial_fill_exchange()
            .trading_value_fee_model(0.0, 0.0)
            .tick_size(tick)
            .lot_size(lot)
            .roi_lb(low)
            .roi_ub(high)
            .last_trades_capacity(0)
        )
        return ROIVectorMarketDepthBacktest([asset])

    def fresh():  # type: ignore[no-untyped-def]
        made = backtest(0)
        return lambda: _pass_time(made, _MINUTE_NS)

    def fresh_run():  # type: ignore[no-untyped-def]
        made = backtest(_ORDERS_NS)
        return lambda: (rows, _quote(made, _QUOTES_NS))

    return timed_run(fresh_run) if contest.measure == "quotes" else timed_book(rows, fresh)


if contest.measure == "prepare":
    _prepare()
    say({})
else:
    say(_measure())
