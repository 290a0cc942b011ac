"""What lies over the picture and beside it: bands, marks, play line, cursor, axis and profile."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QLine, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPen, QPolygon

from tickreel.market.units import MINUS, format_duration_s, format_price
from tickreel_desktop.replay.ticks import round_ticks
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from tickreel.book import Book
    from tickreel.replay import Band
    from tickreel_desktop.replay.heatmap.cellring import CellRing
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.theme import ColourName, Theme

_PX_PER_VALUE = 34
_BAND_ALPHA = 46
_SELECTED_ALPHA = 40
_BAR_SHARE = 0.9
_APART_FROM_PX = 4
_GRIP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class MarkKind(StrEnum):
    """What a mark at a moment is."""

    BOOKMARK = "bookmark"
    FINDING = "finding"


class Mark(NamedTuple):
    """Something that is pinned to a moment."""

    at_us: int
    kind: MarkKind
    text: str
    """The name of a bookmark, the number of a finding."""


class Areas(NamedTuple):
    """The parts of the widget."""

    plot: QRect
    profile: QRect
    axis: QRect


class Overlay:
    """Paint over the picture; all coordinates across are asked of the projection."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self.areas = Areas(QRect(), QRect(), QRect())
        self.ratio = 1.0
        """Device pixels to a pixel."""

    def x_of(self, view: Projection, at_us: int) -> int:
        """Give the pixel across of an instant."""
        return self.areas.plot.left() + int((view.place_of(at_us) - view.left) / self.ratio)

    def y_of(self, view: Projection, price: float) -> int:
        """Give the pixel down of a price."""
        return self.areas.plot.top() + int(np.floor(view.down(price) / self.ratio))

    def draw_words(self, painter: QPainter, text: str) -> None:
        """Say in the middle of the plot why there is nothing to see."""
        painter.setFont(self._theme.font(FontRole.BODY))
        painter.setPen(self._theme.colour("text_2"))
        painter.drawText(self.areas.plot, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def draw_stretches(self, painter: QPainter, stretches: Sequence[tuple[int, int]], word: str) -> None:
        """Name stretches from pixel to pixel of which nothing was known."""
        plot = self.areas.plot
        painter.setFont(self._theme.font(FontRole.CAPTION))
        painter.setPen(self._theme.colour("text_2"))
        needed = painter.fontMetrics().horizontalAdvance(word) + self._theme.px(8)
        for left, right in stretches:
            if right - left >= needed:
                room = QRect(left, plot.top(), right - left, plot.height())
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, word)

    def draw_bands(self, painter: QPainter, view: Projection, bands: Sequence[Band]) -> None:
        """Draw the stretches whose data is not sound, each with its kind and length where there is room."""
        plot = self.areas.plot
        edge = self._theme.colour("warning")
        ground = QColor(edge)
        ground.setAlpha(_BAND_ALPHA)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        free_from = plot.left()
        for band in bands:
            left = max(plot.left(), self.x_of(view, band.from_us))
            right = min(plot.right() + 1, self.x_of(view, band.to_us) + 1)
            if right <= left:
                continue
            painter.fillRect(left, plot.top(), right - left, plot.height(), ground)
            painter.fillRect(left, plot.top(), 1, plot.height(), edge)
            painter.fillRect(right - 1, plot.top(), 1, plot.height(), edge)
            kind = band.kind.replace("_", " ").capitalize()
            text = f"{kind} {format_duration_s((band.to_us - band.from_us) / 1e6)}"
            box = self._box(painter, text, left + self._theme.px(6), plot.bottom() - self._theme.px(26))
            if box.right() <= plot.right() and box.left() >= free_from:
                free_from = box.right() + self._theme.px(4)
                self._tag(painter, box, text, "panel", "warning")

    def draw_selection(self, painter: QPainter, view: Projection, from_us: int, to_us: int) -> None:
        """Tint a stretch of time that is selected."""
        plot = self.areas.plot
        left, right = self.x_of(view, from_us), self.x_of(view, to_us)
        area = QRect(left, plot.top(), max(1, right - left), plot.height()).intersected(plot)
        ground = self._theme.colour("accent")
        edge = QColor(ground)
        ground.setAlpha(_SELECTED_ALPHA)
        painter.fillRect(area, ground)
        for at in (left, right):
            if plot.left() <= at <= plot.right():
                painter.fillRect(at, plot.top(), 1, plot.height(), edge)

    def draw_marks(self, painter: QPainter, view: Projection, marks: Sequence[Mark]) -> None:
        """Draw pins with their numbers and ribbons with their names at the upper edge."""
        plot, px = self.areas.plot, self._theme.px
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
        note = self._theme.colour("note")
        for mark in marks:
            at = self.x_of(view, mark.at_us)
            if not plot.left() <= at <= plot.right():
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(note)
            top = plot.top()
            if mark.kind is MarkKind.FINDING:
                half = px(8)
                painter.drawPolygon(
                    QPolygon(
                        [
                            QPoint(at - half, top),
                            QPoint(at + half, top),
                            QPoint(at + half, top + px(12)),
                            QPoint(at, top + px(18)),
                            QPoint(at - half, top + px(12)),
                        ]
                    )
                )
                painter.setPen(self._theme.colour("panel"))
                painter.drawText(
                    QRect(at - half, top, 2 * half, px(14)), Qt.AlignmentFlag.AlignCenter, mark.text
                )
                continue
            painter.drawPolygon(
                QPolygon(
                    [
                        QPoint(at, top),
                        QPoint(at + px(7), top),
                        QPoint(at + px(7), top + px(12)),
                        QPoint(at + px(3), top + px(8)),
                        QPoint(at, top + px(12)),
                    ]
                )
            )
            painter.fillRect(at, top, 1, plot.height(), note)
            box = self._box(painter, mark.text, at + px(10), top + px(1))
            if box.right() <= plot.right():
                self._tag(painter, box, mark.text, "panel", "note")

    def draw_play_line(self, painter: QPainter, view: Projection, now_us: int) -> None:
        """Draw where the replay is."""
        plot = self.areas.plot
        at = self.x_of(view, now_us)
        if plot.left() <= at <= plot.right():
            painter.fillRect(at, plot.top(), 1, plot.height(), self._theme.colour("text"))

    def draw_profile(
        self, painter: QPainter, view: Projection, book: Book | None, cells: CellRing | None
    ) -> None:
        """Draw the book of now, cell by cell, as bars to the right."""
        area = self.areas.profile
        painter.fillRect(area, self._theme.colour("plot"))
        painter.fillRect(area.left(), area.top(), 1, area.height(), self._theme.colour("line"))
        if book is None or cells is None:
            return
        borders = cells.borders
        sizes = [_by_cell(levels, borders) for levels in (book.bids, book.asks)]
        cell_of_row = view.cells(borders)
        inside = (cell_of_row >= 0) & (cell_of_row < cells.grid.cells)
        bids, asks = (
            np.where(inside, size[cell_of_row.clip(0, cells.grid.cells - 1)], 0.0) for size in sizes
        )
        most = float((bids + asks).max(initial=0.0))
        if most <= 0:
            return
        row_px = view.height / (view.high - view.low) * cells.grid.group
        if row_px >= _APART_FROM_PX:
            # The last pixel of each cell is ground, so that bars stand apart.
            is_last = np.diff(cell_of_row, append=cell_of_row[-1]) != 0
            bids[is_last] = asks[is_last] = 0.0
        width = round((area.width() - 1) * self.ratio)
        across = np.arange(width)[None, :]
        per_px = _BAR_SHARE * width / most
        bid_px, all_px = np.ceil(bids * per_px)[:, None], np.ceil((bids + asks) * per_px)[:, None]
        colour = self._theme.colour
        pixels = np.full((view.height, width), colour("plot").rgb(), np.uint32)
        pixels[across < all_px] = colour("ask").rgb()
        pixels[across < bid_px] = colour("bid").rgb()
        image = QImage(pixels.data, width, view.height, 4 * width, QImage.Format.Format_RGB32)
        painter.drawImage(area.adjusted(1, 0, 0, 0), image)

    def draw_axis(
        self,
        painter: QPainter,
        view: Projection,
        decimals: int,
        best: tuple[float | None, float | None],
        cursor: float | None,
    ) -> None:
        """Draw round prices, and the best bid and ask in their colours, apart from each other."""
        area, px = self.areas.axis, self._theme.px
        painter.fillRect(area, self._theme.colour("plot"))
        painter.setFont(self._theme.font(FontRole.CAPTION))
        most = max(2, area.height() // px(_PX_PER_VALUE))
        ticks = round_ticks(view.low, view.high, most)
        height = QFontMetrics(painter.font()).height()
        places = self._label_places(view, best)
        taken = [place for place, _, _ in places]
        if cursor is not None:
            taken.append(self.y_of(view, cursor))
        grid, text = self._theme.colour("line_strong"), self._theme.colour("text_2")
        for value in ticks.values:
            y = self.y_of(view, value)
            if any(abs(y - place) < height + px(3) for place in taken):
                continue
            if not area.top() + height // 2 <= y <= area.bottom() - height // 2:
                continue
            painter.fillRect(area.left(), y, px(5), 1, grid)
            painter.setPen(text)
            room = QRect(area.left() + px(9), y - height, area.width() - px(9), 2 * height)
            painter.drawText(room, _GRIP, _price_text(value, max(ticks.decimals, decimals)))
        for place, price, name in places:
            self._draw_label(painter, place, _price_text(price, decimals), name)

    def _label_places(
        self, view: Projection, best: tuple[float | None, float | None]
    ) -> list[tuple[int, float, ColourName]]:
        """Give where the labels of best ask and best bid stand, so that neither covers the other."""
        area = self.areas.axis
        half = self._theme.px(9)
        bid, ask = best
        bid_y = None if bid is None else self.y_of(view, bid)
        ask_y = None if ask is None else self.y_of(view, ask)
        if bid_y is not None and ask_y is not None and abs(bid_y - ask_y) < 2 * half:
            middle = (bid_y + ask_y) // 2
            ask_y, bid_y = middle - half, middle + half
        found: list[tuple[int, float, ColourName]] = []
        if ask is not None and ask_y is not None:
            found.append((ask_y, ask, "ask"))
        if bid is not None and bid_y is not None:
            found.append((bid_y, bid, "bid"))
        return [each for each in found if area.top() - half <= each[0] <= area.bottom() + half]

    def draw_cursor(
        self,
        painter: QPainter,
        view: Projection,
        at_us: int | None,
        price: float | None,
        decimals: int,
    ) -> None:
        """Draw the dashed lines of the cursor, and its price on the axis."""
        plot = self.areas.plot
        painter.setPen(QPen(self._theme.colour("text"), 1, Qt.PenStyle.DashLine))
        if at_us is not None:
            x = self.x_of(view, at_us)
            if plot.left() <= x <= plot.right():
                painter.drawLine(QLine(x, plot.top(), x, plot.bottom()))
        if price is not None and view.low <= price <= view.high:
            y = self.y_of(view, price)
            painter.drawLine(QLine(plot.left(), y, self.areas.profile.right(), y))
            self._draw_label(painter, y, _price_text(price, decimals), "text")

    def draw_readout(
        self,
        painter: QPainter,
        view: Projection,
        at_us: int,
        price: float,
        lines: Sequence[tuple[str, str, ColourName]],
    ) -> None:
        """Draw the box of the cursor on the side that is free."""
        plot, px = self.areas.plot, self._theme.px
        painter.setFont(self._theme.font(FontRole.CAPTION))
        metrics = painter.fontMetrics()
        line_px = metrics.height() + px(3)
        first = max(metrics.horizontalAdvance(caption) for caption, _, _ in lines) + px(10)
        second = max(metrics.horizontalAdvance(text) for _, text, _ in lines)
        width, height = first + second + px(20), line_px * len(lines) + px(12)
        x, y = self.x_of(view, at_us), self.y_of(view, price)
        left = x + px(14) if x + px(14) + width <= plot.right() else x - px(14) - width
        top = y - px(14) - height if y - px(14) - height >= plot.top() else y + px(14)
        left = max(plot.left(), min(left, plot.right() - width))
        top = max(plot.top(), min(top, plot.bottom() - height))
        box = QRect(left, top, width, height)
        painter.fillRect(box, self._theme.colour("raised"))
        painter.setPen(self._theme.colour("control"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        row = QRect(box.left() + px(10), box.top() + px(6), box.width(), line_px)
        before = ""
        for caption, text, name in lines:
            painter.setPen(self._theme.colour("text_3"))
            painter.drawText(row, _GRIP, "" if caption == before else caption)
            painter.setPen(self._theme.colour(name))
            painter.drawText(row.translated(first, 0), _GRIP, text)
            row.translate(0, line_px)
            before = caption

    def _draw_label(self, painter: QPainter, y: int, text: str, ground: ColourName) -> None:
        area, half = self.areas.axis, self._theme.px(9)
        room = QRect(area.left(), y - half, area.width(), 2 * half)
        painter.fillRect(room, self._theme.colour(ground))
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
        painter.setPen(self._theme.colour("window" if ground == "text" else "plot"))
        painter.drawText(room.adjusted(self._theme.px(9), 0, 0, 0), _GRIP, text)
        painter.setFont(self._theme.font(FontRole.CAPTION))

    def _box(self, painter: QPainter, text: str, left: int, top: int) -> QRect:
        metrics = painter.fontMetrics()
        px = self._theme.px
        return QRect(left, top, metrics.horizontalAdvance(text) + px(12), metrics.height() + px(4))

    def _tag(self, painter: QPainter, box: QRect, text: str, ground: ColourName, colour: ColourName) -> None:
        painter.fillRect(box, self._theme.colour(ground))
        painter.setPen(self._theme.colour(colour))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _by_cell(levels: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """Add up the amounts of a side's levels in each cell."""
    cells = np.searchsorted(borders, levels[:, 0], side="right") - 1
    inside = (cells >= 0) & (cells < len(borders) - 1)
    return np.bincount(cells[inside], levels[inside, 1], len(borders) - 1)


def _price_text(price: float, decimals: int) -> str:
    return format_price(price, decimals).replace("-", MINUS)
