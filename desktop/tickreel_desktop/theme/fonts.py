"""The type of Tickreel: Inter for words, JetBrains Mono for what a machine reads.

Figures are tabular everywhere, so that a changing number does not move its neighbours.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final

from PySide6.QtCore import QByteArray, QCoreApplication
from PySide6.QtGui import QFont, QFontDatabase

from tickreel_resources import font_files

_FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"]
_MONO_FAMILIES = ["JetBrains Mono", "DejaVu Sans Mono"]
_LOADED = "tickreel_fonts_loaded"


class FontRole(StrEnum):
    """Name the sizes of type that exist."""

    CAPTION = "caption"
    BODY = "body"
    HEADING = "heading"
    TITLE = "title"
    METRIC = "metric"
    WELCOME = "welcome"
    MONO = "mono"


SIZES_PX: Final = {
    FontRole.CAPTION: 11,
    FontRole.BODY: 12,
    FontRole.HEADING: 13,
    FontRole.TITLE: 15,
    FontRole.METRIC: 18,
    FontRole.WELCOME: 24,
    FontRole.MONO: 11,
}
_WEIGHTS: Final = {
    FontRole.CAPTION: QFont.Weight.Normal,
    FontRole.BODY: QFont.Weight.Normal,
    FontRole.HEADING: QFont.Weight.DemiBold,
    FontRole.TITLE: QFont.Weight.DemiBold,
    FontRole.METRIC: QFont.Weight.DemiBold,
    FontRole.WELCOME: QFont.Weight.DemiBold,
    FontRole.MONO: QFont.Weight.Normal,
}


def load_fonts(app: QCoreApplication) -> None:
    """Make the bundled fonts known to Qt, once per application object."""
    if app.property(_LOADED):
        return
    for data in font_files():
        QFontDatabase.addApplicationFontFromData(QByteArray(data))
    app.setProperty(_LOADED, True)


def make_font(role: FontRole, scale: float = 1.0, weight: QFont.Weight | None = None) -> QFont:
    """Make the font of a role at a user interface scale; *weight* replaces the usual one."""
    return QFont(_kept_font(role, scale, weight))


@cache
def _kept_font(role: FontRole, scale: float, weight: QFont.Weight | None) -> QFont:
    """Make a font once, as painters ask for theirs many times in a frame; it is only ever copied."""
    font = QFont(_MONO_FAMILIES if role is FontRole.MONO else _FAMILIES)
    font.setPixelSize(round(SIZES_PX[role] * scale))
    font.setWeight(_WEIGHTS[role] if weight is None else weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    if role is FontRole.MONO:
        # What a machine reads is shown sign by sign: "->" and "--" are no arrows and dashes.
        font.setFeature(QFont.Tag("calt"), 0)
    return font
