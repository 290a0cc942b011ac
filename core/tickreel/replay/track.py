"""What a replay knows of one instrument: its book, its counts, and what happened since the last frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.types import DataType
from tickreel.replay.frames import SymbolFrame, Totals, TouchSeries, TradeSeries, TypeCount
from tickreel.store.library.booktime import l2_rows

if TYPE_CHECKING:
    from tickreel.book import BookBuilder
    from tickreel.market.block import Block


@dataclass(slots=True)
class Track:
    """One instrument of a replay."""

    exchange: str
    symbol: str
    builder: BookBuilder | None
    """The book as it is now; None when no order book is played."""
    by_type: dict[DataType, TypeCount] = field(default_factory=dict)
    last_message_us: int | None = None
    gap_since_us: int | None = None
    """When a day began that is not held, if no snapshot has come since: no book is known."""
    _touch: list[TouchSeries] = field(default_factory=list)
    _trades: list[TradeSeries] = field(default_factory=list)
    _resets: int = 0
    _skipped_rows: int = 0

    def play(self, data_type: DataType, block: Block, *, with_series: bool) -> None:
        """Take whole messages of this instrument; without series the next frame will not show them."""
        local = block.local_us
        count = TypeCount(1 + int(np.count_nonzero(local[1:] != local[:-1])), len(local))
        self.by_type[data_type] = self.by_type.get(data_type, TypeCount()) + count
        self.last_message_us = max(self.last_message_us or 0, int(local[-1]))
        if data_type is DataType.INCREMENTAL_BOOK_L2 and self.builder is not None:
            self._apply(self.builder, block, with_series=with_series)
        elif data_type is DataType.TRADES and with_series:
            self._trades.append(
                TradeSeries(local, block.array("side"), block.array("price"), block.array("amount"))
            )

    def _apply(self, builder: BookBuilder, block: Block, *, with_series: bool) -> None:
        before = builder.counts
        if with_series:
            touch = builder.apply_with_touch(l2_rows(block))
            self._touch.append(TouchSeries(touch.time_us, touch.bid, touch.ask))
        else:
            builder.apply(l2_rows(block))
        after = builder.counts
        self._resets += after.resets - before.resets
        self._skipped_rows += after.skipped_rows - before.skipped_rows
        if self.gap_since_us is not None and builder.is_primed:
            self.gap_since_us = None

    def forget_book(self, at_us: int) -> None:
        """Leave the book empty until the next snapshot, and let the series show the gap."""
        if self.builder is not None:
            self.builder.forget()
            self.gap_since_us = at_us
            self.interrupt(at_us)

    def interrupt(self, at_us: int) -> None:
        """Let the series show that from a moment on nothing is known or shown."""
        if self.builder is not None:
            gap = np.array([np.nan])
            if self._touch:  # by the exchange's clock what was shown may have arrived later than that moment
                at_us = max(at_us, int(self._touch[-1].time_us[-1]))
            self._touch.append(TouchSeries(np.array([at_us], np.int64), gap, gap))

    def drop_series(self) -> None:
        """Let the next frame show nothing of what was played so far."""
        self._touch.clear()
        self._trades.clear()

    def count_anew(self) -> None:
        """Begin to count from here; what the book is stays."""
        self.by_type = dict.fromkeys(self.by_type, TypeCount())
        self.last_message_us = None
        self._resets = 0
        self._skipped_rows = 0

    def totals(self) -> Totals:
        """Count what was played since the start, or since the last seek."""
        return Totals(
            messages=sum(count.messages for count in self.by_type.values()),
            rows=sum(count.rows for count in self.by_type.values()),
            trades=self.by_type.get(DataType.TRADES, TypeCount()).rows,
            resets=self._resets,
            skipped_rows=self._skipped_rows,
        )

    def frame(self) -> SymbolFrame:
        """Hand out what happened since the last frame."""
        answer = SymbolFrame(
            exchange=self.exchange,
            symbol=self.symbol,
            book=None if self.builder is None else self.builder.view(),
            touch=TouchSeries.joined(self._touch),
            trades=TradeSeries.joined(self._trades),
            totals=self.totals(),
            gap_since_us=self.gap_since_us,
        )
        self.drop_series()
        return answer
