"""Symbols as chips with a field to type more: completed from the vendor's list, or spelt by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from tickreel_desktop.components import ButtonKind, Chip, FlowLayout, button, label
from tickreel_desktop.fetching.choices import Choices
from tickreel_desktop.fetching.popup import ChoicePopup
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.theme.roles import set_style_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent

    from tickreel_desktop.theme import Theme

_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Comma, Qt.Key.Key_Tab)
_MOST_SYMBOLS = 200


class SymbolEdit(QLineEdit):
    """The field between the chips; what it does not do itself it tells."""

    taken = Signal(str)
    """The user wants this symbol."""
    last_unwanted = Signal()
    """Backspace in the empty field: the last chip is to go."""
    asked = Signal()
    """The list is wanted, by Down or by a click."""
    gone = Signal()

    def __init__(self, popup: ChoicePopup) -> None:
        super().__init__()
        self._popup = popup
        self.setFrame(False)
        self.setProperty("kind", "bare")
        self.setMinimumWidth(80)
        self.setAccessibleName("Add a symbol")

    def event(self, event: QEvent) -> bool:
        """Keep the keys that are for the open list from the dialog."""
        if event.type() == QEvent.Type.ShortcutOverride and self._popup.isVisible():
            if event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab and self.text().strip():  # type: ignore[attr-defined]
            self.keyPressEvent(event)  # type: ignore[arg-type]
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a symbol, move in the list, close it, or take the last chip away."""
        key, popup = Qt.Key(event.key()), self._popup
        if key in _TAKES and (self.text().strip() or (popup.isVisible() and key != Qt.Key.Key_Tab)):
            self.taken.emit(popup.current() or self.text())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and popup.isVisible():
            popup.step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Down:
            self.asked.emit()
        elif key == Qt.Key.Key_Escape and popup.isVisible():
            popup.hide()
        elif key == Qt.Key.Key_Backspace and not self.text():
            self.last_unwanted.emit()
        elif key == Qt.Key.Key_Comma:
            pass  # it parts symbols, and none begins with it
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the list by a click."""
        super().mousePressEvent(event)
        self.asked.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close the list, and take what was typed: nobody types a symbol to lose it."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.gone.emit()


class SymbolField(QWidget):
    """Hold the symbols that are asked for."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._symbols: list[str] = []
        self._chips: dict[str, Chip] = {}
        self._known = Choices()
        self._near = ""
        self.box = QFrame()
        set_role(self.box, Role.CHIPS)
        self._flow = FlowLayout(self.box, theme.px(4), theme.px(4))
        self.popup = ChoicePopup(theme, "Symbols that match", self.box)
        self.edit = SymbolEdit(self.popup)
        self._flow.addWidget(self.edit)
        self._problem = label("", Role.ERROR, wrap=True)
        self.near_button = button(theme, "", ButtonKind.FLAT)
        self.near_button.clicked.connect(self._take_near)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addWidget(self._problem, 1)
        foot.addWidget(self.near_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        column.addWidget(self.box)
        column.addLayout(foot)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.edit.textEdited.connect(self._on_typed)
        self.edit.taken.connect(self.add)
        self.edit.last_unwanted.connect(self._remove_last)
        self.edit.asked.connect(lambda: self._open_list(self.edit.text()))
        self.edit.gone.connect(self._on_left)
        self.popup.chosen.connect(self.add)
        self._renew()

    def symbols(self) -> tuple[str, ...]:
        """Give the symbols, in the order in which they were chosen."""
        return tuple(self._symbols)

    def problem(self) -> str:
        """Say what is wrong with them; empty when nothing is."""
        return self._problem.text()

    def set_symbols(self, symbols: Sequence[str]) -> None:
        """Hold these symbols, without telling anyone."""
        for symbol in [*self._symbols]:
            self._drop(symbol)
        for symbol in symbols:
            self._put(symbol)
        self._renew()

    def offer(self, choices: Choices) -> None:
        """Complete from this list; empty where there is none."""
        self.popup.choices.replace(choices)
        self._known = choices
        self._renew()
        if self.popup.isVisible() or (self.edit.hasFocus() and self.edit.text()):
            self._open_list(self.edit.text())

    def add(self, text: str) -> None:
        """Take symbols, several parted by commas or spaces; the field is empty then."""
        self.popup.hide()
        self.edit.clear()
        before = len(self._symbols)
        for name in text.replace(",", " ").split():
            self._put(name.upper())
        self._renew()
        if len(self._symbols) != before:
            self.changed.emit()

    def remove(self, symbol: str) -> None:
        """Take a symbol away."""
        self._drop(symbol)
        self._renew()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def set_problem(self, problem: str) -> None:
        """Say what the vendor says of them, where the list says nothing; empty when nothing is wrong."""
        if not self._near and not self._unknown():
            self._show_problem(problem, "")

    def _put(self, symbol: str) -> None:
        if symbol in self._chips or len(self._symbols) >= _MOST_SYMBOLS:
            return
        chip = Chip(self._theme, symbol)
        chip.removed.connect(lambda: self.remove(symbol))
        self._symbols.append(symbol)
        self._chips[symbol] = chip
        self._flow.insert_before_last(chip)

    def _drop(self, symbol: str) -> None:
        self._symbols.remove(symbol)
        chip = self._chips.pop(symbol)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _remove_last(self) -> None:
        if self._symbols:
            self.remove(self._symbols[-1])

    def _on_typed(self, text: str) -> None:
        if text.strip():
            self._open_list(text)
        else:
            self.popup.hide()

    def _open_list(self, text: str) -> None:
        self.popup.open_for(text, frozenset(self._symbols))

    def _on_left(self) -> None:
        self.popup.hide()
        if self.edit.text().strip():
            self.add(self.edit.text())

    def _unknown(self) -> str:
        """Name the first symbol that the list does not hold; empty where there is no list."""
        if not self._known.all:
            return ""
        return next((symbol for symbol in self._symbols if symbol not in self._known.names), "")

    def _renew(self) -> None:
        unknown = self._unknown()
        near = self._known.nearest(unknown) if unknown else ""
        problem = f"The vendor lists no {unknown}" if unknown else ""
        if near:
            problem += f": did you mean {near}?"
        self._show_problem(problem, near)
        self.edit.setPlaceholderText("" if self._symbols else "Type a symbol")

    def _show_problem(self, problem: str, near: str) -> None:
        self._near = near
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self.near_button.setText(f"Use {near}")
        self.near_button.setVisible(bool(near))
        set_style_property(self.box, "error", bool(problem))
        self.edit.setAccessibleDescription(problem)

    def _take_near(self) -> None:
        unknown, near = self._unknown(), self._near
        if unknown and near:
            self._drop(unknown)
            self.add(near)
            self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
