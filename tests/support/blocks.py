"""Blocks from plain rows and back, cell by cell, without anything of the product's own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from tickreel.market.block import Block, ColumnData, Texts, Words
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, Column, DataType, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]
"""One row by column name; an empty cell is None, or empty text."""

_DTYPES = {Kind.TIME: np.int64, Kind.FLAG: np.bool_}


def block_of(data_type: DataType, rows: Sequence[Row]) -> Block:
    """Lay rows out as a block; the symbol is coded when there is more than one."""
    schema = SCHEMAS[data_type]
    symbols = [row["symbol"] for row in rows]
    names = tuple(dict.fromkeys(symbols))
    one = names[0] if len(names) == 1 else "-"
    codes = np.array([names.index(symbol) for symbol in symbols], np.int32)
    return Block(
        schema,
        rows[0]["exchange"] if rows else "-",
        Words(codes, names) if len(names) > 1 else one,
        {column.name: _column(column, [row[column.name] for row in rows]) for column in schema.columns[2:]},
    )


def _column(column: Column, cells: list[Any]) -> ColumnData:
    if column.kind is Kind.TEXT:
        return Texts.of(cells)
    if column.kind in SIDES:
        return np.array([SIDES[column.kind].index(cell) for cell in cells], np.int8)
    missing = {Kind.TIME: MISSING_INTEGER, Kind.NUMBER: math.nan}.get(column.kind)
    spelled = [missing if cell is None else cell for cell in cells]
    if column.kind is Kind.NUMBER:
        return np.array(spelled, np.float64) + 0.0  # a block has no negative zero
    return np.array(spelled, _DTYPES[column.kind])


def rows_of(block: Block) -> list[Row]:
    """Read a block back as plain rows."""
    count = len(block)
    symbols = [block.symbol] * count if isinstance(block.symbol, str) else list(block.symbol.texts())
    cells: dict[str, list[Any]] = {"exchange": [block.exchange] * count, "symbol": symbols}
    for name, data in block.columns.items():
        column = block.schema.column(name)
        if isinstance(data, Words | Texts):
            cells[name] = list(data.texts())
        elif column.kind in SIDES:
            cells[name] = [SIDES[column.kind][code] for code in data.tolist()]
        elif column.kind is Kind.NUMBER:
            cells[name] = [None if math.isnan(value) else value for value in data.tolist()]
        else:
            cells[name] = [None if value == MISSING_INTEGER else value for value in data.tolist()]
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def any_rows(data_type: DataType, *, max_size: int = 12) -> st.SearchStrategy[list[Row]]:
    """Draw rows with any cells that a block may hold, in no particular order of time."""
    schema = SCHEMAS[data_type]
    drawn = st.fixed_dictionaries({column.name: _cells(column) for column in schema.columns[1:]})
    return st.lists(drawn, min_size=1, max_size=max_size).map(
        lambda rows: [{"exchange": "e", **row} for row in rows]
    )


def _cells(column: Column) -> st.SearchStrategy[Any]:
    match column.kind:
        case Kind.TEXT:
            return st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), max_size=5)
        case Kind.TIME:
            integers = st.integers(MISSING_INTEGER + 1, 2**63 - 1)
            return integers if column.required else st.none() | integers
        case Kind.FLAG:
            return st.booleans()
        case Kind.NUMBER:
            return st.none() | st.floats(allow_nan=False, allow_infinity=False)
        case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
            return st.sampled_from(SIDES[column.kind])
