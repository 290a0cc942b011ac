"""The founding article's strategy, corrected: follow the mid when the spread is tight.

The article's code read a field that does not exist, compared spreads of different instruments as prices,
and never closed what it opened. Here the spread is measured in ticks, momentum in basis points over a
time, and a position is closed when the momentum has turned or the time is over.
"""

from __future__ import annotations

from collections import deque

from tickreel.backtest import Context, KnownBook, Order, Param


class SpreadMomentum:
    """Take in the direction of the mid's last move while the spread is tight."""

    most_spread_ticks = Param(2.0, "Spread above which nothing is opened", low=0, unit="ticks")
    window_us = Param(5_000_000, "Time over which the move of the mid is measured", low=1, unit="us")
    least_move_bps = Param(1.0, "Move of the mid from which to follow it", low=0, unit="bps")
    hold_us = Param(10_000_000, "Longest time for which a position is held", low=1, unit="us")
    amount = Param(0.01, "Amount of each order", low=0)
    books = "touch"

    def on_start(self, ctx: Context) -> None:
        self.mids: deque[tuple[int, float]] = deque()
        self.order: Order | None = None
        self.since_us = 0

    def on_book(self, ctx: Context, book: KnownBook) -> None:
        mid = book.mid
        if mid != mid:  # a side is empty
            return
        self.mids.append((ctx.now_us, mid))
        while self.mids[0][0] < ctx.now_us - self.window_us:
            self.mids.popleft()
        if self.order is not None and self.order.is_live:
            return
        move_bps = (mid / self.mids[0][1] - 1) * 10_000
        position = book.position
        if position:
            turned = move_bps * position < 0
            if turned or ctx.now_us - self.since_us > self.hold_us:
                send = ctx.sell if position > 0 else ctx.buy
                self.order = send(book, abs(position))
        elif (
            abs(move_bps) >= self.least_move_bps and book.spread <= self.most_spread_ticks * book.tick * 1.001
        ):
            send, price = (ctx.buy, book.ask) if move_bps > 0 else (ctx.sell, book.bid)
            self.order = send(book, self.amount, price, ioc=True)
            self.since_us = ctx.now_us
            ctx.record("move_bps", move_bps)
