"""The Backtest workspace as a whole: from a run to its link, to another one beside it, and to a sweep."""

from __future__ import annotations

import asyncio
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from support.backtests import NAME, SPAN, hold_market, request, strategy_file
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.backtest.declaring import Declaration, declare
from tickreel.backtest.engine import simulate
from tickreel.backtest.presets import preset, with_models
from tickreel.backtest.request import BacktestRequest
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.digest import result_sha256
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.backtest.sweeps.sweep import begin
from tickreel.errors import NotHeldError
from tickreel.market.time import format_us
from tickreel.program import child_command
from tickreel.store import open_cache
from tickreel_desktop.backtest.form.draft import Draft, draft_of, read
from tickreel_desktop.leaving import LeaveDialog, may_leave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.backtest.runs.service import Runs
    from tickreel.store import Cache


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        hold_market(opened, tmp_path)
        yield opened


def test_what_is_typed_in_the_form_does_not_let_runs_be_deleted_that_are_not_marked(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    strategy = strategy_file(tmp_path)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.backtest_control.new_run()
            names = ("runs.delete", "runs.compare", "runs.report", "runs.tag")
            doing = desk.actions.doing
            assert not any(doing(name).is_possible for name in names)
            desk.backtest_control.form.take(Draft(strategy=str(strategy)))
            await desk.backtest_control.form.settled()
            assert not any(doing(name).is_possible for name in names)
            desk.window.go_to("data")
            desk.window.go_to("backtest")
            assert not any(doing(name).is_possible for name in names)
            assert doing("backtest.new").is_possible

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_links_lead_to_a_run_and_two_stand_side_by_side(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    asked = request(strategy_file(tmp_path))
    with opened_runs(cache) as runs:
        first = runs.backtest(asked)
        second = runs.backtest(request(strategy_file(tmp_path), params={"every": 30}))

    async def journey() -> None:
        async with desk_over(cache) as desk:
            await desk.operations.open_link("tickreel://backtest")
            assert desk.window.front == "backtest"
            await desk.operations.open_link(f"tickreel://run/{first.id[:8]}")
            view = desk.backtest.run_view
            await until(lambda: view.record is not None)
            assert view.record is not None
            assert view.record.card.id == first.id
            assert desk.window.windowTitle() == f"Backtest: run {first.id} - Tickreel"
            with pytest.raises(NotHeldError):
                await desk.operations.open_link("tickreel://run/nosuchrun")
            desk.runs_control.compare([first.id, second.id])
            compare = desk.backtest.compare
            await until(lambda: compare.compared is not None)
            assert compare.isVisible()
            desk.backtest.compare.close_button.click()
            assert view.isVisible()

    run_on_qt(qapp, journey())


def test_what_a_run_was_asked_fills_the_form_in(tmp_path: Path) -> None:
    models = with_models(preset("optimistic"), orders="700", queue="power2:4", fees="0.0002,0.0005")
    path = strategy_file(tmp_path)
    asked = request(path, params={"every": 7}, seed=3, allow_missing=True, models=models)
    declared = declare(str(path))
    assert isinstance(declared, Declaration)
    assert read(draft_of(asked), declared).request == asked
    whole = BacktestRequest.of("twap", [("x", "A")], "2024-08-01", "2024-08-03", models="careful")
    draft = draft_of(whole)
    assert (draft.first, draft.last, draft.preset) == ("2024-08-01", "2024-08-02", "careful")
    assert (draft.latency, draft.queue, draft.fees) == ("", "", "")


def test_a_narrow_window_has_the_form_behind_a_button(qapp: QApplication, cache: Cache) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("backtest")
            space = desk.backtest
            assert (space.form.isVisible(), space.runs.isVisible()) == (False, True)
            space.new_button.click()
            assert (space.form.isVisible(), space.runs.isVisible()) == (True, False)
            space.form.back_button.click()
            assert (space.form.isVisible(), space.runs.isVisible()) == (False, True)
            desk.window.resize(1920, 1080)
            await until(space.form.isVisible)
            assert space.runs.isVisible()
            assert not space.new_button.isVisible()

    run_on_qt(qapp, journey())


def test_a_run_that_is_followed_to_its_end_needs_no_words_over_it(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            strategy = strategy_file(tmp_path)

            async def ended(at: str, **params: object) -> None:
                count = len(desk.window.toasts.history())
                desk.window.go_to(at)
                desk.backtest_control.submit(request(strategy, params=params))
                await until(lambda: len(desk.window.toasts.history()) > count)

            await ended("backtest", every=20)
            assert [one.heading for one in desk.window.toasts.history()] == ["The run is done"]
            assert desk.window.toasts.visible_messages() == ()
            assert desk.backtest.view.currentWidget() is desk.backtest.run_view
            await ended("data", every=30)
            assert [one.heading for one in desk.window.toasts.visible_messages()] == ["The run is done"]

    run_on_qt(qapp, journey())


def test_closing_over_a_run_asks_and_ends_it(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            runs = await desk.runs.runs()
            work = desk.backtests.submit(runs, request(strategy_file(tmp_path), params={"pause_s": 0.02}))
            await until(lambda: bool(work.live.equity()))
            answers: list[bool] = []

            async def ask() -> None:
                answers.append(await may_leave(desk.theme, desk.running(), desk.window))

            desk.tasks.start(ask(), "ask whether to leave")
            await until(lambda: bool(desk.window.findChildren(LeaveDialog)))
            (dialog,) = desk.window.findChildren(LeaveDialog)
            assert [name for name in desk.running() if "taker.py" in name] == desk.running() != []
            dialog.leave_button.click()
            await until(lambda: bool(answers))
            assert answers == [True]
        with opened_runs(cache) as kept:
            assert [run.card.state for run in kept.runs()] == [RunState.CANCELLED]

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_sweep_of_100_is_gone_on_with_after_its_program_was_killed_and_after_it_was_cancelled(
    qapp: QApplication, cache: Cache, home: Path, tmp_path: Path
) -> None:
    path = strategy_file(tmp_path)
    words = ["--home", str(home), "--quiet", "sweep", str(path), NAME]
    words += [format_us(SPAN[0]), format_us(SPAN[1]), "--grid", "every=10,15,20,25,30,35,40,45,50,55"]
    words += ["--grid", "amount=0.5,0.6,0.7,0.8,0.9,1.0,1.1,1.2,1.3,1.4", "--fees", "0.0002,0.0005"]
    program = subprocess.Popen(child_command("tickreel", *words), stdout=subprocess.DEVNULL)

    def whole(runs: Runs) -> dict[str, str | None]:
        found = runs.runs(sweep_id)
        return {one.id: one.card.result_sha256 for one in found if one.card.state is RunState.SUCCEEDED}

    sweep_id = None
    with opened_runs(cache) as runs:
        guard_s = time.monotonic() + 120
        while len(whole(runs)) < 10:
            assert time.monotonic() < guard_s
            time.sleep(0.1)
        program.kill()  # which on Linux is kill -9
        program.wait()
        killed_at = whole(runs)
        sweep_id = runs.run(next(iter(killed_at))).card.sweep_id or ""
    assert 10 <= len(killed_at) < 100

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.window.go_to("backtest")
            desk.backtest_control.open_sweep(sweep_id)
            view = desk.backtest.sweep
            await until(lambda: view.trials is not None)
            await until(view.setup.resume.isVisible)
            assert view.setup.state.text() == "stopped"
            view.setup.resume.click()
            await until(
                lambda: bool(desk.backtests.works()) and desk.backtests.works()[-1].live.ended_runs > 5
            )
            await until(view.setup.cancel.isVisible)
            view.setup.cancel.click()
            (work,) = desk.backtests.works()
            await until(lambda: bool(work.ended_us))
            cancelled_at = await desk.runs.ask(whole)
            assert len(killed_at) < len(cancelled_at) < 100
            assert killed_at.items() <= cancelled_at.items()
            await until(view.setup.resume.isVisible)
            view.setup.resume.click()
            await until(lambda: len(desk.backtests.works()) > 1)
            again = desk.backtests.works()[-1]
            await until(lambda: bool(again.ended_us))
            assert again.live.id == sweep_id
            done = await desk.runs.ask(whole)
            assert len(done) == 100
            assert cancelled_at.items() <= done.items()
            await until(lambda: view.trials is not None and view.trials.is_over)
            assert view.setup.state.text() == "done"
            assert sorted(trial.run_id or "" for trial in view.list.trials) == sorted(done)
            # What came of the last of them is what comes of it alone.
            last = (await desk.runs.ask(lambda runs: runs.runs(sweep_id)))[-1]
            plain = await asyncio.to_thread(simulate, BacktestRequest.from_form(last.request), cache)
            assert result_sha256(plain.orders, plain.fills, plain.equity) == last.card.result_sha256

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_region_of_a_sweep_is_refined_from_its_form(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    asked = SweepRequest(base=request(strategy_file(tmp_path)), grid={"every": (20, 30)})
    with opened_runs(cache) as runs:
        sweep = begin(runs, asked)

    async def journey() -> None:
        async with desk_over(cache) as desk:
            desk.backtest_control.open_sweep(sweep.id)
            desk.backtest.sweep.refine_asked.emit(sweep.id, {"every": [20, 25, 30]})
            await until(lambda: desk.backtest_control.sweep_dialog is not None)
            dialog = desk.backtest_control.sweep_dialog
            assert dialog is not None
            assert dialog.count() == 3
            assert dialog.fields["every"].text() == "20, 25, 30"
            dialog.reject()

    run_on_qt(qapp, journey())
