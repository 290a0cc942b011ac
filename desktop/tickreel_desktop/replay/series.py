"""What the touch did over time, kept so that any stretch of it can be drawn at once.

Pure arithmetic without Qt. A session plays far more messages than a screen has
pixels, so a chart never draws messages: it asks for one column per pixel, with
the extremes inside that column, and sees every spike however narrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.replay import TouchSeries

_Value = TypeVar("_Value", bound="np.generic")

DEFAULT_LIMIT = 1 << 20
"""Points that are kept before the older half is thinned out."""
_BUCKET = 32
"""Neighbouring points that are thinned out together; at most seven of them stay."""
_BLOCK = 16
"""Points whose extremes are kept ready, so that a wide column need not visit each."""
_FIRST_CAPACITY = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """One quantity per column; NaN where it was not known at all. All arrays have one length."""

    low: NDArray[np.float64]
    """Least value in force inside the column, the one it began with included."""
    high: NDArray[np.float64]
    last: NDArray[np.float64]
    """Value in force at the end of the column."""

    def part(self, first: int, stop: int) -> Band:
        """Give the columns from *first* to before *stop*."""
        return Band(self.low[first:stop], self.high[first:stop], self.last[first:stop])

    def joined(self, other: Band) -> Band:
        """Put the columns that follow behind these."""
        return Band(
            np.concatenate([self.low, other.low]),
            np.concatenate([self.high, other.high]),
            np.concatenate([self.last, other.last]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A stretch of time cut into columns of equal width."""

    edges_us: NDArray[np.int64]
    """Edges of the columns, one more than there are columns; a column is [edge, next edge)."""
    mid: Band
    spread: Band
    is_broken: NDArray[np.bool_]
    """Somewhere in the column, after the first point, there was no best bid or no best ask."""
    points: NDArray[np.int64]
    """Changes inside each column that are kept."""

    def __len__(self) -> int:
        return len(self.is_broken)

    def part(self, first: int, stop: int) -> Columns:
        """Give the columns from *first* to before *stop*."""
        return Columns(
            self.edges_us[first : stop + 1],
            self.mid.part(first, stop),
            self.spread.part(first, stop),
            self.is_broken[first:stop],
            self.points[first:stop],
        )

    def joined(self, other: Columns) -> Columns:
        """Put the columns that follow behind these."""
        return Columns(
            np.concatenate([self.edges_us[:-1], other.edges_us]),
            self.mid.joined(other.mid),
            self.spread.joined(other.spread),
            np.concatenate([self.is_broken, other.is_broken]),
            np.concatenate([self.points, other.points]),
        )


@dataclass(frozen=True, slots=True)
class TouchPoint:
    """Mid and spread at an instant, in price units; both None while a side is empty."""

    mid: float | None
    spread: float | None


