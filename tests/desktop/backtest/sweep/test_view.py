"""The screen of a real sweep: what is drawn is what is stored, and every way through it leads on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from support.accessibility import nameless_controls
from support.desks import until
from support.qtloop import run_on_qt

from tickreel.backtest.sweeps.plane import Region
from tickreel.backtest.sweeps.ranking import rank
from tickreel.backtest.sweeps.sweep import begin, resume
from tickreel.backtest.sweeps.trials import TrialState, read_trials
from tickreel.backtest.sweeps.trust import trust_of
from tickreel.errors import Cancelled
from tickreel_desktop.backtest.sweep import view as sweep_view
from tickreel_desktop.backtest.sweep.figures import short
from tickreel_desktop.backtest.sweep.laid_out import lay_out
from tickreel_desktop.backtest.sweep.ramp import SweepColours
from tickreel_desktop.backtest.sweep.setup_pane import SweepWork
from tickreel_desktop.replay.charttable import TableTwin

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from PySide6.QtWidgets import QApplication

    from tickreel.backtest.runs.service import Runs
    from tickreel.backtest.sweeps.grid import SweepRequest
    from tickreel.backtest.sweeps.trials import Trials
    from tickreel_desktop.backtest.sweep.laid_out import Choice, LaidOut
    from tickreel_desktop.backtest.sweep.view import SweepView
    from tickreel_desktop.theme import Theme

    Opened = Callable[[Runs, str], AbstractAsyncContextManager[SweepView]]

pytestmark = pytest.mark.long


def test_what_is_drawn_is_what_is_stored(
    runs: Runs, asked: SweepRequest, opened: Opened, qapp: QApplication, theme: Theme
) -> None:
    done = begin(runs, asked, workers=2)
    by_place = {
        (every, amount): run
        for run, (every, amount) in zip(
            done.runs, [(e, a) for e in (10, 20, 40) for a in (0.5, 1.0, 1.5)], strict=True
        )
    }

    async def act() -> None:
        async with opened(runs, done.id) as view:
            view.map_pane.value.setCurrentIndex(view.map_pane.value.findData("pnl"))
            view.map_pane.value.activated.emit(view.map_pane.value.currentIndex())
            plane = view.map.plane
            assert plane is not None
            assert (plane.across.name, plane.up and plane.up.name) == ("every", "amount")
            picture = view.map.grab().toImage()
            colours = SweepColours(theme.tokens)
            most = max(abs(run.metrics["pnl"]) for run in done.runs)
            for (every, amount), run in by_place.items():
                at = (plane.across.values.index(every), (0.5, 1.0, 1.5).index(amount))
                assert plane.told[at[1], at[0]] == run.metrics["pnl"]
                assert short(run.metrics["pnl"]) in view.map.words_of(at)
                middle = view.map.cell_center(*at)
                ground, _ = colours.of(run.metrics["pnl"] / most)
                # Away from the figure in the middle, and from the marks at the edges.
                assert picture.pixelColor(middle.x(), middle.y() - 30) == ground
            wanted = rank(((run.card, {}) for run in done.runs), "pnl")
            assert [trial.run_id for trial in view.list.trials] == [one.run_id for one in wanted]
            assert nameless_controls(view) == []

            found: list[Any] = []
            view.opened.connect(found.append)
            QTest.mouseClick(
                view.map,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
                view.map.cell_center(2, 1),
            )
            view.list.table.setFocus()
            QTest.keyClick(view.list.table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
            QTest.keyClick(view.list.table, Qt.Key.Key_Return)
            assert found == [by_place[40, 1.0].id, wanted[0].run_id]
            chosen = view.map.marks.chosen
            assert chosen is not None
            cell = plane.cells[chosen[1]][chosen[0]]
            assert cell.trial is not None
            assert cell.trial.run_id == wanted[0].run_id

    run_on_qt(qapp, act())


def test_a_region_is_selected_by_keys_and_pointer_then_refined_compared_and_weighed(
    runs: Runs, asked: SweepRequest, opened: Opened, qapp: QApplication
) -> None:
    done = begin(runs, asked, workers=2)

    async def act() -> None:
        async with opened(runs, done.id) as view:
            refined: list[tuple[str, dict[str, list[Any]]]] = []
            compared: list[list[str]] = []
            view.refine_asked.connect(lambda sweep_id, grid: refined.append((sweep_id, grid)))
            view.compare_asked.connect(compared.append)
            view.map.setFocus()
            for key in (Qt.Key.Key_Home, *[Qt.Key.Key_Down] * 3):
                QTest.keyClick(view.map, key)
            for key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
                QTest.keyClick(view.map, key, Qt.KeyboardModifier.ShiftModifier)
            assert view.map.region == Region(0, 1, 0, 1)
            view.setup.refine.click()
            view.setup.compare.click()
            assert refined == [(done.id, {"every": [10, 15, 20], "amount": [0.5, 0.75, 1.0]})]
            assert compared == [[done.runs[place].id for place in (0, 3, 1, 4)]]
            trials = view.trials
            assert trials is not None
            trust = trust_of(runs.cache, runs.records, trials, [trials.all[place] for place in (0, 3, 1, 4)])
            value = view.setup.trust.value
            await until(lambda: value("Same for the region median") == f"{trust.region_deflated:.2f}")
            assert value("Trials so far on this data") == "9"
            assert trust.best is not None
            assert value("Best Sharpe as measured") == short(trust.best)
            assert "9 trials on 60 s of one symbol" in view.setup.warning.accessibleName()

            start, end = view.map.cell_center(1, 1), view.map.cell_center(2, 2)
            QTest.mousePress(view.map, Qt.MouseButton.LeftButton, pos=start)
            QTest.mouseMove(view.map, end)
            QTest.mouseRelease(view.map, Qt.MouseButton.LeftButton, pos=end)
            assert view.map.region == Region(1, 2, 1, 2)
            QTest.keyClick(view.map, Qt.Key.Key_Escape)
            assert view.map.region == view.map.marks.robust

    run_on_qt(qapp, act())


def test_brushes_keep_trials_in_the_list_and_on_the_map(
    runs: Runs, asked: SweepRequest, opened: Opened, qapp: QApplication
) -> None:
    done = begin(runs, asked, workers=2)

    async def act() -> None:
        async with opened(runs, done.id) as view:
            lines = view.parallel
            place = [axis.name for axis in lines.axes].index("every")
            QTest.mousePress(lines, Qt.MouseButton.LeftButton, pos=lines.point(place, 0.0).toPoint())
            QTest.mouseMove(lines, lines.point(place, 0.5).toPoint())
            QTest.mouseRelease(lines, Qt.MouseButton.LeftButton, pos=lines.point(place, 0.5).toPoint())
            kept = {trial.at["every"] for trial in view.list.trials}
            assert kept == {10, 20}
            assert len(view.list.trials) == 6
            assert view.map.marks.outside == {(2, 0), (2, 1), (2, 2)}
            QTest.keyClick(lines, Qt.Key.Key_Delete)
            assert len(view.list.trials) == 9
            assert view.map.marks.outside == frozenset()
            for axis in lines.axes[:2]:
                assert axis.values.tolist() == [float(trial.at[axis.name]) for trial in view.trials.all]  # type: ignore[union-attr]  # it is shown
            fills = next(axis for axis in lines.axes if axis.name == "fills")
            assert fills.values.tolist() == [run.card.total_trades for run in done.runs]

    run_on_qt(qapp, act())


class Halt:
    """Stops a sweep once some of its runs are done."""

    def report(self, _done: int, _total: int | None, note: str = "") -> None:
        if note.split()[:1] not in ([], ["0"]):
            raise Cancelled("enough")


def test_a_sweep_that_was_stopped_shows_what_is_queued_and_comes_to_its_end(
    runs: Runs, asked: SweepRequest, opened: Opened, qapp: QApplication
) -> None:
    with pytest.raises(Cancelled):
        begin(runs, asked, Halt(), workers=1)
    (sweep_id,) = {run.card.sweep_id for run in runs.runs()}
    assert sweep_id is not None

    async def act() -> None:
        async with opened(runs, sweep_id) as view:
            states = [trial.state for trial in read_trials(runs.records, sweep_id).all]
            assert states.count(TrialState.QUEUED) > 0
            plane = view.map.plane
            assert plane is not None
            assert [plane.cells[row][column].state for column in range(3) for row in range(3)] == states
            asked_for: list[str] = []
            view.resume_asked.connect(asked_for.append)
            assert view.setup.state.text() == "stopped"
            view.setup.resume.click()
            assert asked_for == [sweep_id]
            view.show_work(SweepWork(2, 90.0, shares={8: 0.4}))
            assert view.setup.resume.isHidden()
            assert not view.setup.cancel.isHidden()
            assert view.map.marks.shares == {8: 0.4}
            resume(runs, sweep_id, workers=2)
            await until(lambda: view.trials is not None and view.trials.is_over)
            assert view.setup.state.text() == "done"
            view.show_work(None)
            assert view.setup.cancel.isHidden()

    run_on_qt(qapp, act())


def test_a_sweep_that_is_not_there_is_named(runs: Runs, opened: Opened, qapp: QApplication) -> None:
    async def act() -> None:
        async with opened(runs, "nothere") as view:
            assert (
                view.problem
                == "there is no sweep 'nothere': `tickreel runs list` names the sweep of each run"
            )

    run_on_qt(qapp, act())


def test_many_trials_are_laid_out_on_another_thread_as_few_are_at_once(
    runs: Runs, asked: SweepRequest, opened: Opened, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = begin(runs, asked, workers=2)
    threads: list[bool] = []

    def noted(trials: Trials, choice: Choice) -> LaidOut:
        threads.append(threading.current_thread() is threading.main_thread())
        return lay_out(trials, choice)

    monkeypatch.setattr(sweep_view, "lay_out", noted)
    monkeypatch.setattr(sweep_view, "AT_ONCE", 1)

    async def act() -> None:
        async with opened(runs, done.id) as view:
            await until(lambda: view.map.plane is not None)
            for figure in ("fees", "pnl"):  # the last wish counts
                view.map_pane.value.setCurrentIndex(view.map_pane.value.findData(figure))
                view.map_pane.value.activated.emit(view.map_pane.value.currentIndex())
            await until(lambda: view.map.plane is not None and view.map.plane.figure == "pnl")
            assert view.trials is not None
            wanted = lay_out(view.trials, view.map_pane.choice())
            plane = view.map.plane
            assert plane is not None
            assert plane.told.tolist() == wanted.plane.told.tolist()
            assert [axis.name for axis in view.parallel.axes] == [axis.name for axis in wanted.axes]
            assert len(view.list.trials) == 9
            assert threads
            assert not any(threads)

    run_on_qt(qapp, act())


def test_the_map_and_the_lines_have_their_figures_as_a_table(
    runs: Runs, asked: SweepRequest, opened: Opened, qapp: QApplication
) -> None:
    done = begin(runs, asked, workers=2)

    async def act() -> None:
        async with opened(runs, done.id) as view:
            view.map_pane.value.setCurrentIndex(view.map_pane.value.findData("pnl"))
            view.map_pane.value.activated.emit(view.map_pane.value.currentIndex())
            for chart, count in ((view.map, 9), (view.parallel, 9)):
                chart.setFocus()
                QTest.keyClick(chart, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
                (twin,) = (each for each in view.findChildren(TableTwin) if each.isVisible())
                assert twin.rows.model().rowCount() == count
                twin.close()
            cells = {row[4]: row for row in view.map.table().rows}
            lines = {row[0]: row for row in view.parallel.table().rows}
            fills = view.parallel.table().columns.index("fills")
            for place, run in enumerate(done.runs):
                assert float(cells[str(place + 1)][2]) == run.metrics["pnl"]
                assert cells[str(place + 1)][5] == "done"
                assert int(lines[str(place + 1)][fills]) == run.card.total_trades

    run_on_qt(qapp, act())
