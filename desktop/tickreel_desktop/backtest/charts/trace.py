"""A curve of any number of samples cut to the columns of a screen: pure arithmetic without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BLOCK = 32
_LONG = 20_000
"""Samples from which on a curve is summed up in blocks, once, so that no view of it looks at all of them."""
_BLOCKS_PER_COLUMN = 4
"""Blocks that a column has at least where they stand for its samples."""


class Points(NamedTuple):
    """What is drawn of a curve: at each instant a value; NaN parts what is not joined."""

    at_us: NDArray[np.float64]
    values: NDArray[np.float64]


class Blocks(NamedTuple):
    """A curve summed up: least and most of each block, at the instants of its first and last sample."""

    begins_us: NDArray[np.int64]
    ends_us: NDArray[np.int64]
    low: NDArray[np.float64]
    """NaN where nothing of the block is known."""
    high: NDArray[np.float64]
    last: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Samples *values* float64 (n,) at *at_us* int64 (n,), ascending; NaN where nothing is known."""

    at_us: NDArray[np.int64]
    values: NDArray[np.float64]
    blocks: Blocks | None

    @classmethod
    def of(cls, at_us: NDArray[np.int64], values: NDArray[np.float64]) -> Trace:
        """Sum a curve up; for a long one that takes a while, so do it off the UI thread."""
        if len(values) < _LONG:
            return cls(at_us, values, None)
        begins = np.arange(0, len(values), _BLOCK)
        ends = np.append(begins[1:], len(values)) - 1
        low, high = _extremes(values, begins)
        return cls(at_us, values, Blocks(at_us[begins], at_us[ends], low, high, values[ends]))

    def in_view(self, from_us: int, to_us: int) -> slice:
        """Give the samples of [from_us, to_us], and one at either side to which lines lead."""
        return in_view(self.at_us, from_us, to_us)

    def extremes(self, from_us: int, to_us: int) -> tuple[float, float] | None:
        """Give the least and the most in view, of a long curve by whole blocks; None where none is known."""
        low, high = self.values, self.values
        part = self.in_view(from_us, to_us)
        if self.blocks is not None and part.stop - part.start > _LONG:
            part = in_view(self.blocks.begins_us, from_us, to_us)
            low, high = self.blocks.low, self.blocks.high
        low, high = low[part], high[part]
        low, high = low[np.isfinite(low)], high[np.isfinite(high)]
        return (float(low.min()), float(high.max())) if len(low) else None

    def points(self, from_us: int, to_us: int, columns: int) -> Points:
        """Cut it to a view: all samples where they are few, else least and most of every column.

        So no extreme is lost, whatever their number.
        """
        part = self.in_view(from_us, to_us)
        times, seen = self.at_us[part], self.values[part]
        if len(seen) <= 2 * max(1, columns):
            return Points(times.astype(np.float64), seen)
        blocks = self.blocks
        if blocks is not None and len(seen) > _BLOCK * _BLOCKS_PER_COLUMN * columns:
            part = in_view(blocks.begins_us, from_us, to_us)
            begins_us, ends_us = blocks.begins_us[part], blocks.ends_us[part]
            low, high, last = blocks.low[part], blocks.high[part], blocks.last[part]
        else:
            begins_us = ends_us = times
            low = high = last = seen
        begins = _column_begins(begins_us, from_us, to_us, columns)
        ends = np.append(begins[1:], len(begins_us)) - 1
        lows, _ = _extremes(low, begins)
        _, highs = _extremes(high, begins)
        return _strokes(begins_us[begins], ends_us[ends], lows, highs, last[ends], (times, seen))

    def value_at(self, at_us: int) -> float:
        """Give what was last known at an instant; NaN before."""
        place = int(np.searchsorted(self.at_us, at_us, side="right")) - 1
        return float(self.values[place]) if place >= 0 else float("nan")


def in_view(at_us: NDArray[np.int64], from_us: int, to_us: int) -> slice:
    """Give what of ascending instants lies in [from_us, to_us], and one at either side."""
    first = max(0, int(np.searchsorted(at_us, from_us, side="left")) - 1)
    last = min(len(at_us), int(np.searchsorted(at_us, to_us, side="right")) + 1)
    return slice(first, max(first, last))


def _extremes(
    values: NDArray[np.float64], begins: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the least and the most of stretches; NaN where nothing of one is known."""
    known = np.isfinite(values)
    low = np.minimum.reduceat(np.where(known, values, np.inf), begins)
    high = np.maximum.reduceat(np.where(known, values, -np.inf), begins)
    is_known = np.isfinite(low)
    return np.where(is_known, low, np.nan), np.where(is_known, high, np.nan)


def _column_begins(times: NDArray[np.int64], from_us: int, to_us: int, columns: int) -> NDArray[np.intp]:
    """Give the place of the first sample of every column that has one; *times* (n,) has one at least."""
    column = np.clip((times - from_us) * columns // max(1, to_us - from_us), -1, columns)
    return np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1])))


def _strokes(
    begins_us: NDArray[np.int64],
    ends_us: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    last: NDArray[np.float64],
    whole: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> Points:
    """Give a stroke for each column, which ends nearer to where the next begins, and both ends of a curve."""
    ends_high = np.abs(last - high) <= np.abs(last - low)
    values = np.stack((np.where(ends_high, low, high), np.where(ends_high, high, low)), axis=1).ravel()
    across = np.repeat((begins_us + ends_us) / 2, 2)
    times, seen = whole
    at_us = np.concatenate((times[:1], across, times[-1:])).astype(np.float64)
    return Points(at_us, np.concatenate((seen[:1], values, seen[-1:])))


def stepped(points: Points, until_us: float) -> Points:
    """Let each value hold until the next, and the last one until an instant."""
    if not len(points.at_us):
        return points
    at_us = np.repeat(points.at_us, 2)
    values = np.repeat(points.values, 2)
    return Points(np.append(at_us[1:], max(until_us, at_us[-1])), values)


def parted(at_us: NDArray[np.int64], values: NDArray[np.float64], gaps: Sequence[tuple[int, int]]) -> Trace:
    """Part a curve at stretches in which nothing is known, so that nothing is joined over them.

    Samples inside of a gap are left out.
    """
    for from_us, to_us in gaps:
        first = int(np.searchsorted(at_us, from_us, side="right"))
        last = int(np.searchsorted(at_us, to_us, side="left"))
        at_us = np.concatenate((at_us[:first], [from_us], at_us[max(first, last) :])).astype(np.int64)
        values = np.concatenate((values[:first], [np.nan], values[max(first, last) :]))
    return Trace.of(at_us, values)
