"""Leads from a drop to the import: at once for one good file, by the dialog for everything else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from tickreel_desktop.components import open_over
from tickreel_desktop.imports.preview import FilePreview, ImportOptions, Verdict
from tickreel_desktop.imports.preview_dialog import PreviewDialog
from tickreel_desktop.imports.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from tickreel.store import Cache
    from tickreel_desktop.imports.controller import ImportController
    from tickreel_desktop.theme import Theme

_PATIENCE_MS = 400
"""How long a drop may be checked before the dialog shows its progress."""


class ImportPreviewer(QObject):
    """Preview what is to be imported into *cache*, over one window."""

    def __init__(self, theme: Theme, cache: Cache, imports: ImportController, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._cache = cache
        self._imports = imports
        self._window = window
        self._scanner: Scanner | None = None
        self._ended: list[Scanner] = []
        self._dialog: PreviewDialog | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._show)

    @property
    def dialog(self) -> PreviewDialog | None:
        """The dialog that is made for the drop, open or not yet."""
        return self._dialog

    @property
    def is_busy(self) -> bool:
        """Whether a drop is under way that is not imported yet."""
        return self._scanner is not None

    def preview(self, paths: Iterable[Path]) -> None:
        """Check files and folders; what is given while another drop is open joins it."""
        given = tuple(paths)
        if not given:
            return
        if self._scanner is None:
            self._begin()
        assert self._scanner is not None  # it has just begun
        self._scanner.scan(given)

    def _begin(self) -> None:
        self._scanner = scanner = Scanner(self._cache, self)
        self._dialog = dialog = PreviewDialog(self._theme, scanner, self._window)
        dialog.import_requested.connect(self._imports.import_requests)
        dialog.finished.connect(self._on_closed)
        scanner.finished.connect(partial(self._on_checked, scanner))
        self._patience.start()

    def _on_checked(self, scanner: Scanner) -> None:
        dialog = self._dialog
        if scanner is not self._scanner or dialog is None or dialog.isVisible():
            return
        previews = dialog.model.previews
        if len(previews) == 1 and _goes_by_itself(previews[0]):
            self._imports.import_requests([previews[0].request])
            self._end()
        else:
            self._show()

    def _show(self) -> None:
        self._patience.stop()
        if self._dialog is not None and not self._dialog.isVisible():
            open_over(self._window, self._dialog)

    def _on_closed(self) -> None:
        self._end()

    def _end(self) -> None:
        self._patience.stop()
        scanner, self._scanner = self._scanner, None
        dialog, self._dialog = self._dialog, None
        if scanner is not None:
            scanner.close()
            for idle in [each for each in self._ended if each.is_idle]:
                self._ended.remove(idle)
                idle.deleteLater()
            self._ended.append(scanner)
        if dialog is not None:
            dialog.deleteLater()

    def close(self) -> None:
        """Give the drop up that is open."""
        if self._dialog is not None:
            self._dialog.reject()
        self._end()

    def shutdown(self) -> None:
        """Block until nothing is checked any more; after :meth:`close`, on any thread."""
        for scanner in self._ended:
            scanner.shutdown()


def _goes_by_itself(preview: FilePreview) -> bool:
    """Tell whether there is nothing to decide about a file."""
    return preview.verdict(ImportOptions()) in (Verdict.GOOD, Verdict.PART, Verdict.HERE)
