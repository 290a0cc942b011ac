"""The mids of the symbols that are played together, on one scale in basis points."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.units import MINUS
from tickreel_desktop.replay.marks import Curve
from tickreel_desktop.replay.strips.strip import (
    TALL,
    Row,
    Strip,
    StripKind,
    band_rows,
    dressed,
    edges_of,
    extent,
    set_line,
)
from tickreel_desktop.replay.symbols.company import MOST_SHOWN
from tickreel_desktop.replay.symbols.comparing import (
    Scale,
    changes,
    compared,
    dashed,
    dashes,
    distances,
)
from tickreel_desktop.replay.symbols.looks import colour_of, short_names
from tickreel_desktop.replay.symbols.words import signed_bps

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyqtgraph as pg

    from tickreel.replay import SymbolFrame
    from tickreel_desktop.replay.axes import MomentAxis, ValueAxis
    from tickreel_desktop.replay.strips.timewindow import TimeWindow
    from tickreel_desktop.replay.symbols.company import Company
    from tickreel_desktop.replay.symbols.comparing import SymbolLine
    from tickreel_desktop.theme import Theme


class SymbolsStrip(Strip):
    """A line for each symbol in view: what its mid has moved, or how far it lies from the chosen one's."""

    kind = StripKind.SYMBOLS
    name = "Symbols"
    height = TALL

    def __init__(
        self, theme: Theme, plot: pg.PlotItem, values: ValueAxis, moments: MomentAxis, company: Company
    ) -> None:
        super().__init__(theme, plot, values, moments)
        self._company = company
        self.scale = Scale.CHANGE
        self._from_us = 0
        self.lines = tuple(Curve() for _ in range(MOST_SHOWN))
        """One for each look."""
        for line in self.lines:
            plot.addItem(line)

    def set_scale(self, scale: Scale) -> None:
        """Compare on another scale."""
        self.scale = scale
        self.range.forget()

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

    def draw(self, window: TimeWindow) -> None:
        """Draw what is in view."""
        self._from_us = window.from_us
        drawn = self._lines(window)
        for line in self.lines:
            line.clear()
        for each in drawn:
            band = dashed(each.band, dashes(each.place, each.columns))
            line = self.lines[each.place % len(self.lines)]
            set_line(line, edges_of(each.columns, window), band, each.columns.is_broken)
        low, high = extent(*(each.band for each in drawn))
        self.fit(low, high)
        chosen = "" if self._company.chosen is None else self._names[self._company.chosen]
        is_change = self.scale is Scale.CHANGE
        self._note.set_text("change since the left edge" if is_change else f"distance from {chosen}")

    def wipe(self) -> None:
        """Draw nothing."""
        for line in self.lines:
            line.clear()

    def value_text(self, at_us: int) -> str:
        """Say of each symbol where it is at an instant."""
        company, names = self._company, self._names
        pairs = company.shown if self.scale is Scale.CHANGE else company.others
        found = {pair: compared(company, pair, self.scale, self._from_us, at_us) for pair in pairs}
        words = [f"{names[pair]} {signed_bps(value)}" for pair, value in found.items() if not isnan(value)]
        return ", ".join(words) or "none"

    def rows(self, window: TimeWindow) -> Iterator[Row]:
        """Give the numbers of what is in view."""
        for each in self._lines(window):
            yield from band_rows(f"{' '.join(each.pair)}, bp", each.columns, each.band)

    def axis_text(self, value: float, decimals: int) -> str:
        """Print a value of the axis."""
        return f"{value:+.{decimals}f}".replace("-", MINUS) if value else "0"

    @property
    def _names(self) -> dict[tuple[str, str], str]:
        return short_names(self._company.pairs)

    def _lines(self, window: TimeWindow) -> list[SymbolLine]:
        company = self._company
        if self.scale is Scale.DISTANCE:
            with np.errstate(invalid="ignore", divide="ignore"):
                return distances(company, company.others, window)
        return changes(company, company.shown, window)
