"""A run in the Replay workspace of the whole window: what is drawn is what its files and the engine have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from support.backtests import MAKER, hold_traded_market, request, strategy_file
from support.desks import desk_over, until
from support.feeds import EXCHANGE, SYMBOL
from support.qtloop import run_on_qt

from tickreel.backtest.engine import simulate
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.service import opened_runs
from tickreel.replay import Order
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tickreel.store import Cache
    from tickreel_desktop.replay.player import Player

_SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def cache(home: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        yield opened


def stands(player: Player, at_us: int) -> Callable[[], bool]:
    return lambda: player.frame is not None and player.frame.at_us == at_us


@pytest.mark.long
def test_a_run_is_replayed_with_its_orders_stepped_through_and_asked_about(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    hold_traded_market(cache, tmp_path)
    with opened_runs(cache) as runs:
        run = runs.backtest(request(strategy_file(tmp_path, MAKER, "maker.py")))
    fills, orders = run.fills, run.orders
    times = fills["time_us"].tolist()
    asked = BacktestRequest.from_form(run.request)
    traces = simulate(asked, cache, traced=orders["id"].tolist()).traces

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        widget = QApplication.focusWidget()
        assert widget is not None
        QTest.keyClick(widget, key, modifier)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            control, panels = desk.run_replay, desk.replay.panels
            await control.open_run(run.id, times[0] - 1)
            player = desk.replay.player
            assert player is not None
            assert not player.clock.is_playing
            assert player.request.plan.order is Order.EXCHANGE
            assert player.request.plan.latency_us == 1_000, "the feed of the run takes a millisecond"
            await until(stands(player, times[0] - 1))
            press(Qt.Key.Key_D)
            await until(stands(player, times[0]))
            later = next(one for one in times if one > times[0])
            press(Qt.Key.Key_D)
            await until(stands(player, later))
            press(Qt.Key.Key_D, _SHIFT)
            await until(stands(player, times[0]))
            why: list[Any] = []
            control.why_asked.connect(lambda *given: why.append(given))
            press(Qt.Key.Key_W)
            last = fills[fills["time_us"] == times[0]]["order"].iloc[-1]
            assert why == [(run.id, last)]
            assert desk.window.front == "backtest"
            assert desk.backtest.why.isVisible()
            desk.window.go_to("replay")
            press(Qt.Key.Key_K)
            arrivals = orders[orders["queue_ahead"].notna()]["arrive_us"]
            following = int(arrivals[arrivals > times[0]].min())
            await until(stands(player, following))

            # In the ladder each live order stands with what is ahead of it by the engine's own traces.
            await until(lambda: control.orders is not None and control.orders.ways is not None)
            assert control.orders is not None
            live = control.orders.live(following)
            assert live
            panels.ladder.set_multiple(1)
            await until(lambda: bool(panels.ladder.own_rungs))
            rungs = panels.ladder.own_rungs
            sight = panels.ladder.sight
            assert sight is not None
            for one in live:
                own = traces[(traces["order"] == one.id) & (traces["time_us"] <= following)]
                assert one.ahead == own["ahead"][-1]
                assert one.is_exact
            found = {
                (round(sight.scale.price(row), 1), side): rung.ahead for (row, side), rung in rungs.items()
            }
            plain = {(round(one.price, 1), 0 if one.is_buy else 1): one.ahead for one in live}
            assert found == plain

            # On the heat map the fill has a triangle whose tip is its price.
            heatmap = panels.heatmap
            assert heatmap.own is control.orders
            view = heatmap.projection()
            assert view is not None
            with_own = heatmap.grab().toImage()
            heatmap.set_own(None)
            without = heatmap.grab().toImage()
            heatmap.set_own(control.orders)
            fill = fills[fills["time_us"] == times[0]].iloc[0]
            ratio = heatmap.devicePixelRatioF()
            x = (view.place_of(times[0]) - view.left) / ratio
            y = view.down(fill["price"]) / ratio
            below = 6 if fill["side"] == "buy" else -6
            good = desk.theme.colour("good")
            assert with_own.pixelColor(int(x), int(y + below)) == good
            assert without.pixelColor(int(x), int(y + below)) != good

            # A window of it is selected for the analysis, and all of it is played by then.
            await control.open_window(run.id, times[0] - 2_000_000, times[0] + 1_000_000)
            assert desk.replay.shared.selection == (times[0] - 2_000_000, times[0] + 1_000_000)
            desk.analysis_control.view.choose("selection")
            await until(lambda: desk.scope.subject is not None and "selected" in desk.scope.subject.why_here)
            assert desk.scope.subject is not None
            assert (desk.scope.subject.from_us, desk.scope.subject.to_us) == desk.replay.shared.selection

            # Another replay is not that of the run.
            start_us, end_us = asked.start_us, asked.end_us
            await desk.operations.open_link(
                f"tickreel://replay/{EXCHANGE}/{SYMBOL}?from={start_us}&to={end_us}&speed=1"
            )
            assert not control.is_open
            assert desk.replay.panels.heatmap.own is None
            assert not desk.actions["replay.nextfill"].isEnabled()

    run_on_qt(qapp, journey())
    assert np.isfinite(traces["ahead"]).any()
