"""Orders and fills of a run from its files, for a replay; done on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel_desktop.replay.own.orders import FAR_US, OwnOrders

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from tickreel.backtest.runs.run import Run


@dataclass(frozen=True, slots=True, eq=False)
class OwnRun:
    """A run that is replayed, with its orders by (exchange, symbol)."""

    run_id: str
    orders: dict[tuple[str, str], OwnOrders]


def read_own(run: Run) -> OwnRun:
    """Read the orders and fills of a run.

    Raises:
        DataError: its files are gone or were changed.
    """
    orders, fills = run.table("orders"), run.table("fills")
    return OwnRun(
        run.id,
        {
            (one["exchange"], one["symbol"]): _of(run, f"{one['exchange']}:{one['symbol']}", orders, fills)
            for one in run.card.instruments
        },
    )


def _of(run: Run, name: str, orders: pa.Table, fills: pa.Table) -> OwnOrders:
    import pyarrow.compute as pc

    own, filled = (table.filter(pc.equal(table["instrument"], name)) for table in (orders, fills))
    # What is still open at the end of the run ends there.
    end_us = run.card.to_us if run.card.reached_us is None else run.card.reached_us
    # What took or was rejected never stood in the book.
    rested = own.filter(pc.is_valid(own["queue_ahead"]))
    from_us = _times(rested, "arrive_us")
    order = np.argsort(from_us, kind="stable")
    from_us = from_us[order]
    to_us = np.minimum(_times(rested, "end_us")[order], end_us)
    return OwnOrders(
        run_id=run.id,
        id=rested["id"].to_numpy()[order],
        from_us=from_us,
        to_us=to_us,
        price=_numbers(rested, "price")[order],
        amount=_numbers(rested, "amount")[order],
        is_buy=_buys(rested)[order],
        joined_ahead=_numbers(rested, "queue_ahead")[order],
        fill_us=_times(filled, "time_us"),
        fill_order=filled["order"].to_numpy(),
        fill_price=_numbers(filled, "price"),
        fill_amount=_numbers(filled, "amount"),
        fill_is_buy=_buys(filled),
        longest_us=int((to_us - from_us).max(initial=0)),
    )


def _times(table: pa.Table, name: str) -> NDArray[np.int64]:
    import pyarrow.compute as pc

    return np.array(pc.fill_null(table[name], FAR_US).to_numpy(), np.int64)


def _numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.array(table[name].to_numpy(zero_copy_only=False), np.float64)


def _buys(table: pa.Table) -> NDArray[np.bool_]:
    import pyarrow.compute as pc

    return np.array(pc.equal(table["side"].cast("string"), "buy").to_numpy(zero_copy_only=False), np.bool_)
