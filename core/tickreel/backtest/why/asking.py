"""An order of a run with what is read of it at once: the market around it, and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest.why.market import MarketAround, read_market
from tickreel.backtest.why.orders import KeptOrder, read_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.backtest.runs.card import RunCard
    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.why.market import Moment
    from tickreel.store import Cache

_LEAST_AROUND_US = 250_000
_AROUND_SHARE = 0.15
_LONGEST_US = 600_000_000
"""What is shown of an order that rested for longer is its end."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """An order with what is read at once."""

    card: RunCard
    order: KeptOrder
    market: MarketAround
    tick: float | None
    filled_ids: NDArray[np.int64]
    """Orders of the run that were filled, ascending."""

    def moment_at(self, at_us: int) -> Moment | None:
        """Give the books of an instant, where they were read."""
        return next((moment for moment in self.market.moments if moment.at_us == at_us), None)

    def beside(self, direction: int, *, is_filled: bool) -> int | None:
        """Find the next order (1) or the one before (-1), of all or of those that were filled."""
        if not is_filled:
            to = self.order.id + direction
            return to if 0 <= to < self.order.count else None
        ids = self.filled_ids
        place = int(np.searchsorted(ids, self.order.id, "right" if direction > 0 else "left"))
        place -= direction < 0
        return int(ids[place]) if 0 <= place < len(ids) else None


def read_asked(cache: Cache, run: Run, order_id: int) -> Asked:
    """Read an order of a run and the market around it.

    Raises:
        NotHeldError: the run has none of that id, or its order book is not held any more.
        TickreelError: as :func:`~tickreel.backtest.why.market.read_market`.
    """
    order = read_order(run, order_id)
    span_us = order.last_us - order.submit_us
    around_us = max(_LEAST_AROUND_US, round(_AROUND_SHARE * span_us))
    from_us = max(order.submit_us - around_us, order.last_us - _LONGEST_US)
    market = read_market(
        cache,
        run,
        (order.exchange, order.symbol),
        max(from_us, run.card.from_us),
        order.last_us + around_us,
        moments_of(order).values(),
    )
    traded = next(
        one
        for one in run.card.instruments
        if (one["exchange"], one["symbol"]) == (order.exchange, order.symbol)
    )
    filled = np.unique(run.table("fills")["order"].to_numpy())
    return Asked(run.card, order, market, traded.get("tick"), filled)


def moments_of(order: KeptOrder) -> dict[str, int]:
    """Name the instants at which the books are compared: decided, joined, and filled or ended."""
    found = {"decided": order.submit_us}
    if order.arrive_us is not None:
        found["joined"] = order.arrive_us
    if order.fills:
        found["filled"] = order.fills[-1].time_us
    elif order.end_us is not None and order.end_us != order.arrive_us:
        found["ended"] = order.end_us
    return found
