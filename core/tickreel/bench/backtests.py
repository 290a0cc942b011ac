"""Backtests of a day: strategies that do as little as can be, so that what is timed is the engine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tickreel.backtest import (
    BacktestRequest,
    Context,
    KnownBook,
    Models,
    RateFees,
    RiskAverseQueue,
    StrategyClass,
    simulate,
)
from tickreel.backtest.compiled import POST_ONLY, ask, bid, buy, cancel, is_live, price_of, sell
from tickreel.bench.figures import Figure, Measure, Unit, from_rounds
from tickreel.bench.measures import timed
from tickreel.instruments import InstrumentTable
from tickreel.replay import ConstantLatency

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from tickreel.backtest.compiled import Hand
    from tickreel.backtest.outcome import Outcome
    from tickreel.bench.subject import Subject
    from tickreel.progress import Monitor
    from tickreel.store import Cache

_FINE = 1e-8
"""Tick and lot of the files that are measured: whatever their prices are, they lie on this grid."""
_ROUNDS = 3


class EveryMessage:
    """Told of every message, does nothing."""

    def on_book(self, ctx: Context, book: KnownBook) -> None:
        """Take it."""


class EveryTouch:
    """Told of every change of the best prices or their amounts, does nothing."""

    books = "touch"

    def on_book(self, ctx: Context, book: KnownBook) -> None:
        """Take it."""


class Quotes:
    """Quotes both sides every 100 ms where the best prices are, and cancels what is elsewhere."""

    timer_us = 100_000

    def on_start(self, ctx: Context) -> None:
        """Begin without orders."""

    def on_timer(self, ctx: Context) -> None:
        """Move what is not at the best price."""
        book = ctx.book
        bid, ask = book.bid, book.ask
        for order in ctx.orders:
            if order.price not in (bid, ask) and not order.is_cancelling:
                ctx.cancel(order)
        if not ctx.orders and bid < ask:
            ctx.buy(book, 1.0, bid, post_only=True)
            ctx.sell(book, 1.0, ask, post_only=True)


class CompiledQuotes:
    """As Quotes, for Numba."""

    compiled = True
    timer_us = 100_000
    memory = 3

    @staticmethod
    def on_timer(hand: Hand, params: object, memory: NDArray[np.float64]) -> None:
        """Move what is not at the best price; the memory has whether it quotes, and both orders."""
        best_bid, best_ask = bid(hand, 0), ask(hand, 0)
        is_quoting = False
        if memory[0] > 0:
            for place in range(1, 3):
                order = int(memory[place])
                if is_live(hand, order):
                    is_quoting = True
                    if price_of(hand, order) != (best_bid if place == 1 else best_ask):
                        cancel(hand, order)
        if not is_quoting and best_bid < best_ask:
            memory[0] = 1
            memory[1] = buy(hand, 0, 1.0, best_bid, POST_ONLY)
            memory[2] = sell(hand, 0, 1.0, best_ask, POST_ONLY)


class Compiled:
    """As EveryMessage, for Numba."""

    compiled = True

    @staticmethod
    def on_book(hand: Hand, who: int, params: object, memory: NDArray[np.float64]) -> None:
        """Count it."""
        memory[0] += 1


_STRATEGIES = (
    (EveryMessage, "Python, every message"),
    (EveryTouch, "Python, every change of the touch"),
    (Quotes, "Python, quotes every 100 ms"),
    (Compiled, "Numba, every message"),
    (CompiledQuotes, "Numba, quotes every 100 ms"),
)


def backtest(data: str, cache: Cache, subject: Subject, monitor: Monitor) -> list[Figure]:
    """Run strategies over all rows of a subject."""
    figures: list[Figure] = []
    for number, (strategy, what) in enumerate(_STRATEGIES):
        monitor.report(number, len(_STRATEGIES))
        work = work_of(cache, subject, strategy)
        work()  # untimed: kernels are loaded, the strategy is compiled
        rounds = [timed(work) for _ in range(_ROUNDS)]
        seconds, outcome = [took_s for took_s, _ in rounds], rounds[0][1]
        figures += [
            from_rounds(Measure.BACKTEST, data, what, Unit.MESSAGES_PER_S, seconds, outcome.messages),
            from_rounds(Measure.BACKTEST, data, what, Unit.ROWS_PER_S, seconds, outcome.rows),
        ]
    return figures


def work_of(cache: Cache, subject: Subject, strategy: type) -> Callable[[], Outcome]:
    """Give what runs a strategy of this module over all rows of a subject."""
    key = subject.key
    with InstrumentTable(cache) as table:
        facts = {"tick": _FINE, "lot": _FINE, "multiplier": 1.0, "inverse": False}
        table.type_in(key.exchange, key.symbol, facts)
    legs = ConstantLatency(5_000)
    models = Models(
        feed=ConstantLatency(1_000),
        entry=legs,
        response=legs,
        queue=RiskAverseQueue(),
        fees=RateFees(maker=0.0, taker=0.0005),
    )
    request = BacktestRequest.of(
        "bench.py",
        [(key.exchange, key.symbol)],
        subject.first_us,
        subject.last_us + 1,
        models=models,
        allow_missing=True,
    )
    sha256 = hashlib.sha256(strategy.__name__.encode()).hexdigest()
    found = StrategyClass(strategy, strategy.__name__, sha256, __file__)
    return lambda: simulate(request, cache, strategy=found)
