"""Where moments and prices lie in the widget of a heatmap, and what moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QRect

from tickreel_desktop.replay.axes import AXIS_WIDTH_PX
from tickreel_desktop.replay.heatmap.demand import first_prices, price_limits
from tickreel_desktop.replay.heatmap.projection import Projection
from tickreel_desktop.replay.sharedview import NO_CURSOR, Cursor

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QWidget

    from tickreel_desktop.replay.heatmap.past import Past
    from tickreel_desktop.replay.sharedview import SharedView
    from tickreel_desktop.theme import Theme

PROFILE_WIDTH_PX = 92
"""Width of the book of now, between the plot and the axis; charts below leave as much free."""
_KEEP_INSIDE = 0.15
"""While following, the mid stays this part of the prices in view away from the edges."""


class Areas(NamedTuple):
    """The parts of the widget."""

    plot: QRect
    profile: QRect
    axis: QRect


class Viewport:
    """Turn pixels of the widget into moments and prices and back, and move the view they share."""

    def __init__(self, widget: QWidget, theme: Theme, shared: SharedView, past: Past) -> None:
        self._widget = widget
        self._theme = theme
        self._shared = shared
        self._past = past
        self.areas = Areas(QRect(), QRect(), QRect())

    @property
    def ratio(self) -> float:
        """Device pixels to a pixel."""
        return self._widget.devicePixelRatioF()

    def divide(self) -> None:
        """Divide the room of the widget."""
        px = self._theme.px
        axis, profile = px(AXIS_WIDTH_PX), px(PROFILE_WIDTH_PX)
        height = self._widget.height()
        plot = max(1, self._widget.width() - axis - profile)
        self.areas = Areas(
            QRect(0, 0, plot, height),
            QRect(plot, 0, profile, height),
            QRect(plot + profile, 0, axis, height),
        )

    def projection(self) -> Projection | None:
        """Say where moments and prices lie now; None before the first prices."""
        prices, plot = self._shared.prices, self.areas.plot
        if prices is None or plot.isEmpty():
            return None
        ratio = self.ratio
        return Projection(
            width=round(plot.width() * ratio),
            height=round(plot.height() * ratio),
            origin_us=self._past.start_us,
            to_us=self._shared.to_us,
            width_us=self._shared.width_us,
            low=prices[0],
            high=prices[1],
        )

    def x_of(self, view: Projection, at_us: int) -> int:
        """Give the pixel across of an instant."""
        return self.areas.plot.left() + int((view.place_of(at_us) - view.left) / self.ratio)

    def y_of(self, view: Projection, price: float) -> int:
        """Give the pixel down of a price."""
        return self.areas.plot.top() + int(np.floor(view.down(price) / self.ratio))

    def instant_at(self, x: int) -> int | None:
        """Give the instant at a pixel across, which may lie beside the plot; None before the first prices."""
        view = self.projection()
        if view is None:
            return None
        return view.start_us(view.left + round((x - self.areas.plot.left()) * self.ratio))

    def cursor_at(self, place: QPoint) -> Cursor:
        """Give what the pointer points at: nothing beside the plot, and no time on the profile."""
        view, areas = self.projection(), self.areas
        if view is None or not areas.plot.united(areas.profile).contains(place):
            return NO_CURSOR
        down = (place.y() - areas.plot.top() + 0.5) * self.ratio
        at_us = self.instant_at(place.x()) if areas.plot.contains(place) else None
        return Cursor(at_us, view.price_at(down))

    # What moves the view

    def find_prices(self) -> None:
        """Find prices to look at, as soon as there is a book."""
        past = self._past
        if self._shared.prices is None and past.tick is not None and past.mid is not None:
            self._shared.set_prices(*first_prices(past.mid, past.tick))

    def keep_mid_in_view(self) -> None:
        """While following, let the prices go along with the mid before it reaches an edge."""
        prices, mid = self._shared.prices, self._past.mid
        if prices is None or mid is None or not self._shared.follows:
            return
        low, high = prices
        room = _KEEP_INSIDE * (high - low)
        if not low + room <= mid <= high - room:
            self._centre(prices, mid)

    def zoom_time(self, factor: float, x: int | None = None) -> None:
        """Bring *factor* times as much time into view, around a pixel across or the middle."""
        at_us = self.instant_at(self.areas.plot.center().x() if x is None else x)
        if at_us is not None:
            self._shared.zoom(factor, at_us)

    def zoom_prices(self, factor: float, y: int | None = None) -> None:
        """Bring *factor* times as many prices into view, around a pixel down or the middle."""
        prices, view, tick = self._shared.prices, self.projection(), self._past.tick
        if prices is None or view is None or tick is None:
            return
        low, high = prices
        plot = self.areas.plot
        around = view.price_at((plot.height() / 2 if y is None else y - plot.top()) * self.ratio)
        least, most = price_limits(tick)
        factor = min(max(factor, least / (high - low)), most / (high - low))
        self._shared.set_prices(around - (around - low) * factor, around + (high - around) * factor)

    def follow(self) -> None:
        """Go along with what is played again, with the mid in the middle."""
        prices, mid = self._shared.prices, self._past.mid
        if prices is not None and mid is not None:
            self._centre(prices, mid)
        self._shared.follow()

    def reset_prices(self) -> None:
        """Look at as many prices around the mid as at first."""
        mid, tick = self._past.mid, self._past.tick
        if mid is not None and tick is not None:
            self._shared.set_prices(*first_prices(mid, tick))

    def _centre(self, prices: tuple[float, float], mid: float) -> None:
        half = (prices[1] - prices[0]) / 2
        self._shared.set_prices(mid - half, mid + half)

    def step_cursor(self, columns: int, rows: int) -> None:
        """Move the cursor by columns and rows; without one it begins where the replay is."""
        self._shared.set_cursor(self.stepped(self._shared.cursor, columns, rows))

    def stepped(self, cursor: Cursor, columns: int, rows: int) -> Cursor:
        """Give the cell by so many columns and rows beside a cursor, at first that where the replay is."""
        cells, view = self._past.cells, self.projection()
        if cells is None or view is None:
            return cursor
        at_us, price = cursor
        if at_us is None:
            at_us = cells.start_us(cells.open_number)
        if price is None:
            mid = self._past.mid
            price = (view.low + view.high) / 2 if mid is None else mid
        number = min(cells.number_at(at_us) + columns, cells.open_number)
        at_us = max(cells.start_us(number), self._past.start_us)
        row = int(np.clip(cells.cell_of(price) + rows, 0, cells.grid.cells - 1))
        middle = (cells.borders[row] + cells.borders[row + 1]) / 2
        return Cursor(at_us, float(middle))
