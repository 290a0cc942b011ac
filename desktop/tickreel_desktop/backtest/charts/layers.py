"""What a chart over time draws: lines, areas, bands and steps, each cut to the view before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tickreel_desktop.backtest.charts.trace import Points, Trace, stepped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tickreel_desktop.backtest.charts.scale import Place
    from tickreel_desktop.theme import ColourName, Theme

_BAND_ALPHA = 46
"""18 % of the colour of its series."""
_AREA_ALPHA = 60
_DASHES = [4.0, 4.0]
_ROUGH = 12
"""Pixels up and down in a column, on average."""


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
    """One curve with a name."""

    name: str
    trace: Trace
    look: Look

    @property
    def at_us(self) -> NDArray[np.int64]:
        """When its samples are, int64 (n,)."""
        return self.trace.at_us

    @property
    def values(self) -> NDArray[np.float64]:
        """Its samples, float64 (n,)."""
        return self.trace.values

    def extremes(self, from_us: int, to_us: int) -> tuple[float, float] | None:
        """Give the least and the most in view; None where nothing is known."""
        return self.trace.extremes(from_us, to_us)

    def drawn(self, place: Place) -> Points:
        """Give the points that are drawn in a view."""
        return self.trace.points(place.from_us, place.to_us, place.columns)

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        raise NotImplementedError

    def told(self, at_us: int) -> tuple[float, ...]:
        """Give the values that the read-out names at an instant."""
        return (self.trace.value_at(at_us),)


class Line(Layer):
    """A line from sample to sample."""

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        points = self.drawn(place)
        _outline(painter, points, place, self.look.pen(theme))


class Area(Layer):
    """A line that is filled down, or up, to zero."""

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        points = self.drawn(place)
        _fill(painter, points, place, self.look.ground(theme, _AREA_ALPHA))
        _outline(painter, points, place, self.look.pen(theme))


class Steps(Layer):
    """A value that holds until the next, filled to zero: one colour above, another below."""

    def drawn(self, place: Place) -> Points:
        """Give the points that are drawn in a view."""
        return stepped(super().drawn(place), place.to_us)

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        points = self.drawn(place)
        for is_below, pick in ((False, np.maximum), (True, np.minimum)):
            part = Points(points.at_us, pick(points.values, 0.0))
            _fill(painter, part, place, self.look.ground(theme, 255, is_below=is_below))


@dataclass(frozen=True, slots=True, eq=False)
class Band(Layer):
    """All between two curves, of which :attr:`trace` is the lower one."""

    high: Trace

    def extremes(self, from_us: int, to_us: int) -> tuple[float, float] | None:
        """Give the least and the most in view."""
        ends = [found for one in (self.trace, self.high) if (found := one.extremes(from_us, to_us))]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None

    def paint(self, painter: QPainter, place: Place, theme: Theme) -> None:
        """Draw it."""
        low, high = self.drawn(place), self.high.points(place.from_us, place.to_us, place.columns)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.ground(theme, _BAND_ALPHA))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if _is_rough(low, place) or _is_rough(high, place):
            painter.drawRects(_columns(low, high, place))
        else:
            for below, above in zip(_polygons(low, place), _polygons(high, place), strict=False):
                painter.drawPolygon(QPolygonF(below.toList() + above.toList()[::-1]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def told(self, at_us: int) -> tuple[float, ...]:
        """Give both edges at an instant."""
        return self.trace.value_at(at_us), self.high.value_at(at_us)


def _is_rough(points: Points, place: Place) -> bool:
    """Tell whether a curve goes up and down in every column: Qt would take a second to draw it."""
    up = place.up(points.values)
    return float(np.nansum(np.abs(np.diff(up)))) > _ROUGH * place.columns


def _outline(painter: QPainter, points: Points, place: Place, pen: QPen) -> None:
    """Draw a line; a rough one without dashes and soft edges, which could not be told from what is there."""
    is_rough = _is_rough(points, place)
    if is_rough:
        pen.setStyle(Qt.PenStyle.SolidLine)
        pen.setWidth(1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not is_rough)
    painter.setPen(pen)
    for polygon in _polygons(points, place):
        painter.drawPolyline(polygon)


def _fill(painter: QPainter, points: Points, place: Place, colour: QColor) -> None:
    """Fill from a curve to zero; under a rough one column by column."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if _is_rough(points, place):
        painter.drawRects(_columns(points, points, place, place.zero))
    else:
        for polygon in _polygons(points, place):
            outline = QPolygonF(polygon)
            outline.prepend(QPointF(polygon.first().x(), place.zero))
            outline.append(QPointF(polygon.last().x(), place.zero))
            painter.drawPolygon(outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _columns(low: Points, high: Points, place: Place, zero: float | None = None) -> list[QRectF]:
    """Give for each column of pixels the stretch between two curves, and down or up to *zero*."""
    at_us = np.concatenate((low.at_us, high.at_us))
    up = place.up(np.concatenate((low.values, high.values)))
    known = np.isfinite(up)
    at_us, up = at_us[known], up[known]
    if not len(up):
        return []
    order = np.argsort(at_us, kind="stable")
    column, up = np.floor(place.across(at_us[order])), up[order]
    begins = np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1])))
    tops, bottoms = np.minimum.reduceat(up, begins), np.maximum.reduceat(up, begins)
    if zero is not None:
        tops, bottoms = np.minimum(tops, zero), np.maximum(bottoms, zero)
    lefts = column[begins]
    widths = np.diff(np.append(lefts, lefts[-1] + 1))
    parts = zip(lefts.tolist(), tops.tolist(), widths.tolist(), (bottoms - tops).tolist(), strict=True)
    return [QRectF(*part) for part in parts]


def _polygons(points: Points, place: Place) -> Iterator[QPolygonF]:
    """Give the lines between the instants at which nothing is known."""
    known = np.isfinite(points.values)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    across, up = place.across(points.at_us), place.up(points.values)
    for begin, end in zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True):
        yield QPolygonF(list(map(QPointF, across[begin:end].tolist(), up[begin:end].tolist())))
