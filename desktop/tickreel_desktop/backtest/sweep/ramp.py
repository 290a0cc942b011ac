"""From a result to the colour of its cell, and to the ink of the figure in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor

from tickreel_desktop.theme.contrast import contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.theme import Tokens

_LEVELS = 64
"""Colours on either side of the middle."""


class SweepColours:
    """The colours of one theme, each made once."""

    def __init__(self, tokens: Tokens) -> None:
        stops = [QColor(stop) for stop in tokens.sweep.stops]
        self._grounds = [_between(stops, 2 + 2 * level / _LEVELS) for level in range(-_LEVELS, _LEVELS + 1)]
        self._inks = [
            QColor(max(tokens.sweep.inks, key=lambda ink: contrast(ink, ground.name())))
            for ground in self._grounds
        ]

    def of(self, share: float) -> tuple[QColor, QColor]:
        """Give ground and ink of a result that is a *share*, -1 to 1, of the largest; what is beyond is 1."""
        place = _LEVELS + round(min(max(share, -1.0), 1.0) * _LEVELS)
        return self._grounds[place], self._inks[place]

    def rgb_of(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the grounds of many shares, (n,), as red, green and blue, (n, 3)."""
        table = np.array([ground.getRgb()[:3] for ground in self._grounds], np.float64)  # type: ignore[index]  # the stubs call it an object
        places = _LEVELS + np.rint(np.clip(shares, -1.0, 1.0) * _LEVELS).astype(np.intp)
        found: NDArray[np.float64] = table[places]
        return found


def _between(stops: list[QColor], place: float) -> QColor:
    low = min(int(place), len(stops) - 2)
    part = place - low
    first, second = stops[low], stops[low + 1]
    mixed = (
        round(before + part * (after - before))
        for before, after in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]  # the stubs call it an object
    )
    return QColor(*mixed)
