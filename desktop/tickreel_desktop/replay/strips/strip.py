"""One strip over time: its plot, its range, its head, and what every kind of strip does its own way."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGraphicsLineItem

from tickreel_desktop.replay.chart import hold_still
from tickreel_desktop.replay.marks import Bands, PlotText, Stretch, Tone
from tickreel_desktop.replay.strokes import strokes
from tickreel_desktop.replay.ticks import HeldRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.columns import Band, Columns
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.theme import ColourName, Theme

_GAP_WORD = "no book"
_HEAD_PX = 3
_BETWEEN_PX = 10


class StripKind(StrEnum):
    """What a strip shows."""

    SPREAD = "spread"
    PRICES = "prices"
    """Mid and microprice."""
    IMBALANCE = "imbalance"
    FLOW = "flow"
    """Trades by the side of who took."""
    SYMBOLS = "symbols"
    """The mids of the symbols that are played together."""
    LATENCY = "latency"
    """How long messages took to arrive."""


class Height(NamedTuple):
    """How tall a strip is, in pixels at scale 1, and in a compact arrangement."""

    usual: int
    compact: int


TALL = Height(92, 62)
LOW = Height(76, 56)


class Row(NamedTuple):
    """One number that is drawn: of a column its last, least and largest value, of a bar its sum."""

    series: str
    from_us: int
    to_us: int
    value: float
    low: float = float("nan")
    high: float = float("nan")


class Strip:
    """A plot that shares its time axis with those above and below it."""

    kind: StripKind
    name: str
    height: Height
    is_shown = True

    def __init__(self, theme: Theme, plot: pg.PlotItem, values: ValueAxis, moments: MomentAxis) -> None:
        self._theme = theme
        self.plot = plot
        self.box = plot.getViewBox()
        self.axis = values
        self.moments = moments
        self.range = HeldRange()
        self.gaps: list[Stretch] = []
        """Where there was no book, as far as the strip knows, in what is drawn."""
        self.bands = Bands(theme)
        self.now_line = pg.InfiniteLine(0.0, 90)
        self.cursor_line = pg.InfiniteLine(0.0, 90)
        self.cursor_line.hide()
        self._zero_line = pg.InfiniteLine(0.0, 0)
        for item in (self.bands, self._zero_line, self.now_line, self.cursor_line):
            plot.addItem(item)
        self._edge = QGraphicsLineItem(plot)
        self._title = PlotText(theme, self.box, "text", weight=QFont.Weight.DemiBold)
        self._title.set_text(self.name)
        self._values = PlotText(theme, self.box)
        self._note = PlotText(theme, self.box, "text_3")
        # Only now: the lines that were added give an empty strip a range with room around it.
        hold_still(plot)

    # What each kind of strip does its own way.

    def take(self, frame: SymbolFrame) -> None:
        """Take what happened since the last frame."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget everything that was taken."""
        raise NotImplementedError

    def draw(self, window: TimeWindow) -> None:
        """Draw what is in view."""
        raise NotImplementedError

    def wipe(self) -> None:
        """Draw nothing: none of what is in view was played yet."""
        raise NotImplementedError

    def value_text(self, at_us: int) -> str:
        """Say what is in force at an instant."""
        raise NotImplementedError

    def rows(self, window: TimeWindow) -> Iterator[Row]:
        """Give the numbers of what is in view."""
        raise NotImplementedError

    def axis_text(self, value: float, decimals: int) -> str:
        """Print a value of the axis."""
        raise NotImplementedError

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        colour = self._theme.colour
        self._edge.setPen(pg.mkPen(colour("line")))
        self._zero_line.setPen(pg.mkPen(colour("line_strong")))
        self.now_line.setPen(pg.mkPen(colour("text_3")))
        self.cursor_line.setPen(pg.mkPen(colour("text"), style=Qt.PenStyle.DashLine))
        for item in (self.axis, self.moments, self._title, self._values, self._note):
            item.dress()
        self.bands.update()

    def fit(self, low: float, high: float) -> None:
        """Take in the values of now, and leave room for the words above them."""
        if self.range.fit(low, high):
            self.fit_exactly(self.range.low, self.range.high)

    def fit_exactly(self, low: float, high: float) -> None:
        """Show these values and no others, below the words."""
        words = min(0.5, self.axis.free_px / max(1.0, self.box.height()))
        top = high + (high - low) * words / (1 - words)
        if self.box.viewRange()[1] != [low, top]:
            self.box.setYRange(low, top, padding=0)

    def forget_range(self) -> None:
        """Fit the range anew, as after a jump or in another size."""
        self.range.forget()
        self._edge.setLine(0, 0, self.plot.size().width(), 0)

    def head(self) -> str:
        """Give what stands in the upper left."""
        return " ".join(text for each in self._heads() if (text := each.text()))

    def show_values(self, text: str) -> None:
        """Let the head say what is in force."""
        self._values.set_text(text)
        across = 8.0
        room = self.box.width()
        for each in self._heads():
            each.setPos(across, _HEAD_PX)
            across += each.width() + (_BETWEEN_PX if each.text() else 0)
            each.setVisible(across <= room + _BETWEEN_PX)

    def show_bands(self, bands: Sequence[Stretch], gaps: Iterable[Stretch] = ()) -> None:
        """Show what is no sound data; of *gaps* only what no other stretch explains."""
        # A gap begins and ends with a column, so that it reaches a little beyond what explains it.
        left, right = self.box.viewRange()[0]
        column = (right - left) / max(1.0, self.box.width())
        left_out = [
            each._replace(begin=each.begin - 2 * column, end=each.end + 2 * column)
            for each in bands
            if each.tone is Tone.LEFT_OUT
        ]
        self.bands.set_bands([*bands, *(part for gap in gaps for part in _without(gap, left_out))])

    def _heads(self) -> tuple[PlotText, ...]:
        return self._title, self._values, self._note


