"""A strategy for Numba and the same one in Python: the same orders, fills and equity, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.exchanges import Tape, models, run_strategy

from tickreel.backtest import compiled
from tickreel.backtest.loading import StrategyError
from tickreel.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.long

BOTH = '''
from tickreel.backtest import Param
from tickreel.backtest.compiled import (
    IOC, POST_ONLY, ask, bid, buy, buy_market, cancel, filled, is_live, now_us, position, sell, sell_market,
)


class Fast:
    """Takes with the trades, quotes by the clock, and counts what it is told."""

    compiled = True
    memory = 8
    books = "touch"
    amount = Param(2.0, "Amount of an order")
    timer_us = Param(9_000, "Time between two quotes")

    @staticmethod
    def on_start(hand, params, memory):
        memory[0] = buy(hand, 0, params.amount, 50.0, POST_ONLY)

    @staticmethod
    def on_book(hand, who, params, memory):
        memory[1] += 1
        if memory[1] % 11 == 0:
            buy_market(hand, who, params.amount)
        if memory[1] % 17 == 0:
            sell(hand, who, params.amount + 3, bid(hand, who), IOC)

    @staticmethod
    def on_trade(hand, who, side, price, amount, params, memory):
        memory[2] += 1
        if memory[2] % 5 == 0 and side > 0:
            sell_market(hand, who, amount)

    @staticmethod
    def on_timer(hand, params, memory):
        order = int(memory[0])
        if is_live(hand, order):
            cancel(hand, order)
        elif position(hand, 0) <= 0:
            memory[0] = buy(hand, 0, params.amount, bid(hand, 0), POST_ONLY)
        else:
            memory[0] = sell(hand, 0, params.amount, ask(hand, 0), POST_ONLY)

    @staticmethod
    def on_fill(hand, order, price, amount, params, memory):
        memory[3] += amount
        if memory[3] > 40 and filled(hand, order) == params.amount:
            memory[3] = 0
            buy(hand, 0, 1.0, price, IOC)

    @staticmethod
    def on_order(hand, order, params, memory):
        memory[4] += 1
        if memory[4] % 4 == 0 and now_us(hand) % 2 == 0:
            sell(hand, 0, 1.0, ask(hand, 0), POST_ONLY)


class Plain:
    """The same once more."""

    books = "touch"
    amount = Param(2.0, "Amount of an order")
    timer_us = Param(9_000, "Time between two quotes")

    def on_start(self, ctx):
        self.quote = ctx.buy(ctx.book, self.amount, 50.0, post_only=True)
        self.books_told = self.trades = self.filled = self.ends = 0

    def on_book(self, ctx, book):
        self.books_told += 1
        if self.books_told % 11 == 0:
            ctx.buy(book, self.amount)
        if self.books_told % 17 == 0:
            ctx.sell(book, self.amount + 3, book.bid, ioc=True)

    def on_trade(self, ctx, trade):
        self.trades += 1
        if self.trades % 5 == 0 and trade.side == 1:
            ctx.sell(trade.book, trade.amount)

    def on_timer(self, ctx):
        book = ctx.book
        if self.quote.is_live:
            ctx.cancel(self.quote)
        elif book.position <= 0:
            self.quote = ctx.buy(book, self.amount, book.bid, post_only=True)
        else:
            self.quote = ctx.sell(book, self.amount, book.ask, post_only=True)

    def on_fill(self, ctx, fill):
        self.filled += fill.amount
        if self.filled > 40 and fill.order.filled == self.amount:
            self.filled = 0
            ctx.buy(ctx.book, 1.0, fill.price, ioc=True)

    def on_order(self, ctx, order):
        self.ends += 1
        if self.ends % 4 == 0 and ctx.now_us % 2 == 0:
            ctx.sell(ctx.book, 1.0, ctx.book.ask, post_only=True)
'''


def market() -> Tape:
    tape = Tape().snapshot(0, {100.0: 10.0, 99.5: 20.0, 99.0: 9.0}, {100.5: 8.0, 101.0: 6.0, 101.5: 30.0})
    for number in range(1, 900):
        side = ("bid", "ask")[number % 2]
        price = 100.0 - 0.5 * (number % 3) if side == "bid" else 100.5 + 0.5 * (number % 3)
        tape.level(number * 2, side, price, float(3 + number * 7 % 19))
        if number % 3 == 0:
            tape.trade(number * 2 + 0.5, ("buy", "sell")[number % 2], (100.5, 100.0)[number % 2], 4.0)
    return tape


def test_the_compiled_strategy_does_what_the_plain_one_does(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    path = tmp_path / "both.py"
    path.write_text(BOTH)
    using = models(feed_us=1_300, order_us=2_700, maker=0.0001, taker=0.0004)
    plain = run_strategy(home, f"{path}:Plain", using, ms=2_000)
    assert len(plain.fills) > 100
    # Twice, as what was compiled for the first run is used by the second.
    for _ in range(2):
        fast = run_strategy(home, f"{path}:Fast", using, ms=2_000)
        for name in ("orders", "fills", "equity"):
            assert repr(getattr(fast, name).tolist()) == repr(getattr(plain, name).tolist())


PICKY = """
from tickreel.backtest import Param
from tickreel.backtest.compiled import IOC, ask, buy, cancel, sell_market


