"""A few rows from a moment on, as the vendor writes them, without reading the rest of the day.

To look at rows is no use of their day: nothing is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from tickreel.market.block import Texts, Words
from tickreel.market.numbers import ecmascript
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, Kind
from tickreel.store.library.plans import Selection

if TYPE_CHECKING:
    from tickreel.market.block import Block
    from tickreel.market.types import Column, Schema
    from tickreel.store.library.reading import Library
    from tickreel.store.model import Day


@dataclass(frozen=True, slots=True)
class Peek:
    """Rows of whole messages, cell by cell as text."""

    columns: tuple[str, ...]
    """The vendor's names, in the vendor's order."""
    rows: tuple[tuple[str, ...], ...]
    next_us: int | None
    """From when on the rows after these are; None at the end of the day."""


def peek(library: Library, day: Day, from_us: int, rows: int) -> Peek:
    """Read *rows* rows of a held day from an instant on, and the rest of the message that ends them.

    Raises:
        DataError: a file of the day is damaged.
    """
    schema = SCHEMAS[day.key.type]
    found: list[Block] = []
    count, next_us = 0, None
    for part in day.parts:
        if part.end_us <= from_us or next_us is not None:
            continue
        for block in library.part_rows(Selection(day.key), part, max(from_us, part.start_us), part.end_us):
            taken = _whole(block, rows - count) if count < rows else 0
            found.append(block.cut(0, taken))
            count += taken
            if taken < len(block):
                next_us = int(block.local_us[taken])
                break
    cells = [_texts(block, schema) for block in found]
    return Peek(schema.names, tuple(row for columns in cells for row in zip(*columns, strict=True)), next_us)


def _texts(block: Block, schema: Schema) -> list[list[str]]:
    """Spell the cells of a block, column by column; without Arrow, which takes long to load."""
    return [_column_texts(block, column) for column in schema.columns]


def _column_texts(block: Block, column: Column) -> list[str]:
    if column.name == "exchange":
        return [block.exchange] * len(block)
    data = block.symbol if column.name == "symbol" else block.columns[column.name]
    if isinstance(data, str):
        return [data] * len(block)
    if isinstance(data, Words | Texts):
        return list(data.texts())
    values = data.tolist()
    match column.kind:
        case Kind.NUMBER:
            return ["" if isnan(value) else ecmascript(value) for value in values]
        case Kind.TIME:
            return ["" if value == MISSING_INTEGER else str(value) for value in values]
        case Kind.FLAG:
            return ["true" if value else "false" for value in values]
        case _:
            words = SIDES[column.kind]
            return [words[code] for code in values]


def _whole(block: Block, rows: int) -> int:
    """Count the rows up to the end of the message in which row number *rows* lies."""
    if rows >= len(block):
        return len(block)
    return int(np.searchsorted(block.local_us, block.local_us[rows - 1], side="right"))
