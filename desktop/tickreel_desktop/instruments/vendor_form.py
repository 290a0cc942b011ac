"""The form that asks the vendor, for one instrument or for all of an exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from tickreel_desktop.components import ButtonKind, ProgressBar, Segment, Segments, button
from tickreel_desktop.instruments.commands import fetch_command
from tickreel_desktop.instruments.form import Form

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.theme import Theme

_ONE, _ALL = "one", "all"
_ABOUT = (
    "Needs a key whose plan includes the vendor's instruments. Only what is new is recorded. It cannot be "
    "undone, but what you type in takes precedence."
)


class VendorForm(Form):
    """Ask for an asking of the vendor."""

    asking_wanted = Signal(str, object)
    """An exchange, and a symbol or None for all of it."""
    cancelled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._is_running = False
        self._symbol: str | None = None
        self.about.setText(_ABOUT)
        self.exchange = QLineEdit()
        self.exchange.setAccessibleName("Exchange")
        self.exchange.setPlaceholderText("as the vendor spells it, such as binance-futures")
        self.extent = Segments(
            theme,
            "What is asked for",
            (Segment(_ONE, "This instrument"), Segment(_ALL, "All of the exchange")),
        )
        self.bar = ProgressBar("The vendor is asked")
        self.ask_button = button(theme, "Ask the vendor", ButtonKind.PRIMARY, icon="cloud-arrow-down")
        self.cancel_button = button(theme, "Cancel")
        self.add_line("Exchange", self.exchange)
        self._extent_caption = self.add_line("Ask for", self.extent)
        self.column.insertWidget(2, self.bar)
        self.add_buttons(self.ask_button, self.cancel_button)
        self.exchange.textChanged.connect(lambda _text: self.renew())
        self.exchange.returnPressed.connect(self._on_ask)
        self.extent.chosen.connect(lambda _key: self.renew())
        self.ask_button.clicked.connect(lambda: self._on_ask())
        self.cancel_button.clicked.connect(lambda: self.cancelled.emit())
        self.renew()

    def show_instrument(self, exchange: str, symbol: str | None) -> None:
        """Ask for another instrument; without a symbol only a whole exchange can be asked for."""
        self._symbol = symbol
        if exchange:
            self.exchange.setText(exchange)
        self.exchange.setReadOnly(symbol is not None)
        self.extent.choose(_ALL if symbol is None else _ONE)
        for part in (self._extent_caption, self.extent):
            part.setVisible(symbol is not None)
        self.renew()

    def show_running(self, is_running: bool) -> None:
        """Show that the vendor is asked, or that it is over."""
        self._is_running = is_running
        if is_running:
            self.set_problem("")
        self.bar.set_fraction(None if is_running else 0.0)
        self.renew()

    def show_failure(self, text: str) -> None:
        """Say why the vendor could not be asked; it can be tried again."""
        self.set_problem(text)
        self.ask_button.setText("Try again")

    def command(self) -> str | None:
        """Give the command line that asks for the same."""
        exchange = self.exchange.text().strip()
        return fetch_command(exchange, self._asked_symbol()) if exchange else None

    def renew(self) -> None:
        """Say what can be done now."""
        can_ask = bool(self.exchange.text().strip()) and not self.off_reason
        self.set_problem(self.off_reason)
        self.bar.setVisible(self._is_running)
        self.cancel_button.setVisible(self._is_running)
        self.ask_button.setVisible(not self._is_running)
        self.ask_button.setEnabled(can_ask)
        self.ask_button.setText("Ask the vendor")
        self.exchange.setEnabled(not self._is_running)
        self.extent.setEnabled(not self._is_running and self._symbol is not None)
        self.command_changed.emit()

    def _asked_symbol(self) -> str | None:
        return self._symbol if self.extent.value() == _ONE else None

    def _on_ask(self) -> None:
        if self.ask_button.isEnabled() and not self._is_running:
            self.asking_wanted.emit(self.exchange.text().strip(), self._asked_symbol())
