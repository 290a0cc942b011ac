"""The runs of the sample, made once for all tests that only read them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from support.runshome import RunsHome, make_runs_home

from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel.backtest.runs.service import Runs

_MAKING_S = 300


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> RunsHome:
    """Make the home once, whichever of the processes that run tests comes first; the others wait for it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "runs-home"
    told = folder / "made.json"
    try:
        folder.mkdir()
    except FileExistsError:
        waited_until_s = time.monotonic() + _MAKING_S
        while not told.exists():
            assert time.monotonic() < waited_until_s, "whoever makes the home has not come to an end"
            time.sleep(0.2)
        return msgspec.json.decode(told.read_bytes(), type=RunsHome)
    found = make_runs_home(folder)
    part = told.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(found))
    part.rename(told)
    return found


@pytest.fixture
def runs(made: RunsHome) -> Iterator[Runs]:
    """Open its runs to be read."""
    with open_cache(Path(made.home)) as cache, opened_runs(cache) as found:
        yield found
