"""What was bought and sold by those who took, bar by bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import format_amount
from tickreel_desktop.replay.marks import Bars
from tickreel_desktop.replay.strips.strip import LOW, Row, Strip, StripKind, bar_rows
from tickreel_desktop.replay.sums import Sums
from tickreel_desktop.replay.ticks import length_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyqtgraph as pg
    from numpy.typing import NDArray

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.theme import Theme

_BUY, _SELL = 0, 1


class TradeFlowStrip(Strip):
    """Amounts bought above zero and sold below; trades of unknown side are named in the head only."""

    kind = StripKind.FLOW
    name = "Trade flow"
    height = LOW

    def __init__(self, theme: Theme, plot: pg.PlotItem, values: ValueAxis, moments: MomentAxis) -> None:
        super().__init__(theme, plot, values, moments)
        self._sums = Sums(3)
        self._bar_us = 1
        self.bars = Bars(theme)
        plot.addItem(self.bars)

    def take(self, frame: SymbolFrame) -> None:
        """Take what happened since the last frame."""
        trades = frame.trades
        amount = np.nan_to_num(trades.amount)
        is_buy, is_sell = trades.side == _BUY, trades.side == _SELL
        self._sums.append(trades.time_us, amount * is_buy, amount * is_sell, amount * ~(is_buy | is_sell))

    def clear(self) -> None:
        """Forget everything that was taken."""
        self._sums.clear()
        self.range.forget()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        super().dress()
        self.bars.update()

    def draw(self, window: TimeWindow) -> None:
        """Draw what is in view."""
        first, (buys, sells, _) = self._bars(window)
        self._bar_us = window.bar_us
        left = window.all_seconds(np.arange(first, first + len(buys)) * window.bar_us)
        self.bars.set_bars(left, window.bar_us / US_PER_SECOND, buys, sells)
        self.fit(-float(sells.max(initial=0.0)), float(buys.max(initial=0.0)))
        self._note.set_text(f"bars of {length_text(window.bar_us)}")

    def wipe(self) -> None:
        """Draw nothing."""
        self.bars.set_bars(np.empty(0), 0.0, np.empty(0), np.empty(0))

    def value_text(self, at_us: int) -> str:
        """Say what was traded in the bar of an instant."""
        number = at_us // self._bar_us
        buys, sells, unknown = self._sums.sums(self._bar_us, number, number + 1)[:, 0].tolist()
        rest = f", side unknown {format_amount(unknown)}" if unknown else ""
        return f"bought {format_amount(buys)}, sold {format_amount(sells)}{rest}"

    def rows(self, window: TimeWindow) -> Iterator[Row]:
        """Give the numbers of what is in view."""
        first, sums = self._bars(window)
        for series, amounts in zip(("bought", "sold", "traded, side unknown"), sums, strict=True):
            yield from bar_rows(series, window.bar_us, first, amounts)

    def axis_text(self, value: float, decimals: int) -> str:
        """Print a value of the axis: amounts, whatever their side."""
        return format_amount(abs(value))

    def _bars(self, window: TimeWindow) -> tuple[int, NDArray[np.float64]]:
        first, stop = window.numbers(window.bar_us)
        return first, self._sums.bars(window.bar_us, first, stop)
