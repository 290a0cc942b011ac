"""What some quantities did over time, kept so that any stretch of it can be drawn at once.

Pure arithmetic without Qt. A session plays far more messages than a screen has
pixels, so a chart never draws messages: it asks for one column per pixel, with
the extremes inside that column, and sees every spike however narrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tickreel_desktop.replay.columns import Band, Columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Value = TypeVar("_Value", bound="np.generic")

DEFAULT_LIMIT = 1 << 20
"""Points that are kept before the older half is thinned out."""
_BUCKET = 32
"""Neighbouring points that are thinned out together; two for each quantity and three more may stay."""
_BLOCK = 16
"""Points whose extremes are kept ready, so that a wide column need not visit each."""
_FIRST_CAPACITY = 4096
_CHARTS = 2
"""So many may draw columns of their own lengths."""


class History:
    """Keep one or more quantities after each moment that changed any of them, in bounded memory.

    NaN is a value that is not known. A point is known where its first quantity is.

    Beyond *limit* points the older half is thinned out, again and again as more
    come: what stays are points as they were, among them the extremes of every
    quantity and the begin and end of gaps, so that a spike never disappears; its
    duration is then known only to within its neighbours.
    """

    def __init__(self, quantities: int = 1, *, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = max(limit, 4 * _BUCKET)
        self._quantities = quantities
        self._size = 0
        self._time = np.empty(0, np.int64)
        self._values = np.empty((quantities, 0))
        self._known = np.empty(0, np.bool_)
        self._grown: dict[int, tuple[int, Columns]] = {}
        """By the length of a column: the number of the first, and the columns as they were given last."""
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

    def append(self, time_us: NDArray[np.int64], *values: NDArray[np.float64]) -> None:
        """Add what happened since the last point, an array for each quantity; times must not go back."""
        if not len(time_us):
            return
        rows = np.stack(values)
        newest = self._values[:, self._size - 1] if self._size else np.full(len(rows), np.inf)
        before = np.concatenate([newest[:, None], rows[:, :-1]], axis=1)
        kept = np.flatnonzero(((rows != before) & ~(np.isnan(rows) & np.isnan(before))).any(axis=0))
        self._reserve(min(self._size + len(kept), self._limit))
        for start in range(0, len(kept), self._limit // 2):
            part = kept[start : start + self._limit // 2]
            self._append(time_us[part], rows[:, part])

    def clear(self) -> None:
        """Forget everything, as before a jump."""
        self._size = 0
        self._grown.clear()

    def _append(self, time_us: NDArray[np.int64], rows: NDArray[np.float64]) -> None:
        if self._size + len(time_us) > self._limit:
            self._thin_out()
        begin, end = self._size, self._size + len(time_us)
        self._reserve(end)
        self._time[begin:end] = time_us
        self._values[:, begin:end] = rows
        self._known[begin:end] = ~np.isnan(rows[0])
        self._size = end
        self._renew_blocks(begin)

    def _reserve(self, wanted: int) -> None:
        """Make room for *wanted* points and keep those that are there."""
        capacity = len(self._time)
        if wanted <= capacity:
            return
        # Whole blocks, so that a block can be seen as a row.
        capacity = -(-max(wanted, 2 * capacity) // _BLOCK) * _BLOCK
        time_us, values, known = self._time, self._values, self._known
        self._time = np.zeros(capacity, np.int64)
        self._values = np.zeros((self._quantities, capacity))
        self._known = np.zeros(capacity, np.bool_)
        self._time[: self._size] = time_us[: self._size]
        self._values[:, : self._size] = values[:, : self._size]
        self._known[: self._size] = known[: self._size]
        # One block more than can be full: np.reduceat wants every end to be a place.
        blocks = capacity // _BLOCK + 1
        self._low = np.zeros((self._quantities, blocks))
        self._high = np.zeros((self._quantities, blocks))
        self._all_known = np.zeros(blocks, np.bool_)
        self._renew_blocks(0)

    def _renew_blocks(self, begin: int) -> None:
        """Take the extremes of all full blocks from the point *begin* on."""
        first, last = begin // _BLOCK, self._size // _BLOCK
        if last <= first:
            return
        points, blocks = slice(first * _BLOCK, last * _BLOCK), slice(first, last)
        rows = self._values[:, points].reshape(self._quantities, -1, _BLOCK)
        self._low[:, blocks] = np.fmin.reduce(rows, axis=2)
        self._high[:, blocks] = np.fmax.reduce(rows, axis=2)
        np.logical_and.reduce(self._known[points].reshape(-1, _BLOCK), axis=1, out=self._all_known[blocks])

    def _thin_out(self) -> None:
        """Keep few of each bucket of the older half."""
        buckets = self._size // 2 // _BUCKET
        old = buckets * _BUCKET
        shape = (buckets, _BUCKET)
        quantities = [values[:old].reshape(shape) for values in self._values]
        keep = np.flatnonzero(_kept(quantities, self._known[:old].reshape(shape)))
        size = len(keep) + self._size - old
        for values in (self._time, *self._values, self._known):
            values[: len(keep)] = values[keep]
            values[len(keep) : size] = values[old : self._size]
        self._size = size
        self._renew_blocks(0)

    def at(self, at_us: int) -> tuple[float, ...] | None:
        """Give what was in force at an instant, each quantity; None before the first point."""
        index = int(np.searchsorted(self._time[: self._size], at_us, side="right")) - 1
        return None if index < 0 else tuple(self._values[:, index].tolist())

    def growing_columns(self, step_us: int, first: int, stop: int) -> Columns:
        """Give the columns *first* to *stop* (exclusive) of *step_us* each, counted from 1970.

        For a chart whose end moves with what is appended: columns that were over at the
        last call are not computed again, for as many charts as there may be.

        Raises:
            ValueError: there is no column.
        """
        fresh_from = first
        before = self._grown.pop(step_us, None)
        if before is not None:
            first_before, columns = before
            last = first_before + len(columns) - 1
            if first_before <= first <= last < stop:
                # The last column was not over yet.
                fresh_from = last
        fresh = self.columns(fresh_from * step_us, stop * step_us, stop - fresh_from)
        if before is not None and fresh_from > first:
            fresh = before[1].part(first - before[0], fresh_from - before[0]).joined(fresh)
        while len(self._grown) >= _CHARTS:
            del self._grown[next(iter(self._grown))]
        self._grown[step_us] = first, fresh
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
        known = [self._known[index] for index in spans.ends]
        return Columns(
            edges_us=edges,
            bands=tuple(self._band(number, spans, stop - 1, is_after) for number in range(self._quantities)),
            is_broken=is_after & ~spans.reduce(np.logical_and, known, self._all_known),
            points=np.diff(stop, prepend=np.searchsorted(time_us, start_us, side="left")),
        )

    def _band(self, number: int, spans: _Spans, last: NDArray[np.intp], is_after: NDArray[np.bool_]) -> Band:
        values = self._values[number]
        ends = [values[index] for index in spans.ends]
        lows = spans.reduce(np.fmin, ends, self._low[number])
        highs = spans.reduce(np.fmax, ends, self._high[number])
        return Band(*(np.where(is_after, each, np.nan) for each in (lows, highs, values[last])))


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


def _kept(quantities: list[NDArray[np.float64]], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark, bucket by bucket, the points that must stay; all arrays are (buckets, points)."""
    keep = np.zeros(known.shape, np.bool_)
    keep[:, -1] = True
    bucket = np.arange(len(known))
    for values in quantities:
        is_number = ~np.isnan(values)
        keep[bucket, np.where(is_number, values, np.inf).argmin(axis=1)] = True
        keep[bucket, np.where(is_number, values, -np.inf).argmax(axis=1)] = True
    has_gap = np.flatnonzero(~known.all(axis=1))
    unknown = ~known[has_gap]
    keep[has_gap, unknown.argmax(axis=1)] = True
    final = known.shape[1] - 1
    after_gap = final + 1 - unknown[:, ::-1].argmax(axis=1)
    keep[has_gap, np.minimum(after_gap, final)] = True
    return keep
