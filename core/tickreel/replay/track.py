"""What a replay knows of one instrument: its book, its counts, and what happened since the last frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tickreel.book.features import imbalance
from tickreel.market.types import DataType
from tickreel.replay.arrivals import message_clocks
from tickreel.replay.feedlatency import LatencyRecorder
from tickreel.replay.frames import SymbolClock, SymbolFrame, Totals, TypeCount
from tickreel.replay.series import TouchSeries, TradeSeries
from tickreel.replay.stream import EXCHANGE_TIME
from tickreel.replay.views import Balance, Detail, HeatRecorder
from tickreel.store.library.booktime import l2_rows

if TYPE_CHECKING:
    from tickreel.book import BookBuilder
    from tickreel.market.block import Block
    from tickreel.replay.known import KnownFollower
    from tickreel.replay.views import Views


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
    _heat: HeatRecorder | None = None
    _latency: LatencyRecorder | None = None
    _known: KnownFollower | None = None
    _detail: Detail = Detail.ALL
    _newest: SymbolClock | None = None
    _imbalance_levels: int = 0
    _balance: list[Balance] = field(default_factory=list)
    _touch: list[TouchSeries] = field(default_factory=list)
    _trades: list[TradeSeries] = field(default_factory=list)
    _resets: int = 0
    _skipped_rows: int = 0

    def show(self, views: Views, start_us: int, known: KnownFollower | None = None) -> None:
        """Let frames show *views* from here on, and what is known; all before *start_us* was played."""
        self._detail, self._known = views.detail(self.exchange, self.symbol), known
        if views.feed_latency and self._detail >= Detail.TOUCH:
            self._latency = LatencyRecorder(views.column_us, start_us)
        if self.builder is None or self._detail < Detail.ALL:
            return
        self._imbalance_levels = views.imbalance_levels
        grid = views.grids.get((self.exchange, self.symbol))
        if grid is not None:
            book = self.builder.view() if self.builder.is_primed else None
            self._heat = HeatRecorder(views, grid, book, start_us)

    def play(self, data_type: DataType, block: Block, *, with_series: bool) -> None:
        """Take whole messages of this instrument; without series the next frame will not show them."""
        local = block.local_us
        count = TypeCount(1 + int(np.count_nonzero(local[1:] != local[:-1])), len(local))
        self.by_type[data_type] = self.by_type.get(data_type, TypeCount()) + count
        self.last_message_us = max(self.last_message_us or 0, int(local[-1]))
        self._note_times(data_type, block)
        if self._known is not None:
            self._known.take(data_type, block)
        with_series = with_series and self._detail >= Detail.TOUCH
        if data_type is DataType.INCREMENTAL_BOOK_L2 and self.builder is not None:
            self._apply(self.builder, block, with_series=with_series)
        elif data_type is DataType.TRADES and with_series and self._detail is Detail.ALL:
            self._trades.append(
                TradeSeries(local, block.array("side"), block.array("price"), block.array("amount"))
            )

    def _note_times(self, data_type: DataType, block: Block) -> None:
        """Note when the newest message came, and how long those of the main type took to arrive."""
        is_main = data_type is DataType.INCREMENTAL_BOOK_L2 or self.builder is None
        if EXCHANGE_TIME not in block.columns:
            local_us, exchange_us = int(block.local_us[-1]), None
        else:
            clocks = message_clocks(block)
            local_us, newest_us = int(clocks.local_us[-1]), int(clocks.exchange_us[-1])
            exchange_us = newest_us if newest_us != local_us else None
            if is_main and self._latency is not None:
                self._latency.take(clocks.local_us, clocks.exchange_us)
        if is_main or self._newest is None:
            self._newest = SymbolClock(local_us, exchange_us)

    def _apply(self, builder: BookBuilder, block: Block, *, with_series: bool) -> None:
        before = builder.counts
        rows = l2_rows(block)
        if not with_series:
            builder.apply(rows)
        elif self._imbalance_levels:
            touch, tops = builder.apply_with_tops(rows, self._imbalance_levels)
            self._touch.append(TouchSeries(*touch))
            self._balance.append(Balance(tops.time_us, imbalance(tops, self._imbalance_levels)))
        else:
            self._touch.append(TouchSeries(*builder.apply_with_touch(rows)))
        if self._heat is not None:
            self._heat.take(rows)
        after = builder.counts
        self._resets += after.resets - before.resets
        self._skipped_rows += after.skipped_rows - before.skipped_rows
        if self.gap_since_us is not None and builder.is_primed:
            self.gap_since_us = None

    def forget_book(self, at_us: int) -> None:
        """Leave the book empty until the next snapshot, and let the series show the gap."""
        if self.builder is not None:
            self.builder.forget()
            if self._known is not None:
                self._known.take_break(at_us)
            self.gap_since_us = at_us
            self.interrupt(at_us)
            if self._heat is not None:
                self._heat.forget(at_us)

    def interrupt(self, at_us: int) -> None:
        """Let the series show that from a moment on nothing is known or shown."""
        if self.builder is not None:
            gap = np.array([np.nan])
            if self._touch:  # by the exchange's clock what was shown may have arrived later than that moment
                at_us = max(at_us, int(self._touch[-1].time_us[-1]))
            when = np.array([at_us], np.int64)
            self._touch.append(TouchSeries(when, gap, gap, gap, gap))
            if self._imbalance_levels:
                self._balance.append(Balance(when, gap))

    def drop_series(self) -> None:
        """Let the next frame show nothing of what was played so far."""
        self._touch.clear()
        self._balance.clear()
        self._trades.clear()
        if self._heat is not None:
            self._heat.drop()
        if self._known is not None:
            self._known.drop()

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

    def _clock_of_book(self) -> SymbolClock | None:
        """Tell when the book changed last where nothing was played yet since it was opened."""
        at_us = None if self.builder is None else self.builder.message_us
        return None if at_us is None else SymbolClock(at_us, None)

    def frame(self, at_us: int, *, is_by_arrival: bool) -> SymbolFrame:
        """Hand out what happened since the last frame, at an instant of a clock.

        By arrival, everything that arrived by then was played; by the exchange's clock nobody can tell.
        """
        if self._heat is not None and is_by_arrival:
            self._heat.pass_to(at_us + 1)
        is_whole = self._detail is Detail.ALL
        answer = SymbolFrame(
            exchange=self.exchange,
            symbol=self.symbol,
            book=self.builder.view() if self.builder is not None and is_whole else None,
            touch=TouchSeries.joined(self._touch),
            trades=TradeSeries.joined(self._trades),
            totals=self.totals(),
            gap_since_us=self.gap_since_us,
            heat=None if self._heat is None else self._heat.columns(),
            balance=Balance.joined(self._balance) if self._imbalance_levels else None,
            clock=self._newest or self._clock_of_book(),
            latency=None if self._latency is None else self._latency.columns(at_us + 1),
            known=None if self._known is None else self._known.known(at_us),
        )
        self.drop_series()
        return answer
