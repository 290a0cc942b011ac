"""What lies beside the picture: the book of now as bars, and the axis of prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QImage

from tickreel.market.units import MINUS, format_price
from tickreel_desktop.components.static_texts import LEFT, Paints, StaticTexts
from tickreel_desktop.replay.ticks import round_ticks
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from numpy.typing import NDArray
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


class _Bars(NamedTuple):
    """What the bars of the book show; where none of it changed, they are as they were."""

    book: Book
    borders: NDArray[np.float64]
    size: tuple[int, int]
    prices: tuple[float, float]

    def is_same(self, other: _Bars) -> bool:
        """Tell whether both show the same; books and grids are not changed but replaced."""
        is_same_book = self.book is other.book and self.borders is other.borders
        return is_same_book and (self.size, self.prices) == (other.size, other.prices)


class _Values(NamedTuple):
    """The round prices of an axis with their texts."""

    of: tuple[float, float, int, int]
    texts: tuple[tuple[float, str], ...]


class Margin:
    """Paint to the right of the picture, at the same heights."""

    def __init__(self, theme: Theme, viewport: Viewport) -> None:
        self._theme = theme
        self._viewport = viewport
        self._paints = Paints(theme)
        self._values = _Values((0.0, 0.0, 0, 0), ())
        self.dress()

    def dress(self) -> None:
        """Take the colours and fonts of the theme."""
        theme = self._theme
        self._captions = StaticTexts(theme.font(FontRole.CAPTION))
        self._label_font = theme.font(FontRole.CAPTION, QFont.Weight.DemiBold)
        self._shown: _Bars | None = None
        self._image = QImage()

    def draw_profile(
        self, painter: QPainter, view: Projection, book: Book | None, cells: CellRing | None
    ) -> None:
        """Draw the book of now, cell by cell, as bars to the right."""
        area, colour = self._viewport.areas.profile, self._paints.colour
        painter.fillRect(area, colour("plot"))
        painter.fillRect(area.left(), area.top(), 1, area.height(), colour("line"))
        if book is None or cells is None:
            return
        width = round((area.width() - 1) * self._viewport.ratio)
        wanted = _Bars(book, cells.borders, (width, view.height), (view.low, view.high))
        if self._shown is None or not self._shown.is_same(wanted):
            self._shown = wanted
            self._image = self._bars(view, wanted, cells.grid.group)
        if not self._image.isNull():
            painter.drawImage(area.adjusted(1, 0, 0, 0), self._image)

    def _bars(self, view: Projection, bars: _Bars, group: float) -> QImage:
        """Colour the pixels of the bars; null when there is nothing in view."""
        book, borders, width = bars.book, bars.borders, bars.size[0]
        cell_of_row = view.cells(borders)
        low, high = max(0, int(cell_of_row.min())), min(len(borders) - 1, int(cell_of_row.max()) + 1)
        if low >= high:
            return QImage()
        shown = borders[low : high + 1]
        bids, asks = (_by_cell(levels, shown) for levels in (book.bids[::-1], book.asks))
        most = float((bids + asks).max())
        if most <= 0:
            return QImage()
        per_px = _BAR_SHARE * width / most
        ends = np.ceil(np.stack([bids, bids + asks]) * per_px)[:, :, None]
        across = np.arange(width)
        colour = self._paints.colour
        # Cells are coloured once, with ground below the last, and stand in as many rows as they are high.
        pixels = np.full((high - low + 1, width), colour("plot").rgb(), np.uint32)
        of_cell = pixels[:-1]
        of_cell[across < ends[1]] = colour("ask").rgb()
        of_cell[across < ends[0]] = colour("bid").rgb()
        ground = high - low
        places = np.where((cell_of_row >= low) & (cell_of_row < high), cell_of_row - low, ground)
        if view.height / (view.high - view.low) * group >= _APART_FROM_PX:
            # The last pixel of each cell is ground, so that bars stand apart.
            places[np.diff(cell_of_row, append=cell_of_row[-1]) != 0] = ground
        drawn = pixels[places]
        image = QImage(drawn.data, width, view.height, 4 * width, QImage.Format.Format_RGB32)
        return image.copy()

    def draw_axis(
        self,
        painter: QPainter,
        view: Projection,
        decimals: int,
        best: tuple[float | None, float | None],
        cursor: float | None,
    ) -> None:
        """Draw round prices, and the best bid and ask in their colours, apart from each other."""
        area, px, paints = self._viewport.areas.axis, self._theme.px, self._paints
        painter.fillRect(area, paints.colour("plot"))
        height = self._captions.height
        places = self._label_places(view, best)
        taken = [place for place, _, _ in places]
        if cursor is not None:
            taken.append(self._viewport.y_of(view, cursor))
        mark, left = paints.colour("line_strong"), float(area.left() + px(9))
        for value, text in self._round_prices(view, decimals):
            y = self._viewport.y_of(view, value)
            if any(abs(y - place) < height + px(3) for place in taken):
                continue
            if not area.top() + height // 2 <= y <= area.bottom() - height // 2:
                continue
            painter.fillRect(area.left(), y, px(5), 1, mark)
            row = (float(y - height), float(2 * height))
            paints.write(self._captions, "text_2", text, (left, float(area.right())), row, LEFT)
        paints.flush(painter)
        for place, price, name in places:
            self._draw_label(painter, place, _price_text(price, decimals), name)

    def _round_prices(self, view: Projection, decimals: int) -> tuple[tuple[float, str], ...]:
        """Give the round prices in view with their texts, made once for a view."""
        most = max(2, self._viewport.areas.axis.height() // self._theme.px(_PX_PER_VALUE))
        of = (view.low, view.high, most, decimals)
        if of != self._values.of:
            ticks = round_ticks(view.low, view.high, most)
            shown = max(ticks.decimals, decimals)
            self._values = _Values(of, tuple((value, _price_text(value, shown)) for value in ticks.values))
        return self._values.texts

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
        painter.fillRect(room, self._paints.colour(ground))
        painter.setFont(self._label_font)
        painter.setPen(self._paints.colour("window" if ground == "text" else "plot"))
        painter.drawText(room.adjusted(self._theme.px(9), 0, 0, 0), _GRIP, text)


def _by_cell(levels: NDArray[np.float64], borders: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up the amounts of a side's levels, lowest price first, in each cell between borders."""
    first, stop = np.searchsorted(levels[:, 0], borders[[0, -1]])
    inside = levels[first:stop]
    cells = np.searchsorted(borders, inside[:, 0], side="right") - 1
    return np.bincount(cells, inside[:, 1], len(borders) - 1).astype(np.float64)


def _price_text(price: float, decimals: int) -> str:
    return format_price(price, decimals).replace("-", MINUS)
