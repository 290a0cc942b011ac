"""The symbols of a replay, a row for each: what is played of it and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from tickreel_desktop.components import ElidedLabel, IconLabel, label, tool_button
from tickreel_desktop.replay.missing import counted
from tickreel_desktop.replay.naming import words_of
from tickreel_desktop.replay.symbol_search import SymbolSearch
from tickreel_desktop.theme import Role, set_role
from tickreel_desktop.zone.times import day_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.market.types import DataType
    from tickreel_desktop.replay.missing import MissingRows
    from tickreel_desktop.replay.offer import HeldSymbol
    from tickreel_desktop.theme import Theme

_ROW_PX = 26
_MOST_ROWS = 4
"""More symbols are scrolled."""
_HEADS = ("Exchange", "Symbol", "Plays", "Held in the range")


@dataclass(frozen=True, slots=True)
class SymbolState:
    """What a row says of its symbol."""

    plays: str
    state: str
    is_whole: bool


class SymbolTable(QWidget):
    """Show the symbols; let more be added, and each be taken away."""

    added = Signal(str, str)
    """The user wants this exchange and symbol."""
    removed = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pairs: tuple[tuple[str, str], ...] = ()
        self._rows: list[_Row] = []
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search = SymbolSearch(theme)
        self.search.chosen.connect(self.added)
        self.search.refused.connect(self._say)
        self._problem = label("", Role.ERROR, wrap=True)
        self._problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        column.addWidget(self._area)
        column.addWidget(self.search)
        column.addWidget(self._problem)

    def show_symbols(self, symbols: Sequence[HeldSymbol], states: Sequence[SymbolState]) -> None:
        """Show other symbols, or what is said of them now."""
        pairs = tuple(each.pair for each in symbols)
        if pairs != self._pairs:
            self._pairs = pairs
            self._make_rows(symbols)
        for row, state in zip(self._rows, states, strict=True):
            row.say(state)

    def remover(self, exchange: str, symbol: str) -> QWidget:
        """Give the button that takes a symbol away."""
        return self._rows[self._pairs.index((exchange, symbol))].remove

    def _make_rows(self, symbols: Sequence[HeldSymbol]) -> None:
        px = self._theme.px
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(3, 1)
        for column, text in enumerate(_HEADS):
            grid.addWidget(label(text, Role.LABEL), 0, column)
        grid.setRowMinimumHeight(0, px(_ROW_PX))
        self._rows = []
        for number, held in enumerate(symbols):
            row = _Row(self._theme, held)
            row.remove.setVisible(len(symbols) > 1)
            row.remove.clicked.connect(lambda _checked=False, pair=held.pair: self.removed.emit(*pair))
            row.stand(grid, number + 1)
            grid.setRowMinimumHeight(number + 1, px(_ROW_PX))
            self._rows.append(row)
        self._area.setWidget(page)
        self._area.setFixedHeight((1 + min(len(symbols), _MOST_ROWS)) * px(_ROW_PX))

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def sizeHint(self) -> QSize:
        """Be wide enough for what rows say."""
        return super().sizeHint().expandedTo(QSize(self._theme.px(480), 0))


class _Row:
    def __init__(self, theme: Theme, held: HeldSymbol) -> None:
        self._theme = theme
        self._exchange = label(held.exchange)
        self._symbol = label(held.symbol, Role.SECTION)
        self._plays = label("", Role.SECONDARY)
        self._icon = IconLabel(theme, "check", "good", 14)
        self._state = ElidedLabel("")
        set_role(self._state, Role.SECONDARY)
        self.remove = tool_button(theme, "x", f"Leave out {held.name}", size=12)

    def say(self, state: SymbolState) -> None:
        """Say how it stands."""
        self._plays.setText(state.plays)
        self._state.setText(state.state)
        if state.is_whole:
            self._icon.set_icon("check", "good")
        else:
            self._icon.set_icon("warning", "warning")

    def stand(self, grid: QGridLayout, row: int) -> None:
        """Take a place in a grid."""
        for column, widget in enumerate((self._exchange, self._symbol, self._plays)):
            grid.addWidget(widget, row, column)
        state = QWidget()
        inner = QGridLayout(state)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setHorizontalSpacing(self._theme.px(6))
        inner.addWidget(self._icon, 0, 0)
        inner.addWidget(self._state, 0, 1)
        inner.setColumnStretch(1, 1)
        grid.addWidget(state, row, 3)
        grid.addWidget(self.remove, row, 4)


def state_of(
    held: HeldSymbol, missing: Sequence[MissingRows], lacking: str, types: Sequence[DataType] | None
) -> SymbolState:
    """Say what is played of a symbol where *types* are asked for, and what of it is missing."""
    plays = words_of(each.key.type for each in held.played(types))
    if lacking:
        return SymbolState(plays or "nothing", "not held", is_whole=False)
    if missing:
        days = day_text(missing[0].day) if len(missing) == 1 else counted(len(missing))
        return SymbolState(plays, f"{days} missing", is_whole=False)
    return SymbolState(plays, "complete", is_whole=True)
