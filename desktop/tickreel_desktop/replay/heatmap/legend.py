"""The legend of the heatmap for the title of its dock: the ramp between nothing and the greatest size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel.market.units import format_amount
from tickreel_desktop.replay.heatmap.ramp import LEVELS, colour_table
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from tickreel_desktop.replay.heatmap.view import HeatmapView
    from tickreel_desktop.theme import Theme

_BAR_PX = 88
_BAR_HEIGHT_PX = 8
_WIDTH_PX = 230
_SPACE_PX = 6


class HeatmapLegend(QWidget):
    """Say what the colours of a heatmap mean, as they are now."""

    def __init__(self, theme: Theme, heatmap: HeatmapView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._map = heatmap
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Sizes of the depth heat map")
        heatmap.scale_changed.connect(self._renew)
        theme.changed.connect(self.update)
        self._renew()

    def text(self) -> str:
        """Give the size at the end of the ramp, with its unit and how the ramp rises: ``48 BTC, log``."""
        scale = self._map.scale
        unit = f" {self._map.unit}" if self._map.unit else ""
        return f"{format_amount(scale.clip)}{unit}, {'log' if scale.is_log else 'linear'}"

    def sizeHint(self) -> QSize:
        """Leave room for a long unit."""
        return QSize(self._theme.px(_WIDTH_PX), self._theme.px(18))

    def _renew(self) -> None:
        self.setAccessibleDescription(f"0 to {self.text()}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw 0, the ramp and its end, to the right."""
        painter = QPainter(self)
        font = self._theme.font(FontRole.CAPTION)
        painter.setFont(font)
        painter.setPen(self._theme.colour("text_3"))
        px = self._theme.px
        text = self.text()
        width = QFontMetrics(font).horizontalAdvance(text)
        bar = QRect(
            self.width() - width - px(_SPACE_PX) - px(_BAR_PX),
            (self.height() - px(_BAR_HEIGHT_PX)) // 2,
            px(_BAR_PX),
            px(_BAR_HEIGHT_PX),
        )
        middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle, text)
        painter.drawText(QRect(0, 0, bar.left() - px(_SPACE_PX), self.height()), middle, "0")
        # Along the sizes, not the levels: the ramp as it is, from ground to most.
        colours = np.ascontiguousarray(colour_table(self._theme.tokens)[:LEVELS])
        painter.drawImage(bar, QImage(colours.data, LEVELS, 1, 4 * LEVELS, QImage.Format.Format_RGB32))
        painter.setPen(self._theme.colour("line_strong"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)
        painter.end()
