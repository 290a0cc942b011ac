"""Own orders found at a moment and in a window, against plain loops over the run's tables."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.backtests import MAKER, PAIR, hold_traded_market, request, strategy_file

from tickreel.backtest.runs.service import Runs, opened_runs
from tickreel.store import open_cache
from tickreel_desktop.replay.own.orders import OwnEvent
from tickreel_desktop.replay.own.overlay import merged
from tickreel_desktop.replay.own.reading import read_own

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with open_cache() as cache:
        hold_traded_market(cache, tmp_path)
        with opened_runs(cache) as found:
            yield found


def test_orders_in_view_live_and_next_are_those_of_the_tables(runs: Runs, tmp_path: Path) -> None:
    run = runs.backtest(request(strategy_file(tmp_path, MAKER, "maker.py")))
    own = read_own(run).orders[PAIR]
    orders, fills = run.orders, run.fills
    rested = orders[orders["queue_ahead"].notna()]
    assert own.id.tolist() == rested.sort_values("arrive_us", kind="stable")["id"].tolist()
    end_us = run.card.to_us
    ends = rested["end_us"].fillna(end_us).clip(upper=end_us)
    start_us = run.card.from_us
    for at_us in range(start_us, end_us, 1_700_000):
        live = {one.id: one for one in own.live(at_us)}
        wanted = rested[(rested["arrive_us"] <= at_us) & (ends > at_us)]
        assert sorted(live) == wanted["id"].tolist()
        for _, row in wanted.iterrows():
            done = fills[(fills["order"] == row["id"]) & (fills["time_us"] <= at_us)]["amount"].sum()
            one = live[row["id"]]
            assert one.amount == pytest.approx(row["amount"] - done)
            assert (one.ahead, one.is_exact) == (row["queue_ahead"], False)
        span = (at_us, at_us + 3_000_000)
        seen = own.lines(*span, 99.0, 99.95)
        plain = rested[
            (rested["arrive_us"] < span[1]) & (ends >= span[0]) & rested["price"].between(99.0, 99.95)
        ]
        assert sorted(seen.from_us.tolist()) == sorted(plain["arrive_us"].tolist())
        shown = own.fills(*span, 0.0, 1e9)
        assert shown.time_us.tolist() == [t for t in fills["time_us"] if span[0] <= t < span[1]]
    times = fills["time_us"].tolist()
    assert own.next_us(OwnEvent.FILL, times[0] - 1, 1) == times[0]
    assert own.next_us(OwnEvent.FILL, times[-1], 1) is None
    assert own.next_us(OwnEvent.FILL, times[0], -1) is None
    later = next(one for one in times if one > times[0])
    assert own.next_us(OwnEvent.FILL, later, -1) == max(one for one in times if one < later)
    assert own.next_us(OwnEvent.ORDER, start_us, 1) == int(rested["arrive_us"].min())
    assert own.nearest(times[0]) == int(fills["order"][fills["time_us"] == times[0]].iloc[-1])
    assert own.nearest(start_us) is None
    assert np.all(np.diff(own.from_us) >= 0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=40))
def test_runs_of_pixels_that_touch_are_one(runs: list[tuple[int, int, int]]) -> None:
    rows, lefts, lengths = (np.array(column, np.int64) for column in zip(*runs, strict=True))
    found = merged(rows, lefts, lefts + lengths)
    wanted = {(row, x) for row, left, length in runs for x in range(left, left + length)}
    assert {(row, x) for row, left, right in found for x in range(left, right)} == wanted
    assert sum(right - left for _, left, right in found) == len(wanted)
    for (row, _, right), (other, left, _) in pairwise(found):
        assert row < other or right < left
