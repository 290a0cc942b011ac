"""hftbacktest loads what is exported for it, accepts its order, and comes to the same book.

Run by ``pytest -m peers tests/core/backtest``; the first time that sets up its environment below ``.bench``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.feeds import EXCHANGE, SPAN_US, SYMBOL, feed_files
from support.vendorfiles import START_US, line, write_csv

from tickreel.backtest.reports.events import events_of, write_npz
from tickreel.market.types import DataType
from tickreel.store import open_cache

pytestmark = pytest.mark.peers

_ROOT = Path(__file__).resolve().parents[4]
_SCRIPT = _ROOT / "tests" / "support" / "hftbacktest_book.py"
_TICK = 0.1


@pytest.fixture(scope="module")
def python() -> Path:
    """Set up the environment of hftbacktest if need be; give its Python."""
    ask = "from peers import Peer; print(Peer('hftbacktest', 'hftbacktest', 'hftbacktest').python())"
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "packaging" / "bench")}
    told = subprocess.run(
        [sys.executable, "-c", ask], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(told.stdout.strip())


@pytest.mark.parametrize("begin_s", [0, 20])
def test_the_book_and_the_trades_are_the_same_there(tmp_path: Path, python: Path, begin_s: int) -> None:
    start_us, end_us = START_US + begin_s * 1_000_000, START_US + SPAN_US
    book, _ = feed_files(tmp_path)
    late = [
        line(
            DataType.TRADES,
            START_US + second * 1_000_000,
            id=str(second),
            price="100.1",
            timestamp=str(START_US + second * 1_000_000 - 700_000),
        )
        for second in range(60)
    ]
    trades = write_csv(tmp_path / f"{EXCHANGE}_trades_2024-07-23_{SYMBOL}.csv.gz", DataType.TRADES, late)
    with open_cache() as cache:
        for path in (book, trades):
            cache.import_file(path)
        events = events_of(cache, EXCHANGE, SYMBOL, start_us, end_us)
        mine = cache.book(EXCHANGE, SYMBOL, end_us - 1)
    path = tmp_path / "events.npz"
    with path.open("wb") as file:
        write_npz(file, events)
    # From another folder: a package of theirs has the name of our folder of scripts.
    told = subprocess.run(
        [python, _SCRIPT, path, str(_TICK)], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True
    )
    theirs = json.loads(told.stdout.splitlines()[-1])
    sides = [
        {str(round(price / _TICK)): amount for price, amount in side.tolist()}
        for side in (mine.bids, mine.asks)
    ]
    assert [theirs["bids"], theirs["asks"]] == sides
    assert mine.best_bid is not None
    assert mine.best_ask is not None
    assert (theirs["bid"], theirs["ask"]) == pytest.approx((mine.best_bid[0], mine.best_ask[0]))
    assert theirs["trades"] == 60 - begin_s
