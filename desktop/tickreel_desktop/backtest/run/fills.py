"""The fills of a run as arrays, with what their orders say of them and what each gained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.metrics.trading import realised
from tickreel_desktop.backtest.run.coded import Coded, coded, numbers, times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from tickreel_desktop.backtest.run.orders import Orders


@dataclass(frozen=True, slots=True, eq=False)
class Fills:
    """Fills (n,), in the order of the exchange."""

    order: NDArray[np.int64]
    instrument: Coded
    side: Coded
    rule: Coded
    is_maker: NDArray[np.bool_]
    time_us: NDArray[np.int64]
    price: NDArray[np.float64]
    amount: NDArray[np.float64]
    fee: NDArray[np.float64]
    position: NDArray[np.float64]
    queue_ahead: NDArray[np.float64]
    """Amount ahead of its order when that joined the queue; NaN of one that took."""
    latency_us: NDArray[np.int64]
    """How long its order was on its way."""
    gain: NDArray[np.float64]
    """Realised by average cost, before the fee; NaN where it made no position smaller."""
    pnl: NDArray[np.float64]
    """What each brought: its gain if it closed anything, less its fee."""

    def __len__(self) -> int:
        return len(self.order)

    def between(self, from_us: int, to_us: int) -> slice:
        """Give the fills of [from_us, to_us]."""
        first = int(np.searchsorted(self.time_us, from_us, side="left"))
        last = int(np.searchsorted(self.time_us, to_us, side="right"))
        return slice(first, last)


def fills_of(table: pa.Table, orders: Orders, instruments: Sequence[Mapping[str, Any]]) -> Fills:
    """Read the table ``fills`` of a run; *instruments* are those of its card."""
    order = np.asarray(table["order"].to_numpy(), np.int64)
    of = np.searchsorted(orders.id, order)  # ids ascend
    instrument, side = coded(table, "instrument"), coded(table, "side")
    price, amount = numbers(table, "price"), numbers(table, "amount")
    gain, fee = _gains(instrument, signs(side), price, amount, instruments), numbers(table, "fee")
    return Fills(
        order,
        instrument,
        side,
        coded(table, "rule"),
        np.asarray(table["is_maker"].to_numpy(zero_copy_only=False), np.bool_),
        times(table, "time_us"),
        price,
        amount,
        fee,
        numbers(table, "position"),
        orders.queue_ahead[of],
        orders.way_us[of],
        gain,
        np.nan_to_num(gain) - fee,
    )


def signs(side: Coded) -> NDArray[np.int8]:
    """Give +1 for a buy and -1 for a sale; int8 (n,)."""
    of_word = np.array([1 if word == "buy" else -1 for word in side.words], np.int8)
    return of_word[side.codes] if len(side.codes) else np.empty(0, np.int8)


def _gains(
    instrument: Coded,
    side: NDArray[np.int8],
    price: NDArray[np.float64],
    amount: NDArray[np.float64],
    instruments: Sequence[Mapping[str, Any]],
) -> NDArray[np.float64]:
    gains = np.full(len(price), np.nan)
    facts = {f"{one['exchange']}:{one['symbol']}": one for one in instruments}
    for code, name in enumerate(instrument.words):
        own = np.flatnonzero(instrument.codes == code)
        fact = facts[name]
        closed = realised(side[own], price[own], amount[own], fact["multiplier"], is_inverse=fact["inverse"])
        before = np.concatenate(([0.0], closed.position[:-1])) if len(own) else np.empty(0)
        gains[own[before * side[own] < 0]] = closed.gains
    return gains
