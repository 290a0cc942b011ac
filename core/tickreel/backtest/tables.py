"""The tables of an outcome, from the arrays that the kernels of the exchange work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.backtest.outcome import FILL, ORDER, TRACE, equity_dtype

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.backtest.outcome import Table

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

_ORDER_INTS = {
    "instrument": kernels.INSTRUMENT,
    "side": kernels.SIDE,
    "kind": kernels.KIND,
    "force": kernels.FORCE,
    "status": kernels.STATUS,
    "reason": kernels.REASON,
    "submit_us": kernels.SUBMIT,
    "arrive_us": kernels.ARRIVE,
    "ack_us": kernels.ACK,
    "cancel_us": kernels.CANCEL,
    "end_us": kernels.END,
    "known_end_us": kernels.KNOWN_END,
}
_ORDER_NUMBERS = {
    "price": kernels.PRICE,
    "amount": kernels.AMOUNT,
    "filled": kernels.FILLED,
    "queue_ahead": kernels.QUEUE_AHEAD,
    "bid": kernels.ARRIVAL_BID,
    "ask": kernels.ARRIVAL_ASK,
    "mid_sent": kernels.MID_SENT,
}
_FILL_INTS = {
    "order": kernels.FILL_ORDER,
    "is_maker": kernels.FILL_MAKER,
    "rule": kernels.FILL_RULE,
    "time_us": kernels.FILL_TIME,
    "known_us": kernels.FILL_KNOWN,
}
_FILL_NUMBERS = {
    "price": kernels.FILL_PRICE,
    "amount": kernels.FILL_AMOUNT,
    "fee": kernels.FILL_FEE,
    "position": kernels.FILL_POSITION,
    "mid": kernels.FILL_MID,
}


def orders_of(ints: Ints, numbers: Floats) -> Table:
    """Give orders, :data:`ORDER`, from their whole and their other numbers, a line each."""
    table = np.empty(len(ints), ORDER)
    table["id"] = np.arange(len(ints))
    for name, slot in _ORDER_INTS.items():
        table[name] = ints[:, slot]
    for name, slot in _ORDER_NUMBERS.items():
        table[name] = numbers[:, slot]
    return table


def fills_of(ints: Ints, numbers: Floats, orders: Ints) -> Table:
    """Give fills, :data:`FILL`, a line each, and what is theirs of the *orders*."""
    table = np.empty(len(ints), FILL)
    for name, slot in _FILL_INTS.items():
        table[name] = ints[:, slot]
    for name, slot in _FILL_NUMBERS.items():
        table[name] = numbers[:, slot]
    filled = orders[ints[:, kernels.FILL_ORDER]]
    table["instrument"], table["side"] = filled[:, kernels.INSTRUMENT], filled[:, kernels.SIDE]
    return table


def equity_of(samples: Floats, instruments: int) -> Table:
    """Give samples of equity, :func:`equity_dtype`."""
    table = np.empty(len(samples), equity_dtype(instruments))
    table["time_us"] = samples[:, 0].astype(np.int64)
    for number, name in enumerate(("position", "mid", "cash", "fees", "funding", "equity")):
        table[name] = samples[:, 1 + number * instruments : 1 + (number + 1) * instruments]
    return table


def traces_of(lines: Floats) -> Table:
    """Give traces, :data:`TRACE`."""
    assert TRACE.names is not None
    table = np.empty(len(lines), TRACE)
    for number, name in enumerate(TRACE.names):
        table[name] = lines[:, number]
    return table
