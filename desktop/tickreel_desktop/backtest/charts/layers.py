"""What a chart over time draws: lines, areas, bands and steps, each cut to the view before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPen, QPolygonF

from tickreel_desktop.backtest.charts.trace import Points, in_view, points_of, stepped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from tickreel_desktop.backtest.charts.scale import Place
    from tickreel_desktop.theme import ColourName, Theme

_BAND_ALPHA = 46
"""18 % of the colour of its series."""
_AREA_ALPHA = 80
_DASHES = [4.0, 4.0]


@dataclass(frozen=True, slots=True)
class Look:
    """How a layer is drawn."""

    colour: ColourName
    is_dashed: bool = False
    width: int = 1
    below: ColourName | None = None
    """The colour of what lies below zero, of steps."""

    def pen(self, theme: Theme) -> QPen:
        """Make its pen."""
        pen = QPen(theme.colour(self.colour), self.width)
        pen.setCosmetic(True)
        if self.is_dashed:
            pen.setDashPattern(_DASHES)
        return pen

    def ground(self, theme: Theme, alpha: int, *, is_below: bool = False) -> QColor:
        """Make the colour of what it fills."""
        colour = QColor(theme.colour(self.below if is_below and self.below is not None else self.colour))
        colour.setAlpha(alpha)
        return colour


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One curve with a name; *values* float64 (n,) at *at_us* int64 (n,), ascending, NaN where unknown."""

    name: str
    at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    look: Look
    is_told: bool = True
    """Whether the read-out at the cursor names it."""

    def value_at(self, at_us: int) -> float:
        """Give what was last known at an instant; NaN before."""
        place = int(np.searchsorted(self.at_us, at_us, side="right")) - 1
        return float(self.values[place]) if place >= 0 else float("nan")

    def extremes(self, from_us: int, to_us: int) -> tuple[float, float] | None:
        """Give the least and the most in view; None where nothing is known."""
        seen = self.values[in_view(self.at_us, from_us, to_us)]
        seen = seen[np.isfinite(seen)]
        return (float(seen.min()), float(seen.max())) if len(seen) else None

    def drawn(self, place: Place) -> Points:
        """Give the points that are drawn in a view."""
        return points_of(self.at_us, self.values, place.from_us, place.to_us, place.columns)

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        raise NotImplementedError

    def told(self, at_us: int) -> tuple[float, ...]:
        """Give the values that the read-out names at an instant."""
        return (self.value_at(at_us),)


class Line(Layer):
    """A line from sample to sample."""

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        painter.setPen(self.look.pen(theme))
        for polygon in _polygons(self.drawn(place), place):
            painter.drawPolyline(polygon)


class Area(Layer):
    """A line that is filled down, or up, to zero."""

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        _fill(painter, self.drawn(place), place, self.look.ground(theme, _AREA_ALPHA))
        painter.setPen(self.look.pen(theme))
        for polygon in _polygons(self.drawn(place), place):
            painter.drawPolyline(polygon)


class Steps(Layer):
    """A value that holds until the next, filled to zero: one colour above, another below."""

    def drawn(self, place: Place) -> Points:
        """Give the points that are drawn in a view."""
        return stepped(
            points_of(self.at_us, self.values, place.from_us, place.to_us, place.columns), place.to_us
        )

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        points = self.drawn(place)
        above, below = np.maximum(points.values, 0.0), np.minimum(points.values, 0.0)
        _fill(painter, Points(points.at_us, above), place, self.look.ground(theme, 255))
        _fill(painter, Points(points.at_us, below), place, self.look.ground(theme, 255, is_below=True))


@dataclass(frozen=True, slots=True, eq=False)
class Band(Layer):
    """All between two curves; *values* are the lower of them."""

    high: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def extremes(self, from_us: int, to_us: int) -> tuple[float, float] | None:
        """Give the least and the most in view."""
        part = in_view(self.at_us, from_us, to_us)
        seen = np.concatenate((self.values[part], self.high[part]))
        seen = seen[np.isfinite(seen)]
        return (float(seen.min()), float(seen.max())) if len(seen) else None

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        low = self.drawn(place)
        high = points_of(self.at_us, self.high, place.from_us, place.to_us, place.columns)
        if not len(low.at_us):
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.ground(theme, _BAND_ALPHA))
        for below, above in zip(_polygons(low, place), _polygons(high, place), strict=False):
            outline = QPolygonF(below)
            for number in range(above.size() - 1, -1, -1):
                outline.append(above.at(number))
            painter.drawPolygon(outline)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def told(self, at_us: int) -> tuple[float, ...]:
        """Give both edges at an instant."""
        place = int(np.searchsorted(self.at_us, at_us, side="right")) - 1
        if place < 0:
            return (float("nan"), float("nan"))
        return float(self.values[place]), float(self.high[place])


def _polygons(points: Points, place: Place) -> Iterator[QPolygonF]:
    """Give the lines between the instants at which nothing is known."""
    known = np.isfinite(points.values)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    across, up = place.across(points.at_us), place.up(points.values)
    for begin, end in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True):
        yield QPolygonF(list(map(QPointF, across[begin:end].tolist(), up[begin:end].tolist())))


def _fill(painter: QPainter, points: Points, place: Place, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    zero = place.zero
    for polygon in _polygons(points, place):
        outline = QPolygonF(polygon)
        outline.prepend(QPointF(polygon.first().x(), zero))
        outline.append(QPointF(polygon.last().x(), zero))
        painter.drawPolygon(outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
