"""Runs written for others: a report that is opened, files where the user wants them, figures side by side."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from tickreel.backtest.reports.exporting import RunForm, export_run
from tickreel.errors import EnvironmentProblem
from tickreel_desktop.components import Message, MessageAction, ToastKind, open_over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from tickreel.backtest.runs.service import Runs
    from tickreel_desktop.backtest.keeper import RunsKeeper
    from tickreel_desktop.replay.charttable import ChartTable
    from tickreel_desktop.tasks import Tasks
    from tickreel_desktop.telling import Teller

REPORTS = "reports"
"""The folder of the home with the reports that were opened."""
_FORMS = {
    "Report, one HTML file": RunForm.HTML,
    "Tables as CSV, a folder": RunForm.CSV,
    "Files as they are kept, Parquet, a folder": RunForm.PARQUET,
}


class RunExports(QObject):
    """Writes runs on a worker thread, and tells where they are."""

    def __init__(self, keeper: RunsKeeper, tasks: Tasks, teller: Teller, window: QWidget) -> None:
        super().__init__(window)
        self._keeper = keeper
        self._tasks = tasks
        self._teller = teller
        self._window = window
        self.dialog: QFileDialog | None = None
        """What is asked, while it is open."""

    def report(self, run_id: str) -> None:
        """Write the report of a run into the home, in the place of an earlier one, and open it."""
        if run_id:
            self._tasks.start(self._report(run_id), "write a report")

    async def _report(self, run_id: str) -> None:
        path = await self._keeper.ask(partial(write_report, run_id=run_id))
        is_open = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        text = str(path) if is_open else f"Nothing here opens HTML files; it is {path}"
        self._teller.good("The report is written", text)

    def ask(self, run_ids: Sequence[str]) -> None:
        """Ask where to and in which form, and write: one run under that name, several into a folder."""
        if not run_ids:
            return
        if len(run_ids) == 1:
            dialog = QFileDialog(self._window, "Export the run")
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
            dialog.selectFile(f"run-{run_ids[0]}")
        else:
            dialog = QFileDialog(self._window, f"Folder for {len(run_ids)} runs")
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setNameFilters([f"{words} (*)" for words in _FORMS])
        dialog.accepted.connect(lambda: self._on_chosen(dialog, list(run_ids)))
        self._open(dialog)

    def _on_chosen(self, dialog: QFileDialog, run_ids: list[str]) -> None:
        form = _FORMS[dialog.selectedNameFilter().removesuffix(" (*)")]
        self.export(run_ids, form, Path(dialog.selectedFiles()[0]))

    def export(self, run_ids: Sequence[str], form: RunForm, place: Path) -> None:
        """Write runs: a single one as *place*, several into that folder by their ids."""
        self._tasks.start(self._export(list(run_ids), form, place), "export runs")

    async def _export(self, run_ids: list[str], form: RunForm, place: Path) -> None:
        suffix = ".html" if form is RunForm.HTML else ""
        targets = [place if len(run_ids) == 1 else place / run_id for run_id in run_ids]
        written = []
        for run_id, target in zip(run_ids, targets, strict=True):
            named = target if target.suffix == suffix or not suffix else Path(f"{target}{suffix}")
            written.append(await self._keeper.ask(partial(_write, run_id=run_id, form=form, target=named)))
        what = "The run is exported" if len(written) == 1 else f"{len(written)} runs are exported"
        where = written[0] if len(written) == 1 else place
        self._teller.say(Message(ToastKind.GOOD, what, str(where)), (_show(written[0].parent),))

    def ask_table(self, table: ChartTable) -> None:
        """Ask where to, and write figures as CSV."""
        dialog = QFileDialog(self._window, "Export the comparison", "compared-runs.csv", "Figures (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.accepted.connect(lambda: self.write_table(table, Path(dialog.selectedFiles()[0])))
        self._open(dialog)

    def write_table(self, table: ChartTable, path: Path) -> None:
        """Write figures as CSV."""
        self._tasks.start(self._write_table(table, path), "export a comparison")

    async def _write_table(self, table: ChartTable, path: Path) -> None:
        try:
            await asyncio.to_thread(table.write, path)
        except OSError as error:
            raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error
        self._teller.say(
            Message(ToastKind.GOOD, "The comparison is exported", str(path)), (_show(path.parent),)
        )

    def _open(self, dialog: QFileDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(self._on_closed)
        open_over(self._window, dialog)

    def _on_closed(self) -> None:
        self.dialog = None


def write_report(runs: Runs, run_id: str) -> Path:
    """Write the report of a run into the home; one of before goes only when the new one is whole.

    Raises:
        DataError: a file of the run is gone or was changed.
        EnvironmentProblem: it cannot be written.
    """
    run = runs.run(run_id)
    folder = runs.cache.home / REPORTS
    path = folder / f"{run.id}.html"
    fresh = folder / f"{run.id}.new.html"
    try:
        folder.mkdir(exist_ok=True)
        fresh.unlink(missing_ok=True)
        export_run(run, RunForm.HTML, fresh)
        fresh.replace(path)
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _write(runs: Runs, run_id: str, form: RunForm, target: Path) -> Path:
    return export_run(runs.run(run_id), form, target)


def _show(folder: Path) -> MessageAction:
    def show() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    return MessageAction("Show", show)
