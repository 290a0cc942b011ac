"""Rows written for other programs: the vendor's CSV, Parquet, the IPC stream of Arrow, JSON."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from tickreel.market.block import Block
    from tickreel.market.types import Schema

_ROWS_AT_ONCE = 65_536


class RowsForm(StrEnum):
    """A form in which rows leave the cache; its value ends the name of such a file."""

    CSV = "csv"
    """The vendor's own form, byte for byte."""
    PARQUET = "parquet"
    ARROW = "arrow"
    """The IPC stream format."""
    JSON = "json"
    """One array of objects."""


def write_rows(form: RowsForm, output: BinaryIO, schema: Schema, blocks: Iterable[Block]) -> None:
    """Write blocks with all columns of *schema* to a stream of bytes; the stream stays open."""
    _WRITERS[form](output, schema, blocks)


def _write_csv(output: BinaryIO, schema: Schema, blocks: Iterable[Block]) -> None:
    from tickreel.vendorcsv import csv_blocks

    for piece in csv_blocks(schema, _batches(schema, blocks)):
        output.write(piece)


def _write_json(output: BinaryIO, schema: Schema, blocks: Iterable[Block]) -> None:
    import msgspec

    encode = msgspec.json.Encoder().encode
    output.write(b"[")
    between = b"\n"
    for batch in _batches(schema, blocks):
        for row in batch.to_pylist():
            output.write(between + encode(row))
            between = b",\n"
    output.write(b"\n]\n")


def _write_parquet(output: BinaryIO, schema: Schema, blocks: Iterable[Block]) -> None:
    import pyarrow.parquet as pq

    from tickreel.market.arrow import public_schema

    with pq.ParquetWriter(_Sink(output), public_schema(schema), compression="zstd") as writer:
        for batch in _batches(schema, blocks):
            writer.write_batch(batch)


def _write_arrow(output: BinaryIO, schema: Schema, blocks: Iterable[Block]) -> None:
    import pyarrow as pa

    from tickreel.market.arrow import public_schema

    with pa.ipc.new_stream(_Sink(output), public_schema(schema)) as writer:
        for batch in _batches(schema, blocks):
            writer.write_batch(batch)


_WRITERS = {
    RowsForm.CSV: _write_csv,
    RowsForm.PARQUET: _write_parquet,
    RowsForm.ARROW: _write_arrow,
    RowsForm.JSON: _write_json,
}


def _batches(schema: Schema, blocks: Iterable[Block]) -> Iterator[pa.RecordBatch]:
    """Give the rows as users see them."""
    from tickreel.market.arrow import record_batch

    for block in blocks:
        for low in range(0, len(block), _ROWS_AT_ONCE):
            yield record_batch(block.cut(low, min(low + _ROWS_AT_ONCE, len(block))), schema.names)


class _Sink:
    """A stream of bytes that knows its position, which a pipe does not; closing it leaves the stream open."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._position = 0
        self.closed = False

    def write(self, piece: bytes) -> int:
        self._output.write(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        self._output.flush()

    def close(self) -> None:
        self.closed = True
