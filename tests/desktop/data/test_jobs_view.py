"""The strip of imports and its dialog, over a real controller."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QToolButton
from support.accessibility import nameless_controls
from support.vendorfiles import START_US, line, write_csv

from tickreel.market.types import DataType
from tickreel_desktop.components import ProgressRow, ToastKind
from tickreel_desktop.data import ImportStrip, ImportSummary, import_message
from tickreel_desktop.data.import_item import ItemState
from tickreel_desktop.data.question_dialog import QuestionDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from support.importdesk import Desk

    from tickreel_desktop.theme import Theme

TRADES = DataType.TRADES
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def strip(desk: Desk, theme: Theme, qtbot: QtBot) -> ImportStrip:
    made = ImportStrip(theme, desk.imports)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    return made


def trades(path: Path, **cells: str) -> Path:
    return write_csv(path, TRADES, [line(TRADES, START_US, **cells)])


def rows_of(strip: ImportStrip) -> list[ProgressRow]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [row for row in strip.findChildren(ProgressRow) if not row.isHidden()]


def words(strip: ImportStrip | ProgressRow) -> list[str]:
    return [each.text() for each in strip.findChildren(QLabel) if each.text()]


def press(where: ImportStrip | ProgressRow | QuestionDialog, text: str, qtbot: QtBot) -> None:
    (found,) = [each for each in where.findChildren(QPushButton) if each.text() == text and each.isVisible()]
    QTest.mouseClick(found, LEFT)


def open_dialogs() -> list[QuestionDialog]:
    return [
        each
        for each in QApplication.topLevelWidgets()
        if isinstance(each, QuestionDialog) and each.isVisible()
    ]


def test_the_strip_is_not_there_without_imports(strip: ImportStrip) -> None:
    assert not strip.isVisible()


def test_a_finished_file_says_what_was_stored_and_can_be_cleared(
    strip: ImportStrip, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.run(trades(tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv"))
    (row,) = rows_of(strip)
    assert strip.isVisible()
    assert {"binance BTCUSDT", "trades 2024-07-23", "100 %", "1 day stored"} <= set(words(row))
    press(strip, "Clear", qtbot)
    assert rows_of(strip) == []
    assert not strip.isVisible()


def test_a_failed_file_shows_its_cause_and_can_be_tried_again_or_dismissed(
    strip: ImportStrip, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    path = trades(tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv", price="abc")
    desk.run(path)
    (row,) = rows_of(strip)
    assert row.property("state") == "failed"
    assert any(word.startswith("row 1:") for word in words(row))
    assert nameless_controls(strip) == []
    press(row, "Retry", qtbot)
    desk.wait(lambda: len(desk.summaries) == 2)
    (row,) = rows_of(strip)
    (cross,) = row.findChildren(QToolButton)
    assert cross.accessibleName().startswith("Dismiss")
    QTest.mouseClick(cross, LEFT)
    assert desk.imports.items == ()
    assert not strip.isVisible()


def test_the_cross_of_a_file_that_goes_on_cancels_it(
    strip: ImportStrip, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.imports.import_paths([trades(tmp_path / "unnamed.csv")])
    desk.wait(lambda: bool(open_dialogs()))
    (row,) = rows_of(strip)
    (cross,) = row.findChildren(QToolButton)
    assert cross.accessibleName() == "Cancel unnamed.csv"
    cross.click()
    assert desk.summaries == [ImportSummary(1, 0, 0, 1, ())]
    assert open_dialogs() == []


def test_other_rows_of_a_held_day_can_be_replaced_from_the_row(
    strip: ImportStrip, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    path = trades(tmp_path / "binance_trades_2024-07-23_BTCUSDT.csv")
    desk.run(path)
    trades(path, price="9")
    desk.run(path)
    (row,) = rows_of(strip)
    press(row, "Replace", qtbot)
    desk.wait(lambda: len(desk.summaries) == 3)
    assert "1 day replaced" in words(row)


def test_a_question_is_asked_once_and_the_choice_lets_the_file_go_on(
    strip: ImportStrip, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.imports.import_paths([trades(tmp_path / "unnamed.csv")])
    desk.wait(lambda: bool(open_dialogs()))
    (dialog,) = open_dialogs()
    assert "Trades or liquidations?" in [each.text() for each in dialog.findChildren(QLabel)]
    assert not dialog.findChildren(QCheckBox)[0].isVisible()
    assert nameless_controls(dialog) == []
    press(dialog, "trades", qtbot)
    desk.wait(lambda: len(desk.summaries) == 1)
    assert desk.summaries[0].stored_days == 1
    assert open_dialogs() == []


def test_questions_come_one_after_the_other_or_are_answered_together(
    strip: ImportStrip, desk: Desk, qtbot: QtBot, tmp_path: Path
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
    press(second, "liquidations", qtbot)
    desk.wait(lambda: len(desk.summaries) == 1)
    assert desk.summaries[0].stored_days == 2
    assert len(desk.summaries[0].failures) == 1
    assert open_dialogs() == []
    assert desk.imports.counts()[ItemState.ASKING] == 0


def test_waiting_files_are_counted_but_have_no_row(strip: ImportStrip, desk: Desk, tmp_path: Path) -> None:
    for number in range(5):
        trades(tmp_path / "in" / f"{number}.csv", symbol=f"S{number}")
    seen: list[tuple[int, int]] = []
    desk.imports.item_changed.connect(
        lambda _item: seen.append((len(rows_of(strip)), desk.imports.counts()[ItemState.WAITING]))
    )
    desk.imports.import_paths([tmp_path / "in"])
    desk.wait(lambda: desk.imports.counts()[ItemState.ASKING] > 0)
    assert all(rows + waiting <= 5 for rows, waiting in seen)
    assert (0, 5) in seen
    desk.imports.cancel_all()
    desk.wait(lambda: len(desk.summaries) == 1)


@pytest.mark.parametrize(
    ("summary", "kind", "heading", "text"),
    [
        (ImportSummary(1, 1, 0, 0, ()), ToastKind.GOOD, "1 day stored", ""),
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
