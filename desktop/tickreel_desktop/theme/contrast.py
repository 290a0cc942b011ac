"""How well two colours can be told apart, as WCAG 2 defines it.

Pure arithmetic without Qt: the promise that every text can be read is a
property of the token table and is proven on it.
"""

from __future__ import annotations

AA_TEXT = 4.5
"""Least contrast of text with its ground."""
AA_EDGE = 3.0
"""Least contrast of the edge of a control with what lies around it."""


def luminance(colour: str) -> float:
    """Give the relative luminance, 0 to 1, of ``#RRGGBB``."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, ground: str) -> float:
    """Give the contrast ratio, 1 to 21, of two colours in ``#RRGGBB``; the order does not matter."""
    darker, lighter = sorted((luminance(colour), luminance(ground)))
    return (lighter + 0.05) / (darker + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
