"""From the size of a cell to a colour: a scale of 256 levels, and the table of their colours.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel_desktop.theme import Tokens

LEVELS = 256
UNKNOWN = LEVELS
"""The level of a cell of which nothing was known."""
ABSENT = LEVELS + 1
"""The level of a place for which there is no column: nothing was played there."""
_GAIN = 1.1
_CLIP_PER_CENT = 99.5
_MOST_SAMPLES = 60_000
_HOLD_S = 2.0
_SAME_WITHIN = 0.05


def colour_table(tokens: Tokens) -> NDArray[np.uint32]:
    """Give (258,) colours as 0xffRRGGBB: those of the levels, of the unknown and of the absent."""
    stops = tokens.heat.stops
    at = np.linspace(0.0, 1.0, LEVELS)
    places = [place for place, _ in stops]
    channels = np.array([_channels(colour) for _, colour in stops], float)
    found = np.column_stack([np.interp(at, places, channels[:, channel]) for channel in range(3)])
    rest = [_channels(tokens.line), _channels(tokens.plot)]
    red, green, blue = np.rint(np.vstack([found, rest])).astype(np.uint32).T
    opaque = np.uint32(0xFF) << np.uint32(24)
    table: NDArray[np.uint32] = opaque | red << np.uint32(16) | green << np.uint32(8) | blue
    return table


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@dataclass(frozen=True, slots=True)
class Scale:
    """How sizes become levels: from the ground for nothing to the last level for *clip* and more."""

    clip: float
    """The size from which on all look alike; 0 while nothing is known, when all is ground."""
    power: float
    """Exponent on the logarithmic place, so that small sizes stay near the ground."""
    is_log: bool = True
    least: float = 0.0
    """Cells of a smaller size are ground."""

    def levels(self, sizes: NDArray[np.float64]) -> NDArray[np.uint16]:
        """Give the level of each size; NaN is unknown."""
        unknown = np.isnan(sizes)
        found: NDArray[np.uint16] = np.zeros(sizes.shape, np.uint16)
        if self.clip > 0:
            place = np.minimum(sizes, self.clip)
            place[unknown | (sizes < self.least)] = 0.0
            if self.is_log:
                place *= _GAIN
                np.log1p(place, out=place)
                place /= np.log1p(_GAIN * self.clip)
                # The power by way of the logarithm takes an eighth of the time; that of nothing is nothing.
                with np.errstate(divide="ignore"):
                    np.log(place, out=place)
                place *= self.power
                np.exp(place, out=place)
            else:
                place /= self.clip
            place *= LEVELS - 1
            found = np.rint(place, out=place).astype(np.uint16)
        found[unknown] = UNKNOWN
        return found


class HeldClip:
    """The size that all above look like, held for a while so that the picture does not pump."""

    def __init__(self) -> None:
        self.value = 0.0
        self._fitted_s = float("-inf")

    def is_due(self, now_s: float) -> bool:
        """Tell whether it may change at this time of a monotonic clock."""
        return self.value <= 0 or now_s - self._fitted_s >= _HOLD_S

    def fit(self, sizes: NDArray[np.float64], now_s: float) -> bool:
        """Take the 99.5th percentile of the cells that hold anything; tell whether it is another one."""
        step = -(-sizes.size // _MOST_SAMPLES) or 1
        # An odd step does not fall on the same few rows of each column.
        sample = sizes.ravel()[:: step | 1]
        held = sample[sample > 0]
        if not held.size:
            return False
        clip = float(np.percentile(held, _CLIP_PER_CENT))
        self._fitted_s = now_s
        if abs(clip - self.value) <= _SAME_WITHIN * self.value:
            return False
        self.value = clip
        return True

    def forget(self) -> None:
        """Fit anew next time, as after a jump."""
        self.value, self._fitted_s = 0.0, float("-inf")
