"""A curve of any number of samples cut to the columns of a screen: pure arithmetic without Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POINTS_PER_COLUMN = 4


class Points(NamedTuple):
    """What is drawn of a curve: at each instant a value; NaN parts what is not joined."""

    at_us: NDArray[np.float64]
    values: NDArray[np.float64]


def in_view(at_us: NDArray[np.int64], from_us: int, to_us: int) -> slice:
    """Give the samples of [from_us, to_us], and one at either side to which lines lead."""
    first = max(0, int(np.searchsorted(at_us, from_us, side="left")) - 1)
    last = min(len(at_us), int(np.searchsorted(at_us, to_us, side="right")) + 1)
    return slice(first, max(first, last))


def points_of(
    at_us: NDArray[np.int64], values: NDArray[np.float64], from_us: int, to_us: int, columns: int
) -> Points:
    """Cut a curve to a view: all samples where they are few, else first, least, most and last of a column.

    *at_us* int64 (n,) ascending, *values* float64 (n,). So no extreme is lost, whatever their number.
    """
    part = in_view(at_us, from_us, to_us)
    times, seen = at_us[part], values[part]
    if len(seen) <= _POINTS_PER_COLUMN * max(1, columns):
        return Points(times.astype(np.float64), seen)
    begins = column_begins(times, from_us, to_us, columns)
    ends = np.append(begins[1:], len(seen))
    known = np.isfinite(seen)
    low = np.minimum.reduceat(np.where(known, seen, np.inf), begins)
    high = np.maximum.reduceat(np.where(known, seen, -np.inf), begins)
    is_known = np.isfinite(low)
    corners = np.stack(
        (seen[begins], np.where(is_known, low, np.nan), np.where(is_known, high, np.nan), seen[ends - 1]),
        axis=1,
    )
    middle = (times[begins] + times[ends - 1]) / 2
    across = np.stack((times[begins], middle, middle, times[ends - 1]), axis=1)
    return Points(across.ravel().astype(np.float64), corners.ravel())


def column_begins(times: NDArray[np.int64], from_us: int, to_us: int, columns: int) -> NDArray[np.intp]:
    """Give the place of the first sample of every column that has one; *times* (n,) has one at least."""
    length_us = max(1, to_us - from_us)
    column = np.clip((times - from_us) * columns // length_us, -1, columns)
    return np.flatnonzero(np.concatenate(([True], column[1:] != column[:-1])))


def stepped(points: Points, until_us: float) -> Points:
    """Let each value hold until the next, and the last one until an instant."""
    if not len(points.at_us):
        return points
    at_us = np.repeat(points.at_us, 2)
    values = np.repeat(points.values, 2)
    return Points(np.append(at_us[1:], max(until_us, at_us[-1])), values)


def parted(
    at_us: NDArray[np.int64], values: NDArray[np.float64], gaps: list[tuple[int, int]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Part a curve at stretches in which nothing is known, so that nothing is joined over them.

    Samples inside of a gap are left out.
    """
    for from_us, to_us in gaps:
        first = int(np.searchsorted(at_us, from_us, side="right"))
        last = int(np.searchsorted(at_us, to_us, side="left"))
        at_us = np.concatenate((at_us[:first], [from_us], at_us[max(first, last) :])).astype(np.int64)
        values = np.concatenate((values[:first], [np.nan], values[max(first, last) :]))
    return at_us, values
