"""A home that holds a minute of a market, and a strategy for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.backtests import hold_market, strategy_file

from tickreel.backtest.runs.service import Runs, opened_runs
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def strategy(tmp_path: Path) -> Path:
    """Write the strategy."""
    return strategy_file(tmp_path)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    """Open the runs of a home that holds the market."""
    with open_cache() as cache:
        hold_market(cache, tmp_path)
        with opened_runs(cache) as found:
            yield found
