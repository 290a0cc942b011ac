"""Trades on the picture: half discs, above the price for buys and below it for sells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap

from tickreel_desktop.replay.heatmap.tradebins import BUYS, OTHERS, SELLS

if TYPE_CHECKING:
    from tickreel_desktop.replay.heatmap.projection import Projection
    from tickreel_desktop.replay.heatmap.tradebins import Bubbles
    from tickreel_desktop.theme import ColourName, Theme

_LEAST_PX, _MOST_PX = 2.0, 18.0
_RADII: Final = 16
_EDGED_ABOVE_PX = 4.0
_OPACITY = 0.8
_COLOURS: Final[dict[int, ColourName]] = {BUYS: "bid", SELLS: "ask", OTHERS: "text_2"}
_HOLD_S = 2.0


class HeldMost:
    """The amount that the largest bubble stands for: it grows at once and shrinks late."""

    def __init__(self) -> None:
        self.value = 0.0
        self._seen_s = float("-inf")

    def fit(self, most: float, now_s: float) -> float:
        """Take in the largest amount of now, at a time of a monotonic clock; give what holds."""
        if most >= self.value or now_s - self._seen_s >= _HOLD_S:
            self.value = most
        if most >= self.value / 2:
            self._seen_s = now_s
        return self.value


class BubblePainter:
    """Draw bubbles from pictures that are made once for each side and size."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._made: dict[float, dict[int, QPixmap]] = {}
        """By device pixels to a pixel, then by side and size."""

    def forget(self) -> None:
        """Make the pictures anew, in other colours."""
        self._made.clear()

    def draw(self, painter: QPainter, bubbles: Bubbles, view: Projection, most: float, ratio: float) -> None:
        """Draw bubbles over a view of *ratio* device pixels to a pixel, from large to small."""
        if not len(bubbles.amount) or most <= 0:
            return
        across = ((bubbles.time_us - view.origin_us) / view.us_per_place - view.left) / ratio
        down = (view.high - bubbles.price) / (view.high - view.low) * view.height / ratio
        share = np.sqrt(np.minimum(bubbles.amount / most, 1.0))
        size = np.rint(share * (_RADII - 1)).astype(int)
        half = self._theme.px(round(_MOST_PX)) + 1
        kinds = (bubbles.side * _RADII + size).tolist()
        made = self._made.setdefault(ratio, {})
        for kind in set(kinds) - made.keys():
            made[kind] = self._make(kind // _RADII, kind % _RADII, ratio)
        draw = painter.drawPixmap
        for x, y, kind in zip((across - half).tolist(), (down - half).tolist(), kinds, strict=True):
            draw(QPointF(x, y), made[kind])

    def _make(self, side: int, number: int, ratio: float) -> QPixmap:
        scale = self._theme.scale
        radius = (_LEAST_PX + (_MOST_PX - _LEAST_PX) * number / (_RADII - 1)) * scale
        half = self._theme.px(round(_MOST_PX)) + 1
        pixmap = QPixmap(round(2 * half * ratio), round(2 * half * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        circle = QRectF(half - radius, half - radius, 2 * radius, 2 * radius)
        path = QPainterPath()
        if side == OTHERS:
            path.addEllipse(circle)
        else:
            path.moveTo(half, half)
            path.arcTo(circle, 0, 180 if side == BUYS else -180)
            path.closeSubpath()
        fill = QColor(self._theme.colour(_COLOURS[side]))
        fill.setAlphaF(_OPACITY)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edged = radius > _EDGED_ABOVE_PX * scale
        painter.setPen(QPen(self._theme.colour("halo"), 1) if edged else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPath(path)
        painter.end()
        return pixmap
