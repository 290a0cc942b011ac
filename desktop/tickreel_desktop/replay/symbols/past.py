"""What is kept of a symbol to compare it with others: its mid over time, and how late its messages came.

Pure arithmetic without Qt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.book import features
from tickreel_desktop.replay.ring import Ring
from tickreel_desktop.replay.series import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import LatencyColumns, SymbolClock, SymbolFrame

_POINTS = 1 << 18
_COLUMNS = 1 << 16


class LatencySpread(NamedTuple):
    """How late the messages of consecutive columns came, in microseconds; NaN where there was none."""

    start_us: NDArray[np.int64]
    column_us: int
    messages: NDArray[np.int64]
    low: NDArray[np.float64]
    """Of the messages 5 % came no later."""
    median: NDArray[np.float64]
    high: NDArray[np.float64]
    """95 % came no later."""
    most: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.start_us)

    def part(self, first: int, stop: int) -> LatencySpread:
        """Give the columns from *first* to before *stop*."""
        return self._chosen(slice(first, stop))

    def every(self, step: int) -> LatencySpread:
        """Give one column of so many."""
        return self._chosen(slice(None, None, step))

    def _chosen(self, columns: slice) -> LatencySpread:
        figures = (each[columns] for each in (self.low, self.median, self.high, self.most))
        return LatencySpread(self.start_us[columns], self.column_us, self.messages[columns], *figures)


class LatencyPast:
    """Keep the columns of latency that frames brought; the unfinished one is the last."""

    def __init__(self) -> None:
        self._finished = Ring(_COLUMNS, np.int64, np.int64, *(np.float64,) * 4)
        self._open: LatencyColumns | None = None

    def clear(self) -> None:
        """Forget all."""
        self._finished.clear()
        self._open = None

    def take(self, columns: LatencyColumns) -> None:
        """Take what ended since the last frame, and what has not."""
        arrays = (columns.start_us, columns.messages)
        figures = (columns.low_us, columns.median_us, columns.high_us, columns.most_us)
        if len(columns) > 1:
            self._finished.append(*(each[:-1] for each in (*arrays, *figures)))
        self._open = columns

    def between(self, from_us: int, to_us: int) -> LatencySpread | None:
        """Give the columns that touch [from, to); None before any."""
        last = self._open
        if last is None:
            return None
        kept = [self._finished.column(each) for each in range(6)]
        newest = (last.start_us, last.messages, last.low_us, last.median_us, last.high_us, last.most_us)
        first = int(np.searchsorted(kept[0], from_us - last.column_us, side="right"))
        stop = int(np.searchsorted(kept[0], to_us, side="left"))
        ends = [
            np.append(old[first:stop], new[-1:] if last.start_us[-1] < to_us else new[:0])
            for old, new in zip(kept, newest, strict=True)
        ]
        return LatencySpread(ends[0], last.column_us, *ends[1:])

    def at(self, at_us: int) -> LatencySpread | None:
        """Give the column of an instant, a single one; None where none is kept."""
        found = self.between(at_us, at_us + 1)
        return None if found is None or not len(found) else found.part(len(found) - 1, len(found))

    def newest_us(self) -> float | None:
        """Give the median of the newest column that has messages, of the last few; None without one."""
        last = self._open
        if last is None:
            return None
        medians = np.append(self._finished.column(3)[-8:], last.median_us[-1:])
        known = np.flatnonzero(~np.isnan(medians))
        return float(medians[known[-1]]) if len(known) else None


class SymbolPast:
    """The mid of one symbol, its latency, and when its newest message came."""

    def __init__(self) -> None:
        self.mids = History(limit=_POINTS)
        self.latency = LatencyPast()
        self.clock: SymbolClock | None = None
        """None before its first message."""

    def take(self, symbol: SymbolFrame, *, is_jump: bool, keeps_mid: bool) -> None:
        """Take what a frame tells of it; the mid is kept where it is to be compared."""
        if is_jump:
            self.mids.clear()
            self.latency.clear()
        self.clock = symbol.clock
        if keeps_mid and len(symbol.touch):
            self.mids.append(symbol.touch.time_us, features.mid(symbol.touch.as_touch()))
        if symbol.latency is not None:
            self.latency.take(symbol.latency)
