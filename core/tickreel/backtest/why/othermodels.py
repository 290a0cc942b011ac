"""The very same order under other models: when it would have been filled, had those been in force.

It is sent by itself at the instant at which it was sent, and cancelled when it was cancelled. Its strategy
is left out: under other models that would have known other fills, and have sent other orders since.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tickreel.backtest.loading import example_folder
from tickreel.backtest.models import ProbabilityQueue, RiskAverseQueue
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.messages import Task
from tickreel.backtest.runs.process import Child
from tickreel.backtest.runs.running import OUTPUT
from tickreel.backtest.runs.service import limits_of
from tickreel.errors import Cancelled, DataError
from tickreel.replay.latency import ConstantLatency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.backtest.models import Models, Queue
    from tickreel.backtest.request import Value
    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.why.orders import KeptOrder
    from tickreel.progress import Monitor
    from tickreel.store import Cache

_STRATEGY = "_one_order.py"
_APART_US = 10_000
"""How much longer, and shorter, an order is on its way."""
WAITED_US = 60_000_000
"""How long after its own end an order that was filled is waited for under other models."""
_LONGEST_TIMER_US = 86_400_000_000
_QUEUES: dict[str, Queue] = {
    "Back of the queue always": RiskAverseQueue(),
    "Probability n=2": ProbabilityQueue("power", 2.0),
    "Probability n=3": ProbabilityQueue("power", 3.0),
    "Probability log2": ProbabilityQueue("log2"),
}


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What came of the order under one set of models."""

    name: str
    is_in_use: bool
    """Whether they are those of the run, of which this is told as it was kept."""
    queue_ahead: float | None
    """When it joined the queue; None where it did not."""
    filled: float
    filled_us: int | None
    """When the last of it was filled; None where nothing was."""


def under_other_models(cache: Cache, run: Run, order: KeptOrder, monitor: Monitor) -> list[Otherwise]:
    """Do an order by itself under other queue models and latencies; that of the run comes first.

    Latencies that are drawn or measured are held at what they were for this order.

    Raises:
        DataError: it could not be simulated.
        TickreelError: days are gone.
        Cancelled: the monitor said so.
    """
    request = BacktestRequest.from_form(run.request)
    told = [_as_kept(request.models, order)]
    varied = list(_varied(request.models, order))
    with (
        tempfile.TemporaryDirectory(prefix="tickreel-") as name,
        Child(cache.home, limits_of(cache)) as child,
    ):
        for number, (words, models) in enumerate(varied):
            monitor.report(number, len(varied), words)
            folder = Path(name) / str(number)
            folder.mkdir()
            task = Task(run.id, str(folder), alone(request, order, models))
            ending = child.do(task, folder / OUTPUT, _Part(monitor, number, varied))
            if ending.refusal is not None:
                raise ending.refusal
            if ending.is_cancelled:
                raise Cancelled("the order was not done under other models: cancelled")
            if ending.failure is not None:
                raise DataError(f"the order could not be done under other models: {ending.failure}")
            told.append(_read(words, folder))
    return told


class _Part:
    """The monitor of one of several."""

    def __init__(self, monitor: Monitor, number: int, all_of_them: list[tuple[str, Models]]) -> None:
        self._monitor = monitor
        self._number = number
        self._all = all_of_them

    def report(self, _done: int, _total: int | None, _note: str = "") -> None:
        self._monitor.report(self._number, len(self._all), self._all[self._number][0])


def _as_kept(models: Models, order: KeptOrder) -> Otherwise:
    last_us = order.fills[-1].time_us if order.fills else None
    return Otherwise(queue_name(models.queue), True, order.queue_ahead, order.filled, last_us)


def queue_name(queue: Queue) -> str:
    """Name a model of the queue."""
    known = next((name for name, one in _QUEUES.items() if one == queue), None)
    if known is not None or isinstance(queue, RiskAverseQueue):
        return known or "Back of the queue always"
    power = f" n={queue.power:g}" if queue.function.startswith("power") else ""
    return f"Probability {queue.function}{power}"


def _varied(models: Models, order: KeptOrder) -> Iterator[tuple[str, Models]]:
    sent_us = order.submit_us
    way_us = _APART_US if order.arrive_us is None else order.arrive_us - sent_us
    back_us = way_us if order.ack_us is None or order.arrive_us is None else order.ack_us - order.arrive_us

    def held(change_us: int) -> Models:
        entry, response = (ConstantLatency(latency_us=max(0, one + change_us)) for one in (way_us, back_us))
        return msgspec.structs.replace(models, entry=entry, response=response)

    for name, queue in _QUEUES.items():
        if queue != models.queue:
            yield name, msgspec.structs.replace(held(0), queue=queue)
    yield f"Latency +{_APART_US // 1_000} ms", held(_APART_US)
    less_us = min(_APART_US, way_us)
    if less_us:
        yield f"Latency \u2212{less_us / 1_000:g} ms", held(-less_us)


def alone(request: BacktestRequest, order: KeptOrder, models: Models) -> BacktestRequest:
    """Ask for a run that sends nothing but an order of another run."""
    params: dict[str, Value] = {
        "is_buy": order.is_buy,
        "amount": order.amount,
        "price": order.price or 0.0,
        "post_only": order.force == "post_only",
        "ioc": order.force == "ioc" and order.price is not None,
    }
    if order.cancel_us is not None:
        params["timer_us"] = min(max(1, order.cancel_us - order.submit_us), _LONGEST_TIMER_US)
    return BacktestRequest(
        strategy=str(example_folder() / _STRATEGY),
        instruments=((order.exchange, order.symbol),),
        start_us=order.submit_us,
        end_us=min(request.end_us, order.last_us + WAITED_US),
        models=models,
        params=params,
        seed=request.seed,
        allow_missing=True,
    )


def _read(name: str, folder: Path) -> Otherwise:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    (row,) = pq.read_table(folder / "orders.parquet").to_pylist()
    fills = pq.read_table(folder / "fills.parquet")
    last_us = pc.max(fills["time_us"]).as_py() if fills.num_rows else None
    return Otherwise(name, False, row["queue_ahead"], row["filled"], last_us)
