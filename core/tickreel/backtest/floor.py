"""The simulated exchange of a run: the arrays that the kernels work on, their room, and the books."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tickreel.backtest import exchangekernels as kernels
from tickreel.backtest.following import Follower
from tickreel.backtest.legs import laid_out
from tickreel.backtest.models import ProbabilityQueue
from tickreel.backtest.outcome import Reason
from tickreel.backtest.tables import equity_of, fills_of, orders_of, traces_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date
    from typing import Any

    from numpy.typing import NDArray

    from tickreel.backtest.facts import Terms
    from tickreel.backtest.following import Shown
    from tickreel.backtest.market import Market, Stretch
    from tickreel.backtest.models import Models, Queue
    from tickreel.backtest.outcome import Table
    from tickreel.backtest.tape import Tape
    from tickreel.book import Book

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

MOST_AT_ONCE = 1_024
"""Orders and cancellations that a strategy may send while it is told of one thing."""
_FIRST_ROOM = 4_096
_LADDER_ROOM = 64
_QUEUE_KINDS = {
    "power": kernels.POWER,
    "power2": kernels.POWER2,
    "power3": kernels.POWER3,
    "log": kernels.LOG,
    "log2": kernels.LOG2,
}


_TABLES = (
    *("desk", "orders", "numbers", "fill_ints", "fill_numbers", "post"),
    *("_live", "_answers", "_samples", "_traces", "_ladder"),
)
"""What the kernels write to, beside the clock."""


class Filled(NamedTuple):
    """What an answer says of a fill."""

    time_us: int
    is_maker: bool
    price: float
    amount: float
    fee: float


class Answer(NamedTuple):
    """What the strategy is told of an order."""

    order: int
    does: int
    """OPENS, FILLS_IT or ENDS of the kernels."""
    fill: Filled | None


class _BookTape:
    """The tape of an instrument's book, and two books along it: of the exchange, and of the strategy."""

    def __init__(self, place: int, tape: Tape) -> None:
        self.place = place
        """Among the tapes of the market."""
        self.tape = tape
        self.first_quad = tape.first_quad
        self.first_depth = tape.first_depth
        self.exchange = Follower()
        self.strategy = Follower()


