"""Own orders as dashed lines over the heat map, and own fills as triangles that point at their price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPixmap, QPolygonF

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.viewport import Viewport
    from tickreel_desktop.replay.own.orders import OwnOrders
    from tickreel_desktop.theme import Theme

MOST_LINES = 400
"""Orders that are drawn at once, the newest of those in view."""
MOST_FILLS = 400
_SIZE_PX = 7
_DASH_PX, _GAP_PX = 4, 3


class OwnOverlay:
    """Paint what of the orders lies in view and has happened by now.

    Dashes are a brush, and triangles are drawn once and copied: pens that dash and polygons with smooth
    edges take ten times as long.
    """

    def __init__(self, theme: Theme, viewport: Viewport) -> None:
        self._theme = theme
        self._viewport = viewport
        self.orders: OwnOrders | None = None
        self._marks: dict[bool, QPixmap] = {}
        """The mark of a purchase and of a sale, with the ratio of pixels that it was drawn at."""
        self._dashes = QBrush()
        theme.changed.connect(self._marks.clear)

    def paint(self, painter: QPainter, view: Projection, now_us: int) -> None:
        """Draw over the picture."""
        if self.orders is None:
            return
        ratio = self._viewport.ratio
        if not self._marks or self._marks[True].devicePixelRatio() != ratio:
            self._marks = {is_buy: self._drawn(ratio, is_buy=is_buy) for is_buy in (True, False)}
            self._dashes = self._dashed()
        from_us = view.start_us(view.left)
        to_us = min(view.to_us, now_us) + 1
        self._lines(painter, view, from_us, to_us, now_us)
        self._fills(painter, view, from_us, to_us)

    def _lines(self, painter: QPainter, view: Projection, from_us: int, to_us: int, now_us: int) -> None:
        """Draw orders as runs of pixels, of which those that touch in a row are one."""
        assert self.orders is not None
        found = self.orders.lines(from_us, to_us, view.low, view.high)
        if not len(found.from_us):
            return
        part = slice(-MOST_LINES, None)
        left = np.maximum(self._across(view, found.from_us[part]), self._viewport.areas.plot.left())
        right = self._across(view, np.minimum(found.to_us[part], now_us))
        right = np.minimum(np.maximum(right, left + 2), self._viewport.areas.plot.right())
        runs = merged(self._down(view, found.price[part]), left, right)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("halo"))
        painter.drawRects([QRect(begin, y - 1, end - begin, 3) for y, begin, end in runs])
        painter.setBrush(self._dashes)
        painter.drawRects([QRect(begin, y, end - begin, 1) for y, begin, end in runs])

    def _fills(self, painter: QPainter, view: Projection, from_us: int, to_us: int) -> None:
        assert self.orders is not None
        found = self.orders.fills(from_us, to_us, view.low, view.high)
        if not len(found.time_us):
            return
        part, size = slice(-MOST_FILLS, None), self._theme.px(_SIZE_PX)
        across, down = self._across(view, found.time_us[part]), self._down(view, found.price[part])
        # What would lie exactly over another is drawn once.
        places = np.unique(np.column_stack([across, down, found.is_buy[part]]), axis=0).tolist()
        for x, y, is_buy in places:
            painter.drawPixmap(x - size, y - 1 if is_buy else y - 2 * size + 1, self._marks[bool(is_buy)])

    def _across(self, view: Projection, at_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the pixels of instants, as the viewport does for one."""
        places = (at_us - view.origin_us) * view.width // view.width_us - view.left
        return np.asarray(self._viewport.areas.plot.left() + places / self._viewport.ratio, np.int64)

    def _down(self, view: Projection, prices: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give the pixels of prices, as the viewport does for one."""
        down = (view.high - prices) / (view.high - view.low) * view.height
        return np.asarray(self._viewport.areas.plot.top() + down / self._viewport.ratio, np.int64)

    def _drawn(self, ratio: float, *, is_buy: bool) -> QPixmap:
        """Draw the mark of a fill: its tip is at the price, a purchase stands below it, a sale above."""
        size = self._theme.px(_SIZE_PX)
        side = 2 * size
        made = QPixmap(round(side * ratio), round(side * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        tip, base = (1.0, side - 2.0) if is_buy else (side - 1.0, 2.0)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("halo"), 1))
        painter.setBrush(self._theme.colour("good"))
        half = 0.8 * size
        painter.drawPolygon(
            QPolygonF([QPointF(size, tip), QPointF(size - half, base), QPointF(size + half, base)])
        )
        painter.end()
        return made

    def _dashed(self) -> QBrush:
        dash, gap = self._theme.px(_DASH_PX), self._theme.px(_GAP_PX)
        made = QPixmap(dash + gap, 1)
        made.fill(self._theme.colour("halo"))
        painter = QPainter(made)
        painter.fillRect(0, 0, dash, 1, self._theme.colour("text"))
        painter.end()
        return QBrush(made)


def merged(
    rows: NDArray[np.int64], lefts: NDArray[np.int64], rights: NDArray[np.int64]
) -> list[tuple[int, int, int]]:
    """Join runs of pixels [left, right) that touch or overlap in a row; gives row, left and right of each."""
    order = np.lexsort((lefts, rows))
    rows, lefts, rights = rows[order], lefts[order], rights[order]
    # Rows are set apart so far that a run of one never reaches into the next.
    far = int(rights.max(initial=0)) + 2
    begins, ends = lefts + rows * far, np.maximum.accumulate(rights + rows * far)
    is_new = np.ones(len(rows), np.bool_)
    is_new[1:] = begins[1:] > ends[:-1]
    first = np.flatnonzero(is_new)
    last = np.append(first[1:], len(rows)) - 1
    return list(
        zip(
            rows[first].tolist(),
            lefts[first].tolist(),
            (ends[last] - rows[last] * far).tolist(),
            strict=True,
        )
    )
