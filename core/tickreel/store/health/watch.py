"""The rows of a day, gone through once: its health, its book, and the keyframes on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_DAY
from tickreel.market.types import SCHEMAS, DatasetKey, DataType
from tickreel.store.health.books import BookWatch
from tickreel.store.health.gaps import LONG_WAIT_US, Waits, room_for_waits
from tickreel.store.health.intervals import Intervals
from tickreel.store.health.model import LOWERING, Health, Kind
from tickreel.store.health.rows import RowWatch
from tickreel.store.model import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tickreel.book import BookBuilder
    from tickreel.market.block import Block
    from tickreel.store.health.books import KeyframeHook, KeyframeQuestion

_BAD_GAP_SHARE = 0.05
_BAD_CROSSED_SHARE = 0.01


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
        wants_keyframe: KeyframeQuestion | None = None,
    ) -> None:
        """Begin a day.

        *carried* holds the books at the end of the day before, by symbol; they are built on and
        belong to the watch from here on. *on_keyframe* is called with the local time of the last
        message, bids and asks (float64 (n, 2), best first) after every so many rows of a part, once
        a snapshot was met in it; never for a grouped file.
        *wants_keyframe* is told before how many levels both sides have, and spares the copy of a
        book that nobody keeps by answering no.
        """
        self._key = key
        self._found = {kind: Intervals(kind) for kind in Kind}
        self._carried = dict(carried or {})
        self._on_keyframe = None if key.is_grouped else on_keyframe
        self._wants_keyframe = wants_keyframe
        self._waits = Waits()
        self._last_us: int | None = None
        """Local time of the last row of a grouped file, whose instruments do not wait by themselves."""
        self._books: dict[str, BookWatch] = {}
        self._others: dict[str, RowWatch] = {}

    @property
    def books(self) -> dict[str, BookBuilder]:
        """The books as the rows so far leave them, by symbol, with those carried that had no rows.

        After :meth:`finish` they are what the next day carries.
        """
        return self._carried | {symbol: book.builder for symbol, book in self._books.items()}

    def begin_part(self) -> None:
        """Say that the next rows are those of a further part of the day."""
        for book in self._books.values():
            book.begin_part()

    def update(self, block: Block) -> None:
        """Take the next rows, cut anywhere; all columns of the type must be there."""
        if not len(block):
            return
        if self._key.is_grouped:
            self._find_waits(block)
        for symbol, own in block.by_symbol():
            self._watch_of(symbol).update(own)

    def finish(self) -> Health:
        """Say how healthy the day is, once all its rows were taken."""
        books = list(self._books.values())
        for book in books:
            book.finish()
        is_snapshot_only = bool(books) and not any(book.has_updates for book in books)
        if is_snapshot_only:
            # Such a feed resets by itself whenever it speaks: that the book moved is no loss.
            self._found[Kind.SNAPSHOT_MISMATCH].forget()
        messages = sum(book.messages for book in books) + sum(one.messages for one in self._others.values())
        gap_us = self._waits.find_gaps(messages, self._found[Kind.GAP])
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

    def _watch_of(self, symbol: str) -> BookWatch | RowWatch:
        """Find what watches an instrument, or begin it."""
        found = self._books.get(symbol) or self._others.get(symbol)
        if found is not None:
            return found
        waits = None if self._key.is_grouped else self._waits
        if self._key.type is DataType.INCREMENTAL_BOOK_L2:
            carried = self._carried.pop(symbol, None)
            book = self._books[symbol] = BookWatch(
                self._found, waits, carried, self._on_keyframe, self._wants_keyframe
            )
            return book
        other = self._others[symbol] = RowWatch(SCHEMAS[self._key.type], self._found, waits)
        return other

    def _find_waits(self, block: Block) -> None:
        """Keep the times between messages of all instruments together."""
        from tickreel.store.health import rowkernels

        local_us = block.local_us
        before_us = int(local_us[0]) if self._last_us is None else self._last_us
        waits = room_for_waits(local_us)
        *_, waited = rowkernels.survey_times(
            block.array("timestamp"), local_us, rowkernels.NEVER_US, before_us, LONG_WAIT_US, waits
        )
        self._waits.add(waits[:waited])
        self._last_us = int(local_us[-1])


def health_of(
    blocks: Iterable[Block], key: DatasetKey, *, carried: Mapping[str, BookBuilder] | None = None
) -> Health:
    """Say how healthy the rows of one day are; *carried* as :class:`DayWatch` takes it."""
    watch = DayWatch(key, carried=carried)
    for block in blocks:
        watch.update(block)
    return watch.finish()
