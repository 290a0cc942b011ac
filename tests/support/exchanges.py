"""Small markets written by hand, and strategies by the script, for tests of the simulated exchange."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from support.vendorfiles import START_US, l2_line, line, write_csv

from tickreel.backtest.engine import simulate
from tickreel.backtest.models import Models, ProbabilityQueue, RateFees, RiskAverseQueue
from tickreel.backtest.request import BacktestRequest
from tickreel.instruments import InstrumentTable
from tickreel.market.types import DataType
from tickreel.replay.latency import ConstantLatency
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.outcome import Outcome

EXCHANGE, SYMBOL = "binance-futures", "BTCUSDT"
MS = 1_000
FACTS = {"tick": 0.5, "lot": 1.0, "multiplier": 1.0, "inverse": False, "quote": "USDT", "base": "BTC"}


def at(ms: float) -> int:
    """Give an instant, so many milliseconds after the beginning."""
    return START_US + round(ms * MS)


class Tape:
    """Rows of a market, written down in milliseconds after the beginning; recorded 1 ms later."""

    def __init__(self, symbol: str = SYMBOL) -> None:
        self.symbol = symbol
        self._book: list[str] = []
        self._trades: list[str] = []
        self._tickers: list[str] = []

    def snapshot(self, ms: float, bids: dict[float, float], asks: dict[float, float]) -> Tape:
        for side, levels in (("bid", bids), ("ask", asks)):
            for price, amount in levels.items():
                self._book.append(self._level(ms, side, price, amount, snapshot=True))
        return self

    def level(self, ms: float, side: str, price: float, amount: float) -> Tape:
        self._book.append(self._level(ms, side, price, amount, snapshot=False))
        return self

    def _level(self, ms: float, side: str, price: float, amount: float, *, snapshot: bool) -> str:
        times = {"timestamp": str(at(ms)), "symbol": self.symbol}
        return l2_line(at(ms + 1), side, repr(price), repr(amount), snapshot=snapshot, **times)

    def trade(self, ms: float, side: str, price: float, amount: float) -> Tape:
        cells = {"timestamp": str(at(ms)), "symbol": self.symbol, "side": side}
        cells |= {"price": repr(price), "amount": repr(amount), "id": str(len(self._trades))}
        self._trades.append(line(DataType.TRADES, at(ms + 1), **cells))
        return self

    def ticker(self, ms: float, *, rate: float, mark: float, due_ms: float) -> Tape:
        cells = {"timestamp": str(at(ms)), "symbol": self.symbol, "funding_timestamp": str(at(due_ms))}
        cells |= {"funding_rate": repr(rate), "mark_price": repr(mark)}
        self._tickers.append(line(DataType.DERIVATIVE_TICKER, at(ms + 1), **cells))
        return self

    def store(self, home: Path, folder: Path, **facts: object) -> None:
        """Import it, and type in what is to be known of the instrument."""
        name = f"{EXCHANGE}_{{}}_2024-07-23_{self.symbol}.csv"
        with open_cache(home) as cache:
            for data_type, rows in (
                (DataType.INCREMENTAL_BOOK_L2, self._book),
                (DataType.TRADES, self._trades),
                (DataType.DERIVATIVE_TICKER, self._tickers),
            ):
                if rows:
                    path = write_csv(folder / name.format(data_type.value), data_type, rows)
                    (day,) = cache.import_file(path, complete=True)
                    assert day.rows == len(rows)
            with InstrumentTable(cache) as table:
                table.type_in(EXCHANGE, self.symbol, FACTS | facts)


def models(
    *, feed_us: int = 0, order_us: int = 0, queue: Any = None, maker: float = 0.0, taker: float = 0.0
) -> Models:
    """Give models with constant latencies, risk averse unless said otherwise."""
    return Models(
        feed=ConstantLatency(feed_us),
        entry=ConstantLatency(order_us),
        response=ConstantLatency(order_us),
        queue=queue or RiskAverseQueue(),
        fees=RateFees(maker=maker, taker=taker),
    )


POWER = ProbabilityQueue("power", 1.0)

_SCRIPT = """
class Script:
    timer_us = {step_us}

    def on_start(self, ctx):
        self.steps = {steps!r}
        self.sent = {{}}
        self.number = 0

    def on_timer(self, ctx):
        self.number += 1
        for name, act, *rest in self.steps.get(self.number, ()):
            if act == "cancel":
                ctx.cancel(self.sent[name])
                continue
            amount, price, flags = rest
            send = ctx.buy if act == "buy" else ctx.sell
            self.sent[name] = send(ctx.book, amount, price, tag=name, **flags)

    def on_order(self, ctx, order):
        ctx.log(f"{{order.tag}} {{order.status.name}} {{order.reason.name}}")

    def on_fill(self, ctx, fill):
        ctx.log(f"{{fill.order.tag}} {{fill.amount:g}} at {{fill.price:g}} {{ctx.book.position:g}}")
"""


class Script:
    """A strategy that sends what it is told to, at whole milliseconds after the beginning."""

    def __init__(self) -> None:
        self._steps: dict[int, list[tuple[object, ...]]] = {}

    def buy(
        self,
        ms: int,
        name: str,
        amount: float,
        price: float | None = None,
        symbol: str = SYMBOL,
        **flags: bool,
    ) -> Script:
        self._steps.setdefault(ms, []).append((name, "buy", amount, price, flags))
        return self

    def sell(
        self,
        ms: int,
        name: str,
        amount: float,
        price: float | None = None,
        symbol: str = SYMBOL,
        **flags: bool,
    ) -> Script:
        self._steps.setdefault(ms, []).append((name, "sell", amount, price, flags))
        return self

    def cancel(self, ms: int, name: str) -> Script:
        self._steps.setdefault(ms, []).append((name, "cancel"))
        return self

    def run(
        self,
        home: Path,
        using: Models,
        *,
        ms: float = 1_000,
        traced: tuple[int, ...] = (),
        symbols: tuple[str, ...] = (SYMBOL,),
    ) -> Outcome:
        """Run it over so many milliseconds."""
        path = home.parent / "script.py"
        path.write_text(textwrap.dedent(_SCRIPT.format(step_us=MS, steps=self._steps)), encoding="utf-8")
        return run_strategy(home, str(path), using, ms=ms, traced=traced, symbols=symbols)


def run_strategy(
    home: Path,
    strategy: str,
    using: Models,
    *,
    ms: float = 1_000,
    traced: tuple[int, ...] = (),
    symbols: tuple[str, ...] = (SYMBOL,),
    **request: Any,
) -> Outcome:
    """Run a strategy over so many milliseconds."""
    pairs = [(EXCHANGE, symbol) for symbol in symbols]
    asked = BacktestRequest.of(strategy, pairs, START_US, at(ms), models=using, **request)
    with open_cache(home, read_only=True) as cache:
        return simulate(asked, cache, traced=traced)