def extent(*bands: Band) -> tuple[float, float]:
    """Give the least and the largest value of some bands; NaN where nothing is known."""
    known = [each for each in bands if not np.isnan(each.low).all()]
    if not known:
        return float("nan"), float("nan")
    return (
        min(float(np.nanmin(each.low)) for each in known),
        max(float(np.nanmax(each.high)) for each in known),
    )


def edges_of(columns: Columns, window: TimeWindow) -> NDArray[np.float64]:
    """Give the edges of columns on the time axis; the last one ends where what is known ends."""
    edges = window.all_seconds(columns.edges_us)
    edges[-1] = window.seconds(window.until_us)
    return edges


def gaps(columns: Columns, edges: NDArray[np.float64]) -> list[Stretch]:
    """Give the stretches without a value, each from the begin of its first column to the end of its last."""
    flips = np.flatnonzero(np.diff(columns.is_broken, prepend=False, append=False))
    return [
        Stretch(float(edges[begin]), float(edges[end]), _GAP_WORD)
        for begin, end in zip(flips[0::2], flips[1::2], strict=True)
    ]


def set_line(
    line: pg.PlotCurveItem, edges: NDArray[np.float64], band: Band, is_broken: NDArray[np.bool_]
) -> None:
    """Draw a band as one stroke per column, joined to the next unless a gap lies between."""
    drawn = strokes(edges, band, is_broken)
    if drawn is None:
        line.clear()
    else:
        line.setData(drawn.x, drawn.y, connect=drawn.connect)


def band_rows(series: str, columns: Columns, band: Band) -> Iterator[Row]:
    """Give the columns of a band in which anything is known."""
    for each in np.flatnonzero(~np.isnan(band.low)):
        from_us, to_us = columns.edges_us[each : each + 2].tolist()
        yield Row(series, from_us, to_us, band.last[each], band.low[each], band.high[each])


def bar_rows(series: str, bar_us: int, first: int, sums: NDArray[np.float64]) -> Iterator[Row]:
    """Give bars, counted from 1970 by *first*."""
    for number, value in enumerate(sums.tolist(), first):
        yield Row(series, number * bar_us, (number + 1) * bar_us, value)


def dressed(line: pg.PlotCurveItem, theme: Theme, colour: ColourName) -> None:
    """Give a line its colour; wider pens than one pixel cost a multiple."""
    line.setPen(pg.mkPen(theme.colour(colour)))


def _without(gap: Stretch, others: Sequence[Stretch]) -> list[Stretch]:
    parts = [gap]
    for other in others:
        parts = [
            part._replace(begin=begin, end=end)
            for part in parts
            for begin, end in (
                (part.begin, min(part.end, other.begin)),
                (max(part.begin, other.end), part.end),
            )
            if begin < end
        ]
    return parts
