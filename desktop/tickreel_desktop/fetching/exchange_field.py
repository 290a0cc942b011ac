"""The exchange: chosen from the vendor's list, found by typing, or spelt where there is no list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tickreel.market.units import format_age, format_full
from tickreel_desktop.components import ButtonKind, button, label
from tickreel_desktop.fetching.choices import Choices, exchange_choices
from tickreel_desktop.fetching.popup import ChoicePopup
from tickreel_desktop.theme import Role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

    from tickreel.sources.metadata import ExchangeList
    from tickreel_desktop.theme import Theme


class ExchangeEdit(QLineEdit):
    """Type part of a name; Enter takes the one that is marked."""

    taken = Signal(str)
    asked = Signal(str)
    """The list is wanted, of what matches this."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.popup = ChoicePopup(theme, "Exchanges that match", self)
        self.setAccessibleName("Exchange")
        self.setPlaceholderText("Type or choose an exchange")
        self._arrow = QAction("Show the exchanges", self)
        theme.bind_icon(self._arrow, "caret-down", "text_2", 12)
        self._arrow.triggered.connect(self._toggle)
        self.addAction(self._arrow, QLineEdit.ActionPosition.TrailingPosition)
        self.textEdited.connect(self.asked)
        self.popup.chosen.connect(self.taken)

    def _toggle(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.popup.isVisible():
            self.popup.hide()
        else:
            self.asked.emit("")

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the dialog while the list is open."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape  # type: ignore[attr-defined]
            and self.popup.isVisible()
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a name, move in the list, or open and close it."""
        key, popup = Qt.Key(event.key()), self.popup
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit(popup.current() or self.text())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if popup.isVisible():
                popup.step(1 if key == Qt.Key.Key_Down else -1)
            else:
                self.asked.emit("")
        elif key == Qt.Key.Key_Escape and popup.isVisible():
            popup.hide()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the whole list by a click."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.popup.isVisible():
            self.selectAll()
            self.asked.emit("")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what stands there."""
        super().focusOutEvent(event)
        self.popup.hide()
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.taken.emit(self.text())


class ExchangeField(QWidget):
    """Ask for the exchange, and say how old the list is."""

    changed = Signal()
    renew_wanted = Signal()
    """The user wants the list to be read anew."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._exchange = ""
        self.edit = ExchangeEdit(theme, self)
        self._state = label("", Role.CAPTION, wrap=True)
        self.renew_button = button(theme, "Renew", ButtonKind.FLAT)
        self.renew_button.setAccessibleName("Renew the list of exchanges")
        self.renew_button.setToolTip("Ask the vendor for its exchanges again")
        self.renew_button.clicked.connect(lambda: self.renew_wanted.emit())
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addWidget(self._state, 1)
        foot.addWidget(self.renew_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        column.addWidget(self.edit)
        column.addLayout(foot)
        self.edit.asked.connect(lambda typed: self.edit.popup.open_for(typed))
        self.edit.taken.connect(self._take)

    @property
    def exchange(self) -> str:
        """Give the exchange, as the vendor writes all of them."""
        return self._exchange

    def state(self) -> str:
        """Give what is said of the list."""
        return self._state.text()

    def set_exchange(self, exchange: str) -> None:
        """Show an exchange without telling anyone."""
        self._exchange = exchange
        self.edit.setText(exchange)

    def show_list(self, found: ExchangeList | None, now_us: int, problem: str = "") -> None:
        """Offer what was read, and say how old it is and why it was not read anew."""
        if found is not None:
            self.edit.popup.choices.replace(Choices.of(exchange_choices(found)))
            age = format_age(found.fetched_us, now_us)
            count = len(found.names)
            told = f"{format_full(count)} {'exchange' if count == 1 else 'exchanges'}, list read {age}"
            if problem:
                told = f"{told}; it cannot be renewed now: {problem}"
        elif problem:
            told = f"The list was never read, and cannot be now: {problem}. Type the exchange as it is spelt."
        else:
            told = "The list was never read"
        self._state.setText(told)
        set_style_property(self._state, "tone", "warning" if problem else "")
        self.renew_button.setEnabled(True)

    def show_asking(self) -> None:
        """Say that the vendor is being asked."""
        self._state.setText("Asking the vendor for its exchanges…")
        set_style_property(self._state, "tone", "")
        self.renew_button.setEnabled(False)

    def set_problem(self, problem: str) -> None:
        """Mark the exchange as wrong; empty when it is right."""
        set_style_property(self.edit, "error", bool(problem))
        self.edit.setAccessibleDescription(problem)

    def _take(self, text: str) -> None:
        self.edit.popup.hide()
        exchange = text.strip().lower()
        self.edit.setText(exchange)
        if exchange != self._exchange:
            self._exchange = exchange
            self.changed.emit()