class Picky:
    compiled = True
    memory = 1
    amount = Param(1.0, "Amount of an order")
    times = Param(3, "How often it trades")
    is_eager = Param(True, "Whether it trades at all")
    way = Param("buy", "What it does", choices=("buy", "sell it"))
    late = Param("no", "What it does at the end")

    @staticmethod
    def on_book(hand, who, params, memory):
        if params.is_eager and memory[0] < params.times:
            memory[0] += 1
            if params.way == "buy":
                buy(hand, who, params.amount, ask(hand, who), IOC)
            else:
                sell_market(hand, who, params.amount)

    @staticmethod
    def on_stop(hand, params, memory):
        if params.late == "cancel":
            if cancel(hand, 0):
                raise ValueError("it was cancelled after the end")
        elif params.late == "send":
            sell_market(hand, 0, 1.0)
"""


@pytest.fixture
def picky(home: Path, tmp_path: Path) -> Path:
    market().store(home, tmp_path)
    path = tmp_path / "picky.py"
    path.write_text(PICKY)
    return path


def test_other_values_of_parameters_compile_nothing_anew(home: Path, picky: Path) -> None:
    for params, sides in (
        ({}, [1, 1, 1]),
        ({"times": 2, "amount": 2.0}, [1, 1]),
        ({"way": "sell it"}, [-1, -1, -1]),
        ({"is_eager": False}, []),
    ):
        outcome = run_strategy(home, str(picky), models(), ms=2_000, params=params)
        assert outcome.orders["side"].tolist() == sides
        assert set(outcome.orders["amount"].tolist()) <= {params.get("amount", 1.0)}
    (driver,) = (own for (_, name), own in compiled._drivers.items() if name == "Picky")
    loop: Any = driver.drive
    assert len(loop.signatures) == 1


def test_nothing_is_sent_after_the_end(home: Path, picky: Path) -> None:
    run_strategy(home, str(picky), models(), ms=2_000, params={"late": "cancel"})
    with pytest.raises(StrategyError, match="the run is over"):
        run_strategy(home, str(picky), models(), ms=2_000, params={"late": "send"})


DEEP = """
from tickreel.backtest.compiled import IOC, ask_amount_at, ask_at, bid_amount_at, bid_at, buy, sell


class Deep:
    compiled = True
    levels = 3
    memory = 1
    timer_us = 7_000

    @staticmethod
    def on_book(hand, who, params, memory):
        level = int(memory[0]) % 3
        memory[0] += 1
        if ask_amount_at(hand, who, level) > 0:
            buy(hand, who, ask_amount_at(hand, who, level), ask_at(hand, who, level), IOC)

    @staticmethod
    def on_timer(hand, params, memory):
        for level in range(3):
            if bid_amount_at(hand, 0, level) > 0:
                sell(hand, 0, bid_amount_at(hand, 0, level), bid_at(hand, 0, level), IOC)

    @staticmethod
    def on_stop(hand, params, memory):
        bid_at(hand, 0, 3)


class Whole:
    timer_us = 7_000

    def on_start(self, ctx):
        self.number = 0

    def on_book(self, ctx, book):
        level = self.number % 3
        self.number += 1
        asks = book.whole.asks
        if level < len(asks):
            ctx.buy(book, asks[level, 1], asks[level, 0], ioc=True)

    def on_timer(self, ctx):
        for price, amount in ctx.book.whole.bids[:3].tolist():
            ctx.sell(ctx.book, amount, price, ioc=True)
"""


def test_levels_beyond_the_best_are_those_of_the_whole_book_that_is_known(home: Path, tmp_path: Path) -> None:
    tape = market()
    for number, price in enumerate((100.5, 101.0, 101.5)):
        tape.level(1_801 + number * 5, "ask", price, 0.0)
    tape.store(home, tmp_path)
    path = tmp_path / "deep.py"
    path.write_text(DEEP)
    using = models(feed_us=1_300, order_us=2_700)
    whole = run_strategy(home, f"{path}:Whole", using, ms=1_830)
    assert len(whole.orders) > 900
    with pytest.raises(StrategyError, match="was not asked for") as told:
        run_strategy(home, f"{path}:Deep", using, ms=1_830)
    deep = told.value.outcome
    assert deep is not None
    for name in ("orders", "fills", "equity"):
        assert repr(getattr(deep, name).tolist()) == repr(getattr(whole, name).tolist())
    path.write_text(DEEP.replace("levels = 3", "levels = 101"))
    with pytest.raises(UsageError, match="levels of Deep is 101: it can be 0 to 100"):
        run_strategy(home, f"{path}:Deep", using)


def test_a_strategy_that_numba_cannot_compile_is_told_with_its_file(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    path = tmp_path / "wrong.py"
    path.write_text(
        "class Wrong:\n"
        "    compiled = True\n"
        "    @staticmethod\n"
        "    def on_start(hand, params, memory):\n"
        "        return hand.nonsense\n"
    )
    with pytest.raises(StrategyError, match=r"wrong\.py"):
        run_strategy(home, str(path), models())
