"""A real sweep of nine trials, and the screen over the home that holds it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from support.backtests import hold_market, request, strategy_file
from support.desks import until

from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.sweeps.grid import SweepRequest
from tickreel.store import open_cache
from tickreel_desktop.backtest.keeper import RunsKeeper
from tickreel_desktop.backtest.sweep.view import SweepView
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone


@pytest.fixture
def asked(tmp_path: Path) -> SweepRequest:
    """Ask for nine trials."""
    grid: dict[str, tuple[bool | int | float | str, ...]] = {"every": (10, 20, 40), "amount": (0.5, 1.0, 1.5)}
    return SweepRequest(base=request(strategy_file(tmp_path)), grid=grid)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """Open the runs of a home that holds the market."""
    with open_cache() as cache:
        hold_market(cache, tmp_path)
        with opened_runs(cache) as found:
            yield found


@pytest.fixture
def opened(theme: Theme, zone: DisplayZone) -> Callable[[Runs, str], AbstractAsyncContextManager[SweepView]]:
    """Give what shows a sweep, read, and takes the screen down again."""

    @asynccontextmanager
    async def showing(runs: Runs, sweep_id: str) -> AsyncIterator[SweepView]:
        failed: list[BaseException] = []
        keeper, tasks = RunsKeeper(runs.cache), Tasks(failed.append)
        await keeper.begin()
        view = SweepView(theme, zone, keeper, tasks)
        try:
            view.resize(1600, 900)
            view.show()
            view.show_sweep(sweep_id)
            await until(lambda: view.trials is not None or bool(view.problem))
            yield view
        finally:
            view.hide()
            await tasks.close()
            await keeper.close()
            view.deleteLater()
        assert not failed

    return showing
