"""Runs and sweeps in the real window, by real processes: it tells how each ends, and lives on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from support.backtests import PAIR, SPAN, TAKER, hold_market, line_of, strategy_file
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.backtest.runs.card import RunKind, RunState
from tickreel.jobs import State
from tickreel.market.time import format_us
from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.settings import save
from tickreel.store import open_cache
from tickreel_desktop.backtest.form.draft import Draft
from tickreel_desktop.jobs import JobState, JobVerb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tickreel.store import Cache
    from tickreel_desktop.backtest.running.work import Work
    from tickreel_desktop.desk import Desk

pytestmark = pytest.mark.long


@pytest.fixture
def cache(home: Path, tmp_path: Path) -> Iterator[Cache]:
    with open_cache(home) as opened:
        hold_market(opened, tmp_path)
        yield opened


async def begun(desk: Desk, strategy: Path, *, has_band: bool = False, **params: Any) -> Work:
    """Fill the form in and press Run."""
    desk.backtest_control.new_run()
    control, count = desk.backtest_control.form, len(desk.backtests.works())
    control.take(
        Draft(
            strategy=str(strategy),
            symbols=(PAIR,),
            first=format_us(SPAN[0]),
            last=format_us(SPAN[1]),
            preset="optimistic",
            latency="1000",
            fees="0.0002,0.0005",
            params={name: str(value) for name, value in params.items()},
            has_band=has_band,
        )
    )
    await control.settled()
    assert desk.backtest.form.obstacle() == ""
    desk.backtest.form.foot.run_button.click()
    await until(lambda: len(desk.backtests.works()) > count)
    return desk.backtests.works()[-1]


async def ended(work: Work) -> None:
    await until(lambda: bool(work.ended_us))


def told(desk: Desk) -> list[str]:
    return [f"{kept.message.heading}: {kept.message.text}" for kept in desk.window.toasts.kept()]


def test_a_run_is_a_job_with_its_equity_and_opens_when_it_is_done(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            work = await begun(desk, strategy_file(tmp_path), pause_s=0.002)
            words: set[str] = set()
            while not work.ended_us:
                row = desk.jobs.panel._board.row(work.row_id)
                assert row is not None
                words.add(row.words)
                await asyncio.sleep(0.02)
            assert any(each.startswith("equity ") for each in words)
            equity = work.live.equity()
            run = work.run
            assert run is not None
            stored = run.equity
            sums = dict(zip(stored["time_us"], stored["equity"], strict=True))
            assert len(equity) > 3
            assert all(sums[at_us] == pytest.approx(value) for at_us, value in equity)
            row = desk.backtests.rows()[0]
            assert (row.state, row.verbs) == (JobState.DONE, (JobVerb.OPEN, JobVerb.DISMISS))
            (message,) = desk.window.toasts.kept()
            assert [action.text for action in message.actions()] == ["Open run"]
            assert desk.backtest_control.form.book.rate(str(tmp_path / "taker.py"))

    run_on_qt(qapp, journey())


def test_a_run_is_cancelled_within_a_second_and_done_once_more(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            work = await begun(desk, strategy_file(tmp_path), pause_s=0.02)
            await until(lambda: len(work.live.equity()) > 1)
            assert desk.running() == [desk.backtests.rows()[0].title]
            desk.backtests.act(work.row_id, JobVerb.CANCEL)
            await ended(work)
            assert work.job.state is State.CANCELLED
            kept = await desk.runs.ask(lambda runs: runs.runs())
            assert [run.card.state for run in kept] == [RunState.CANCELLED]
            assert kept[0].card.partial
            assert len(kept[0].equity) >= len(work.live.equity())
            assert told(desk) == []
            again = desk.backtests.retry(work)
            assert again is not None
            await until(lambda: bool(again.live.equity()))
            desk.backtests.cancel(again.live.id or "")
            await ended(again)
            assert [row.id for row in desk.backtests.rows()] == [again.row_id]

    run_on_qt(qapp, journey())


def test_an_exception_names_its_line_with_one_press_to_it(
    qapp: QApplication, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[Path, int | None]] = []

    async def journey() -> None:
        async with desk_over(cache) as desk:
            monkeypatch.setattr(desk.backtest_control.form, "open_file", lambda *at: opened.append(at))
            path = strategy_file(tmp_path)
            work = await begun(desk, path, fault="fail")
            await ended(work)
            row = desk.backtests.rows()[0]
            curve = desk.backtest.running.curve
            assert curve.isVisible()
            await until(lambda: curve.accessibleDescription().startswith("It ended before its equity"))
            line = line_of("fail")
            assert row.state is JobState.FAILED
            assert row.words.startswith(f"Line {line} of taker.py: ValueError: it went wrong")
            assert row.verbs[0] is JobVerb.SHOW_LINE
            (message,) = desk.window.toasts.kept()
            assert message.message.heading == "taker.py failed"
            assert [action.text for action in message.actions()] == [
                "Open the line",
                "Show cause",
                "Open run",
            ]
            desk.backtests.act(work.row_id, JobVerb.SHOW_LINE)
            assert opened == [(path, line)]
            assert desk.window.rail is not None

    run_on_qt(qapp, journey())


def test_a_day_that_goes_missing_after_the_form_was_read_refuses_the_run(
    qapp: QApplication, cache: Cache, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            await begun(desk, strategy_file(tmp_path))
            (first,) = desk.backtests.works()
            await ended(first)
            request = desk.backtest.form.reading().request
            assert request is not None
            day_us = 86_400_000_000
            later = msgspec.structs.replace(
                request, start_us=request.start_us + day_us, end_us=request.end_us + day_us
            )
            desk.backtest_control.submit(later)
            await until(lambda: len(desk.backtests.works()) == 2)
            work = desk.backtests.works()[1]
            await ended(work)
            row = desk.backtests.rows()[1]
            assert row.state is JobState.FAILED
            assert "missing" in row.words
            assert row.verbs == (JobVerb.RETRY, JobVerb.DISMISS)
            assert len(await desk.runs.ask(lambda runs: runs.runs())) == 1

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_an_exception_at_message_100_000(qapp: QApplication, home: Path, tmp_path: Path) -> None:
    path = strategy_file(tmp_path, TAKER.replace("if self.fault and", "if"), "late.py")

    async def journey() -> None:
        with open_cache(home) as cache:
            store_sample(cache, UNWATCHED)
            async with desk_over(cache) as desk:
                desk.backtest_control.new_run()
                control = desk.backtest_control.form
                control.take(
                    Draft(
                        strategy=str(path),
                        symbols=(("tickreel-sim", "BTCUSDT"),),
                        first="2025-03-14",
                        last="2025-03-14",
                        params={"fault": "fail", "at": "100000", "every": "1000"},
                    )
                )
                await control.settled()
                desk.backtest.form.foot.run_button.click()
                await until(lambda: bool(desk.backtests.works()))
                work = desk.backtests.works()[0]
                await ended(work)
                run = work.run
                assert run is not None
                assert run.card.failure is not None
                assert run.card.failure.line == line_of("fail")
                assert (run.card.ticks_processed or 0) >= 100_000
                assert len(run.equity) > 1  # what there was by then is kept

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_an_endless_loop_is_stopped_and_named(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            save(cache.home, {"backtest.stall_s": 2.0})
            work = await begun(desk, strategy_file(tmp_path), fault="loop")
            await ended(work)
            row = desk.backtests.rows()[0]
            assert row.state is JobState.FAILED
            assert "loops for ever" in row.words
            assert row.words.startswith((f"Line {line_of('loop') - 1} of", f"Line {line_of('loop')} of"))

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_too_much_memory_is_stopped_and_named(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            save(cache.home, {"backtest.memory_limit_bytes": 700_000_000})
            work = await begun(desk, strategy_file(tmp_path), fault="leak")
            await ended(work)
            row = desk.backtests.rows()[0]
            assert row.state is JobState.FAILED
            assert "of memory and may use 700.0 MB" in row.words

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_sweep_is_cancelled_and_gone_on_with(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            first = await begun(desk, strategy_file(tmp_path))
            await ended(first)
            desk.actions["backtest.sweep"].trigger()
            await until(lambda: desk.backtest_control.sweep_dialog is not None)
            dialog = desk.backtest_control.sweep_dialog
            assert dialog is not None
            dialog.take({"every": [10, 15, 20, 25, 30, 35], "amount": [1.0, 2.0]})
            assert dialog.count() == 12
            assert dialog.run_button.text() == "Run 12 runs"
            assert "--grid every=10,15,20,25,30,35 --grid amount=1.0,2.0" in dialog.command_line.command()
            dialog.run_button.click()
            await until(lambda: len(desk.backtests.works()) == 2)
            work = desk.backtests.works()[1]
            await until(lambda: work.live.ended_runs >= 2)
            desk.backtests.act(work.row_id, JobVerb.PAUSE)
            await until(lambda: not work.live.shares)
            stood = work.live.ended_runs
            await asyncio.sleep(0.5)
            assert work.live.ended_runs == stood < 12
            assert desk.backtests.rows()[-1].words.startswith("Paused, ")
            desk.backtests.act(work.row_id, JobVerb.RESUME)
            await until(lambda: bool(work.live.shares))
            desk.backtests.cancel(work.live.id or "")
            await ended(work)
            row = desk.backtests.rows()[-1]
            assert row.verbs == (JobVerb.RESUME, JobVerb.OPEN, JobVerb.DISMISS)
            again = desk.backtests.retry(work)
            assert again is not None
            await ended(again)
            assert again.job.state is State.SUCCEEDED
            assert again.live.id == work.live.id
            runs = await desk.runs.ask(lambda runs: runs.runs(work.live.id))
            assert len(runs) == 12
            assert {run.card.state for run in runs} == {RunState.SUCCEEDED}

    run_on_qt(qapp, journey())


@pytest.mark.long
def test_a_band_follows_the_run(qapp: QApplication, cache: Cache, tmp_path: Path) -> None:
    async def journey() -> None:
        async with desk_over(cache) as desk:
            work = await begun(desk, strategy_file(tmp_path), has_band=True)
            assert "10 runs" in desk.backtest.form.foot.said()
            await ended(work)
            assert work.job.state is State.SUCCEEDED
            kinds = [run.card.kind for run in await desk.runs.ask(lambda runs: runs.runs())]
            assert sorted(kinds) == sorted([RunKind.BACKTEST, *[RunKind.BAND] * 9])

    run_on_qt(qapp, journey())
