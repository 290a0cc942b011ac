"""What a strategy works with: the books as it knows them, its orders, the clock, and what it writes down.

Everything here is as the strategy would know it: market messages after the feed's latency, what became
of its orders after that of the answers.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.backtest.floor import MOST_AT_ONCE
from tickreel.backtest.outcome import (
    LogLine,
    OrderKind,
    Reason,
    Recorded,
    Side,
    Status,
    TimeInForce,
)
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.analysis import Analysis
    from tickreel.backtest.analyses import Analyses
    from tickreel.backtest.floor import Floor
    from tickreel.backtest.outcome import Traded
    from tickreel.book import Book

MOST_LOG_LINES = 10_000
MOST_RECORDED = 5_000_000
"""Values of all series together: 80 MB."""
LEVELS = ("info", "warning", "error")


class KnownBook:
    """One instrument: its best prices as known, its whole book where asked for, and the position in it."""

    __slots__ = ("_base", "_cells", "_floor", "exchange", "index", "instrument", "lot", "symbol", "tick")

    def __init__(self, floor: Floor, index: int, traded: Traded) -> None:
        self._floor = floor
        self._cells = floor.desk.reshape(-1).data
        self._base = index * kernels.DESK_SIZE
        self.index = index
        self.instrument = traded
        """Tick, lot, multiplier, fees and currency."""
        self.exchange = traded.exchange
        self.symbol = traded.symbol
        self.tick = traded.tick
        self.lot = traded.lot

    def __repr__(self) -> str:
        return f"KnownBook({self.exchange}:{self.symbol}, {self.bid} / {self.ask})"

    @property
    def bid(self) -> float:
        """Best bid; NaN where there is none."""
        price: float = self._cells[self._base + kernels.KNOWN_BID]
        return price

    @property
    def ask(self) -> float:
        """Best ask; NaN where there is none."""
        price: float = self._cells[self._base + kernels.KNOWN_ASK]
        return price

    @property
    def bid_amount(self) -> float:
        """Amount of the best bid; NaN where there is none."""
        amount: float = self._cells[self._base + kernels.KNOWN_BID_AMOUNT]
        return amount

    @property
    def ask_amount(self) -> float:
        """Amount of the best ask; NaN where there is none."""
        amount: float = self._cells[self._base + kernels.KNOWN_ASK_AMOUNT]
        return amount

    @property
    def mid(self) -> float:
        """Price halfway between them; NaN where one is missing."""
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> float:
        """Best ask less best bid; NaN where one is missing."""
        return self.ask - self.bid

    @property
    def position(self) -> float:
        """Amount held, below zero if short, by the fills that are known."""
        amount: float = self._cells[self._base + kernels.KNOWN_POSITION]
        return amount

    @property
    def whole(self) -> Book:
        """The whole book as known; its levels are copied, so ask no more often than needed."""
        return self._floor.known_book(self.index)


class Order:
    """An order of the strategy: what it asked for, and what is known of it."""

    __slots__ = ("_floor", "amount", "book", "force", "id", "kind", "price", "side", "submit_us", "tag")

    def __init__(
        self,
        floor: Floor,
        number: int,
        book: KnownBook,
        side: Side,
        kind: OrderKind,
        force: TimeInForce,
        amount: float,
        price: float,
        tag: str,
    ) -> None:
        self._floor = floor
        self.id = number
        self.book = book
        self.side = side
        self.kind = kind
        self.force = force
        self.amount = amount
        self.price = price
        """NaN of a market order."""
        self.submit_us = int(floor.clock[kernels.NOW])
        self.tag = tag
        """Whatever the strategy calls it by."""

    def __repr__(self) -> str:
        words = f"{self.side.name} {self.amount:g} at {self.price:g}"
        return f"Order({self.id}, {self.book.symbol}, {words}, {self.status.name})"

    def _cell(self, slot: int) -> int:
        return self._floor.order_cells[self.id * kernels.ORDER_INTS + slot]

    @property
    def status(self) -> Status:
        """Where it stands, as known: an order that was filled is open until the answer is there."""
        return Status(self._cell(kernels.KNOWN_STATUS))

    @property
    def reason(self) -> Reason:
        """Why it was rejected or expired, once that is known."""
        return Reason.NONE if self.is_live else Reason(self._cell(kernels.REASON))

    @property
    def filled(self) -> float:
        """Amount that is known to be filled."""
        return float(self._floor.numbers[self.id, kernels.KNOWN_FILLED])

    @property
    def left(self) -> float:
        """Amount that is not known to be filled."""
        return self.amount - self.filled

    @property
    def is_live(self) -> bool:
        """Whether nothing is known of its end."""
        return self._cell(kernels.KNOWN_STATUS) <= kernels.OPEN

    @property
    def is_cancelling(self) -> bool:
        """Whether its cancellation was sent."""
        return self._cell(kernels.CANCEL) != kernels.NEVER


class Fill(NamedTuple):
    """A fill that the strategy comes to know."""

    order: Order
    time_us: int
    """At the exchange."""
    is_maker: bool
    price: float
    amount: float
    fee: float
    """In the currency of the instrument; below zero it was paid to the strategy."""


class Trade(NamedTuple):
    """A trade of the market, as the strategy comes to know it."""

    book: KnownBook
    price: float
    amount: float
    side: Side | None
    """Of who took; None where the vendor does not say."""


class Context:
    """The hands of a strategy. It is the same object through the whole run."""

    def __init__(
        self,
        floor: Floor,
        traded: Sequence[Traded],
        *,
        seed: int,
        capital: float | None,
        analyses: Analyses,
    ) -> None:
        self._floor = floor
        self._clock = floor.clock.data
        self._analyses = analyses
        self.books = tuple(KnownBook(floor, index, one) for index, one in enumerate(traded))
        """The instruments, in the order in which the run names them."""
        self.capital = capital
        self.random = random.Random(seed)
        """For whatever the strategy draws: the same in every run with the same seed."""
        self.log_lines: list[LogLine] = []
        self._lost_lines = 0
        self._orders: dict[int, Order] = {}
        self._live: dict[int, Order] = {}
        self._series: dict[str, tuple[list[int], list[float]]] = {}
        self._recorded = 0
        self._sent_at, self._sent = -1, 0
        self.is_over = False

    @property
    def book(self) -> KnownBook:
        """The first instrument, for strategies of one."""
        return self.books[0]

    @property
    def now_us(self) -> int:
        """The clock: microseconds since 1970 UTC."""
        now: int = self._clock[kernels.NOW]
        return now

    @property
    def orders(self) -> list[Order]:
        """The orders whose end is not known, the oldest first."""
        return list(self._live.values())

    def orders_of(self, book: KnownBook) -> list[Order]:
        """Give those of one instrument."""
        return [order for order in self._live.values() if order.book is book]

    def buy(
        self,
        book: KnownBook,
        amount: float,
        price: float | None = None,
        *,
        post_only: bool = False,
        ioc: bool = False,
        tag: str = "",
    ) -> Order:
        """Send an order to buy: at a price, or at any (a market order) without one.

        Raises:
            UsageError: post_only and ioc at once, or a market order that is to be post-only; too many
                orders in one moment; or the run is over. Whatever else is wrong the exchange rejects.
        """
        return self._send(book, Side.BUY, amount, price, post_only=post_only, ioc=ioc, tag=tag)

    def sell(
        self,
        book: KnownBook,
        amount: float,
        price: float | None = None,
        *,
        post_only: bool = False,
        ioc: bool = False,
        tag: str = "",
    ) -> Order:
        """Send an order to sell, as :meth:`buy`."""
        return self._send(book, Side.SELL, amount, price, post_only=post_only, ioc=ioc, tag=tag)

    def _send(
        self,
        book: KnownBook,
        side: Side,
        amount: float,
        price: float | None,
        *,
        post_only: bool,
        ioc: bool,
        tag: str,
    ) -> Order:
        if post_only and (ioc or price is None):
            raise UsageError("an order that takes at once cannot be post-only")
        self._count_request()
        kind = OrderKind.MARKET if price is None else OrderKind.LIMIT
        force = TimeInForce.GTC
        if post_only:
            force = TimeInForce.POST_ONLY
        elif ioc or price is None:
            force = TimeInForce.IOC
        given = float("nan") if price is None else float(price)
        number = self._floor.send(book.index, side, kind, force, given, float(amount))
        sent, asked = self._floor.numbers[number, [kernels.AMOUNT, kernels.PRICE]].tolist()
        order = Order(self._floor, number, book, side, kind, force, sent, asked, tag)
        self._orders[number] = self._live[number] = order
        return order

    def cancel(self, order: Order) -> bool:
        """Ask the exchange to cancel an order; False where that was asked, or it or the run has ended.

        Raises:
            UsageError: too many requests in one moment.
        """
        if self.is_over:
            return False
        self._count_request()
        return self._floor.cancel(order.id)

    def cancel_all(self, book: KnownBook | None = None) -> None:
        """Cancel all live orders, or those of one instrument."""
        for order in self.orders if book is None else self.orders_of(book):
            self.cancel(order)

    def _count_request(self) -> None:
        if self.is_over:
            raise UsageError("the run is over: no order reaches the exchange any more")
        now_us = self.now_us
        self._sent = self._sent + 1 if now_us == self._sent_at else 1
        self._sent_at = now_us
        if self._sent > MOST_AT_ONCE:
            raise UsageError(f"more than {MOST_AT_ONCE} requests in one microsecond")

    def log(self, text: object, level: str = "info") -> None:
        """Write a line to the log of the run, with the clock.

        Raises:
            UsageError: there is no such level.
        """
        if level not in LEVELS:
            raise UsageError(f"{level!r} is no level of a log: choose {', '.join(LEVELS)}")
        if len(self.log_lines) < MOST_LOG_LINES:
            self.log_lines.append(LogLine(self.now_us, level, str(text)))
        else:
            self._lost_lines += 1

    def record(self, name: str, value: float) -> None:
        """Add a value, at this instant, to a series that is kept with the run.

        Raises:
            UsageError: there is no room for more.
        """
        if self._recorded >= MOST_RECORDED:
            raise UsageError(f"a run keeps {MOST_RECORDED} recorded values at most: record less often")
        self._recorded += 1
        times, values = self._series.setdefault(name, ([], []))
        times.append(self.now_us)
        values.append(float(value))

    def analyse(self, book: KnownBook, window_s: float = 60.0) -> Analysis:
        """Have the time up to now analysed, as the recorder saw it; the run waits for the answer.

        It is asked of the model that is set, or taken from the record that the run was given. The
        window ends with the last message of the book that is known.

        Raises:
            NotHeldError, CapReached, CallFailed, NotRecorded: as :func:`tickreel.analyze`.
        """
        end_us = self._floor.known_local_us(book.index) + 1
        return self._analyses.ask(book.exchange, book.symbol, end_us, window_s)

    # What follows is for whoever runs a strategy.

    def order_of(self, number: int) -> Order:
        """Find an order by its number."""
        return self._orders[number]

    def end(self, order: Order) -> None:
        """Let go of an order whose end is known."""
        self._live.pop(order.id, None)
        self._orders.pop(order.id, None)

    def recorded(self) -> dict[str, Recorded]:
        """Give the series."""
        return {
            name: Recorded(np.array(times, np.int64), np.array(values, np.float64))
            for name, (times, values) in self._series.items()
        }

    def log_of_run(self) -> tuple[LogLine, ...]:
        """Give the log, and say how much of it was lost."""
        lines = list(self.log_lines)
        if self._lost_lines:
            text = f"{self._lost_lines} more lines were not kept: a run keeps {MOST_LOG_LINES}"
            lines.append(LogLine(self.now_us, "warning", text))
        return tuple(lines)
