"""Each rule of the simulated exchange, worked out by hand on a market of a few rows.

The book at first: bids 10 at 100 and 20 at 99.5, asks 8 at 100.5 and 6 at 101. The tick is 0.5, the lot 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from support.exchanges import POWER, Script, Tape, at, models

from tickreel.backtest.metrics.figures import figures
from tickreel.backtest.models import ProbabilityQueue
from tickreel.backtest.outcome import NEVER, Reason, Rule, Status

if TYPE_CHECKING:
    from pathlib import Path

    from tickreel.backtest.outcome import Outcome

BIDS, ASKS = {100.0: 10.0, 99.5: 20.0}, {100.5: 8.0, 101.0: 6.0}


def market() -> Tape:
    return Tape().snapshot(0, BIDS, ASKS)


def fills(outcome: Outcome) -> list[tuple[int, float, float, str]]:
    """Give each fill as order, price, amount and rule."""
    return [
        (int(one["order"]), float(one["price"]), float(one["amount"]), Rule(one["rule"]).name)
        for one in outcome.fills
    ]


def ends(outcome: Outcome) -> list[tuple[str, str]]:
    return [(Status(one["status"]).name, Reason(one["reason"]).name) for one in outcome.orders]


def test_a_market_order_takes_level_by_level_and_pays_the_taker_fee(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    outcome = Script().buy(10, "a", 10).run(home, models(taker=0.001))
    assert fills(outcome) == [(0, 100.5, 8, "TAKEN"), (0, 101, 2, "TAKEN")]
    assert ends(outcome) == [("FILLED", "NONE")]
    assert outcome.fills["fee"].tolist() == pytest.approx([0.804, 0.202])
    assert outcome.fills["position"].tolist() == [8, 10]
    last = outcome.equity[-1]
    assert last["cash"].tolist() == [-1006]
    assert last["equity"].tolist() == pytest.approx([10 * 100.25 - 1006 - 1.006])


def test_what_a_market_order_cannot_fill_expires(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    outcome = Script().sell(10, "a", 40).run(home, models())
    assert fills(outcome) == [(0, 100, 10, "TAKEN"), (0, 99.5, 20, "TAKEN")]
    assert ends(outcome) == [("EXPIRED", "NOT_FILLED")]
    assert outcome.orders["filled"].tolist() == [30]


def test_of_levels_that_are_no_whole_lots_whole_lots_are_taken_from_as_many_as_it_needs(
    home: Path, tmp_path: Path
) -> None:
    Tape().snapshot(0, BIDS, {100.5: 1.5, 101.0: 1.5, 101.5: 0.5, 102.0: 6.0}).store(home, tmp_path)
    outcome = Script().buy(10, "a", 3).run(home, models())
    assert fills(outcome) == [(0, 100.5, 1, "TAKEN"), (0, 101, 1, "TAKEN"), (0, 102, 1, "TAKEN")]
    assert ends(outcome) == [("FILLED", "NONE")]


def test_nothing_is_taken_from_a_side_that_is_empty(home: Path, tmp_path: Path) -> None:
    tape = market()
    for price in ASKS:
        tape.level(20, "ask", price, 0.0)
    tape.store(home, tmp_path)
    # The first looks beyond the best price, so that something of another book is at hand for the second.
    outcome = Script().buy(10, "a", 10).buy(30, "b", 10).buy(31, "c", 1).run(home, models())
    assert fills(outcome) == [(0, 100.5, 8, "TAKEN"), (0, 101, 2, "TAKEN")]
    assert ends(outcome) == [("FILLED", "NONE"), ("EXPIRED", "NOT_FILLED"), ("EXPIRED", "NOT_FILLED")]


def test_orders_of_a_run_never_meet_one_another(home: Path, tmp_path: Path) -> None:
    Tape().snapshot(0, BIDS, {101.0: 6.0}).store(home, tmp_path)
    outcome = Script().sell(10, "a", 1, 100.5).buy(20, "b", 1, 100.5).run(home, models())
    assert fills(outcome) == []
    assert ends(outcome) == [("OPEN", "RUN_ENDED"), ("OPEN", "RUN_ENDED")]


def test_an_ioc_takes_up_to_its_price_and_no_further(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    outcome = Script().buy(10, "a", 9, 100.5, ioc=True).buy(11, "b", 9, 100, ioc=True).run(home, models())
    assert fills(outcome) == [(0, 100.5, 8, "TAKEN")]
    assert ends(outcome) == [("EXPIRED", "NOT_FILLED"), ("EXPIRED", "NOT_FILLED")]


def test_levels_that_were_taken_are_there_for_the_next_order(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    outcome = Script().buy(10, "a", 8).buy(20, "b", 8).run(home, models())
    assert [price for _, price, _, _ in fills(outcome)] == [100.5, 100.5]


def test_post_only_is_rejected_where_it_would_take_and_rests_elsewhere(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    script = Script().buy(10, "a", 1, 100.5, post_only=True).sell(11, "b", 1, 100, post_only=True)
    outcome = script.buy(12, "c", 1, 100, post_only=True).run(home, models())
    assert ends(outcome) == [("REJECTED", "WOULD_TAKE"), ("REJECTED", "WOULD_TAKE"), ("OPEN", "RUN_ENDED")]
    assert outcome.orders["queue_ahead"][2] == 10


@pytest.mark.parametrize(
    ("amount", "price", "reason"),
    [
        (1, 100.2, Reason.OFF_TICK),
        (1.5, 100, Reason.OFF_LOT),
        (0, 100, Reason.TOO_SMALL),
        (-2, 100, Reason.TOO_SMALL),
        (2, 100, Reason.TOO_SMALL),
        (3, 100, Reason.TOO_CHEAP),
        (4, 100, Reason.NONE),
        (float("nan"), 100, Reason.OFF_LOT),
        (4, float("inf"), Reason.OFF_TICK),
    ],
)
def test_what_the_exchange_does_not_take_is_rejected_with_a_reason(
    home: Path, tmp_path: Path, amount: float, price: float, reason: Reason
) -> None:
    market().store(home, tmp_path, min_amount=3.0, min_notional=350.0)
    text = f"""
