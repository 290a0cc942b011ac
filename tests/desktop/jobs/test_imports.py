"""Imports in the panel and their questions, over a real controller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QWidget
from support.accessibility import nameless_controls
from support.vendorfiles import START_US, line, write_csv

from tickreel.market.types import DatasetKey, DataType
from tickreel_desktop.components import ToastKind
from tickreel_desktop.imports import ImportSummary
from tickreel_desktop.imports.item import ItemState
from tickreel_desktop.jobs import ImportJobs, ImportQuestions, JobState, JobVerb, import_message
from tickreel_desktop.jobs.question_dialog import QuestionDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from support.importdesk import Desk

    from tickreel_desktop.jobs import JobRow
    from tickreel_desktop.theme import Theme
    from tickreel_desktop.zone import DisplayZone

TRADES = DataType.TRADES
LEFT = Qt.MouseButton.LeftButton


def trades(path: Path, **cells: str) -> Path:
    return write_csv(path, TRADES, [line(TRADES, START_US, **cells)])


@pytest.fixture
def jobs(desk: Desk, zone: DisplayZone) -> ImportJobs:
    return ImportJobs(desk.imports, lambda: 1_732_952_000_000_000, zone)


@pytest.fixture
def window(desk: Desk, jobs: ImportJobs, theme: Theme, qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    questions = ImportQuestions(theme, desk.imports, made)
    jobs.answer_wanted.connect(questions.open)
    return made


def only_row(jobs: ImportJobs) -> JobRow:
    (row,) = jobs.rows()
    return row


def open_dialogs() -> list[QuestionDialog]:
    return [
        each
        for each in QApplication.topLevelWidgets()
        if isinstance(each, QuestionDialog) and each.isVisible()
    ]


def press(dialog: QuestionDialog, text: str) -> None:
    (found,) = [each for each in dialog.findChildren(QPushButton) if each.text() == text]
    QTest.mouseClick(found, LEFT)


def test_a_finished_file_says_what_was_stored_and_can_be_taken_off_and_brought_back(
    jobs: ImportJobs, desk: Desk, tmp_path: Path
) -> None:
    desk.run(trades(tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv"))
    row = only_row(jobs)
    assert (row.title, row.state, row.fraction) == (
        "Import binance BTCUSDT trades 2024-07-23",
        JobState.DONE,
        1.0,
    )
    assert row.words == "1 day stored"
    facts = dict(jobs.account(row.id).facts)
    assert facts["trades"] == "2024-07-23 stored, 1 rows"
    assert facts["Tried"] == "once"
    bring_back = jobs.dismiss([row.id])
    assert jobs.rows() == []
    bring_back()
    assert only_row(jobs) == row
    assert dict(jobs.account(row.id).facts) == facts


def test_a_failed_file_shows_its_cause_and_how_often_it_was_tried(
    jobs: ImportJobs, desk: Desk, tmp_path: Path
) -> None:
    desk.run(trades(tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv", price="abc"))
    row = only_row(jobs)
    assert row.state is JobState.FAILED
    assert row.words.startswith("Row 1:")
    assert row.verbs == (JobVerb.RETRY, JobVerb.DISMISS)
    jobs.act(row.id, JobVerb.RETRY)
    desk.wait(lambda: len(desk.summaries) == 2)
    account = jobs.account(row.id)
    assert dict(account.facts)["Tried"] == "2 times"
    assert account.place == tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv"
    jobs.act(row.id, JobVerb.DISMISS)
    assert desk.imports.items == ()


def test_other_rows_of_a_held_day_can_be_replaced(jobs: ImportJobs, desk: Desk, tmp_path: Path) -> None:
    path = trades(tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv")
    desk.run(path)
    trades(path, price="9")
    desk.run(path)
    row = next(row for row in jobs.rows() if row.state is JobState.FAILED)
    assert row.verbs[0] is JobVerb.REPLACE
    jobs.act(row.id, JobVerb.REPLACE)
    desk.wait(lambda: len(desk.summaries) == 3)
    assert "1 day replaced" in [row.words for row in jobs.rows()]


def test_files_that_wait_are_queued_and_all_can_be_cancelled(
    jobs: ImportJobs, desk: Desk, tmp_path: Path
) -> None:
    for number in range(5):
        trades(tmp_path / "in" / f"{number}.csv", symbol=f"S{number}")
    seen: list[list[JobState]] = []
    jobs.changed.connect(lambda: seen.append([row.state for row in jobs.rows()]))
    desk.imports.import_paths([tmp_path / "in"])
    assert [row.words for row in jobs.rows()] == ["Looking for files"]
    desk.wait(lambda: desk.imports.counts()[ItemState.ASKING] > 0)
    assert [JobState.QUEUED] * 5 in seen
    for row in jobs.rows():
        jobs.act(row.id, JobVerb.CANCEL)
    desk.wait(lambda: len(desk.summaries) == 1)
    assert {row.state for row in jobs.rows()} == {JobState.CANCELLED}


def test_a_search_that_is_cancelled_imports_nothing(jobs: ImportJobs, desk: Desk, tmp_path: Path) -> None:
    desk.imports.import_paths([trades(tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv")])
    jobs.act(only_row(jobs).id, JobVerb.CANCEL)
    assert jobs.rows() == []
    desk.wait(lambda: len(desk.summaries) == 1)
    assert desk.imports.items == ()


def test_a_question_is_asked_once_and_the_choice_lets_the_file_go_on(
    window: QWidget, jobs: ImportJobs, desk: Desk, tmp_path: Path
) -> None:
    desk.imports.import_paths([trades(tmp_path / "unnamed.csv")])
    desk.wait(lambda: bool(open_dialogs()))
    (dialog,) = open_dialogs()
    assert "Trades or liquidations?" in [each.text() for each in dialog.findChildren(QLabel)]
    assert not dialog.findChildren(QCheckBox)[0].isVisible()
    assert nameless_controls(dialog) == []
    assert only_row(jobs).verbs == (JobVerb.ANSWER, JobVerb.CANCEL)
    jobs.act(only_row(jobs).id, JobVerb.ANSWER)
    assert open_dialogs() == [dialog]
    press(dialog, "trades")
    desk.wait(lambda: len(desk.summaries) == 1)
    assert desk.summaries[0].stored_days == 1
    assert open_dialogs() == []


def test_a_file_that_is_cancelled_takes_its_question_away(
    window: QWidget, jobs: ImportJobs, desk: Desk, tmp_path: Path
) -> None:
    desk.imports.import_paths([trades(tmp_path / "unnamed.csv")])
    desk.wait(lambda: bool(open_dialogs()))
    jobs.act(only_row(jobs).id, JobVerb.CANCEL)
    assert desk.summaries == [ImportSummary(1, 0, 0, 1, ())]
    assert open_dialogs() == []


def test_questions_come_one_after_the_other_or_are_answered_together(
    window: QWidget, desk: Desk, tmp_path: Path
) -> None:
    for symbol in ("A", "B", "C"):
        trades(tmp_path / "in" / f"{symbol}.csv", symbol=symbol)
    desk.imports.import_paths([tmp_path / "in"])
    desk.wait(lambda: bool(open_dialogs()))
    (first,) = open_dialogs()
    first.reject()
    desk.wait(lambda: bool(open_dialogs()))
    (second,) = open_dialogs()
    assert second.item is not first.item
    second.findChildren(QCheckBox)[0].setChecked(True)
    press(second, "liquidations")
    desk.wait(lambda: len(desk.summaries) == 1)
    assert desk.summaries[0].stored_days == 2
    assert len(desk.summaries[0].failures) == 1
    assert open_dialogs() == []
    assert desk.imports.counts()[ItemState.ASKING] == 0


def key(symbol: str) -> DatasetKey:
    return DatasetKey("binance-futures", symbol, DataType.TRADES)


@pytest.mark.parametrize(
    ("summary", "kind", "heading", "text"),
    [
        (
            ImportSummary(1, 1, 0, 0, (), (key("BTCUSDT"),)),
            ToastKind.GOOD,
            "1 day stored",
            "binance-futures BTCUSDT trades.",
        ),
        (
            ImportSummary(2, 2, 1, 0, (), (key("BTCUSDT"), key("ETHUSDT"))),
            ToastKind.GOOD,
            "2 days stored",
            "binance-futures BTCUSDT trades and 1 other dataset. 1 day already here.",
        ),
        (ImportSummary(3, 3, 2, 0, ()), ToastKind.GOOD, "3 days stored", "2 days already here."),
        (
            ImportSummary(1, 0, 1, 0, ()),
            ToastKind.GOOD,
            "Nothing new: everything is already here",
            "1 day already here.",
        ),
        (ImportSummary(2, 0, 0, 2, ()), ToastKind.WARNING, "Import cancelled", "2 files cancelled."),
        (
            ImportSummary(3, 2, 0, 0, ((Path("a.csv"), "row 1: no price"), (Path("b.csv"), "not CSV"))),
            ToastKind.ERROR,
            "2 files not imported, 2 days stored",
            "a.csv: row 1: no price. And 1 more.",
        ),
    ],
)
def test_an_import_is_summed_up_in_a_heading_and_a_sentence(
    summary: ImportSummary, kind: ToastKind, heading: str, text: str
) -> None:
    message = import_message(summary)
    assert (message.kind, message.heading, message.text) == (kind, heading, text)
