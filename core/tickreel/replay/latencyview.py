"""Two books of one instrument at one instant: the exchange's, and the one that a strategy would know.

Both clocks, when a message is published and when it is known, never go back in file order. So at
any instant each book is that of a prefix of the file, and the known prefix is never the longer one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import TickreelError, UsageError
from tickreel.market.time import Instant, day_of, day_start_us, format_us, parse_instant, parse_range
from tickreel.replay.arrivals import (
    CLOCKS_WITHIN_US,
    TIME_COLUMNS,
    Arrivals,
    MessageTimes,
    Reached,
    message_clocks,
)
from tickreel.store import refuse_missing
from tickreel.store.library.booktime import L2_COLUMNS, books_before, l2_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from tickreel.book import Book, BookBuilder, L2Rows
    from tickreel.market.block import Block
    from tickreel.replay.latency import LatencyModel
    from tickreel.store import Cache, RangePlan


class LatencyView:
    """Follow [start, end) of one instrument with the exchange's book and the known one.

    Time is the exchange's. At an instant T the exchange's book is that after all messages published
    up to and including T, the known book that after all messages known by then. Also messages whose
    local time lies outside the range count, as their exchange time or their arrival may not. From a
    midnight on at which a day begins that is not held, either book is empty until the next snapshot.

    It stands before *start* at first. One thread at a time may use it.

    Raises:
        NotHeldError: no order book is held, or days of the range are missing and not *allow_missing*.
        UsageError: a time that there is not, a group's name, or an empty range; for a measured latency
            also, from any call, a day of which no exchange times are known.
        DataError: from any call, a segment is gone or damaged; a file of latencies cannot be read.
    """

    def __init__(
        self,
        cache: Cache,
        exchange: str,
        symbol: str,
        start: Instant,
        end: Instant,
        model: LatencyModel,
        *,
        allow_missing: bool = False,
    ) -> None:
        self.start_us, self.end_us = parse_range(start, end)
        if self.start_us == self.end_us:
            raise UsageError(f"the range is empty: it starts and ends at {format_us(self.start_us)}")
        self._library = cache.library
        self._selection = cache.book_selection(exchange, symbol)
        self._arrivals = Arrivals(self._library, self._selection, model)
        self.missing = self._library.plan(self._selection, self.start_us, self.end_us).missing
        self._library.count_misses(self.missing)
        if not allow_missing:
            refuse_missing(self.missing)
        self._at_us: int
        self._books: _Books
        self._failure: TickreelError | None
        self._open(self.start_us - 1)

    @property
    def model(self) -> LatencyModel:
        """The latency of the known book."""
        return self._arrivals.model

    @property
    def at_us(self) -> int:
        """The clock: T of both books."""
        return self._at_us

    @property
    def exchange_book(self) -> Book:
        """Give the book that the exchange has; a copy that does not change."""
        return self._books.exchange.builder.view()

    @property
    def known_book(self) -> Book:
        """Give the book that a strategy knows; a copy that does not change."""
        return self._books.known.builder.view()

    @property
    def lag_us(self) -> int | None:
        """Tell how old the newest known message is, by its own exchange time; None without one."""
        newest_us = self._books.known.newest_exchange_us
        return None if newest_us is None else self._at_us - newest_us

    @property
    def shift_us(self) -> int | None:
        """Tell what local times of T's UTC day are put right by; before the start, those of the first day.

        None for a day without messages, and for models that measure nothing.
        """
        return self._arrivals.shift_us(day_of(max(self._at_us, self.start_us)))

    @property
    def shifts_us(self) -> dict[date, int]:
        """Give the shift of every UTC day that was measured so far."""
        return self._arrivals.shifts_us

    def advance(self, to: Instant) -> None:
        """Go on to *to*, at most to the last instant of the range; an earlier one changes nothing."""
        if self._failure is not None:
            raise self._failure  # what fed the books is spent, and would say that the range is over
        to_us = min(parse_instant(to), self.end_us - 1)
        if to_us <= self._at_us:
            return
        try:
            self._books.play(to_us)
        except TickreelError as error:
            self._failure = error
            raise
        self._at_us = to_us

    def seek(self, at: Instant) -> None:
        """Go to an instant, forward or back; the books are as after any other way to it.

        The end of the range means its last instant.

        Raises:
            UsageError: the instant lies outside the range.
        """
        at_us = parse_instant(at)
        if not self.start_us - 1 <= at_us <= self.end_us:
            raise UsageError("a latency view can only seek inside its range")
        self._open(min(at_us, self.end_us - 1))

    def _open(self, at_us: int) -> None:
        """Build the known book from a keyframe, and from it, with what follows, the exchange's."""
        # A day found damaged since the start must not look like one that was never held.
        now = self._library.plan(self._selection, self.start_us, self.end_us)
        refuse_missing(day for day in now.missing if day not in self.missing)
        reach_us = self._arrivals.reach_us
        # What lies further outside cannot matter at any instant of the range.
        plan = self._library.plan(
            self._selection, self.start_us - 1 - reach_us, self.end_us + CLOCKS_WITHIN_US
        )
        unknown_us, reached = self._find_unknown(plan.since(at_us - reach_us), at_us)
        (builder,) = books_before(self._library, self._selection, unknown_us).values()
        newest_us = None if builder.message_us is None else self._exchange_time_of(builder.message_us)
        books = _Books(
            _Follower(_PUBLISHED, builder.copy()),
            _Follower(_KNOWN, builder, newest_us),
            self._stretches(plan.since(unknown_us), reached),
        )
        books.play(at_us)
        # After an error it stands where it stood.
        self._books, self._at_us, self._failure = books, at_us, None

    def _find_unknown(self, plan: RangePlan, at_us: int) -> tuple[int, Reached]:
        """Find the local time of the first message not known at an instant, and how far those before came.

        Only times are read, from where *plan* begins: all before it is known, and so far back that
        its running maxima could not tell otherwise of what follows.
        """
        reached = Reached()
        for _, times in self._timed(plan, TIME_COLUMNS, reached):
            place = int(np.searchsorted(times.known_us, at_us, "right"))
            if place:
                reached = Reached(int(times.published_us[place - 1]), int(times.known_us[place - 1]))
            if place < len(times):
                return int(times.local_us[place]), reached
        return plan.end_us, reached

    def _exchange_time_of(self, message_us: int) -> int:
        plan = self._library.plan(self._selection, message_us, message_us + 1)
        (block,) = self._library.rows(plan, TIME_COLUMNS)
        return int(message_clocks(block).exchange_us[0])

    def _stretches(self, plan: RangePlan, before: Reached) -> Iterator[_Stretch]:
        for block, times in self._timed(plan, (*L2_COLUMNS, "timestamp"), before):
            yield _Stretch(None if block is None else l2_rows(block), times)

    def _timed(
        self, plan: RangePlan, columns: Sequence[str], before: Reached
    ) -> Iterator[tuple[Block | None, MessageTimes]]:
        """Read the rows of a plan with the times of their messages; a block of None is a break."""
        for block in self._blocks(plan, columns):
            if isinstance(block, int):
                times = self._arrivals.times_of_break(block, before)
                yield None, times
            else:
                times = self._arrivals.times(block, before)
                yield block, times
            before = times.reached

    def _blocks(self, plan: RangePlan, columns: Sequence[str]) -> Iterator[Block | int]:
        """Put the midnights of a plan's breaks between the blocks of its days."""
        breaks_us = deque(plan.breaks_us)
        for day, parts in plan.by_day():
            while breaks_us and breaks_us[0] <= day_start_us(day):
                yield breaks_us.popleft()
            yield from self._library.rows(plan, columns, parts)
        yield from breaks_us


