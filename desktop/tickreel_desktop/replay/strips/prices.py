"""Mid and microprice over time, with best bid and ask where they stand clear of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.book import features
from tickreel.market.units import format_price
from tickreel_desktop.replay.columns import Band
from tickreel_desktop.replay.marks import Curve
from tickreel_desktop.replay.series import History
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
from tickreel_desktop.replay.strips.touch import MID, SPREAD, TouchPast

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyqtgraph as pg
    from numpy.typing import NDArray

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.columns import Columns
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.theme import Theme

_POINTS_PER_COLUMN = 0.5
_APART_PX = 6
"""Best bid and ask are drawn from this distance between them on."""


class PricesStrip(Strip):
    """The price halfway between the best ones, and the one weighted by their amounts."""

    kind = StripKind.PRICES
    name = "Mid and microprice"
    height = TALL

    def __init__(
        self, theme: Theme, plot: pg.PlotItem, values: ValueAxis, moments: MomentAxis, past: TouchPast
    ) -> None:
        super().__init__(theme, plot, values, moments)
        self._past = past
        self._micro = History()
        self.micro, self.mid, self.bid, self.ask = (Curve() for _ in range(4))
        for item in (self.bid, self.ask, self.micro, self.mid):
            plot.addItem(item)
        self._zero_line.hide()

    def take(self, frame: SymbolFrame) -> None:
        """Take what happened since the last frame."""
        self._micro.append(frame.touch.time_us, features.microprice(frame.touch.as_touch()))

    def clear(self) -> None:
        """Forget everything that was taken."""
        self._micro.clear()
        self.range.forget()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        super().dress()
        dressed(self.mid, self._theme, "text")
        dressed(self.micro, self._theme, "accent")
        dressed(self.bid, self._theme, "bid")
        dressed(self.ask, self._theme, "ask")

    def draw(self, window: TimeWindow) -> None:
        """Draw what is in view."""
        columns, micro = self._columns(window)
        edges = edges_of(columns, window)
        mid, spread = columns.bands[MID], columns.bands[SPREAD]
        set_line(self.mid, edges, mid, columns.is_broken)
        set_line(self.micro, edges, micro.bands[0], micro.is_broken)
        self.gaps = gaps(columns, edges)
        is_zoomed = columns.points.sum() < _POINTS_PER_COLUMN * len(columns) and self._is_apart(spread)
        for line, sign in ((self.bid, -0.5), (self.ask, 0.5)):
            if is_zoomed:
                price = mid.last + sign * spread.last
                set_line(line, edges, Band(price, price, price), columns.is_broken)
            else:
                line.clear()
        low, high = extent(mid, micro.bands[0])
        if is_zoomed:
            low, high = low - extent(spread)[1] / 2, high + extent(spread)[1] / 2
        self.fit(low, high)

    def wipe(self) -> None:
        """Draw nothing."""
        for line in (self.mid, self.micro, self.bid, self.ask):
            line.clear()
        self.gaps = []

    def value_text(self, at_us: int) -> str:
        """Say both prices of an instant."""
        point, micro = self._past.at(at_us), self._micro.at(at_us)
        if point is None:
            return "none"
        if point.mid != point.mid:
            return "none: a side of the book is empty"
        digits = self._past.decimals + 1
        weighted = "" if micro is None else f", microprice {format_price(micro[0], digits)}"
        return f"mid {format_price(point.mid, digits)}{weighted}"

    def rows(self, window: TimeWindow) -> Iterator[Row]:
        """Give the numbers of what is in view."""
        columns, micro = self._columns(window)
        yield from band_rows("mid", columns, columns.bands[MID])
        yield from band_rows("microprice", micro, micro.bands[0])

    def axis_text(self, value: float, decimals: int) -> str:
        """Print a value of the axis."""
        return format_price(value, max(decimals, min(self._past.decimals, 2)))

    def _columns(self, window: TimeWindow) -> tuple[Columns, Columns]:
        step_us = window.column_us
        first, stop = window.numbers(step_us)
        return (
            self._past.history.growing_columns(step_us, first, stop),
            self._micro.growing_columns(step_us, first, stop),
        )

    def _is_apart(self, spread: Band) -> bool:
        """Tell whether best bid and ask would stand clear of the mid; else they would only hide it."""
        spreads: NDArray[np.float64] = spread.last[np.isfinite(spread.last)]
        low, high = self.box.viewRange()[1]
        price_per_px = (high - low) / max(1.0, self.box.height())
        return bool(len(spreads)) and float(np.median(spreads)) >= _APART_PX * price_per_px
