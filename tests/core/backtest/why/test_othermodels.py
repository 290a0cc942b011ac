"""An order by itself: under the models of its run it goes as it went, under others as those have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from support.runshome import asked

from tickreel.backtest.engine import simulate
from tickreel.backtest.models import RiskAverseQueue
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.why.orders import read_order
from tickreel.backtest.why.othermodels import WAITED_US, alone, under_other_models
from tickreel.errors import Cancelled
from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.runs.service import Runs

pytestmark = pytest.mark.long
_LOOKED_AT = 12


@pytest.fixture
def runs() -> Iterator[Runs]:
    with open_cache() as cache:
        store_sample(cache, UNWATCHED)
        with opened_runs(cache) as found:
            yield found


@pytest.fixture
def run(runs: Runs) -> Run:
    return runs.backtest(asked("market_maker"))


def ids_of(run: Run) -> list[int]:
    """Choose orders that were filled and some that were cancelled, evenly over the run."""
    orders = run.orders
    rested = orders[orders["queue_ahead"].notna() & (orders["end_us"] < run.card.to_us - WAITED_US)]
    chosen = rested.iloc[np.linspace(0, len(rested) - 1, _LOOKED_AT).astype(int)]
    assert {"filled", "cancelled"} <= set(chosen["status"])
    return [int(one) for one in chosen["id"]]


def test_under_the_models_of_its_run_it_goes_as_it_went(runs: Runs, run: Run) -> None:
    request = BacktestRequest.from_form(run.request)
    for order_id in ids_of(run):
        order = read_order(run, order_id)
        outcome = simulate(alone(request, order, request.models), runs.cache)
        assert len(outcome.orders) == 1
        assert outcome.orders["queue_ahead"][0] == order.queue_ahead
        assert outcome.fills["time_us"].tolist() == [fill.time_us for fill in order.fills]
        assert outcome.fills["price"].tolist() == [fill.price for fill in order.fills]
        assert outcome.orders["end_us"][0] == order.end_us


def test_other_models_are_those_they_are_named_for(runs: Runs, run: Run) -> None:
    request = BacktestRequest.from_form(run.request)
    careful = msgspec.structs.replace(request.models, queue=RiskAverseQueue())
    reached = run.fills[run.fills["rule"] == "traded_at"]["order"].unique().tolist()

    def filled_us(order_id: int) -> list[int]:
        order = read_order(run, order_id)
        found: list[int] = simulate(alone(request, order, careful), runs.cache).fills["time_us"].tolist()
        return found

    # One that was reached in its queue, and would have been later had nothing ahead been cancelled.
    order = next(
        read_order(run, one)
        for one in reached
        if filled_us(one)[-1:] != [fill.time_us for fill in read_order(run, one).fills][-1:]
    )
    told = under_other_models(runs.cache, run, order, UNWATCHED)
    assert told[0].is_in_use
    assert (told[0].filled, told[0].queue_ahead) == (order.filled, order.queue_ahead)
    assert [one.name for one in told] == [
        "Probability n=3",
        "Back of the queue always",
        "Probability n=2",
        "Probability log2",
        "Latency +10 ms",
        "Latency \u22125 ms",
    ]
    assert told[1].filled_us == filled_us(order.id)[-1]
    assert told[0].filled_us is not None
    assert told[1].filled_us > told[0].filled_us


def test_it_is_given_up_when_that_is_wanted(runs: Runs, run: Run) -> None:
    class Unwilling:
        def report(self, _done: int, _total: int | None, _note: str = "") -> None:
            raise Cancelled("no more")

    with pytest.raises(Cancelled):
        under_other_models(runs.cache, run, read_order(run, ids_of(run)[0]), Unwilling())
