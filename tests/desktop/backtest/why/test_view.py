"""Why orders of a real run were filled, or not: what is drawn is what the run and the engine have."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls
from support.backtests import FEES, MAKER, hold_traded_market, request, strategy_file
from support.desks import until
from support.qtloop import run_on_qt

from tickreel.backtest.engine import simulate
from tickreel.backtest.presets import preset, with_models
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache
from tickreel_desktop.backtest.keeper import RunsKeeper
from tickreel_desktop.backtest.why.view import WhyView
from tickreel_desktop.replay.charttable import TableTwin
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.backtest.runs.run import Run
    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


pytestmark = pytest.mark.long


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with open_cache() as cache:
        hold_traded_market(cache, tmp_path)
        with opened_runs(cache) as found:
            yield found


@pytest.fixture
def run(runs: Runs, tmp_path: Path) -> Run:
    # What is known lags so far that the books of both clocks differ.
    models = with_models(preset("optimistic"), feed="450000", fees=FEES)
    return runs.backtest(request(strategy_file(tmp_path, MAKER, "maker.py"), models=models))


@asynccontextmanager
async def showing(runs: Runs, theme: Theme, zone: DisplayZone) -> AsyncIterator[WhyView]:
    failed: list[BaseException] = []
    keeper, tasks = RunsKeeper(runs.cache), Tasks(failed.append)
    await keeper.begin()
    view = WhyView(theme, zone, keeper, tasks)
    try:
        view.resize(1600, 900)
        view.show()
        yield view
    finally:
        view.close_down()
        view.hide()
        await tasks.close()
        await keeper.close()
        view.deleteLater()
    assert not failed


def test_a_filled_order_is_told_as_its_run_and_the_engine_have_it(
    runs: Runs, run: Run, qapp: QApplication, theme: Theme, zone: DisplayZone
) -> None:
    fills, orders = run.fills, run.orders
    fill = fills[fills["is_maker"]].iloc[0]
    order_id = int(fill["order"])
    row = orders.iloc[order_id]
    plain = simulate(BacktestRequest.from_form(run.request), runs.cache, traced=[order_id]).traces

    async def act() -> None:
        async with showing(runs, theme, zone) as view:
            view.show_order(run.id, order_id)
            await until(lambda: view.way is not None or bool(view.problem))
            assert view.way is not None
            np.testing.assert_array_equal(view.way.ahead, plain["ahead"])
            assert view.charts.queue.way is view.way
            steps = view.account.steps.steps
            times = {step.title: step.at_us for step in steps}
            assert times["Strategy decides and sends"] == row["submit_us"]
            assert times["Reaches the exchange"] == row["arrive_us"]
            assert times["Strategy is told"] == fill["known_us"]
            assert [step.at_us for step in steps if step.is_fill] == fills[fills["order"] == order_id][
                "time_us"
            ].tolist()
            ahead = next(step.text for step in steps if step.title == "Joins the queue")
            assert float(ahead.split()[0]) == row["queue_ahead"]

            assert view.asked is not None
            for key, at_us in (("decided", row["submit_us"]), ("joined", row["arrive_us"])):
                view.clocks.moment.choose(key)
                view.clocks.moment.chosen.emit(key)
                moment = next(one for one in view.asked.market.moments if one.at_us == at_us)
                bids = dict(moment.exchange.bids.tolist())
                known = dict(moment.known.asks.tolist())
                assert view.clocks.books.rows
                for line in view.clocks.books.rows:
                    price = round(line.price, 1)
                    assert line.exchange[0] == bids.get(price, 0.0)
                    assert line.known[1] == known.get(price, 0.0)
            assert any(any(line.differs) for line in view.clocks.books.rows), "or nothing was compared"
            assert view.charts.price.market is view.asked.market
            assert nameless_controls(view) == []

            others = view.account.others
            await until(lambda: bool(others.told))
            assert others.told[0].is_in_use
            assert others.table.rows.rowCount() == len(others.told) > 3
            assert str(others.table.rows.index(0, 0).data()).endswith(", in use")

            queue, prices = view.charts.queue.table(), view.charts.price.table()
            assert [float(line[2]) for line in queue.rows] == plain["ahead"].tolist()
            own = [line for line in prices.rows if line[1].startswith("own fill")]
            assert [float(line[4]) for line in own] == fills[fills["order"] == order_id]["price"].tolist()
            QTest.keyClick(view.charts.queue, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
            (twin,) = (each for each in view.findChildren(TableTwin) if each.isVisible())
            assert twin.rows.model().rowCount() == len(queue.rows)
            twin.close()

            asked: list[Any] = []
            view.replay_asked.connect(lambda *given: asked.append(given))
            view.analyse_asked.connect(lambda *given: asked.append(given))
            view.head.replay.click()
            view.head.analyse.click()
            first_us = fills[fills["order"] == order_id]["time_us"].iloc[0]
            market = view.asked.market
            assert asked == [(run.id, first_us), (run.id, market.from_us, market.to_us)]
            assert market.from_us < row["submit_us"] < fill["known_us"] < market.to_us

    run_on_qt(qapp, act())


def test_one_steps_to_the_next_order_and_to_the_next_that_was_filled(
    runs: Runs, run: Run, qapp: QApplication, theme: Theme, zone: DisplayZone
) -> None:
    filled = sorted(set(run.fills["order"].tolist()))
    unfilled = next(one for one in range(len(run.orders)) if one not in filled)

    async def act() -> None:
        async with showing(runs, theme, zone) as view:
            view.show_order(run.id, unfilled)
            await until(lambda: view.asked is not None)
            await until(lambda: view.way is not None)
            view.head.stepping.choose("fills")
            view.head.stepping.chosen.emit("fills")
            view.head.next.click()
            wanted = next(one for one in filled if one > unfilled)
            await until(lambda: view.asked is not None and view.asked.order.id == wanted)
            view.head.stepping.choose("orders")
            view.head.stepping.chosen.emit("orders")
            view.head.previous.click()
            await until(lambda: view.asked is not None and view.asked.order.id == wanted - 1)
            view.show_order(run.id, 0)
            await until(lambda: view.asked is not None and view.asked.order.id == 0)
            assert not view.head.previous.isEnabled()
            # The run is being done once more, and that is given up.
            view.tracer.banner.action_triggered.emit()
            await until(lambda: view.tracer.banner.isHidden())
            assert view.way is None
            assert view.charts.queue.message == "Not traced: cancelled."
            view.show_order(run.id, 10_000)
            await until(lambda: bool(view.problem))
            assert "and none 10000" in view.problem

    run_on_qt(qapp, act())
