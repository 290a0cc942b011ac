"""The tables of a run as files keep them: with words for codes, names for instruments, and null for unknown.

What the engine hands over are codes and numbers in structured arrays, which the digest is made of; what
people, notebooks and reports read is this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tickreel.backtest.outcome import NEVER, OrderKind, Reason, Rule, Side, Status, TimeInForce

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from enum import IntEnum

    from numpy.typing import NDArray

    from tickreel.backtest.outcome import LogLine, Outcome, Recorded, Traded

_WORDS: dict[str, type[IntEnum]] = {
    "side": Side,
    "kind": OrderKind,
    "force": TimeInForce,
    "status": Status,
    "reason": Reason,
    "rule": Rule,
}


def order_table(outcome: Outcome) -> pa.Table:
    """Give the orders, in the order of sending; columns as in :data:`tickreel.backtest.outcome.ORDER`."""
    return _with_words(outcome.orders, outcome.instruments)


def fill_table(outcome: Outcome) -> pa.Table:
    """Give the fills, in the order of the exchange; columns as in :data:`tickreel.backtest.outcome.FILL`."""
    return _with_words(outcome.fills, outcome.instruments)


def equity_table(outcome: Outcome) -> pa.Table:
    """Give the samples of equity, a row for each time and instrument, times ascending."""
    equity, count = outcome.equity, len(outcome.instruments)
    names = [name for name in equity.dtype.names or () if name != "time_us"]
    return pa.table(
        {
            "time_us": np.repeat(equity["time_us"], count),
            "instrument": _instruments(np.tile(np.arange(count), len(equity)), outcome.instruments),
            **{name: _numbers(np.ascontiguousarray(equity[name]).ravel()) for name in names},
        }
    )


def trace_table(outcome: Outcome) -> pa.Table:
    """Give the ways of traced orders; columns as in :data:`tickreel.backtest.outcome.TRACE`."""
    return _with_words(outcome.traces, outcome.instruments)


def log_table(log: Iterable[LogLine]) -> pa.Table:
    """Give what was said on the way."""
    lines = list(log)
    return pa.table(
        {
            "time_us": pa.array([line.time_us for line in lines], pa.int64()),
            "level": pa.array([line.level for line in lines], pa.string()),
            "text": pa.array([line.text for line in lines], pa.string()),
        }
    )


def series_table(recorded: Recorded) -> pa.Table:
    """Give what a strategy recorded under one name."""
    return pa.table({"time_us": recorded.time_us, "value": _numbers(recorded.value)})


def _with_words(table: NDArray[Any], instruments: Sequence[Traded]) -> pa.Table:
    columns: dict[str, Any] = {}
    for name in table.dtype.names or ():
        values = np.ascontiguousarray(table[name])
        if name == "instrument":
            columns[name] = _instruments(values, instruments)
        elif name in _WORDS:
            columns[name] = _words(values, _WORDS[name])
        elif values.dtype.kind == "f":
            columns[name] = _numbers(values)
        elif name.endswith("_us"):
            columns[name] = pa.array(values, mask=values == NEVER)
        else:
            columns[name] = pa.array(values)
    return pa.table(columns)


def _words(codes: NDArray[np.int8], words: type[IntEnum]) -> pa.DictionaryArray:
    listed = list(words)
    places = np.full(256, -1, np.int8)
    for place, word in enumerate(listed):
        places[word.value] = place
    names = [word.name.lower() for word in listed]
    return pa.DictionaryArray.from_arrays(pa.array(places[codes]), pa.array(names))


def _instruments(places: NDArray[np.integer[Any]], instruments: Sequence[Traded]) -> pa.DictionaryArray:
    names = [f"{one.exchange}:{one.symbol}" for one in instruments]
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(names, pa.string()))


def _numbers(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))
