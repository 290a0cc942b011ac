"""A minute of a market that is held, and strategies that trade in it or go wrong, for tests of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.feeds import EXCHANGE, SPAN_US, SYMBOL, import_traded_walk, import_walk
from support.vendorfiles import START_US

from tickreel.backtest.presets import preset, with_models
from tickreel.backtest.request import BacktestRequest
from tickreel.errors import Cancelled
from tickreel.instruments import InstrumentTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tickreel.store import Cache

PAIR = (EXCHANGE, SYMBOL)
NAME = f"{EXCHANGE}:{SYMBOL}"
SPAN = (START_US, START_US + SPAN_US)
FACTS = {"tick": 0.1, "lot": 0.5, "multiplier": 1.0, "inverse": False, "quote": "USDT", "base": "BTC"}
FEES = "0.0002,0.0005"

TAKER = '''
"""Buys and sells in turn, and can be told to go wrong at a message."""

import ctypes
import os
import sys
import time

from tickreel.backtest import Param


class Taker:
    every = Param(20, "Messages between two orders", low=1)
    amount = Param(1.0, "Amount of an order", low=0)
    fault = Param("", "How it goes wrong")
    at = Param(300, "Message at which it does")
    pause_s = Param(0.0, "How long each message takes")
    books = "message"

    def on_start(self, ctx):
        self.number = 0
        ctx.log("begun")

    def on_book(self, ctx, book):
        self.number += 1
        if self.pause_s:
            time.sleep(self.pause_s)
        if self.number % self.every == 0 and not ctx.orders:
            if book.position > 0:
                ctx.sell(book, self.amount, book.bid, ioc=True)
            else:
                ctx.buy(book, self.amount, book.ask, ioc=True)
            ctx.record("position", book.position)
        if self.fault and self.number == self.at:
            getattr(self, self.fault)()

    def segfault(self):
        ctypes.string_at(0)  # here: segfault

    def leave(self):
        os._exit(7)  # here: leave

    def give_up(self):
        sys.exit(3)  # here: give_up

    def fail(self):
        raise ValueError("it went wrong")  # here: fail

    def loop(self):
        while True:
            pass  # here: loop

    def leak(self):
        kept = []
        while True:
            kept.append(bytearray(20_000_000))
            time.sleep(0.001)

    def talk(self):
        print("said by the strategy")
        os.write(1, b"and below Python")
'''

MAKER = '''
"""Rests an order on each side, and moves it when the best price has gone."""

from tickreel.backtest import Param


class Maker:
    amount = Param(1.0, "Amount", low=0)
    timer_us = Param(2_000_000, "Time between two looks", low=1)

    def on_start(self, ctx):
        self.orders = []

    def on_timer(self, ctx):
        for order in self.orders:
            if order.is_live and not order.is_cancelling:
                ctx.cancel(order)
        book = ctx.book
        self.orders = [
            ctx.buy(book, self.amount, book.bid, post_only=True),
            ctx.sell(book, self.amount, book.ask, post_only=True),
        ]
'''


def strategy_file(folder: Path, text: str = TAKER, name: str = "taker.py") -> Path:
    """Write a strategy."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def line_of(fault: str) -> int:
    """Give the line at which :data:`TAKER` goes wrong."""
    lines = TAKER.splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if line.endswith(f"# here: {fault}"))
    return number


def hold_market(cache: Cache, folder: Path) -> None:
    """Import the market, and type in what a run must know of its instrument."""
    import_walk(cache, folder)
    with InstrumentTable(cache) as table:
        table.type_in(*PAIR, FACTS)


def hold_traded_market(cache: Cache, folder: Path) -> None:
    """Do so with a market in which much is traded, so that orders at rest are filled."""
    import_traded_walk(cache, folder)
    with InstrumentTable(cache) as table:
        table.type_in(*PAIR, FACTS)


def request(strategy: Path | str, **options: Any) -> BacktestRequest:
    """Ask for a run over the minute, with small latencies."""
    models = with_models(preset("optimistic"), feed="1000", fees=FEES)
    given: dict[str, Any] = {"models": models, "capital": 1_000.0} | options
    start, end = given.pop("start", SPAN[0]), given.pop("end", SPAN[1])
    return BacktestRequest.of(str(strategy), [PAIR], start, end, **given)


class Watcher:
    """A monitor that keeps what it is told, and cancels when *is_enough* says so."""

    def __init__(self, is_enough: Callable[[int], bool] = lambda _: False) -> None:
        self.told: list[tuple[int, int | None, str]] = []
        self._is_enough = is_enough

    def report(self, done: int, total: int | None, note: str = "") -> None:
        if not self.told or self.told[-1] != (done, total, note):
            self.told.append((done, total, note))
        if self._is_enough(done):
            raise Cancelled("enough")
