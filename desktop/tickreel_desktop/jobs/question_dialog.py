"""The dialog that asks what only the user can say of a file, with the answers as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tickreel.market.units import format_full
from tickreel_desktop.components import ButtonKind, button, label
from tickreel_desktop.theme import Role, Theme, set_role

if TYPE_CHECKING:
    from tickreel_desktop.imports.item import ImportItem

_WIDTH_PX = 440


class QuestionDialog(QDialog):
    """Ask one question about one file; without a choice the file is left out.

    Use ``open()``; *choice* and *is_for_all* hold the answer once it has finished.
    """

    def __init__(self, theme: Theme, item: ImportItem, others: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.item = item
        self.choice: str | None = None
        question = item.question
        assert question is not None  # only asked while there is one
        self.setWindowTitle("Import")
        self.setAccessibleName(f"{question.heading} {item.path.name}")
        heading = label(question.heading, Role.TITLE)
        file = label(item.path.name, Role.MONO, wrap=True)
        file.setToolTip(str(item.path))
        reason = label(question.reason, Role.SECONDARY, wrap=True)
        choices = QHBoxLayout()
        choices.setSpacing(theme.px(8))
        for choice in question.choices:
            chooser = button(theme, choice, ButtonKind.PLAIN)
            chooser.setObjectName(f"choice.{choice}")
            chooser.clicked.connect(lambda _checked=False, chosen=choice: self._choose(chosen))
            choices.addWidget(chooser)
        choices.addStretch(1)
        body = QVBoxLayout()
        margin = theme.px(16)
        body.setContentsMargins(margin, margin, margin, margin)
        body.setSpacing(theme.px(8))
        body.addWidget(heading)
        body.addWidget(file)
        body.addWidget(reason)
        body.addSpacing(theme.px(8))
        body.addLayout(choices)
        self._for_all = QCheckBox(f"The same for the other {format_full(others)} files of this import")
        if others == 1:
            self._for_all.setText("The same for the other file of this import")
        self._for_all.setVisible(others > 0)
        body.addWidget(self._for_all)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        foot_row = QHBoxLayout(foot)
        foot_row.setContentsMargins(margin, theme.px(10), margin, theme.px(10))
        foot_row.addWidget(label("Nothing of it is stored until you choose.", Role.CAPTION))
        foot_row.addStretch(1)
        leave = button(theme, "Leave this file out")
        leave.clicked.connect(self.reject)
        foot_row.addWidget(leave)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body)
        column.addWidget(foot)
        self.setMinimumWidth(theme.px(_WIDTH_PX))
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)

    @property
    def is_for_all(self) -> bool:
        """Whether the choice holds for the rest of what was given with the file."""
        return self._for_all.isChecked()

    def _choose(self, choice: str) -> None:
        self.choice = choice
        self.accept()
