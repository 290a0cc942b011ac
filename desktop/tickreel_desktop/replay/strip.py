"""One strip over time: its plot, its lines, its range and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont

from tickreel_desktop.replay.chart import hold_still
from tickreel_desktop.replay.marks import Bands, PlotText
from tickreel_desktop.replay.ticks import HeldRange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.replay.axes import ValueAxis
    from tickreel_desktop.replay.series import Band, Columns
    from tickreel_desktop.theme import ColourName, Theme

_GAP_WORD = "no book"


class Strip:
    """A plot that shares its time axis with those above and below it."""

    def __init__(
        self, theme: Theme, plot: pg.PlotItem, axis: ValueAxis, title: str, colours: tuple[ColourName, ...]
    ) -> None:
        """Take over a plot: *colours* are those of its lines, one for each."""
        self._theme = theme
        self._colours = colours
        self.plot = plot
        self.box = plot.getViewBox()
        self.axis = axis
        self.range = HeldRange()
        self.lines = [pg.PlotCurveItem() for _ in colours]
        self.bands = Bands(theme)
        self.now_line = pg.InfiniteLine(0.0, 90)
        self.cursor_line = pg.InfiniteLine(0.0, 90)
        self.cursor_line.hide()
        for item in (self.bands, *self.lines, self.now_line, self.cursor_line):
            plot.addItem(item)
        self.title = PlotText(theme, self.box, "text", weight=QFont.Weight.DemiBold)
        self.title.set_text(title)
        self.title.setPos(8, 3)
        self.values = PlotText(theme, self.box)
        self.values.setPos(8 + self.title.width() + 10, 3)
        # Only now: the lines that were added give an empty strip a range with room around it.
        hold_still(plot)

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        colour = self._theme.colour
        for line, name in zip(self.lines, self._colours, strict=True):
            line.setPen(pg.mkPen(colour(name)))
        self.now_line.setPen(pg.mkPen(colour("text_3")))
        self.cursor_line.setPen(pg.mkPen(colour("text"), style=Qt.PenStyle.DashLine))
        self.axis.dress()
        self.title.dress()
        self.values.dress()
        self.bands.update()

    def fit(self, low: float, high: float) -> None:
        """Take in the values of now, and leave room for the words above them."""
        if self.range.fit(low, high):
            height = max(1.0, self.box.height())
            words = min(0.5, self.axis.free_px / height)
            extra = (self.range.high - self.range.low) * words / (1 - words)
            self.box.setYRange(self.range.low, self.range.high + extra, padding=0)


def extent(band: Band) -> tuple[float, float]:
    """Give the least and the largest value of a band; NaN where nothing is known."""
    known = ~np.isnan(band.low)
    if not known.any():
        return float("nan"), float("nan")
    return float(band.low[known].min()), float(band.high[known].max())


def gaps(columns: Columns, edges: NDArray[np.float64]) -> list[tuple[float, float, str]]:
    """Give the stretches without a mid, each from the begin of its first column to the end of its last."""
    flips = np.flatnonzero(np.diff(columns.is_broken, prepend=False, append=False))
    return [
        (float(edges[begin]), float(edges[end]), _GAP_WORD)
        for begin, end in zip(flips[0::2], flips[1::2], strict=True)
    ]


def set_line(
    line: pg.PlotCurveItem, center: NDArray[np.float64], band: Band, is_broken: NDArray[np.bool_]
) -> None:
    """Draw a band as one stroke per column, joined to the next unless a gap lies between."""
    known = np.flatnonzero(~np.isnan(band.low))
    if not len(known):
        line.clear()
        return
    low, high, last = band.low[known], band.high[known], band.last[known]
    # Each stroke ends nearer to where the next begins.
    ends_high = np.abs(last - high) <= np.abs(last - low)
    y = np.empty(2 * len(known))
    y[0::2] = np.where(ends_high, low, high)
    y[1::2] = np.where(ends_high, high, low)
    connect = np.ones(2 * len(known), np.int32)
    connect[1:-1:2] = (np.diff(known) == 1) & ~(is_broken[known[:-1]] | is_broken[known[1:]])
    line.setData(np.repeat(center[known], 2), y, connect=connect)
