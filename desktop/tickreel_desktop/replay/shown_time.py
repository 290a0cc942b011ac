"""The stretch of time that charts show: a window that ends at now, or a whole range that stands still.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tickreel.market.time import US_PER_SECOND

_MINUTE_US: Final = 60 * US_PER_SECOND
WINDOWS_US: Final[tuple[int | None, ...]] = (
    _MINUTE_US,
    5 * _MINUTE_US,
    15 * _MINUTE_US,
    60 * _MINUTE_US,
    None,
)
"""Lengths of the trailing window that can be chosen; None is the whole range."""
DEFAULT_WINDOW_US: Final = 5 * _MINUTE_US


def window_text(window_us: int | None) -> str:
    """Name a length of the window: ``5 min``, ``1 h``, ``all``."""
    if window_us is None:
        return "all"
    minutes = window_us // _MINUTE_US
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


@dataclass(slots=True)
class ShownTime:
    """What is shown of the range [start_us, end_us) of a replay, and where now is in it.

    The coordinate of an instant is its distance from :attr:`origin_us` in seconds.
    """

    start_us: int = 0
    end_us: int = 1
    now_us: int | None = None
    """None before the first frame."""
    window_us: int | None = DEFAULT_WINDOW_US
    """Length of the trailing window; None while the whole range is shown."""

    def begin(self, start_us: int, end_us: int) -> None:
        """Take another range [from, to), of which nothing was played yet."""
        self.start_us, self.end_us, self.now_us = start_us, max(end_us, start_us + 1), None

    @property
    def origin_us(self) -> int:
        """Instant at the right end: now, or the end of the range that stands still."""
        if self.window_us is None:
            return self.end_us
        return self.start_us if self.now_us is None else self.now_us

    @property
    def length_us(self) -> int:
        """Time from the left end to the right one; at least 1."""
        return self.window_us or max(1, self.end_us - self.start_us)

    def seconds(self, at_us: int) -> float:
        """Give the coordinate of an instant."""
        return (at_us - self.origin_us) / US_PER_SECOND

    def instant_at(self, seconds: float) -> int | None:
        """Find the instant in the range that is nearest to a coordinate; None before the first frame."""
        if self.now_us is None:
            return None
        at_us = self.origin_us + round(seconds * US_PER_SECOND)
        latest_us = self.now_us if self.window_us is not None else self.end_us - 1
        return min(max(at_us, self.start_us), max(latest_us, self.start_us))

    def step(self, from_us: int | None, steps: int, step_us: int) -> int | None:
        """Go some steps on from an instant (from now without one), neither out of sight nor past now."""
        if self.now_us is None:
            return None
        moved_us = (self.now_us if from_us is None else from_us) + steps * step_us
        earliest_us = max(self.start_us, self.origin_us - self.length_us)
        return min(max(moved_us, earliest_us), self.now_us)
