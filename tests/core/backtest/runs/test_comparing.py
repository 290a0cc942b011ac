"""The first event that differs between two runs is found at its own time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.outcomes import START_US, S, fill, order, outcome, round_trip

from tickreel.backtest.outcome import Outcome, Status
from tickreel.backtest.runs.comparing import first_divergence, other_figures
from tickreel.backtest.runs.tables import equity_table, fill_table, order_table

if TYPE_CHECKING:
    import pyarrow as pa


def tables(run: Outcome) -> dict[str, pa.Table]:
    return {"orders": order_table(run), "fills": fill_table(run), "equity": equity_table(run)}


def changed(**rows: tuple[int, str, Any]) -> Outcome:
    """Give the round trip with one cell of some tables changed."""
    run = round_trip()
    for table, (index, column, value) in rows.items():
        getattr(run, table)[column][index] = value
    return run


def test_two_runs_alike_do_not_differ_also_where_something_is_unknown() -> None:
    assert first_divergence(tables(round_trip()), tables(round_trip())) is None


@pytest.mark.parametrize(
    ("cell", "event", "time_us"),
    [
        ((1, "price", 104.0), "sent", START_US + S),
        ((1, "queue_ahead", 3.0), "arrived", START_US + S + 1000),
        ((1, "queue_ahead", np.nan), "arrived", START_US + S + 1000),
        ((1, "arrive_us", START_US + S + 900), "arrived", START_US + S + 900),
        ((1, "ack_us", START_US + S + 5000), "answered", START_US + S + 2000),
        ((1, "cancel_us", START_US + S + 7000), "called off", START_US + S + 7000),
        ((1, "filled", 1.0), "ended", START_US + 2 * S),
    ],
)
def test_an_order_differs_from_when_it_does(cell: tuple[int, str, Any], event: str, time_us: int) -> None:
    found = first_divergence(tables(round_trip()), tables(changed(orders=cell)))
    assert found is not None
    assert (found.table, found.event, found.index, found.time_us) == ("orders", event, 1, time_us)
    assert found.columns == (cell[1],)
    back = first_divergence(tables(changed(orders=cell)), tables(round_trip()))
    assert back is not None
    assert (back.a, back.b) == (found.b, found.a)


def test_the_earliest_of_several_is_told() -> None:
    run = changed(orders=(2, "price", 1.0), fills=(0, "price", 100.5), equity=(4, "equity", 7.0))
    found = first_divergence(tables(round_trip()), tables(run))
    assert found is not None
    assert (found.table, found.time_us, found.columns) == ("fills", START_US + S, ("price",))


def test_a_later_row_may_differ_earlier() -> None:
    rows = [order(0, 1, 100.0, 1.0, end_us=START_US + 9 * S), order(1, 1, 100.0, 1.0)]
    other = [
        order(0, 1, 100.0, 1.0, end_us=START_US + 8 * S),
        order(1, 1, 100.0, 1.0, status=Status.CANCELLED),
    ]
    found = first_divergence(tables(outcome(rows, [], [0.0])), tables(outcome(other, [], [0.0])))
    assert found is not None
    assert (found.index, found.time_us, found.columns) == (1, START_US + 2 * S, ("status",))


def test_what_only_one_run_has_differs_from_there_on() -> None:
    short = replace(round_trip(), fills=round_trip().fills[:1])
    found = first_divergence(tables(round_trip()), tables(short))
    assert found is not None
    assert (found.table, found.index, found.b, found.columns) == ("fills", 1, None, ())
    assert found.time_us == START_US + 2 * S
    longer = outcome([], [fill(0, 1, 100.0, 2.0, 2.0)], [0.0])
    none = first_divergence(tables(outcome([], [], [0.0])), tables(longer))
    assert none is not None
    assert none.a is None


def test_figures_that_differ_are_named_by_their_path() -> None:
    a = {"pnl": 1.0, "queue": {"joined": 2, "ahead": None}, "instruments": [{"fees": 1.0}], "same": 1}
    b = {"pnl": 3.0, "queue": {"joined": 2, "ahead": 5}, "instruments": [{"fees": 2.0}], "same": 1}
    assert other_figures(a, b) == [
        {"name": "pnl", "a": 1.0, "b": 3.0, "difference": 2.0},
        {"name": "queue.ahead", "a": None, "b": 5, "difference": None},
        {"name": "instruments.0.fees", "a": 1.0, "b": 2.0, "difference": 1.0},
    ]
