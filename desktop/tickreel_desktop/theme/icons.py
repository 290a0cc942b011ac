"""Icons drawn from SVG in a colour of the theme, sharp on every screen.

A QIcon is a set of pixmaps and keeps the colours it was made with, so that
whatever shows one is bound to the theme and gets a new icon when it changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from tickreel_resources import IconName, application_icon_bytes, icon_bytes

if TYPE_CHECKING:
    from tickreel_desktop.theme.tokens import ColourName, Tokens

_APPLICATION_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)


class Icons:
    """Draw the icons of one token table and keep what was drawn."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._pixmaps: dict[tuple[IconName, str, int, float, int], QPixmap] = {}
        self._icons: dict[tuple[object, ...], QIcon] = {}

    def use(self, tokens: Tokens) -> None:
        """Draw in the colours of another theme from now on."""
        self._tokens = tokens
        self._pixmaps.clear()
        self._icons.clear()

    def pixmap(
        self, name: IconName, colour: ColourName, size_px: int, ratio: float, room_px: int = 0
    ) -> QPixmap:
        """Draw an icon *size_px* wide for a screen with *ratio* device pixels to a pixel.

        *room_px* is left free at its right, or at its left where it is negative.
        """
        hex_colour = self._tokens.colour(colour)
        key = (name, hex_colour, size_px, ratio, room_px)
        if key not in self._pixmaps:
            svg = icon_bytes(name).replace(b"currentColor", hex_colour.encode())
            self._pixmaps[key] = _draw(svg, size_px, ratio, room_px)
        return self._pixmaps[key]

    def icon(
        self,
        name: IconName,
        colour: ColourName,
        size_px: int,
        *,
        on_colour: ColourName | None = None,
        on_name: IconName | None = None,
        room_px: int = 0,
    ) -> QIcon:
        """Make an icon with its switched-off look, and another colour or glyph while checked."""
        ratios = tuple(sorted({1.0, 2.0, QGuiApplication.primaryScreen().devicePixelRatio()}))
        key = (name, colour, size_px, on_colour, on_name, room_px, ratios)
        if key in self._icons:
            return QIcon(self._icons[key])
        icon = QIcon()
        for ratio in ratios:
            states = (
                (QIcon.State.Off, name, colour),
                (QIcon.State.On, on_name or name, on_colour or colour),
            )
            for state, glyph, tint in states:
                icon.addPixmap(self.pixmap(glyph, tint, size_px, ratio, room_px), QIcon.Mode.Normal, state)
                off = self.pixmap(glyph, "text_3", size_px, ratio, room_px)
                icon.addPixmap(off, QIcon.Mode.Disabled, state)
        self._icons[key] = icon
        return QIcon(icon)


def application_icon() -> QIcon:
    """Make the icon of the program's windows."""
    icon = QIcon()
    for size_px in _APPLICATION_SIZES_PX:
        icon.addPixmap(_draw(application_icon_bytes(), size_px, 1.0))
    return icon


def _draw(svg: bytes, size_px: int, ratio: float, room_px: int = 0) -> QPixmap:
    side, room = round(size_px * ratio), round(room_px * ratio)
    pixmap = QPixmap(QSize(side + abs(room), side))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(max(-room, 0), 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
