"""What holds in every run: sums, prices that were there, nothing known too early, the same run twice."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.exchanges import EXCHANGE, SYMBOL, Tape, at, models, run_strategy

from tickreel.backtest import floor
from tickreel.backtest.models import Models, ProbabilityQueue, RateFees, RiskAverseQueue
from tickreel.backtest.outcome import HORIZONS_US, NEVER, Rule, Side, Status, TimeInForce
from tickreel.backtest.runs.digest import result_sha256
from tickreel.replay.latency import ConstantLatency, DistributionLatency, MeasuredLatency
from tickreel.replay.stream import Break, Stream
from tickreel.store import open_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tickreel.backtest.outcome import Outcome
    from tickreel.market.block import Block

MESSAGES = 400
LENGTH_MS = MESSAGES * 5

RANDOM_STRATEGY = '''
class Anything:
    """Sends and cancels by chance, in every way there is, and writes down all that it is told."""

    books = {books!r}
    timer_us = 7_000

    def on_start(self, ctx):
        self.note(ctx, "start")

    def note(self, ctx, what):
        book = ctx.book
        best = book.bid, book.ask, book.bid_amount, book.ask_amount, book.position
        ctx.log(f"{{what}} {{best}} {{[(o.id, o.status.name, o.filled) for o in ctx.orders]}}")

    def act(self, ctx):
        chance, book = ctx.random, ctx.book
        dice = chance.random()
        if dice > {share} or book.mid != book.mid:
            return
        if ctx.orders and chance.random() < 0.4:
            ctx.cancel(chance.choice(ctx.orders))
            return
        send = chance.choice((ctx.buy, ctx.sell))
        amount = chance.randint(1, 30)
        kind = chance.randrange(4)
        price = book.mid + chance.randint(-8, 8) * book.tick / 2
        if kind == 0:
            send(book, amount)
        else:
            send(book, amount, price, ioc=kind == 1, post_only=kind == 2)

    def on_book(self, ctx, book):
        self.note(ctx, "book")
        self.act(ctx)

    def on_trade(self, ctx, trade):
        self.note(ctx, f"trade {{trade.price}} {{trade.amount}} {{trade.side}}")
        self.act(ctx)

    def on_timer(self, ctx):
        self.note(ctx, "timer")
        self.act(ctx)

    def on_fill(self, ctx, fill):
        self.note(ctx, f"fill {{fill.price}} {{fill.amount}} {{fill.is_maker}} {{fill.fee}}")

    def on_order(self, ctx, order):
        self.note(ctx, f"order {{order!r}} {{order.reason.name}}")
'''


def walk(seed: int, *, until_ms: int = LENGTH_MS, other: int = 0, part: float = 0.0) -> Tape:
    """Make a market that walks about; what comes after *until_ms* is drawn by *other* instead.

    Amounts in the book are whole lots and a *part* of one.
    """
    chance = random.Random(seed)
    tape = Tape()
    mid = 200  # in half ticks of 0.5
    bids = {(mid - 1 - n) * 0.5: chance.randint(1, 20) + part for n in range(12)}
    asks = {(mid + 1 + n) * 0.5: chance.randint(1, 20) + part for n in range(12)}
    tape.snapshot(0, bids, asks)
    for number in range(1, MESSAGES):
        ms = number * 5 + chance.choice((0, 0, 0.5, 2))
        if ms >= until_ms and other:
            chance, other = random.Random(other), 0
        dice = chance.random()
        best_bid, best_ask = max(bids), min(asks)
        if dice < 0.3:
            side, price = chance.choice((("sell", best_bid), ("buy", best_ask), ("unknown", best_ask)))
            price += chance.choice((0, 0, 0, 0.5, -0.5))
            tape.trade(ms, side, price, float(chance.randint(1, 9)))
        elif dice < 0.33:
            tape.snapshot(ms, bids, asks)
        else:
            own, name = chance.choice(((bids, "bid"), (asks, "ask")))
            best = best_ask - 0.5 if name == "bid" else best_bid + 0.5
            sign = -1 if name == "bid" else 1
            price = best + sign * 0.5 * chance.randint(-1, 9)
            amount = float(chance.choice((0, 1, 5, 13)))
            if amount == 0 and (price not in own or len(own) < 4):
                amount = 3.0
            if amount:
                amount += part
                own[price] = amount
            else:
                del own[price]
            tape.level(ms, name, price, amount)
            # Whatever is crossed by it goes.
            rival, rival_name = (asks, "ask") if name == "bid" else (bids, "bid")
            for level in [p for p in rival if (p <= price if name == "bid" else p >= price)]:
                if amount and len(rival) > 3:
                    del rival[level]
                    tape.level(ms, rival_name, level, 0.0)
    return tape


@pytest.fixture(scope="module")
def markets(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    homes = []
    for seed in range(4):
        folder = tmp_path_factory.mktemp(f"market{seed}")
        walk(seed, part=0.5 if seed == 3 else 0.0).store(folder / "home", folder)
        homes.append(folder / "home")
    return homes


latencies = st.one_of(
    st.builds(ConstantLatency, st.integers(0, 30_000)),
    st.builds(
        lambda median, more, seed: DistributionLatency(median, median + more, 0, seed),
        st.integers(1, 20_000),
        st.integers(0, 30_000),
        st.integers(0, 9),
    ),
    st.just(MeasuredLatency(500)),
)
some_models = st.builds(
    lambda feed, entry, response, queue, maker, taker: Models(
        feed=feed, entry=entry, response=response, queue=queue, fees=RateFees(maker=maker, taker=taker)
    ),
    latencies,
    latencies,
    latencies,
    st.one_of(
        st.just(RiskAverseQueue()),
        st.builds(
            ProbabilityQueue, st.sampled_from(("power", "power2", "power3", "log", "log2")), st.floats(0.5, 4)
        ),
    ),
    st.sampled_from((-0.0001, 0.0, 0.0002)),
    st.sampled_from((0.0, 0.0005)),
)


def run(
    home: Path, using: Models, *, seed: int, books: str = "message", share: float = 0.3, **more: object
) -> Outcome:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "anything.py"
        path.write_text(RANDOM_STRATEGY.format(books=books, share=share))
        return run_strategy(home, str(path), using, ms=LENGTH_MS, seed=seed, **more)  # type: ignore[arg-type]


def books(home: Path) -> tuple[NDArray[np.int64], list[dict[str, dict[float, float]]]]:
    """Give when the book changed, and all of it after each message, by a reading of its own."""
    with open_cache(home, read_only=True) as cache:
        frame = cache.frame(EXCHANGE, SYMBOL, "incremental_book_L2", at(0), at(LENGTH_MS + 10))
    times, found = [], []
    book: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    for _, rows in frame.groupby("local_timestamp"):
        if rows["is_snapshot"].iloc[0]:
            book = {"bid": {}, "ask": {}}
        for side, price, amount in zip(rows["side"], rows["price"], rows["amount"], strict=True):
            book[side].pop(price, None)
            if amount:
                book[side][price] = amount
        times.append(int(rows["timestamp"].max()))
        found.append({side: dict(levels) for side, levels in book.items()})
    return np.array(times), found


def touches(home: Path) -> list[tuple[int, float, float]]:
    """Give time, best bid and ask after each message."""
    return [
        (time_us, max(book["bid"], default=np.nan), min(book["ask"], default=np.nan))
        for time_us, book in zip(*books(home), strict=True)
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 2), using=some_models, seed=st.integers(0, 1_000))
def test_sums_and_prices_hold_in_every_run(
    markets: list[Path], number: int, using: Models, seed: int
) -> None:
    outcome = run(markets[number], using, seed=seed)
    orders, fills, last = outcome.orders, outcome.fills, outcome.equity[-1]
    signed = fills["side"] * fills["amount"]
    # The position is the sum of the fills, at every fill, and so is each order's amount.
    assert fills["position"].tolist() == np.cumsum(signed).tolist()
    assert last["position"][0] == signed.sum()
    for order in orders:
        own = fills[fills["order"] == order["id"]]
        assert own["amount"].sum() == order["filled"] <= order["amount"]
        assert (order["status"] == Status.FILLED) == (order["filled"] == order["amount"])
        # Fills come between arrival and end, and are known no earlier than they happen.
        assert (own["time_us"] >= order["arrive_us"]).all()
        assert order["status"] in (Status.SENT, Status.OPEN) or (own["time_us"] <= order["end_us"]).all()
        # No worse than what was asked for.
        if order["kind"] == 0:
            assert (order["side"] * own["price"] <= order["side"] * order["price"]).all()
            assert (own["price"][own["is_maker"]] == order["price"]).all()
    assert (fills["known_us"] >= fills["time_us"]).all()
    assert (np.diff(fills["time_us"]) >= 0).all()
    # Cash is what the fills brought, fees what they took, equity the sum of all.
    assert last["cash"][0] == pytest.approx(-(signed * fills["price"]).sum())
    rates = np.where(fills["is_maker"], outcome.instruments[0].maker_fee, outcome.instruments[0].taker_fee)
    assert fills["fee"].tolist() == pytest.approx((fills["price"] * fills["amount"] * rates).tolist())
    assert last["fees"][0] == pytest.approx(fills["fee"].sum())
    worth = last["cash"] - last["fees"] + last["funding"] + last["position"] * last["mid"]
    assert last["equity"][0] == pytest.approx(worth[0])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 2), using=some_models, seed=st.integers(0, 1_000))
def test_no_order_takes_better_or_more_than_the_book_shows(
    markets: list[Path], number: int, using: Models, seed: int
) -> None:
    outcome = run(markets[number], using, seed=seed)
    shown = touches(markets[number])
    times = np.array([time_us for time_us, _, _ in shown])
    assert (np.diff(times) >= 0).all()
    for fill in outcome.fills[outcome.fills["rule"] == Rule.TAKEN]:
        _, bid, ask = shown[int(np.searchsorted(times, fill["time_us"], "right")) - 1]
        if fill["side"] == Side.BUY:
            assert fill["price"] >= ask
        else:
            assert fill["price"] <= bid
    # An order that rests is not left where the other side has reached it.
    for fill in outcome.fills[outcome.fills["rule"] == Rule.CROSSED]:
        _, bid, ask = shown[int(np.searchsorted(times, fill["time_us"], "right")) - 1]
        assert ask <= fill["price"] if fill["side"] == Side.BUY else bid >= fill["price"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 3), using=some_models, seed=st.integers(0, 1_000))
def test_what_an_order_takes_was_there_level_by_level_and_nothing_better_is_left(
    markets: list[Path], number: int, using: Models, seed: int
) -> None:
    outcome = run(markets[number], using, seed=seed)
    times, shown = books(markets[number])
    takes = outcome.fills[outcome.fills["rule"] == Rule.TAKEN]
    for order in outcome.orders[outcome.orders["arrive_us"] != NEVER]:
        own = takes[takes["order"] == order["id"]]
        assert (own["time_us"] == order["arrive_us"]).all()
        if order["status"] == Status.REJECTED or order["force"] == TimeInForce.POST_ONLY:
            assert not len(own)
            continue
        # What it must take, lot by lot from the best price on, until it is filled or its price is reached.
        side, left = int(order["side"]), float(order["amount"])
        book = shown[int(np.searchsorted(times, order["arrive_us"], "right")) - 1]
        levels = book["ask"] if side > 0 else book["bid"]
        wanted = []
        for price in sorted(levels, key=lambda price: side * price):
            taken = min(left, np.floor(levels[price]))
            if side * price > side * order["price"] or left == 0:  # that of a market order is NaN
                break
            if taken:
                wanted.append((price, taken))
                left -= taken
        assert own[["price", "amount"]].tolist() == wanted


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 3), using=some_models, seed=st.integers(0, 1_000))
def test_a_trade_fills_no_order_at_its_price_by_more_than_was_traded(
    markets: list[Path], number: int, using: Models, seed: int
) -> None:
    outcome = run(markets[number], using, seed=seed)
    with open_cache(markets[number], read_only=True) as cache:
        trades = cache.frame(EXCHANGE, SYMBOL, "trades", at(0), at(LENGTH_MS + 10))
    traded: Counter[tuple[int, float]] = Counter()
    for time_us, price, amount in zip(trades["timestamp"], trades["price"], trades["amount"], strict=True):
        traded[time_us, price] += amount
    filled: Counter[tuple[int, int, float]] = Counter()
    for fill in outcome.fills[outcome.fills["rule"] == Rule.TRADED_AT]:
        filled[int(fill["order"]), int(fill["time_us"]), float(fill["price"])] += fill["amount"]
    for (_, time_us, price), amount in filled.items():
        assert amount <= traded[time_us, price]
    for fill in outcome.fills[outcome.fills["rule"] == Rule.TRADED_THROUGH]:
        prices = [price for time_us, price in traded if time_us == fill["time_us"]]
        assert any(fill["side"] * price < fill["side"] * fill["price"] for price in prices)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(using=some_models, seed=st.integers(0, 1_000), other=st.integers(1, 99))
def test_another_future_changes_nothing_before_it(using: Models, seed: int, other: int) -> None:
    # A measured latency is put right by the whole day: what it says of a time depends on later rows.
    if isinstance(using.feed, MeasuredLatency):
        using = Models(
            feed=ConstantLatency(3_000),
            entry=using.entry,
            response=using.response,
            queue=using.queue,
            fees=using.fees,
        )
    cut_ms = LENGTH_MS // 2
    told = []
    for future in (0, other):
        with TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            walk(5, until_ms=cut_ms, other=future).store(home, Path(folder))
            outcome = run(home, using, seed=seed)
        before_us = at(cut_ms - 5)
        told.append(
            (
                [line for line in outcome.log if line.time_us < before_us],
                outcome.fills[outcome.fills["time_us"] < before_us][["price", "amount", "time_us"]].tolist(),
                outcome.orders[outcome.orders["submit_us"] < before_us][["price", "amount"]].tolist(),
            )
        )
    assert len(told[0][0]) > 100
    assert repr(told[0]) == repr(told[1])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 2), using=some_models, seed=st.integers(0, 1_000))
def test_the_same_run_twice_is_the_same_and_tracing_changes_nothing(
    markets: list[Path], number: int, using: Models, seed: int
) -> None:
    one = run(markets[number], using, seed=seed)
    other = run(markets[number], using, seed=seed, traced=tuple(range(0, 50, 3)))
    for name in ("orders", "fills", "equity"):
        assert repr(getattr(one, name).tolist()) == repr(getattr(other, name).tolist())
    assert one.log == other.log
    assert set(other.traces["order"].tolist()) <= set(range(0, 50, 3))
    # A trace tells every fill, and never more ahead than the level had when it was joined.
    for number_of in set(other.traces["order"].tolist()):
        own = other.traces[other.traces["order"] == number_of]
        assert own["filled"].sum() == other.orders["filled"][number_of]
        assert (np.diff(own["ahead"]) <= 1e-9).all()


@pytest.mark.parametrize("books", ["message", "touch"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3])
def test_hurrying_where_nothing_can_happen_tells_the_same(
    markets: list[Path], monkeypatch: pytest.MonkeyPatch, books: str, share: float
) -> None:
    from tickreel.backtest.running import Runner

    using = models(feed_us=2_500, order_us=4_000)
    hurried = run(markets[0], using, seed=3, books=books, share=share)
    monkeypatch.setattr(Runner, "_hurry", lambda _: None)
    plain = run(markets[0], using, seed=3, books=books, share=share)
    assert hurried.log == plain.log
    assert len(plain.log) > 100
    for name in ("orders", "fills", "equity"):
        assert repr(getattr(hurried, name).tolist()) == repr(getattr(plain, name).tolist())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    using=some_models,
    seed=st.integers(0, 1_000),
    size=st.integers(1, 60),
    room=st.integers(1, 40),
    cores=st.sampled_from([1, 2]),
)
def test_how_much_is_read_ahead_and_held_at_once_changes_nothing(
    markets: list[Path], using: Models, seed: int, size: int, room: int, cores: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tickreel.store.segments.ahead._cores", lambda: 1)
        whole = run(markets[1], using, seed=seed)
    take = Stream.take

    def in_pieces(stream: Stream, to_us: int) -> Iterator[Block | Break]:
        for content in take(stream, to_us):
            if isinstance(content, Break):
                yield content
                continue
            edges = np.flatnonzero(np.diff(content.local_us, prepend=-1, append=-1))
            edges = np.unique([*edges[::size], edges[-1]])
            yield from (content.cut(low, high) for low, high in pairwise(edges.tolist()))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stream, "take", in_pieces)
        patched.setattr("tickreel.store.segments.ahead._cores", lambda: cores)
        patched.setattr(floor, "_FIRST_ROOM", room)
        patched.setattr(floor, "_LADDER_ROOM", 1)
        parted = run(markets[1], using, seed=seed)
    assert whole.mids_after.tobytes() == parted.mids_after.tobytes()
    digests = [result_sha256(one.orders, one.fills, one.equity) for one in (whole, parted)]
    assert digests[0] == digests[1]
    assert whole.log == parted.log
    assert (whole.messages, whole.rows, whole.trades) == (parted.messages, parted.rows, parted.trades)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_mids_after_fills_are_those_of_the_last_message_up_to_the_horizon(
    markets: list[Path], number: int
) -> None:
    outcome = run(markets[number], models(feed_us=2_500, order_us=4_000), seed=number)
    shown = touches(markets[number])
    times = np.array([time_us for time_us, _, _ in shown])
    assert len(outcome.fills) > 20
    known = 0
    for fill, mids in zip(outcome.fills, outcome.mids_after, strict=True):
        for horizon_us, mid in zip(HORIZONS_US, mids, strict=True):
            then_us = fill["time_us"] + horizon_us
            if then_us >= outcome.reached_us:
                assert np.isnan(mid)
                continue
            _, bid, ask = shown[int(np.searchsorted(times, then_us, "right")) - 1]
            assert mid == (bid + ask) / 2 or np.isnan(bid + ask)
            known += 1
    assert known > 20
