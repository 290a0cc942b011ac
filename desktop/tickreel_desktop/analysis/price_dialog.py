"""Takes the price of a model that nobody has said yet: without one no cap can hold, and it is not called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tickreel.analysis.prices import Price
from tickreel.errors import UsageError
from tickreel_desktop.components import ButtonKind, CommandLine, button, label
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

_WIDTH_PX = 440


class PriceDialog(QDialog):
    """Ask what a million tokens cost; whoever opened it writes it down."""

    price_given = Signal(object)
    """The :class:`Price`."""

    def __init__(self, theme: Theme, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analysis.price")
        self.setWindowTitle(f"Price of {model}")
        self.setAccessibleName(f"Price of {model}")
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        self._model = model
        px = theme.px
        self.sent, self.received = QLineEdit(), QLineEdit()
        self.sent.setAccessibleName("US dollars for a million tokens that are sent")
        self.received.setAccessibleName("US dollars for a million tokens that come back")
        self.received.setPlaceholderText("the same")
        self.problem = label("", Role.ERROR, wrap=True)
        self.command = CommandLine(theme)
        cancel = button(theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self.keep_button = button(theme, "Keep price", ButtonKind.PRIMARY)
        self.keep_button.setDefault(True)
        self.keep_button.clicked.connect(self._on_keep)
        body = QVBoxLayout()
        body.setContentsMargins(px(16), px(16), px(16), px(16))
        body.setSpacing(px(8))
        about = (
            "US dollars for a million tokens, 0 where it is free. Calls are counted with it from now on; "
            "those that were made keep the price they had."
        )
        body.addWidget(label(about, Role.SECONDARY, wrap=True))
        body.addWidget(label("Sent", Role.LABEL))
        body.addWidget(self.sent)
        body.addWidget(label("Received, where it differs", Role.LABEL))
        body.addWidget(self.received)
        body.addWidget(self.problem)
        body.addWidget(label("As a command", Role.LABEL))
        body.addWidget(self.command)
        foot = QFrame()
        set_role(foot, Role.DIALOG_FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(px(16), px(10), px(16), px(10))
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.keep_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(body)
        column.addWidget(foot)
        self.setFixedWidth(px(_WIDTH_PX))
        for field in (self.sent, self.received):
            field.textChanged.connect(lambda _text: self._renew())
        self._renew()

    def _price(self) -> Price | None:
        if not self.sent.text().strip():
            return None
        return Price.per_mtok(self.sent.text(), self.received.text().strip() or None)

    def _renew(self) -> None:
        problem, price = "", None
        try:
            price = self._price()
        except UsageError as error:
            problem = str(error)
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.keep_button.setEnabled(price is not None)
        told = "USD_PER_MTOK" if price is None else f"{price.usd_in_per_mtok:g}"
        if price is not None and price.usd_out_per_mtok != price.usd_in_per_mtok:
            told += f" {price.usd_out_per_mtok:g}"
        self.command.set_command(f"tickreel llm price {self._model} {told}")

    def _on_keep(self) -> None:
        price = self._price()
        if price is not None:
            self.accept()
            self.price_given.emit(price)
