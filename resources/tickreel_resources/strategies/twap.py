"""Execute an amount in equal slices over a time: rest first, take what is left of a slice at its end."""

from __future__ import annotations

from tickreel.backtest import Context, Fill, Order, Param


class Twap:
    """Buy or sell an amount in slices: each rests at the best price, and is taken when its time is over."""

    side = Param("buy", "Which way", choices=("buy", "sell"))
    amount = Param(0.1, "Whole amount", low=0)
    slices = Param(10, "Into how many orders it is cut", low=1)
    timer_us = Param(60_000_000, "Time of a slice", low=1_000, unit="us")

    def on_start(self, ctx: Context) -> None:
        self.done = 0
        self.order: Order | None = None
        self.first_mid: float | None = None
        self._begin(ctx)

    def on_timer(self, ctx: Context) -> None:
        if self.order is not None and self.order.is_live:
            # What is left is taken once the cancellation is known, so that nothing is done twice.
            ctx.cancel(self.order)
        else:
            self._begin(ctx)

    def on_order(self, ctx: Context, order: Order) -> None:
        if order is self.order and not order.is_live:
            left = order.left
            self.order = None
            if order.tag == "rest" and left > 0:
                self.order = self._send(ctx, left, None, "take")
            else:
                self._begin(ctx)

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        if self.first_mid is None:
            self.first_mid = ctx.book.mid
        way = 1 if self.side == "buy" else -1
        ctx.record("slippage_bps", way * (fill.price / self.first_mid - 1) * 10_000)

    def on_stop(self, ctx: Context) -> None:
        ctx.log(f"{abs(ctx.book.position):g} of {self.amount:g} done in {self.done} slices")

    def _begin(self, ctx: Context) -> None:
        book = ctx.book
        if self.done == self.slices or book.mid != book.mid:
            return
        lots = round(self.amount / book.lot)
        so_far = lots * self.done // self.slices
        self.done += 1
        slice_lots = lots * self.done // self.slices - so_far
        if slice_lots:
            price = book.bid if self.side == "buy" else book.ask
            self.order = self._send(ctx, slice_lots * book.lot, price, "rest")

    def _send(self, ctx: Context, amount: float, price: float | None, tag: str) -> Order:
        send = ctx.buy if self.side == "buy" else ctx.sell
        return send(ctx.book, amount, price, tag=tag)
