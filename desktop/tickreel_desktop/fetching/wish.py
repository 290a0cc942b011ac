"""What the user asks for, as one value: what it requests, and the command line that does the same."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tickreel.fetch.request import FetchRequest, Origin
from tickreel.market.time import day_start_us
from tickreel.market.units import format_full

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickreel.market.types import DatasetKey, DataType
    from tickreel.store.model import DayRange

MOST_DATASET_DAYS = 200_000
"""Days times datasets that one fetch may ask for: each is planned and queued one by one."""


@dataclass(frozen=True, slots=True)
class FetchWish:
    """What is filled in; days are UTC days from *first* to *last*, both included."""

    exchange: str = ""
    symbols: tuple[str, ...] = ()
    types: tuple[DataType, ...] = ()
    first: date | None = None
    last: date | None = None
    leaves_out_bad: bool = True
    keeps_partial: bool = False
    pins: bool = False
    """Whether what is held of the range is pinned, at once or as soon as it has come."""
    keeps_on: bool = False
    """Whether new days are to be fetched as they are published."""
    origin: Origin = Origin.DATASETS
    goes_over_budget: bool = False

    @classmethod
    def of_days(cls, key: DatasetKey, first: date, last: date) -> FetchWish:
        """Ask for days of one dataset."""
        return cls(key.exchange, (key.symbol,), (key.type,), first, last)

    @classmethod
    def of_ranges(cls, ranges: Sequence[DayRange]) -> FetchWish:
        """Ask for days of several datasets, as far as they are of the exchange of the first one.

        All symbols and types are asked for from the first day to the last: what is held is not fetched again.
        """
        exchange = ranges[0].key.exchange
        own = [each for each in ranges if each.key.exchange == exchange]
        return cls(
            exchange,
            tuple(dict.fromkeys(each.key.symbol for each in own)),
            tuple(dict.fromkeys(each.key.type for each in own)),
            min(each.first for each in own),
            max(each.last for each in own),
        )

    @property
    def day_count(self) -> int:
        """Days of the range; 0 while it is not whole."""
        return 0 if self.first is None or self.last is None else (self.last - self.first).days + 1

    def missing(self) -> str:
        """Say what is to be filled in or set right first; empty when nothing is."""
        if not self.exchange:
            return "Choose an exchange"
        if not self.symbols:
            return "Choose a symbol"
        if not self.types:
            return "Choose a data type"
        if self.first is None or self.last is None:
            return "Choose the days"
        if self.last < self.first:
            return "The last day lies before the first"
        count = self.day_count * len(self.symbols) * len(self.types)
        if count > MOST_DATASET_DAYS:
            return f"{format_full(count)} days at once are too many: ask for {format_full(MOST_DATASET_DAYS)}"
        return ""

    def request(self) -> FetchRequest:
        """Give the request; nothing may be missing."""
        assert self.first is not None
        assert self.last is not None
        return FetchRequest(
            instruments=tuple((self.exchange, symbol) for symbol in self.symbols),
            types=self.types,
            from_us=day_start_us(self.first),
            to_us=day_start_us(self.last + timedelta(days=1)),
            origin=self.origin,
            leave_out_bad=self.leaves_out_bad and self.origin is Origin.DATASETS,
            keep_partial=self.keeps_partial and self.origin is Origin.DATASETS,
            pin=self.pins,
        )

    def command(self) -> str:
        """Write the command line that does the same; what is missing stands in capitals."""
        symbols = ",".join(self.symbols) or "SYMBOL"
        types = ",".join(each.value for each in self.types) or "TYPE"
        first = self.first.isoformat() if self.first else "FROM"
        after = (self.last + timedelta(days=1)).isoformat() if self.last else "TO"
        named = [self.exchange or "EXCHANGE", symbols, types]
        words = ["tickreel", "fetch", *named, first, after]
        if self.origin is Origin.MACHINE:
            words += ["--source", "machine"]
        else:
            words += ["--leave-out-bad"] if self.leaves_out_bad else []
            words += ["--keep-partial"] if self.keeps_partial else []
            words += ["--allow-over-budget"] if self.goes_over_budget else []
        words += ["--pin"] if self.pins else []
        line = shlex.join(words)
        if self.keeps_on:
            line += " && " + shlex.join(["tickreel", "jobs", "keep", *named, first])
        return line

    def without_choices(self) -> FetchWish:
        """Give what is worth remembering for the next time: what, and not which days or how."""
        return replace(FetchWish(), exchange=self.exchange, symbols=self.symbols, types=self.types)
