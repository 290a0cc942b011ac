"""One order by itself, as a strategy sent it once: to ask what other models would have made of it."""

from __future__ import annotations

from tickreel.backtest import Context, Param


class OneOrder:
    """Send one order as the run begins, and cancel it after a while."""

    is_buy = Param(True, "Whether it buys")
    amount = Param(0.0, "Its amount", low=0)
    price = Param(0.0, "Its price; a market order has 0")
    post_only = Param(False, "Whether it must not take")
    ioc = Param(False, "Whether what is not filled at once is cancelled")
    timer_us = Param(86_400_000_000, "After how long it is cancelled", low=1, unit="us")

    def on_start(self, ctx: Context) -> None:
        send = ctx.buy if self.is_buy else ctx.sell
        price = self.price or None
        self.order = send(ctx.book, self.amount, price, post_only=self.post_only, ioc=self.ioc)

    def on_timer(self, ctx: Context) -> None:
        if self.order.is_live and not self.order.is_cancelling:
            ctx.cancel(self.order)
