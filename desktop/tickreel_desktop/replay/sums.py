"""Amounts that are summed up bar by bar, such as trades, in bounded memory.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_SECOND
from tickreel_desktop.replay.series import DEFAULT_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COARSER_US = (US_PER_SECOND, 60 * US_PER_SECOND, 3600 * US_PER_SECOND)


class Sums:
    """Keep what one or more quantities added at each moment, and give the sums of bars of any width.

    Beyond *limit* moments those of the older half that share a second (later a minute, an hour) become
    one at its begin, so that no amount is lost and bars of whole seconds stay exact.
    """

    def __init__(self, quantities: int, *, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = limit
        self._time = np.empty(0, np.int64)
        self._added = np.empty((quantities, 0))
        self._size = 0
        self._grown: tuple[int, int, NDArray[np.float64]] | None = None

    def __len__(self) -> int:
        return self._size

    def append(self, time_us: NDArray[np.int64], *added: NDArray[np.float64]) -> None:
        """Add what came since the last moment, an array for each quantity; times must not go back."""
        rows = np.stack(added)
        kept = np.flatnonzero((rows != 0).any(axis=0))
        end = self._size + len(kept)
        if end > len(self._time):
            room = 2 * end
            self._time, time_before = np.empty(room, np.int64), self._time
            self._added, added_before = np.empty((len(rows), room)), self._added
            self._time[: self._size] = time_before[: self._size]
            self._added[:, : self._size] = added_before[:, : self._size]
        self._time[self._size : end] = time_us[kept]
        self._added[:, self._size : end] = rows[:, kept]
        self._size = end
        for step_us in _COARSER_US:
            if self._size <= self._limit:
                break
            self._join(step_us)

    def clear(self) -> None:
        """Forget everything, as before a jump."""
        self._size = 0
        self._grown = None

    def bars(self, width_us: int, first: int, stop: int) -> NDArray[np.float64]:
        """Give the sums of the bars *first* to *stop* (exclusive), counted from 1970: (quantities, bars).

        Bars that were over at the last call are not summed up again.
        """
        fresh_from = first
        before = self._grown
        if before is not None:
            width_before_us, first_before, sums = before
            last = first_before + sums.shape[1] - 1
            if width_before_us == width_us and first_before <= first <= last < stop:
                fresh_from = last
        fresh = self.sums(width_us, fresh_from, stop)
        if before is not None and fresh_from > first:
            fresh = np.concatenate([before[2][:, first - before[1] : fresh_from - before[1]], fresh], axis=1)
        self._grown = (width_us, first, fresh)
        return fresh

    def sums(self, width_us: int, first: int, stop: int) -> NDArray[np.float64]:
        """Give the same for bars anywhere, and remember none of it."""
        edges = np.arange(first, stop + 1, dtype=np.int64) * width_us
        places = np.searchsorted(self._time[: self._size], edges)
        sums = np.zeros((len(self._added), len(places) - 1))
        filled = np.flatnonzero(places[1:] > places[:-1])
        if len(filled):
            sums[:, filled] = np.add.reduceat(self._added[:, : places[-1]], places[filled], axis=1)
        return sums

    def _join(self, step_us: int) -> None:
        """Let the moments of the older half that share a step become one."""
        old = self._size // 2
        step = self._time[:old] // step_us
        begins = np.flatnonzero(np.diff(step, prepend=step[0] - 1))
        joined = np.add.reduceat(self._added[:, :old], begins, axis=1)
        size = len(begins) + self._size - old
        self._time[: len(begins)] = step[begins] * step_us
        self._time[len(begins) : size] = self._time[old : self._size].copy()
        self._added[:, : len(begins)] = joined
        self._added[:, len(begins) : size] = self._added[:, old : self._size].copy()
        self._size = size
