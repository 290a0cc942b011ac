"""``tickreel runs why``: what it tells of orders of a real run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.backtests import FEES, MAKER, NAME, hold_traded_market, strategy_file

from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.long

SPAN = ("2024-07-23", "2024-07-23T00:01")
MODELS = ("--preset", "optimistic", "--fees", FEES)


def test_an_order_is_explained_in_words_and_as_data(cli: Callable[..., Any], tmp_path: Path) -> None:
    with open_cache() as cache:
        hold_traded_market(cache, tmp_path)
    maker = strategy_file(tmp_path, MAKER, "maker.py")
    run = cli("backtest", maker, NAME, *SPAN, *MODELS).json
    told = cli("runs", "why", run["id"], 0, "--quiet").out
    assert told.startswith(f"order 0 of run {run['id']}: buy 1")
    with open_cache() as cache, opened_runs(cache) as runs:
        orders, fills = runs.run(run["id"]).orders, runs.run(run["id"]).fills
    made = int(fills[fills["is_maker"]]["order"].iloc[0])
    called_off = int(orders[orders["status"] == "cancelled"]["id"].iloc[0])
    filled, unfilled = (
        cli("runs", "why", run["id"][:6], one, "--json", "--quiet").json for one in (made, called_off)
    )
    order = filled["order"]
    assert filled["legs_us"]["entry"] == order["arrive_us"] - order["submit_us"] > 0
    assert filled["legs_us"]["response"] == [one["known_us"] - one["time_us"] for one in order["fills"]]
    assert sum(line["filled"] for line in filled["way"]) == pytest.approx(order["filled"])
    assert filled["way"][0]["rule"] == "arrived"
    assert filled["way_why_not"] is None
    assert [one["name"] for one in filled["books"]] == ["decided", "joined", "filled"]
    assert filled["books"][1]["exchange"]["bids"][0][0] == order["bid"]
    times = [step["at_us"] for step in filled["steps"]]
    assert times == sorted(times)
    assert {step["clock"] for step in filled["steps"]} == {"strategy", "exchange"}
    assert unfilled["verdict"] == "the strategy called it off before anything reached it"
    assert cli("runs", "why", run["id"], run["orders"]).code == 1
    maker.write_text(MAKER.replace("2_000_000", "3_000_000"), encoding="utf-8")
    changed = cli("runs", "why", run["id"], order["id"], "--json", "--quiet").json
    assert changed["way"] is None
    assert "the strategy's code" in changed["way_why_not"]
    assert changed["order"] == order, "what the run kept is told all the same"
