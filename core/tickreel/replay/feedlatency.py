"""How long after the exchange's time messages arrive: the spread of it, column by column of time.

A message's latency is its local time less the greatest exchange time of its rows, as the two clocks
say it: where they disagree it may be below 0. A message whose exchange time is its local time has
none of its own, and does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Times = NDArray[np.int64]
    Latencies = NDArray[np.float64]

SHARES = (0.05, 0.5, 0.95, 1.0)
"""Of the figures of a column: this share of its messages came no later."""


@dataclass(frozen=True, slots=True, eq=False)
class LatencyColumns:
    """The columns that ended since the last frame, and after them the one that has not.

    All arrays have one length, which is 1 at least.
    """

    column_us: int
    start_us: Times
    """The first instant of each, oldest first, one after the other without a hole."""
    messages: Times
    """How many of its messages have an exchange time of their own."""
    low_us: Latencies
    """Of these, 5 % came no later; NaN without any, as the others are."""
    median_us: Latencies
    high_us: Latencies
    """95 % came no later."""
    most_us: Latencies
    """The latest."""

    def __len__(self) -> int:
        return len(self.start_us)

    def __repr__(self) -> str:
        return f"LatencyColumns({len(self)} of {self.column_us} us)"


class LatencyRecorder:
    """Takes the messages of one instrument as they are played, and sums them up by columns of time."""

    def __init__(self, column_us: int, start_us: int) -> None:
        """Begin with the column that begins at *start_us*."""
        self._column_us = column_us
        self._open_us = start_us
        """The first instant of the column that is not finished."""
        self._time: list[Times] = []
        self._latency: list[Latencies] = []

    def take(self, local_us: Times, exchange_us: Times) -> None:
        """Take messages that follow."""
        own = exchange_us != local_us
        self._time.append(local_us[own])
        self._latency.append((local_us - exchange_us)[own].astype(np.float64))

    def columns(self, passed_us: int) -> LatencyColumns:
        """Hand out what ended by *passed_us*, before which all was taken, and what is not finished."""
        time_us = np.concatenate([np.empty(0, np.int64), *self._time])
        latency_us = np.concatenate([np.empty(0), *self._latency])
        first_us, width_us = self._open_us, self._column_us
        count = max(0, (passed_us - first_us) // width_us)
        last = int(time_us[-1] - first_us) // width_us if len(time_us) else 0
        # By the exchange's clock messages that arrived later than the clock says are there already.
        starts = first_us + width_us * np.arange(count + 1, dtype=np.int64)
        places = np.clip((time_us - first_us) // width_us, 0, max(count, last))
        is_open = places >= count
        self._open_us = int(starts[-1])
        self._time, self._latency = [time_us[is_open]], [latency_us[is_open]]
        return _summed(width_us, starts, np.minimum(places, count), latency_us)


def _summed(width_us: int, starts: Times, places: Times, latency_us: Latencies) -> LatencyColumns:
    """Sum up values by the column in which each lies; the figures are the nearest ranks."""
    order = np.lexsort((latency_us, places))
    ranked = latency_us[order]
    messages = np.bincount(places, minlength=len(starts)).astype(np.int64)
    first = np.cumsum(messages) - messages
    figures = []
    for share in SHARES:
        rank = np.maximum(np.ceil(share * messages).astype(np.int64) - 1, 0)
        figure = np.full(len(starts), np.nan)
        known = messages > 0
        figure[known] = ranked[(first + rank)[known]]
        figures.append(figure)
    return LatencyColumns(width_us, starts, messages, *figures)
