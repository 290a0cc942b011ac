"""The digest of a day's rows, ``rows_sha256``: the same however the rows were packed.

One SHA-256 runs over each column, so that the digest depends neither on how the rows were
cut into batches nor on how a segment stores them; the digest of the day is the SHA-256 over
the raw column digests in the vendor's order. The exchange is left out; the symbol counts
only in grouped files, where it tells the instruments apart.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tickreel.market.types import MISSING_INTEGER, Kind, Schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_MISSING_NUMBER = np.uint64(0x7FF8_0000_0000_0000)
_TEXT_END = "\x1f"


class RowsDigest:
    """A running digest over the rows of one day, fed in time order."""

    def __init__(self, schema: Schema, *, grouped: bool) -> None:
        self._columns = [
            (position, _COLUMN_BYTES[column.kind], hashlib.sha256())
            for position, column in enumerate(schema.columns)
            if column.name != "exchange" and (grouped or column.name != "symbol")
        ]

    def update(self, batch: pa.RecordBatch) -> None:
        """Take in the rows of *batch*, which has the form of ``market.arrow.inside_schema``.

        Its text columns may also be dictionary-encoded.
        """
        if batch.num_rows:
            for position, column_bytes, digest in self._columns:
                digest.update(column_bytes(batch.column(position)))

    def copy(self) -> Self:
        """Give an independent digest over the same rows so far."""
        twin = type(self).__new__(type(self))
        twin._columns = [(position, form, digest.copy()) for position, form, digest in self._columns]
        return twin

    def hexdigest(self) -> str:
        """Give the digest of the rows so far, in hexadecimal; more rows may follow."""
        return hashlib.sha256(b"".join(digest.digest() for *_, digest in self._columns)).hexdigest()


def _integer_bytes(cells: pa.Int64Array) -> NDArray[Any]:
    full = pc.fill_null(cells, MISSING_INTEGER) if cells.null_count else cells
    return np.ascontiguousarray(full.to_numpy(), "<i8")


def _number_bytes(cells: pa.DoubleArray) -> NDArray[Any]:
    numbers = cells.to_numpy(zero_copy_only=False).astype("<f8", copy=False) + 0.0  # turns -0 into 0
    numbers.view("<u8")[np.isnan(numbers)] = _MISSING_NUMBER
    return np.ascontiguousarray(numbers)


def _flag_bytes(cells: pa.BooleanArray) -> NDArray[Any]:
    return np.ascontiguousarray(cells.to_numpy(zero_copy_only=False), np.uint8)


def _side_bytes(cells: pa.DictionaryArray) -> NDArray[Any]:
    # The codes are those of market.types.SIDES: bid 0, ask 1; buy 0, sell 1, unknown 2. An
    # empty side of a trade, of which the vendor's description says nothing, counts as 3.
    return np.ascontiguousarray(cells.indices.to_numpy(), np.uint8)


def _text_bytes(cells: pa.Array) -> pa.Buffer:
    texts = pc.fill_null(cells.cast(pa.string()), "")
    return pc.binary_join_element_wise(texts, "", _TEXT_END).buffers()[2]


_COLUMN_BYTES: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text_bytes,
    Kind.TIME: _integer_bytes,
    Kind.FLAG: _flag_bytes,
    Kind.NUMBER: _number_bytes,
    Kind.BOOK_SIDE: _side_bytes,
    Kind.TRADE_SIDE: _side_bytes,
}
