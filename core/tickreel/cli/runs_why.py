"""``tickreel runs why``: why an order of a run was filled, or not, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tickreel.backtest.runs.service import opened_runs
from tickreel.backtest.why.asking import moments_of, read_asked
from tickreel.backtest.why.steps import steps_of, verdict
from tickreel.backtest.why.tracing import trace_order
from tickreel.cli.console import print_json, print_table
from tickreel.cli.opening import opened_cache
from tickreel.cli.progress import Progress, TimeLeft
from tickreel.errors import TickreelError
from tickreel.market.units import format_amount, format_price, format_stamp, price_decimals

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tickreel.backtest.why.asking import Asked
    from tickreel.backtest.why.market import Moment
    from tickreel.backtest.why.steps import Step
    from tickreel.backtest.why.tracing import Way

USAGE = {"why": "RUN ORDER [--depth N] [--json] [--home DIR] [--quiet]"}
DESCRIPTION = {
    "why": (
        "ORDER is its id in the run, from 0 on. Its steps are told on the clock of whoever saw them; how the "
        "queue ahead of it went down is found by doing the run once more as far as the order. Where that "
        "cannot be done it is said why, and the rest is told."
    )
}


def add_arguments(_verb: str, parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("run", metavar="RUN")
    parser.add_argument("order", type=int, metavar="ORDER")
    parser.add_argument("--depth", type=int, default=5, metavar="N", help="levels of each book in JSON (5)")


def run(_verb: str, args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    with opened_cache(args, only_reads=True) as cache, opened_runs(cache) as runs:
        found = runs.run(args.run)
        asked = read_asked(cache, found, args.order)
        way, why_not = None, "it never stood in a queue"
        if asked.order.queue_ahead is not None:
            with Progress(quiet=args.quiet) as progress:
                progress.begin(f"run {found.id}, as far as order {args.order}")
                try:
                    way, why_not = trace_order(cache, found, asked.order, TimeLeft(progress)), ""
                except TickreelError as error:
                    why_not = str(error)
    market = asked.market
    decimals = price_decimals(np.array([*market.bid, *market.ask, asked.tick or 0.0], np.float64))
    steps = steps_of(asked.order, market, way, decimals)
    if args.json:
        print_json(_form(asked, steps, way, why_not, args.depth))
    else:
        _tell(asked, steps, decimals, why_not)
    return 0


def _tell(asked: Asked, steps: Sequence[Step], decimals: int, why_not: str) -> None:
    order = asked.order
    price = "the market" if order.price is None else format_price(order.price, decimals)
    wanted = f"{order.side} {format_amount(order.amount)} {order.exchange} {order.symbol} at {price}"
    print(f"order {order.id} of run {order.run_id}: {wanted}, {order.kind} {order.force}")
    print(f"{order.status}: {verdict(order)}")
    print_table(
        ("TIME", "SEEN BY", "WHAT", ""),
        [(format_stamp(step.at_us, 6), step.clock.value, step.title, step.text) for step in steps],
    )
    if why_not and order.queue_ahead is not None:
        print(f"its way through the queue is not told: {why_not}")


def _form(asked: Asked, steps: Sequence[Step], way: Way | None, why_not: str, depth: int) -> dict[str, Any]:
    order = asked.order
    known = {name: getattr(order, name) for name in order.__slots__ if name != "fills"}
    fills = [{name: getattr(one, name) for name in one.__slots__} for one in order.fills]
    named = {at_us: name for name, at_us in moments_of(order).items()}
    return {
        "order": {**known, "fills": fills},
        "verdict": verdict(order),
        "legs_us": {
            "entry": None if order.arrive_us is None else order.arrive_us - order.submit_us,
            "response": [one["known_us"] - one["time_us"] for one in fills],
        },
        "steps": [
            {
                "at_us": step.at_us,
                "until_us": step.until_us,
                "clock": step.clock.value,
                "what": step.title,
                "text": step.text,
            }
            for step in steps
        ],
        "way": None if way is None else _way_form(way),
        "way_why_not": why_not or None,
        "books": [_moment_form(moment, named.get(moment.at_us), depth) for moment in asked.market.moments],
    }


def _way_form(way: Way) -> list[dict[str, Any]]:
    """Give each change that the order saw at the exchange; what is not known is null."""
    columns = ("level", "ahead", "traded", "filled", "bid", "ask")
    return [
        {
            "time_us": int(way.time_us[place]),
            "rule": way.rule[place],
            **{name: _number(float(getattr(way, name)[place])) for name in columns},
        }
        for place in range(len(way))
    ]


def _moment_form(moment: Moment, name: str | None, depth: int) -> dict[str, Any]:
    return {
        "at_us": moment.at_us,
        "name": name,
        "heard_us": moment.heard_us,
        **{
            whose: {"bids": book.bids[:depth].tolist(), "asks": book.asks[:depth].tolist()}
            for whose, book in (("known", moment.known), ("exchange", moment.exchange))
        },
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value
