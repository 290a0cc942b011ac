"""The mids of other symbols over the heat map of the chosen one, moved to its own at the left edge."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QPen

from tickreel.book.features import BPS
from tickreel_desktop.replay.strips.timewindow import TimeWindow
from tickreel_desktop.replay.strokes import strokes
from tickreel_desktop.replay.symbols.comparing import changes, dashed, dashes
from tickreel_desktop.replay.symbols.looks import colour_of, short_names
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter, QPainterPath

    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.replay.symbols.company import Company
    from tickreel_desktop.replay.symbols.comparing import SymbolLine
    from tickreel_desktop.theme import Theme


_TAG_PX = 18


class SymbolOverlay:
    """Paint over the picture of a heat map."""

    def __init__(self, theme: Theme, viewport: Viewport, shared: SharedView, company: Company) -> None:
        self._theme = theme
        self._viewport = viewport
        self._shared = shared
        self._company = company
        self.drawn: tuple[SymbolLine, ...] = ()
        """What was painted last."""
        self._base = float("nan")
        """The mid of the chosen one at the left edge."""

    def paint(self, painter: QPainter, view: Projection, now_us: int) -> None:
        """Paint the lines of those that are drawn."""
        company, plot = self._company, self._viewport.areas.plot
        window = TimeWindow(self._shared.from_us, self._shared.to_us, now_us, max(1, plot.width()))
        others = company.others
        self.drawn = ()
        if company.chosen is None or not others or window.is_ahead:
            return
        zero, *lines = changes(company, (company.chosen, *others), window)
        if isnan(zero.base):
            return
        self.drawn = tuple(lines)
        self._base = zero.base
        for line in lines:
            path = self._path(view, window, line)
            if path is not None:
                self._stroke(painter, path, line)

    def _path(self, view: Projection, window: TimeWindow, line: SymbolLine) -> QPainterPath | None:
        plot = self._viewport.areas.plot
        edges_us = line.columns.edges_us.copy()
        edges_us[-1] = window.until_us
        across = plot.left() + (edges_us - window.from_us) / window.length_us * plot.width()
        drawn = strokes(across, dashed(line.band, dashes(line.place, line.columns)), line.columns.is_broken)
        if drawn is None:
            return None
        prices = self._base * (1 + drawn.y / BPS)
        down = plot.top() + (view.high - prices) / (view.high - view.low) * view.height / self._viewport.ratio
        # Far outside of the plot a path costs as much as inside.
        down = np.clip(down, plot.top() - plot.height(), plot.bottom() + plot.height())
        path: QPainterPath = pg.arrayToQPath(drawn.x, down, drawn.connect)
        return path

    def _stroke(self, painter: QPainter, path: QPainterPath, line: SymbolLine) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("halo"), 1))
        painter.drawPath(path.translated(0, 1))
        painter.setPen(QPen(self._theme.colour(colour_of(line.place)), 1))
        painter.drawPath(path)

    def paint_tags(
        self, painter: QPainter, view: Projection, best: tuple[float | None, float | None]
    ) -> None:
        """Name each line on the price axis where it ends, beside the labels of the best prices."""
        px, axis = self._theme.px, self._viewport.areas.axis
        half = px(_TAG_PX) // 2
        names = short_names(self._company.pairs)
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.Medium))
        metrics = painter.fontMetrics()
        ends = {line: self._base * (1 + line.last_bp / BPS) for line in self.drawn}
        taken = [self._viewport.y_of(view, price) for price in best if price is not None]
        if len(taken) == 2:  # they give way to each other
            taken = [taken[0] + half, taken[1] - half]
        for line, price in sorted(ends.items(), key=lambda each: -each[1]):
            if isnan(price):
                continue
            wanted = self._viewport.y_of(view, price)
            arrow = "\u25b2" if wanted < axis.top() else "\u25bc" if wanted > axis.bottom() else ""
            at = free_place(wanted, taken, 2 * half + 1, (axis.top() + half, axis.bottom() - half))
            taken.append(at)
            box = QRect(axis.left(), at - half, axis.width() - 1, 2 * half - 1)
            painter.fillRect(box, self._theme.colour("panel"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.colour(colour_of(line.place)))
            painter.drawRect(box)
            text = metrics.elidedText(
                arrow + names[line.pair], Qt.TextElideMode.ElideMiddle, box.width() - px(4)
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def free_place(wanted: int, taken: Sequence[int], size: int, between: tuple[int, int]) -> int:
    """Find the place nearest to the one that is wanted that is so far from all that are taken."""
    low, high = between
    wanted = min(max(wanted, low), high)
    choices = [wanted, *(place + sign * size for place in taken for sign in (-1, 1))]
    free = [
        each for each in choices if low <= each <= high and all(abs(each - place) >= size for place in taken)
    ]
    return min(free, key=lambda each: abs(each - wanted), default=wanted)
