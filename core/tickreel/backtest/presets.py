"""The presets of a backtest's form, each a whole set of models, and the ways to write single models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tickreel.backtest.models import (
    QUEUE_FUNCTIONS,
    Models,
    ProbabilityQueue,
    RateFees,
    RiskAverseQueue,
    VenueFees,
)
from tickreel.errors import UsageError
from tickreel.replay.latency import ConstantLatency, DistributionLatency, FileLatency, MeasuredLatency

if TYPE_CHECKING:
    from tickreel.backtest.models import Fees, Latency, Queue

CAREFUL, TYPICAL, OPTIMISTIC = "careful", "typical", "optimistic"

PRESETS: dict[str, Models] = {
    CAREFUL: Models(
        preset=CAREFUL,
        feed=MeasuredLatency(floor_us=5_000),
        entry=DistributionLatency(median_us=20_000, p99_us=100_000, floor_us=5_000),
        response=DistributionLatency(median_us=20_000, p99_us=100_000, floor_us=5_000),
        queue=RiskAverseQueue(),
        fees=VenueFees(),
    ),
    TYPICAL: Models(
        preset=TYPICAL,
        feed=MeasuredLatency(floor_us=1_000),
        entry=ConstantLatency(latency_us=5_000),
        response=ConstantLatency(latency_us=5_000),
        queue=ProbabilityQueue(function="power", power=3.0),
        fees=VenueFees(),
    ),
    OPTIMISTIC: Models(
        preset=OPTIMISTIC,
        feed=MeasuredLatency(floor_us=0),
        entry=ConstantLatency(latency_us=500),
        response=ConstantLatency(latency_us=500),
        queue=ProbabilityQueue(function="log2"),
        fees=VenueFees(),
    ),
}
"""Latency x queue x fees by name. Every field of a preset can be set on its own."""

LATENCY_WORDS = "measured, measured:FLOOR_US, US, MEDIAN_US-P99_US or a CSV file"
QUEUE_WORDS = f"risk_averse, {', '.join(QUEUE_FUNCTIONS)}, or power:N, power2:N, power3:N"
FEES_WORDS = "venue, or MAKER,TAKER as parts of the traded value"


def preset(name: str) -> Models:
    """Find a preset by its name.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return PRESETS[name]
    except KeyError:
        raise UsageError(f"{name!r} is no preset: choose {', '.join(PRESETS)}") from None


def with_models(
    models: Models,
    *,
    feed: str | Latency | None = None,
    orders: str | Latency | None = None,
    queue: str | Queue | None = None,
    fees: str | Fees | None = None,
) -> Models:
    """Give models with some of them set anew, as values or as they are written; *orders* is both ways.

    Raises:
        UsageError: one of them cannot be read.
    """
    changes: dict[str, object] = {}
    if feed is not None:
        changes["feed"] = parse_latency(feed) if isinstance(feed, str) else feed
    if orders is not None:
        changes["entry"] = changes["response"] = parse_latency(orders) if isinstance(orders, str) else orders
    if queue is not None:
        changes["queue"] = parse_queue(queue) if isinstance(queue, str) else queue
    if fees is not None:
        changes["fees"] = parse_fees(fees) if isinstance(fees, str) else fees
    return msgspec.structs.replace(models, **changes)


def parse_latency(text: str) -> Latency:
    """Read a latency as it is written: :data:`LATENCY_WORDS`.

    Raises:
        UsageError: it is none of that.
        DataError: the file cannot be read.
    """
    word, _, rest = text.partition(":")
    if word == "measured" and (not rest or rest.isdigit()):
        return MeasuredLatency(floor_us=int(rest or 0))
    if text.isdigit():
        return ConstantLatency(latency_us=int(text))
    median, _, p99 = text.partition("-")
    if median.isdigit() and p99.isdigit():
        return DistributionLatency(median_us=int(median), p99_us=int(p99))
    if text.endswith(".csv"):
        return FileLatency.of(text)
    raise UsageError(f"{text!r} is no latency: give {LATENCY_WORDS}")


def parse_queue(text: str) -> Queue:
    """Read a queue model as it is written: :data:`QUEUE_WORDS`.

    Raises:
        UsageError: it is none of that.
    """
    word, _, power = text.partition(":")
    if text == "risk_averse":
        return RiskAverseQueue()
    if word not in QUEUE_FUNCTIONS or (power and not word.startswith("power")):
        raise UsageError(f"{text!r} is no queue model: give {QUEUE_WORDS}")
    return ProbabilityQueue(function=word, power=_number(power, text)) if power else ProbabilityQueue(word)


def parse_fees(text: str) -> Fees:
    """Read fees as they are written: :data:`FEES_WORDS`.

    Raises:
        UsageError: it is none of that.
    """
    if text == "venue":
        return VenueFees()
    maker, comma, taker = text.partition(",")
    if not comma:
        raise UsageError(f"{text!r} are no fees: give {FEES_WORDS}")
    return RateFees(maker=_number(maker, text), taker=_number(taker, text))


def _number(text: str, whole: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text!r} in {whole!r} is no number") from None
