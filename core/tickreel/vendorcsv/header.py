"""Which type the first line of a file announces, and what is wrong with a line that announces none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tickreel.errors import DataError, UsageError
from tickreel.market.types import SCHEMAS, DataType, Schema, types_with_header

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN_CHARACTERS = 160


def schema_of_header(path: Path, line: bytes, *, asked: DataType | None, claimed: DataType | None) -> Schema:
    """Find the schema of the file *path* whose first line, without its line end, is *line*.

    *asked* is the type that the user named and must fit; *claimed*, what the file's name says,
    counts only where it fits.

    Raises:
        DataError: the line is not the header of *asked*, or of no type at all.
        UsageError: two types share the header and nothing tells which is meant.
    """
    header = _readable(path, line)
    if asked is not None:
        if header != SCHEMAS[asked].header:
            raise DataError(
                f"{path}: its header is not that of {asked}: {_difference(SCHEMAS[asked], header)}"
            )
        return SCHEMAS[asked]
    fitting = types_with_header(header)
    if claimed in fitting:
        return SCHEMAS[claimed]
    if len(fitting) == 1:
        return SCHEMAS[fitting[0]]
    if fitting:
        raise UsageError(
            f"{path}: {' and '.join(fitting)} have the same columns; say which it is: "
            + " or ".join(f"--type {data_type}" for data_type in fitting)
        )
    nearest = SCHEMAS[claimed] if claimed else _nearest(header)
    if nearest is None:
        raise DataError(
            f"{path}: this is not one of the vendor's CSV files: its first line is {_shortened(header)!r}, "
            "not a header that begins with exchange,symbol,timestamp,local_timestamp"
        )
    raise DataError(
        f"{path}: the header is of no known type; nearest is {nearest.type}: {_difference(nearest, header)}"
    )


def _readable(path: Path, line: bytes) -> str:
    """Decode the first line, or say what kind of file this is instead of CSV."""
    try:
        header = line.decode("utf-8")
    except UnicodeDecodeError:
        header = "\0"
    if any(character < " " and character != "\t" for character in header):
        raise DataError(
            f"{path}: this is not CSV but binary data; import the vendor's .csv, .csv.gz or .csv.zst"
        )
    start = header.lstrip()[:1]
    if start == "<":
        raise DataError(f"{path}: this is not CSV but a web page or XML; download the data file itself")
    if start in ("{", "["):
        raise DataError(f"{path}: this is not CSV but JSON, perhaps an error message: {_shortened(header)}")
    if not start:
        raise DataError(f"{path}: this is not CSV: its first line is empty where the header should be")
    if types_with_header(header.replace('"', "").replace("'", "")) and not types_with_header(header):
        raise DataError(
            f"{path}: the names in its header stand in quotes, which the vendor's files never have: "
            f"write it again without quoting (found {_shortened(header)})"
        )
    return header


def _nearest(header: str) -> Schema | None:
    found = set(header.split(","))
    nearest = min(SCHEMAS.values(), key=lambda schema: len(found.symmetric_difference(schema.names)))
    return nearest if len(found.intersection(nearest.names)) > 1 else None


def _difference(schema: Schema, header: str) -> str:
    """Say how *header* differs from that of *schema*, and show both."""
    found = header.split(",")
    missing = [name for name in schema.names if name not in found]
    unknown = [name for name in found if name not in schema.names]
    twice = sorted(name for name, count in Counter(found).items() if count > 1)
    faults = [
        f"{what} {', '.join(map(repr, names[:5]))}{' and more' if len(names) > 5 else ''}"
        for what, names in (("missing", missing), ("unknown", unknown), ("repeated", twice))
        if names
    ]
    reason = "; ".join(faults) or "the same columns in another order"
    return f"{reason}; expected {_shortened(schema.header)}, found {_shortened(header)}"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
