"""Intervals gathered while a day goes by, few however much there is to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_SECOND
from tickreel.store.health.model import Interval, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MOST = 1_000
"""Intervals kept of a kind."""


class Intervals:
    """What was met of one kind; neighbours less than a second apart are one."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.total = 0
        """Sum of what was counted."""
        # A gap is told by itself, unless there are too many.
        self._closest_us = -1 if kind is Kind.GAP else US_PER_SECOND
        self._held: list[Interval] = []

    def add(self, from_us: int, to_us: int, rows: int, note: str = "", *, count: int | None = None) -> None:
        """Take one; *count* goes into the total instead of *rows*. They may come in any order."""
        self.total += rows if count is None else count
        self._held.append(Interval(self.kind, from_us, to_us, rows, note))
        if len(self._held) > 2 * MOST:
            self._thin()

    def add_instants(self, at_us: NDArray[np.int64], note: str = "") -> None:
        """Take what happened at instants that do not go back."""
        self.add_runs(np.column_stack((at_us, at_us, np.ones_like(at_us))), note)

    def add_runs(self, runs: NDArray[np.int64], note: str = "") -> None:
        """Take what happened in runs: (n, 3) of first instant, last instant and how much; by time.

        Instants of a run lie less than a second apart.
        """
        if not len(runs):
            return
        waits_us = runs[1:, 0] - runs[:-1, 1]
        if np.count_nonzero(waits_us >= self._closest_us) > MOST:
            # Only the longest waits part them.
            self._closest_us = int(np.partition(waits_us, -MOST)[-MOST]) + 1
        starts = np.flatnonzero(np.append(True, waits_us >= self._closest_us))
        ends = np.append(starts[1:], len(runs)) - 1
        counts = np.add.reduceat(runs[:, 2], starts)
        for first, last, here in zip(
            runs[starts, 0].tolist(), runs[ends, 1].tolist(), counts.tolist(), strict=True
        ):
            self.add(first, last + 1, here, note)

    def forget(self) -> None:
        """Take back everything."""
        self.total = 0
        self._held.clear()

    def listed(self) -> list[Interval]:
        """List them by time, at most :data:`MOST`."""
        self._thin()
        return list(self._held)

    def _thin(self) -> None:
        self._held = _joined(self._held, self._closest_us)
        while len(self._held) > MOST:
            self._closest_us = max(US_PER_SECOND, 2 * self._closest_us)
            self._held = _joined(self._held, self._closest_us)


def _joined(intervals: Iterable[Interval], closest_us: int) -> list[Interval]:
    """Join neighbours of one kind that are less than *closest_us* apart."""
    joined: list[Interval] = []
    for one in sorted(intervals, key=lambda one: (one.from_us, one.to_us)):
        last = joined[-1] if joined else None
        if last is not None and one.from_us - last.to_us < closest_us:
            joined[-1] = Interval(
                one.kind,
                last.from_us,
                max(last.to_us, one.to_us),
                last.rows + one.rows,
                last.note if last.note == one.note else "",
            )
        else:
            joined.append(one)
    return joined