class TouchHistory:
    """Keep the touch after each message that changed it, in bounded memory.

    Beyond *limit* points the older half is thinned out, again and again as more
    come: what stays are points as they were, among them the extremes of mid and
    spread and the begin and end of gaps, so that a spike never disappears; its
    duration is then known only to within its neighbours.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = max(limit, 4 * _BUCKET)
        self._size = 0
        self._time: NDArray[np.int64]
        self._mid: NDArray[np.float64]
        self._spread: NDArray[np.float64]
        self._known: NDArray[np.bool_]
        self._capacity = 0
        self._grown: tuple[int, int, Columns] | None = None
        self._reserve(_FIRST_CAPACITY)

    def __len__(self) -> int:
        return self._size

    @property
    def first_us(self) -> int | None:
        """Time of the oldest point; None without one."""
        return int(self._time[0]) if self._size else None

    @property
    def last_us(self) -> int | None:
        """Time of the newest change; None without one."""
        return int(self._time[self._size - 1]) if self._size else None

    def append(self, touch: TouchSeries) -> None:
        """Add what happened since the last point; times must not go back."""
        mid = (touch.bid + touch.ask) / 2
        spread = touch.ask - touch.bid
        known = np.isfinite(mid)
        changed = np.ones(len(touch), np.bool_)
        changed[1:] = _differ(mid[1:], spread[1:], known[1:], mid[:-1], spread[:-1], known[:-1])
        if self._size and len(touch):
            newest = slice(self._size - 1, self._size)
            changed[:1] = _differ(
                mid[:1], spread[:1], known[:1], self._mid[newest], self._spread[newest], self._known[newest]
            )
        kept = np.flatnonzero(changed)
        self._reserve(min(self._size + len(kept), self._limit))
        for start in range(0, len(kept), self._limit // 2):
            part = kept[start : start + self._limit // 2]
            self._append(touch.time_us[part], mid[part], spread[part], known[part])

    def replace(self, touch: TouchSeries) -> None:
        """Forget everything and begin anew, as after a jump."""
        self._size = 0
        self._grown = None
        self.append(touch)

    def _append(
        self,
        time_us: NDArray[np.int64],
        mid: NDArray[np.float64],
        spread: NDArray[np.float64],
        known: NDArray[np.bool_],
    ) -> None:
        if self._size + len(time_us) > self._limit:
            self._thin_out()
        begin, end = self._size, self._size + len(time_us)
        self._reserve(end)
        self._time[begin:end] = time_us
        self._mid[begin:end] = mid
        self._spread[begin:end] = spread
        self._known[begin:end] = known
        self._size = end
        self._renew_blocks(begin)

    def _reserve(self, wanted: int) -> None:
        """Make room for *wanted* points and keep those that are there."""
        if wanted <= self._capacity:
            return
        # Whole blocks, so that a block can be seen as a row.
        self._capacity = -(-max(wanted, 2 * self._capacity) // _BLOCK) * _BLOCK
        grown = (
            np.zeros(self._capacity, np.int64),
            np.zeros(self._capacity),
            np.zeros(self._capacity),
            np.zeros(self._capacity, np.bool_),
        )
        if self._size:
            for new, old in zip(grown, (self._time, self._mid, self._spread, self._known), strict=True):
                new[: self._size] = old[: self._size]
        self._time, self._mid, self._spread, self._known = grown
        # One block more than can be full: np.reduceat wants every end to be a place.
        blocks = self._capacity // _BLOCK + 1
        self._mid_low, self._mid_high = np.zeros(blocks), np.zeros(blocks)
        self._spread_low, self._spread_high = np.zeros(blocks), np.zeros(blocks)
        self._all_known = np.zeros(blocks, np.bool_)
        self._renew_blocks(0)

    def _renew_blocks(self, begin: int) -> None:
        """Take the extremes of all full blocks from the point *begin* on."""
        first, last = begin // _BLOCK, self._size // _BLOCK
        if last <= first:
            return
        points, blocks = slice(first * _BLOCK, last * _BLOCK), slice(first, last)
        for values, low, high in (
            (self._mid, self._mid_low, self._mid_high),
            (self._spread, self._spread_low, self._spread_high),
        ):
            rows = values[points].reshape(-1, _BLOCK)
            np.fmin.reduce(rows, axis=1, out=low[blocks])
            np.fmax.reduce(rows, axis=1, out=high[blocks])
        np.logical_and.reduce(self._known[points].reshape(-1, _BLOCK), axis=1, out=self._all_known[blocks])

    def _thin_out(self) -> None:
        """Keep at most seven of each bucket of the older half."""
        buckets = self._size // 2 // _BUCKET
        old = buckets * _BUCKET
        keep = np.flatnonzero(
            _kept(
                self._mid[:old].reshape(buckets, _BUCKET),
                self._spread[:old].reshape(buckets, _BUCKET),
                self._known[:old].reshape(buckets, _BUCKET),
            )
        )
        size = len(keep) + self._size - old
        for values in (self._time, self._mid, self._spread, self._known):
            values[: len(keep)] = values[keep]
            values[len(keep) : size] = values[old : self._size]
        self._size = size
        self._renew_blocks(0)

    def at(self, at_us: int) -> TouchPoint | None:
        """Give what was in force at an instant; None before the first point."""
        index = int(np.searchsorted(self._time[: self._size], at_us, side="right")) - 1
        if index < 0:
            return None
        if not self._known[index]:
            return TouchPoint(None, None)
        return TouchPoint(float(self._mid[index]), float(self._spread[index]))

    def growing_columns(self, step_us: int, first: int, stop: int) -> Columns:
        """Give the columns *first* to *stop* (exclusive) of *step_us* each, counted from 1970.

        For a chart whose end moves with what is appended: columns that were over at the
        last call are not computed again.

        Raises:
            ValueError: there is no column.
        """
        fresh_from = first
        before = self._grown
        if before is not None:
            step_before_us, first_before, columns = before
            last = first_before + len(columns) - 1
            if step_before_us == step_us and first_before <= first <= last < stop:
                # The last column was not over yet.
                fresh_from = last
        fresh = self.columns(fresh_from * step_us, stop * step_us, stop - fresh_from)
        if before is not None and fresh_from > first:
            fresh = before[2].part(first - before[1], fresh_from - before[1]).joined(fresh)
        self._grown = (step_us, first, fresh)
        return fresh

    def columns(self, start_us: int, end_us: int, width: int) -> Columns:
        """Cut [start_us, end_us) into *width* columns; a value holds until the next change.

        Before the first point everything is NaN. The work grows with *width*, and
        hardly with the number of points.

        Raises:
            ValueError: the stretch is empty or there is no column.
        """
        if end_us <= start_us or width <= 0:
            raise ValueError(f"{width} columns cannot be cut from {start_us} to {end_us}")
        edges = start_us + np.arange(width + 1, dtype=np.int64) * (end_us - start_us) // width
        time_us = self._time[: self._size]
        # In force at the begin of a column is the last point at or before its edge.
        held = np.searchsorted(time_us, edges[:-1], side="right") - 1
        stop = np.searchsorted(time_us, edges[1:], side="left")
        spans = _Spans(np.maximum(held, 0), stop)
        is_after = stop > 0
        last = stop - 1

        def band(values: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> Band:
            ends = [values[index] for index in spans.ends]
            lows, highs = spans.reduce(np.fmin, ends, low), spans.reduce(np.fmax, ends, high)
            at_end = values[last]
            return Band(*(np.where(is_after, each, np.nan) for each in (lows, highs, at_end)))

        known = [self._known[index] for index in spans.ends]
        return Columns(
            edges_us=edges,
            mid=band(self._mid, self._mid_low, self._mid_high),
            spread=band(self._spread, self._spread_low, self._spread_high),
            is_broken=is_after & ~spans.reduce(np.logical_and, known, self._all_known),
            points=np.diff(stop, prepend=np.searchsorted(time_us, start_us, side="left")),
        )


class _Spans:
    """Ranges [first, stop) of points, each seen as two ragged ends and the full blocks between."""

    def __init__(self, first: NDArray[np.intp], stop: NDArray[np.intp]) -> None:
        final = np.maximum(stop - 1, first)
        step = np.arange(_BLOCK)[:, None]
        # Places beyond a short range fall on its last (or first) point, which changes no extreme.
        self.ends = (np.minimum(first + step, final), np.maximum(final - step, first))
        """Two (block, ranges) arrays of places."""
        begin = -(-first // _BLOCK)
        end = np.maximum(stop // _BLOCK, begin)
        self._has_blocks = end > begin
        self._bounds = np.empty(2 * len(first), np.intp)
        self._bounds[0::2] = begin
        self._bounds[1::2] = end

    def reduce(self, by: np.ufunc, ends: list[NDArray[_Value]], blocks: NDArray[_Value]) -> NDArray[_Value]:
        """Reduce every range; np.reduceat also answers for what lies between ranges, which is dropped."""
        ragged = by(by.reduce(ends[0], axis=0), by.reduce(ends[1], axis=0))
        reduced: NDArray[_Value] = by(ragged, by.reduceat(blocks, self._bounds)[::2])
        return np.where(self._has_blocks, reduced, ragged)


def _differ(*sides: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell where (mid, spread, known) is not (mid, spread, known) of before; NaN equals NaN."""
    mid, spread, known, mid_before, spread_before, known_before = sides
    moved: NDArray[np.bool_] = (mid != mid_before) | (spread != spread_before)
    changed: NDArray[np.bool_] = (known != known_before) | (moved & (known != 0))
    return changed


def _kept(
    mid: NDArray[np.float64], spread: NDArray[np.float64], known: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Mark, bucket by bucket, the points that must stay; all arrays are (buckets, points)."""
    keep = np.zeros(known.shape, np.bool_)
    keep[:, -1] = True
    bucket = np.arange(len(known))
    for values in (mid, spread):
        keep[bucket, np.where(known, values, np.inf).argmin(axis=1)] = True
        keep[bucket, np.where(known, values, -np.inf).argmax(axis=1)] = True
    has_gap = np.flatnonzero(~known.all(axis=1))
    unknown = ~known[has_gap]
    keep[has_gap, unknown.argmax(axis=1)] = True
    final = known.shape[1] - 1
    after_gap = final + 1 - unknown[:, ::-1].argmax(axis=1)
    keep[has_gap, np.minimum(after_gap, final)] = True
    return keep
