"""Times without a message, and which of them are gaps by the measure of their day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.store.health.intervals import Intervals

_SHORTEST_GAP_US = 10 * US_PER_SECOND
_GAP_RATIO = 20
LONG_WAIT_US = _SHORTEST_GAP_US // _GAP_RATIO
"""A 99th percentile below this leaves the shortest gap at ten seconds, so how far below is all one."""


def room_for_waits(local_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """Make room for the waits that rows of these local times, and the one before, can hold, and one more.

    The array is (n, 2).
    """
    span_us = max(0, int(local_us[-1]) - int(local_us[0]))
    return np.empty((min(len(local_us), span_us // LONG_WAIT_US + 1) + 1, 2), np.int64)


class Waits:
    """The waits of one day that may turn out to be gaps: 172,800 at most."""

    def __init__(self) -> None:
        self._held: list[NDArray[np.int64]] = []

    def add(self, waits: NDArray[np.int64]) -> None:
        """Take waits: (n, 2), the local times on either side."""
        if len(waits):
            self._held.append(waits.copy())

    def find_gaps(self, messages: int, found: Intervals) -> int:
        """Add those that are gaps on a day of so many messages to *found*; give their sum in microseconds."""
        if not self._held:
            return 0
        waits = np.concatenate(self._held)
        lengths = waits[:, 1] - waits[:, 0]
        total = messages - 1
        place = 99 * total // 100 - (total - len(lengths))
        usual_us = int(np.sort(lengths)[place]) if place >= 0 else 0
        is_gap = lengths > max(_SHORTEST_GAP_US, _GAP_RATIO * usual_us)
        for start, end in waits[is_gap].tolist():
            found.add(start, end, 0, silence(end - start), count=1)
        return int(lengths[is_gap].sum())


def silence(length_us: int) -> str:
    """Put a time without a message into words."""
    return f"{length_us / US_PER_SECOND:.1f} s without a message"
