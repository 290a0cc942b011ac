"""Which trades time and sales show: by amount, by side, merged or not, and which of them are large."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLineEdit, QWidget

from tickreel_desktop.components import Segment, Segments, label
from tickreel_desktop.replay.tape.trades import TradeFilter
from tickreel_desktop.theme import Role, set_role

if TYPE_CHECKING:
    from tickreel_desktop.theme import Theme

_SIDES = {"all": None, "buy": 0, "sell": 1}


class FilterBar(QFrame):
    """Let the user choose what is shown; what cannot be read stays without effect and says so."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, Role.BAR)
        self.least_field = _amount_field("Smallest amount shown", "any")
        self.large_field = _amount_field("Amount from which a trade is large", "top 1 %")
        self.side = Segments(theme, "Side", [Segment(key, key) for key in _SIDES], small=True)
        self.merge = QCheckBox("Merge one microsecond")
        self.merge.setToolTip("Trades of one microsecond and side are one row, with the last one's price.")
        self._trouble = label("", Role.ERROR, wrap=True)
        self._trouble.hide()
        self._least = 0.0
        self._large: float | None = None
        px = theme.px
        grid = QGridLayout(self)
        grid.setContentsMargins(px(8), px(6), px(8), px(8))
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(4))
        for column, (caption, field) in enumerate(
            (("From amount", self.least_field), ("Large from", self.large_field))
        ):
            grid.addWidget(label(caption, Role.LABEL), 0, column)
            grid.addWidget(field, 1, column)
        grid.addWidget(self.side, 2, 0)
        grid.addWidget(self.merge, 2, 1)
        grid.addWidget(self._trouble, 3, 0, 1, 2)
        for field in (self.least_field, self.large_field):
            field.textChanged.connect(self._on_edited)
        self.side.chosen.connect(lambda _key: self.changed.emit())
        self.merge.toggled.connect(lambda _on: self.changed.emit())

    @property
    def wanted(self) -> TradeFilter:
        """What is to be shown."""
        return TradeFilter(self._least, _SIDES[self.side.value()], self.merge.isChecked())

    @property
    def large_from(self) -> float | None:
        """The amount typed from which on a trade is large; None leaves it to the trades."""
        return self._large

    def trouble(self) -> str:
        """Give what is said of a field that cannot be read; empty where all can be."""
        return self._trouble.text()

    def _on_edited(self) -> None:
        least, large = _amount(self.least_field.text()), _amount(self.large_field.text())
        wrong = next((text for text in (least, large) if isinstance(text, str)), "")
        self._trouble.setText(wrong)
        self._trouble.setVisible(bool(wrong))
        if not isinstance(least, str):
            self._least = least or 0.0
        if not isinstance(large, str):
            self._large = large
        self.changed.emit()


def _amount_field(name: str, placeholder: str) -> QLineEdit:
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setPlaceholderText(placeholder)
    made.setClearButtonEnabled(True)
    return made


def _amount(text: str) -> float | str | None:
    """Read an amount; None for an empty text, words about what is wrong for one that is none."""
    text = text.strip()
    if not text:
        return None
    try:
        amount = float(text)
    except ValueError:
        amount = float("nan")
    return amount if isfinite(amount) and amount >= 0 else f"{text!r} is no amount: type a number such as 0.5"
