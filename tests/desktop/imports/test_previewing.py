"""From a drop to the import, through the real dialog and a real store; nothing is stored unasked."""

from __future__ import annotations

import shlex
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from support.accessibility import nameless_controls
from support.vendorfiles import START_US, line, write_csv

from tickreel.cli.main import main
from tickreel.market.types import DataType
from tickreel.store import Cache, FileAhead
from tickreel_desktop.imports import ImportPreviewer
from tickreel_desktop.imports.preview_model import FINDING, TICK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.importdesk import Desk

    from tickreel_desktop.imports.preview_dialog import PreviewDialog
    from tickreel_desktop.theme import Theme

TRADES, QUOTES = DataType.TRADES, DataType.QUOTES
LEFT = Qt.MouseButton.LeftButton


def trades(path: Path, first_us: int = START_US, *, rows: int = 3, **cells: str) -> Path:
    return write_csv(
        path, TRADES, [line(TRADES, first_us + row, id=str(row), **cells) for row in range(rows)]
    )


@pytest.fixture
def previewer(desk: Desk, theme: Theme) -> Iterator[ImportPreviewer]:
    window = QWidget()
    desk.qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    made = ImportPreviewer(theme, desk.cache, desk.imports, window)
    yield made
    made.close()
    made.shutdown()


def opened(desk: Desk, previewer: ImportPreviewer, *paths: Path) -> PreviewDialog:
    """Drop paths, and give the dialog once everything is checked."""
    previewer.preview(paths)
    dialog = previewer.dialog
    assert dialog is not None
    desk.wait(lambda: dialog.isVisible() and not dialog._scanner.is_running)
    return dialog


def findings(dialog: PreviewDialog) -> dict[str, str]:
    model = dialog.model
    return {
        model.preview_at(row).path.name: str(model.index(row, FINDING).data())
        for row in range(model.rowCount())
    }


def held(desk: Desk) -> list[tuple[str, str]]:
    return [(str(day.key), day.day.isoformat()) for day in desk.cache.all_days()]


