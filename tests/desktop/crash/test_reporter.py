"""Unexpected errors: one dialog at a time, repeats counted, nothing lost from the log."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from support.accessibility import nameless_controls
from support.qtloop import run_on_qt

from tickreel.diagnostics import Redaction
from tickreel_desktop.crash import CrashReporter
from tickreel_desktop.crash.report import report_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.crash.dialog import CrashDialog
    from tickreel_desktop.theme import Theme

pytestmark = pytest.mark.logs_warnings


class _Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def failed(words: str = "two books for one symbol") -> ValueError:
    try:
        raise ValueError(words)
    except ValueError as error:
        return error


def failed_elsewhere() -> KeyError:
    try:
        raise KeyError("BTCUSDT")
    except KeyError as error:
        return error


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def reporter(qtbot: QtBot, theme: Theme, clock: _Clock) -> Iterator[CrashReporter]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    made = CrashReporter(theme, window, clock=clock)
    yield made
    made.close()


def dialog_of(reporter: CrashReporter) -> CrashDialog:
    assert reporter.dialog is not None
    return reporter.dialog


def test_an_error_is_told_in_a_sentence_and_logged_with_its_traceback(
    reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.report(failed())
    dialog = dialog_of(reporter)
    assert dialog.isVisible()
    assert "ValueError: two books for one symbol" in dialog.accessibleName()
    assert not dialog.details.isVisible()
    low = dialog.height()
    dialog.details_button.click()
    assert dialog.details.isVisible()
    assert dialog.height() > low
    assert "raise ValueError(words)" in dialog.details.toPlainText()
    dialog.details_button.click()
    assert dialog.height() == low
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == dialog.details.toPlainText()
    assert QGuiApplication.clipboard().text().startswith("Tickreel ")
    assert "raise ValueError(words)" in caplog.text
    assert nameless_controls(dialog) == []


def test_repeats_and_others_are_counted_in_the_one_dialog(
    reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.report(failed())
    first = dialog_of(reporter)
    for _ in range(3):
        reporter.report(failed("with other words"))
    assert first.counts() == "The same happened 3 times more."
    reporter.report(failed_elsewhere())
    assert dialog_of(reporter) is first
    assert first.counts() == "The same happened 3 times more. 1 other error came since; the log has it."
    assert caplog.text.count("raise ValueError(words)") == 1, "one traceback, however often it comes"
    assert caplog.text.count('raise KeyError("BTCUSDT")') == 1


def test_one_goes_on_by_button_enter_or_escape_and_is_not_asked_again_for_the_same(
    reporter: CrashReporter, clock: _Clock
) -> None:
    told: list[str] = []
    reporter.repeated.connect(told.append)
    reporter.report(failed())
    QTest.keyClick(dialog_of(reporter), Qt.Key.Key_Escape)
    assert reporter.dialog is None
    reporter.report(failed())
    assert (reporter.dialog, told) == (None, []), "it has just been told"
    clock.now_s = 11.0
    for _ in range(5):
        reporter.report(failed())
    assert told == ["ValueError: two books for one symbol. 3 times so far."], "now and then, not each time"
    reporter.report(failed_elsewhere())
    QTest.keyClick(dialog_of(reporter), Qt.Key.Key_Return)
    assert reporter.dialog is None


def test_quitting_and_diagnostics_are_left_to_the_frame(reporter: CrashReporter, qtbot: QtBot) -> None:
    reporter.report(failed())
    dialog = dialog_of(reporter)
    with qtbot.waitSignal(reporter.diagnostics_requested) as asked:
        dialog.save_button.click()
    assert asked.args == [dialog]
    assert reporter.dialog is dialog
    with qtbot.waitSignal(reporter.quit_requested):
        dialog.quit_button.click()
    assert reporter.dialog is None


def test_ctrl_c_is_a_wish_to_quit(reporter: CrashReporter, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reporter.quit_requested):
        reporter.report(KeyboardInterrupt())
    assert reporter.dialog is None


def test_errors_of_threads_and_tasks_arrive_and_hooks_are_given_back(
    qapp: QApplication, reporter: CrashReporter
) -> None:
    async def journey() -> None:
        before = sys.excepthook
        loop = asyncio.get_running_loop()
        reporter.watch(loop)
        thread = threading.Thread(target=lambda: int("not a number"))
        thread.start()
        while reporter.dialog is None:
            await asyncio.sleep(0.01)
        thread.join()
        assert "not a number" in reporter.dialog.report.sentence
        loop.call_soon(lambda: [].pop())
        while "1 other error" not in dialog_of(reporter).counts():
            await asyncio.sleep(0.01)
        sys.excepthook(ValueError, ValueError("from a slot"), None)
        assert "2 other errors" in dialog_of(reporter).counts()
        reporter.close()
        assert sys.excepthook is sys.__excepthook__
        assert threading.excepthook is threading.__excepthook__
        sys.excepthook = before

    run_on_qt(qapp, journey())


def test_once_closed_errors_are_logged_alone(
    reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.close()
    reporter.report(failed())
    assert reporter.dialog is None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_secrets_and_names_are_taken_out_and_what_is_endless_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TARDIS_API_KEY", "TD.very-secret")
    redaction = Redaction("joan", ["/home/joan"])
    report = report_of(failed("/home/joan asked http://u:p@proxy with TD.very-secret"), redaction)
    assert report.sentence == "ValueError: ~ asked http://***@proxy with ***"
    assert "very-secret" not in report.details
    long = report_of(failed("x" * 100_000), redaction)
    assert len(long.sentence) < 400
    assert len(long.details) < 70_000
    assert "left out" in long.details
