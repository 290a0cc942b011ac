"""What a strategy knows of an instrument that hears of everything somewhat later than the replay's clock.

At an instant it knows what was due by so much time before it: by the clock of arrivals what had
arrived by then, by the exchange's clock what had been published.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.types import DataType
from tickreel.replay.series import TradeSeries
from tickreel.replay.stream import Break, Mark, Stream, keys_of
from tickreel.store.library.booktime import books_before, l2_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from tickreel.book import Book, BookBuilder, L2Rows
    from tickreel.market.block import Block
    from tickreel.replay.source import Source

    Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known at a frame, and the trades that came to be known since the last one."""

    latency_us: int
    book: Book | None
    """None when no order book is played."""
    trades: TradeSeries
    waiting: int
    """Messages of the book that the market has seen and the strategy has not."""

    def __repr__(self) -> str:
        return f"Known({self.latency_us} us late, {self.waiting} messages wait)"


@dataclass(slots=True)
class _Waiting:
    """Rows of whole messages, or a break, and when the clock has them due."""

    keys_us: Times
    rows: L2Rows | None


class KnownFollower:
    """Follow one instrument so much time behind the clock."""

    def __init__(self, latency_us: int, builder: BookBuilder | None) -> None:
        """Begin with the book that is known."""
        self._latency_us = latency_us
        self._builder = builder
        self._rows: deque[_Waiting] = deque()
        self._trades: deque[tuple[Times, TradeSeries]] = deque()
        self._heard: list[TradeSeries] = []

    @classmethod
    def opened(cls, sources: Iterable[Source], symbol: str, latency_us: int, at_us: int) -> KnownFollower:
        """Begin at an instant: everything up to it was played, and what it has not heard of yet waits."""
        made = cls(latency_us, None)
        for source in sources:
            data_type = source.plan.selection.key.type
            if data_type not in (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES):
                continue
            heard_us, streams = _not_heard(source, latency_us, at_us)
            if data_type is DataType.INCREMENTAL_BOOK_L2:
                books = books_before(source.library, source.plan.selection, heard_us + 1)
                made._builder = books[symbol]
            for stream, until_us in streams:
                for content in stream.take(until_us):
                    if isinstance(content, Break) or not stream.is_grouped:
                        made.take(data_type, content)
                    else:
                        for name, own in content.by_symbol():
                            if name == symbol:
                                made.take(data_type, own)
        made.hear(at_us)
        made.drop()
        return made

    def take(self, data_type: DataType, content: Block | Break) -> None:
        """Take whole messages that the clock has reached, or a break of the book."""
        if data_type is DataType.INCREMENTAL_BOOK_L2:
            if isinstance(content, Break):
                self.take_break(content.at_us)
            else:
                self._rows.append(_Waiting(keys_of(content), l2_rows(content)))
        elif data_type is DataType.TRADES and not isinstance(content, Break):
            own = (content.local_us, content.array("side"), content.array("price"), content.array("amount"))
            self._trades.append((keys_of(content), TradeSeries(*own)))

    def take_break(self, at_us: int) -> None:
        """Take the news that from an instant on no book is known until the next snapshot."""
        self._rows.append(_Waiting(np.array([at_us], np.int64), None))

    def drop(self) -> None:
        """Let the next frame show no trades that are known by now."""
        self._heard.clear()

    def hear(self, at_us: int) -> None:
        """Go on to an instant of the replay's clock."""
        limit_us = at_us - self._latency_us
        while self._rows:
            first = self._rows[0]
            due = int(np.searchsorted(first.keys_us, limit_us, "right"))
            if not due:
                break
            if first.rows is None:
                if self._builder is not None:
                    self._builder.forget()
                self._rows.popleft()
                continue
            if self._builder is not None:
                self._builder.apply(first.rows.part(0, due))
            if due < len(first.keys_us):
                first.keys_us, first.rows = first.keys_us[due:], first.rows.part(due, len(first.keys_us))
                break
            self._rows.popleft()
        while self._trades:
            keys_us, trades = self._trades[0]
            due = int(np.searchsorted(keys_us, limit_us, "right"))
            if due:
                self._heard.append(trades.part(0, due))
            if due < len(keys_us):
                self._trades[0] = keys_us[due:], trades.part(due, len(keys_us))
                break
            self._trades.popleft()

    def known(self, at_us: int) -> Known:
        """Give what is known at an instant of the replay's clock."""
        self.hear(at_us)
        heard, self._heard = self._heard, []
        waiting = sum(one.rows.messages for one in self._rows if one.rows is not None)
        book = None if self._builder is None else self._builder.view()
        return Known(self._latency_us, book, TradeSeries.joined(heard), waiting)


def _not_heard(source: Source, latency_us: int, at_us: int) -> tuple[int, list[tuple[Stream, int]]]:
    """Find what was played of a source by an instant and is not all known by then.

    Gives the local time up to which all is known, and streams from there on, each with the instant up
    to which it is to be taken.
    """
    wanted_us, before_us = at_us - latency_us, source.plan.start_us - 1
    if wanted_us >= before_us:
        mark = source.mark_at(wanted_us)
        return mark.local_us, [(source.stream_from(mark), at_us)]
    # What came before the range was played before its first moment.
    earlier = source.library.plan(source.plan.selection, wanted_us + 1, before_us + 1)
    before = Stream(source.library, earlier, source.order, Mark(wanted_us, 0))
    return wanted_us, [(before, before_us + 1), (source.stream_from(source.mark_at(before_us)), at_us)]
