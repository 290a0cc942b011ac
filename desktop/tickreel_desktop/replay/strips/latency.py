"""How long messages took from the exchange to the recorder, as the clocks of both say it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor

from tickreel.market.units import MINUS, format_full
from tickreel_desktop.replay.columns import Band
from tickreel_desktop.replay.marks import Curve, PaintedItem
from tickreel_desktop.replay.strips.strip import (
    LOW,
    Row,
    Strip,
    StripKind,
    dressed,
    set_line,
)
from tickreel_desktop.replay.symbols.company import MOST_SHOWN
from tickreel_desktop.replay.symbols.looks import colour_of
from tickreel_desktop.replay.symbols.words import latency_text
from tickreel_desktop.replay.ticks import length_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyqtgraph as pg
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.replay.symbols.company import Company
    from tickreel_desktop.replay.symbols.past import LatencySpread
    from tickreel_desktop.theme import ColourName, Theme

_BAND_ALPHA = 46
_US_PER_MS = 1_000.0
_MOST_COLUMNS = 4_096
"""Where there are more in view, as just after a wide zoom, some are left out until those wanted come."""


class SpreadBand(PaintedItem):
    """A rectangle for each column, from its low to its high value."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._colour: ColourName = "accent"
        self.edges = np.zeros(1)
        self.low = np.empty(0)
        self.high = np.empty(0)
        self.setZValue(-5)

    def show_spread(
        self,
        edges: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        colour: ColourName,
    ) -> None:
        """Show the spread of columns between edges; NaN where there is none."""
        self.edges, self.low, self.high, self._colour = edges, low, high, colour
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Fill the rectangles, each at least a pixel high."""
        to_pixels, _ = self._to_pixels(painter)
        fill = QColor(self._theme.colour(self._colour))
        fill.setAlpha(_BAND_ALPHA)
        across = np.round(self.edges * to_pixels.m11() + to_pixels.dx()).astype(np.int64)
        known = np.flatnonzero(~np.isnan(self.low) & (np.diff(across) > 0))
        top, bottom = (
            np.round(each[known] * to_pixels.m22() + to_pixels.dy()) for each in (self.high, self.low)
        )
        places = (across[known], top, np.diff(across)[known], np.maximum(1, bottom - top))
        for left, up, width, height in zip(*(each.astype(int).tolist() for each in places), strict=True):
            painter.fillRect(left, up, width, height, fill)


class LatencyStrip(Strip):
    """The median of each column as a line for every symbol in view, and the middle 90 % of the chosen one."""

    kind = StripKind.LATENCY
    name = "Feed latency"
    height = LOW

    def __init__(
        self, theme: Theme, plot: pg.PlotItem, values: ValueAxis, moments: MomentAxis, company: Company
    ) -> None:
        super().__init__(theme, plot, values, moments)
        self._company = company
        self.lines = tuple(Curve() for _ in range(MOST_SHOWN))
        """One for each look."""
        self.band = SpreadBand(theme)
        for item in (self.band, *self.lines):
            plot.addItem(item)

    def take(self, frame: SymbolFrame) -> None:
        """Take nothing: what is kept of the symbols is shared."""

    def clear(self) -> None:
        """Forget the range that was held."""
        self.range.forget()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        super().dress()
        for place, line in enumerate(self.lines):
            dressed(line, self._theme, colour_of(place))
        self.band.update()

    def draw(self, window: TimeWindow) -> None:
        """Draw what is in view."""
        company = self._company
        self.wipe()
        reach: list[float] = [0.0]
        column_us = 0
        for pair in company.shown:
            spread = self._spread(pair, window)
            if spread is None:
                continue
            column_us = spread.column_us
            edges, median = _edges(spread, window), spread.median / _US_PER_MS
            line = self.lines[company.place(pair) % len(self.lines)]
            set_line(line, edges, Band(median, median, median), np.isnan(median))
            reach += _ends(median)
            if pair == company.chosen:
                low, high = spread.low / _US_PER_MS, spread.high / _US_PER_MS
                self.band.show_spread(edges, low, high, colour_of(company.place(pair)))
                reach += [*_ends(low), *_ends(high)]
        if len(reach) > 1:
            self.fit(min(reach), max(reach))
        self._note.set_text(f"columns of {length_text(column_us)}, band: middle 90 %" if column_us else "")

    def wipe(self) -> None:
        """Draw nothing."""
        for line in self.lines:
            line.clear()
        nothing = np.empty(0)
        self.band.show_spread(np.zeros(1), nothing, nothing, "accent")

    def value_text(self, at_us: int) -> str:
        """Say how the latencies of the column of an instant spread."""
        chosen = self._company.chosen
        spread = None if chosen is None else self._company.past(chosen).latency.at(at_us)
        if spread is None or not spread.messages[0]:
            return "none: no messages with exchange times in this column"
        low, median, high, most = (
            latency_text(float(each[0])) for each in (spread.low, spread.median, spread.high, spread.most)
        )
        messages = int(spread.messages[0])
        count = f"{format_full(messages)} message{'s' * (messages > 1)}"
        return f"median {median}, 90 % from {low} to {high}, most {most}, {count}"

    def rows(self, window: TimeWindow) -> Iterator[Row]:
        """Give the numbers of what is in view."""
        for pair in self._company.shown:
            spread = self._spread(pair, window)
            if spread is not None:
                figures = (spread.start_us, spread.median, spread.low, spread.high)
                for start_us, *values in zip(*(each.tolist() for each in figures), strict=True):
                    if not isnan(values[0]):
                        median, low, high = (value / _US_PER_MS for value in values)
                        end_us = start_us + spread.column_us
                        yield Row(f"latency {' '.join(pair)}, ms", start_us, end_us, median, low, high)

    def axis_text(self, value: float, decimals: int) -> str:
        """Print a value of the axis."""
        return f"{value:.{decimals}f} ms".replace("-", MINUS)

    def _spread(self, pair: tuple[str, str], window: TimeWindow) -> LatencySpread | None:
        spread = self._company.past(pair).latency.between(window.from_us, window.until_us + 1)
        if spread is None or not len(spread):
            return None
        step = -(-len(spread) // _MOST_COLUMNS)
        return spread if step == 1 else spread.every(step)


def _edges(spread: LatencySpread, window: TimeWindow) -> NDArray[np.float64]:
    edges = window.all_seconds(np.append(spread.start_us, spread.start_us[-1] + spread.column_us))
    edges[-1] = min(edges[-1], window.seconds(window.until_us))
    return edges


def _ends(values: NDArray[np.float64]) -> list[float]:
    known = values[~np.isnan(values)]
    return [float(known.min()), float(known.max())] if len(known) else []
