"""``result_sha256``: one digest over what a run did, the same wherever and however often it is run.

It is the SHA-256 over the raw 32-byte digests of the tables orders, fills and equity, in that order. The
digest of a table is the SHA-256 over the raw digests of its columns in their order; the bytes of a column
are its values row after row:

- integers as int64, little-endian;
- booleans as one byte, 0 or 1;
- numbers as float64, little-endian, -0 as 0, and what is missing as 0x7ff8000000000000;
- text as UTF-8, each value followed by the byte 0x1F.

Names of columns do not count, and neither do logs, recorded series, figures, or how long a run took.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAN = np.uint64(0x7FF8000000000000)


def result_sha256(orders: NDArray[Any], fills: NDArray[Any], equity: NDArray[Any]) -> str:
    """Digest structured arrays (n,), a field for each column; in hexadecimal."""
    return hashlib.sha256(b"".join(map(_table_digest, (orders, fills, equity)))).hexdigest()


def _table_digest(table: NDArray[Any]) -> bytes:
    names = table.dtype.names
    assert names is not None, "a table has named columns"
    return hashlib.sha256(
        b"".join(hashlib.sha256(column_bytes(table[name])).digest() for name in names)
    ).digest()


def column_bytes(column: NDArray[Any]) -> bytes:
    """Lay out a column, (n,) or (n, k) row by row, as it is digested."""
    match column.dtype.kind:
        case "b":
            return np.ascontiguousarray(column, np.uint8).tobytes()
        case "i" | "u":
            return np.ascontiguousarray(column, "<i8").tobytes()
        case "f":
            numbers = np.array(column, "<f8", order="C")
            numbers += 0.0  # -0 + 0 is 0
            bits = numbers.view("<u8")
            bits[np.isnan(numbers)] = _NAN
            return bits.tobytes()
        case "U":
            return b"".join(str(text).encode() + b"\x1f" for text in column.ravel())
        case kind:
            raise TypeError(f"a column of kind {kind!r} has no canonical bytes")
