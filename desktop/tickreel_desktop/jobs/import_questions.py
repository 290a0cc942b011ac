"""Asks what only the user can say of files, one question at a time, wherever the panel is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tickreel_desktop.imports.item import ItemState
from tickreel_desktop.jobs.question_dialog import QuestionDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.imports import ImportController
    from tickreel_desktop.imports.item import ImportItem
    from tickreel_desktop.theme import Theme


class ImportQuestions(QObject):
    """Open the questions of imports over *window*, one after the other."""

    def __init__(self, theme: Theme, imports: ImportController, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._imports = imports
        self._window = window
        self._dialog: QuestionDialog | None = None
        imports.item_changed.connect(self._on_item_changed)

    def open(self, item: ImportItem) -> None:
        """Ask about a file, unless a question is open already."""
        if self._dialog is not None or item.question is None:
            return
        others = sum(not other.state.is_final for other in item.batch.items) - 1
        self._dialog = QuestionDialog(self._theme, item, others, self._window)
        self._dialog.finished.connect(self._on_finished)
        self._dialog.open()

    def _on_item_changed(self, item: ImportItem) -> None:
        if item.state is ItemState.ASKING:
            self._ask_next()
        elif self._dialog is not None and self._dialog.item is item:
            self._dialog.reject()

    def _ask_next(self) -> None:
        if self._dialog is not None or not self._window.isVisible():
            return
        asking = next((item for item in self._imports.items if item.state is ItemState.ASKING), None)
        if asking is not None:
            self.open(asking)

    def _on_finished(self) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        self._dialog = None
        dialog.deleteLater()
        if dialog.choice is None:
            self._imports.skip(dialog.item)
        else:
            self._imports.answer(dialog.item, dialog.choice, for_all=dialog.is_for_all)
        self._ask_next()
