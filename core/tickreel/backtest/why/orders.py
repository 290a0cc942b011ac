"""One order of a run that is kept, with its fills, and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tickreel.errors import NotHeldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tickreel.backtest.runs.run import Run


@dataclass(frozen=True, slots=True)
class OrderFill:
    """One fill of an order, as its run keeps it."""

    number: int
    """Among all fills of the run."""
    time_us: int
    """At the exchange."""
    known_us: int
    """When the strategy knew of it."""
    price: float
    amount: float
    fee: float
    is_maker: bool
    rule: str
    """``taken``, ``traded_at``, ``traded_through`` or ``crossed``."""


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """One order, as its run keeps it; what never happened is None."""

    run_id: str
    id: int
    count: int
    """Orders of the run; ids go from 0 up to it."""
    exchange: str
    symbol: str
    side: str
    """``buy`` or ``sell``."""
    kind: str
    force: str
    status: str
    reason: str
    price: float | None
    """None of a market order."""
    amount: float
    filled: float
    submit_us: int
    arrive_us: int | None
    ack_us: int | None
    cancel_us: int | None
    end_us: int | None
    known_end_us: int | None
    queue_ahead: float | None
    bid: float | None
    """Best bid and ask at the exchange when it arrived."""
    ask: float | None
    mid_sent: float | None
    fills: tuple[OrderFill, ...]

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        return self.side == "buy"

    @property
    def last_us(self) -> int:
        """The last instant at which something of it happened."""
        own = (self.arrive_us, self.ack_us, self.cancel_us, self.end_us, self.known_end_us)
        told = (fill.known_us for fill in self.fills)
        return max(self.submit_us, *(at_us for at_us in (*own, *told) if at_us is not None))


def read_order(run: Run, order_id: int) -> KeptOrder:
    """Find an order of a run.

    Raises:
        NotHeldError: it has none of that id.
        DataError: a file of the run is gone or was changed.
    """
    orders, fills = run.table("orders"), run.table("fills")
    if not 0 <= order_id < orders.num_rows:
        raise NotHeldError(f"run {run.id} has {orders.num_rows} orders, from 0 on, and none {order_id}")
    row = orders.slice(order_id, 1).to_pylist()[0]
    instrument = row.pop("instrument")
    exchange, _, symbol = instrument.partition(":")
    import pyarrow.compute as pc

    at = pc.indices_nonzero(pc.equal(fills["order"], order_id)).to_pylist()
    own = tuple(_fill(number, fills.slice(number, 1).to_pylist()[0]) for number in at)
    fields: dict[str, Any] = {name: row[name] for name in row if name not in ("id",)}
    return KeptOrder(
        run_id=run.id,
        id=order_id,
        count=orders.num_rows,
        exchange=exchange,
        symbol=symbol,
        fills=own,
        **fields,
    )


def _fill(number: int, row: Mapping[str, Any]) -> OrderFill:
    names = ("time_us", "known_us", "price", "amount", "fee", "is_maker", "rule")
    return OrderFill(number, **{name: row[name] for name in names})
