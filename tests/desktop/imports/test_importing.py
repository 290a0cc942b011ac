"""Imports with a real cache, real files and the real job runner."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from support.vendorfiles import START_US, line, write_csv

from tickreel.jobs import JobRunner, State
from tickreel.market.types import DataType
from tickreel_desktop.imports import ImportSummary, JobRelay, controller
from tickreel_desktop.imports.item import ImportItem, ItemState
from tickreel_desktop.imports.questions import Ambiguity

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot
    from support.importdesk import Desk

    from tickreel.jobs import Job
    from tickreel.progress import Monitor

TRADES, QUOTES = DataType.TRADES, DataType.QUOTES
MINUTE_US = 60_000_000


def trades(path: Path, first_us: int = START_US, *, rows: int = 3, **cells: str) -> Path:
    return write_csv(
        path, TRADES, [line(TRADES, first_us + row, id=str(row), **cells) for row in range(rows)]
    )


def held(desk: Desk) -> list[tuple[str, str, int]]:
    return [(str(day.key), day.day.isoformat(), day.rows) for day in desk.cache.all_days()]


def test_files_and_folders_are_imported_and_summed_up(desk: Desk, tmp_path: Path) -> None:
    trades(tmp_path / "in" / "deep" / "a_trades_2024-07-23_BTCUSDT.csv")
    trades(tmp_path / "in" / "a_trades_2024-07-23_ETHUSDT.csv.gz", symbol="ETHUSDT")
    (tmp_path / "in" / "notes.txt").write_text("not for import")
    single = trades(tmp_path / "b_trades_2024-07-23_XRPUSDT.csv.zst", symbol="XRPUSDT")

    summary = desk.run(tmp_path / "in", single, single)
    assert summary == ImportSummary(3, 3, 0, 0, (), summary.datasets)
    assert sorted(map(str, summary.datasets)) == sorted(key for key, _, _ in held(desk))
    assert [rows for _, _, rows in held(desk)] == [3, 3, 3]
    assert [item.state for item in desk.imports.items] == [ItemState.DONE] * 3
    assert sorted(key for keys in desk.changed for key in keys) == sorted({key for key, _, _ in held(desk)})


def test_what_is_already_here_is_good_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv")
    desk.run(path)
    desk.changed.clear()
    assert desk.run(path) == ImportSummary(1, 0, 1, 0, ())
    assert desk.changed == []


def test_a_bad_file_fails_with_its_row_and_does_not_stop_the_others(desk: Desk, tmp_path: Path) -> None:
    bad = trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv", price="abc")
    good = trades(tmp_path / "a_trades_2024-07-23_ETHUSDT.csv", symbol="ETHUSDT")
    nothing = tmp_path / "nothing"

    summary = desk.run(bad, nothing, good)
    assert (summary.files, summary.stored_days) == (2, 1)
    reasons = dict(summary.failures)
    assert set(reasons) == {bad, nothing}
    assert reasons[bad].startswith("row 1:")
    assert str(bad) not in reasons[bad]
    assert "no such file" in reasons[nothing]
    assert len(held(desk)) == 1


def test_a_failed_file_can_be_tried_again(desk: Desk, tmp_path: Path) -> None:
    path = trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv", price="abc")
    desk.run(path)
    (item,) = desk.imports.items
    trades(path)
    desk.imports.retry(item)
    desk.wait(lambda: len(desk.summaries) == 2)
    assert desk.summaries[-1] == ImportSummary(1, 1, 0, 0, (), (desk.cache.all_days()[0].key,))
    assert item.state is ItemState.DONE
    assert item.reason == ""


def test_other_rows_of_a_held_day_are_refused_until_the_user_replaces_them(
    desk: Desk, tmp_path: Path
) -> None:
    path = trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv")
    desk.run(path)
    trades(path, rows=2, price="9")
    desk.run(path)
    *_, item = desk.imports.items
    assert item.state is ItemState.FAILED
    assert item.can_replace
    assert [rows for _, _, rows in held(desk)] == [3]
    desk.imports.replace_days(item)
    desk.wait(lambda: len(desk.summaries) == 3)
    assert desk.summaries[-1].stored_days == 1
    assert [rows for _, _, rows in held(desk)] == [2]


def test_a_type_that_two_share_is_asked_and_the_file_goes_on(desk: Desk, tmp_path: Path) -> None:
    desk.imports.import_paths([trades(tmp_path / "unnamed.csv")])
    desk.wait(lambda: desk.imports.counts()[ItemState.ASKING] == 1)
    (item,) = desk.imports.items
    assert item.question is not None
    assert item.question.about is Ambiguity.TYPE
    assert item.question.choices == ("trades", "liquidations")
    assert item.question.heading == "Trades or liquidations?"
    assert desk.summaries == []
    desk.imports.answer(item, "liquidations")
    desk.wait(lambda: len(desk.summaries) == 1)
    assert [key.split()[-1] for key, _, _ in held(desk)] == ["liquidations"]


def test_one_answer_can_hold_for_everything_given_with_it(desk: Desk, tmp_path: Path) -> None:
    for symbol in ("A", "B", "C", "D", "E"):
        write_csv(tmp_path / "in" / f"{symbol}.csv", QUOTES, [line(QUOTES, symbol=symbol)])
    desk.imports.import_paths([tmp_path / "in"])
    desk.wait(lambda: desk.imports.counts()[ItemState.ASKING] > 0)
    asked = next(item for item in desk.imports.items if item.state is ItemState.ASKING)
    desk.imports.answer(asked, "book_ticker", for_all=True)
    desk.wait(lambda: len(desk.summaries) == 1)
    assert desk.summaries[0].stored_days == len(desk.summaries[0].datasets) == 5
    assert {key.split()[-1] for key, _, _ in held(desk)} == {"book_ticker"}


def test_several_symbols_are_asked_for_their_group(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a_trades_2024-07-23_x.csv",
        TRADES,
        [line(TRADES, START_US + n, symbol=symbol) for n, symbol in enumerate(("A", "B"))],
    )
    desk.imports.import_paths([path])
    desk.wait(lambda: desk.imports.counts()[ItemState.ASKING] == 1)
    (item,) = desk.imports.items
    assert item.question is not None
    assert item.question.choices == ("SPOT", "FUTURES", "PERPETUALS", "OPTIONS")
    desk.imports.answer(item, "PERPETUALS")
    desk.wait(lambda: len(desk.summaries) == 1)
    assert [key.split()[1] for key, _, _ in held(desk)] == ["PERPETUALS"]


def test_a_question_that_is_not_answered_leaves_the_file_out(desk: Desk, tmp_path: Path) -> None:
    path = trades(tmp_path / "unnamed.csv")
    desk.imports.import_paths([path])
    desk.wait(lambda: desk.imports.counts()[ItemState.ASKING] == 1)
    desk.imports.skip(desk.imports.items[0])
    assert [file for file, _ in desk.summaries[0].failures] == [path]
    assert held(desk) == []


def test_an_empty_file_that_says_nothing_fails_without_a_question(desk: Desk, tmp_path: Path) -> None:
    summary = desk.run(write_csv(tmp_path / "unnamed.csv", DataType.INCREMENTAL_BOOK_L2, []))
    assert "has no rows" in summary.failures[0][1]


def test_a_cancelled_import_leaves_the_cache_as_it_was(desk: Desk, tmp_path: Path) -> None:
    desk.run(trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv"))
    before = held(desk)
    files_before = sorted(path for path in desk.cache.home.rglob("*") if "segment" in str(path))
    desk.changed.clear()
    # Asked on the thread of the work as it begins: its next report unwinds it.
    desk.on_worker.append(_cancel_once_it_runs)

    later_us = START_US + 60 * MINUTE_US
    summary = desk.run(trades(tmp_path / "b_trades_2024-07-23_BTCUSDT.csv", later_us, rows=5))
    assert summary == ImportSummary(1, 0, 0, 1, ())
    assert desk.imports.items[-1].state is ItemState.CANCELLED
    assert held(desk) == before
    assert sorted(path for path in desk.cache.home.rglob("*") if "segment" in str(path)) == files_before
    assert desk.changed == []


def _cancel_once_it_runs(job: Job[Any]) -> None:
    if job.kind == "import" and job.state is State.RUNNING:
        job.ask_cancel()


def test_cancel_all_stops_what_runs_and_what_waits(desk: Desk, tmp_path: Path) -> None:
    for number in range(6):
        trades(tmp_path / "in" / f"a_trades_2024-07-23_S{number}.csv", symbol=f"S{number}")
    hold = threading.Event()
    desk.on_worker.append(lambda job: _hold_while_running(job, hold))
    desk.imports.import_paths([tmp_path / "in"])
    desk.wait(lambda: desk.imports.counts()[ItemState.RUNNING] == 2)
    assert desk.imports.counts()[ItemState.WAITING] == 4
    desk.imports.cancel_all()
    assert desk.imports.counts()[ItemState.CANCELLED] == 4
    # Said only when the work has really ended.
    assert desk.imports.counts()[ItemState.RUNNING] == 2
    hold.set()
    desk.wait(lambda: len(desk.summaries) == 1)
    assert desk.summaries[0] == ImportSummary(6, 0, 0, 6, ())
    assert held(desk) == []


def _hold_while_running(job: Job[Any], hold: threading.Event) -> None:
    if job.kind == "import" and job.state is State.RUNNING:
        hold.wait(60)


def test_no_more_than_two_files_are_imported_at_once(desk: Desk, tmp_path: Path) -> None:
    for number in range(8):
        trades(tmp_path / "in" / f"a_trades_2024-07-23_S{number}.csv", symbol=f"S{number}")
    most = []
    desk.imports.item_changed.connect(lambda _item: most.append(desk.imports.counts()[ItemState.RUNNING]))
    desk.run(tmp_path / "in")
    assert max(most) == 2


def test_ended_files_are_dismissed_and_can_be_brought_back(desk: Desk, tmp_path: Path) -> None:
    desk.run(*(trades(tmp_path / f"a_trades_2024-07-23_S{n}.csv", symbol=f"S{n}") for n in range(3)))
    removed: list[ImportItem] = []
    desk.imports.item_removed.connect(removed.append)
    first, *_ = desk.imports.items
    desk.imports.dismiss(first)
    assert removed == [first]
    others = desk.imports.items
    for item in others:
        desk.imports.dismiss(item)
    assert desk.imports.items == ()
    assert not desk.imports.is_busy
    desk.imports.restore([*others, first])
    assert desk.imports.items == (first, *others)


def test_earlier_tries_of_a_file_that_is_given_again_are_forgotten(desk: Desk, tmp_path: Path) -> None:
    good, bad = (tmp_path / f"a_trades_2024-07-23_{name}.csv" for name in ("GOOD", "BAD"))
    trades(good, symbol="GOOD")
    trades(bad, symbol="BAD", price="abc")
    desk.run(good, bad)
    desk.run(trades(bad, symbol="BAD"))
    states = [(item.path, item.state) for item in desk.imports.items]
    assert states == [(good, ItemState.DONE), (bad, ItemState.DONE)]


def test_changes_reach_the_thread_of_the_relay_once_for_many(qtbot: QtBot) -> None:
    relay = JobRelay()
    seen: list[tuple[int, tuple[Job[Any], ...]]] = []
    relay.changed.connect(lambda jobs: seen.append((threading.get_ident(), jobs)))
    runner = JobRunner(relay.tell, workers=1)
    job = runner.submit("count", "Count", _count)
    job.join(60)
    assert seen == []
    with qtbot.waitSignal(relay.changed, timeout=60_000):
        pass
    assert [(ident, jobs) for ident, jobs in seen] == [(threading.get_ident(), (job,))]
    assert seen[-1][1][0].state is State.SUCCEEDED
    runner.shutdown()


def _count(monitor: Monitor) -> None:
    for number in range(1000):
        monitor.report(number, 1000)


@pytest.mark.logs_warnings
def test_an_error_that_nobody_foresaw_fails_the_file_and_not_the_program(desk: Desk, tmp_path: Path) -> None:
    desk.cache.close()
    summary = desk.run(trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv"))
    assert len(summary.failures) == 1
    assert summary.failures[0][1]


def test_a_folder_of_many_files_is_taken_over_some_at_a_time_and_summed_up_once(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller, "TAKEN_AT_ONCE", 2)
    for number in range(5):
        trades(tmp_path / "in" / f"a_trades_2024-07-23_S{number}.csv", symbol=f"S{number}")
    assert desk.run(tmp_path / "in").stored_days == 5
    assert not desk.imports.is_busy


def test_what_was_found_and_not_yet_taken_over_is_given_up_by_a_cancel(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controller, "TAKEN_AT_ONCE", 2)
    for number in range(5):
        trades(tmp_path / "in" / f"{number}.csv", symbol=f"S{number}")
    desk.imports.item_changed.connect(lambda _item: desk.imports.cancel_all())
    summary = desk.run(tmp_path / "in")
    assert (summary.stored_days, len(desk.summaries)) == (0, 1)
    assert len(desk.imports.items) < 5
    assert not desk.imports.is_busy
