"""Orders sent to hftbacktest at given times, in its own environment: ``python hftbacktest_orders.py FOLDER``.

The folder has ``events.npy`` and ``actions.npy`` in hftbacktest's own form and ours, and ``settings.json``.
Every change of an order is printed as it becomes known: [order, status, filled so far, price of the last
fill, time at the exchange, time known], and then position, balance, fee. Times printed are microseconds.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from hftbacktest import (  # type: ignore[import-not-found]
    GTC,
    GTX,
    LIMIT,
    BacktestAsset,
    HashMapMarketDepthBacktest,
)
from hftbacktest.order import IOC  # type: ignore[import-not-found]
from numba import njit

BUYS, SELLS, CANCELS = range(3)
FORCES = (GTC, GTX, IOC)


@njit
def _look(backtest, status, left, told, count):  # type: ignore[no-untyped-def]
    orders = backtest.orders(0).values()
    while orders.has_next():
        order = orders.get()
        number = order.order_id
        if order.req == 0 and (order.status != status[number] or order.leaves_qty != left[number]):
            status[number], left[number] = order.status, order.leaves_qty
            told[count, 0] = number
            told[count, 1] = order.status
            told[count, 2] = order.qty - order.leaves_qty
            told[count, 3] = order.exec_price
            told[count, 4] = order.exch_timestamp // 1_000
            told[count, 5] = backtest.current_timestamp // 1_000
            count += 1
    return count


@njit
def _play(backtest, times, ints, numbers, end_ns, told):  # type: ignore[no-untyped-def]
    status = np.full(len(times), -1)
    left = np.full(len(times), np.nan)
    count = 0
    backtest.elapse(1)  # only then does its clock stand at the first event
    for action in range(len(times) + 1):
        until = times[action] if action < len(times) else end_ns
        while backtest.current_timestamp < until:
            found = backtest.wait_next_feed(True, until - backtest.current_timestamp)
            if found == 3:
                count = _look(backtest, status, left, told, count)
            elif found == 1:
                break
            elif found > 3:
                return -found  # it refuses to go on
        if action == len(times):
            break
        number, does, force = ints[action]
        price, amount = numbers[action]
        if does == BUYS:
            backtest.submit_buy_order(0, number, price, amount, force, LIMIT, False)
        elif does == SELLS:
            backtest.submit_sell_order(0, number, price, amount, force, LIMIT, False)
        else:
            orders = backtest.orders(0)
            if number in orders and orders.get(number).cancellable:
                backtest.cancel(0, number, False)
    return count


def main(folder: Path) -> None:
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    events = np.load(folder / "events.npy")  # it keeps no reference of its own
    asset = (
        BacktestAsset()
        .data(events)
        .linear_asset(1.0)
        .constant_order_latency(settings["entry_ns"], settings["response_ns"])
        .trading_value_fee_model(settings["maker"], settings["taker"])
        .tick_size(settings["tick"])
        .lot_size(settings["lot"])
        .last_trades_capacity(0)
    )
    queue, *power = settings["queue"]
    asset = getattr(asset, queue)(*power)
    asset = getattr(asset, settings["exchange"])()
    backtest = HashMapMarketDepthBacktest([asset])
    actions = np.load(folder / "actions.npy")
    ints = np.stack([actions["order"], actions["does"], actions["force"]], axis=1)
    ints[:, 2] = np.array(FORCES)[ints[:, 2]]
    numbers = np.stack([actions["price"], actions["amount"]], axis=1)
    told = np.zeros((100_000, 6))
    count = _play(backtest, actions["time_ns"].copy(), ints, numbers, settings["end_ns"], told)
    if count < 0:
        raise SystemExit(f"hftbacktest gave up with its error {-count}")
    state = backtest.state_values(0)
    print(json.dumps([told[:count].tolist(), [state.position, state.balance, state.fee]]))  # noqa: T201


main(Path(sys.argv[1]))
