"""How the columns of a data type lie in Arrow, as they are handed to users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tickreel.market.block import Texts, Words
from tickreel.market.types import MISSING_INTEGER, SIDES, Column, Kind, Schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tickreel.market.block import Block

_PUBLIC: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.TIME: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOK_SIDE: pa.string(),
    Kind.TRADE_SIDE: pa.string(),
}


def public_schema(schema: Schema) -> pa.Schema:
    """Give the Arrow schema that users see.

    Text is a string, empty for an empty cell (never null); times are int64 microseconds and
    numbers float64, null for an empty cell.
    """
    return pa.schema([pa.field(column.name, _PUBLIC[column.kind]) for column in schema.columns])


def record_batch(block: Block, names: Sequence[str]) -> pa.RecordBatch:
    """Lay the columns *names* of a block out as users see them; numbers and times are not copied."""
    schema = public_schema(block.schema)
    return pa.RecordBatch.from_arrays(
        [_public_array(block, block.schema.column(name)) for name in names],
        schema=pa.schema([schema.field(name) for name in names]),
    )


def _public_array(block: Block, column: Column) -> pa.Array:
    if column.name == "exchange":
        return _repeated(block.exchange, len(block))
    data = block.symbol if column.name == "symbol" else block.columns[column.name]
    match data:
        case str():
            return _repeated(data, len(block))
        case Words():
            return _spelled(data.codes, data.words)
        case Texts():
            offsets = pa.py_buffer(np.ascontiguousarray(data.offsets))
            return pa.StringArray.from_buffers(len(data), offsets, pa.py_buffer(data.data))
    match column.kind:
        case Kind.BOOK_SIDE | Kind.TRADE_SIDE:
            return _spelled(data.astype(np.int32), SIDES[column.kind])
        case Kind.NUMBER:
            return _with_nulls(data, np.isnan(data))
        case Kind.TIME if not column.required:
            return _with_nulls(data, data == MISSING_INTEGER)
    return _wrapped(data)


def _with_nulls(values: NDArray[Any], missing: NDArray[np.bool_]) -> pa.Array:
    return _wrapped(values, ~missing if missing.any() else None)


def _wrapped(values: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> pa.Array:
    # By its buffers: Arrow's own way from NumPy loads pandas, half a second.
    packed = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
    if values.dtype == np.bool_:
        bits = pa.py_buffer(np.packbits(values, bitorder="little"))
        return pa.Array.from_buffers(pa.bool_(), len(values), [packed, bits])
    held = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [packed, held])


def _repeated(word: str, rows: int) -> pa.StringArray:
    """Write one word on every row."""
    spelled = np.frombuffer(word.encode(), np.uint8)
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(len(spelled))
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(np.tile(spelled, rows)))


def _spelled(codes: NDArray[np.int32], words: Sequence[str]) -> pa.StringArray:
    """Write the word of every code."""
    laid = Texts.of(words)
    array = pa.StringArray.from_buffers(len(laid), pa.py_buffer(laid.offsets), pa.py_buffer(laid.data))
    return array.take(_wrapped(codes))
