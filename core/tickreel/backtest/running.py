"""A strategy in Python at work: it is told what it comes to know, in order, and nothing else runs.

While no order is anywhere and no answer on its way, nothing can happen at the exchange that a
strategy could notice. Then messages are told one after the other without asking the exchange, which
catches up as soon as something is sent.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.backtest.context import Fill, Trade
from tickreel.backtest.outcome import Side, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.backtest.context import Context
    from tickreel.backtest.floor import Floor
    from tickreel.backtest.market import Stretch

_LOOK_S = 0.05
_SIDES = {0: Side.BUY, 1: Side.SELL}
_BOOK_MODES = {None: 0, "touch": 1, "message": 2}


class Stopped(Exception):
    """Unwind a run that was asked to end with what there is."""


class Runner:
    """Tells one strategy of everything, to the end of the range.

    *look* is called some times a second, and may raise to end the run.
    """

    def __init__(
        self,
        strategy: object,
        context: Context,
        floor: Floor,
        *,
        books: str | None,
        timer_us: int | None,
        start_us: int,
        look: Callable[[], object],
    ) -> None:
        self._context = context
        self._floor = floor
        self._look = look
        self._look_s = time.monotonic() + _LOOK_S
        self._on_book: Callable[..., object] | None = getattr(strategy, "on_book", None)
        self._on_trade: Callable[..., object] | None = getattr(strategy, "on_trade", None)
        self._on_timer: Callable[..., object] | None = getattr(strategy, "on_timer", None)
        self._on_fill: Callable[..., object] | None = getattr(strategy, "on_fill", None)
        self._on_order: Callable[..., object] | None = getattr(strategy, "on_order", None)
        clock = floor.clock
        self._book_mode = clock[kernels.TELLS_BOOK] = _BOOK_MODES[books]
        clock[kernels.TELLS_TRADES] = self._on_trade is not None
        clock[kernels.TELLS_FILLS] = clock[kernels.TELLS_ORDERS] = 1
        if timer_us is not None:
            floor.set_timer(start_us + timer_us, timer_us)
        self._cells = floor.desk.reshape(-1).data
        self._clock = clock.data
        self._may_hurry = self._book_mode > 0 and clock[kernels.ENTRY_KIND] != kernels.AS_FEED
        self._stretch: Stretch | None = None
        self._news = memoryview(b"")
        self._hurried: Stretch | None = None
        self._told: list[tuple[int, int, int, int, int, int]] = []
        self._next_told = 0
        self._quads = memoryview(b"")

    def run(self) -> None:
        """Go on to the end of the range.

        Raises:
            TickreelError: rows cannot be read, or *look* says so.
            Exception: whatever the strategy raises.
        """
        floor, clock, context = self._floor, self._clock, self._context
        while True:
            code = floor.go_on(kernels.step)
            if code == kernels.NEWS:
                if floor.stretch is not self._stretch:
                    assert floor.stretch is not None
                    self._stretch = floor.stretch
                    self._news = self._stretch.news.reshape(-1).data
                at = (clock[kernels.NEWS_AT] - 1) * kernels.LINE_SIZE
                who, what, start, stop = self._news[at + kernels.WHO : at + kernels.QUAD]
                self._tell(who, what, start, stop)
            elif code == kernels.ANSWER:
                self._tell_answer()
            elif code == kernels.TIMER:
                assert self._on_timer is not None
                self._on_timer(context)
            else:
                return
            if time.monotonic() >= self._look_s:
                self._look_now()
            if self._may_hurry:
                self._hurry()

    def _look_now(self) -> None:
        self._look_s = time.monotonic() + _LOOK_S
        self._look()

    def _tell(self, who: int, what: int, start: int, stop: int) -> None:
        book = self._context.books[who]
        if what == kernels.BOOK:
            assert self._on_book is not None
            self._on_book(self._context, book)
            return
        assert self._on_trade is not None
        stretch = self._floor.stretch
        assert stretch is not None
        rows = slice(start, stop)
        cells = zip(
            stretch.price[rows].tolist(),
            stretch.amount[rows].tolist(),
            stretch.mark[rows].tolist(),
            strict=True,
        )
        for price, amount, mark in cells:
            self._on_trade(self._context, Trade(book, price, amount, _SIDES.get(mark)))

    def _tell_answer(self) -> None:
        floor, context = self._floor, self._context
        mail = floor.answer()
        order = context.order_of(mail.order)
        if order.status > Status.OPEN:
            context.end(order)
        if mail.fill is not None:
            if self._on_fill is not None:
                self._on_fill(context, Fill(order, *mail.fill))
        elif self._on_order is not None:
            self._on_order(context, order)

    def _hurry(self) -> None:
        """Tell of one message after the other as long as the exchange has nothing to do."""
        clock, floor = self._clock, self._floor
        stretch = floor.stretch
        if stretch is None or floor.is_busy:
            return
        if stretch is not self._hurried:
            self._prepare(stretch)
        told, place = self._told, self._next_told
        news_at = clock[kernels.NEWS_AT]
        while place < len(told) and told[place][0] < news_at:
            place += 1
        timer_us = clock[kernels.TIMER_US]
        post_end = clock[kernels.POST_END]
        cells, quads, books = self._cells, self._quads, self._context.books
        on_book, context, clock_s = self._on_book, self._context, time.monotonic
        assert on_book is not None
        try:
            while place < len(told):
                number, at_us, who, quad, start, stop = told[place]
                if at_us > timer_us:
                    break
                place += 1
                clock[kernels.NOW] = at_us
                clock[kernels.NEWS_AT] = number + 1
                if quad >= 0:
                    base = who * kernels.DESK_SIZE + kernels.KNOWN_BID
                    cells[base : base + 4] = quads[4 * quad : 4 * quad + 4]
                    on_book(context, books[who])
                else:
                    self._tell(who, kernels.TRADES, start, stop)
                if clock[kernels.POST_END] != post_end:
                    break
                if clock_s() >= self._look_s:
                    self._look_now()
        finally:
            self._next_told = place

    def _prepare(self, stretch: Stretch) -> None:
        """List which messages of a stretch are to be told."""
        self._hurried, self._told, self._next_told = stretch, [], 0
        news = stretch.news
        what = news[:, kernels.WHAT]
        if (what == kernels.BREAK).any():
            return  # a book that is lost is a change that nobody is told of
        is_book = what == kernels.BOOK
        is_told = is_book.copy()
        if self._book_mode == 1:
            for who in range(len(self._context.books)):
                own = np.flatnonzero(is_book & (news[:, kernels.WHO] == who))
                before = self._floor.known_before[who]
                quads = np.vstack([before, stretch.quads[news[own, kernels.QUAD]]])
                is_same = (quads[1:] == quads[:-1]) | (np.isnan(quads[1:]) & np.isnan(quads[:-1]))
                is_told[own] = ~is_same.all(axis=1)
        if self._on_trade is not None:
            is_told |= what == kernels.TRADES
        told = np.flatnonzero(is_told)
        columns = [
            told,
            news[told, kernels.TIME],
            news[told, kernels.WHO],
            np.where(is_book[told], news[told, kernels.QUAD], -1),
            news[told, kernels.START],
            news[told, kernels.STOP],
        ]
        self._told = list(zip(*(column.tolist() for column in columns), strict=True))
        self._quads = stretch.quads.reshape(-1).data
