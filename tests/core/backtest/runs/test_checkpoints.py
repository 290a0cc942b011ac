"""What there is of a run outlives the process that simulates it, and the program that asked for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest
from support.backtests import MAKER, SPAN, TAKER, Watcher, hold_traded_market, request, strategy_file

from tickreel.backtest.engine import simulate
from tickreel.backtest.outcome import Reason, Status
from tickreel.backtest.runs import checkpoints
from tickreel.backtest.runs.card import RunState
from tickreel.backtest.runs.checkpoints import Checkpoints
from tickreel.backtest.runs.digest import result_sha256
from tickreel.backtest.runs.folder import unfinished_folder
from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.outcome import Outcome
    from tickreel.backtest.runs.service import Runs

SLOW = {"pause_s": 0.02}


class Keeper:
    """Wants the outcome at every look."""

    def __init__(self) -> None:
        self.kept: list[Outcome] = []

    def is_due(self) -> bool:
        return True

    def keep(self, outcome: Outcome) -> None:
        self.kept.append(outcome)


def digest(outcome: Outcome) -> str:
    return result_sha256(outcome.orders, outcome.fills, outcome.equity)


@pytest.mark.parametrize(("text", "options"), [(TAKER, {"pause_s": 0.005}), (MAKER, {})])
def test_a_run_is_the_same_whether_it_is_kept_on_the_way_or_not(
    tmp_path: Path, text: str, options: dict[str, Any]
) -> None:
    with open_cache() as cache:
        hold_traded_market(cache, tmp_path)
        asked = request(strategy_file(tmp_path, text), params=options)
        keeper = Keeper()
        whole = simulate(asked, cache, keeper=keeper)
        assert digest(whole) == digest(simulate(asked, cache))
    on_the_way = [one for one in keeper.kept if len(one.fills)]
    assert on_the_way, "nothing was kept between two fills"
    for one in on_the_way:
        count = len(one.fills)
        assert one.is_partial
        assert SPAN[0] < one.reached_us <= SPAN[1]
        np.testing.assert_array_equal(one.fills, whole.fills[:count])
        assert one.mids_after.shape == (count, whole.mids_after.shape[1])
        last = one.equity[-1]
        assert last["time_us"] == one.reached_us
        signed = one.fills["amount"] * one.fills["side"]
        assert last["position"][0] == pytest.approx(signed.sum())
        waits = np.isin(one.orders["status"], (Status.SENT, Status.OPEN))
        assert (one.orders["reason"][waits] == Reason.RUN_ENDED).all()


@pytest.mark.logs_warnings
def test_of_two_checkpoints_the_newer_whole_one_is_taken(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with open_cache() as cache:
        hold_traded_market(cache, tmp_path)
        asked = request(strategy_file(tmp_path), params={"pause_s": 0.005})
        keeper = Keeper()
        simulate(asked, cache, keeper=keeper)
    early, late = (one for one in (keeper.kept[1], keeper.kept[-1]))
    writer = Checkpoints(folder, asked, every_s=0)
    assert writer.is_due()
    writer.keep(early)
    writer.keep(late)
    taken = checkpoints.take(folder)
    assert taken is not None
    assert (taken["reached_us"], taken["partial"]) == (late.reached_us, True)
    assert taken["total_trades"] == len(late.fills)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("equity.parquet", "fills.parquet", "logs.parquet", "orders.parquet", "series")
    ]

    writer.keep(early)
    writer.keep(late)
    newest = folder / "checkpoints" / "1" / "orders.parquet"
    newest.write_bytes(newest.read_bytes()[:-1])  # as the power went
    taken = checkpoints.take(folder)
    assert taken is not None
    assert taken["reached_us"] == early.reached_us

    writer.keep(late)
    (folder / "checkpoints" / "0.json").write_text("[" * 10_000, encoding="utf-8")
    assert checkpoints.take(folder) is None
    assert not checkpoints.are_there(folder)


@pytest.mark.logs_warnings
def test_a_disk_that_cannot_be_written_ends_no_run(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("in the way", encoding="utf-8")
    with open_cache() as cache:
        hold_traded_market(cache, tmp_path)
        asked = request(strategy_file(tmp_path))
        plain = simulate(asked, cache)
        assert digest(simulate(asked, cache, keeper=Checkpoints(tmp_path, asked, every_s=0))) == digest(plain)


@pytest.mark.long
def test_a_child_that_is_killed_leaves_its_last_checkpoint(runs: Runs, strategy: Path) -> None:
    killed: list[int] = []

    def kill(_: int) -> bool:
        if not killed and list((runs.cache.home / "runs").glob("*.unfinished/checkpoints/*.json")):
            [child] = psutil.Process().children()
            child.kill()
            killed.append(child.pid)
        return False

    run = runs.backtest(request(strategy, params=SLOW), Watcher(kill))
    assert killed, "it ended before it was killed"
    card = run.card
    assert (card.state, card.partial) == (RunState.FAILED, True)
    assert card.failure is not None
    assert "what is kept is what there was at" in card.failure.message
    assert card.reached_us is not None
    assert SPAN[0] < card.reached_us < SPAN[1]
    assert 0 < len(run.fills) == card.total_trades
    assert run.equity["time_us"].iloc[-1] == card.reached_us
    assert not checkpoints.are_there(runs.cache.home / "runs" / run.id)


@pytest.mark.long
def test_a_program_that_is_killed_leaves_the_last_checkpoint_of_its_run(runs: Runs, strategy: Path) -> None:
    home = runs.cache.home
    span = ("2024-07-23T00:00", "2024-07-23T00:01")
    words = (
        "backtest",
        str(strategy),
        "binance-futures:BTCUSDT",
        *span,
        "--param",
        "pause_s=0.02",
        "--quiet",
    )
    with subprocess.Popen(
        [sys.executable, "-m", "tickreel", *words], start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            while not (found := list((home / "runs").glob("*.unfinished/checkpoints/*.json"))):
                assert program.poll() is None, program.communicate()
                time.sleep(0.05)
        finally:
            os.killpg(program.pid, signal.SIGKILL)
    run_id = found[0].parent.parent.name.removesuffix(".unfinished")
    form = json.loads(found[0].read_text(encoding="utf-8"))
    with opened_runs(runs.cache) as again:
        run = again.run(run_id)
    assert (run.card.state, run.card.partial) == (RunState.FAILED, True)
    assert run.card.failure is not None
    assert "the program that ran it ended before the run did; what is kept" in run.card.failure.message
    assert run.card.reached_us is not None
    assert run.card.reached_us >= form["summary"]["reached_us"]
    assert 0 < len(run.fills) == run.card.total_trades
    assert not unfinished_folder(home, run_id).exists()
