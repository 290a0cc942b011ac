"""Intervals gathered while a day goes by, few however much there is to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_SECOND
from tickreel.store.health.model import Interval, Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 1_000
"""Intervals kept of a kind."""

# Columns of what is held; a note is held as its place among the notes, of which the first says nothing.
_FROM, _TO, _ROWS, _NOTE = range(4)


class Intervals:
    """What was met of one kind; neighbours less than a second apart are one."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.total = 0
        """Sum of what was counted."""
        # A gap is told by itself, unless there are too many.
        self._closest_us = -1 if kind is Kind.GAP else US_PER_SECOND
        self._held = np.empty((2 * MOST + 1, 4), np.int64)
        self._count = 0
        self._notes = {"": 0}

    def add(self, from_us: int, to_us: int, rows: int, note: str = "", *, count: int | None = None) -> None:
        """Take one; *count* goes into the total instead of *rows*. They may come in any order."""
        self.total += rows if count is None else count
        self._hold(np.array([(from_us, to_us, rows)], np.int64), note)

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
        self.total += int(counts.sum())
        self._hold(np.column_stack((runs[starts, 0], runs[ends, 1] + 1, counts)), note)

    def forget(self) -> None:
        """Take back everything."""
        self.total = 0
        self._count = 0

    def listed(self) -> list[Interval]:
        """List them by time, at most :data:`MOST`."""
        self._thin()
        notes = list(self._notes)
        return [
            Interval(self.kind, from_us, to_us, rows, notes[note])
            for from_us, to_us, rows, note in self._held[: self._count].tolist()
        ]

    def _hold(self, found: NDArray[np.int64], note: str) -> None:
        """Hold (n, 3) of from, to and how much; as soon as there is no more room, fewer are made of all."""
        place = self._notes.setdefault(note, len(self._notes))
        while len(found):
            room = self._held[self._count :]
            fitting, found = found[: len(room)], found[len(room) :]
            room[: len(fitting), :_NOTE] = fitting
            room[: len(fitting), _NOTE] = place
            self._count += len(fitting)
            if self._count == len(self._held):
                self._thin()

    def _thin(self) -> None:
        held = _joined(self._held[: self._count], self._closest_us)
        while len(held) > MOST:
            self._closest_us = max(US_PER_SECOND, 2 * self._closest_us)
            held = _joined(held, self._closest_us)
        self._count = len(held)
        self._held[: self._count] = held


def _joined(held: NDArray[np.int64], closest_us: int) -> NDArray[np.int64]:
    """Join neighbours that are less than *closest_us* apart; they keep a note that they have in common."""
    if not len(held):
        return held
    held = held[np.lexsort((held[:, _TO], held[:, _FROM]))]
    ends = np.maximum.accumulate(held[:, _TO])
    starts = np.flatnonzero(np.append(True, held[1:, _FROM] - ends[:-1] >= closest_us))
    joined = held[starts]
    joined[:, _TO] = np.maximum.reduceat(held[:, _TO], starts)
    joined[:, _ROWS] = np.add.reduceat(held[:, _ROWS], starts)
    is_common = np.minimum.reduceat(held[:, _NOTE], starts) == np.maximum.reduceat(held[:, _NOTE], starts)
    joined[~is_common, _NOTE] = 0
    return joined
