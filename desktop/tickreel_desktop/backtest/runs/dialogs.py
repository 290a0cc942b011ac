"""What the user writes of runs: tags and a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from tickreel.backtest.runs.records import checked_tag
from tickreel.errors import UsageError
from tickreel_desktop.components import ButtonKind, Chip, FlowLayout, button, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QPushButton

    from tickreel_desktop.theme import Theme

_WIDTH_PX = 440
_MOST_KNOWN = 12


class _Dialog(QDialog):
    """A heading, a body, and a foot with Cancel and what is done."""

    def __init__(self, theme: Theme, heading: str, do_it: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle(heading)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme.px(_WIDTH_PX))
        px = theme.px
        self.body = QVBoxLayout()
        self.body.setContentsMargins(px(16), px(16), px(16), px(16))
        self.body.setSpacing(px(8))
        self.body.addWidget(label(heading, Role.TITLE, wrap=True))
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.setSpacing(px(8))
        row.addStretch(1)
        cancel = button(theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self.do_button: QPushButton = button(theme, do_it, ButtonKind.PRIMARY)
        self.do_button.clicked.connect(self.accept)
        for each in (cancel, self.do_button):
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.body, 1)
        column.addWidget(foot)


class TagDialog(_Dialog):
    """Add tags to runs and take off those that all of them have."""

    def __init__(
        self,
        theme: Theme,
        count: int,
        common: Sequence[str],
        known: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        """Begin with the tags that *count* runs have in common; offer those that are *known*."""
        super().__init__(
            theme, "Tags of the run" if count == 1 else f"Tags of {count} runs", "Save tags", parent
        )
        self._common = tuple(common)
        self._tags = list(common)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Add a tag, then Enter")
        self.field.setAccessibleName("Tag to add")
        self.field.returnPressed.connect(self._add)
        self._problem = label("", Role.ERROR, wrap=True)
        self._problem.hide()
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, 0, theme.px(6), fills=False)
        self.body.addWidget(self._chips)
        self.body.addWidget(self.field)
        self.body.addWidget(self._problem)
        if known:
            offered = QWidget()
            flow = FlowLayout(offered, 0, theme.px(6), fills=False)
            for tag in known[:_MOST_KNOWN]:
                each = button(theme, tag, ButtonKind.FLAT, icon="plus")
                each.clicked.connect(lambda _on=False, which=tag: self._take(which))
                flow.addWidget(each)
            self.body.addWidget(label("In use", Role.LABEL))
            self.body.addWidget(offered)
        self._show()
        self.field.setFocus()

    @property
    def added(self) -> tuple[str, ...]:
        """The tags that are to be added."""
        return tuple(tag for tag in self._tags if tag not in self._common)

    @property
    def removed(self) -> tuple[str, ...]:
        """The tags that are to be taken off."""
        return tuple(tag for tag in self._common if tag not in self._tags)

    def accept(self) -> None:
        """Take what is still in the field, and be done; what is no tag is said."""
        if not self.field.text().strip() or self._add():
            super().accept()

    def _add(self) -> bool:
        return self._take(self.field.text().strip())

    def _take(self, tag: str) -> bool:
        try:
            checked_tag(tag)
        except UsageError as error:
            self._problem.setText(str(error))
            self._problem.show()
            return False
        self._problem.hide()
        if tag not in self._tags:
            self._tags.append(tag)
        self.field.clear()
        self._show()
        return True

    def _remove(self, tag: str) -> None:
        self._tags.remove(tag)
        self._show()

    def _show(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for tag in self._tags:
            chip = Chip(self._theme, tag)
            chip.removed.connect(lambda which=tag: self._remove(which))
            self._flow.addWidget(chip)
        self._chips.setVisible(bool(self._tags))


class NoteDialog(_Dialog):
    """Write what there is to say of a run."""

    def __init__(self, theme: Theme, name: str, notes: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, f"Note of {name}", "Save note", parent)
        self.text = QPlainTextEdit(notes)
        self.text.setAccessibleName("Note of the run")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(theme.px(120))
        self.body.addWidget(self.text, 1)
        self.text.setFocus()
