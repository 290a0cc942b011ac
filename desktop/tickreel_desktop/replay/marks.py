"""What lies over and under the data of a chart: words, read-outs, the cursor's label, bands.

All are placed in pixels of the plot, except bands, which lie along its time axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsRectItem, QGraphicsSimpleTextItem

from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from tickreel_desktop.theme import ColourName, Theme

_OVER_DATA = 100.0
_BAND_ALPHA = 90


class PlotText(QGraphicsSimpleTextItem):
    """A line of text in a colour of the theme, placed in pixels of its parent."""

    def __init__(
        self,
        theme: Theme,
        parent: QGraphicsItem,
        colour: ColourName = "text_2",
        *,
        weight: QFont.Weight | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._colour = colour
        self.setFont(theme.font(FontRole.CAPTION, weight))
        self.setZValue(_OVER_DATA)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.dress()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        self.setBrush(self._theme.colour(self._colour))

    def set_colour(self, colour: ColourName) -> None:
        """Mean something else."""
        if colour != self._colour:
            self._colour = colour
            self.dress()

    def set_text(self, text: str) -> None:
        """Say something else; nothing is drawn anew when it is the same."""
        if text != self.text():
            self.setText(text)

    def width(self) -> float:
        """Width in pixels."""
        return self.boundingRect().width()

    def height(self) -> float:
        """Height in pixels."""
        return self.boundingRect().height()


class TextBox(QGraphicsRectItem):
    """Lines of text on a ground of their own: the read-out at a cursor, or its label on an axis."""

    def __init__(self, theme: Theme, parent: QGraphicsItem, *, inverse: bool = False) -> None:
        super().__init__(parent)
        self._theme = theme
        self._inverse = inverse
        self._text = QGraphicsSimpleTextItem(self)
        self._text.setFont(theme.font(FontRole.CAPTION, QFont.Weight.DemiBold if inverse else None))
        self.setZValue(_OVER_DATA + 1)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.dress()
        self.hide()

    def dress(self) -> None:
        """Take the colours of the theme in use."""
        ground: ColourName = "text" if self._inverse else "raised"
        self.setBrush(self._theme.colour(ground))
        self.setPen(pg.mkPen(self._theme.colour("text" if self._inverse else "control")))
        self._text.setBrush(self._theme.colour("window" if self._inverse else "text"))

    def text(self) -> str:
        """Give what it says."""
        return self._text.text()

    def show_text(self, text: str) -> None:
        """Say something and be seen."""
        if text != self._text.text():
            self._text.setText(text)
            across, down = (self._theme.px(n) for n in ((6, 3) if self._inverse else (8, 6)))
            words = self._text.boundingRect()
            self._text.setPos(across, down)
            self.setRect(0, 0, round(words.width()) + 2 * across, round(words.height()) + 2 * down)
        self.show()


class Bands(pg.GraphicsObject):  # type: ignore[misc]
    """Stretches of the time axis with a word each: where the feed said nothing that can be drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bands: tuple[tuple[float, float, str], ...] = ()
        self.setZValue(-10)

    def set_bands(self, bands: Sequence[tuple[float, float, str]]) -> None:
        """Show other stretches: begin and end on the time axis, and their word."""
        if tuple(bands) != self._bands:
            self.prepareGeometryChange()
            self._bands = tuple(bands)
            self.informViewBoundsChanged()
            self.update()

    def bands(self) -> tuple[tuple[float, float, str], ...]:
        """Give the stretches that are shown."""
        return self._bands

    def boundingRect(self) -> QRectF:
        """Take the whole plot."""
        box = self.getViewBox()
        return QRectF() if box is None else QRectF(box.viewRect())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Fill the stretches from top to bottom, in pixels; words where they fit."""
        if not self._bands:
            return
        to_pixels = painter.worldTransform()
        area = to_pixels.mapRect(self.boundingRect())
        painter.resetTransform()
        edge = self._theme.colour("warning")
        ground = QColor(self._theme.colour("warning_bg"))
        ground.setAlpha(255 - _BAND_ALPHA)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        for begin, end, word in self._bands:
            left = max(to_pixels.map(QPointF(begin, 0)).x(), area.left())
            right = min(to_pixels.map(QPointF(end, 0)).x(), area.right())
            if right < left:
                continue
            rect = QRectF(left, area.top(), max(1.0, right - left), area.height())
            painter.fillRect(rect, ground)
            painter.fillRect(QRectF(left, area.top(), 1, area.height()), edge)
            needed = painter.fontMetrics().horizontalAdvance(word) + self._theme.px(8)
            if rect.width() >= needed:
                painter.setPen(edge)
                words = rect.adjusted(0, 0, 0, -self._theme.px(4))
                painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, word)
