"""A home with the sample and runs over two minutes of it: whole, failed, cancelled, a band, a sweep."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from support.backtests import Watcher

from tickreel.backtest.request import BacktestRequest, Value
from tickreel.backtest.runs.curve import SPARK_POINTS
from tickreel.backtest.runs.process import Child
from tickreel.backtest.runs.running import run
from tickreel.backtest.runs.service import limits_of, opened_runs
from tickreel.backtest.sweeps import sweep
from tickreel.backtest.sweeps.grid import SweepRequest, band
from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.store import open_cache

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.progress import Monitor
    from tickreel.store import Cache

BTC, ETH = ("tickreel-sim", "BTCUSDT"), ("tickreel-sim", "ETHUSDT")
BEGIN, END = "2025-03-14T15:00", "2025-03-14T15:02"
LATE = "2025-03-14T15:50"
"""A run until then is still under way when it is cancelled."""
MINUTE_US = 60_000_000
MANY_NAMES = ("market_maker", "imbalance_taker", "momentum")

FAILING = '''
"""Goes wrong at a message."""

class Failing:
    books = "message"

    def on_start(self, ctx):
        self.number = 0
        ctx.log("begun")
        print("printed by the strategy")

    def on_book(self, ctx, book):
        self.number += 1
        if self.number == 500:
            1 / 0
'''
FAILING_LINE = next(place for place, line in enumerate(FAILING.splitlines(), 1) if "1 / 0" in line)


@dataclass(frozen=True, slots=True)
class RunsHome:
    """Where it lies, and the ids of what is in it."""

    home: str
    maker: str
    """A market maker, with the band beside it."""
    lean: str
    """The same with another parameter."""
    pair: str
    """Of two symbols."""
    failed: str
    cancelled: str
    band: str
    sweep: str

    @property
    def rows(self) -> set[str]:
        """What a list shows of it."""
        return {self.maker, self.lean, self.pair, self.failed, self.cancelled, self.band, self.sweep}


def asked(strategy: str, *instruments: tuple[str, str], end: str = END, **options: Any) -> BacktestRequest:
    """Ask for a run over the two minutes, or more."""
    return BacktestRequest.of(strategy, instruments or (BTC,), BEGIN, end, capital=10_000, **options)


def make_runs_home(folder: Path) -> RunsHome:
    """Make it."""
    home = folder / "home"
    with open_cache(home) as cache:
        store_sample(cache, UNWATCHED)
        return make_runs(cache, folder)


def make_runs(cache: Cache, folder: Path) -> RunsHome:
    """Make the runs in a home that holds the sample, with one process for the single ones."""
    failing = folder / "failing.py"
    failing.write_text(FAILING, encoding="utf-8")
    with opened_runs(cache) as runs:

        def do(child: Child, request: BacktestRequest, monitor: Monitor = UNWATCHED) -> str:
            return run(cache, runs.records, child, request, monitor).card.id

        with Child(cache.home, limits_of(cache)) as child:
            pair = do(child, asked("two_venue_spread", BTC, ETH))
            failed = do(child, asked(str(failing)))
            cancelled = do(child, asked("market_maker", end=LATE), Watcher(lambda done: done >= MINUTE_US))
        grid: dict[str, tuple[Value, ...]] = {"half_spread_ticks": (1.0, 2.0), "lean_ticks": (0.5, 1.0)}
        swept = sweep.begin(runs, SweepRequest(base=asked("market_maker"), grid=grid), workers=1)
        banded = sweep.begin(runs, band(asked("market_maker")), workers=1)
        with Child(cache.home, limits_of(cache)) as child:
            maker = do(child, asked("market_maker"))
            lean = do(child, asked("market_maker", params={"lean_ticks": 3.0}))
        runs.records.tag(maker, ("pinned", "kept"))
        runs.records.note(maker, "the one to beat")
    return RunsHome(str(cache.home), maker, lean, pair, failed, cancelled, banded.id, swept.id)


def copy_runs(source: Cache, into: Cache, count: int) -> None:
    """Record a tagged run of one home many times in another, each time with figures of its own."""
    with closing(source.connect()) as database:
        rows = [
            dict(row) for row in database.rows("SELECT * FROM run WHERE state = 'succeeded' AND tags <> '[]'")
        ]
    template = rows[0] | {"sweep_id": None, "place": None}
    card = json.loads(template["card"])
    random = np.random.default_rng(7)
    names = list(template)
    with closing(into.connect()) as database, database.writing() as connection:
        for number in range(count):
            card["strategy"]["name"] = MANY_NAMES[number % len(MANY_NAMES)]
            card["metrics"] |= {"return": float(random.normal()), "pnl": float(random.normal(0, 100))}
            copy = template | {
                "id": f"{number:010x}",
                "created_us": template["created_us"] + number,
                "card": json.dumps(card),
                "tags": json.dumps(["pinned"] if number % 50 == 0 else []),
                "spark": np.cumsum(random.normal(size=SPARK_POINTS)).astype("<f4").tobytes(),
            }
            connection.execute(
                f"INSERT INTO run ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
                [copy[name] for name in names],
            )
