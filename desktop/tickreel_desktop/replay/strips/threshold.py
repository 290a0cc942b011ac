"""A level of a strip that the user watches: its line, and a tick wherever the value crosses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage

from tickreel_desktop.replay.marks import PaintedItem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from tickreel_desktop.replay.columns import Band
    from tickreel_desktop.theme import Theme

_DASH_PX = 4
_TICK_PX = 4


class ThresholdMark(PaintedItem):
    """Dashes across the plot at a level, and ticks on them at the crossings."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.level: float | None = None
        self.crossings: NDArray[np.float64] = np.empty(0)
        """Where on the time axis the value crosses the level, a column each."""
        self.setZValue(5)

    def show_level(self, level: float | None, edges: NDArray[np.float64], band: Band | None) -> None:
        """Mark a level, and the columns of a band inside which it was crossed."""
        self.level = level
        if level is None or band is None:
            self.crossings = np.empty(0)
        else:
            # The value that a column began with counts, so that a step between two columns does too.
            crossed = np.flatnonzero((band.low <= level) & (band.high > level))
            self.crossings = (edges[crossed] + edges[crossed + 1]) / 2
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draw the dashes and, from below up to above them, the ticks."""
        if self.level is None:
            return
        to_pixels, area = self._to_pixels(painter)
        down = round(to_pixels.map(QPointF(0, self.level)).y())
        if not area.top() <= down <= area.bottom():
            return
        colour = self._theme.colour("warning")
        # A texture: a line with a dash pattern costs a hundred times as much.
        dashes = QImage(2 * _DASH_PX, 1, QImage.Format.Format_ARGB32_Premultiplied)
        dashes.fill(Qt.GlobalColor.transparent)
        for across in range(_DASH_PX):
            dashes.setPixelColor(across, 0, QColor(colour))
        painter.fillRect(QRectF(area.left(), down, area.width(), 1), QBrush(dashes))
        tick = self._theme.px(_TICK_PX)
        for across in np.unique(np.round(self.crossings * to_pixels.m11() + to_pixels.dx())):
            painter.fillRect(QRectF(across, down - tick, 1, 2 * tick + 1), colour)
