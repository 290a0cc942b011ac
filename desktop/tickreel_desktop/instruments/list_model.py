"""The instruments known in this home as a table: filtered by plain text, made for hundreds of thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tickreel.instruments.table import Known

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_TITLES = ("Symbol", "Exchange", "Known by")


@dataclass(frozen=True, slots=True)
class InstrumentRow:
    """One instrument of the list."""

    exchange: str
    symbol: str
    state: str
    """Whether rows are held, and who says something, in words."""


class InstrumentNames:
    """The list: held ones first, each part by exchange and symbol.

    It is columns of texts, since an object for each of hundreds of thousands of instruments has the
    collector of garbage stop all threads, that of the window as well.
    """

    def __init__(self, known: Iterable[Known], held: Collection[tuple[str, str]]) -> None:
        self.exchanges: list[str] = []
        self.symbols: list[str] = []
        self.states: list[str] = []
        said_by = dict.fromkeys(held, "no source yet")
        others: dict[str, dict[str, str]] = {}
        for one in known:
            words = ", ".join(one.sources)
            of_exchange = others.setdefault(one.exchange, {})
            for symbol in one.symbols:
                if (one.exchange, symbol) in said_by:
                    said_by[one.exchange, symbol] = words
                else:
                    of_exchange[symbol] = words
        for exchange, symbol in sorted(said_by):
            self._add(exchange, symbol, f"held, {said_by[exchange, symbol]}")
        for exchange, states in others.items():
            for symbol in sorted(states):
                self._add(exchange, symbol, states[symbol])
        self.haystacks = [
            f"{symbol} {exchange} {state}".casefold()
            for symbol, exchange, state in zip(self.symbols, self.exchanges, self.states, strict=True)
        ]
        """What a filter looks into."""

    def _add(self, exchange: str, symbol: str, state: str) -> None:
        self.exchanges.append(exchange)
        self.symbols.append(symbol)
        self.states.append(state)

    def __len__(self) -> int:
        return len(self.symbols)

    def row(self, i: int) -> InstrumentRow:
        """Give an instrument by its place."""
        return InstrumentRow(self.exchanges[i], self.symbols[i], self.states[i])


class InstrumentListModel(QAbstractTableModel):
    """Show instruments; those that pass the filter."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = InstrumentNames((), ())
        self._shown: list[int] = []
        self._filter = ""

    @property
    def count(self) -> int:
        """How many there are, also those that the filter hides."""
        return len(self._names)

    def row_at(self, row: int) -> InstrumentRow:
        """Give what stands at a place of the table."""
        return self._names.row(self._shown[row])

    def position_of(self, exchange: str, symbol: str) -> int | None:
        """Find where an instrument stands; None when it is not there or filtered out."""
        symbols, exchanges = self._names.symbols, self._names.exchanges
        for place, i in enumerate(self._shown):
            if symbols[i] == symbol and exchanges[i] == exchange:
                return place
        return None

    def replace(self, names: InstrumentNames) -> None:
        """Show other instruments."""
        self.beginResetModel()
        self._names = names
        self._shown = self._passing()
        self.endResetModel()

    def set_filter(self, text: str) -> None:
        """Show those of which every word of *text* stands in symbol, exchange or who knows them."""
        words = text.casefold()
        if words == self._filter:
            return
        self._filter = words
        shown = self._passing()
        if shown != self._shown:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()

    def _passing(self) -> list[int]:
        haystacks = self._names.haystacks
        passing = list(range(len(haystacks)))
        for word in self._filter.split():
            passing = [i for i in passing if word in haystacks[i]]
        return passing

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the instruments that pass the filter."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Count the columns."""
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Give the text of a cell."""
        if role != _DISPLAY or not index.isValid():
            return None
        row = self.row_at(index.row())
        return (row.symbol, row.exchange, row.state)[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Give the title of a column."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == _DISPLAY:
            return _TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        return None
