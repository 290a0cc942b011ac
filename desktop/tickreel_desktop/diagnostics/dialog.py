"""The dialog that shows, to the letter, what a bundle for support would hold, and saves it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from tickreel.diagnostics import save
from tickreel.errors import TickreelError
from tickreel.market.units import format_bytes
from tickreel_desktop.components import (
    ButtonKind,
    ElidedLabel,
    EmptyState,
    IconLabel,
    button,
    label,
)
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.diagnostics.model import SIZE, BundleModel
from tickreel_desktop.theme import FontRole, Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.diagnostics import BundleFile
    from tickreel_desktop.tasks import Tasks

_SIZE_PX = (900, 580)
_SMALLEST_PX = (620, 400)
_LIST_PX = 272
_NAME_PX = 188
_FILE_SIZE_PX = 72
_LEFT_OUT = (
    "Keys, passwords, your user name and the path of your home folder are taken out. "
    "Names of exchanges and symbols stay."
)


class DiagnosticsDialog(QDialog):
    """Show what *gather* finds, which runs in a thread, and offer to save it. Use ``open()``."""

    saved = Signal(str)
    """The bundle was written to this path."""

    def __init__(
        self,
        theme: Theme,
        gather: Callable[[], tuple[BundleFile, ...]],
        tasks: Tasks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._gather = gather
        self._tasks = tasks
        self.setWindowTitle("Diagnostics")
        self.setAccessibleName("Diagnostics for support")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self._is_closed = False
        self.finished.connect(lambda _result: self._on_finished())
        self._model = BundleModel(self)
        self.list = self._make_list()
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Text of the file")
        self.text.setReadOnly(True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(theme.font(FontRole.MONO))
        self.text.setTabChangesFocus(True)
        self._name = ElidedLabel("")
        set_role(self._name, Role.SECTION)
        self._again = button(theme, "Try again", ButtonKind.PRIMARY)
        self._again.clicked.connect(lambda: self._begin())
        self._state = EmptyState(theme, "file-text", "", "", (self._again,))
        self._state_icon = IconLabel(theme, "info", "text_3", 14)
        self._status = label("", Role.CAPTION, wrap=True)
        self.copy_button = button(theme, "Copy", icon="copy")
        self.copy_button.setToolTip("Copy the text of the file that is shown")
        self.copy_button.clicked.connect(lambda: self._copy())
        self.save_button = button(theme, "Save...", ButtonKind.PRIMARY, icon="floppy-disk")
        self.save_button.clicked.connect(lambda: self._ask_where())
        self._pages = QStackedWidget()
        self._lay_out()
        self.list.selectionModel().selectionChanged.connect(lambda: self._show_selected())
        self._begin()

    def _make_list(self) -> RowTable:
        table = RowTable(self._theme, "Files of the bundle")
        table.setModel(self._model)
        table.setItemDelegate(RowDelegate(self._theme, table, frozenset({SIZE})))
        table.set_widths([self._theme.px(_NAME_PX), self._theme.px(_FILE_SIZE_PX)])
        return table

    def _lay_out(self) -> None:
        px = self._theme.px
        head = QFrame()
        set_role(head, Role.DIALOG_HEAD)
        head_row = QHBoxLayout(head)
        head_row.setContentsMargins(px(16), px(8), px(16), px(8))
        head_row.addWidget(label("What is saved for support", Role.SECTION))
        head_row.addStretch(1)
        right = QWidget()
        right_column = QVBoxLayout(right)
        right_column.setContentsMargins(px(12), px(8), px(12), px(12))
        right_column.setSpacing(px(6))
        right_column.addWidget(self._name)
        right_column.addWidget(self.text, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([px(_LIST_PX), px(_SIZE_PX[0] - _LIST_PX)])
        self._pages.addWidget(split)
        self._pages.addWidget(self._state)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        foot_row = QHBoxLayout(foot)
        foot_row.setContentsMargins(px(16), px(10), px(16), px(10))
        foot_row.setSpacing(px(8))
        foot_row.addWidget(self._state_icon, 0, Qt.AlignmentFlag.AlignVCenter)
        foot_row.addWidget(self._status, 1)
        close = button(self._theme, "Close")
        close.clicked.connect(self.reject)
        for each in (close, self.copy_button, self.save_button):
            foot_row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self._pages, 1)
        column.addWidget(foot)
        self.setMinimumSize(px(_SMALLEST_PX[0]), px(_SMALLEST_PX[1]))
        self.resize(px(_SIZE_PX[0]), px(_SIZE_PX[1]))

    def _on_finished(self) -> None:
        """Let what still runs in threads find no dialog to tell."""
        self._is_closed = True

    def status(self) -> str:
        """Give the line at the foot."""
        return self._status.text()

    def _say(self, text: str, *, is_wrong: bool = False, is_done: bool = False) -> None:
        self._status.setText(text)
        if is_wrong:
            self._state_icon.set_icon("x-circle", "error")
        elif is_done:
            self._state_icon.set_icon("check", "good")
        else:
            self._state_icon.set_icon("info", "text_3")

    def _begin(self) -> None:
        self._state.set_text(
            "Gathering what helps", "Versions, settings, figures of the catalog and the end of the log."
        )
        self._show_state(has_button=False)
        self._say(_LEFT_OUT)
        self._tasks.start(self._gather_files(), "gather diagnostics")

    def _show_state(self, *, has_button: bool) -> None:
        self._again.setVisible(has_button)
        self._pages.setCurrentWidget(self._state)
        self.copy_button.setEnabled(False)
        self.save_button.setEnabled(False)

    async def _gather_files(self) -> None:
        try:
            files = await asyncio.to_thread(self._gather)
        except (TickreelError, OSError) as error:
            if not self._is_closed:
                self._state.set_text("The diagnostics could not be gathered", str(error))
                self._show_state(has_button=True)
            return
        if self._is_closed:
            return
        self._model.show_files(files)
        size = format_bytes(sum(file.size_bytes for file in files))
        self._say(f"{len(files)} files, {size} of text. {_LEFT_OUT}")
        self._pages.setCurrentIndex(0)
        self.copy_button.setEnabled(True)
        self.save_button.setEnabled(True)
        self.list.show_row(0)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_selected(self) -> None:
        row = self.list.selected_row()
        if row is not None:
            file = self._model.files[row]
            self._name.setText(file.name)
            self.text.setPlainText(file.text)

    def _copy(self) -> None:
        row = self.list.selected_row()
        if row is not None:
            file = self._model.files[row]
            QGuiApplication.clipboard().setText(file.text)
            self._say(f"{file.name} is on the clipboard.", is_done=True)

    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        name = f"tickreel-diagnostics-{time.strftime('%Y-%m-%d')}.zip"
        chooser = QFileDialog(self, "Save the diagnostics", str(Path(folder, name)), "Zip files (*.zip)")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("zip")
        chooser.fileSelected.connect(self.save_to)
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def save_to(self, path: str) -> None:
        """Write what is shown to a file."""
        self.save_button.setEnabled(False)
        self._tasks.start(self._save(Path(path)), "save diagnostics")

    async def _save(self, path: Path) -> None:
        problem = None
        try:
            await asyncio.to_thread(save, self._model.files, path)
        except TickreelError as error:
            problem = error
        if self._is_closed:
            return
        self.save_button.setEnabled(True)
        if problem is None:
            self._say(f"Saved to {path}", is_done=True)
            self.saved.emit(str(path))
        else:
            self._say(f"Nothing was saved: {problem}", is_wrong=True)