_PUBLISHED, _KNOWN = range(2)


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """Consecutive messages of one day, or one break."""

    rows: L2Rows | None
    """None is a break: the book is empty until the next snapshot."""
    times: MessageTimes


@dataclass(slots=True, eq=False)
class _Follower:
    """One of the two books, and what has been read and is not all in it yet."""

    clock: int
    builder: BookBuilder
    newest_exchange_us: int | None = None
    """Exchange time of the last message in the book; None without one since the last break."""
    waiting: deque[_Stretch] = field(default_factory=deque)
    done: int = 0
    """How many messages of the first stretch that waits are in the book."""

    def take(self, to_us: int) -> None:
        """Apply what waits and is due up to and including an instant."""
        while self.waiting:
            stretch = self.waiting[0]
            times = stretch.times
            due_us = times.known_us if self.clock == _KNOWN else times.published_us
            due = int(np.searchsorted(due_us, to_us, "right"))
            if due > self.done:
                if stretch.rows is None:
                    self.builder.forget()
                    self.newest_exchange_us = None
                else:
                    first, last = times.first_row[[self.done, due]].tolist()
                    self.builder.apply(stretch.rows.part(first, last))
                    self.newest_exchange_us = int(times.exchange_us[due - 1])
                self.done = due
            if due < len(times):
                return
            self.waiting.popleft()
            self.done = 0


@dataclass(slots=True, eq=False)
class _Books:
    """Both books, and what of the file has been read for neither."""

    exchange: _Follower
    known: _Follower
    coming: Iterator[_Stretch]

    def play(self, to_us: int) -> None:
        """Go on to an instant."""
        self.exchange.take(to_us)
        while not self.exchange.waiting and (stretch := next(self.coming, None)) is not None:
            self.exchange.waiting.append(stretch)
            self.known.waiting.append(stretch)
            self.exchange.take(to_us)
        self.known.take(to_us)  # what is known is published: it was read for the other book
