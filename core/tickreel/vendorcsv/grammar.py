"""How a cell may be spelled, and what is wrong with a line in which one is spelled otherwise.

The kernel reads what the vendor writes; only a line that it does not take for plain is looked
at here, and so the words of a refusal cost the good rows nothing.
"""

from __future__ import annotations

import re

from tickreel.market.types import MISSING_INTEGER, Column, Kind, Schema

_PATTERNS = {
    Kind.TIME: re.compile(rb"-?[0-9]+"),
    # Infinities and NaN are spelled well; they are refused for what they are.
    Kind.NUMBER: re.compile(rb"-?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:nan|inf|infinity))"),
    Kind.FLAG: re.compile(rb"true|false"),
}
_SAYS = {
    Kind.TIME: "is not a whole number of microseconds",
    Kind.NUMBER: "is not a number",
    Kind.FLAG: "is neither true nor false",
}
_SHOWN_CHARACTERS = 60


def misspelling(schema: Schema, line: bytes) -> str | None:
    """Say what breaks the grammar in *line*, which is without its end: cell count, characters, spelling.

    Cells that are empty where they may not be, or whose value is refused, are not looked for.
    """
    if not line:
        return "the line is empty"
    if b"\r" in line:
        return "a carriage return stands inside the line"
    cells = line.split(b",")
    if len(cells) != len(schema.columns):
        return f"it has {len(cells)} cells where the header has {len(schema.columns)}"
    for column, cell in zip(schema.columns, cells, strict=True):
        problem = _problem_of_cell(column, cell)
        if problem is not None:
            return f"{column.name} {shown(cell)} {problem}"
    return None


def _problem_of_cell(column: Column, cell: bytes) -> str | None:
    pattern = _PATTERNS.get(column.kind)
    if pattern is None:
        try:
            cell.decode("utf-8")
        except UnicodeDecodeError:
            return "is not UTF-8 text"
        return None
    if cell and not pattern.fullmatch(cell):
        return _SAYS[column.kind]
    # The lowest int64 stands for a missing integer; Python refuses to read very long ones.
    if column.kind is Kind.TIME and cell and (len(cell) > 400 or not MISSING_INTEGER < int(cell) < 2**63):
        return "does not fit into 64 bits"
    return None


def shown(cell: bytes) -> str:
    """Quote a cell for a message, whatever bytes it holds."""
    text = cell.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…")
