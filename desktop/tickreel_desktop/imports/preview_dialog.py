"""The dialog between a drop and the import: every file with what was found of it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.market.units import format_bytes, format_full
from tickreel.store import CHECKED_ROWS
from tickreel_desktop.components import (
    ButtonKind,
    ElidedLabel,
    ProgressBar,
    Segment,
    Segments,
    button,
    label,
)
from tickreel_desktop.imports.commands import import_commands
from tickreel_desktop.imports.preview import FilePreview, ImportOptions, Verdict
from tickreel_desktop.imports.preview_model import PreviewModel, Shown
from tickreel_desktop.imports.preview_table import PreviewTable
from tickreel_desktop.imports.question_bar import QuestionBar
from tickreel_desktop.theme import Role, Theme, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.imports.scanner import Scanner

_SIZE_PX = (1120, 620)
_SMALLEST_PX = (820, 420)


class PreviewDialog(QDialog):
    """Show the files of one drop while *scanner* checks them; the caller imports what was chosen."""

    import_requested = Signal(list)
    """Import these requests."""

    def __init__(self, theme: Theme, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scanner = scanner
        self.model = PreviewModel(self)
        self.setWindowTitle("Import")
        self.setAccessibleName("Import: what the files are")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        px = theme.px
        self.table = PreviewTable(theme, self.model)
        self.question_bar = QuestionBar(theme)
        self.question_bar.answered.connect(self._answer)
        self.question_bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        inset = QVBoxLayout()
        inset.setContentsMargins(px(16), 0, px(16), px(10))
        inset.addWidget(self.question_bar)
        column.addLayout(inset)
        column.addWidget(self.table, 1)
        column.addWidget(self._make_detail())
        column.addWidget(self._make_foot())
        self.setMinimumSize(px(_SMALLEST_PX[0]), px(_SMALLEST_PX[1]))
        self.resize(px(_SIZE_PX[0]), px(_SIZE_PX[1]))
        self.model.dataChanged.connect(lambda *_: self._renew())
        self.model.modelReset.connect(lambda: self._renew())
        self.model.rowsInserted.connect(lambda *_: self._renew())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._renew_selected())
        scanner.listed.connect(self.model.add)
        scanner.checked.connect(self.model.renew)
        scanner.finished.connect(self._renew)
        self._renew()

    def _make_head(self) -> QWidget:
        px = self._theme.px
        head = QFrame()
        set_role(head, Role.PANEL)
        self._title = label("", Role.TITLE)
        self._left_out = ElidedLabel()
        set_role(self._left_out, Role.SECONDARY)
        self._progress = ProgressBar("Files checked")
        self._progress.setFixedWidth(px(120))
        self._counted = label("", Role.SECONDARY)
        self.stop_button = button(self._theme, "Stop checking")
        self.stop_button.setToolTip("Files that are not checked are left out")
        self.stop_button.clicked.connect(lambda: self._scanner.stop())
        self.filter = Segments(
            self._theme,
            "Files shown",
            (
                Segment(Shown.ALL.value, "All"),
                Segment(Shown.CHOSEN.value, "To import"),
                Segment(Shown.LEFT_OUT.value, "Left out"),
            ),
            small=True,
        )
        self.filter.chosen.connect(lambda key: self.model.show_only(Shown(key)))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(self._title)
        words.addWidget(self._left_out)
        row = QHBoxLayout(head)
        row.setContentsMargins(px(16), px(12), px(16), px(10))
        row.setSpacing(px(10))
        row.addLayout(words, 1)
        for each in (self._progress, self._counted, self.stop_button, self.filter):
            row.addWidget(each, 0, Qt.AlignmentFlag.AlignVCenter)
        return head

    def _make_detail(self) -> QFrame:
        px = self._theme.px
        foot = QFrame()
        set_role(foot, Role.FOOT)
        self._path = ElidedLabel("", Qt.TextElideMode.ElideMiddle)
        set_role(self._path, Role.MONO)
        self._finding = label("", Role.SECONDARY, wrap=True)
        self._finding.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._finding.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._finding.setMinimumHeight(px(34))
        column = QVBoxLayout(foot)
        column.setContentsMargins(px(16), px(8), px(16), px(8))
        column.setSpacing(px(4))
        column.addWidget(self._path)
        column.addWidget(self._finding)
        return foot

    def _make_foot(self) -> QFrame:
        px = self._theme.px
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        self.replace_box = QCheckBox("Replace days that are held")
        self.replace_box.setToolTip("What is held of them goes to the trash, and can be restored")
        self.complete_box = QCheckBox("Treat the days as complete")
        self.complete_box.setToolTip("Otherwise a day whose rows begin late or end early counts as partial")
        for box in (self.replace_box, self.complete_box):
            box.toggled.connect(lambda _on: self._set_options())
        self._caption = label("", Role.CAPTION)
        self.copy_button = button(self._theme, "Copy as command", ButtonKind.FLAT, icon="terminal-window")
        self.copy_button.clicked.connect(lambda: self._copy())
        cancel = button(self._theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self.import_button = button(self._theme, "Import", ButtonKind.PRIMARY, icon="upload-simple")
        self.import_button.clicked.connect(lambda: self._import())
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.setSpacing(px(14))
        row.addWidget(self.replace_box)
        row.addWidget(self.complete_box)
        row.addStretch(1)
        row.addWidget(self._caption)
        row.addWidget(self.copy_button)
        row.addWidget(cancel)
        row.addWidget(self.import_button)
        return foot

    def title(self) -> str:
        """Give the sentence at the top."""
        return self._title.text()

    def left_out(self) -> str:
        """Give what is said of the files that are left out."""
        return self._left_out.text()

    def finding(self) -> str:
        """Give what is said of the selected file."""
        return self._finding.text()

    def _renew(self) -> None:
        sums = self.model.sums()
        is_running = self._scanner.is_running
        done = sums.files - sums.unchecked
        self._title.setText(_title(sums.files, sums.chosen, is_running=is_running))
        self._left_out.setText(
            f"Left out: {sums.left_out}." if sums.left_out and not is_running else _explanation()
        )
        for each in (self._progress, self._counted, self.stop_button):
            each.setVisible(is_running)
        self._progress.set_fraction(done / sums.files if sums.files else None)
        self._counted.setText(f"{format_full(done)} of {format_full(sums.files)}")
        self.filter.set_text(Shown.ALL, f"All {format_full(sums.files)}")
        self.filter.set_text(Shown.CHOSEN, f"To import {format_full(sums.chosen)}")
        self.filter.set_text(Shown.LEFT_OUT, f"Left out {format_full(sums.files - sums.chosen)}")
        chosen = f"{format_full(sums.chosen)} file{'s' if sums.chosen != 1 else ''}"
        self.import_button.setText(f"Import {chosen}, {format_bytes(sums.chosen_bytes)}")
        self.import_button.setEnabled(bool(sums.chosen) and not is_running)
        self.copy_button.setEnabled(self.import_button.isEnabled())
        self._caption.setText("Nothing is stored yet" if not is_running else "Import when all are checked")
        if self.table.selected_row() is None and self.model.rowCount():
            self.table.show_row(0)
        self._renew_selected()

    def _renew_question(self) -> None:
        asked = self.model.questions()
        self.question_bar.setVisible(bool(asked))
        if not asked:
            return
        known = self.question_bar.question
        question = known if known in asked else next(iter(asked))
        assert question is not None  # there is one
        self.question_bar.ask(question, asked[question], self._meant(asked[question]))

    def _meant(self, files: Sequence[FilePreview]) -> FilePreview:
        """Give the selected file where the question is about it, else the first."""
        row = self.table.selected_row()
        selected = None if row is None else self.model.preview_at(row)
        return selected if selected in files and selected is not None else files[0]

    def _renew_selected(self) -> None:
        row = self.table.selected_row()
        preview = None if row is None else self.model.preview_at(row)
        self._path.setText("" if preview is None else str(preview.path))
        self._finding.setText("" if preview is None else _detail(preview, self.model))
        is_wrong = preview is not None and bool(preview.problem)
        set_style_property(self._finding, "tone", "error" if is_wrong else "")
        self._renew_question()

    def _answer(self, choice: str, for_all: bool) -> None:
        question = self.question_bar.question
        files = self.model.questions().get(question, []) if question is not None else []
        if question is None or not files:
            return
        meant = files if for_all else [self._meant(files)]
        fresh = [
            FilePreview(each.number, question.answered(each.request, choice), each.size_bytes)
            for each in meant
        ]
        self._scanner.check_again(fresh)
        self.model.renew(fresh)

    def _set_options(self) -> None:
        self.model.set_options(ImportOptions(self.replace_box.isChecked(), self.complete_box.isChecked()))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(import_commands(self.model.chosen()))
        self._caption.setText("The command is on the clipboard")

    def _import(self) -> None:
        chosen = self.model.chosen()
        self.accept()
        self.import_requested.emit(chosen)


def _title(files: int, chosen: int, *, is_running: bool) -> str:
    if not files:
        return "Looking for files" if is_running else "There is nothing to import"
    told = f"{format_full(files)} file{'s' if files != 1 else ''}"
    return f"Checking {told}" if is_running else f"{format_full(chosen)} of {told} can be imported"


def _explanation() -> str:
    return f"The first {format_full(CHECKED_ROWS)} rows of each are checked; the rest while it is imported."


def _detail(preview: FilePreview, model: PreviewModel) -> str:
    match model.verdict_of(preview):
        case Verdict.OVERLAPS:
            return (
                "Rows of the same time are held from another file. Where they are equal, as of one file "
                "packed twice, there is nothing to do. Where they differ, this one is refused; “Replace "
                "days that are held” swaps the days, and the old ones go to the trash."
            )
        case Verdict.SECOND:
            return (
                "Only one file can stand for a whole day, or replace it: the first that was found. Without "
                "these two options, files whose times do not overlap are stored as parts of the day."
            )
        case Verdict.GOOD if model.files_of_day(preview) > 1:
            return (
                f"{preview.words(Verdict.GOOD)}. Several files of this drop have its day: they are stored "
                "as its parts, where their times do not overlap; one that overlaps is refused."
            )
        case Verdict.ASKING if preview.question is not None:
            return preview.question.reason
        case Verdict.HERE:
            return "What is held of its days came from a file of just these bytes: there is nothing to do."
    return model.words_of(preview)
