"""What is refused although it is well spelled: values that no book, trade or quote can have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.market.time import EARLIEST_US, LATEST_US, parse_instant
from tickreel.market.types import SIDES, Column, Kind, Schema
from tickreel.vendorcsv.grammar import misspelling, shown

if TYPE_CHECKING:
    from collections.abc import Iterator


def refusal(schema: Schema, line: bytes, exchange: str | None, before_us: int | None) -> str | None:
    """Say why *line*, which is without its end, is refused; None when it is good.

    *exchange* and *before_us*, the local time, are those of the rows before it; None for the first.
    """
    problem = misspelling(schema, line)
    if problem is not None:
        return problem
    for column, cell in zip(schema.columns, line.split(b","), strict=True):
        problem = next(_problems(column, cell, exchange, before_us), None)
        if problem is not None:
            return f"{column.name} {problem}"
    return None


def _problems(column: Column, cell: bytes, exchange: str | None, before_us: int | None) -> Iterator[str]:
    """Yield what is wrong with the value of a cell; the first is told."""
    words = SIDES.get(column.kind)
    if words is not None:
        if cell.decode() not in words:
            yield f"{shown(cell)} is none of {', '.join(word for word in words if word)}"
    elif not cell:
        if column.required:
            yield "is empty"
    elif column.name == "exchange":
        if exchange is not None and cell.decode() != exchange:
            yield (
                f"{shown(cell)} differs from {exchange!r} of the rows before it; a file holds one exchange"
            )
    elif column.name == "local_timestamp":  # it decides the day; what an exchange calls its time is its own
        yield from _problems_of_local_time(int(cell), before_us)
    elif column.kind is Kind.NUMBER:
        number = float(cell)
        if not math.isfinite(number):
            yield f"{shown(cell)} is not a finite number"
        elif number < 0 and column.is_amount:
            yield f"{shown(cell)} is negative"


def _problems_of_local_time(instant_us: int, before_us: int | None) -> Iterator[str]:
    if not EARLIEST_US <= instant_us < LATEST_US:
        try:
            parse_instant(instant_us)
        except UsageError as error:
            yield str(error)
    if before_us is not None and instant_us < before_us:
        yield f"goes back from {before_us} to {instant_us}"
