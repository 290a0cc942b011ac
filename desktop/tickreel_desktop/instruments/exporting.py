"""Every version of every instrument written to a file that the user chooses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog

from tickreel.errors import TickreelError
from tickreel.market.units import format_full
from tickreel_desktop.components.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.instruments.keeper import InstrumentKeeper
    from tickreel_desktop.tasks import Tasks

EXPORTED = "instruments.json"
"""The name that is offered for the file."""


class Exporting(QObject):
    """Asks where, and writes; *say* tells what came of it."""

    def __init__(
        self, keeper: InstrumentKeeper, tasks: Tasks, say: Callable[[str], None], over: QWidget
    ) -> None:
        super().__init__(over)
        self._keeper = keeper
        self._tasks = tasks
        self._say = say
        self._over = over
        self._is_closed = False

    def close(self) -> None:
        """Tell nobody any more; what is being written is written."""
        self._is_closed = True

    def ask_where(self) -> None:
        """Ask for the file."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(
            self._over,
            "Export every version of every instrument",
            str(Path(folder, EXPORTED)),
            "JSON (*.json);;CSV (*.csv)",
        )
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.fileSelected.connect(lambda name: self.export_to(Path(name)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def export_to(self, path: Path) -> None:
        """Write everything to a file, as CSV where its name says so, else as JSON."""
        self._tasks.start(self._export(path), "export the instruments")

    async def _export(self, path: Path) -> None:
        self._say("Exporting...")
        try:
            count = await self._keeper.export(path)
        except TickreelError as error:
            if not self._is_closed:
                self._say(sentence(str(error)))
            return
        if not self._is_closed:
            versions = f"{format_full(count)} {'version' if count == 1 else 'versions'}"
            self._say(f"{versions} written to {path}")
