"""Asks, once for all files that it is about, what only the user can say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.components import ButtonKind, ElidedLabel, IconLabel, button, label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.imports.preview import FilePreview
    from tickreel_desktop.imports.questions import Question


class QuestionBar(QFrame):
    """Show one question with its answers as buttons."""

    answered = Signal(str, bool)
    """The choice, and whether it holds for all files that the question is about."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._question: Question | None = None
        self._buttons: list[QPushButton] = []
        set_role(self, Role.BANNER)
        self.setProperty("kind", "warning")
        px = theme.px
        self._heading = label("", Role.SECTION)
        self._reason = ElidedLabel()
        set_role(self._reason, Role.SECONDARY)
        self._for_all = QCheckBox()
        self._for_all.setChecked(True)
        self._for_all.setAccessibleName("The answer holds for all files of the kind")
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(self._heading)
        words.addWidget(self._reason)
        self._choices = QHBoxLayout()
        self._choices.setSpacing(px(8))
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(8), px(12), px(8))
        row.setSpacing(px(12))
        row.addWidget(IconLabel(theme, "question", "warning"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addLayout(words, 1)
        row.addWidget(self._for_all)
        row.addLayout(self._choices)

    @property
    def question(self) -> Question | None:
        """What is asked now."""
        return self._question

    def ask(self, question: Question, files: Sequence[FilePreview], meant: FilePreview) -> None:
        """Ask about *files*; an answer for one alone holds for the file that is *meant*."""
        self._heading.setText(f"{question.heading} {_counted(len(files), meant)}")
        self._reason.setText(question.reason)
        self._for_all.setText("" if len(files) == 1 else f"For all {format_full(len(files))}")
        self._for_all.setToolTip(f"Otherwise for {meant.path.name} only")
        self._for_all.setVisible(len(files) > 1)
        self.setAccessibleName(self._heading.text())
        if question == self._question:
            return
        self._question = question
        for old in self._buttons:
            old.setParent(None)
        self._buttons = [self._make_button(choice) for choice in question.choices]
        for each in self._buttons:
            self._choices.addWidget(each)

    def _make_button(self, choice: str) -> QPushButton:
        made = button(self._theme, choice, ButtonKind.PLAIN)
        made.setObjectName(f"choice.{choice}")
        made.clicked.connect(lambda: self.answered.emit(choice, self._for_all.isChecked()))
        return made


def _counted(count: int, meant: FilePreview) -> str:
    return meant.path.name if count == 1 else f"{format_full(count)} files"
