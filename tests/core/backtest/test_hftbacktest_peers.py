"""The same market, orders and models in hftbacktest: the same fills, at the same times, in the same amounts.

Run by ``pytest -m peers tests/core/backtest``; the first time that sets up its environment below ``.bench``.

Where the two differ on purpose, the market here has none of it:

- hftbacktest fills what is left of a limit order that took the whole book up to its price, at that price.
  Here it rests. So orders that take ask for no more than is there.
- hftbacktest looks at the best prices after each row, here after each message, as a strategy does. So of
  several rows of one message none undoes another.
- A snapshot in the middle of a day sets queues back there, and is a change of the level here.
- Trades of unknown side are nothing there.
- It has one exchange without partial fills, for which every order is of one lot, and one with. That ends a
  run with an error where a trade leaves exactly nothing of an order (its issue 312, release 2.4.4), so that
  amounts of orders here have a half that no amount of the market has; and it never counts what was filled in
  part towards the position (its issue 316), so that only fills are compared.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.exchanges import EXCHANGE, SYMBOL, Tape, at, run_strategy

from tickreel.backtest.models import Models, ProbabilityQueue, RateFees, RiskAverseQueue
from tickreel.replay.latency import ConstantLatency
from tickreel.store import open_cache

if TYPE_CHECKING:
    from tickreel.backtest.models import Queue
    from tickreel.backtest.outcome import Outcome

pytestmark = pytest.mark.peers

_ROOT = Path(__file__).resolve().parents[3]
_SCRIPT = _ROOT / "tests" / "support" / "hftbacktest_orders.py"
_MESSAGES = 3_000
_END_MS = _MESSAGES * 5
FEED_US, ENTRY_US, RESPONSE_US = 2_311, 3_173, 4_219
_FLAGS = {"exchange": 1 << 31, "local": 1 << 30, "buy": 1 << 29, "sell": 1 << 28}
_DEPTH, _TRADE, _SNAPSHOT = 1, 2, 4
_EVENT = np.dtype(
    [
        *(("ev", "<u8"), ("exch_ts", "<i8"), ("local_ts", "<i8"), ("px", "<f8"), ("qty", "<f8")),
        *(("order_id", "<u8"), ("ival", "<i8"), ("fval", "<f8")),
    ],
    align=True,
)
_ACTION = np.dtype(
    [("time_ns", "i8"), ("order", "i8"), ("does", "i8"), ("force", "i8"), ("price", "f8"), ("amount", "f8")]
)


@pytest.fixture(scope="module")
def python() -> Path:
    """Set up the environment of hftbacktest if need be; give its Python."""
    ask = "from peers import Peer; print(Peer('hftbacktest', 'hftbacktest', 'hftbacktest').python())"
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "packaging" / "bench")}
    told = subprocess.run(
        [sys.executable, "-c", ask], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(told.stdout.strip())


class Bustle:
    """A market that walks about, and orders of every kind at times of their own.

    *halves* gives messages of several rows, and orders of up to five lots of a half.
    """

    def __init__(self, seed: int, *, halves: bool = False) -> None:
        chance = random.Random(seed)
        self._halves = halves
        self.tape = Tape()
        self.actions: list[tuple[int, int, int, int, float, float]] = []
        bids = {100 - 0.5 * n: float(chance.randint(2, 25)) for n in range(1, 30)}
        asks = {100 + 0.5 * n: float(chance.randint(2, 25)) for n in range(30)}
        self.tape.snapshot(0, bids, asks)
        sent: list[int] = []
        for number in range(1, _MESSAGES):
            ms = number * 5
            best_bid, best_ask = max(bids), min(asks)
            dice = chance.random()
            if dice < 0.25:
                side, price = chance.choice((("sell", best_bid), ("buy", best_ask)))
                price += chance.choice((0, 0, 0, 0, 0.5, -0.5))
                self.tape.trade(ms, side, price, float(chance.randint(1, 12)))
            else:
                own, name, sign = chance.choice(((bids, "bid", -1), (asks, "ask", 1)))
                best = best_bid if name == "bid" else best_ask
                price = best + sign * 0.5 * chance.randint(-1, 8)
                amount = float(chance.choice((0, 0, 2, 6, 14)))
                if (price <= best_bid) if name == "ask" else (price >= best_ask):
                    continue
                if amount:
                    own[price] = amount
                elif price in own and len(own) > 4:
                    del own[price]
                else:
                    continue
                self.tape.level(ms, name, price, amount)
                if halves and len(own) > 12:
                    # As far from the best as can be, and never the same price: nothing is undone.
                    for away in range(chance.randint(0, 3)):
                        far = best + sign * 0.5 * (10 + away)
                        own[far] = float(chance.randint(2, 25))
                        self.tape.level(ms, name, far, own[far])
            if chance.random() < 0.25:
                # After all that is published by then has been, well before anything else is.
                self._act(chance, at(ms) + 1_000, sent, max(bids), min(asks), bids, asks)

    def _act(
        self,
        chance: random.Random,
        at_us: int,
        sent: list[int],
        bid: float,
        ask: float,
        bids: dict[float, float],
        asks: dict[float, float],
    ) -> None:
        if sent and chance.random() < 0.35:
            order = sent.pop(chance.randrange(len(sent)))
            self.actions.append((at_us, order, 2, 0, 0.0, 0.0))
            return
        order = sum(one[2] < 2 for one in self.actions)
        buys = chance.random() < 0.5
        dice = chance.random()
        if dice < 0.7:
            away = 0.5 * chance.randint(0, 5)
            force, price = chance.choice((0, 1)), (bid - away if buys else ask + away)
        else:
            force, price = 2, (ask + 2 if buys else bid - 2)
        amount = chance.choice((0.5, 1.5, 2.5)) if self._halves else 1.0
        self.actions.append((at_us, order, 0 if buys else 1, force, price, amount))
        sent.append(order)


def events_of(home: Path) -> np.ndarray[Any, Any]:
    """Give what is held in hftbacktest's form, known FEED_US after it is published."""
    with open_cache(home, read_only=True) as cache:
        span = (EXCHANGE, SYMBOL), (at(0), at(_END_MS + 100))
        book = cache.frame(*span[0], "incremental_book_L2", *span[1])
        trades = cache.frame(*span[0], "trades", *span[1])
    events = np.zeros(len(book) + len(trades), _EVENT)
    both = _FLAGS["exchange"] | _FLAGS["local"]
    kind = np.where(book["is_snapshot"], _SNAPSHOT, _DEPTH)
    side = np.where(book["side"] == "bid", _FLAGS["buy"], _FLAGS["sell"])
    taker = np.where(trades["side"] == "buy", _FLAGS["buy"], _FLAGS["sell"])
    events["ev"] = np.concatenate([_TRADE | both | taker, kind | both | side])
    events["exch_ts"] = np.concatenate([trades["timestamp"], book["timestamp"]]) * 1_000
    events["local_ts"] = events["exch_ts"] + FEED_US * 1_000
    events["px"] = np.concatenate([trades["price"], book["price"]])
    events["qty"] = np.concatenate([trades["amount"], book["amount"]])
    return events[np.argsort(events["exch_ts"], kind="stable")]


