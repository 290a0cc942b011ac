"""What happened to an order, step by step, on the clock of whoever saw it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.units import format_amount, format_price

if TYPE_CHECKING:
    from tickreel.backtest.why.market import MarketAround
    from tickreel.backtest.why.orders import KeptOrder, OrderFill
    from tickreel.backtest.why.tracing import Way


class Clock(StrEnum):
    """Who saw a step when it happened."""

    STRATEGY = "strategy"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened."""

    at_us: int
    clock: Clock
    title: str
    text: str
    until_us: int | None = None
    """Where it took a while."""
    is_fill: bool = False


RULES = {
    "taken": "it took what the book showed when it arrived",
    "traded_at": "a trade at its price reached it in the queue",
    "traded_through": "a trade at a worse price had used up its own",
    "crossed": "the other side's best price reached its own",
}
"""What each rule of a fill says."""
REASONS = {
    "none": "",
    "would_take": "post-only, and it would have taken",
    "off_tick": "its price is off the tick",
    "off_lot": "its amount is off the lot",
    "too_small": "its amount is below the least",
    "too_cheap": "its value is below the least",
    "no_book": "no book was known when it arrived",
    "not_filled": "nothing more was there at its price",
    "book_lost": "the book was lost: days are missing",
    "run_ended": "the run ended",
}
"""What each reason of an order that was rejected or that ended says."""


def verdict(order: KeptOrder) -> str:
    """Say in a few words why an order was filled, or why not."""
    if order.fills:
        rules = list(dict.fromkeys(fill.rule for fill in order.fills))
        return ", ".join(RULES[rule] for rule in rules)
    if order.status == "rejected":
        return f"rejected: {REASONS[order.reason]}"
    if order.status == "cancelled":
        return "the strategy called it off before anything reached it"
    if order.status == "expired":
        return f"it expired: {REASONS[order.reason]}"
    return REASONS[order.reason] or "it was still open"


def steps_of(order: KeptOrder, market: MarketAround | None, way: Way | None, decimals: int) -> list[Step]:
    """List the steps of an order, in time; *decimals* are those of its prices.

    Without the market or the way, what only they tell is left out.
    """
    steps = [_decision(order, market, decimals)]
    if order.arrive_us is not None:
        steps += _arrival(order, decimals)
    steps += _queue(order, way)
    for fill in order.fills:
        steps += _fill(order, fill, way, decimals)
    if order.cancel_us is not None:
        steps.append(Step(order.cancel_us, Clock.STRATEGY, "Strategy calls it off", _left(order)))
    if order.end_us is not None and order.status in ("cancelled", "expired") and order.arrive_us is not None:
        title = "Taken out of the book" if order.status == "cancelled" else "Expires"
        steps.append(Step(order.end_us, Clock.EXCHANGE, title, REASONS[order.reason] or _ahead_at_end(way)))
    told_us = order.known_end_us
    if told_us is not None and told_us not in {fill.known_us for fill in order.fills}:
        since_us = None if order.end_us is None else told_us - order.end_us
        back = "" if since_us is None else f"{_ms(since_us)} on the way back"
        steps.append(Step(told_us, Clock.STRATEGY, "Strategy is told that it ended", back))
    return sorted(steps, key=lambda step: step.at_us)


def _decision(order: KeptOrder, market: MarketAround | None, decimals: int) -> Step:
    text = ""
    moment = None if market is None else next((m for m in market.moments if m.at_us == order.submit_us), None)
    if moment is not None and moment.known.best_bid and moment.known.best_ask:
        bid, ask = moment.known.best_bid[0], moment.known.best_ask[0]
        text = f"knew best bid {format_price(bid, decimals)}, best ask {format_price(ask, decimals)}"
    elif order.mid_sent is not None:
        text = f"knew a mid of {format_price(order.mid_sent, decimals + 1)}"
    return Step(order.submit_us, Clock.STRATEGY, "Strategy decides and sends", text)


def _arrival(order: KeptOrder, decimals: int) -> list[Step]:
    assert order.arrive_us is not None
    way = f"{_ms(order.arrive_us - order.submit_us)} on the way out"
    if order.bid is not None and order.ask is not None:
        way += f"; best bid {format_price(order.bid, decimals)}, best ask {format_price(order.ask, decimals)}"
    steps = [Step(order.arrive_us, Clock.EXCHANGE, "Reaches the exchange", way)]
    if order.status == "rejected":
        steps.append(Step(order.arrive_us, Clock.EXCHANGE, "Rejected", REASONS[order.reason]))
    elif order.queue_ahead is not None and order.price is not None:
        ahead = format_amount(order.queue_ahead) if order.queue_ahead else "nothing"
        text = f"{ahead} ahead at {format_price(order.price, decimals)}"
        steps.append(Step(order.arrive_us, Clock.EXCHANGE, "Joins the queue", text))
    return steps


def _queue(order: KeptOrder, way: Way | None) -> list[Step]:
    if way is None or len(way) < 2 or order.arrive_us is None or order.queue_ahead is None:
        return []
    if way.traded_ahead == way.cancelled_ahead == 0:
        return []
    text = f"{format_amount(way.traded_ahead)} traded, {format_amount(way.cancelled_ahead)} cancelled ahead"
    return [Step(int(way.time_us[1]), Clock.EXCHANGE, "Queue shrinks", text, int(way.time_us[-1]))]


def _fill(order: KeptOrder, fill: OrderFill, way: Way | None, decimals: int) -> list[Step]:
    steps = []
    if way is not None:
        lines = np.flatnonzero((way.time_us == fill.time_us) & (way.filled > 0) & (way.traded > 0))
        if len(lines):
            traded, before = float(way.traded[lines[0]]), _ahead_before(way, int(lines[0]))
            reach = f"{format_amount(before)} ahead was used first" if before else ""
            steps.append(Step(fill.time_us, Clock.EXCHANGE, f"Trade of {format_amount(traded)}", reach))
    share = "" if abs(fill.amount - order.amount) < 1e-12 else f" of {format_amount(order.amount)}"
    role = "maker" if fill.is_maker else "taker"
    text = f"at {format_price(fill.price, decimals)}, {role}: {RULES[fill.rule]}"
    steps.append(
        Step(fill.time_us, Clock.EXCHANGE, f"Filled {format_amount(fill.amount)}{share}", text, is_fill=True)
    )
    back = f"{_ms(fill.known_us - fill.time_us)} on the way back"
    steps.append(Step(fill.known_us, Clock.STRATEGY, "Strategy is told", back))
    return steps


def _ahead_before(way: Way, line: int) -> float | None:
    """Give what was ahead before a line of the way."""
    if line == 0 or np.isnan(way.ahead[line - 1]):
        return None
    return float(way.ahead[line - 1])


def _ahead_at_end(way: Way | None) -> str:
    if way is None:
        return ""
    known = way.ahead[~np.isnan(way.ahead)]
    return f"{format_amount(float(known[-1]))} was still ahead of it" if len(known) else ""


def _left(order: KeptOrder) -> str:
    return f"{format_amount(order.amount - order.filled)} not filled" if order.filled else "nothing filled"


def _ms(length_us: int) -> str:
    return f"{length_us / 1_000:.3g} ms" if length_us < 1_000_000 else f"{length_us / 1_000_000:.3g} s"
