"""What lies beside the picture: the book of now as bars, and the axis of prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage

from tickreel.market.units import MINUS, format_price
from tickreel_desktop.replay.ticks import round_ticks
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from tickreel.book import Book
    from tickreel_desktop.replay.heatmap.cellring import CellRing
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.theme import ColourName, Theme

_PX_PER_VALUE = 34
_BAR_SHARE = 0.9
_APART_FROM_PX = 4
_GRIP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Margin:
    """Paint to the right of the picture, at the same heights."""

    def __init__(self, theme: Theme, viewport: Viewport) -> None:
        self._theme = theme
        self._viewport = viewport

    def draw_profile(
        self, painter: QPainter, view: Projection, book: Book | None, cells: CellRing | None
    ) -> None:
        """Draw the book of now, cell by cell, as bars to the right."""
        area = self._viewport.areas.profile
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
        width = round((area.width() - 1) * self._viewport.ratio)
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
        area, px = self._viewport.areas.axis, self._theme.px
        painter.fillRect(area, self._theme.colour("plot"))
        painter.setFont(self._theme.font(FontRole.CAPTION))
        most = max(2, area.height() // px(_PX_PER_VALUE))
        ticks = round_ticks(view.low, view.high, most)
        height = QFontMetrics(painter.font()).height()
        places = self._label_places(view, best)
        taken = [place for place, _, _ in places]
        if cursor is not None:
            taken.append(self._viewport.y_of(view, cursor))
        grid, text = self._theme.colour("line_strong"), self._theme.colour("text_2")
        for value in ticks.values:
            y = self._viewport.y_of(view, value)
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
        area = self._viewport.areas.axis
        half = self._theme.px(9)
        bid, ask = best
        bid_y = None if bid is None else self._viewport.y_of(view, bid)
        ask_y = None if ask is None else self._viewport.y_of(view, ask)
        if bid_y is not None and ask_y is not None and abs(bid_y - ask_y) < 2 * half:
            middle = (bid_y + ask_y) // 2
            ask_y, bid_y = middle - half, middle + half
        found: list[tuple[int, float, ColourName]] = []
        if ask is not None and ask_y is not None:
            found.append((ask_y, ask, "ask"))
        if bid is not None and bid_y is not None:
            found.append((bid_y, bid, "bid"))
        return [each for each in found if area.top() - half <= each[0] <= area.bottom() + half]

    def draw_cursor_price(self, painter: QPainter, view: Projection, price: float, decimals: int) -> None:
        """Draw the price of the cursor on the axis."""
        self._draw_label(painter, self._viewport.y_of(view, price), _price_text(price, decimals), "text")

    def _draw_label(self, painter: QPainter, y: int, text: str, ground: ColourName) -> None:
        area, half = self._viewport.areas.axis, self._theme.px(9)
        room = QRect(area.left(), y - half, area.width(), 2 * half)
        painter.fillRect(room, self._theme.colour(ground))
        painter.setFont(self._theme.font(FontRole.CAPTION, QFont.Weight.DemiBold))
        painter.setPen(self._theme.colour("window" if ground == "text" else "plot"))
        painter.drawText(room.adjusted(self._theme.px(9), 0, 0, 0), _GRIP, text)
        painter.setFont(self._theme.font(FontRole.CAPTION))


def _by_cell(levels: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """Add up the amounts of a side's levels in each cell."""
    cells = np.searchsorted(borders, levels[:, 0], side="right") - 1
    inside = (cells >= 0) & (cells < len(borders) - 1)
    return np.bincount(cells[inside], levels[inside, 1], len(borders) - 1)


def _price_text(price: float, decimals: int) -> str:
    return format_price(price, decimals).replace("-", MINUS)
