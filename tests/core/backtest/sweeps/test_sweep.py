"""Sweeps by real workers: equal to single runs, gone on with after anything, ranked while they go."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from support.backtests import NAME, SPAN, Watcher, request, strategy_file

import tickreel
from tickreel.backtest.runs.card import RunKind, RunState
from tickreel.backtest.sweeps.grid import Axis, SweepRequest, band
from tickreel.backtest.sweeps.ranking import Ranked, rank
from tickreel.backtest.sweeps.sweep import band_of, begin, resume
from tickreel.errors import Cancelled, NotHeldError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs

pytestmark = pytest.mark.long

# A module beside the strategy, which would carry what one run did into the next of its worker.
BESIDE = "count = 0\n"
LEFT_BEHIND = """
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import beside
from tickreel.backtest import Param


class Left:
    amount = Param(1.0, "Amount", low=0)
    seen = []

    def on_start(self, ctx):
        beside.count += 1
        self.seen.append(1)
        ctx.buy(ctx.book, self.amount * beside.count * len(self.seen), ioc=True)
"""


def hits(runs: Runs) -> list[int]:
    return [day.hits for day in runs.cache.all_days()]


def test_a_sweep_equals_single_runs_and_loads_each_day_once_per_worker(runs: Runs, strategy: Path) -> None:
    single = [runs.backtest(request(strategy, params={"every": every})) for every in (10, 20, 40)]
    assert len({one.card.result_sha256 for one in single}) == 3
    before = hits(runs)
    ranked: list[list[Ranked]] = []
    watcher = Watcher()
    asked = SweepRequest(base=request(strategy), grid={"every": (10, 20, 40)})
    done = begin(runs, asked, watcher, workers=1, on_ranked=lambda now: ranked.append(list(now)))
    assert [one.card.result_sha256 for one in done.runs] == [one.card.result_sha256 for one in single]
    assert [one.card.metrics for one in done.runs] == [one.card.metrics for one in single]
    # A run reads a day twice, for its messages and for its latencies; so do all runs of a worker together.
    once = [count // 3 for count in before]
    assert [now - then for now, then in zip(hits(runs), before, strict=True)] == once != [0, 0]
    assert {(one.card.kind, one.card.trials, one.card.sweep_id) for one in done.runs} == {
        (RunKind.SWEEP, 3, done.id)
    }
    assert [len(now) for now in ranked] == [1, 2, 3]
    values = [one.value for one in done.ranking]
    assert values == sorted(values, key=lambda value: -(value or 0.0))
    assert [one.run_id for one in done.ranking] == [one.run_id for one in ranked[-1]]
    notes = [note for _, _, note in watcher.told]
    assert any("1 of 3 runs  best pnl " in note for note in notes)
    assert watcher.told[-1][0] == watcher.told[-1][1] == 3 * (SPAN[1] - SPAN[0])


def test_nothing_of_a_run_is_left_for_the_next_one_of_its_worker(runs: Runs, tmp_path: Path) -> None:
    strategy_file(tmp_path, BESIDE, "beside.py")
    left = strategy_file(tmp_path, LEFT_BEHIND, "left.py")
    asked = SweepRequest(base=request(left), grid={"amount": (1.0, 2.0, 3.0)})
    done = begin(runs, asked, workers=1)
    assert [one.orders["amount"].tolist() for one in done.runs] == [[1.0], [2.0], [3.0]]


def test_one_that_dies_takes_only_its_own_run_with_it(runs: Runs, strategy: Path) -> None:
    asked = SweepRequest(base=request(strategy), grid={"fault": ("", "segfault", "fail", "talk")})
    done = begin(runs, asked, workers=2)
    states = [one.card.state for one in done.runs]
    assert states == [RunState.SUCCEEDED, RunState.FAILED, RunState.FAILED, RunState.SUCCEEDED]
    assert [one.value is None for one in done.ranking] == [False, False, True, True]


def test_a_cancelled_sweep_is_gone_on_with(runs: Runs, strategy: Path) -> None:
    asked = SweepRequest(base=request(strategy, params={"pause_s": 0.002}), grid={"every": (10, 20, 30, 40)})
    minute_us = SPAN[1] - SPAN[0]
    with pytest.raises(Cancelled, match=r"`tickreel sweep --resume (\w+)` goes on with it") as told:
        begin(runs, asked, Watcher(lambda done: done > 1.2 * minute_us), workers=1)
    sweep_id = str(told.value).split("--resume ")[1].split("`")[0]
    before = {one.card.id: one.card.state for one in runs.runs(sweep_id)}
    assert sorted(before.values()) == [RunState.CANCELLED, RunState.SUCCEEDED]
    done = resume(runs, sweep_id, workers=2)
    assert {one.card.state for one in done.runs} == {RunState.SUCCEEDED}
    kept = [run_id for run_id, state in before.items() if state is RunState.SUCCEEDED]
    assert [one.id for one in done.runs][:1] == kept, "what was done is not done again"
    assert len(runs.runs()) == 4
    again = resume(runs, sweep_id)
    assert [one.id for one in again.runs] == [one.id for one in done.runs]


def test_a_sweep_whose_program_was_killed_is_gone_on_with(runs: Runs, strategy: Path) -> None:
    script = f"""
        import tickreel
        if __name__ == "__main__":
            tickreel.sweep({str(strategy)!r}, [{NAME!r}], {SPAN[0]}, {SPAN[1]}, workers=1,
                fees="0.0002,0.0005", params={{"pause_s": 0.002}}, grid={{"every": [10, 20, 30, 40]}})
    """
    program = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)])
    try:
        limit_s = time.monotonic() + 120
        while not any(one.card.state is RunState.SUCCEEDED for one in runs.runs()):
            assert time.monotonic() < limit_s
            assert program.poll() is None
            time.sleep(0.05)
        workers = psutil.Process(program.pid).children(recursive=True)
        os.kill(program.pid, signal.SIGKILL)
    finally:
        program.kill()
        program.wait()
    assert not psutil.wait_procs(workers, timeout=30)[1], "a worker outlived its program"
    (sweep_id,) = {one.card.sweep_id for one in runs.runs()} - {None}
    assert sweep_id is not None
    kept = {one.id for one in runs.runs(sweep_id) if one.card.state is RunState.SUCCEEDED}
    done = resume(runs, sweep_id, workers=2)
    assert [one.card.params["every"] for one in done.runs] == [10, 20, 30, 40]
    assert {one.card.state for one in done.runs} == {RunState.SUCCEEDED}
    assert kept <= {one.id for one in done.runs}
    assert len(os.listdir(runs.cache.home / "runs")) == 4


def test_symbols_and_days_are_taken_apart_and_what_is_missing_is_said_before_anything_runs(
    runs: Runs, strategy: Path
) -> None:
    base = request(strategy, start="2024-07-22T23:59")
    with pytest.raises(NotHeldError, match="missing"):
        begin(runs, SweepRequest(base=base, grid={"every": (10, 20)}, apart=(Axis.DAYS,)))
    assert runs.runs() == []
    single = runs.backtest(request(strategy))
    done = tickreel.sweep(
        strategy.as_posix(),
        [NAME],
        *SPAN,
        grid={},
        apart=["days", "symbols"],
        cache=runs.cache,
        capital=1000.0,
        models=request(strategy).models,
    )
    assert [one.card.result_sha256 for one in done] == [single.card.result_sha256]


def test_a_band_tells_profit_and_loss_of_each_pair_of_models(runs: Runs, strategy: Path) -> None:
    done = begin(runs, band(request(strategy)), workers=2)
    told = json.loads(json.dumps(band_of(done), allow_nan=False))
    assert len(told["runs"]) == 9
    assert {one.card.kind for one in done.runs} == {RunKind.BAND}
    pnl = sorted(one["pnl"] for one in told["runs"])
    assert (told["least_pnl"], told["median_pnl"], told["most_pnl"]) == (pnl[0], pnl[4], pnl[8])
    assert len({one.card.result_sha256 for one in done.runs}) > 1, "orders arrive at other times"
    entry = {one["run_id"]: one["latency"] for one in told["runs"]}
    assert entry[done.runs[0].id] == "500"


def test_equal_figures_keep_their_order_and_less_is_better_of_some(runs: Runs, strategy: Path) -> None:
    card = runs.backtest(request(strategy)).card
    given = {"a": 2, "b": 1, "c": 1, "d": None}
    falls = [card.with_(id=name, metrics={"max_drawdown": fall}) for name, fall in given.items()]
    found: Sequence[Ranked] = rank([(one, {}) for one in falls], "max_drawdown")
    assert [one.run_id for one in found] == ["b", "c", "a", "d"]
    with pytest.raises(UsageError, match="cannot be ranked"):
        begin(runs, SweepRequest(base=request(strategy), grid={"every": (1,)}), figure="luck")
