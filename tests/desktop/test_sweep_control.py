"""From a trade of a run to why it was filled, on to Replay and the analysis, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.backtests import MAKER, hold_traded_market, request, strategy_file
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


@pytest.mark.long
def test_why_leads_from_a_run_to_replay_and_to_the_analysis_and_back(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    hold_traded_market(cache, tmp_path)
    with opened_runs(cache) as runs:
        run = runs.backtest(request(strategy_file(tmp_path, MAKER, "maker.py")))
    fill = run.fills.iloc[0]
    order_id = int(fill["order"])

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await desk.backtest_control.open_run(run.id)
            view = desk.backtest.why
            desk.backtest.run_view.why_asked.emit(run.id, order_id)
            await until(lambda: view.asked is not None and view.way is not None)
            assert view.isVisible()
            assert f"order {order_id}" in desk.backtest.title()

            assert desk.actions["why.next"].isEnabled()
            assert not desk.actions["sweep.refine"].isEnabled()
            desk.actions["why.replay"].trigger()
            await until(lambda: desk.run_replay.is_open)
            assert not desk.actions["why.replay"].isEnabled()
            assert desk.window.front == "replay"
            player = desk.replay.player
            assert player is not None
            first_us = int(run.fills[run.fills["order"] == order_id]["time_us"].iloc[0])
            await until(lambda: player.frame is not None and player.frame.at_us == first_us)
            desk.actions["replay.why"].trigger()
            await until(lambda: desk.window.front == "backtest" and view.isVisible())

            await until(lambda: view.asked is not None)
            assert view.asked is not None
            market = view.asked.market
            view.head.analyse.click()
            await until(lambda: desk.scope.subject is not None and "selected" in desk.scope.subject.why_here)
            assert desk.scope.subject is not None
            assert desk.scope.subject.from_us == market.from_us
            assert desk.scope.subject.to_us == min(market.to_us, run.card.to_us)
            assert desk.window.docks["analysis"].is_open

            desk.window.go_to("backtest")
            view.head.back.click()
            assert not view.isVisible()
            assert desk.backtest.run_view.isVisible()
            assert desk.backtest.title() == f"Backtest: run {run.id}"

    run_on_qt(qapp, journey())
