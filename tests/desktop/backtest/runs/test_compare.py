"""Runs side by side: curves, figures and differences are those of the cards, and where they part is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.accessibility import nameless_controls
from support.desks import until
from support.qtloop import run_on_qt

from tickreel.backtest.runs.curve import values_at
from tickreel_desktop.backtest.compare import CompareView
from tickreel_desktop.backtest.keeper import RunsKeeper
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from PySide6.QtWidgets import QApplication
    from support.runshome import RunsHome

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.run.array_table import ArrayTable
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


@pytest.fixture
def compares(qapp: QApplication, theme: Theme, zone: DisplayZone, runs: Runs) -> Callable[..., None]:
    """Give what compares runs, does something with the view, and takes it down."""

    def show(run_ids: list[str], act: Callable[[CompareView], Awaitable[None]]) -> None:
        async def journey() -> None:
            failures: list[BaseException] = []
            tasks, keeper = Tasks(failures.append), RunsKeeper(runs.cache)
            await keeper.begin()
            view = CompareView(theme, zone, keeper, tasks)
            view.resize(1080, 900)
            view.show()
            try:
                view.show_runs(run_ids)
                await until(lambda: view.compared is not None or bool(failures))
                await act(view)
                assert not failures
            finally:
                await tasks.close()
                await keeper.close()
                view.close()
                view.deleteLater()

        run_on_qt(qapp, journey())

    return show


def rows(table: ArrayTable) -> dict[str, list[str]]:
    model = table.rows
    return {
        str(model.index(row, 0).data()): [
            str(model.index(row, column).data()) for column in range(1, model.columnCount())
        ]
        for row in range(model.rowCount())
    }


def number(text: str) -> float:
    plain = text.replace("\u2009", "").replace("\u2212", "-").replace("+", "")
    return float(plain.split(" ")[0])


def test_figures_and_differences_are_those_of_the_cards(
    compares: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    a, b = (runs.run(run_id).card for run_id in (made.maker, made.lean))

    async def act(view: CompareView) -> None:
        found = rows(view.metrics)
        for name, key in (("Net PnL, USDT", "pnl"), ("Turnover, USDT", "turnover")):
            values = [number(text) for text in found[name]]
            first, second = a.metrics[key], b.metrics[key]
            assert values == pytest.approx([first, second, first - second], abs=0.011)
        assert [number(text) for text in found["Trades"]] == [
            a.total_trades,
            b.total_trades,
            (a.total_trades or 0) - (b.total_trades or 0),
        ]
        assert found["Return"][2].endswith(" pt")
        settings = rows(view.settings)
        assert settings == {"lean_ticks": ["1", "3"]}
        told = view.told.text()
        assert told.startswith(f"Same data {(a.data_sha256 or '')[:6]}, same code")
        assert told.endswith("1 parameter differs")
        assert nameless_controls(view) == []

    compares([made.maker, made.lean], act)


def test_a_run_is_added_from_those_that_are_kept(compares: Callable[..., None], made: RunsHome) -> None:
    async def act(view: CompareView) -> None:
        assert not view.add_button.isEnabled()
        view.offer([(made.pair, "PairOfTwo"), (made.maker, "Maker"), (made.failed, "Failing")])
        assert view.add_button.isEnabled()
        menu = view.add_menu()
        assert [action.text() for action in menu.actions()] == ["PairOfTwo", "Failing"]
        menu.actions()[0].trigger()
        await until(lambda: view.compared is not None and len(view.compared.cards) == 3)
        assert view.run_ids == [made.maker, made.lean, made.pair]

    compares([made.maker, made.lean], act)


def test_curves_lie_over_each_other_and_their_difference_is_drawn(
    compares: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    first, second = (runs.run(run_id).equity for run_id in (made.maker, made.lean))

    async def act(view: CompareView) -> None:
        drawn = {layer.name: layer for layer in view.charts.equity.layers}
        assert drawn["A"].values.tolist() == first["equity"].tolist()
        assert drawn["B"].values.tolist() == second["equity"].tolist()
        assert drawn["A"].look != drawn["B"].look
        assert "A band" in drawn
        (apart,) = view.charts.difference.layers
        at_us = apart.at_us[len(apart.at_us) // 2 :][:50]
        ends = [
            values_at(one["time_us"].to_numpy(), one["equity"].to_numpy(), at_us) for one in (first, second)
        ]
        assert np.allclose([apart.trace.value_at(int(each)) for each in at_us], ends[0] - ends[1])

    compares([made.maker, made.lean], act)


def test_the_first_event_that_differs_is_told_and_leads_to_the_replay(
    compares: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    found = runs.compare(made.maker, made.lean)["first_difference"]

    async def act(view: CompareView) -> None:
        assert str(found["index"] + 1) in view.event_time.text()
        assert found["event"] in view.event_time.text()
        assert view.event_a.text() != view.event_b.text()
        (mark,) = view.charts.equity.marks
        assert mark.at_us == found["time_us"]
        asked: list[tuple[str, int]] = []
        view.replay_asked.connect(lambda run_id, at_us: asked.append((run_id, at_us)))
        view.replay_button.click()
        assert asked == [(made.maker, found["time_us"])]

    compares([made.maker, made.lean], act)


def test_the_same_run_by_itself_differs_in_nothing(
    compares: Callable[..., None], runs: Runs, made: RunsHome
) -> None:
    (same,) = (one.id for one in runs.runs(made.band) if one.card.models == runs.run(made.maker).card.models)

    async def act(view: CompareView) -> None:
        assert view.event_time.text() == "A and B gave the very same orders, fills and equity."
        assert rows(view.settings) == {}
        assert {values[2] for values in rows(view.metrics).values()} <= {"0.00", "0", "0.000", "0.00 pt"}

    compares([made.maker, same], act)


def test_any_set_is_compared_and_runs_are_taken_away(
    compares: Callable[..., None], made: RunsHome, runs: Runs
) -> None:
    swept = [one.id for one in runs.runs(made.sweep)]

    async def act(view: CompareView) -> None:
        assert view.title.text() == "Compare 4 runs"
        assert view.metrics.rows.columnCount() == 5
        assert set(rows(view.settings)) == {"half_spread_ticks", "lean_ticks"}
        assert not view.charts.difference.isVisible()
        view._remove(swept[0])
        await until(lambda: view.title.text() == "Compare 3 runs")
        opened: list[str] = []
        view.opened.connect(opened.append)
        for run_id in swept[1:3]:
            view._remove(run_id)
        assert opened == [swept[3]]

    compares(swept, act)


def test_a_run_without_tables_is_told_of(compares: Callable[..., None], made: RunsHome) -> None:
    async def act(view: CompareView) -> None:
        view.show_runs([made.maker, "0000000000"])
        await until(lambda: view.compared is None)
        assert "there is no run" in view._none._text.text()

    compares([made.maker, made.lean], act)