def test_one_good_file_goes_by_itself(
    desk: Desk, previewer: ImportPreviewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[bool] = []
    monkeypatch.setattr(ImportPreviewer, "_show", lambda _self: shown.append(True))
    previewer._patience.setInterval(100_000)  # however slow the machine is
    path = trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv")
    for stored, already_here in ((1, 0), (0, 1)):
        before = len(desk.summaries)
        previewer.preview([path])
        desk.wait(lambda before=before: len(desk.summaries) > before)  # type: ignore[misc]
        assert not previewer.is_busy
        assert shown == []
        summary = desk.summaries[-1]
        assert (summary.stored_days, summary.already_here_days) == (stored, already_here)


def test_a_drop_is_shown_file_by_file_and_only_what_is_good_is_imported(
    desk: Desk, previewer: ImportPreviewer, tmp_path: Path
) -> None:
    here = trades(tmp_path / "a_trades_2024-07-23_HEREUSDT.csv", symbol="HEREUSDT")
    over = trades(tmp_path / "a_trades_2024-07-23_OVERUSDT.csv", symbol="OVERUSDT")
    desk.run(here, over)
    trades(over, rows=4, symbol="OVERUSDT", price="1")
    good = trades(tmp_path / "in" / "a_trades_2024-07-23_BTCUSDT.csv.gz")
    other = trades(tmp_path / "in" / "a_trades_2024-07-24_BTCUSDT.csv", START_US + 86_400_000_000)
    bad = trades(tmp_path / "in" / "a_trades_2024-07-23_BADUSDT.csv", price="abc")
    stored = held(desk)

    dialog = opened(desk, previewer, tmp_path / "in", here, over, tmp_path / "nowhere")
    assert findings(dialog) == {
        good.name: "Good, all 3 rows checked",
        other.name: "Good, all 3 rows checked",
        bad.name: "Row 1: price 'abc' is not a number",
        here.name: "Already here, the same file",
        over.name: "Overlaps what is held, from another file",
        "nowhere": "There is no such file or directory",
    }
    assert dialog.title() == "2 of 6 files can be imported"
    assert dialog.left_out() == "Left out: 2 refused, 1 overlapping, 1 already here."
    size = good.stat().st_size + other.stat().st_size
    assert dialog.import_button.text() == f"Import 2 files, {size} B"
    assert nameless_controls(dialog) == []
    assert held(desk) == stored

    dialog.replace_box.click()
    assert findings(dialog)[over.name] == "Good, all 4 rows checked; what is held goes to the trash"
    row = dialog.model.row_of(next(p.number for p in dialog.model.previews if p.path == other))
    assert row is not None
    dialog.table.show_row(row)
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    tick = dialog.model.index(row, TICK)
    assert tick.data(Qt.ItemDataRole.AccessibleTextRole) == "Left out"
    assert dialog.left_out() == "Left out: 2 refused, 1 already here, 1 unticked."
    QTest.mouseClick(dialog.copy_button, LEFT)
    (command,) = QGuiApplication.clipboard().text().splitlines()
    assert command == f"tickreel import {good} {over} --replace"

    QTest.mouseClick(dialog.import_button, LEFT)
    desk.wait(lambda: len(desk.summaries) == 2)
    assert desk.summaries[-1].stored_days == 2
    assert desk.summaries[-1].failures == ()
    assert held(desk) == sorted([*stored, ("binance-futures BTCUSDT trades", "2024-07-23")])
    assert [day.rows for day in desk.cache.all_days() if day.key.symbol == "OVERUSDT"] == [4]
    assert len(desk.cache.life.trash.entries()) == 1
    assert previewer.dialog is None


def test_of_two_files_of_a_day_one_may_replace_it_and_both_may_be_its_parts(
    desk: Desk, previewer: ImportPreviewer, tmp_path: Path
) -> None:
    hour_us = 3_600_000_000
    late = trades(tmp_path / "a_trades_2024-07-23_BTCUSDT.csv", START_US + 9 * hour_us)
    morning = trades(tmp_path / "in" / "a_trades_2024-07-23_BTCUSDT.csv", START_US + hour_us)
    evening = trades(tmp_path / "in" / "b_trades_2024-07-23_BTCUSDT.csv", START_US + 20 * hour_us, rows=5)
    dialog = opened(desk, previewer, tmp_path / "in")
    assert set(findings(dialog).values()) == {"Good, 2 files of this day"}
    assert "as its parts, where their times do not overlap" in dialog.finding()
    dialog.reject()
    desk.run(late)
    dialog = opened(desk, previewer, tmp_path / "in")
    assert dialog.title() == "2 of 2 files can be imported"
    dialog.replace_box.click()
    assert findings(dialog) == {
        morning.name: "Good, all 3 rows checked; what is held goes to the trash",
        evening.name: "Another file of this drop has its day",
    }
    assert dialog.left_out() == "Left out: 1 second of its day."
    dialog.replace_box.click()
    dialog.import_button.click()
    desk.wait(lambda: len(desk.summaries) == 2)
    assert desk.summaries[-1].failures == ()
    assert [day.rows for day in desk.cache.all_days()] == [3 + 3 + 5]
    assert desk.cache.life.trash.entries() == []


def test_what_only_the_user_can_say_is_asked_once(
    desk: Desk, previewer: ImportPreviewer, tmp_path: Path
) -> None:
    for day in range(3):
        trades(tmp_path / "in" / f"t{day}.csv", START_US + day * 86_400_000_000)
    mixed = write_csv(tmp_path / "in" / "mixed.csv", QUOTES, [line(QUOTES), line(QUOTES, symbol="ETHUSDT")])
    dialog = opened(desk, previewer, tmp_path / "in")
    assert not dialog.import_button.isEnabled()
    assert dialog.left_out() == "Left out: 4 not answered."
    question = dialog.question_bar.question
    assert question is not None

    def answer(choice: str) -> None:
        made = dialog.findChild(QPushButton, f"choice.{choice}")
        assert made is not None
        QTest.mouseClick(made, LEFT)
        desk.wait(lambda: not dialog._scanner.is_running)

    answer("quotes")  # of the file that is found first
    assert findings(dialog)[mixed.name] == "Which group is it?"
    answer("trades")
    assert dialog.model.sums().chosen == 3
    answer("FUTURES")
    assert not dialog.question_bar.isVisible()
    assert dialog.title() == "4 of 4 files can be imported"
    QTest.mouseClick(dialog.import_button, LEFT)
    desk.wait(lambda: len(desk.summaries) == 1)
    assert {key for key, _ in held(desk)} == {
        "binance-futures BTCUSDT trades",
        "binance-futures FUTURES quotes",
    }


def test_an_answer_may_hold_for_one_file_alone(
    desk: Desk, previewer: ImportPreviewer, tmp_path: Path
) -> None:
    first = trades(tmp_path / "in" / "a.csv")
    second = trades(tmp_path / "in" / "b.csv")
    dialog = opened(desk, previewer, tmp_path / "in")
    dialog.table.show_row(1)
    dialog.question_bar._for_all.click()
    dialog.question_bar.answered.emit("liquidations", dialog.question_bar._for_all.isChecked())
    desk.wait(lambda: not dialog._scanner.is_running)
    assert findings(dialog) == {
        first.name: "Trades or liquidations?",
        second.name: "Good, all 3 rows checked",
    }
    (request,) = dialog.model.chosen()
    assert (request.path, request.type) == (second, DataType.LIQUIDATIONS)


def test_checking_can_be_stopped_and_what_was_not_checked_is_left_out(
    desk: Desk, previewer: ImportPreviewer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        trades(tmp_path / "in" / f"a_trades_2024-07-23_S{number:03}.csv", symbol=f"S{number:03}")
    go_on = threading.Event()
    checked: list[str] = []
    look_ahead = Cache.look_ahead

    def slowly(cache: Cache, request: object, monitor: object) -> FileAhead:
        if len(checked) >= 20:
            go_on.wait(60)
        found = look_ahead(cache, request, monitor)  # type: ignore[arg-type]
        checked.append(found.path.name)
        return found

    monkeypatch.setattr(Cache, "look_ahead", slowly)
    previewer.preview([tmp_path / "in"])
    dialog = previewer.dialog
    assert dialog is not None
    desk.wait(lambda: dialog.isVisible() and dialog.model.sums().chosen >= 20)
    assert dialog.title() == "Checking 300 files"
    assert not dialog.import_button.isEnabled()
    assert dialog.model.rowCount() == 300
    QTest.mouseClick(dialog.stop_button, LEFT)
    go_on.set()
    desk.wait(dialog.import_button.isEnabled)
    sums = dialog.model.sums()
    assert 20 <= sums.chosen <= 25
    assert dialog.left_out() == f"Left out: {300 - sums.chosen} not checked."
    previewer.preview([trades(tmp_path / "a_trades_2024-07-23_LATER.csv", symbol="LATER")])
    desk.wait(lambda: dialog.model.sums().chosen == sums.chosen + 1 and dialog.import_button.isEnabled())
    assert dialog.left_out() == f"Left out: {300 - sums.chosen} not checked.", "what was stopped stays so"
    dialog.reject()
    assert previewer.dialog is None
    assert held(desk) == []
    assert desk.imports.items == ()


def test_the_command_that_is_copied_does_the_same(
    desk: Desk, previewer: ImportPreviewer, tmp_path: Path
) -> None:
    for name in ("a b.csv", "it's.csv"):
        trades(tmp_path / "in" / name, symbol=name[0].upper())
    dialog = opened(desk, previewer, tmp_path / "in")
    dialog.question_bar.answered.emit("trades", True)
    desk.wait(dialog.import_button.isEnabled)
    QTest.mouseClick(dialog.copy_button, LEFT)
    (command,) = QGuiApplication.clipboard().text().splitlines()
    assert main([*shlex.split(command)[1:], "--home", str(tmp_path / "other"), "--quiet"]) == 0
