"""An order of a real run: as it is kept, traced once more, with the market on both clocks around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.backtests import MAKER, PAIR, hold_traded_market, request, strategy_file

from tickreel.backtest.engine import simulate
from tickreel.backtest.outcome import Rule
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.service import Runs, opened_runs
from tickreel.backtest.why.market import feed_delay_us, read_market
from tickreel.backtest.why.orders import read_order
from tickreel.backtest.why.tracing import trace_order, trace_orders
from tickreel.errors import ConflictError, NotHeldError
from tickreel.progress import UNWATCHED
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.backtest.runs.run import Run

pytestmark = pytest.mark.long


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with open_cache() as cache:
        hold_traded_market(cache, tmp_path)
        with opened_runs(cache) as found:
            yield found


@pytest.fixture
def run(runs: Runs, tmp_path: Path) -> Run:
    return runs.backtest(request(strategy_file(tmp_path, MAKER, "maker.py")))


def first_filled(run: Run) -> int:
    fills = run.fills
    made = fills[fills["is_maker"]]
    assert len(made)
    return int(made["order"].iloc[0])


def test_an_order_is_read_as_its_run_keeps_it(run: Run) -> None:
    order_id = first_filled(run)
    order = read_order(run, order_id)
    row, fills = run.orders.iloc[order_id], run.fills
    own = fills[fills["order"] == order_id]
    assert (order.price, order.amount, order.status) == (row["price"], row["amount"], row["status"])
    assert (order.submit_us, order.arrive_us) == (row["submit_us"], row["arrive_us"])
    assert [fill.number for fill in order.fills] == own.index.tolist()
    assert [fill.time_us for fill in order.fills] == own["time_us"].tolist()
    assert order.last_us >= own["known_us"].max()
    assert order.cancel_us is None or order.cancel_us > order.submit_us
    with pytest.raises(NotHeldError, match="and none"):
        read_order(run, order.count)


def test_a_traced_order_goes_the_way_that_the_engine_gives(runs: Runs, run: Run) -> None:
    order = read_order(run, first_filled(run))
    way = trace_order(runs.cache, run, order, UNWATCHED)
    asked = BacktestRequest.from_form(run.request)
    plain = simulate(asked, runs.cache, traced=[order.id]).traces
    assert way.time_us.tolist() == plain["time_us"].tolist()
    np.testing.assert_array_equal(way.ahead, plain["ahead"])
    np.testing.assert_array_equal(way.level, plain["level"])
    assert list(way.rule) == [Rule(int(code)).name.lower() for code in plain["rule"]]
    assert np.nansum(way.filled) == order.filled
    assert way.ahead[0] == order.queue_ahead
    fell = {"traded_at": 0.0, "level_changed": 0.0}
    for before, after, rule in zip(way.ahead, way.ahead[1:], way.rule[1:], strict=False):
        if rule in fell:
            fell[rule] += before - after
    assert way.traded_ahead == pytest.approx(fell["traded_at"])
    assert way.cancelled_ahead == pytest.approx(fell["level_changed"])
    assert way.traded_ahead > 0


def test_an_order_that_comes_out_otherwise_is_not_told(runs: Runs, run: Run, tmp_path: Path) -> None:
    order = read_order(run, first_filled(run))
    strategy_file(
        tmp_path,
        MAKER.replace("book.bid, post", "book.bid - 5, post").replace("book.ask, post", "book.ask + 5, post"),
        "maker.py",
    )
    with pytest.raises(ConflictError, match="came out otherwise"):
        trace_order(runs.cache, run, order, UNWATCHED)


def test_both_books_are_those_of_the_engine_at_its_instants(runs: Runs, run: Run) -> None:
    order = read_order(run, first_filled(run))
    way = trace_order(runs.cache, run, order, UNWATCHED)
    assert order.arrive_us is not None
    begin_us, end_us = order.submit_us - 1_000_000, order.last_us + 1_000_000
    around = read_market(runs.cache, run, PAIR, begin_us, end_us, (order.submit_us, order.arrive_us))
    decided, arrived = around.moments
    assert arrived.exchange.best_bid is not None
    assert arrived.exchange.best_ask is not None
    assert (arrived.exchange.best_bid[0], arrived.exchange.best_ask[0]) == (order.bid, order.ask)
    assert decided.known.best_bid is not None
    assert decided.known.best_ask is not None
    assert (decided.known.best_bid[0] + decided.known.best_ask[0]) / 2 == pytest.approx(order.mid_sent)
    assert decided.heard_us is not None
    assert decided.heard_us <= decided.at_us - 1_000, "the feed takes a millisecond"
    # Where the way has a line, the touch is that of the engine.
    for at_us, bid, ask in zip(way.time_us, way.bid, way.ask, strict=True):
        place = int(np.searchsorted(around.touch_us, at_us, "right")) - 1
        if (way.time_us == at_us).sum() == 1:
            assert (around.bid[place], around.ask[place]) == (bid, ask)
    assert (np.diff(around.touch_us) >= 0).all()
    assert around.touch_us[0] <= begin_us
    assert len(around.trade_us)
    assert ((around.trade_us >= begin_us) & (around.trade_us < end_us)).all()


def test_all_orders_are_traced_together_as_each_is_alone(runs: Runs, run: Run) -> None:
    table = trace_orders(runs.cache, run, UNWATCHED)
    orders = run.orders
    rested = orders[orders["queue_ahead"].notna()]
    assert sorted(set(table["order"].to_pylist())) == rested["id"].tolist()
    order = read_order(run, first_filled(run))
    way = trace_order(runs.cache, run, order, UNWATCHED)
    own = table.to_pandas()
    own = own[own["order"] == order.id]
    assert own["time_us"].tolist() == way.time_us.tolist()
    np.testing.assert_array_equal(own["ahead"].to_numpy(), way.ahead)
    assert 0 < feed_delay_us(runs.cache, run, PAIR) <= 1_000
