"""Days written to files, as a job that leaves nothing behind when it is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from tickreel.jobs import State
from tickreel.market.units import format_bytes
from tickreel_desktop.care.export_dialog import ExportDialog
from tickreel_desktop.care.survey import counted
from tickreel_desktop.components import Message, MessageAction, ToastKind

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel.store.library.exporting import ExportPlan
    from tickreel_desktop.care.context import CareContext


class Exporting:
    """Asks how to export the selection, and does it."""

    def __init__(self, context: CareContext) -> None:
        self._context = context

    async def export(self) -> None:
        """Ask, and write."""
        context = self._context
        dialog = ExportDialog(context.theme, context.cache, context.tasks, context.ranges(), context.window)
        if await context.ask(dialog) and dialog.prospect is not None:
            await self._write(dialog.prospect.plan, dialog.folder, replace=dialog.replaces)

    async def _write(self, plan: ExportPlan, folder: Path, *, replace: bool) -> None:
        context = self._context
        files = counted(len(plan.files), "file")

        def work(monitor: Monitor) -> tuple[list[Path], int]:
            paths = context.cache.export(plan, folder, replace=replace, monitor=monitor)
            return paths, sum(path.stat().st_size for path in paths)

        job = await context.job("export", f"Export {files} to {folder}", work)
        if job.state is State.CANCELLED or job.result is None:
            context.teller.say(
                Message(ToastKind.WARNING, "Export cancelled", f"Nothing was left in {folder}.")
            )
            return
        paths, size = job.result
        context.teller.say(
            Message(
                ToastKind.GOOD,
                f"{counted(len(paths), 'file')} exported",
                f"{format_bytes(size)} in {folder}.",
            ),
            (MessageAction("Show the folder", lambda: self._reveal(folder)),),
        )

    def _reveal(self, folder: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._context.teller.warning("The folder cannot be shown", str(folder))
