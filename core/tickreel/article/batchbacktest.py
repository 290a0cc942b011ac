"""The article's backtest of a function that answers ticks with signals, over the simulated exchange."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import time
from typing import TYPE_CHECKING, Any

from tickreel.article.tickevent import TickEvent
from tickreel.errors import UsageError
from tickreel.market.time import US_PER_DAY, parse_instant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tickreel.backtest import BacktestRequest, Context, Models, Outcome, Trade
    from tickreel.market.time import Instant
    from tickreel.store import Cache

    StrategyFn = Callable[[TickEvent], Awaitable[Any] | Any]

SIGNALS = ("buy", "sell")


async def batch_backtest(
    cache: Cache,
    strategy_fn: StrategyFn,
    dates: Sequence[Instant],
    symbols: Sequence[tuple[str, str]],
    *,
    amount: float,
    models: Models | str = "typical",
    allow_missing: bool = False,
) -> dict[str, Any]:
    """Ask a function about every tick of some UTC days, and send a market order for each signal.

    A tick is a trade, as the strategy would know it. A signal is ``"buy"`` or ``"sell"``, or a dict with one
    of them as ``signal`` or ``action``; anything that is false is none. A coroutine function has a loop of
    its own. Each date is a run of all *symbols*.

    Returns:
        ``total_trades`` (fills), ``backtest_duration_sec``, ``ticks_processed`` (of all symbols), and the
        outcome of each run as ``outcomes``.

    Raises:
        UsageError: a signal that is none of these, or as :func:`tickreel.backtest.simulate`.
        StrategyError: what the function raised.
    """
    # Here and in what follows, not above: the engine takes Numba, which few who import this need.
    from tickreel.backtest import BacktestRequest

    began_s = time.perf_counter()
    path = inspect.getsourcefile(strategy_fn) or "<strategy_fn>"
    outcomes, ticks = [], 0
    for date in dates:
        start_us = parse_instant(date)
        request = BacktestRequest.of(
            "strategy_fn.py",
            symbols,
            start_us,
            start_us + US_PER_DAY,
            models=models,
            allow_missing=allow_missing,
        )
        outcome, seen = await asyncio.to_thread(_run, request, cache, strategy_fn, amount, path)
        outcomes.append(outcome)
        ticks += seen
    return {
        "total_trades": sum(len(outcome.fills) for outcome in outcomes),
        "backtest_duration_sec": time.perf_counter() - began_s,
        "ticks_processed": ticks,
        "outcomes": outcomes,
    }


def _run(
    request: BacktestRequest, cache: Cache, strategy_fn: StrategyFn, amount: float, path: str
) -> tuple[Outcome, int]:
    """Run a day; give what came of it and how many ticks there were. The loop lives in this thread alone."""
    from tickreel.backtest import StrategyClass, simulate

    name = getattr(strategy_fn, "__name__", "strategy_fn")
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    with asyncio.Runner() as runner:
        made = _strategy_of(strategy_fn, amount, runner)
        outcome = simulate(request, cache, strategy=StrategyClass(made, name, sha256, path))
    return outcome, made.ticks


def _strategy_of(strategy_fn: StrategyFn, size: float, runner: asyncio.Runner) -> Any:
    from tickreel.backtest import Param

    class Signals:
        """Sends a market order for each signal of a function."""

        amount = Param(size, "Amount of an order", low=0)
        ticks = 0

        def on_trade(self, ctx: Context, trade: Trade) -> None:
            book = trade.book
            Signals.ticks += 1
            answer = strategy_fn(
                TickEvent(
                    book.exchange,
                    book.symbol,
                    ctx.now_us,
                    book.bid,
                    book.ask,
                    book.bid_amount,
                    book.ask_amount,
                    "unknown" if trade.side is None else trade.side.name.lower(),
                    trade.amount,
                    trade.price,
                )
            )
            if inspect.iscoroutine(answer):
                answer = runner.run(answer)
            if isinstance(answer, dict):
                answer = answer.get("signal", answer.get("action"))
            if not answer:
                return
            if answer not in SIGNALS:
                raise UsageError(f"{answer!r} is no signal: give {' or '.join(SIGNALS)}, or None")
            (ctx.buy if answer == "buy" else ctx.sell)(book, self.amount)

    return Signals
