"""The worked examples on a market that walks about, and analyses that a strategy asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.exchanges import EXCHANGE, SYMBOL, Tape, at, models, run_strategy
from support.fakechat import FakeChat, stalls

from tickreel.backtest import BacktestRequest, example_names, simulate
from tickreel.backtest.models import ProbabilityQueue
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "ETHUSDT"
PARAMS: dict[str, dict[str, float | int | str]] = {
    "imbalance_taker": {"amount": 1.0, "enter": 0.3},
    "market_maker": {"amount": 1.0, "half_spread_ticks": 1.0, "timer_us": 5_000},
    "spread_momentum": {"amount": 1.0, "window_us": 100_000, "hold_us": 200_000},
    "twap": {"amount": 20.0, "slices": 5, "timer_us": 200_000},
    "two_venue_spread": {"amount": 1.0, "enter_bps": 1.0},
}


def store(home: Path, folder: Path) -> None:
    for symbol, phase in ((SYMBOL, 0), (OTHER, 7)):
        tape = Tape(symbol)
        for number in range(150):
            # Up and down by half ticks, with one side now and then much larger than the other.
            mid = 100.0 + 0.5 * abs((number + phase) % 20 - 10)
            bids = {mid - 0.5 - 0.5 * level: 3.0 + (number * 5 + level) % 17 for level in range(4)}
            asks = {mid + 0.5 + 0.5 * level: 3.0 + (number * 3 + level) % 13 for level in range(4)}
            tape.snapshot(number * 10, bids, asks)
            tape.trade(number * 10 + 5, ("buy", "sell")[number % 2], mid + (0.5, -0.5)[number % 2], 9.0)
        tape.store(home, folder)


@pytest.mark.parametrize("name", example_names())
def test_every_example_trades(home: Path, tmp_path: Path, name: str) -> None:
    store(home, tmp_path)
    symbols = (SYMBOL, OTHER) if name == "two_venue_spread" else (SYMBOL,)
    using = models(feed_us=500, order_us=700, queue=ProbabilityQueue())
    outcome = run_strategy(home, name, using, ms=1_500, symbols=symbols, params=PARAMS[name])
    assert len(outcome.fills) > 3
    assert not outcome.orders["reason"][outcome.orders["status"] == 5].tolist().count(2)
    if name == "twap":
        assert outcome.equity["position"][-1].tolist() == [20]
        assert outcome.log[-1].text == "20 of 20 done in 5 slices"
    if name == "market_maker":
        assert outcome.fills["is_maker"].all()
        assert max(abs(outcome.fills["position"])) <= 6
    if name == "two_venue_spread":
        assert set(outcome.fills["instrument"].tolist()) == {0, 1}


def test_a_strategy_can_ask_for_analyses_and_have_them_from_their_record(home: Path, tmp_path: Path) -> None:
    store(home, tmp_path)
    path = tmp_path / "asks.py"
    path.write_text(
        "class Asks:\n"
        "    timer_us = 500_000\n"
        "    def on_timer(self, ctx):\n"
        "        found = ctx.analyse(ctx.book, 0.4)\n"
        "        ctx.log(f'{found.snapshot.from_us} {found.snapshot.to_us} {found.model} {found.prose}')\n"
    )
    request = BacktestRequest.of(
        str(path), [(EXCHANGE, SYMBOL)], at(0), at(1_400), models=models(feed_us=2_000)
    )
    with open_cache(home) as cache:
        asked = simulate(request, cache)
        assert asked.analyses.calls == len(asked.log) == 2
        assert asked.analyses.cost_usd == 0
        assert asked.analyses.record is not None
        # At 500 ms the message of 490 ms is the last that is known, which came 1 ms later.
        assert asked.log[0].text.startswith(f"{at(91) + 1} {at(491) + 1} offline")
        again = BacktestRequest.from_form(request.to_form() | {"analysis_record": asked.analyses.record})
        recalled = simulate(again, cache)
    assert recalled.log == asked.log
    assert recalled.analyses.record == asked.analyses.record


def test_a_run_is_stopped_while_it_waits_for_an_analysis(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(home, tmp_path)
    path = tmp_path / "asks.py"
    path.write_text(
        "class Asks:\n"
        "    timer_us = 500_000\n"
        "    def on_timer(self, ctx):\n"
        "        ctx.analyse(ctx.book, 0.4)\n"
        "        ctx.log('answered')\n"
    )
    request = BacktestRequest.of(
        str(path), [(EXCHANGE, SYMBOL)], at(0), at(1_400), models=models(), analyst="gpt-4.1"
    )
    with FakeChat(stalls()) as fake, open_cache(home) as cache:
        monkeypatch.setenv("TICKREEL_LLM_BASE_URL", fake.url)
        outcome = simulate(request, cache, cancelled=lambda: bool(fake.requests))
    assert len(fake.requests) == 1
    assert (outcome.is_partial, outcome.reached_us, outcome.log) == (True, at(500), ())
