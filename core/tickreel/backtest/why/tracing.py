"""The way of one order through its queue: its run is done once more as far as the order, and it is traced."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.messages import TRACES_FILE, Task
from tickreel.backtest.runs.process import Child
from tickreel.backtest.runs.running import OUTPUT
from tickreel.backtest.runs.service import limits_of
from tickreel.errors import Cancelled, ConflictError, DataError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.why.orders import KeptOrder
    from tickreel.progress import Monitor
    from tickreel.store import Cache

_BEYOND_US = 1_000_000
"""How long after the last word of an order its run is played."""

MOST_TRACED = 20_000
"""Orders that are traced together."""
_OTHERWISE = (
    "an order came out otherwise when its run was done again: the strategy's code, the days or the program "
    "are not what they were"
)


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Every change that an order saw at the exchange, in order; arrays of one length.

    Columns as in :data:`tickreel.backtest.outcome.TRACE`; what is not known is NaN.
    """

    time_us: NDArray[np.int64]
    rule: tuple[str, ...]
    level: NDArray[np.float64]
    ahead: NDArray[np.float64]
    traded: NDArray[np.float64]
    filled: NDArray[np.float64]
    bid: NDArray[np.float64]
    ask: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.time_us)

    @property
    def traded_ahead(self) -> float:
        """How much of what was ahead was traded away, by trades at its price."""
        return self._fell("traded_at")

    @property
    def cancelled_ahead(self) -> float:
        """How much of what was ahead was cancelled, as the queue model has it."""
        return float(self.cancelled.sum())

    @property
    def cancelled(self) -> NDArray[np.float64]:
        """How much of what was ahead was cancelled at each line; what a fill left behind is not."""
        return np.where(self._is_of("level_changed"), -self._moves(), 0.0)

    def _fell(self, rule: str) -> float:
        return float(-self._moves()[self._is_of(rule)].sum())

    def _moves(self) -> NDArray[np.float64]:
        """How much what is ahead grew at each line; 0 where it is not known."""
        return np.nan_to_num(np.diff(self.ahead, prepend=self.ahead[:1]))

    def _is_of(self, rule: str) -> NDArray[np.bool_]:
        return np.array([one == rule for one in self.rule], np.bool_)


def trace_order(cache: Cache, run: Run, order: KeptOrder, monitor: Monitor) -> Way:
    """Do a run once more until shortly after the last word of an order, and trace that; in another process.

    Raises:
        UsageError: the strategy asked a model, whose answers were not recorded.
        ConflictError: the order came out otherwise: code, versions or days are not what they were.
        DataError: the run failed this time.
        TickreelError: it cannot be done again: days or its strategy are gone.
        Cancelled: the monitor said so.
    """
    way = _way(_traced(cache, run, (order.id,), order.last_us + _BEYOND_US, monitor))
    if abs(float(np.nansum(way.filled)) - _filled_at_rest(order)) > 1e-9:
        raise ConflictError(_OTHERWISE)
    return way


def trace_orders(cache: Cache, run: Run, monitor: Monitor) -> pa.Table:
    """Trace all orders of a run that stood in a queue; sorted by order, then as things happened.

    Columns as in :data:`tickreel.backtest.outcome.TRACE`.

    Raises:
        UsageError: it has too many of them; and as :func:`trace_order`.
        ConflictError, DataError, TickreelError, Cancelled: as :func:`trace_order`.
    """
    import pyarrow.compute as pc

    orders = run.table("orders")
    rested = orders.filter(pc.is_valid(orders["queue_ahead"]))["id"].to_pylist()
    if len(rested) > MOST_TRACED:
        raise UsageError(f"{len(rested)} orders stood in a queue; up to {MOST_TRACED} are traced together")
    table = _traced(cache, run, tuple(rested), run.card.to_us, monitor)
    fills = run.table("fills")
    made = pc.sum(fills.filter(fills["is_maker"])["amount"]).as_py() or 0.0
    if abs((pc.sum(table["filled"]).as_py() or 0.0) - made) > 1e-6 * max(1.0, made):
        raise ConflictError(_OTHERWISE)
    # By order alone: what happened at one instant stays as it happened.
    return table.take(np.argsort(table["order"].to_numpy(), kind="stable"))


def _traced(cache: Cache, run: Run, ids: tuple[int, ...], until_us: int, monitor: Monitor) -> pa.Table:
    """Do a run once more up to an instant, and give the ways of some orders."""
    request = BacktestRequest.from_form(run.request)
    if run.card.ai.get("calls") and request.analysis_record is None:
        raise UsageError("this strategy asked a model: doing it again to trace an order would ask once more")
    request = msgspec.structs.replace(request, end_us=min(request.end_us, until_us))
    with (
        tempfile.TemporaryDirectory(prefix="tickreel-") as name,
        Child(cache.home, limits_of(cache)) as child,
    ):
        ending = child.do(Task(run.id, name, request, traced=ids), Path(name) / OUTPUT, monitor)
        if ending.refusal is not None:
            raise ending.refusal
        if ending.is_cancelled:
            raise Cancelled("nothing was traced: cancelled")
        if ending.failure is not None or ending.summary is None:
            raise DataError(f"the run failed when it was done again: {ending.failure}")
        import pyarrow.parquet as pq

        return pq.read_table(Path(name) / TRACES_FILE)


def _filled_at_rest(order: KeptOrder) -> float:
    return sum(fill.amount for fill in order.fills if fill.is_maker)


def _way(table: pa.Table) -> Way:
    def numbers(name: str) -> NDArray[np.float64]:
        return np.array(table[name].to_numpy(zero_copy_only=False), np.float64)

    return Way(
        table["time_us"].to_numpy(),
        tuple(table["rule"].to_pylist()),
        *(numbers(name) for name in ("level", "ahead", "traded", "filled", "bid", "ask")),
    )
