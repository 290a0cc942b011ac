"""Take where the best amounts lean."""

from __future__ import annotations

from tickreel.backtest import Context, KnownBook, Order, Param


class ImbalanceTaker:
    """Buy when the best bid is much larger than the best ask, sell when it is the other way round."""

    enter = Param(0.8, "Imbalance of the best amounts from which to take; 1 is only bids", low=0, high=1)
    leave = Param(0.0, "Imbalance, towards the position, below which it is closed", low=-1, high=1)
    amount = Param(0.01, "Amount of each order", low=0)
    books = "touch"

    def on_start(self, ctx: Context) -> None:
        self.order: Order | None = None

    def on_book(self, ctx: Context, book: KnownBook) -> None:
        if self.order is not None and self.order.is_live:
            return
        total = book.bid_amount + book.ask_amount
        if total != total or not total:
            return
        imbalance = (book.bid_amount - book.ask_amount) / total
        position = book.position
        if position > 0 and imbalance < self.leave:
            self.order = ctx.sell(book, position)
        elif position < 0 and -imbalance < self.leave:
            self.order = ctx.buy(book, -position)
        elif not position and abs(imbalance) >= self.enter:
            send, price = (ctx.buy, book.ask) if imbalance > 0 else (ctx.sell, book.bid)
            self.order = send(book, self.amount, price, ioc=True)
