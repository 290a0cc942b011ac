"""Runs by real processes: kept whole, with their card, and whatever a strategy does is told."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from support.backtests import PAIR, SPAN, Watcher, line_of, request, strategy_file
from support.feeds import feed_files

import tickreel
from tickreel.backtest.engine import simulate
from tickreel.backtest.runs.card import RunCard, RunState
from tickreel.backtest.runs.digest import result_sha256
from tickreel.backtest.runs.run import RunFailed
from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.runs.tables import fill_table, order_table
from tickreel.errors import DataError, NotHeldError, UsageError
from tickreel.store import DayState, open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.runs.service import Runs

pytestmark = pytest.mark.long

MINUTE_US = SPAN[1] - SPAN[0]
KEYS = """id state kind strategy params instruments from_us to_us seed models capital data versions
    created_us backtest_duration_s ticks_processed total_trades orders missing_days metrics ai trials partial
    result_sha256 tags notes"""


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]


def test_a_run_is_kept_with_all_that_its_card_promises(runs: Runs, strategy: Path) -> None:
    watcher = Watcher()
    run = runs.backtest(request(strategy, params={"every": 30}), watcher)
    form = json.loads(json.dumps(run.to_form(), allow_nan=False))
    assert set(KEYS.split()) <= set(form)
    assert (form["state"], form["kind"], form["partial"], form["trials"]) == (
        "succeeded",
        "backtest",
        False,
        1,
    )
    assert form["strategy"]["name"] == "Taker"
    assert form["params"] == {"every": 30, "amount": 1.0, "fault": "", "at": 300, "pause_s": 0.0}
    assert (form["from_us"], form["to_us"], form["seed"], form["capital"]) == (*SPAN, 0, 1000.0)
    assert form["models"]["entry"] == {"kind": "constant", "latency_us": 500}
    assert form["ai"] == {"calls": 0, "tokens_in": 0, "tokens_out": 0, "cost_usd": 0}
    held = {one.key.type.value: one.rows_sha256 for one in runs.cache.all_days()}
    assert {one["type"]: one["rows_sha256"] for one in form["data"]} == held
    assert form["metrics"]["turnover"] > 0
    assert form["metrics"]["sharpe_per_period"] is not None
    assert form["metrics"]["sharpe"] is None, "a minute says nothing of a year"
    assert RunCard.from_form(form) == run.card
    outcome = simulate(request(strategy, params={"every": 30}), runs.cache)
    assert form["result_sha256"] == result_sha256(outcome.orders, outcome.fills, outcome.equity)
    assert (form["orders"], form["total_trades"]) == (len(outcome.orders), len(outcome.fills)) != (0, 0)
    assert run.table("fills").equals(fill_table(outcome))
    assert run.table("orders").equals(order_table(outcome))
    assert run.equity["equity"].iloc[-1] == form["metrics"]["pnl"]
    assert run.series("position")["value"].tolist() == outcome.series["position"].value.tolist()
    assert run.logs["text"].tolist() == ["begun"]
    assert run.file("strategy.py").read_bytes() == strategy.read_bytes()
    with pytest.raises(NotHeldError, match="there are: position"):
        run.series("other")
    assert not children(), "a child outlived its run"
    assert [one.id for one in runs.runs()] == [run.id]
    assert all(total == MINUTE_US for _, total, _ in watcher.told if total is not None)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("fail", "ValueError: it went wrong"),
        ("segfault", "SIGSEGV"),
        ("leave", r"os\._exit\(7\)"),
        ("give_up", "SystemExit: 3"),
    ],
)
def test_whatever_a_strategy_does_ends_as_a_failed_run_with_its_line(
    runs: Runs, strategy: Path, fault: str, words: str
) -> None:
    run = runs.backtest(request(strategy, params={"fault": fault}))
    failure = run.card.failure
    assert run.card.state is RunState.FAILED
    assert failure is not None
    assert (failure.file, failure.line) == (str(strategy), line_of(fault)), failure
    assert re.search(words, failure.message)
    assert run.card.partial
    assert runs.run(run.id[:4]).card == run.card
    if fault != "segfault":  # all others leave the process whole
        assert run.card.result_sha256 is not None
        assert run.card.reached_us is not None
        assert SPAN[0] < run.card.reached_us < SPAN[1]
        assert 0 < len(run.fills) == run.card.total_trades
        assert run.logs["text"].tolist() == ["begun"]
    again = runs.backtest(request(strategy))
    assert again.card.state is RunState.SUCCEEDED, "nothing is left of the one before"


def test_a_run_that_stands_still_is_ended_and_what_there_is_of_it_is_kept(
    runs: Runs, strategy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_BACKTEST_STALL_S", "1")
    run = runs.backtest(request(strategy, params={"fault": "loop"}))
    assert run.card.state is RunState.FAILED
    assert run.card.failure is not None
    assert "nothing was reported for 1 s" in run.card.failure.message
    assert run.card.failure.file == str(strategy)
    assert run.card.failure.line in (line_of("loop") - 1, line_of("loop"))
    assert run.card.partial
    assert run.card.result_sha256 is not None
    assert 0 < len(run.fills) < len(runs.backtest(request(strategy)).fills)


def test_a_run_that_takes_too_much_memory_is_ended_and_says_so(
    runs: Runs, strategy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKREEL_BACKTEST_MEMORY", "700000000")
    run = runs.backtest(request(strategy, params={"fault": "leak"}))
    assert run.card.state is RunState.FAILED
    assert run.card.failure is not None
    assert "of memory and may use 700.0 MB" in run.card.failure.message
    assert run.card.peak_memory_bytes is not None
    assert run.card.peak_memory_bytes > 700_000_000
    assert not children()


@pytest.mark.parametrize("options", [{"pause_s": 0.005}, {"fault": "loop"}])
def test_a_cancelled_run_keeps_what_there_is_and_says_so(
    runs: Runs, strategy: Path, options: dict[str, object]
) -> None:
    stopped_s: list[float] = []

    def is_enough(done: int) -> bool:
        at_message = MINUTE_US // 4 if "pause_s" in options else 1
        if children() and (done > at_message or ("fault" in options and is_begun(runs))):
            stopped_s.append(time.monotonic())
            return True
        return False

    run = runs.backtest(request(strategy, params=options), Watcher(is_enough))
    assert stopped_s, "it ended before it was cancelled"
    assert (run.card.state, run.card.partial, run.card.failure) == (RunState.CANCELLED, True, None)
    assert run.card.reached_us is not None
    assert SPAN[0] < run.card.reached_us < SPAN[1]
    assert len(run.fills) > 0
    assert not children()


def is_begun(runs: Runs) -> bool:
    """Tell whether the run under way has been simulating for a moment, by the processor time of its child."""
    return any(sum(child.cpu_times()[:2]) > 1.5 and child.cpu_percent(0.3) > 50 for child in children())


def test_what_is_printed_is_kept_and_disturbs_nothing(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy, params={"fault": "talk"}))
    assert run.card.state is RunState.SUCCEEDED
    said = run.file("output.txt").read_text(encoding="utf-8")
    assert "said by the strategy" in said
    assert "and below Python" in said


def test_what_is_refused_leaves_nothing(runs: Runs, strategy: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no parameter 'nothing'"):
        runs.backtest(request(strategy, params={"nothing": 1}))
    with pytest.raises(UsageError, match="there is no strategy file"):
        runs.backtest(request(tmp_path / "none.py"))
    with pytest.raises(NotHeldError, match="2 days are missing"):
        runs.backtest(request(strategy, start="2024-07-22"))
    assert runs.runs() == []
    assert list((runs.cache.home / "runs").iterdir()) == []
    assert not any(day.pinned for day in runs.cache.all_days())


def test_a_file_that_cannot_be_run_is_told_with_its_line(runs: Runs, tmp_path: Path) -> None:
    wrong = strategy_file(
        tmp_path, "class Wrong:\n    def on_book(self, ctx, book)\n        pass\n", "wrong.py"
    )
    run = runs.backtest(request(wrong))
    assert run.card.failure is not None
    assert (run.card.failure.file, run.card.failure.line) == (str(wrong), 2)
    assert "SyntaxError" in run.card.failure.message


def test_days_of_a_run_are_pinned_until_it_is_deleted(runs: Runs, strategy: Path) -> None:
    first, second = runs.backtest(request(strategy)), runs.backtest(request(strategy))
    assert second.card.trials_before == 1
    assert all(day.pinned for day in runs.cache.all_days())
    assert (runs.cache.home / "runs" / first.id).is_dir()
    runs.trash.put(first.id)
    assert all(day.pinned for day in runs.cache.all_days())
    runs.trash.put(second.id)
    assert not any(day.pinned for day in runs.cache.all_days())
    with pytest.raises(NotHeldError):
        runs.run(first.id)


def test_a_file_that_was_changed_is_not_read(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    path = run.file("fills.parquet")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DataError, match="its checksum is another"):
        run.fills  # noqa: B018  # it reads
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        run.table("fills")


def test_from_python_a_class_is_run_by_its_file_and_a_failure_is_raised(
    runs: Runs, strategy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.spec_from_file_location("taker", strategy)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "taker", module)
    spec.loader.exec_module(module)
    options: dict[str, Any] = {"fees": "0.0002,0.0005", "cache": runs.cache}
    run = tickreel.backtest(module.Taker, ["binance-futures:BTCUSDT"], *SPAN, **options)
    assert run.card.strategy["path"] == str(strategy)
    with pytest.raises(RunFailed, match=f"{strategy}:{line_of('fail')}: ValueError") as told:
        tickreel.backtest(str(strategy), [PAIR], *SPAN, params={"fault": "fail"}, **options)
    assert told.value.run.card.state is RunState.FAILED

    class Inside:
        def on_start(self, ctx: object) -> None: ...

    with pytest.raises(UsageError, match="inside something"):
        tickreel.backtest(Inside, [PAIR], *SPAN, **options)


def test_a_day_that_was_replaced_keeps_the_version_that_a_run_read(
    runs: Runs, strategy: Path, tmp_path: Path
) -> None:
    run = runs.backtest(request(strategy))
    other = tmp_path / "other"
    other.mkdir()
    book, _ = feed_files(other, messages=500)
    runs.cache.import_file(book, replace=True)
    told = runs.rerun(run.id)
    assert told["identical"] is False
    assert [one["type"] for one in told["differing_data"]] == ["incremental_book_L2"]
    assert told["differing_data"][0]["then"] != told["differing_data"][0]["now"]
    assert told["first_difference"] is not None
    trashed = {entry.rows_sha256 for entry in runs.cache.life.trash.entries()}
    assert told["differing_data"][0]["then"] in trashed, "pinned by the run"


def test_a_home_of_read_only_lists_its_runs(runs: Runs, strategy: Path) -> None:
    run = runs.backtest(request(strategy))
    with open_cache(read_only=True) as cache, opened_runs(cache) as found:
        assert [one.card for one in found.runs()] == [run.card]
        with pytest.raises(UsageError, match="for reading only"):
            found.records.tag(run.id, ["x"])
    assert runs.cache.all_days()[0].state is DayState.PARTIAL
    assert os.listdir(runs.cache.home / "runs") == [run.id]
