"""A market maker that leans against its inventory."""

from __future__ import annotations

from tickreel.backtest import Context, Order, Param


class MarketMaker:
    """Quote both sides around a mid that is shifted against the inventory; quotes move when they must."""

    amount = Param(0.01, "Amount of each quote", low=0)
    half_spread_ticks = Param(2.0, "Distance of a quote from the shifted mid", low=0, unit="ticks")
    lean_ticks = Param(1.0, "Shift of the mid for each quote's amount held", low=0, unit="ticks")
    most_quotes = Param(5, "Inventory, in quotes, at which the side that adds to it stops", low=1)
    timer_us = Param(100_000, "Time between two looks at the quotes", low=1_000, unit="us")

    def on_start(self, ctx: Context) -> None:
        self.quotes: dict[str, Order | None] = {"buy": None, "sell": None}

    def on_timer(self, ctx: Context) -> None:
        book = ctx.book
        held = round(book.position / self.amount)
        fair = book.mid - held * self.lean_ticks * book.tick
        if fair != fair:
            return
        away = self.half_spread_ticks * book.tick
        # At the best price of its own side or behind it, so that it does not take.
        bid = min(int((fair - away) / book.tick) * book.tick, book.bid)
        ask = max(-int(-(fair + away) / book.tick) * book.tick, book.ask)
        self._quote(ctx, "buy", bid, held < self.most_quotes)
        self._quote(ctx, "sell", ask, held > -self.most_quotes)
        ctx.record("held", held)

    def _quote(self, ctx: Context, side: str, price: float, wanted: bool) -> None:
        order = self.quotes[side]
        if order is not None and order.is_live:
            if wanted and abs(order.price - price) < ctx.book.tick / 2:
                return
            if not order.is_cancelling:
                ctx.cancel(order)
            return
        if wanted:
            send = ctx.buy if side == "buy" else ctx.sell
            self.quotes[side] = send(ctx.book, self.amount, price, post_only=True, tag=side)
