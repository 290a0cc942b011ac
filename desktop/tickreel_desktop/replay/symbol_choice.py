"""The symbol that a replay shows, by name; where it plays several, a choice of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QStackedWidget, QWidget

from tickreel_desktop.components import label
from tickreel_desktop.replay.naming import spell_symbols
from tickreel_desktop.theme import FontRole, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel_desktop.theme import Theme


class SymbolChoice(QStackedWidget):
    """Name the symbol in view, and let another of the replay be chosen."""

    chosen = Signal(int)
    """The place in the replay's plan of what the user chose."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = label("", Role.SECTION)
        self.box = QComboBox()
        self.box.setAccessibleName("Symbol in view")
        self.box.view().setAccessibleName("Symbols")
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.box.activated.connect(self.chosen)
        self.addWidget(self._name)
        self.addWidget(self.box)
        theme.changed.connect(self._dress)
        self._dress()

    def set_symbols(self, symbols: Sequence[tuple[str, str]]) -> None:
        """Name what another replay plays, exchange and symbol; the first is in view."""
        self._name.setText(spell_symbols(symbols))
        self.box.clear()
        # An exchange that they share stands above the charts already.
        is_shared = len({exchange for exchange, _ in symbols}) == 1
        self.box.addItems([one[1] if is_shared else spell_symbols((one,)) for one in symbols])
        shown = self.box if len(symbols) > 1 else self._name
        self.setCurrentWidget(shown)
        # The page that is hidden must not make this one wider.
        self.setFixedWidth(shown.sizeHint().width())

    def set_index(self, index: int) -> None:
        """Show which one is in view."""
        self.box.setCurrentIndex(index)

    def _dress(self) -> None:
        self.box.setFont(self._theme.font(FontRole.BODY, QFont.Weight.DemiBold))
