"""The stretch of time that strips draw, cut into columns of one pixel and bars of a round length.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_SECOND
from tickreel_desktop.replay.ticks import time_step_us

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BAR_PX = 7


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """What is in view of [from_us, to_us), on so many pixels, when everything up to now_us is known.

    The coordinate of an instant is its distance from *to_us* in seconds.
    """

    from_us: int
    to_us: int
    now_us: int
    width_px: int

    @property
    def length_us(self) -> int:
        """How much time is in view."""
        return self.to_us - self.from_us

    @property
    def until_us(self) -> int:
        """The last instant that is drawn."""
        return min(self.to_us, self.now_us)

    @property
    def is_ahead(self) -> bool:
        """Whether nothing of it was played yet."""
        return self.until_us < self.from_us

    @property
    def column_us(self) -> int:
        """The length of a column, about a pixel; columns begin at multiples of it.

        So a spike does not flicker as it moves.
        """
        return max(1, self.length_us // max(1, self.width_px))

    @property
    def bar_us(self) -> int:
        """The length of a bar: round, and some pixels wide."""
        return time_step_us(self.length_us, self.width_px // _BAR_PX)

    def numbers(self, step_us: int) -> tuple[int, int]:
        """Give the first of the steps in view, counted from 1970, and the one after the last."""
        return self.from_us // step_us, self.until_us // step_us + 1

    def seconds(self, at_us: int) -> float:
        """Give the coordinate of an instant."""
        return (at_us - self.to_us) / US_PER_SECOND

    def all_seconds(self, moments_us: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the coordinates of instants."""
        seconds: NDArray[np.float64] = (moments_us - self.to_us) / US_PER_SECOND
        return seconds
