"""Strategies as people write them: what they declare, how they are found, how their faults are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.exchanges import EXCHANGE, FACTS, SYMBOL, Script, Tape, at, models, run_strategy

from tickreel.backtest import BacktestRequest, Param, StrategyError, example_names, load_strategy, simulate
from tickreel.backtest.loading import list_strategies
from tickreel.backtest.outcome import NEVER, Reason
from tickreel.errors import NotHeldError, UsageError
from tickreel.instruments import InstrumentTable
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

BIDS, ASKS = {100.0: 10.0, 99.5: 20.0}, {100.5: 8.0, 101.0: 6.0}


def market() -> Tape:
    tape = Tape().snapshot(0, BIDS, ASKS)
    for number in range(1, 50):
        tape.level(10 * number, "bid", 99.5, 20.0 + number)
    return tape


def write(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("param", "given", "value"),
    [
        (Param(1.5, "m"), "2", 2.0),
        (Param(1.5, "m"), 2, 2.0),
        (Param(3, "m", low=1), "7", 7),
        (Param(False, "m"), "true", True),
        (Param("a", "m", choices=("a", "b")), "b", "b"),
    ],
)
def test_a_value_is_read_as_the_type_of_the_default(
    param: Param[float], given: object, value: object
) -> None:
    assert param.checked(given) == value
    assert type(param.checked(given)) is type(param.default)


@pytest.mark.parametrize(
    ("param", "given"),
    [
        (Param(1.5, "m"), "x"),
        (Param(1.5, "m"), float("nan")),
        (Param(1.5, "m"), True),
        (Param(3, "m"), 2.5),
        (Param(3, "m", low=1, high=5), 6),
        (Param(3, "m", low=1), 0),
        (Param(False, "m"), 1),
        (Param("a", "m", choices=("a", "b")), "c"),
    ],
)
def test_a_value_that_may_not_be_is_refused(param: Param[float], given: object) -> None:
    with pytest.raises(UsageError):
        param.checked(given)


def test_a_default_that_may_not_be_is_refused_where_it_is_declared(tmp_path: Path) -> None:
    path = write(tmp_path, "from tickreel.backtest import Param\nclass A:\n    x = Param(5, 'm', high=1)\n")
    with pytest.raises(StrategyError, match=r"mine\.py: line 3: UsageError"):
        load_strategy(path)


def test_what_a_class_declares_is_there_for_forms(tmp_path: Path) -> None:
    found = load_strategy("imbalance_taker")
    assert list(found.params) == ["enter", "leave", "amount"]
    assert found.params["enter"].to_form() | {"meaning": ""} == {
        "name": "enter",
        "type": "float",
        "default": 0.8,
        "meaning": "",
        "low": 0,
        "high": 1,
        "choices": [],
        "unit": "",
    }
    assert found.meaning.startswith("Buy when the best bid")
    assert found.values({"enter": 0.9}) == {"enter": 0.9, "leave": 0.0, "amount": 0.01}
    with pytest.raises(UsageError, match="no parameter 'entre': it has enter, leave, amount"):
        found.values({"entre": 0.9})


def test_files_classes_and_examples_are_found_by_their_names(tmp_path: Path) -> None:
    two = write(tmp_path, "class A:\n    def on_stop(self, ctx): ...\nclass B(A): ...\nclass C: ...\n")
    assert load_strategy(f"{two}:B").name == "B"
    with pytest.raises(UsageError, match="several strategies"):
        load_strategy(two)
    with pytest.raises(UsageError, match="no strategy 'C': it has A, B"):
        load_strategy(f"{two}:C")
    with pytest.raises(UsageError, match="has no strategy"):
        load_strategy(write(tmp_path, "x = 1\n", "none.py"))
    with pytest.raises(UsageError, match="there is no strategy file"):
        load_strategy(str(tmp_path / "gone.py"))
    with pytest.raises(UsageError, match="twap"):
        load_strategy("nothing")
    assert [path.name for path in list_strategies(tmp_path)] == ["mine.py", "none.py"]
    assert example_names() == [
        *("imbalance_taker", "market_maker", "spread_momentum", "twap", "two_venue_spread"),
    ]


def test_a_fault_is_told_with_file_and_line(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    with pytest.raises(StrategyError, match=r"mine\.py: line 2: SyntaxError"):
        run_strategy(home, write(tmp_path, "class A:\n    def on_stop(self ctx): ...\n"), models())
    raises = "class A:\n    def on_book(self, ctx, book):\n        return self.deeper()\n\n"
    raises += "    def deeper(self):\n        return 1 / 0\n"
    with pytest.raises(StrategyError, match=r"mine\.py: line 6: ZeroDivisionError: division by zero"):
        run_strategy(home, write(tmp_path, raises), models())
    # What the engine refuses is told at the line that asked for it.
    both = "class A:\n    def on_start(self, ctx):\n        ctx.buy(ctx.book, 1, post_only=True)\n"
    with pytest.raises(StrategyError, match=r"line 3: UsageError: an order that takes at once"):
        run_strategy(home, write(tmp_path, both), models())
    late = "class A:\n    def on_stop(self, ctx):\n        ctx.buy(ctx.book, 1)\n"
    with pytest.raises(StrategyError, match=r"line 3: UsageError: the run is over"):
        run_strategy(home, write(tmp_path, late), models())
    tidy = "class A:\n    def on_start(self, ctx):\n        self.order = ctx.buy(ctx.book, 1, 99)\n"
    tidy += "    def on_stop(self, ctx):\n        ctx.cancel_all()\n        ctx.log(ctx.cancel(self.order))\n"
    outcome = run_strategy(home, write(tmp_path, tidy), models())
    assert [line.text for line in outcome.log] == ["False"]
    assert outcome.orders["cancel_us"].tolist() == [NEVER]
    many = "class A:\n    def on_start(self, ctx):\n        while True: ctx.buy(ctx.book, 1, 99)\n"
    with pytest.raises(StrategyError, match=r"line 3: UsageError: more than 1024 requests"):
        run_strategy(home, write(tmp_path, many), models())


def test_nothing_is_left_of_a_run_before(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    path = write(
        tmp_path,
        "seen = []\nclass A:\n    told = []\n    def on_book(self, ctx, book):\n        seen.append(1)\n"
        "        self.told.append(1)\n    def on_stop(self, ctx):\n"
        "        ctx.log(f'{len(seen)} {len(self.told)}')\n",
    )
    assert run_strategy(home, path, models()).log == run_strategy(home, path, models()).log


def test_the_whole_book_is_the_one_that_is_known(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    path = write(
        tmp_path,
        "class A:\n    timer_us = 10_000\n    def on_timer(self, ctx):\n"
        "        whole = ctx.book.whole\n        ctx.log(f'{whole.bids.tolist()} {whole.asks.tolist()}')\n",
    )
    lines = run_strategy(home, path, models(feed_us=3_000), ms=500).log
    assert len(lines) == 49
    # At 30 ms the message of 20 ms is known, and that of 30 ms is not.
    assert lines[2].text == "[[100.0, 10.0], [99.5, 22.0]] [[100.5, 8.0], [101.0, 6.0]]"


def test_a_fact_that_nobody_has_said_is_asked_for_by_name(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    with open_cache(home) as cache, InstrumentTable(cache) as table:
        table.type_in(EXCHANGE, SYMBOL, {"multiplier": None})
    with pytest.raises(NotHeldError, match="multiplier is not known; ask the vendor"):
        Script().run(home, models())
    with open_cache(home) as cache, InstrumentTable(cache) as table:
        table.type_in(EXCHANGE, SYMBOL, {"type": "spot"})
    assert Script().run(home, models()).instruments[0].multiplier == 1
    with open_cache(home) as cache, InstrumentTable(cache) as table:
        table.type_in(EXCHANGE, SYMBOL, FACTS | {"type": "perpetual", "quanto": True})
    with pytest.raises(UsageError, match="third currency"):
        Script().run(home, models())


def test_the_fees_of_the_table_come_before_those_of_the_venue(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    request = BacktestRequest.of("twap", [(EXCHANGE, SYMBOL)], at(0), at(100), models="typical")
    with open_cache(home) as cache:
        (traded,) = simulate(request, cache).instruments
        assert (traded.maker_fee, traded.taker_fee) == (0.0002, 0.0005)
        assert traded.fee_source.startswith("venue: ")
        with InstrumentTable(cache) as table:
            table.type_in(EXCHANGE, SYMBOL, {"maker_fee": -0.0001, "taker_fee": 0.0003})
        (traded,) = simulate(request, cache).instruments
    assert (traded.maker_fee, traded.taker_fee, traded.fee_source) == (-0.0001, 0.0003, "instrument")


def test_a_run_that_is_stopped_keeps_what_there_is(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    slow = "import time\nclass A:\n    def on_book(self, ctx, book):\n"
    slow += "        time.sleep(0.0005)\n        ctx.log('told')\n"
    request = BacktestRequest.of(write(tmp_path, slow), [(EXCHANGE, SYMBOL)], at(0), at(500), models=models())
    asked = iter(range(100))
    with open_cache(home) as cache:
        outcome = simulate(request, cache, cancelled=lambda: next(asked) >= 0)
        assert outcome.is_partial
        assert len(outcome.equity) == 1
        whole = simulate(request, cache)
    assert not whole.is_partial
    assert whole.reached_us == at(500)
    assert len(whole.log) == 50


def test_what_is_open_when_days_are_missing_expires(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    day_ms = 86_400_000
    path = write(
        tmp_path,
        "class A:\n    sent = False\n    def on_book(self, ctx, book):\n        if not self.sent:\n"
        "            self.sent = ctx.buy(book, 1, 100)\n",
    )
    with pytest.raises(NotHeldError, match="2024-07-24"):
        run_strategy(home, path, models(), ms=day_ms + 5_000)
    outcome = run_strategy(home, path, models(), ms=day_ms + 5_000, allow_missing=True)
    (order,) = outcome.orders
    assert Reason(order["reason"]) is Reason.BOOK_LOST
    assert order["end_us"] == at(day_ms)
    assert [str(day.day) for day in outcome.missing] == ["2024-07-24"]


@pytest.mark.parametrize("books", ["message", "touch"])
def test_a_strategy_that_raises_leaves_what_there_was_by_then(home: Path, tmp_path: Path, books: str) -> None:
    # The order is filled at 2000 ms, and the strategy fails when it knows of what happened at 2500.5 ms.
    tape = Tape().snapshot(0, {100.0: 10.0}, {100.5: 8.0})
    for number in range(1, 400):
        tape.level(number * 10 + 0.5, "ask", 100.5, 8.0 + number)
    tape.trade(2_000, "sell", 99.5, 1.0).store(home, tmp_path)
    code = f"class A:\n    books = '{books}'\n    def on_start(self, ctx):\n"
    code += "        self.order = ctx.buy(ctx.book, 4, 100)\n        self.seen = 0\n"
    code += "    def on_book(self, ctx, book):\n        self.seen += 1\n"
    code += "        if book.ask_amount == 258: raise ValueError('enough')\n"
    with pytest.raises(StrategyError, match=r"line 8: ValueError: enough") as told:
        run_strategy(home, write(tmp_path, code), models(feed_us=1_000), ms=4_000)
    outcome = told.value.outcome
    assert outcome is not None
    assert outcome.is_partial
    assert outcome.reached_us == at(2_501.5)
    assert outcome.fills["amount"].tolist() == [4]
    # The exchange is brought up to there, whether or not anybody was waiting for it.
    assert outcome.equity["time_us"].tolist() == [at(1_000), at(2_000), at(2_501.5)]
    assert outcome.equity["position"][:, 0].tolist() == [0, 4, 4]
    assert (outcome.messages, outcome.rows, outcome.trades) == (252, 253, 1)


def test_a_strategy_that_raises_when_equity_is_sampled_leaves_one_sample_of_that_time(
    home: Path, tmp_path: Path
) -> None:
    market().store(home, tmp_path)
    code = "class A:\n    timer_us = 1_000_000\n    def on_timer(self, ctx):\n        1 / 0\n"
    with pytest.raises(StrategyError) as told:
        run_strategy(home, write(tmp_path, code), models(), ms=3_000)
    assert told.value.outcome is not None
    assert told.value.outcome.equity["time_us"].tolist() == [at(1_000)]


def test_a_slow_strategy_is_looked_after_by_the_time_that_passes(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    slow = "import time\nclass A:\n    def on_book(self, ctx, book):\n        time.sleep(0.06)\n"
    slow += "        ctx.log('told')\n"
    request = BacktestRequest.of(write(tmp_path, slow), [(EXCHANGE, SYMBOL)], at(0), at(500), models=models())
    asked = iter(range(100))
    with open_cache(home) as cache:
        # The first time is before anything is told; then it is after each message of 60 ms.
        outcome = simulate(request, cache, cancelled=lambda: next(asked) >= 3)
    assert len(outcome.log) == 3
