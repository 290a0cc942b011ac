"""What the user does with runs: the list follows the catalog, marks are undone, files are written."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from support.desks import desk_over, until
from support.qtloop import run_on_qt

from tickreel.backtest.reports.exporting import RunForm
from tickreel.backtest.runs.service import opened_runs
from tickreel.store import open_cache
from tickreel_desktop.backtest.compare import CompareView
from tickreel_desktop.backtest.run import RunView
from tickreel_desktop.backtest.runs import RunsPane
from tickreel_desktop.backtest.runs.dialogs import NoteDialog, TagDialog
from tickreel_desktop.runs_control import RunsControl

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from PySide6.QtCore import QUrl
    from PySide6.QtWidgets import QApplication
    from support.runshome import RunsHome

    from tickreel_desktop.desk import Desk

pytestmark = pytest.mark.long


@dataclass
class Stage:
    """A window with the list, the view and the comparison, and what does things with them."""

    desk: Desk
    pane: RunsPane
    view: RunView
    compare: CompareView
    control: RunsControl

    def tags(self, run_id: str) -> tuple[str, ...]:
        row = self.pane.model.rows.get(run_id)
        return () if row is None else row.tags

    def notes(self, run_id: str) -> str:
        row = self.pane.model.rows.get(run_id)
        return "" if row is None else row.notes

    async def undo(self) -> None:
        await until(lambda: bool(self.desk.undo.undo_text))
        self.desk.undo.undo()

    def done(self, sweep_id: str) -> int:
        row = self.pane.model.rows.get(sweep_id)
        return 0 if row is None else row.done

    def told(self) -> list[str]:
        return [kept.message.heading for kept in self.desk.window.toasts.kept()]


@pytest.fixture
def own(made: RunsHome, tmp_path: Path) -> Path:
    """Give a copy of the home that may be changed."""
    return Path(shutil.copytree(made.home, tmp_path / "own"))


@asynccontextmanager
async def staged(home: Path) -> AsyncIterator[Stage]:
    with open_cache(home) as cache:
        async with desk_over(cache) as desk:
            theme = desk.theme
            pane = RunsPane(theme, parent=desk.window)
            view = RunView(theme, desk.zone, desk.runs, desk.tasks, desk.window)
            compare = CompareView(theme, desk.zone, desk.runs, desk.tasks, desk.window)
            for place, widget in enumerate((pane, view, compare)):
                widget.setGeometry(400 * place, 100, 400 if not place else 800, 600)
                widget.show()
            control = RunsControl(
                window=desk.window,
                actions=desk.actions,
                theme=theme,
                pane=pane,
                view=view,
                compare=compare,
                keeper=desk.runs,
                bus=desk.bus,
                tasks=desk.tasks,
                teller=desk.teller,
                undo=desk.undo,
            )
            desk.window.go_to("backtest")
            control.refresh()
            await until(lambda: pane.model.rowCount() > 0)
            yield Stage(desk, pane, view, compare, control)


def test_tags_are_asked_for_kept_and_undone(qapp: QApplication, own: Path, made: RunsHome) -> None:
    async def journey() -> None:
        async with staged(own) as stage:
            stage.pane.model.check([made.maker, made.lean], is_checked=True)
            stage.pane.tag_button.click()
            await until(lambda: stage.control.marks.dialog is not None)
            dialog = stage.control.marks.dialog
            assert isinstance(dialog, TagDialog)
            QTest.keyClicks(dialog.field, "not, one")
            QTest.keyClick(dialog.field, Qt.Key.Key_Return)
            assert dialog.added == (), "a comma is no part of a tag"
            dialog.field.setText("checked")
            dialog.do_button.click()
            await until(lambda: stage.tags(made.lean) == ("checked",))
            assert stage.tags(made.maker) == ("pinned", "kept", "checked")
            await stage.undo()
            await until(lambda: stage.tags(made.lean) == ())
            assert stage.tags(made.maker) == ("pinned", "kept")

    run_on_qt(qapp, journey())


def test_a_note_is_kept_shown_and_undone(qapp: QApplication, own: Path, made: RunsHome) -> None:
    async def journey() -> None:
        async with staged(own) as stage:
            stage.view.show_run(made.maker)
            await until(lambda: stage.view.record is not None)
            stage.desk.actions["runs.note"].trigger()
            await until(lambda: stage.control.marks.dialog is not None)
            dialog = stage.control.marks.dialog
            assert isinstance(dialog, NoteDialog)
            assert dialog.text.toPlainText() == "the one to beat"
            dialog.text.setPlainText("beaten")
            dialog.do_button.click()
            await until(lambda: stage.notes(made.maker) == "beaten")
            await until(lambda: stage.view.banner.text() == "beaten")
            await stage.undo()
            await until(lambda: stage.notes(made.maker) == "the one to beat")

    run_on_qt(qapp, journey())


def test_what_another_program_does_to_runs_is_seen(qapp: QApplication, own: Path, made: RunsHome) -> None:
    def elsewhere() -> None:
        with open_cache(own) as cache, opened_runs(cache) as runs:
            runs.records.tag(made.pair, ("from-outside",))
            runs.trash.put(made.failed)

    async def journey() -> None:
        async with staged(own) as stage:
            assert stage.pane.model.rows.get(made.failed) is not None
            await asyncio.to_thread(elsewhere)
            await until(lambda: stage.tags(made.pair) == ("from-outside",))
            await until(lambda: stage.pane.model.rows.get(made.failed) is None)

    run_on_qt(qapp, journey())


def test_runs_and_sweeps_are_deleted_and_that_is_undone(
    qapp: QApplication, own: Path, made: RunsHome
) -> None:
    async def journey() -> None:
        async with staged(own) as stage:
            stage.view.show_run(made.lean)
            await until(lambda: stage.view.record is not None)
            stage.pane.model.check([made.lean, made.sweep], is_checked=True)
            stage.desk.actions["runs.delete"].trigger()
            await until(lambda: "5 runs deleted" in stage.told())
            await until(lambda: stage.pane.model.rows.get(made.sweep) is None)
            assert stage.pane.model.rows.get(made.lean) is None
            assert stage.view.run_id == ""
            assert not (own / "runs" / made.lean).exists()
            assert (own / "runs" / made.maker).exists()
            assert stage.desk.undo.undo_text == "Delete 5 runs"
            await stage.undo()
            await until(lambda: stage.pane.model.rows.get(made.lean) is not None)
            await until(lambda: stage.pane.model.rows.get(made.sweep) is not None)
            await until(
                lambda: [row.done for row in stage.pane.model.rows.runs if row.id == made.sweep] == [4]
            )
            await until(lambda: stage.desk.undo.redo_text == "Delete 5 runs")
            stage.desk.undo.redo()
            await until(lambda: stage.pane.model.rows.get(made.lean) is None)

    run_on_qt(qapp, journey())


def test_a_report_is_written_and_opened_and_written_anew(
    qapp: QApplication, own: Path, made: RunsHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)

    async def journey() -> None:
        async with staged(own) as stage:
            stage.view.show_run(made.maker)
            await until(lambda: stage.view.record is not None)
            for count in (1, 2):
                stage.view.head.report_button.click()
                await until(lambda count=count: len(opened) == count)  # type: ignore[misc]
            path = own / "reports" / f"{made.maker}.html"
            assert opened == [str(path), str(path)]
            text = path.read_text(encoding="utf-8")
            assert "the one to beat" in text
            assert "<script" not in text

    run_on_qt(qapp, journey())


def test_runs_are_exported_and_what_is_there_is_kept(
    qapp: QApplication, own: Path, made: RunsHome, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with staged(own) as stage:
            exports = stage.control.exports
            exports.export([made.maker], RunForm.CSV, tmp_path / "one")
            await until(lambda: (tmp_path / "one" / "fills.csv").exists())
            exports.export([made.maker, made.lean], RunForm.HTML, tmp_path)
            await until(lambda: (tmp_path / f"{made.lean}.html").exists())
            before = (tmp_path / "one" / "fills.csv").read_bytes()
            exports.export([made.lean], RunForm.CSV, tmp_path / "one")
            await until(lambda: "That did not work" in stage.told())
            assert (tmp_path / "one" / "fills.csv").read_bytes() == before

    run_on_qt(qapp, journey())


def test_compared_runs_come_into_view_and_are_written_as_csv(
    qapp: QApplication, own: Path, made: RunsHome, tmp_path: Path
) -> None:
    async def journey() -> None:
        async with staged(own) as stage:
            compared: list[list[str]] = []
            stage.control.compared.connect(compared.append)
            stage.pane.model.check([made.maker, made.lean], is_checked=True)
            assert stage.desk.actions["runs.compare"].isEnabled()
            command = stage.desk.actions.command("runs.compare")
            assert command == f"tickreel runs compare {made.maker} {made.lean}"
            stage.desk.actions["runs.compare"].trigger()
            await until(lambda: stage.compare.compared is not None)
            assert compared == [[made.maker, made.lean]]
            stage.control.exports.write_table(stage.compare.table(), tmp_path / "compared.csv")
            await until((tmp_path / "compared.csv").exists)
            lines = (tmp_path / "compared.csv").read_text(encoding="utf-8").splitlines()
            assert lines[0] == f"metric,{made.maker},{made.lean}"

    run_on_qt(qapp, journey())
