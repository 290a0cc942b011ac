"""How the columns of a data type lie in Arrow, as they are handed to users."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from tickreel.market.block import Texts, Words
from tickreel.market.types import MISSING_INTEGER, SCHEMAS, SIDES, Column, DataType, Kind, Schema

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

SHARED_ROWS = 1 << 17
"""Rows up to which a word that stands on every row is laid out once, and shared by all batches:
a dense minute has fewer, and a few words of so many rows are some megabytes."""


class _Layout(NamedTuple):
    """What record batches of some columns of a data type have in common."""

    columns: tuple[Column, ...]
    schema: pa.Schema


def public_schema(schema: Schema) -> pa.Schema:
    """Give the Arrow schema that users see.

    Text is a string, empty for an empty cell (never null); times are int64 microseconds and
    numbers float64, null for an empty cell.
    """
    return _layout(schema.type, schema.names).schema


def record_batch(block: Block, names: Sequence[str]) -> pa.RecordBatch:
    """Lay the columns *names* of a block out as users see them; numbers and times are not copied."""
    layout = _layout(block.schema.type, tuple(names))
    arrays = [_public_array(block, column) for column in layout.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=layout.schema)


@lru_cache(maxsize=64)
def _layout(data_type: DataType, names: tuple[str, ...]) -> _Layout:
    by_name = {column.name: column for column in SCHEMAS[data_type].columns}
    columns = tuple(by_name[name] for name in names)
    return _Layout(columns, pa.schema([pa.field(column.name, _PUBLIC[column.kind]) for column in columns]))


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
        case Kind.BOOK_SIDE:
            return _spelled_sides(data)
        case Kind.TRADE_SIDE:
            return _spelled(data.astype(np.int32), SIDES[column.kind])
        case Kind.NUMBER if column.name not in block.full:
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
    step = len(word.encode())
    if rows > SHARED_ROWS:
        data = pa.py_buffer(word.encode() * rows)
    else:  # cut to the rows: what pickles an array takes its buffers as they are
        data = _shared_text(word).slice(0, step * rows)
    return pa.StringArray.from_buffers(rows, _even_offsets(step, rows), data)


@lru_cache(maxsize=8)
def _shared_text(word: str) -> pa.Buffer:
    return pa.py_buffer(word.encode() * SHARED_ROWS)


def _even_offsets(step: int, rows: int) -> pa.Buffer:
    """Give the offsets of texts that are all *step* bytes long."""
    if rows > SHARED_ROWS:
        return _offsets(step, rows)
    return _shared_offsets(step).slice(0, 4 * (rows + 1))


@lru_cache(maxsize=16)
def _shared_offsets(step: int) -> pa.Buffer:
    return _offsets(step, SHARED_ROWS)


def _offsets(step: int, rows: int) -> pa.Buffer:
    return pa.py_buffer(np.arange(rows + 1, dtype=np.int32) * np.int32(step))


def _spelled_sides(codes: NDArray[np.int8]) -> pa.StringArray:
    """Write the side of every row of a book: both are as long, so eight rows are looked up at once."""
    rows = len(codes)
    table = _eight_sides()
    data = pa.py_buffer(table.take(np.packbits(codes)))
    return pa.StringArray.from_buffers(rows, _even_offsets(table.itemsize // 8, rows), data)


@cache
def _eight_sides() -> NDArray[np.void]:
    """Spell eight sides for each byte that :func:`numpy.packbits` makes of eight codes."""
    words = np.array([list(word.encode()) for word in SIDES[Kind.BOOK_SIDE]], np.uint8)
    codes = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1)
    spelled = words[codes].reshape(len(codes), -1)
    return spelled.view(f"V{spelled.shape[1]}")[:, 0]


def _spelled(codes: NDArray[np.int32], words: Sequence[str]) -> pa.StringArray:
    """Write the word of every code."""
    laid = Texts.of(words)
    array = pa.StringArray.from_buffers(len(laid), pa.py_buffer(laid.offsets), pa.py_buffer(laid.data))
    return array.take(_wrapped(codes))
