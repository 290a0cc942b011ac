"""The left side of the dialog: exchange, symbols, types and days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from tickreel.market.types import DataType
from tickreel_desktop.components import label
from tickreel_desktop.fetching.choices import Choices
from tickreel_desktop.fetching.days_form import DaysForm
from tickreel_desktop.fetching.exchange_field import ExchangeField
from tickreel_desktop.fetching.symbol_field import SymbolField
from tickreel_desktop.theme import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from tickreel_desktop.fetching.choices import Listing
    from tickreel_desktop.theme import Theme

# As they are wanted most, not as they are replayed.
_ORDER = (
    *(DataType.INCREMENTAL_BOOK_L2, DataType.TRADES, DataType.BOOK_SNAPSHOT_25, DataType.BOOK_SNAPSHOT_5),
    *(DataType.QUOTES, DataType.BOOK_TICKER, DataType.DERIVATIVE_TICKER, DataType.LIQUIDATIONS),
    DataType.OPTIONS_CHAIN,
)


class FetchForm(QWidget):
    """Ask what is wanted."""

    changed = Signal()
    exchange_changed = Signal(str)

    def __init__(self, theme: Theme, today: date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listing: Listing | None = None
        self.exchange = ExchangeField(theme)
        self.symbols = SymbolField(theme)
        self.types = {each: QCheckBox(each.value) for each in _ORDER}
        self.days = DaysForm(theme, today)
        self._types_grid = QGridLayout()
        self._types_grid.setHorizontalSpacing(theme.px(16))
        for place in range(2):
            self._types_grid.setColumnStretch(place, 1)
        self._types_grid.setVerticalSpacing(theme.px(6))
        self._types_note = label("", Role.CAPTION, wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        column.addWidget(label("Exchange", Role.LABEL))
        column.addWidget(self.exchange)
        column.addSpacing(theme.px(4))
        column.addWidget(label("Symbols", Role.LABEL))
        column.addWidget(self.symbols)
        column.addSpacing(theme.px(6))
        column.addWidget(label("Data types", Role.LABEL))
        column.addLayout(self._types_grid)
        column.addWidget(self._types_note)
        column.addSpacing(theme.px(6))
        column.addWidget(label("Days, UTC", Role.LABEL))
        column.addWidget(self.days)
        column.addStretch(1)
        self.exchange.changed.connect(self._on_exchange_changed)
        self.symbols.changed.connect(self._on_symbols_changed)
        self.days.changed.connect(self.changed)
        for box in self.types.values():
            box.toggled.connect(lambda _on: self.changed.emit())
        self._offer_types()

    def chosen_types(self) -> tuple[DataType, ...]:
        """Give the types that are ticked, in the order of their names in commands."""
        return tuple(each for each, box in self.types.items() if box.isChecked() and not box.isHidden())

    def choose_types(self, types: Sequence[DataType]) -> None:
        """Tick these types and no others, without telling anyone."""
        for each, box in self.types.items():
            box.blockSignals(True)
            box.setChecked(each in types)
            box.blockSignals(False)

    def show_listing(self, listing: Listing | None) -> None:
        """Complete symbols and offer types from what the vendor has; None where that is not known."""
        if listing is self._listing:
            return
        self._listing = listing
        self.symbols.offer(Choices() if listing is None else listing.symbols)
        self._offer_types()

    def _on_exchange_changed(self) -> None:
        self.show_listing(None)
        self.exchange_changed.emit(self.exchange.exchange)
        self.changed.emit()

    def _on_symbols_changed(self) -> None:
        self._offer_types()
        self.changed.emit()

    def _served(self) -> frozenset[str]:
        """Name the types that the vendor has of the symbols, or of any; empty where it does not say."""
        listing = self._listing
        if listing is None:
            return frozenset()
        chosen = [
            found
            for symbol in self.symbols.symbols()
            if (found := listing.info.symbol(symbol)) is not None and found.data_types
        ]
        return frozenset[str]().union(*(each.data_types for each in chosen)) if chosen else listing.types

    def _offer_types(self) -> None:
        """Show the types that are served, in two columns; those that are ticked and not served stay."""
        served = self._served()
        offered = [each for each in _ORDER if not served or each.value in served]
        for box in self.types.values():
            self._types_grid.removeWidget(box)
            box.hide()
        for place, each in enumerate(offered):
            left = Qt.AlignmentFlag.AlignLeft
            self._types_grid.addWidget(self.types[each], place // 2, place % 2, left)
            self.types[each].show()
        gone = [each.value for each, box in self.types.items() if box.isChecked() and each not in offered]
        self._types_note.setText(f"Not served of these symbols: {', '.join(gone)}" if gone else "")
        self._types_note.setVisible(bool(gone))
