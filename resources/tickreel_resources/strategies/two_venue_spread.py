"""Trade the difference of two venues, or of any two instruments that are worth the same."""

from __future__ import annotations

from tickreel.backtest import Context, KnownBook, Order, Param


class TwoVenueSpread:
    """Sell the dear one and buy the cheap one when they are apart, and undo it when they have met.

    Needs two instruments whose prices may be compared, such as a perpetual on two exchanges.
    """

    enter_bps = Param(5.0, "Difference from which to trade, after crossing both spreads", low=0, unit="bps")
    leave_bps = Param(1.0, "Difference of the mids below which it is undone", unit="bps")
    amount = Param(0.01, "Amount on each side", low=0)
    books = "touch"

    def on_start(self, ctx: Context) -> None:
        if len(ctx.books) != 2:
            raise ValueError(f"this strategy needs two instruments, not {len(ctx.books)}")
        self.sent: list[Order] = []

    def on_book(self, ctx: Context, book: KnownBook) -> None:
        if any(order.is_live for order in self.sent):
            return
        one, other = ctx.books
        if one.mid != one.mid or other.mid != other.mid:
            return
        apart_bps = (one.mid / other.mid - 1) * 10_000
        if one.position or other.position:
            way = 1 if one.position < 0 else -1
            if way * apart_bps < self.leave_bps:
                self.sent = [self._to(ctx, each, 0.0) for each in ctx.books if each.position]
            return
        if (one.bid / other.ask - 1) * 10_000 >= self.enter_bps:
            self.sent = [self._to(ctx, one, -self.amount), self._to(ctx, other, self.amount)]
        elif (other.bid / one.ask - 1) * 10_000 >= self.enter_bps:
            self.sent = [self._to(ctx, one, self.amount), self._to(ctx, other, -self.amount)]
        if self.sent:
            ctx.record("apart_bps", apart_bps)

    def _to(self, ctx: Context, book: KnownBook, wanted: float) -> Order:
        change = wanted - book.position
        send = ctx.buy if change > 0 else ctx.sell
        return send(book, abs(change))