class Once:
    def on_start(self, ctx):
        ctx.buy(ctx.book, float("{amount}"), float("{price}"))
    def on_order(self, ctx, order):
        ctx.log(order.reason.name)
"""
    path = tmp_path / "once.py"
    path.write_text(text)
    # At the start nothing is published yet, so the first message comes before.
    outcome = _run(home, str(path))
    status = Status.OPEN if reason is Reason.NONE else Status.REJECTED
    assert outcome.orders["status"].tolist() == [status]
    assert outcome.log[0].text == reason.name


def _run(home: Path, path: str, **changes: Any) -> Outcome:
    from support.exchanges import run_strategy

    return run_strategy(home, path, models(), **changes)


def test_before_a_book_is_known_every_order_is_rejected(home: Path, tmp_path: Path) -> None:
    Tape().snapshot(500, BIDS, ASKS).store(home, tmp_path)
    outcome = Script().buy(10, "a", 1, 100).buy(20, "b", 1).run(home, models())
    assert ends(outcome) == [("REJECTED", "NO_BOOK"), ("REJECTED", "NO_BOOK")]


def test_the_queue_of_the_risk_averse_moves_by_trades_alone(home: Path, tmp_path: Path) -> None:
    tape = market()
    tape.trade(20, "sell", 100, 6).level(20.5, "bid", 100, 4)  # what was traded leaves the level
    tape.level(30, "bid", 100, 9)  # others join behind
    tape.level(40, "bid", 100, 5)  # a cancellation, behind
    tape.level(50, "bid", 100, 3)  # it cannot have been all behind any more
    tape.trade(60, "buy", 100.5, 50)  # takes asks
    tape.trade(70, "sell", 100, 5).trade(80, "sell", 100, 9)
    tape.store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).run(home, models(), traced=(0,))
    assert outcome.traces["ahead"].tolist() == [10, 4, 4, 4, 4, 3, 0, 0]
    assert outcome.traces["level"].tolist() == [10, 10, 4, 9, 5, 3, 3, 3]
    assert [Rule(rule).name for rule in outcome.traces["rule"]] == [
        *("ARRIVED", "TRADED_AT", "LEVEL_CHANGED", "LEVEL_CHANGED", "LEVEL_CHANGED", "LEVEL_CHANGED"),
        *("TRADED_AT", "TRADED_AT"),
    ]
    assert fills(outcome) == [(0, 100, 2, "TRADED_AT"), (0, 100, 2, "TRADED_AT")]
    assert outcome.fills["time_us"].tolist() == [at(70), at(80)]
    assert outcome.fills["is_maker"].all()


@pytest.mark.parametrize(
    ("queue", "chance"),
    [
        (POWER, 6 / 16),
        (ProbabilityQueue("power", 2.0), 36 / 136),
        (ProbabilityQueue("power2", 2.0), 36 / 256),
        (ProbabilityQueue("power3", 2.0), 1 - (10 / 16) ** 2),
        (ProbabilityQueue("log"), np.log(7) / (np.log(7) + np.log(11))),
        (ProbabilityQueue("log2"), np.log(7) / np.log(17)),
    ],
)
def test_the_queue_by_chance_parts_what_was_cancelled(
    home: Path, tmp_path: Path, queue: ProbabilityQueue, chance: float
) -> None:
    market().level(20, "bid", 100, 16).level(30, "bid", 100, 8).store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).run(home, models(queue=queue), traced=(0,))
    # 8 went, of which 6 at most can have stood behind.
    ahead = 10 - (1 - chance) * 8 + min(6 - chance * 8, 0)
    assert outcome.traces["ahead"].tolist() == pytest.approx([10, 10, min(ahead, 8)])


def test_trades_are_not_counted_once_more_when_the_level_falls_by_them(home: Path, tmp_path: Path) -> None:
    tape = market().level(20, "bid", 100, 16).trade(30, "sell", 100, 4).level(31, "bid", 100, 12)
    tape.store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).run(home, models(queue=POWER), traced=(0,))
    assert outcome.traces["ahead"].tolist() == [10, 10, 6, 6]


def test_an_order_inside_the_spread_has_nothing_ahead(home: Path, tmp_path: Path) -> None:
    tape = Tape().snapshot(0, {100.0: 10.0}, {102.0: 8.0}).trade(20, "sell", 101, 3)
    tape.store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 101).run(home, models())
    assert outcome.orders["queue_ahead"].tolist() == [0]
    assert fills(outcome) == [(0, 101, 3, "TRADED_AT")]


def test_an_order_behind_the_best_price_finds_the_amount_of_its_own_level(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 99.5).sell(10, "b", 4, 101).buy(10, "c", 4, 98).run(home, models())
    assert outcome.orders["queue_ahead"].tolist() == [20, 6, 0]


def test_a_trade_beyond_its_price_fills_all_of_an_order(home: Path, tmp_path: Path) -> None:
    market().trade(20, "sell", 99.5, 1).trade(30, "buy", 101, 1).store(home, tmp_path)
    outcome = Script().buy(10, "a", 400, 100).sell(10, "b", 500, 100.5).run(home, models())
    assert fills(outcome) == [(0, 100, 400, "TRADED_THROUGH"), (1, 100.5, 500, "TRADED_THROUGH")]


def test_an_order_that_the_other_side_reaches_is_filled_at_its_own_price(home: Path, tmp_path: Path) -> None:
    market().level(20, "ask", 99.5, 1).store(home, tmp_path)
    outcome = Script().buy(10, "a", 400, 100).buy(11, "b", 5, 99).run(home, models())
    assert fills(outcome) == [(0, 100, 400, "CROSSED")]
    assert outcome.fills["time_us"].tolist() == [at(20)]


def test_what_is_left_of_an_order_that_took_is_not_filled_by_the_same_levels_again(
    home: Path, tmp_path: Path
) -> None:
    tape = market().level(20, "bid", 99, 1).level(30, "ask", 101, 7)
    tape.level(40, "ask", 100.5, 0).level(50, "ask", 100.5, 3)
    tape.store(home, tmp_path)
    outcome = Script().buy(10, "a", 10, 100.5).run(home, models(), traced=(0,))
    assert fills(outcome) == [(0, 100.5, 8, "TAKEN"), (0, 100.5, 2, "CROSSED")]
    assert outcome.fills["time_us"].tolist() == [at(10), at(50)]
    assert outcome.orders["queue_ahead"].tolist() == [0]


def test_a_trade_of_unknown_side_is_told_by_the_book(home: Path, tmp_path: Path) -> None:
    tape = Tape().snapshot(0, {100.0: 10.0}, {102.0: 8.0})
    tape.trade(20, "unknown", 101, 50).trade(30, "unknown", 100, 11).trade(40, "", 102, 10)
    tape.store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).sell(10, "b", 4, 102).run(home, models())
    assert fills(outcome) == [(0, 100, 1, "TRADED_AT"), (1, 102, 2, "TRADED_AT")]


def test_a_snapshot_in_the_middle_sets_the_level_anew(home: Path, tmp_path: Path) -> None:
    tape = market().snapshot(20, {100.0: 6.0}, {100.5: 8.0}).snapshot(30, {99.5: 6.0}, {100.5: 8.0})
    tape.store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).run(home, models(), traced=(0,))
    assert outcome.traces["level"].tolist() == [10, 6, 0]
    assert outcome.traces["ahead"].tolist() == [10, 6, 0]


def test_every_leg_of_the_latency_is_kept(home: Path, tmp_path: Path) -> None:
    market().trade(40, "sell", 99.5, 1).store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).run(home, models(feed_us=2_000, order_us=5_000))
    (order,) = outcome.orders
    (fill,) = outcome.fills
    assert [
        order[name] - at(0) for name in ("submit_us", "arrive_us", "ack_us", "end_us", "known_end_us")
    ] == [
        *(10_000, 15_000, 20_000, 40_000, 45_000),
    ]
    assert [fill[name] - at(0) for name in ("time_us", "known_us")] == [40_000, 45_000]
    assert [(line.time_us - at(0), line.text) for line in outcome.log] == [
        (20_000, "a OPEN NONE"),
        (45_000, "a 4 at 100 4"),
    ]


def test_an_order_meets_the_book_as_it_is_when_it_arrives(home: Path, tmp_path: Path) -> None:
    market().level(12, "ask", 100.5, 0).store(home, tmp_path)
    outcome = Script().buy(10, "a", 1).run(home, models(order_us=5_000))
    assert fills(outcome) == [(0, 101, 1, "TAKEN")]
    assert outcome.orders[["bid", "ask", "mid_sent"]].tolist() == [(100, 101, 100.25)]


def test_a_fill_before_the_cancellation_arrives_stands(home: Path, tmp_path: Path) -> None:
    market().trade(24, "sell", 99.5, 1).trade(60, "buy", 101, 1).store(home, tmp_path)
    script = Script().buy(10, "a", 4, 100).sell(10, "b", 4, 100.5).cancel(20, "a").cancel(20, "b")
    outcome = script.run(home, models(order_us=5_000))
    assert ends(outcome) == [("FILLED", "NONE"), ("CANCELLED", "NONE")]
    assert outcome.orders["end_us"].tolist() == [at(24), at(25)]
    assert outcome.orders["cancel_us"].tolist() == [at(20), at(20)]
    assert outcome.orders["known_end_us"].tolist() == [at(29), at(30)]


def test_an_order_that_is_under_way_at_the_end_never_arrives(home: Path, tmp_path: Path) -> None:
    market().store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).run(home, models(order_us=5_000), ms=13)
    assert ends(outcome) == [("SENT", "RUN_ENDED")]
    assert outcome.orders["arrive_us"].tolist() == [NEVER]


def test_funding_is_paid_on_the_position_at_the_mark_price(home: Path, tmp_path: Path) -> None:
    tape = (
        market().ticker(1, rate=0.001, mark=102.0, due_ms=500).ticker(400, rate=0.002, mark=104.0, due_ms=500)
    )
    tape.ticker(600, rate=0.5, mark=104.0, due_ms=500)  # a time that is over
    tape.store(home, tmp_path)
    outcome = Script().buy(10, "a", 5).run(home, models())
    assert outcome.equity["funding"][-1].tolist() == pytest.approx([-5 * 104 * 0.002])
    outcome = Script().sell(510, "a", 5).run(home, models())
    assert outcome.equity["funding"][-1].tolist() == [0]


def test_funding_without_a_mark_price_is_paid_at_the_mid(home: Path, tmp_path: Path) -> None:
    market().ticker(1, rate=0.001, mark=0.0, due_ms=500).store(home, tmp_path)
    outcome = Script().buy(10, "a", 5).run(home, models())
    assert outcome.equity["funding"][-1].tolist() == pytest.approx([-5 * 100.25 * 0.001])


def test_funding_without_any_price_is_none_instead_of_no_number(home: Path, tmp_path: Path) -> None:
    tape = Tape().snapshot(0, {}, ASKS).ticker(1, rate=0.001, mark=0.0, due_ms=500)
    tape.level(600, "bid", 100.0, 4.0).store(home, tmp_path)
    last = Script().buy(10, "a", 5).run(home, models()).equity[-1]
    assert last["funding"].tolist() == [0]
    assert last["equity"].tolist() == [5 * 100.25 - 5 * 100.5]


def test_an_inverse_contract_gains_in_its_base_currency(home: Path, tmp_path: Path) -> None:
    tape = market().snapshot(20, {125.0: 10.0}, {125.5: 10.0})
    tape.ticker(30, rate=0.01, mark=125.0, due_ms=500)
    tape.store(home, tmp_path, inverse=True, multiplier=10.0)
    outcome = Script().buy(10, "a", 4).run(home, models(taker=0.01))
    (traded,) = outcome.instruments
    assert (traded.currency, traded.is_inverse) == ("BTC", True)
    last = outcome.equity[-1]
    cash, fee, funding = 40 / 100.5, 0.01 * 40 / 100.5, -40 / 125 * 0.01
    assert last["cash"].tolist() == pytest.approx([cash])
    assert last["fees"].tolist() == pytest.approx([fee])
    assert last["funding"].tolist() == pytest.approx([funding])
    assert last["equity"].tolist() == pytest.approx([40 / 100.5 - 40 / 125.25 - fee + funding])


def test_makers_pay_their_own_fee_or_are_paid(home: Path, tmp_path: Path) -> None:
    market().trade(20, "sell", 99.5, 1).store(home, tmp_path)
    outcome = Script().buy(10, "a", 4, 100).run(home, models(maker=-0.0001, taker=0.05))
    assert outcome.fills["fee"].tolist() == pytest.approx([-0.04])


def test_the_mid_is_noted_after_each_fill_also_where_a_side_was_empty_then(
    home: Path, tmp_path: Path
) -> None:
    # 100.25 at first; from 110 ms on 101; from 600 ms on there are no bids, and from 1100 ms on 102.
    tape = market().snapshot(110, {100.5: 5.0}, {101.5: 5.0}).snapshot(600, {}, {101.5: 5.0})
    tape.snapshot(1_100, {101.5: 5.0}, {102.5: 5.0}).store(home, tmp_path)
    outcome = Script().buy(5, "a", 1).buy(10, "b", 1).buy(550, "c", 1).run(home, models(), ms=1_200)
    nan = np.nan
    after = [[100.25, nan, nan, nan], [101.0, nan, nan, nan], [nan, nan, nan, nan]]
    assert outcome.fills["time_us"].tolist() == [at(5), at(10), at(550)]
    assert np.array_equal(outcome.mids_after[:, :1], np.array(after)[:, :1], equal_nan=True)
    assert np.array_equal(outcome.mids_after[:2, 1], [nan, nan], equal_nan=True)
    told = figures(Script().buy(10, "a", 1).run(home, models(), ms=1_200), at(0), None)
    (first, second, *_) = told["instruments"][0]["adverse_selection"]
    assert first == {"horizon_us": 100_000, "fills": 1, "adverse_bps": pytest.approx(-0.5 / 100.5 * 1e4)}
    assert second == {"horizon_us": 1_000_000, "fills": 0, "adverse_bps": None}
