"""The article's ``batch_backtest``: what it counts is what happened."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from support.exchanges import EXCHANGE, SYMBOL, Tape

from tickreel.article import TickEvent, TickReplayEngine
from tickreel.backtest import StrategyError
from tickreel.errors import UsageError
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "ETHUSDT"


def store(home: Path, folder: Path) -> None:
    for symbol in (SYMBOL, OTHER):
        tape = Tape(symbol).snapshot(0, {100.0: 10.0}, {100.5: 8.0})
        for number in range(1, 11):
            tape.trade(100 * number, "buy", 100.5, 1.0)
        tape.store(home, folder, maker_fee=0.0, taker_fee=0.0)


def run(home: Path, strategy: Any) -> tuple[dict[str, Any], TickReplayEngine]:
    with open_cache(home) as cache:
        engine = TickReplayEngine(cache)
        pairs = [(EXCHANGE, SYMBOL), (EXCHANGE, OTHER)]
        return asyncio.run(engine.batch_backtest(strategy, ["2024-07-23"], pairs, amount=2.0)), engine


def test_ticks_of_all_symbols_and_every_fill_are_counted(home: Path, tmp_path: Path) -> None:
    store(home, tmp_path)
    seen: list[TickEvent] = []

    async def strategy(tick: TickEvent) -> object:
        seen.append(tick)
        await asyncio.sleep(0)
        if tick.symbol == SYMBOL and len(seen) < 8:
            return {"signal": "buy"} if len(seen) % 4 == 1 else "sell"
        return None

    result, engine = run(home, strategy)
    assert result["ticks_processed"] == engine.ticks_processed == len(seen) == 20
    assert result["total_trades"] == 4
    assert result["ai_cost_usd"] == 0
    assert result["backtest_duration_sec"] > 0
    assert {(tick.bid_price, tick.ask_price, tick.side) for tick in seen} == {(100, 100.5, "buy")}
    (outcome,) = result["outcomes"]
    assert sorted(outcome.fills["side"].tolist()) == [-1, -1, 1, 1]


def test_what_is_no_signal_is_refused(home: Path, tmp_path: Path) -> None:
    store(home, tmp_path)
    with pytest.raises(UsageError, match="'hold' is no signal"):
        run(home, lambda _: "hold")


def test_what_the_function_raises_is_told_with_its_line(home: Path, tmp_path: Path) -> None:
    store(home, tmp_path)

    def strategy(tick: TickEvent) -> object:
        return tick.nonsense  # type: ignore[attr-defined]  # a field that does not exist

    with pytest.raises(StrategyError, match=r"test_batch_backtest\.py: line \d+: AttributeError"):
        run(home, strategy)
