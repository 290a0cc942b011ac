"""The dialog of an unexpected error: what happened, what it means for one's data, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from tickreel.market.units import format_full
from tickreel_desktop.components import ButtonKind, IconLabel, button, label
from tickreel_desktop.theme import FontRole, Role, Theme, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from tickreel_desktop.crash.report import CrashReport

_WIDTH_PX = 600
_DETAILS_PX = 220
_HEADING = "Something went wrong inside Tickreel"
_MEANING = (
    "This is a bug in Tickreel. Stored data is as it was: a day is written whole or not at all. "
    "You can continue; if the window behaves oddly, quit and start again."
)


class CrashDialog(QDialog):
    """Tell of one error, and count those that come while it is open. Use ``open()``."""

    quit_requested = Signal()
    diagnostics_requested = Signal()

    def __init__(self, theme: Theme, report: CrashReport, parent: QWidget) -> None:
        super().__init__(parent)
        self.report = report
        self.setWindowTitle("Tickreel: unexpected error")
        self.setAccessibleName(f"{_HEADING}. {report.sentence}")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        heading = label(_HEADING, Role.TITLE)
        self._sentence = label(report.sentence, wrap=True)
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._meaning = label(_MEANING, Role.SECONDARY, wrap=True)
        self._count = label("", Role.CAPTION, wrap=True)
        self._count.hide()
        self.details = QPlainTextEdit(report.details)
        self.details.setAccessibleName("Details: versions and traceback")
        self.details.setReadOnly(True)
        self.details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(theme.font(FontRole.MONO))
        self.details.setTabChangesFocus(True)
        self.details.setFixedHeight(theme.px(_DETAILS_PX))
        self.details.hide()
        self._theme = theme
        self.details_button = button(theme, "Details", ButtonKind.FLAT)
        self.details_button.setToolTip("Show versions and traceback")
        self.details_button.clicked.connect(lambda: self._show_details(not self.details.isVisible()))
        self.copy_button = button(theme, "Copy details", ButtonKind.FLAT, icon="copy")
        self.copy_button.clicked.connect(lambda: self._copy())
        self.save_button = button(theme, "Save diagnostics...", ButtonKind.FLAT, icon="floppy-disk")
        self.save_button.clicked.connect(lambda: self.diagnostics_requested.emit())
        self.quit_button = button(theme, "Quit")
        self.quit_button.clicked.connect(lambda: self._quit())
        self.go_on_button = button(theme, "Continue", ButtonKind.PRIMARY)
        self.go_on_button.clicked.connect(lambda: self.accept())
        self.go_on_button.setDefault(True)
        self._lay_out(heading)
        self._name_details()
        self.go_on_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self, heading: QWidget) -> None:
        px = self._theme.px
        body = QGridLayout()
        body.setContentsMargins(px(20), px(20), px(20), px(12))
        body.setHorizontalSpacing(px(12))
        body.setVerticalSpacing(px(8))
        icon = IconLabel(self._theme, "x-circle", "error", 20)
        body.addWidget(icon, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        for row, each in enumerate((heading, self._sentence, self._meaning, self._count)):
            body.addWidget(each, row, 1)
        tools = QHBoxLayout()
        tools.setSpacing(px(4))
        tools.setContentsMargins(0, px(4), 0, 0)
        for each in (self.details_button, self.copy_button, self.save_button):
            tools.addWidget(each)
        tools.addStretch(1)
        body.addLayout(tools, 4, 1)
        body.addWidget(self.details, 5, 1)
        body.setColumnStretch(1, 1)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        foot_row = QHBoxLayout(foot)
        foot_row.setContentsMargins(px(16), px(10), px(16), px(10))
        foot_row.setSpacing(px(8))
        foot_row.addWidget(label("The log has the details as well.", Role.CAPTION), 1)
        foot_row.addWidget(self.quit_button)
        foot_row.addWidget(self.go_on_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body)
        column.addWidget(foot)
        self._column = column

    def show_counts(self, repeats: int, others: int) -> None:
        """Say how often the same error came again, and how many others came, since the dialog opened."""
        words = []
        if repeats:
            words.append(f"The same happened {_times(repeats)} more.")
        if others:
            words.append(
                f"{format_full(others)} other error{'s' if others != 1 else ''} came since; the log has "
                f"{'them' if others != 1 else 'it'}."
            )
        self._count.setText(" ".join(words))
        self._count.setVisible(bool(words))
        self._fit()

    def counts(self) -> str:
        """Give what is said of repeats."""
        return self._count.text()

    def _name_details(self) -> None:
        is_open = not self.details.isHidden()
        self._theme.bind_icon(self.details_button, "caret-down" if is_open else "caret-right", "text_2", 14)
        self.details_button.setAccessibleName("Hide details" if is_open else "Show details")

    def _show_details(self, is_wanted: bool) -> None:
        self.details.setVisible(is_wanted)
        self._name_details()
        self._fit()

    def _fit(self) -> None:
        """Be as high as what is shown needs at a fixed width, since wrapped text has no height of its own."""
        width = self._theme.px(_WIDTH_PX)
        self._column.activate()
        self.setFixedSize(width, self._column.totalHeightForWidth(width))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.details)
        self.copy_button.setText("Copied")

    def _quit(self) -> None:
        self.quit_requested.emit()
        self.accept()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the size that the text needs in its final type."""
        self._fit()
        super().showEvent(event)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{format_full(count)} times"
