"""What an overview shows of the data: mid, spread, volume and health of a whole range, and its hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from tickreel.market.time import day_start_us, days_touched
from tickreel.store import DayState
from tickreel_desktop.replay.band_words import BandShape, band_shape
from tickreel_desktop.replay.ticks import time_step_us
from tickreel_desktop.theme import FontRole
from tickreel_desktop.zone.times import short_axis_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.replay import Band, DayOutline, OutlineColumns
    from tickreel_desktop.replay.overview_layout import OverviewLayout
    from tickreel_desktop.theme import ColourName, Theme
    from tickreel_desktop.zone import DisplayZone

_PX_PER_LABEL = 84
_VOLUME_SHARE = 0.34
_SPREAD_SHARE = 0.30
_MID_TOP, _MID_BOTTOM = 0.10, 0.78
_CLIP = 99.5
"""Percentile of spread and volume that fills their room; one print must not flatten all others."""
_BAR_ALPHA = 120
_LEAST_BAR_PX = 0.5
_EMPTY_WORDS = {
    DayState.MISSING: "missing",
    DayState.PENDING: "being fetched",
    DayState.DAMAGED: "damaged",
    DayState.ABSENT: "not at the vendor",
}


def empty_word(outline: DayOutline) -> str:
    """Say why a day has nothing to show: ``missing``."""
    return _EMPTY_WORDS.get(outline.state, "no rows")


class _Day(NamedTuple):
    """The columns of a day, the pixel of each, and where the columns of another pixel begin."""

    columns: OutlineColumns
    pixels: NDArray[np.int64]
    firsts: NDArray[np.int64]


class OutlinePicture:
    """Paints it; whoever owns it keeps the picture until something of it changes."""

    def __init__(self, theme: Theme, zone: DisplayZone) -> None:
        self._theme = theme
        self._zone = zone

    def paint(
        self, painter: QPainter, place: OverviewLayout, outlines: Sequence[DayOutline], problem: str
    ) -> None:
        """Draw the days that are known so far; a *problem* is why no more will be."""
        colour = self._theme.colour
        painter.fillRect(place.plot, colour("plot"))
        for outline in outlines:
            if outline.columns is None:
                self._paint_empty(painter, place, outline)
        days = [_Day(one.columns, *_per_pixel(place, one.columns)) for one in outlines if one.columns]
        self._paint_bars(painter, place, days)
        self._paint_mid(painter, place, days)
        self._paint_days(painter, place)
        self._paint_health(painter, place, outlines)
        self._paint_unread(painter, place, outlines, problem)
        self._paint_labels(painter, place)

    def _paint_empty(self, painter: QPainter, place: OverviewLayout, outline: DayOutline) -> None:
        rect = place.across(outline.from_us, outline.to_us)
        painter.fillRect(rect, self._theme.colour("raised"))
        self._write(painter, rect, empty_word(outline), "text_2")

    def _write(self, painter: QPainter, rect: QRectF, text: str, colour: ColourName) -> None:
        """Write into the middle of a rectangle, where it fits."""
        painter.setFont(self._theme.font(FontRole.CAPTION))
        if painter.fontMetrics().horizontalAdvance(text) + self._theme.px(8) <= rect.width():
            painter.setPen(self._theme.colour(colour))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_bars(self, painter: QPainter, place: OverviewLayout, days: Sequence[_Day]) -> None:
        """Draw volume from the bottom up, and from the top down how far the spread is over its median."""
        plot = place.plot
        volumes = [(x[firsts], np.add.reduceat(columns.volume, firsts)) for columns, x, firsts in days]
        widest = [(x[firsts], np.fmax.reduceat(columns.spread, firsts)) for columns, x, firsts in days]
        known = np.concatenate([columns.spread for columns, _, _ in days] or [np.empty(0)])
        usual = float(np.nanmedian(known)) if np.isfinite(known).any() else 0.0
        over = [(x, np.nan_to_num(spreads - usual)) for x, spreads in widest]
        self._draw_bars(painter, volumes, "text_3", plot.bottom(), -_VOLUME_SHARE * plot.height())
        self._draw_bars(painter, over, "series_2", plot.top(), _SPREAD_SHARE * plot.height())

    def _draw_bars(
        self,
        painter: QPainter,
        days: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]],
        colour: ColourName,
        base: float,
        room: float,
    ) -> None:
        above = np.concatenate([values[values > 0] for _, values in days] or [np.empty(0)])
        if not len(above):
            return
        clip = float(np.percentile(above, _CLIP))
        across = np.concatenate([x for x, _ in days]) + 0.5
        lengths = np.sqrt(np.clip(np.concatenate([values for _, values in days]) / clip, 0.0, 1.0)) * room
        seen = np.abs(lengths) >= _LEAST_BAR_PX
        ends = np.column_stack([np.full(seen.sum(), base), base + lengths[seen]])
        bars = pg.arrayToQPath(np.repeat(across[seen], 2), ends.reshape(-1), connect="pairs")
        ink = QColor(self._theme.colour(colour))
        ink.setAlpha(_BAR_ALPHA)
        painter.setPen(ink)
        painter.drawPath(bars)

    def _paint_mid(self, painter: QPainter, place: OverviewLayout, days: Sequence[_Day]) -> None:
        lows = [columns.low for columns, _, _ in days]
        known = np.concatenate(lows or [np.empty(0)])
        if not np.isfinite(known).any():
            return
        low = float(np.nanmin(known))
        high = float(np.nanmax(np.concatenate([columns.high for columns, _, _ in days])))
        top = place.plot.top() + _MID_TOP * place.plot.height()
        bottom = place.plot.top() + _MID_BOTTOM * place.plot.height()
        scale = (bottom - top) / (high - low) if high > low else 0.0
        flat = (bottom + top) / 2

        def heights(prices: NDArray[np.float64]) -> NDArray[np.float64]:
            return bottom - (prices - low) * scale if scale else prices * 0 + flat

        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("text"), 1))
        for columns, pixels, firsts in days:
            ends = np.append(firsts[1:], len(pixels)) - 1
            # Each pixel goes from its lowest to its highest and on from its last; NaN parts the line.
            prices = np.column_stack(
                [
                    np.fmin.reduceat(columns.low, firsts),
                    np.fmax.reduceat(columns.high, firsts),
                    columns.last[ends],
                ]
            )
            across = np.repeat(pixels[firsts] + 0.5, prices.shape[1])
            painter.drawPath(pg.arrayToQPath(across, heights(prices).reshape(-1), connect="finite"))
        painter.restore()

    def _paint_days(self, painter: QPainter, place: OverviewLayout) -> None:
        """Draw where a UTC day ends, as days of data do."""
        days = days_touched(place.start_us, place.end_us)
        if len(days) > place.width / self._theme.px(12):
            return
        for day in days[1:]:
            x = round(place.place(day_start_us(day)))
            painter.fillRect(
                QRectF(x, place.plot.top(), 1, place.band.bottom() - place.plot.top()),
                self._theme.colour("line_strong"),
            )

    def _paint_health(self, painter: QPainter, place: OverviewLayout, outlines: Sequence[DayOutline]) -> None:
        band = place.band
        quiet = QRectF(0, band.center().y() - self._theme.px(2), 0, self._theme.px(4))
        for outline in outlines:
            rect = place.across(outline.from_us, outline.read_us)
            if outline.columns is not None:
                painter.fillRect(
                    QRectF(rect.left(), quiet.top(), rect.width(), quiet.height()),
                    self._theme.colour("present"),
                )
            elif outline.state is DayState.ABSENT:
                pen = QPen(self._theme.colour("text_3"), 2, Qt.PenStyle.DashLine)
                painter.setPen(pen)
                painter.drawLine(QLineF(rect.left(), band.center().y(), rect.right(), band.center().y()))
        for wanted in (BandShape.HOLLOW, BandShape.CROSS, BandShape.TICK, BandShape.HATCH, BandShape.BLOCK):
            for outline in outlines:
                for one in outline.bands:
                    if band_shape(one.kind) is wanted:
                        self._paint_band(painter, place, one, wanted)

    def _paint_band(self, painter: QPainter, place: OverviewLayout, band: Band, shape: BandShape) -> None:
        if band.to_us <= place.start_us or band.from_us >= place.end_us:
            return
        rect = place.across(band.from_us, band.to_us, self._theme.px(3))
        rect = QRectF(round(rect.left()), place.band.top(), round(max(rect.width(), 1)), place.band.height())
        warning, error = self._theme.colour("warning"), self._theme.colour("error")
        match shape:
            case BandShape.BLOCK:
                painter.fillRect(rect, warning)
            case BandShape.HATCH:
                painter.fillRect(rect, self._theme.colour("warning_bg"))
                painter.fillRect(rect, QBrush(warning, Qt.BrushStyle.BDiagPattern))
                painter.setPen(warning)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
            case BandShape.TICK:
                painter.fillRect(rect.adjusted(0, rect.height() / 2, 0, 0), warning)
            case BandShape.CROSS:
                painter.fillRect(rect, self._theme.colour("error_bg"))
                painter.fillRect(rect, QBrush(error, Qt.BrushStyle.DiagCrossPattern))
                painter.setPen(error)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect.adjusted(0, -1, -1, 0))
            case BandShape.HOLLOW:
                painter.setPen(self._theme.colour("control"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
            case BandShape.NONE:
                pass

    def _paint_unread(
        self, painter: QPainter, place: OverviewLayout, outlines: Sequence[DayOutline], problem: str
    ) -> None:
        """Say beyond what was read that the rest is on its way, or that it will not come."""
        read_us = max((one.read_us for one in outlines), default=place.start_us)
        if read_us >= place.end_us:
            return
        rect = place.across(read_us, place.end_us)
        painter.fillRect(
            QRectF(rect.left(), place.band.center().y(), rect.width(), 1), self._theme.colour("line_strong")
        )
        if problem:
            metrics = painter.fontMetrics()
            room = int(rect.width()) - self._theme.px(12)
            text = metrics.elidedText(f"Not read: {problem}", Qt.TextElideMode.ElideRight, room)
            self._write(painter, rect, text, "error")
        else:
            self._write(painter, rect, "reading", "text_3")

    def _paint_labels(self, painter: QPainter, place: OverviewLayout) -> None:
        painter.setFont(self._theme.font(FontRole.CAPTION))
        words = painter.fontMetrics()
        span_us = place.end_us - place.start_us
        zone, edge = self._zone.zone, self._theme.px(2)
        step_us = time_step_us(span_us, max(1, int(place.width / self._theme.px(_PX_PER_LABEL))))
        free = float("-inf")
        for at_us in zone.round_instants(place.start_us, place.end_us, step_us):
            across = place.place(at_us)
            text = short_axis_text(zone, at_us, step_us)
            width = words.horizontalAdvance(text)
            # The labels at the ends stay inside, so that none is cut, and none touches its neighbour.
            begin = min(max(across - width / 2, edge), place.left + place.width - width + place.left - edge)
            if begin < free:
                continue
            free = begin + width + self._theme.px(8)
            painter.setPen(self._theme.colour("text_3"))
            rect = QRectF(begin, place.labels_top, width + 1, words.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft, text)


def _per_pixel(place: OverviewLayout, columns: OutlineColumns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the pixel of each column, and where the columns of another pixel begin."""
    times = columns.start_us + columns.width_us * np.arange(len(columns), dtype=np.int64)
    times = np.maximum(times + columns.width_us // 2, place.start_us)
    pixels = np.floor(
        place.left + (times - place.start_us) / (place.end_us - place.start_us) * place.width
    ).astype(np.int64)
    return pixels, np.flatnonzero(np.diff(pixels, prepend=pixels[0] - 1))
