"""How the best levels weigh against each other, and what was added to and taken from the touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.book.features import order_flow_imbalance
from tickreel.market.time import US_PER_SECOND
from tickreel.market.units import MINUS, format_amount
from tickreel.replay import TouchSeries
from tickreel_desktop.replay.marks import Bars, Curve
from tickreel_desktop.replay.series import History
from tickreel_desktop.replay.strips.strip import (
    LOW,
    Row,
    Strip,
    StripKind,
    band_rows,
    bar_rows,
    dressed,
    edges_of,
    gaps,
    set_line,
)
from tickreel_desktop.replay.sums import Sums
from tickreel_desktop.replay.ticks import HeldRange, length_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyqtgraph as pg
    from numpy.typing import NDArray

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.theme import Theme

DEFAULT_LEVELS = 10
_ABOVE, _BELOW = 1.1, 1.35
_USUAL = 0.95


class ImbalanceStrip(Strip):
    """The balance of the best levels as a line from -1 to 1; order flow as bars of a scale of their own."""

    kind = StripKind.IMBALANCE
    name = "Imbalance"
    height = LOW

    def __init__(self, theme: Theme, plot: pg.PlotItem, values: ValueAxis, moments: MomentAxis) -> None:
        super().__init__(theme, plot, values, moments)
        self.levels = DEFAULT_LEVELS
        values.marked = (-1.0, 0.0, 1.0)
        self._balance = History()
        self._flow = Sums(1)
        self._newest: TouchSeries | None = None
        """The last entry of the touch: the flow of the next one is told from it."""
        self._scale = HeldRange()
        self._bar_us = 1
        self.bars = Bars(theme)
        self.line = Curve()
        for item in (self.bars, self.line):
            plot.addItem(item)

    @property
    def full_amount(self) -> float:
        """The order flow of a bar that would reach to 1."""
        return self._scale.high

    def take(self, frame: SymbolFrame) -> None:
        """Take what happened since the last frame."""
        if frame.balance is not None:
            self._balance.append(frame.balance.time_us, frame.balance.value)
        touch = frame.touch
        if not len(touch):
            return
        if self._newest is not None:
            touch = TouchSeries.joined([self._newest, touch])
        flow = order_flow_imbalance(touch.as_touch())
        # The first entry has none before it, or was summed up with its own frame.
        self._flow.append(touch.time_us[1:], np.nan_to_num(flow[1:]))
        self._newest = _last(touch)

    def clear(self) -> None:
        """Forget everything that was taken."""
        self._balance.clear()
        self._flow.clear()
        self._newest = None
        self._scale.forget()
        self.range.forget()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        super().dress()
        dressed(self.line, self._theme, "text")
        self.bars.update()

    def draw(self, window: TimeWindow) -> None:
        """Draw what is in view."""
        columns = self._balance.growing_columns(window.column_us, *window.numbers(window.column_us))
        edges = edges_of(columns, window)
        set_line(self.line, edges, columns.bands[0], columns.is_broken)
        self.gaps = gaps(columns, edges)
        first, flow = self._bars(window)
        self._bar_us = window.bar_us
        sizes = np.abs(flow[flow != 0])
        # One burst must not flatten all else: the greatest bars reach to 1, whatever they are.
        self._scale.fit(0.0, float(np.quantile(sizes, _USUAL)) if len(sizes) else 1.0)
        full = self.full_amount
        left = window.all_seconds(np.arange(first, first + len(flow)) * window.bar_us)
        self.bars.set_bars(
            left, window.bar_us / US_PER_SECOND, np.clip(flow / full, 0, 1), np.clip(-flow / full, 0, 1)
        )
        self.fit_exactly(-_BELOW, _ABOVE)
        bar = length_text(window.bar_us)
        self._note.set_text(f"bars of {bar}, \u00b11 is a flow of {format_amount(full)} or more")

    def wipe(self) -> None:
        """Draw nothing."""
        self.line.clear()
        self.bars.set_bars(np.empty(0), 0.0, np.empty(0), np.empty(0))
        self.gaps = []

    def value_text(self, at_us: int) -> str:
        """Say the balance of an instant, and the order flow of its bar."""
        found = self._balance.at(at_us)
        number = at_us // self._bar_us
        flow = float(self._flow.sums(self._bar_us, number, number + 1)[0, 0])
        balance = "none" if found is None or found[0] != found[0] else _signed(f"{found[0]:+.2f}")
        sign = "+" if flow > 0 else ""
        return f"top {self.levels} levels, {balance}; flow {sign}{format_amount(flow)}"

    def rows(self, window: TimeWindow) -> Iterator[Row]:
        """Give the numbers of what is in view."""
        columns = self._balance.growing_columns(window.column_us, *window.numbers(window.column_us))
        yield from band_rows(f"imbalance, top {self.levels}", columns, columns.bands[0])
        first, flow = self._bars(window)
        yield from bar_rows("order flow", window.bar_us, first, flow)

    def axis_text(self, value: float, decimals: int) -> str:
        """Print a value of the axis."""
        return f"{value:+.{decimals}f}" if value else "0"

    def _bars(self, window: TimeWindow) -> tuple[int, NDArray[np.float64]]:
        first, stop = window.numbers(window.bar_us)
        return first, self._flow.bars(window.bar_us, first, stop)[0]


def _last(touch: TouchSeries) -> TouchSeries:
    newest = slice(-1, None)
    return TouchSeries(
        touch.time_us[newest],
        touch.bid[newest],
        touch.ask[newest],
        touch.bid_amount[newest],
        touch.ask_amount[newest],
    )


def _signed(text: str) -> str:
    return text.replace("-", MINUS)
