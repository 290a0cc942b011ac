"""The rows of a day, gone through once: its health, its book, and the keyframes on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.time import US_PER_DAY, US_PER_SECOND
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.health.books import BookWatch
from tickreel.store.health.ids import SeenIds
from tickreel.store.health.intervals import Intervals
from tickreel.store.health.model import LOWERING, Health, Kind
from tickreel.store.health.prices import Decimals, watched_prices
from tickreel.store.model import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from tickreel.book import BookBuilder
    from tickreel.market.block import Block
    from tickreel.store.health.books import KeyframeHook

_SHORTEST_GAP_US = 10 * US_PER_SECOND
_GAP_RATIO = 20
# A 99th percentile below this leaves the shortest gap at ten seconds, so how far below is all one.
_LONG_WAIT_US = _SHORTEST_GAP_US // _GAP_RATIO
_BAD_GAP_SHARE = 0.05
_BAD_CROSSED_SHARE = 0.01

# Before every time there can be, and far enough from the end of int64 for a difference.
_LONG_AGO_US = -(2**61)


class _Instrument:
    """What is remembered of one instrument during its day."""

    def __init__(self, book: BookWatch | None) -> None:
        self.exchange_us = _LONG_AGO_US
        self.local_us = _LONG_AGO_US
        self.decimals = Decimals()
        self.ids = SeenIds()
        self.book = book


class DayWatch:
    """Takes the rows of one day of a dataset, in order, and says at the end how healthy it is.

    Of an order book the day's book is built on the way, one per instrument of a grouped file.
    The lock of the interpreter is released while rows are counted and applied.
    """

    def __init__(
        self,
        key: DatasetKey,
        *,
        carried: Mapping[str, BookBuilder] | None = None,
        on_keyframe: KeyframeHook | None = None,
    ) -> None:
        """Begin a day.

        *carried* holds the books at the end of the day before, by symbol; they are built on and
        belong to the watch from here on. *on_keyframe* is called with the local time of the last
        message, bids and asks (float64 (n, 2), best first) before the first message of every five
        minutes of local time, once a snapshot was met in the part; never for a grouped file.
        """
        self._key = key
        self._found = {kind: Intervals(kind) for kind in Kind}
        self._is_book = key.type is DataType.INCREMENTAL_BOOK_L2
        self._has_ids = key.type in (DataType.TRADES, DataType.LIQUIDATIONS)
        self._prices = watched_prices(SCHEMAS[key.type])
        self._carried = dict(carried or {})
        self._on_keyframe = None if key.is_grouped else on_keyframe
        self._instruments: dict[str, _Instrument] = {}
        self._first_us: int | None = None
        self._last_us = _LONG_AGO_US
        self._messages = 0
        self._waits: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []

    @property
    def books(self) -> dict[str, BookBuilder]:
        """The books as the rows so far leave them, by symbol, with those carried that had no rows.

        After :meth:`finish` they are what the next day carries.
        """
        built = {name: one.book.builder for name, one in self._instruments.items() if one.book}
        return self._carried | built

    def begin_part(self) -> None:
        """Say that the next rows are those of a further part of the day."""
        for instrument in self._instruments.values():
            if instrument.book is not None:
                instrument.book.begin_part()

    def update(self, block: Block) -> None:
        """Take the next rows, cut anywhere; all columns of the type must be there."""
        if not len(block):
            return
        self._find_waits(block.local_us)
        for symbol, own in block.by_symbol():
            self._watch(self._instrument(symbol), own)

    def finish(self) -> Health:
        """Say how healthy the day is, once all its rows were taken."""
        books = [one.book for one in self._instruments.values() if one.book is not None]
        for book in books:
            book.finish()
        is_snapshot_only = bool(books) and not any(book.has_updates for book in books)
        if is_snapshot_only:
            # Such a feed resets by itself whenever it speaks: that the book moved is no loss.
            self._found[Kind.SNAPSHOT_MISMATCH].forget()
        gap_us = self._find_gaps()
        counts = {kind: found.total for kind, found in self._found.items()}
        held_us = sum(book.last_us - book.first_us for book in books if book.first_us is not None)
        crossed_us = sum(book.crossed_us for book in books)
        if gap_us > _BAD_GAP_SHARE * US_PER_DAY or crossed_us > _BAD_CROSSED_SHARE * held_us:
            grade = Grade.BAD
        else:
            grade = Grade.USABLE if any(counts[kind] for kind in LOWERING) else Grade.GOOD
        intervals = [one for found in self._found.values() for one in found.listed()]
        order = list(Kind)
        intervals.sort(key=lambda one: (one.from_us, one.to_us, order.index(one.kind)))
        return Health(grade, counts, is_snapshot_only, tuple(intervals))

    def _instrument(self, symbol: str) -> _Instrument:
        found = self._instruments.get(symbol)
        if found is None:
            book = None
            if self._is_book:
                book = BookWatch(self._found, self._carried.pop(symbol, None), self._on_keyframe)
            found = self._instruments[symbol] = _Instrument(book)
        return found

    def _watch(self, instrument: _Instrument, rows: Block) -> None:
        from tickreel.store.health import kernels

        local_us, exchange_us = rows.local_us, rows.array("timestamp")
        back, after = kernels.count_times(exchange_us, local_us, instrument.exchange_us)
        if back:
            is_back = np.append(exchange_us[0] < instrument.exchange_us, exchange_us[1:] < exchange_us[:-1])
            self._found[Kind.EXCHANGE_TIME_BACK].add_instants(local_us[is_back])
        if after:
            self._found[Kind.EXCHANGE_AFTER_LOCAL].add_instants(local_us[exchange_us > local_us])
        instrument.exchange_us = int(exchange_us[-1])
        changes, _ = kernels.count_waits(local_us, instrument.local_us, _LONG_WAIT_US)
        self._messages += changes
        instrument.local_us = int(local_us[-1])
        if self._prices:
            for row, note in instrument.decimals.finer_rows([rows.array(name) for name in self._prices]):
                at_us = int(local_us[row])
                self._found[Kind.PRECISION_CHANGE].add(at_us, at_us + 1, 1, note)
        if self._has_ids:
            ids = rows.columns["id"]
            assert not isinstance(ids, np.ndarray)
            repeated = instrument.ids.repeated(ids)
            if repeated:
                self._found[Kind.DUPLICATE].add_instants(local_us[repeated])
        if instrument.book is not None:
            instrument.book.update(rows)

    def _find_waits(self, local_us: NDArray[np.int64]) -> None:
        """Keep the times between messages that may turn out to be gaps: 172,800 a day at most."""
        from tickreel.store.health import kernels

        before_us = self._last_us if self._first_us is not None else int(local_us[0])
        _, waits = kernels.count_waits(local_us, before_us, _LONG_WAIT_US)
        if waits:
            before = np.append(before_us, local_us[:-1])
            is_long = local_us - before >= _LONG_WAIT_US
            self._waits.append((before[is_long], local_us[is_long]))
        if self._first_us is None:
            self._first_us = int(local_us[0])
        self._last_us = int(local_us[-1])

    def _find_gaps(self) -> int:
        """Find the waits that are gaps by the measure of the day; give their sum."""
        if not self._waits:
            return 0
        starts = np.concatenate([start for start, _ in self._waits])
        ends = np.concatenate([end for _, end in self._waits])
        lengths = ends - starts
        total = self._messages - 1
        place = 99 * total // 100 - (total - len(lengths))
        usual_us = int(np.sort(lengths)[place]) if place >= 0 else 0
        is_gap = lengths > max(_SHORTEST_GAP_US, _GAP_RATIO * usual_us)
        for start, end in zip(starts[is_gap].tolist(), ends[is_gap].tolist(), strict=True):
            note = f"{(end - start) / US_PER_SECOND:.1f} s without a message"
            self._found[Kind.GAP].add(start, end, 0, note, count=1)
        return int(lengths[is_gap].sum())


def health_of(
    blocks: Iterable[Block], key: DatasetKey, *, carried: Mapping[str, BookBuilder] | None = None
) -> Health:
    """Say how healthy the rows of one day are; *carried* as :class:`DayWatch` takes it."""
    watch = DayWatch(key, carried=carried)
    for block in blocks:
        watch.update(block)
    return watch.finish()
