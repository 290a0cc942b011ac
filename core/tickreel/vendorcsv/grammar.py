"""How a cell may be spelled, and the exact place of the first cell that is spelled otherwise.

Arrow parses fast, but tells no row when it fails, and lets a few spellings pass that the
vendor never writes: blanks around numbers, ``+1``, and hexadecimal integers. Here is the
grammar that holds; it is walked only over text that failed, or that looks odd.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from tickreel.market.types import MISSING_INTEGER, Column, Kind, Schema

_SPELLINGS = {
    Kind.TIME: r"-?[0-9]+",
    Kind.NUMBER: r"-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
    Kind.FLAG: r"true|false",
}
_SAYS = {
    Kind.TIME: "is not a whole number of microseconds",
    Kind.NUMBER: "is not a number",
    Kind.FLAG: "is neither true nor false",
}
_PATTERNS = {kind: re.compile(spelling.encode()) for kind, spelling in _SPELLINGS.items()}
_SHOWN_CHARACTERS = 60

PARSE_OPTIONS = pacsv.ParseOptions(
    quote_char=False, escape_char=False, newlines_in_values=False, ignore_empty_lines=False
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one row of a block."""

    index: int
    """Rows of the block before it."""
    problem: str


def problem_at(block: bytes, index: int, column: Column, position: int, problem: str) -> str:
    """Word what is wrong with the cell at *position* of the row *index* of a block of whole lines.

    ``{cell}`` in *problem* stands for the cell as it is spelled.
    """
    line = block.split(b"\n", index + 1)[index]
    if not line:
        return "the line is empty"
    return f"{column.name} {problem.replace('{cell}', _shown(line.split(b',')[position]))}"


def first_misspelling(schema: Schema, block: bytes) -> Fault | None:
    """Find the first row of *block* that breaks the grammar: cell count, characters, spelling.

    Cells that are empty where they may not be, or whose value is refused, are not looked for.
    """
    lines = block.removesuffix(b"\n").split(b"\n")
    for index, line in enumerate(lines):
        problem = _problem_of_line(schema, line)
        if problem is not None:
            return Fault(index, problem)
    return None


def _problem_of_line(schema: Schema, line: bytes) -> str | None:
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
            return f"{column.name} {_shown(cell)} {problem}"
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


def looks_odd(block: bytes) -> bool:
    """Tell whether *block* may hold a spelling that Arrow accepts and the grammar does not.

    A few fast searches; True is only a suspicion.
    """
    if any(byte in block for byte in (b" ", b"\t", b"\v", b"\f", b"\r")):
        return True
    text = np.frombuffer(block, np.uint8)
    for sign, before in ((b"x", b"0"), (b"X", b"0"), (b"+", b","), (b"+", b"\n")):
        if sign in block:
            places = np.flatnonzero(text[1:] == sign[0])
            if (text[places] == before[0]).any():
                return True
    return block.startswith(b"+")


def is_misspelled(schema: Schema, block: bytes) -> bool:
    """Tell whether any cell of *block*, which Arrow could parse, breaks the grammar."""
    if b"\r" in block:
        return True
    table = pacsv.read_csv(
        pa.BufferReader(block),
        read_options=pacsv.ReadOptions(column_names=schema.names, use_threads=False, block_size=len(block)),
        parse_options=PARSE_OPTIONS,
        convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(schema.names, pa.string())),
    )
    return any(
        not pc.all(pc.match_substring_regex(table[column.name], f"^({_SPELLINGS[column.kind]})?$")).as_py()
        for column in schema.columns
        if column.kind in _SPELLINGS
    )


def _shown(cell: bytes) -> str:
    """Quote a cell for a message, whatever bytes it holds."""
    text = cell.decode("utf-8", "backslashreplace")
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…")
