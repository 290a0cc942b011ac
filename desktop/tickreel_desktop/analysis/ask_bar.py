"""The foot of the panel: a question, the button that sends or stops, and the spend meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tickreel.analysis.prompt import LONGEST_QUESTION
from tickreel_desktop.analysis.meter import SpendMeter
from tickreel_desktop.analysis.rhythm_button import RhythmButton
from tickreel_desktop.components import ButtonKind, ElidedLabel, button
from tickreel_desktop.components.key_cap import spelled_keys
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from tickreel_desktop.theme import Theme

_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SEND = "Ctrl+Enter"


class AskField(QLineEdit):
    """Ctrl+Enter sends, Esc stops; Enter alone does nothing, as sending may cost."""

    send_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_asking = False
        self.setMaxLength(LONGEST_QUESTION)
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send or stop by keyboard."""
        if event.key() in _ENTERS and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.send_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape and self.is_asking:
            self.stop_wanted.emit()
        else:
            super().keyPressEvent(event)


class AskBar(QFrame):
    """Take a question, and send it or stop what is under way."""

    send_wanted = Signal()
    stop_wanted = Signal()
    stop_along_wanted = Signal()
    """Calls along a replay shall be stopped, and no more be made."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.FOOT)
        px = theme.px
        self.field = AskField()
        self.field.send_wanted.connect(self._on_send)
        self.field.stop_wanted.connect(self.stop_wanted)
        self.send_button = button(theme, "Analyse", ButtonKind.PRIMARY)
        self.stop_button = button(theme, "Stop", ButtonKind.DANGER, icon="stop-fill")
        self.stop_button.setToolTip("Close the connection; what came is kept and paid (Esc)")
        self.send_button.clicked.connect(self._on_send)
        self.stop_button.clicked.connect(lambda: self.stop_wanted.emit())
        self.meter = SpendMeter(theme)
        self.rhythm = RhythmButton(theme)
        self.stop_along_button = button(theme, "Stop", ButtonKind.DANGER, icon="stop-fill")
        self.stop_along_button.setToolTip("Close the connections of calls along the replay, and make no more")
        self.stop_along_button.setAccessibleName("Stop analysing while playing")
        self.stop_along_button.clicked.connect(lambda: self.stop_along_wanted.emit())
        self.along = ElidedLabel("")
        set_role(self.along, Role.CAPTION)
        beside = QHBoxLayout()
        beside.setSpacing(px(8))
        beside.addWidget(self.along, 1)
        beside.addWidget(self.stop_along_button)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self.field, 1)
        row.addWidget(self.send_button)
        row.addWidget(self.stop_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(8), px(12), px(8))
        column.setSpacing(px(8))
        column.addWidget(self.rhythm)
        column.addLayout(beside)
        column.addLayout(row)
        column.addWidget(self.meter)
        self._obstacle = ""
        self.show_asking(is_asking=False)
        self.show_along("", is_going=False)
        self.show_analyst(reads_questions=False)

    def question(self) -> str:
        """Give what is asked."""
        return self.field.text().strip() if self.field.isEnabled() else ""

    def show_analyst(self, *, reads_questions: bool) -> None:
        """Say whether a question is read by who is set."""
        self.field.setEnabled(reads_questions)
        told = "Ask about what is in view" if reads_questions else "The offline analyst reads no question"
        self.field.setPlaceholderText(told)
        self.field.setAccessibleName(told)
        self.field.setToolTip(f"{spelled_keys(_SEND)} sends, Esc stops" if reads_questions else "")

    def show_asking(self, *, is_asking: bool) -> None:
        """Let it send, or stop what is under way."""
        self.field.is_asking = is_asking
        had_focus = self.send_button.hasFocus() or self.stop_button.hasFocus()
        self.send_button.setVisible(not is_asking)
        self.stop_button.setVisible(is_asking)
        if had_focus:
            (self.stop_button if is_asking else self.send_button).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_along(self, told: str, *, is_going: bool) -> None:
        """Say what each call along a replay is about, and let them be stopped; empty without any."""
        had_focus = self.stop_along_button.hasFocus()
        self.stop_along_button.setVisible(is_going)
        self.along.setText(told)
        self.along.setVisible(bool(told))
        if had_focus and not is_going:
            self.rhythm.setFocus(Qt.FocusReason.OtherFocusReason)

    def allow(self, obstacle: str) -> None:
        """Say why nothing can be sent; empty where it can."""
        self._obstacle = obstacle
        self.send_button.setEnabled(not obstacle)
        told = f"Measure what is in view and have it analysed ({spelled_keys(_SEND)})"
        self.send_button.setToolTip(obstacle or told)

    def _on_send(self) -> None:
        if not self._obstacle and not self.field.is_asking:
            self.send_wanted.emit()
