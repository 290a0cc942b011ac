"""What is held of one symbol: its newest book, and the columns, best prices and trades of its past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.units import price_decimals
from tickreel_desktop.replay.heatmap.cellring import CellRing
from tickreel_desktop.replay.heatmap.demand import MOST_COLUMNS, tick_of
from tickreel_desktop.replay.heatmap.touchbins import TouchBins
from tickreel_desktop.replay.heatmap.tradebins import TradeBins, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.heatmap.demand import Demand

_SLACK = 512


class Past:
    """Keep what frames brought, as finely and as far back as was asked for."""

    def __init__(self) -> None:
        self.start_us = 0
        """The first moment of the replay."""
        self._given_tick: float | None = None
        self.unit = ""
        """In what amounts are counted; empty when it is not known."""
        self.forget()

    def begin(self, start_us: int) -> None:
        """Hold the past of another replay."""
        self.start_us = start_us
        self.forget_instrument()

    def forget_instrument(self) -> None:
        """Forget all, with what was known of the instrument."""
        self._given_tick, self.unit = None, ""
        self.forget()

    def forget(self) -> None:
        """Forget what frames brought."""
        self.frame: SymbolFrame | None = None
        self.now_us = self.start_us
        self.cells: CellRing | None = None
        self.touch: TouchBins | None = None
        self.trades: TradeBins | None = None
        self._changed_us: int | None = None
        self._set_tick(self._given_tick)

    def set_instrument(self, tick: float | None, unit: str) -> None:
        """Take the tick, which else is found in the book, and the unit of amounts."""
        self._given_tick, self.unit = tick, unit
        if tick is not None:
            self._set_tick(tick)

    def look_at(self, symbol: SymbolFrame, at_us: int) -> None:
        """Take the book of now; the first one tells the tick."""
        self.frame, self.now_us = symbol, at_us
        book = symbol.book
        if self.tick is not None or book is None or not (len(book.bids) or len(book.asks)):
            return
        tick = tick_of(book)
        if tick is None:
            tick = 10.0 ** -price_decimals(np.concatenate([book.bids[:, 0], book.asks[:, 0]]))
        self._set_tick(tick)

    def _set_tick(self, tick: float | None) -> None:
        self.tick = tick
        self.decimals = 0 if tick is None else price_decimals(np.array([tick]))

    @property
    def mid(self) -> float | None:
        """The mid of the book of now, or its only best price."""
        book = None if self.frame is None else self.frame.book
        if book is None:
            return None
        best = [one[0] for one in (book.best_bid, book.best_ask) if one is not None]
        return float(sum(best) / len(best)) if best else None

    @property
    def best(self) -> tuple[float | None, float | None]:
        """The best bid and the best ask of now."""
        book = None if self.frame is None else self.frame.book
        if book is None:
            return None, None
        bid, ask = (None if one is None else one[0] for one in (book.best_bid, book.best_ask))
        return bid, ask

    def begin_anew(self, symbol: SymbolFrame, at_us: int, asked: Demand | None, width_us: int) -> None:
        """Replace all by the past that a jump brought; *width_us* is in view."""
        if asked is not None:
            span_us = max(asked.history_us, 2 * width_us)
            bins = min(span_us // asked.bin_us, 4 * MOST_COLUMNS) + _SLACK
            self.touch = TouchBins(asked.bin_us, bins)
            self.trades = TradeBins(asked.bin_us, asked.grid.group, bins)
        heat = symbol.heat
        if heat is None:
            self.cells = None
        elif self.cells is not None and self.cells.suits(heat):
            self.cells.restart(heat)
        else:
            capacity = max(len(heat), 2 * width_us // heat.column_us)
            self.cells = CellRing(heat, min(capacity, 2 * MOST_COLUMNS) + _SLACK)
        self._append(symbol, at_us)

    def go_on(self, symbol: SymbolFrame, at_us: int) -> None:
        """Take what happened since the last frame."""
        heat, cells = symbol.heat, self.cells
        if heat is not None and cells is not None:
            self._note_change(cells.start_us(cells.open_number))
            cells.append(heat)
        elif cells is None and len(symbol.touch):
            self._note_change(int(symbol.touch.time_us[0]))
        self._append(symbol, at_us)

    def _append(self, symbol: SymbolFrame, at_us: int) -> None:
        if self.touch is not None:
            self.touch.append(symbol.touch, at_us)
        if self.trades is not None:
            self.trades.append(symbol.trades)

    def _note_change(self, from_us: int) -> None:
        self._changed_us = from_us if self._changed_us is None else min(self._changed_us, from_us)

    @property
    def held_from_us(self) -> int:
        """From when on what was played is held."""
        return self.start_us if self.cells is None else max(self.start_us, self.cells.from_us)

    def pop_changed_us(self) -> int | None:
        """Give from when on something is other than at the last call; None when nothing is."""
        changed_us, self._changed_us = self._changed_us, None
        return changed_us

    def traded_in_cell(self, start_us: int, end_us: int, cell: int) -> NDArray[np.float64]:
        """Give the amounts bought, sold and of no known side over [start, end) in a row of cells."""
        first = self._first_row()
        if first is None or self.trades is None:
            return np.zeros(3)
        return self.trades.traded(start_us, end_us, first + cell)

    def traded_in_column(self, number: int) -> NDArray[np.float64]:
        """Give (3, cells) bought, sold and of no known side in a column."""
        cells, trades, first = self.cells, self.trades, self._first_row()
        if cells is None or trades is None or first is None:
            return np.zeros((3, 0 if cells is None else cells.grid.cells))
        start_us = cells.start_us(number)
        return trades.traded_by_row(start_us, start_us + cells.column_us, first, cells.grid.cells)

    def _first_row(self) -> int | None:
        """Give the row of trades that is the lowest row of cells; None where they are of other heights."""
        cells, trades = self.cells, self.trades
        if cells is None or trades is None or trades.group != cells.grid.group:
            return None
        return int(rows_of(np.array([cells.grid.low]), cells.grid.group)[0])
