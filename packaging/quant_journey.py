"""Goes the way of somebody who develops strategies, by command lines and Python alone, and counts.

On a new home: from the sample to a strategy of one's own that is run, proved, compared, swept and explained,
its report and what other engines read of it; then the same from Python.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from terminal import JourneyEnds, Terminal

_BTC = "tickreel-sim BTCUSDT"
_MINUTES = "2025-03-14T15:00 2025-03-14T15:05"
_OWN = '''\
"""Quotes on the side to which the book leans."""

from tickreel.backtest import Param


class Leaner:
    lean = Param(0.6, "Share of the best amounts on one side from which it quotes there", low=0.5, high=1)
    amount = Param(0.01, "Amount of a quote", low=0)

    def on_start(self, ctx):
        self.order = None

    def on_book(self, ctx, book):
        if self.order is not None and self.order.is_live:
            return
        share = book.bid_amount / (book.bid_amount + book.ask_amount)
        if share > self.lean and book.position <= 0:
            self.order = ctx.buy(book, self.amount, book.bid, post_only=True)
        elif share < 1 - self.lean and book.position >= 0:
            self.order = ctx.sell(book, self.amount, book.ask, post_only=True)
'''
_DATA = f"""
from tickreel import Replay, open_cache
with open_cache() as cache:
    span = {tuple(_MINUTES.split())!r}
    frame = cache.frame("tickreel-sim", "BTCUSDT", "trades", *span)
    print(len(frame), "trades, mean price", round(frame["price"].mean(), 1))
    book = cache.book("tickreel-sim", "BTCUSDT", span[1])
    quotes = cache.bbo("tickreel-sim", "BTCUSDT", *span)
    print("mean spread", float((quotes["ask"] - quotes["bid"]).mean()))
    replay = Replay(cache, [("tickreel-sim", "BTCUSDT")], *span)
    replay.advance_to_end()
    summary = replay.summary()
    print("same book:", replay.book("tickreel-sim", "BTCUSDT").state_hash() == book.state_hash())
"""
_RUNS = f"""
import tickreel
from tickreel import open_cache
with open_cache() as cache:
    given = ("leaner.py", [("tickreel-sim", "BTCUSDT")], *{tuple(_MINUTES.split())!r})
    run = tickreel.backtest(*given, params={{"lean": 0.7}}, capital=10_000, cache=cache)
    print("fills:", len(run.fills), "pnl:", run.card.metrics["pnl"])
    runs = tickreel.sweep(*given, grid={{"lean": [0.6, 0.8]}}, capital=10_000, cache=cache)
    print("swept:", len(runs))
"""


def main() -> int:
    """Go it; give 1 where something is not as its page says."""
    with tempfile.TemporaryDirectory(prefix="tickreel-journey-") as folder:
        terminal = Terminal(Path(folder))
        try:
            _the_data(terminal)
            _a_strategy(terminal)
            _from_python(terminal)
        except JourneyEnds as problem:
            print(f"\nThe journey ends: {problem}", file=sys.stderr)
            return 1
    print(f"{terminal.commands} commands, {terminal.python_lines} lines of Python")
    return 0


def _the_data(terminal: Terminal) -> None:
    terminal.says("doctor")
    terminal.says("sample", "tickreel-sim")
    terminal.says("datasets", "BTCUSDT")
    terminal.says(f"cache health {_BTC} trades 2025-03-14 2025-03-15", "2025-03-14")
    rows = terminal.says(f"rows {_BTC} trades {_MINUTES}")
    terminal.must(rows.startswith("exchange,symbol,"), "the rows are no CSV of the vendor's form")
    terminal.says(f"rows {_BTC} trades {_MINUTES} --format parquet -o trades.parquet")
    book = terminal.json(f"book {_BTC} --at 2025-03-14T15:05")
    replayed = terminal.json(f"replay {_BTC} {_MINUTES}")
    terminal.must(replayed["rows"] > 0, "nothing was played")
    terminal.must(len(book["bids"]) == 20, "a book has not the levels that were asked for")
    terminal.says(f"export {_BTC} {_MINUTES} --npz btc.npz")
    terminal.says(f"instruments show {_BTC}", "tick")


def _a_strategy(terminal: Terminal) -> None:
    own = terminal.folder / "leaner.py"
    own.write_text(_OWN.replace("book.position <= 0:", "book.position <= 0"), encoding="utf-8")
    backtest = f"backtest leaner.py tickreel-sim:BTCUSDT {_MINUTES} --capital 10000"
    terminal.says(backtest, "leaner.py:17: SyntaxError", code=1)
    own.write_text(_OWN, encoding="utf-8")
    first = terminal.json(backtest)
    second = terminal.json(f"{backtest} --param lean=0.8")
    terminal.must(first["orders"] > 0, "the strategy sent nothing")
    terminal.says("runs list", first["id"], second["id"])
    terminal.says(f"runs show {first['id']}", "result")
    terminal.says(f"runs rerun {first['id']}", "identical")
    terminal.says(f"runs compare {first['id']} {second['id']}", "lean")
    terminal.says(f"runs why {first['id']} 0", "Strategy decides and sends")
    why = terminal.json(f"runs why {first['id']} 0 --json")
    terminal.must(bool(why["books"]), "no book is told of the order")
    terminal.says(f"runs tag {first['id']} first")
    terminal.says(f"runs export {first['id']} -o report.html")
    report = (terminal.folder / "report.html").read_text(encoding="utf-8")
    terminal.must("<svg" in report, "the report has no drawing")
    terminal.says(f"runs export {first['id']} --format parquet -o tables")
    swept = terminal.json(
        f"sweep leaner.py tickreel-sim:BTCUSDT {_MINUTES} --grid lean=0.6,0.7 --capital 10000"
    )
    terminal.must(swept[0]["result_sha256"] == first["result_sha256"], "in a sweep the run is another")
    banded = terminal.json(f"{backtest} --band")
    terminal.must(banded["band"] is not None, "the band is missing")
    terminal.says(f"backtest market_maker tickreel-sim:BTCUSDT {_MINUTES} --preset careful --capital 10000")
    terminal.says(f"analyze {_BTC} {_MINUTES} --model offline")
    terminal.says(f"runs delete {second['id']}")
    terminal.says(f"runs restore {second['id']}")


def _from_python(terminal: Terminal) -> None:
    terminal.python(_DATA, "same book: True")
    terminal.python(_RUNS, "swept: 2")
    terminal.python_lines += len(_OWN.splitlines())


if __name__ == "__main__":
    sys.exit(main())
