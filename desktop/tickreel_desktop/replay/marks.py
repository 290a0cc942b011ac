"""What lies over and under the data of a chart: words, read-outs, the cursor's label, bands.

All are placed in pixels of the plot, except bands, which lie along its time axis.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsRectItem, QGraphicsSimpleTextItem

from tickreel_desktop.theme import ColourName, FontRole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

    from tickreel_desktop.theme import Theme

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


class Tone(Enum):
    """What a stretch of time is."""

    WARNING = "warning"
    """The feed said nothing here that can be drawn, or nothing at all."""
    LEFT_OUT = "left out"
    """Nothing is held of it."""
    SELECTED = "selected"


_COLOURS: Final[dict[Tone, tuple[ColourName, ColourName]]] = {
    Tone.WARNING: ("warning_bg", "warning"),
    Tone.LEFT_OUT: ("raised", "text_3"),
    Tone.SELECTED: ("accent_bg", "accent"),
}
"""Ground of a stretch; its edge and its word."""


class Stretch(NamedTuple):
    """Part of a time axis, from begin to end in its coordinates."""

    begin: float
    end: float
    word: str
    tone: Tone = Tone.WARNING


class PaintedItem(pg.GraphicsObject):  # type: ignore[misc]
    """Something that takes its whole plot and is painted in pixels."""

    def boundingRect(self) -> QRectF:
        """Take the whole plot."""
        box = self.getViewBox()
        return QRectF() if box is None else QRectF(box.viewRect())

    def _to_pixels(self, painter: QPainter) -> tuple[QTransform, QRectF]:
        """Let the painter paint in pixels; give the way there and the plot's place."""
        to_pixels = painter.worldTransform()
        painter.resetTransform()
        return to_pixels, to_pixels.mapRect(self.boundingRect())


class Curve(pg.PlotCurveItem):  # type: ignore[misc]
    """A curve of which the plot is not to be fitted to the data.

    It takes its whole plot: pyqtgraph looks through the data for its bounds with every change, and again
    with every change of the plot's range.
    """

    def boundingRect(self) -> QRectF:
        """Take the whole plot."""
        box = self.getViewBox()
        return QRectF() if box is None else QRectF(box.viewRect())

    def informViewBoundsChanged(self) -> None:
        """Leave the range of the plot as it is."""


class Bands(PaintedItem):
    """Stretches of the time axis with a word each."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bands: tuple[Stretch, ...] = ()
        self.setZValue(-10)

    def set_bands(self, bands: Sequence[Stretch]) -> None:
        """Show other stretches."""
        if tuple(bands) != self._bands:
            self._bands = tuple(bands)
            self.update()

    def bands(self) -> tuple[Stretch, ...]:
        """Give the stretches that are shown."""
        return self._bands

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Fill the stretches from top to bottom; words where they fit."""
        if not self._bands:
            return
        to_pixels, area = self._to_pixels(painter)
        painter.setFont(self._theme.font(FontRole.CAPTION))
        for begin, end, word, tone in self._bands:
            left = max(to_pixels.map(QPointF(begin, 0)).x(), area.left())
            right = min(to_pixels.map(QPointF(end, 0)).x(), area.right())
            if right < left:
                continue
            ground_name, edge_name = _COLOURS[tone]
            edge = self._theme.colour(edge_name)
            ground = QColor(self._theme.colour(ground_name))
            ground.setAlpha(255 - _BAND_ALPHA)
            rect = QRectF(left, area.top(), max(1.0, right - left), area.height())
            painter.fillRect(rect, ground)
            painter.fillRect(QRectF(left, area.top(), 1, area.height()), edge)
            needed = painter.fontMetrics().horizontalAdvance(word) + self._theme.px(8)
            if word and rect.width() >= needed:
                painter.setPen(edge)
                words = rect.adjusted(0, 0, 0, -self._theme.px(4))
                painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, word)


class Bars(PaintedItem):
    """Bars along the time axis, above zero in the colour of bids and below it in that of asks."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.left: NDArray[np.float64] = np.empty(0)
        """Where each bar begins."""
        self.width = 0.0
        self.up: NDArray[np.float64] = np.empty(0)
        """How far each bar goes up from zero, and :attr:`down` how far down; neither is below 0."""
        self.down: NDArray[np.float64] = np.empty(0)
        self.setZValue(-5)

    def set_bars(
        self, left: NDArray[np.float64], width: float, up: NDArray[np.float64], down: NDArray[np.float64]
    ) -> None:
        """Show other bars."""
        self.left, self.width, self.up, self.down = left, width, up, down
        self.update()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Fill the bars, a pixel apart where they are wide enough; the least of them has a pixel too."""
        if not len(self.left):
            return
        to_pixels, area = self._to_pixels(painter)
        zero = round(to_pixels.map(QPointF(0, 0)).y())
        across, down = to_pixels.m11(), to_pixels.m22()
        edges = np.append(self.left, self.left[-1] + self.width) * across + to_pixels.dx()
        places = np.clip(np.round(edges), area.left(), area.right())
        wide = np.diff(places)
        wide = np.where(wide >= 3, wide - 1, np.maximum(wide, 1))
        painter.setPen(Qt.PenStyle.NoPen)
        tall_up, tall_down = (np.maximum(np.round(one * abs(down)), 1) for one in (self.up, self.down))
        painter.setBrush(self._theme.colour("bid"))
        painter.drawRects(
            [QRectF(places[n], zero - tall_up[n], wide[n], tall_up[n]) for n in np.flatnonzero(self.up > 0)]
        )
        painter.setBrush(self._theme.colour("ask"))
        painter.drawRects(
            [QRectF(places[n], zero, wide[n], tall_down[n]) for n in np.flatnonzero(self.down > 0)]
        )
