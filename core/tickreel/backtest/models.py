"""What a simulated exchange assumes: latencies, the place of an order in its queue, and fees.

Models are values: they can be compared, written down as JSON and read back. How each works is told
where it is at work, in ``exchangekernels``.
"""

from __future__ import annotations

from typing import TypeGuard

import msgspec

from tickreel.errors import UsageError
from tickreel.replay.latency import (
    ConstantLatency,
    DistributionLatency,
    FileLatency,
    MeasuredLatency,
)

Latency = MeasuredLatency | ConstantLatency | DistributionLatency | FileLatency
"""For market data as :mod:`tickreel.replay.latency` tells. For orders and answers: *measured* takes as long
as the market data of the instrument took last, *distribution* draws by the number of the order."""


class RiskAverseQueue(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="risk_averse"
):
    """Only trades at the price move an order ahead: whatever is cancelled is taken to lie behind it."""


class ProbabilityQueue(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="probability"
):
    """What is cancelled lies partly ahead of an order, partly behind it, by a function of both amounts.

    *function* and *power* say which, see :func:`tickreel.backtest.queuekernels.chance_behind`.
    """

    function: str = "power"
    """``power``, ``power2``, ``power3``, ``log`` or ``log2``."""
    power: float = 3.0
    """Of the power functions alone."""

    def __post_init__(self) -> None:
        if self.function not in QUEUE_FUNCTIONS:
            raise UsageError(
                f"{self.function!r} is no function of a queue: choose {', '.join(QUEUE_FUNCTIONS)}"
            )
        if not _is_number(self.power) or not 0 < self.power <= MOST_POWER:
            raise UsageError(
                f"the power of a queue is above 0 and at most {MOST_POWER:g}, not {self.power!r}"
            )


QUEUE_FUNCTIONS = ("power", "power2", "power3", "log", "log2")
MOST_POWER = 100.0

Queue = RiskAverseQueue | ProbabilityQueue


class VenueFees(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="venue"):
    """The fees of the instrument table; where it knows none, those of the venue fee table."""


class RateFees(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="rates"):
    """Fees as parts of the traded value; below zero they are paid to the trader."""

    maker: float
    taker: float

    def __post_init__(self) -> None:
        for name, rate in (("maker", self.maker), ("taker", self.taker)):
            if not _is_number(rate) or not -MOST_FEE <= rate <= MOST_FEE:
                raise UsageError(
                    f"the {name} fee {rate!r} is none: give a part of the traded value, such as 0.0005"
                )


MOST_FEE = 0.1
"""A tenth of the traded value: above it stands per cent or basis points by mistake."""

Fees = VenueFees | RateFees


class Models(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that a simulated exchange assumes; the market itself never reacts to orders."""

    preset: str | None = None
    """The preset they began with, if any; single models may have been set anew since."""
    feed: Latency
    """From the exchange's book to the strategy."""
    entry: Latency
    """From the strategy to the exchange."""
    response: Latency
    """From the exchange back to the strategy."""
    queue: Queue
    fees: Fees


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