class Floor:
    """Where orders meet the market. One thread at a time; the kernels let go of the interpreter."""

    def __init__(
        self,
        terms: Sequence[Terms],
        market: Market,
        models: Models,
        *,
        seed: int,
        start_us: int,
        sample_step_us: int,
        traced: Collection[int] = (),
        on_stretch: Callable[[int], object] = lambda _: None,
    ) -> None:
        """Stand at the start. *on_stretch* is called at each horizon, and may raise to end the run."""
        self._market = market
        self._start_us = start_us
        self._on_stretch = on_stretch
        self._traced = frozenset(traced)
        self._books: dict[int, _BookTape] = {
            tape.who: _BookTape(place, tape) for place, tape in enumerate(market.tapes) if tape.is_book
        }
        self.clock: Ints = np.zeros(kernels.CLOCK_SIZE, np.int64)
        self.desk: Floats = np.zeros((len(terms), kernels.DESK_SIZE))
        self.known_before: Floats = np.empty((len(terms), 4))
        """Best prices and amounts that the strategy knew when the stretch began."""
        self.orders: Ints = np.zeros((_FIRST_ROOM, kernels.ORDER_INTS), np.int64)
        self.numbers: Floats = np.zeros((_FIRST_ROOM, kernels.ORDER_NUMBERS))
        self.fill_ints: Ints = np.zeros((_FIRST_ROOM, kernels.FILL_INTS), np.int64)
        self.fill_numbers: Floats = np.zeros((_FIRST_ROOM, kernels.FILL_NUMBERS))
        self.post: Ints = np.zeros((_FIRST_ROOM, kernels.MAIL_SIZE), np.int64)
        self.known_depth: Floats = np.array([self._books[who].first_depth for who in range(len(terms))])
        """The best levels that the strategy knew when the stretch began, lines of :attr:`Piece.depth`."""
        self.stretch: Stretch | None = None
        self.power = _power_of(models.queue)
        self._live: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._answers: Ints = np.zeros((_FIRST_ROOM, kernels.MAIL_SIZE), np.int64)
        self._samples: Floats = np.zeros((_FIRST_ROOM, 1 + kernels.SAMPLE_FIELDS * len(terms)))
        self._traces: Floats = np.zeros((_FIRST_ROOM, kernels.TRACE_SIZE))
        self._ladder: Floats = np.zeros((_LADDER_ROOM, 2))
        kinds, self.legs = laid_out(models.entry, models.response)
        clock = self.clock
        clock[kernels.ENTRY_KIND], clock[kernels.RESPONSE_KIND] = kinds
        clock[[kernels.FUNDING_US, kernels.TIMER_US]] = kernels.FAR
        clock[kernels.SAMPLE_US] = start_us + sample_step_us
        clock[kernels.SAMPLE_STEP_US] = sample_step_us
        clock[kernels.SEED] = seed
        clock[kernels.NOW] = clock[kernels.HORIZON] = start_us
        clock[kernels.QUEUE_KIND] = _queue_kind_of(models.queue)
        for who, own in enumerate(terms):
            self._furnish(who, own)
        self.order_cells = self.orders.reshape(-1).data
        """The whole numbers of the orders, one after the other, which are read quicker so."""
        self.arguments: tuple[Any, ...] = ()
        """What :func:`kernels.step` takes."""
        self._gather()

    def _furnish(self, who: int, terms: Terms) -> None:
        desk, traded = self.desk[who], terms.traded
        desk[kernels.TICK_STEP], desk[kernels.TICK_SCALE] = terms.tick
        desk[kernels.LOT_STEP], desk[kernels.LOT_SCALE] = terms.lot
        desk[kernels.LEAST_AMOUNT], desk[kernels.LEAST_VALUE] = terms.least_amount, terms.least_value
        desk[kernels.MULTIPLIER], desk[kernels.INVERSE] = traded.multiplier, traded.is_inverse
        desk[kernels.MAKER_FEE], desk[kernels.TAKER_FEE] = traded.maker_fee, traded.taker_fee
        desk[kernels.MARK] = np.nan
        desk[kernels.NEXT_FUNDING] = kernels.FAR
        quad = self._books[who].first_quad
        desk[kernels.BID : kernels.BID + 4] = desk[kernels.KNOWN_BID : kernels.KNOWN_BID + 4] = quad
        desk[kernels.MID] = (quad[0] + quad[1]) / 2
        desk[kernels.PLAYED] = desk[kernels.KNOWN_PLAYED] = -1

    @property
    def is_over(self) -> bool:
        """Whether the whole range was played, so that nothing can be sent any more."""
        return bool(self.clock[kernels.IS_OVER])

    @property
    def messages(self) -> int:
        """How many messages the exchange has played."""
        return int(self.clock[kernels.MESSAGES])

    @property
    def rows(self) -> int:
        """How many rows it has played; a message of a ticker counts as one."""
        return int(self.clock[kernels.ROWS])

    @property
    def trades(self) -> int:
        """How many trades it has played."""
        return int(self.clock[kernels.TRADES_PLAYED])

    @property
    def shifts_us(self) -> tuple[Mapping[date, int], ...]:
        """Of each tape: what the recorder's clock was put right by on each day that was measured."""
        return ({},) * len(self._market.tapes) if self.stretch is None else self.stretch.shifts_us

    def set_timer(self, first_us: int, step_us: int) -> None:
        """Have the strategy told every so many microseconds."""
        self.clock[kernels.TIMER_US], self.clock[kernels.TIMER_STEP_US] = first_us, step_us

    def go_on(self, run: Callable[..., int]) -> int:
        """Let a kernel run, :func:`kernels.step` or what drives it, until the strategy is to be told.

        Gives what it is told of, OVER at the end of the range.

        Raises:
            TickreelError: rows cannot be read, or whatever *on_stretch* raises.
        """
        while True:
            code = run(*self.arguments)
            # Asked first, as this is called for each thing that a strategy in Python is told of.
            if code > kernels.ROOM_WANTED:
                return code
            if code != kernels.OVER:
                self._help(code)
            elif not self._next_stretch():
                return code

    def _help(self, code: int) -> None:
        """Do what a kernel cannot do alone."""
        if code == kernels.BOOK_WANTED:
            self._show_book(int(self.clock[kernels.WANTED_ORDER]))
        else:
            self.make_room()

    def _next_stretch(self) -> bool:
        self._on_stretch(int(self.clock[kernels.HORIZON]))
        for who, played in enumerate(self.desk[:, kernels.KNOWN_PLAYED].astype(np.int64).tolist()):
            if played >= 0 and self.stretch is not None:
                self.known_depth[who] = self.stretch.depth[played]
        stretch = self._market.next()
        if stretch is None:
            return False
        self.stretch = stretch
        clock = self.clock
        clock[kernels.HORIZON] = stretch.horizon_us
        clock[kernels.MARKET_AT] = clock[kernels.NEWS_AT] = 0
        clock[kernels.MARKET_END], clock[kernels.NEWS_END] = len(stretch.market), len(stretch.news)
        self.desk[:, kernels.PLAYED] = self.desk[:, kernels.KNOWN_PLAYED] = -1
        self.known_before = self.desk[:, kernels.KNOWN_BID : kernels.KNOWN_BID + 4].copy()
        self._gather()
        return True

    def _gather(self) -> None:
        nothing = np.empty((0, kernels.LINE_SIZE), np.int64)
        market = nothing, nothing, np.empty(0), np.empty(0), np.empty(0, np.int8), np.empty((0, 4))
        if self.stretch is not None:
            market = self.stretch[1:7]
        self._slots = self.clock.data
        self.order_cells = self.orders.reshape(-1).data
        self.arguments = (
            self.clock,
            *market,
            self._ladder,
            self.power,
            self.desk,
            self.orders,
            self.numbers,
            self.fill_ints,
            self.fill_numbers,
            self._live,
            self.post,
            self._answers,
            self._samples,
            self._traces,
            self.legs,
        )

    def make_room(self) -> None:
        """Move what waits to the front of its arrays, and enlarge those without room for what may come."""
        clock = self.clock
        # Each live order may be filled and answered, an order that arrives at every row of the ladder.
        need = 4 * (int(clock[kernels.LIVE]) + len(self._ladder)) + 2 * MOST_AT_ONCE
        for name, at, end in (
            ("post", kernels.POST_AT, kernels.POST_END),
            ("_answers", kernels.ANSWER_AT, kernels.ANSWER_END),
        ):
            mail: Ints = getattr(self, name)
            waiting = mail[clock[at] : clock[end]].copy()
            setattr(self, name, _with_room(mail, len(waiting), need))
            getattr(self, name)[: len(waiting)] = waiting
            clock[at], clock[end] = 0, len(waiting)
        for names, used in (
            (("orders", "numbers"), clock[kernels.ORDERS]),
            (("fill_ints", "fill_numbers"), clock[kernels.FILLS]),
            (("_live",), clock[kernels.LIVE]),
            (("_samples",), clock[kernels.SAMPLES]),
            (("_traces",), clock[kernels.TRACES]),
        ):
            for name in names:
                setattr(self, name, _with_room(getattr(self, name), int(used), need))
        self._gather()

    def ensure_sendable(self) -> None:
        """See to it that MOST_AT_ONCE requests can be sent."""
        room = min(
            len(self.orders) - int(self.clock[kernels.ORDERS]),
            len(self.post) - int(self.clock[kernels.POST_END]),
        )
        if room < MOST_AT_ONCE:
            self.make_room()

    def send(self, who: int, side: int, kind: int, force: int, price: float, amount: float) -> int:
        """Send an order; give its number."""
        self.ensure_sendable()
        # Numba takes long to find out what a member of an enumeration is.
        number: int = kernels.send(
            who, int(side), int(kind), int(force), price, amount, self.clock, self.desk, self.orders,
            self.numbers, self.post, self.legs,
        )  # fmt: skip
        if number in self._traced:
            self.orders[number, kernels.TRACED] = 1
        return number

    def cancel(self, order: int) -> bool:
        """Ask the exchange to cancel; False where that is of no use any more."""
        self.ensure_sendable()
        done: bool = kernels.cancel(order, self.clock, self.desk, self.orders, self.post, self.legs)
        return done

    def _show_book(self, order: int) -> None:
        """Lay out what an order that arrives must see: the other side, or the level that it joins."""
        who, side = (int(self.orders[order, slot]) for slot in (kernels.INSTRUMENT, kernels.SIDE))
        book = self._books[who]
        shown, message = self._market.shown[book.place], 0
        if self.stretch is not None:
            shown, message = self.stretch.shown[book.place], self.stretch.published[book.place]
            played = int(self.desk[who, kernels.PLAYED])
            if played >= 0:
                message = played - self.stretch.first_quad[book.place] + 1
        price = float(self.numbers[order, kernels.PRICE])
        other = self.desk[who, kernels.ASK if side > 0 else kernels.BID]
        if self.orders[order, kernels.KIND] == kernels.MARKET_ORDER or side * price >= side * other:
            book.exchange.follow(shown, message)
            whole = book.exchange.book()
            levels = whole.asks if side > 0 else whole.bids
            wanted = float(self.numbers[order, kernels.AMOUNT])
            # Whole lots of each level are taken, so that levels may have to be seen beyond their sum.
            step, scale = self.desk[who, [kernels.LOT_STEP, kernels.LOT_SCALE]]
            lots = np.floor(levels[:, 1] * scale / step + kernels.OFF_GRID) * step / scale
            count = 1 + int(np.searchsorted(np.cumsum(lots), wanted))
            levels = levels[:count]
            if len(levels) > len(self._ladder):
                self._ladder = np.zeros((2 * len(levels), 2))
                self._gather()
            self._ladder[: len(levels)] = levels
            self.clock[kernels.LADDER] = len(levels) + 1
        else:
            amount = book.exchange.amount_at(shown, message, 0 if side > 0 else 1, price)
            self._ladder[0] = price, amount
            self.clock[kernels.LADDER] = 2

    @property
    def is_busy(self) -> bool:
        """Whether anything of the strategy is at the exchange, or on its way to it or back."""
        slots = self._slots
        return bool(
            slots[kernels.LIVE]
            or slots[kernels.POST_AT] < slots[kernels.POST_END]
            or slots[kernels.ANSWER_AT] < slots[kernels.ANSWER_END]
        )

    def answer(self) -> Answer:
        """Give the answer that was told last."""
        _, order, does, number = self._answers[self.clock[kernels.ANSWER_AT] - 1].tolist()
        if does != kernels.FILLS_IT:
            return Answer(order, does, None)
        is_maker, _, time_us = self.fill_ints[number, kernels.FILL_MAKER : kernels.FILL_TIME + 1].tolist()
        price, amount, fee = self.fill_numbers[number, : kernels.FILL_FEE + 1].tolist()
        return Answer(order, does, Filled(time_us, bool(is_maker), price, amount, fee))

    def known_book(self, who: int) -> Book:
        """Give the book that the strategy knows, whole."""
        shown, known = self._known_messages(who)
        book = self._books[who]
        book.strategy.follow(shown, known)
        return book.strategy.book()

    def known_local_us(self, who: int) -> int:
        """Tell the local time of the last message of a book that the strategy knows, or the start."""
        shown, known = self._known_messages(who)
        row = int(shown.held.first_row[known])
        return int(shown.held.local_us[row - 1]) if row else self._start_us - 1

    def _known_messages(self, who: int) -> tuple[Shown, int]:
        """Give what is at hand of a book, and how many of its messages the strategy knows."""
        place = self._books[who].place
        if self.stretch is None:
            return self._market.shown[place], 0
        news_at = int(self.clock[kernels.NEWS_AT])
        told = int(np.searchsorted(self.stretch.news_places[place], news_at))
        return self.stretch.shown[place], self.stretch.known[place] + told

    def close(self, at_us: int) -> None:
        """End at an instant up to which the market is at hand, and tell nobody of what was due before it.

        Samples once more, and marks the orders that nobody has ended.
        """
        clock = self.clock
        told = [kernels.TELLS_BOOK, kernels.TELLS_TRADES, kernels.TELLS_FILLS, kernels.TELLS_ORDERS]
        clock[told] = 0
        clock[kernels.TIMER_US] = kernels.FAR
        clock[kernels.HORIZON] = min(int(clock[kernels.HORIZON]), at_us)
        while (code := kernels.step(*self.arguments)) != kernels.OVER:
            self._help(code)
        self.make_room()
        clock[kernels.NOW] = at_us
        samples = int(clock[kernels.SAMPLES])
        if samples and self._samples[samples - 1, 0] == at_us:
            clock[kernels.SAMPLES] -= 1
        kernels.sample(self.clock, self.desk, self._samples)
        status = self.orders[: self.clock[kernels.ORDERS], kernels.STATUS]
        waits = (status == kernels.SENT) | (status == kernels.OPEN)
        self.orders[: len(status)][waits, kernels.REASON] = Reason.RUN_ENDED

    def closed_copy(self, at_us: int) -> Floor:
        """Give what :meth:`close` would leave, while this floor itself goes on."""
        made = copy(self)
        made.clock = self.clock.copy()
        for name in _TABLES:
            setattr(made, name, getattr(self, name).copy())
        # Books of its own: they never go back, and ours may have to see what the copy has passed.
        made._books = {who: _BookTape(book.place, book.tape) for who, book in self._books.items()}
        made._gather()
        made.close(at_us)
        return made

    def order_table(self) -> Table:
        """Give the orders, :data:`ORDER`."""
        count = self.clock[kernels.ORDERS]
        return orders_of(self.orders[:count], self.numbers[:count])

    def fill_table(self) -> Table:
        """Give the fills, :data:`FILL`."""
        count = self.clock[kernels.FILLS]
        return fills_of(self.fill_ints[:count], self.fill_numbers[:count], self.orders)

    def equity_table(self) -> Table:
        """Give the samples, :func:`equity_dtype`."""
        return equity_of(self._samples[: self.clock[kernels.SAMPLES]], len(self.desk))

    def newest_equity(self) -> tuple[int, float] | None:
        """Give the time of the newest sample and its equity over all instruments; None before the first."""
        count = int(self.clock[kernels.SAMPLES])
        if not count:
            return None
        sample = equity_of(self._samples[count - 1 : count], len(self.desk))[0]
        return int(sample["time_us"]), float(sample["equity"].sum())

    def trace_table(self) -> Table:
        """Give the traces, :data:`TRACE`."""
        return traces_of(self._traces[: self.clock[kernels.TRACES]])


def _with_room(table: NDArray[Any], used: int, need: int) -> NDArray[Any]:
    """Give a table with at least so many free lines, and with what it held."""
    if len(table) - used >= need:
        return table
    larger = np.zeros((max(2 * len(table), used + need), *table.shape[1:]), table.dtype)
    larger[: len(table)] = table
    return larger


def _queue_kind_of(queue: Queue) -> int:
    return _QUEUE_KINDS[queue.function] if isinstance(queue, ProbabilityQueue) else kernels.RISK_AVERSE


def _power_of(queue: Queue) -> float:
    return queue.power if isinstance(queue, ProbabilityQueue) else 1.0
