"""Where the spread of an instrument crosses a level: looked for in all of a range, played or not.

A crossing is a moment from which the spread is above the level and was not before, or no more is.
What it was before a stretch in which it is not known is what it was last known to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.book import features
from tickreel.book.series import Touch
from tickreel.progress import UNWATCHED
from tickreel.replay.source import Source
from tickreel.replay.stream import Break
from tickreel.store.library.booktime import L2_COLUMNS, books_before, l2_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tickreel.book import BookBuilder
    from tickreel.progress import Monitor
    from tickreel.replay.plan import ReplayPlan
    from tickreel.replay.stream import Mark, Piece, Stream
    from tickreel.store import Cache

_MESSAGES_BACK = 20_000
"""About so many are read first where it looks back; then more and more at once."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A level of the spread."""

    level: float
    is_bps: bool = False
    """It is meant in basis points of the mid, and else in the price's unit."""

    def values(self, touch: Touch) -> NDArray[np.float64]:
        """Give the quantity that is compared with the level; NaN where it is not known."""
        return features.spread_bps(touch) if self.is_bps else features.spread(touch)


class CrossingSearch:
    """Find the crossings of one symbol over the range of a plan, by the clock of the plan.

    It reads for itself, so that the session that plays the plan is left alone; one thread at a time.

    Raises:
        NotHeldError: no order book is held of the symbol.
    """

    def __init__(self, cache: Cache, plan: ReplayPlan, exchange: str, symbol: str) -> None:
        library, selection = cache.library, cache.book_selection(exchange, symbol)
        self._plan = plan
        whole = library.plan(selection, plan.start_us, plan.end_us, awaits=True)
        self._source = Source(library, whole, plan.order)

    def after(self, at_us: int, threshold: Threshold, monitor: Monitor = UNWATCHED) -> int | None:
        """Give the first crossing after an instant; None where there is none up to the end of the range.

        Raises:
            Cancelled: by the monitor, which hears how many microseconds were looked through.
            DataError: a segment is gone or damaged.
        """
        source, total_us = self._source, self._plan.end_us - at_us
        mark = source.mark_at(at_us)
        scan = _Scan(threshold, source.stream_from(mark), self._book_at(mark))
        if scan.was_above is None:
            scan.was_above = self._known_before(mark, threshold)
        for piece in scan.stream.take_pieces(self._plan.end_us):
            moments = scan.crossings(piece)
            later = moments[moments > at_us]
            if len(later):
                return int(later[0])
            monitor.report(max(0, scan.stream.moment(int(piece.keys_us[-1])) - at_us), total_us)
        return None

    def before(self, at_us: int, threshold: Threshold, monitor: Monitor = UNWATCHED) -> int | None:
        """Give the last crossing before an instant; as :meth:`after`, back to the start of the range."""
        total_us = at_us - self._plan.start_us
        first: tuple[int, bool] | None = None
        """The first that is known of what was looked through, where it began with nothing known."""
        for low, high in self._source.spans_back(at_us - 1, _MESSAGES_BACK):
            scan = self._scan_between(low, high, threshold)
            began = scan.was_above
            moments = scan.through(at_us - 1, monitor, (at_us - high.key_us, total_us))
            if first is not None and scan.was_above is not None and scan.was_above != first[1]:
                return first[0]
            if len(moments):
                return int(moments[-1])
            if began is not None:
                first = None
            elif scan.first_known is not None:
                first = scan.first_known
        return None

    def _known_before(self, mark: Mark, threshold: Threshold) -> bool | None:
        """Tell whether it was last known to be above before a mark."""
        for low, high in self._source.spans_back(mark.key_us, _MESSAGES_BACK):
            scan = self._scan_between(low, high, threshold)
            scan.through(mark.key_us, UNWATCHED, (0, 1))
            if scan.was_above is not None:
                return scan.was_above
        return None

    def _scan_between(self, low: Mark, high: Mark, threshold: Threshold) -> _Scan:
        return _Scan(threshold, self._source.stream_between(low, high, L2_COLUMNS), self._book_at(low))

    def _book_at(self, mark: Mark) -> BookBuilder:
        self._source.arrive(mark.local_us)
        plan = self._source.plan
        (builder,) = books_before(self._source.library, plan.selection, mark.local_us + 1).values()
        return builder


class _Scan:
    """Go through a stream from a book on, and say where the spread crosses a level."""

    def __init__(self, threshold: Threshold, stream: Stream, builder: BookBuilder) -> None:
        self._threshold = threshold
        self._builder = builder
        self.stream = stream
        self.was_above: bool | None = self._is_above_now()
        """What it was last known to be."""
        self.first_known: tuple[int, bool] | None = None
        """The first moment at which it was known, and what it was then."""

    def _is_above_now(self) -> bool | None:
        book = self._builder.view()
        bid, ask = book.best_bid, book.best_ask
        if bid is None or ask is None:
            return None
        one = (np.array([value]) for value in (bid[0], ask[0], bid[1], ask[1]))
        value = float(self._threshold.values(Touch(np.zeros(1, np.int64), *one))[0])
        return None if value != value else value > self._threshold.level

    def through(self, to_us: int, monitor: Monitor, done: tuple[int, int]) -> NDArray[np.int64]:
        """Give all crossings up to an instant; *done* is told to the monitor as it is."""
        found = [np.empty(0, np.int64)]
        for piece in self.stream.take_pieces(to_us):
            found.append(self.crossings(piece))
            monitor.report(*done)
        return np.concatenate(found)

    def crossings(self, piece: Piece) -> NDArray[np.int64]:
        """Give the moments of a piece that follows at which the level is crossed."""
        content = piece.content
        if isinstance(content, Break):
            self._builder.forget()
            return np.empty(0, np.int64)
        local_us = content.local_us
        ends = np.append(local_us[1:] != local_us[:-1], True)
        values = self._threshold.values(self._builder.apply_with_touch(l2_rows(content)))
        known = np.flatnonzero(~np.isnan(values))
        if not len(known):
            return np.empty(0, np.int64)
        moments = self.stream.moments(piece.keys_us[ends][known])
        is_above = values[known] > self._threshold.level
        if self.first_known is None:
            self.first_known = int(moments[0]), bool(is_above[0])
        before = is_above[0] if self.was_above is None else self.was_above
        self.was_above = bool(is_above[-1])
        crossed: NDArray[np.int64] = moments[np.diff(is_above, prepend=before)]
        return crossed
