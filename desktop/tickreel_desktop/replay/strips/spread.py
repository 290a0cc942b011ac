"""The spread over time, in the price's unit or in basis points, with a threshold."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.units import format_bps, format_price
from tickreel_desktop.replay.marks import Curve, PlotText
from tickreel_desktop.replay.strips.strip import (
    TALL,
    Row,
    Strip,
    StripKind,
    band_rows,
    dressed,
    edges_of,
    extent,
    gaps,
    set_line,
)
from tickreel_desktop.replay.strips.threshold import ThresholdMark
from tickreel_desktop.replay.strips.touch import SPREAD, SPREAD_BPS, TouchPast

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyqtgraph as pg

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.theme import Theme


class SpreadUnit(StrEnum):
    """In what the spread is drawn."""

    PRICE = "price"
    BPS = "bp"
    """Basis points of the mid."""


class SpreadStrip(Strip):
    """Best ask less best bid."""

    kind = StripKind.SPREAD
    name = "Spread"
    height = TALL

    def __init__(
        self, theme: Theme, plot: pg.PlotItem, values: ValueAxis, moments: MomentAxis, past: TouchPast
    ) -> None:
        super().__init__(theme, plot, values, moments)
        self._past = past
        self.unit = SpreadUnit.PRICE
        self._thresholds: dict[SpreadUnit, float] = {}
        self.line = Curve()
        self.mark = ThresholdMark(theme)
        for item in (self.line, self.mark):
            plot.addItem(item)
        self._threshold_text = PlotText(theme, self.box, "warning")

    @property
    def threshold(self) -> float | None:
        """The level that is watched, in the unit in use; each unit has its own."""
        return self._thresholds.get(self.unit)

    def set_threshold(self, level: float | None) -> None:
        """Watch another level in the unit in use, or none."""
        if level is None:
            self._thresholds.pop(self.unit, None)
        else:
            self._thresholds[self.unit] = level
        self._threshold_text.set_text("" if level is None else f"threshold {self.threshold_text(level)}")

    def set_unit(self, unit: SpreadUnit) -> None:
        """Draw it in another unit, with the threshold that was set in that."""
        self.unit = unit
        self.range.forget()
        self.set_threshold(self.threshold)

    def take(self, frame: SymbolFrame) -> None:
        """Take nothing: the past of the touch is shared."""

    def clear(self) -> None:
        """Forget the range that was held."""
        self.range.forget()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        super().dress()
        dressed(self.line, self._theme, "series_2")
        self._threshold_text.dress()

    def draw(self, window: TimeWindow) -> None:
        """Draw what is in view."""
        columns = self._past.history.growing_columns(window.column_us, *window.numbers(window.column_us))
        band = columns.bands[self._quantity]
        edges = edges_of(columns, window)
        set_line(self.line, edges, band, columns.is_broken)
        self.gaps = gaps(columns, edges)
        self.mark.show_level(self.threshold, edges, band)
        low, high = extent(band)
        self.fit(min(0.0, low), high if self.threshold is None else max(high, self.threshold))

    def wipe(self) -> None:
        """Draw nothing."""
        self.line.clear()
        self.mark.show_level(self.threshold, np.empty(0), None)
        self.gaps = []

    def value_text(self, at_us: int) -> str:
        """Say how wide it is at an instant, in both units."""
        point = self._past.at(at_us)
        if point is None:
            return "none"
        if point.spread != point.spread:
            return "none: a side of the book is empty"
        price = format_price(point.spread, self._past.decimals)
        relative = format_bps(point.spread_bps) if point.spread_bps == point.spread_bps else ""
        if not relative:
            return price
        return f"{price} ({relative})" if self.unit is SpreadUnit.PRICE else f"{relative} ({price})"

    def rows(self, window: TimeWindow) -> Iterator[Row]:
        """Give the numbers of what is in view."""
        columns = self._past.history.growing_columns(window.column_us, *window.numbers(window.column_us))
        suffix = "" if self.unit is SpreadUnit.PRICE else ", bp"
        yield from band_rows(f"spread{suffix}", columns, columns.bands[self._quantity])

    def axis_text(self, value: float, decimals: int) -> str:
        """Print a value of the axis."""
        least = min(self._past.decimals, 2) if self.unit is SpreadUnit.PRICE else 0
        return format_price(value, max(decimals, least))

    def threshold_text(self, level: float) -> str:
        """Print a level with its unit."""
        if self.unit is SpreadUnit.BPS:
            return f"{level:g} bp"
        return format_price(level, max(self._past.decimals, len(f"{level:g}".partition(".")[2])))

    @property
    def _quantity(self) -> int:
        return SPREAD if self.unit is SpreadUnit.PRICE else SPREAD_BPS

    def _heads(self) -> tuple[PlotText, ...]:
        return (*super()._heads(), self._threshold_text)
