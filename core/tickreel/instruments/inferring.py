"""Tick and lot of an instrument, found in the rows that are held of it.

All prices are whole multiples of the true tick, and all amounts of the true lot. The greatest
number with that property is found exactly; the true one is that number, or goes into it a whole
number of times: more rows can only bring it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.instruments.commonstep import CommonStep
from tickreel.instruments.instrument import Evidence
from tickreel.market.time import Instant, parse_range
from tickreel.market.types import DataType
from tickreel.market.units import format_count
from tickreel.progress import UNWATCHED, Monitor
from tickreel.store import as_type, refuse_missing

if TYPE_CHECKING:
    from tickreel.instruments.facts import Value
    from tickreel.store import Cache

TELLING_TYPES = (DataType.INCREMENTAL_BOOK_L2, DataType.TRADES)
"""Types whose rows tell tick and lot, the one that tells more first.

An order book has every price somebody asks for, and no trades off the book at prices of their own.
"""


@dataclass(frozen=True, slots=True)
class Inference:
    """What rows tell of an instrument."""

    exchange: str
    symbol: str
    from_us: int
    to_us: int
    rows: int
    tick: float | None
    """None where fewer than two different prices were met."""
    lot: float | None
    """None where fewer than two different amounts were met."""
    evidence: Evidence

    @property
    def facts(self) -> dict[str, Value]:
        """What is known by it."""
        found: dict[str, Value | None] = {"tick": self.tick, "lot": self.lot}
        return {name: value for name, value in found.items() if value is not None}

    def finer_than(self, fact: str, value: float) -> bool:
        """Tell whether rows refute that *value* is the tick or the lot: some are no multiples of it."""
        inferred = self.facts.get(fact)
        if not isinstance(inferred, float):
            return False
        return (Fraction(repr(inferred)) / Fraction(repr(value))).denominator != 1


def infer(
    cache: Cache,
    exchange: str,
    symbol: str,
    start: Instant,
    end: Instant,
    *,
    type: DataType | str | None = None,
    allow_missing: bool = False,
    monitor: Monitor = UNWATCHED,
) -> Inference:
    """Find tick and lot in the rows with local time in [start, end), however many days that is.

    Without *type* the order book is read, or trades where no book is held. Nothing is recorded.

    Raises:
        NotHeldError: nothing is held, or a day is missing and *allow_missing* is not set.
        UsageError: the symbol names a group, or the type has no rows that tell.
        Cancelled: the monitor said so.
    """
    start_us, end_us = parse_range(start, end)
    plan = cache.library.plan_read(exchange, symbol, _type(cache, exchange, symbol, type), start_us, end_us)
    selection = plan.selection
    if selection.key.is_grouped and selection.member is None:
        members = cache.library.members(selection)
        raise UsageError(
            f"{symbol} is a group of instruments, each with a tick of its own: name one of "
            f"{', '.join(members[:5])}" + (" ..." if len(members) > 5 else "")
        )
    if not allow_missing:
        refuse_missing(plan.missing)
    total = sum(part.rows for part in plan.parts)
    tick, lot = CommonStep(), CommonStep()
    rows = 0
    for block in cache.library.rows(plan, ("price", "amount")):
        tick.add(block.array("price"))
        lot.add(block.array("amount"))
        rows += len(block)
        monitor.report(rows, total, f"{format_count(rows)} rows")
    return Inference(
        exchange=exchange,
        symbol=symbol,
        from_us=start_us,
        to_us=end_us,
        rows=rows,
        tick=None if tick.step is None else float(tick.step),
        lot=None if lot.step is None else float(lot.step),
        evidence=Evidence(selection.key.type, tick.rows, lot.rows),
    )


def _type(cache: Cache, exchange: str, symbol: str, asked: DataType | str | None) -> DataType:
    """Choose the rows that are read."""
    if asked is None:
        held = cache.library.held_types(exchange, symbol, TELLING_TYPES)
        return held[0] if held else TELLING_TYPES[0]
    data_type = as_type(asked)
    if data_type not in TELLING_TYPES:
        raise UsageError(f"{data_type} does not tell tick and lot: choose from {', '.join(TELLING_TYPES)}")
    return data_type