_STRATEGY = """
class Script:
    timer_us = 1_000

    def on_start(self, ctx):
        self.actions = {actions!r}
        self.sent = {{}}
        self.next = 0

    def on_timer(self, ctx):
        while self.next < len(self.actions) and self.actions[self.next][0] <= ctx.now_us:
            at_us, number, does, force, price, amount = self.actions[self.next]
            self.next += 1
            if does == 2:
                order = self.sent[number]
                if order.is_live and order.status.name == "OPEN":
                    ctx.cancel(order)
                continue
            send = ctx.buy if does == 0 else ctx.sell
            self.sent[number] = send(ctx.book, amount, price, post_only=force == 1, ioc=force == 2)
"""


def ours(home: Path, bustle: Bustle, queue: Queue) -> Outcome:
    path = home.parent / "script.py"
    path.write_text(_STRATEGY.format(actions=bustle.actions), encoding="utf-8")
    using = Models(
        feed=ConstantLatency(FEED_US),
        entry=ConstantLatency(ENTRY_US),
        response=ConstantLatency(RESPONSE_US),
        queue=queue,
        fees=RateFees(maker=-0.0001, taker=0.0004),
    )
    return run_strategy(home, str(path), using, ms=_END_MS)


def theirs(
    python: Path,
    folder: Path,
    home: Path,
    bustle: Bustle,
    queue: tuple[object, ...],
    exchange: str = "no_partial_fill_exchange",
) -> tuple[list[list[float]], list[float]]:
    folder.mkdir()
    np.save(folder / "events.npy", events_of(home))
    actions = np.array([(one[0] * 1_000, *one[1:]) for one in bustle.actions], _ACTION)
    np.save(folder / "actions.npy", actions)
    settings = {"entry_ns": ENTRY_US * 1_000, "response_ns": RESPONSE_US * 1_000, "queue": queue}
    lot = 1.0 if exchange == "no_partial_fill_exchange" else 0.5
    settings |= {"exchange": exchange, "tick": 0.5, "lot": lot}
    settings |= {"maker": -0.0001, "taker": 0.0004, "end_ns": at(_END_MS) * 1_000}
    (folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    told = subprocess.run([python, _SCRIPT, folder], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    changes, state = json.loads(told.stdout)
    return changes, state


@pytest.mark.parametrize(
    ("seed", "queue", "named"),
    [
        (1, RiskAverseQueue(), ("risk_adverse_queue_model",)),
        (2, ProbabilityQueue("power", 2.0), ("power_prob_queue_model", 2.0)),
        (3, ProbabilityQueue("power2", 2.0), ("power_prob_queue_model2", 2.0)),
        (4, ProbabilityQueue("power3", 3.0), ("power_prob_queue_model3", 3.0)),
        (5, ProbabilityQueue("log"), ("log_prob_queue_model",)),
        (6, ProbabilityQueue("log2"), ("log_prob_queue_model2",)),
    ],
    ids=["risk_averse", "power", "power2", "power3", "log", "log2"],
)
def test_hftbacktest_fills_the_same_at_the_same_times(
    home: Path, tmp_path: Path, python: Path, seed: int, queue: Queue, named: tuple[object, ...]
) -> None:
    bustle = Bustle(seed)
    bustle.tape.store(home, tmp_path)
    outcome = ours(home, bustle, queue)
    changes, (position, balance, fee) = theirs(python, tmp_path / "peer", home, bustle, named)
    mine, others = both_fills(outcome, changes)
    assert len(mine) > 60
    assert mine == others
    if (outcome.fills["known_us"] < at(_END_MS)).all():
        last = outcome.equity[-1]
        assert last["position"][0] == pytest.approx(position)
        assert last["cash"][0] == pytest.approx(balance)
        assert last["fees"][0] == pytest.approx(fee)


@pytest.mark.parametrize(
    ("seed", "queue", "named"),
    [
        (7, RiskAverseQueue(), ("risk_adverse_queue_model",)),
        (8, ProbabilityQueue("power", 2.0), ("power_prob_queue_model", 2.0)),
        (9, ProbabilityQueue("log2"), ("log_prob_queue_model2",)),
    ],
    ids=["risk_averse", "power", "log2"],
)
def test_orders_that_are_filled_in_part_are_filled_alike(
    home: Path, tmp_path: Path, python: Path, seed: int, queue: Queue, named: tuple[object, ...]
) -> None:
    bustle = Bustle(seed, halves=True)
    bustle.tape.store(home, tmp_path, lot=0.5)
    outcome = ours(home, bustle, queue)
    changes, _ = theirs(python, tmp_path / "peer", home, bustle, named, "partial_fill_exchange")
    mine, others = both_fills(outcome, changes)
    filled = outcome.orders["filled"]
    in_part = np.count_nonzero((filled > 0) & (filled < outcome.orders["amount"]))
    several = len(outcome.fills) - len(np.unique(outcome.fills["order"]))
    assert len(mine) > 60
    assert in_part + several > 10
    assert mine == others


def both_fills(
    outcome: Outcome, changes: list[list[float]]
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """Give what was filled of each order by each time of a fill, here and there."""
    end_us = at(_END_MS)
    # Of an order that takes several levels at once hftbacktest tells the sum.
    mine: dict[tuple[int, int], float] = {}
    for fill in outcome.fills[outcome.fills["known_us"] < end_us]:
        before = outcome.fills[: int(np.flatnonzero(outcome.fills == fill)[0]) + 1]
        so_far = float(before["amount"][before["order"] == fill["order"]].sum())
        mine[int(fill["order"]), int(fill["time_us"])] = so_far
    others: dict[tuple[int, int], float] = {}
    filled: dict[int, float] = {}
    for order, _, so_far, _, exchange_us, known_us in changes:
        if so_far > filled.get(int(order), 0.0) and known_us < end_us:
            filled[int(order)] = so_far
            others[int(order), int(exchange_us)] = so_far
    return mine, others
