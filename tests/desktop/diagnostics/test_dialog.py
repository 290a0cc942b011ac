"""The dialog shows what would be written, and writes what it shows."""

from __future__ import annotations

import asyncio
import threading
import zipfile
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from support.accessibility import nameless_controls
from support.qtloop import run_on_qt

from tickreel.diagnostics import BundleFile, preview
from tickreel.errors import EnvironmentProblem
from tickreel_desktop.diagnostics import DiagnosticsDialog
from tickreel_desktop.diagnostics.model import BundleModel
from tickreel_desktop.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tickreel_desktop.theme import Theme

FILES = (BundleFile("environment.json", "{}\n"), BundleFile("logs/tickreel.log", "a line\n" * 200))


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


def labels(dialog: DiagnosticsDialog) -> str:
    return " | ".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())


class _Shown:
    """A dialog with its tasks, both of which end with it."""

    def __init__(self, theme: Theme, gather: Callable[[], tuple[BundleFile, ...]]) -> None:
        self.failures: list[BaseException] = []
        self.tasks = Tasks(self.failures.append)
        self.dialog = DiagnosticsDialog(theme, gather, self.tasks)
        self.dialog.open()

    async def __aenter__(self) -> DiagnosticsDialog:
        return self.dialog

    async def __aexit__(self, *_: object) -> None:
        await self.tasks.close()
        self.dialog.close()
        await asyncio.sleep(0)
        assert self.failures == []


def test_the_model_lists_names_and_sizes(qtbot: QtBot) -> None:
    model = BundleModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_files(FILES)
    cells = [[model.index(row, column).data() for column in range(2)] for row in range(model.rowCount())]
    assert cells == [["environment.json", "3 B"], ["logs/tickreel.log", "1.4 kB"]]
    model.show_files(())
    assert model.rowCount() == 0
    del tester


def test_gathering_runs_beside_the_window_and_its_files_are_shown(qapp: QApplication, theme: Theme) -> None:
    threads: list[threading.Thread] = []
    go_on = threading.Event()

    def gather() -> tuple[BundleFile, ...]:
        threads.append(threading.current_thread())
        go_on.wait(60)
        return FILES

    async def journey() -> None:
        async with _Shown(theme, gather) as dialog:
            assert "Gathering what helps" in labels(dialog)
            assert not dialog.save_button.isEnabled()
            go_on.set()
            await until(dialog.save_button.isEnabled)
            assert threads[0] is not threading.main_thread()
            assert dialog.text.toPlainText() == "{}\n"
            assert dialog.status().startswith("2 files, 1.4 kB of text.")
            dialog.list.show_row(1)
            assert dialog.text.toPlainText() == FILES[1].text
            dialog.copy_button.click()
            assert QGuiApplication.clipboard().text() == FILES[1].text
            assert dialog.status() == "logs/tickreel.log is on the clipboard."
            assert nameless_controls(dialog) == []

    run_on_qt(qapp, journey())


def test_what_was_shown_is_what_is_saved(
    qapp: QApplication, theme: Theme, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out.zip"

    async def journey() -> None:
        async with _Shown(theme, lambda: preview(home)) as dialog:
            saved: list[str] = []
            dialog.saved.connect(saved.append)
            await until(dialog.save_button.isEnabled)
            shown = []
            for row in range(dialog.list.model().rowCount()):
                dialog.list.show_row(row)
                shown.append(dialog.text.toPlainText())
            dialog.save_to(str(path))
            await until(lambda: bool(saved))
            assert dialog.status() == f"Saved to {path}"
            with zipfile.ZipFile(path) as bundle:
                assert [bundle.read(name).decode() for name in bundle.namelist()] == shown

    run_on_qt(qapp, journey())


def test_a_place_that_cannot_be_written_is_told_and_another_can_be_chosen(
    qapp: QApplication, theme: Theme, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with _Shown(theme, lambda: FILES) as dialog:
            await until(dialog.save_button.isEnabled)
            dialog.save_to(str(tmp_path / "missing" / "out.zip"))
            assert not dialog.save_button.isEnabled()
            await until(dialog.save_button.isEnabled)
            assert dialog.status().startswith("Nothing was saved: ")
            dialog.save_button.click()
            (chooser,) = dialog.findChildren(QFileDialog)
            assert chooser.acceptMode() == QFileDialog.AcceptMode.AcceptSave
            chooser.fileSelected.emit(str(tmp_path / "out.zip"))
            chooser.reject()
            await until(lambda: dialog.status().startswith("Saved to "))

    run_on_qt(qapp, journey())


@pytest.mark.parametrize("error", [EnvironmentProblem("the disk is gone"), OSError("the disk is gone")])
def test_what_cannot_be_gathered_is_told_and_tried_again(
    qapp: QApplication, theme: Theme, error: Exception
) -> None:
    errors = [error]

    def gather() -> tuple[BundleFile, ...]:
        if errors:
            raise errors.pop()
        return FILES

    async def journey() -> None:
        async with _Shown(theme, gather) as dialog:
            await until(lambda: "could not be gathered" in labels(dialog))
            assert "the disk is gone" in labels(dialog)
            assert not dialog.save_button.isEnabled()
            dialog._again.click()
            await until(dialog.save_button.isEnabled)

    run_on_qt(qapp, journey())


def test_closing_while_it_gathers_leaves_nothing_behind(
    qapp: QApplication, qtbot: QtBot, theme: Theme
) -> None:
    go_on = threading.Event()
    window = QWidget()  # with a window left the loop goes on
    qtbot.addWidget(window)
    window.show()

    def gather() -> tuple[BundleFile, ...]:
        go_on.wait(60)
        return FILES

    async def journey() -> None:
        failures: list[BaseException] = []
        tasks = Tasks(failures.append)
        dialog = DiagnosticsDialog(theme, gather, tasks)
        gone: list[bool] = []
        dialog.destroyed.connect(lambda: gone.append(True))
        dialog.open()
        dialog.close()
        await until(lambda: bool(gone))
        go_on.set()
        await until(lambda: not tasks._running)
        assert failures == []

    run_on_qt(qapp, journey())
