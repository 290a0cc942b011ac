"""A picture of the sample's order book as the heat map would show it, in the colours of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tickreel_resources import sample_picture_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.theme import Theme, Tokens

_HEIGHT_PX = 200
_RADIUS_PX = 4
_RED, _GREEN, _BLUE = 2, 1, 0
"""Places of the channels in a pixel of Qt's 32-bit formats."""


class SampleView(QWidget):
    """Show the first five minutes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._figures = _read()
        self._image = QImage()
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The order book of the sample in its first five minutes")
        theme.changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        self._image = _coloured(self._figures, self._theme.tokens)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it over the whole width, its upper corners round as those of the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = float(self._theme.px(_RADIUS_PX))
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()).adjusted(0, 0, 0, 2 * radius), radius, radius)
        painter.setClipPath(outline)
        painter.drawImage(self.rect(), self._image, QRect(0, 0, self._image.width(), self._image.height()))
        painter.end()


def _read() -> NDArray[np.uint8]:
    image = QImage.fromData(sample_picture_bytes()).convertToFormat(QImage.Format.Format_RGB32)
    shape = (image.height(), image.width(), 4)
    return np.frombuffer(image.constBits(), np.uint8).reshape(shape).copy()


def _coloured(figures: NDArray[np.uint8], tokens: Tokens) -> QImage:
    """Colour sizes by the ramp; the touch lies on it with a halo, bid below and ask above."""
    ramp = _ramp(tokens)
    pixels = ramp[figures[..., _RED]]
    # One row off the true one, so that both are seen where the spread is less than a row.
    lines = [
        (_GREEN, tokens.halo, 2),
        (_BLUE, tokens.halo, -2),
        (_GREEN, tokens.bid, 1),
        (_BLUE, tokens.ask, -1),
    ]
    for channel, colour, offset in lines:
        rows, columns = np.nonzero(figures[..., channel])
        pixels[np.clip(rows + offset, 0, len(figures) - 1), columns] = _rgb(colour)
    image = QImage(pixels.shape[1], pixels.shape[0], QImage.Format.Format_RGB32)
    target = np.frombuffer(image.bits(), np.uint8).reshape(*pixels.shape[:2], 4)
    target[..., :3] = pixels[..., ::-1]
    target[..., 3] = 255
    return image


def _ramp(tokens: Tokens) -> NDArray[np.uint8]:
    places = np.linspace(0.0, 1.0, 256) ** tokens.heat.power
    stops = [place for place, _ in tokens.heat.stops]
    colours = np.array([_rgb(colour) for _, colour in tokens.heat.stops], np.float64)
    return np.stack([np.interp(places, stops, colours[:, channel]) for channel in range(3)], axis=1).astype(
        np.uint8
    )


def _rgb(colour: str) -> tuple[int, int, int]:
    made = QColor(colour)
    return made.red(), made.green(), made.blue()
