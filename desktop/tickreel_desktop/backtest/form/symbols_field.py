"""Which symbols are traded, in the order in which equal times come: chips, and a field that finds more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tickreel_desktop.components import Chip, FlowLayout, label
from tickreel_desktop.replay.symbol_search import SymbolSearch
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.theme import Theme


class SymbolsField(QWidget):
    """Hold exchanges and symbols."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._known: Sequence[tuple[str, str]] = ()
        self._chips: dict[tuple[str, str], Chip] = {}
        self._box = QFrame()
        self._flow = FlowLayout(self._box, 0, theme.px(4), fills=False)
        self.search = SymbolSearch(theme)
        self.search.chosen.connect(self._on_chosen)
        self.search.refused.connect(self._on_refused)
        self._refusal = label("", Role.ERROR, wrap=True)
        self._refusal.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(self._box)
        column.addWidget(self.search)
        column.addWidget(self._refusal)
        self._box.hide()

    def symbols(self) -> tuple[tuple[str, str], ...]:
        """Give exchange and symbol of each."""
        return tuple(self._chips)

    def offer(self, known: Sequence[tuple[str, str]]) -> None:
        """Find these, which are held."""
        self._known = known
        self.search.offer(known, self.symbols())

    def set_symbols(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show these symbols without telling anyone."""
        for pair in tuple(self._chips):
            self._drop(pair)
        for pair in pairs:
            self._add(pair)
        self._renew()

    def _add(self, pair: tuple[str, str]) -> None:
        if pair in self._chips:
            return
        chip = Chip(self._theme, " ".join(pair))
        chip.removed.connect(lambda: self._on_removed(pair))
        self._chips[pair] = chip
        self._flow.addWidget(chip)
        chip.show()

    def _drop(self, pair: tuple[str, str]) -> None:
        chip = self._chips.pop(pair)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _on_chosen(self, exchange: str, symbol: str) -> None:
        self._add((exchange, symbol))
        self._renew()
        self.changed.emit()

    def _on_removed(self, pair: tuple[str, str]) -> None:
        self._drop(pair)
        self._renew()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _on_refused(self, why: str) -> None:
        self._refusal.setText(why)
        self._refusal.setVisible(bool(why))

    def _renew(self) -> None:
        self._box.setVisible(bool(self._chips))
        self.search.offer(self._known, self.symbols())
        self._box.updateGeometry()
