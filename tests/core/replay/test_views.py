"""What frames show beside books: heatmaps and the balance of the best levels, however a session was moved."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.dictbook import DictBook, Row
from support.plainheatmap import PlainHeatmap
from support.vendorfiles import START_US, line

from tickreel.book import BookBuilder, CellMeasure, Heatmap, PriceGrid
from tickreel.errors import UsageError
from tickreel.market.types import DataType
from tickreel.replay import Detail, HeatColumns, Order, Replay, Views
from tickreel.store import DayState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.replay import Frame
    from tickreel.store import Cache

    Put = Callable[..., None]

EXCHANGE = "binance-futures"
BTC, ETH = (EXCHANGE, "BTCUSDT"), (EXCHANGE, "ETHUSDT")
GRID = PriceGrid(97.0, 0.5, 12, 0.5)
COLUMN_US = 7
END_US = START_US + 400
LEVELS = 3


def walk(seed: int) -> list[Row]:
    chance = random.Random(seed)
    rows: list[Row] = []
    now_us = START_US + 3
    for number in range(90):
        is_snapshot = number in (0, 60)
        for _ in range(6 if is_snapshot else chance.randint(1, 3)):
            side = chance.choice(("bid", "ask"))
            steps = chance.randint(1, 8)
            price = 100 - steps / 2 if side == "bid" else 100 + steps / 2
            rows.append(Row(now_us, is_snapshot, side, price, float(chance.choice((0, 1, 2, 4)))))
        now_us += chance.randint(1, 6)
    return rows


def views(measure: CellMeasure = CellMeasure.GREATEST, *, loop_history_us: int = 0) -> Views:
    return Views({BTC: GRID}, COLUMN_US, measure, loop_history_us=loop_history_us)


class Drawn:
    """The columns that somebody who follows the frames has on the screen."""

    def __init__(self) -> None:
        self.columns: dict[int, np.ndarray] = {}
        self.open: HeatColumns

    def take(self, frame: Frame) -> None:
        heat = frame.symbols[0].heat
        assert heat is not None
        if frame.is_jump:
            self.columns.clear()
        for start_us, sizes in zip(heat.start_us.tolist(), heat.sizes, strict=True):
            assert start_us not in self.columns, "a column is handed out once"
            self.columns[start_us] = sizes
        self.open = heat


@pytest.mark.parametrize("measure", list(CellMeasure))
def test_the_columns_are_those_of_a_walk_over_every_microsecond(
    cache: Cache, put_l2: Put, measure: CellMeasure
) -> None:
    rows = walk(seed=3)
    put_l2(rows)
    plain = PlainHeatmap.of(GRID, rows, [], start_us=START_US, end_us=END_US + 1)
    session = Replay(cache, [BTC], START_US, END_US)
    session.show(views(measure))
    chance, drawn = random.Random(1), Drawn()
    drawn.take(session.seek(START_US + 50, history_us=30))
    for _ in range(120):
        history_us = chance.choice((0, 20, 90))
        match chance.randrange(4):
            case 0:
                frame = session.seek(START_US + chance.randrange(400), history_us=history_us)
            case 1:
                frame = session.step_back("message", chance.randint(1, 5), history_us=history_us)
            case 2 if not session.is_end:
                frame = session.advance_messages(chance.randint(1, 9))
            case _:
                frame = session.advance(min(session.at_us + chance.randint(0, 60), END_US))
        drawn.take(frame)
        for start_us, sizes in drawn.columns.items():
            assert (start_us - START_US) % COLUMN_US == 0
            np.testing.assert_allclose(
                sizes, plain.column(start_us, start_us + COLUMN_US, measure), rtol=1e-12
            )
        first_us = min(drawn.columns, default=drawn.open.open_us)
        assert sorted(drawn.columns) == list(range(first_us, drawn.open.open_us, COLUMN_US)), (
            "none is left out"
        )
        assert drawn.open.open_us <= frame.at_us + 1 <= drawn.open.open_us + COLUMN_US
        if frame.is_jump and frame.at_us > START_US:
            assert first_us <= max(START_US, frame.at_us + 1 - history_us)
        if drawn.open.open_us <= frame.at_us:
            np.testing.assert_allclose(
                drawn.open.open_sizes,
                plain.column(drawn.open.open_us, frame.at_us + 1, measure),
                rtol=1e-12,
            )


def test_the_balance_is_that_of_the_best_levels_after_each_message(cache: Cache, put_l2: Put) -> None:
    rows = walk(seed=5)
    put_l2(rows)
    expected: dict[int, float] = {}
    book = DictBook()
    for time_us in sorted({row.local_us for row in rows}):
        book.apply(row for row in rows if row.local_us == time_us)
        bids = sum(amount for _, amount in book.bids()[:LEVELS])
        asks = sum(amount for _, amount in book.asks()[:LEVELS])
        expected[time_us] = (bids - asks) / (bids + asks) if bids + asks else np.nan
    session = Replay(cache, [BTC], START_US, END_US)
    session.show(Views(imbalance_levels=LEVELS))
    found: dict[int, float] = {}
    for frame in (session.seek(START_US - 1), *(session.advance(START_US + us) for us in (90, 91, 200, 399))):
        balance = frame.symbols[0].balance
        assert balance is not None
        found.update(zip(balance.time_us.tolist(), balance.value.tolist(), strict=True))
    times = sorted(found)
    for time_us, value in expected.items():
        last_us = max(us for us in times if us <= time_us)
        np.testing.assert_allclose(found[last_us], value), "it holds until it changes"
    assert frame.symbols[0].heat is None


def test_a_missing_day_is_a_break_in_every_view(cache: Cache, put_l2: Put) -> None:
    day_us = 86_400_000_000
    put_l2([*walk(seed=3)], complete=True)
    put_l2([row._replace(local_us=row.local_us + 2 * day_us) for row in walk(seed=4)], complete=True)
    session = Replay(cache, [BTC], START_US, START_US + 3 * day_us, allow_missing=True)
    assert [day.state for day in session.missing] == [DayState.MISSING]
    session.show(Views({BTC: GRID}, day_us // 4, CellMeasure.LAST, imbalance_levels=LEVELS))
    session.seek(START_US - 1)
    frame = session.advance(START_US + 2 * day_us)
    heat, balance = frame.symbols[0].heat, frame.symbols[0].balance
    assert heat is not None
    assert balance is not None
    known = ~np.isnan(heat.sizes).all(axis=(1, 2))
    assert known.tolist() == [True] * 4 + [False] * 4
    assert np.isnan(balance.value[balance.time_us == START_US + day_us]).all()


def test_of_what_is_shown_in_part_only_that_is_computed(
    cache: Cache, put_l2: Put, put_lines: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_l2(walk(seed=3))
    put_l2(walk(seed=4), symbol="ETHUSDT", symbols=["ETHUSDT"] * len(walk(seed=4)))
    put_lines(DataType.TRADES, [line(DataType.TRADES, START_US + 50, id="1")])
    session = Replay(cache, [BTC, ETH], START_US, END_US)
    whole = session.seek(START_US + 200, history_us=150)
    hashes = [whole.symbols[n].book.state_hash() for n in range(2)]  # type: ignore[union-attr]
    details = {BTC: Detail.TOUCH, ETH: Detail.NOTHING}
    session.show(Views({BTC: GRID, ETH: GRID}, COLUMN_US, imbalance_levels=LEVELS, details=details))
    with monkeypatch.context() as patch:
        patch.setattr(BookBuilder, "apply_with_tops", None)
        patch.setattr(Heatmap, "feed", None)
        patch.setattr(BookBuilder, "view", None)
        frame = session.seek(START_US + 200, history_us=150)
    for symbol in frame.symbols:
        assert (symbol.book, symbol.heat, symbol.balance, len(symbol.trades)) == (None, None, None, 0)
    touch, nothing = (symbol.touch for symbol in frame.symbols)
    np.testing.assert_array_equal(touch.bid, whole.symbols[0].touch.bid)
    assert len(nothing) == 0
    assert [session.book(*pair).state_hash() for pair in (BTC, ETH)] == hashes, "it is played all the same"
    assert [one.clock for one in frame.symbols] == [one.clock for one in whole.symbols]
    session.show(Views({ETH: GRID}, COLUMN_US, details={BTC: Detail.NOTHING}))
    frame = session.seek(START_US + 200, history_us=150)
    assert frame.symbols[1].heat is not None
    bids = whole.symbols[1].touch.bid  # a column may begin somewhat earlier
    np.testing.assert_array_equal(frame.symbols[1].touch.bid[-len(bids) :], bids)


def test_a_symbol_that_is_left_out_is_played_no_more(cache: Cache, put_l2: Put, put_lines: Put) -> None:
    put_l2(walk(seed=3))
    put_l2(walk(seed=4), symbol="ETHUSDT", symbols=["ETHUSDT"] * len(walk(seed=4)))
    put_lines(DataType.TRADES, [line(DataType.TRADES, START_US + us, id=str(us)) for us in (50, 250)])
    session = Replay(cache, [BTC, ETH], START_US, END_US)
    session.advance(START_US + 100)
    session.leave_out(*BTC)
    assert session.plan.symbols == (ETH,)
    frame = session.advance(START_US + 200)
    assert [(one.exchange, one.symbol) for one in frame.symbols] == [ETH]
    assert frame.rows_since >= 0
    alone = Replay(cache, [ETH], START_US, END_US)
    moves: tuple[Callable[[Replay], Frame], ...] = (
        lambda one: one.advance(START_US + 210),
        lambda one: one.step_back("message", 3),
        lambda one: one.seek(START_US + 300),
        lambda one: one.until("price"),
        lambda one: one.advance_to_end(),
    )
    for move in moves:
        mine, theirs = move(session), move(alone)
        assert (mine.at_us, mine.symbols[0].totals.rows) == (theirs.at_us, theirs.symbols[0].totals.rows)
    assert session.summary().symbols == alone.summary().symbols
    with pytest.raises(UsageError, match="no trades"):
        session.until("trade")
    with pytest.raises(UsageError, match="does not play"):
        session.leave_out(*BTC)
    with pytest.raises(UsageError, match="at least one"):
        session.leave_out(*ETH)


def test_a_loop_brings_its_past_along(cache: Cache, put_l2: Put) -> None:
    put_l2(walk(seed=3))
    session = Replay(cache, [BTC], START_US, END_US)
    session.show(views(loop_history_us=70))
    session.set_loop(START_US + 140, START_US + 210)
    session.seek(START_US + 209)
    frame = session.advance(START_US + 210)
    heat = frame.symbols[0].heat
    assert (frame.at_us, frame.is_jump) == (START_US + 139, True)
    assert heat is not None
    assert heat.start_us.tolist() == list(range(START_US + 70, START_US + 140, COLUMN_US))


def test_by_the_clock_of_the_exchange_columns_hold_what_has_come(cache: Cache, put_l2: Put) -> None:
    rows = walk(seed=3)
    chance = random.Random(2)
    put_l2(rows, exchange_us=[row.local_us + chance.randint(-40, 10) for row in rows])
    plain = PlainHeatmap.of(GRID, rows, [], start_us=START_US, end_us=END_US + 1)
    session = Replay(cache, [BTC], START_US, END_US, order=Order.EXCHANGE)
    session.show(views(CellMeasure.LAST))
    drawn = Drawn()
    drawn.take(session.seek(START_US - 1))
    for us in (60, 200, 201, 390):
        drawn.take(session.advance(START_US + us))
    drawn.take(session.advance_to_end())
    assert len(drawn.columns) > 40
    for start_us, sizes in drawn.columns.items():
        np.testing.assert_array_equal(sizes, plain.column(start_us, start_us + COLUMN_US, CellMeasure.LAST))


@pytest.mark.parametrize("wrong", [{"column_us": 0}, {"imbalance_levels": -1}, {"loop_history_us": -1}])
def test_views_that_cannot_be(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Views(**wrong)  # type: ignore[arg-type]
