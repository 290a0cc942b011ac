"""Read a vendor file as Arrow batches, with every fault told by its exact row.

The text is cut into blocks of whole lines, each parsed by Arrow and checked column by column.
Only a block that fails, or looks odd, is walked line by line to say where and why. Memory is
bounded by a few blocks, however large the file is.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from tickreel.errors import DataError, RowError
from tickreel.market.arrow import inside_field, inside_schema, side_array
from tickreel.market.types import SCHEMAS, SIDES, DataType, Schema
from tickreel.vendorcsv.checks import RowChecks
from tickreel.vendorcsv.decompress import SourceFile, text_of
from tickreel.vendorcsv.grammar import PARSE_OPTIONS, Fault, first_misspelling, is_misspelled, looks_odd
from tickreel.vendorcsv.header import schema_of_header
from tickreel.vendorcsv.naming import claim_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tickreel.progress import Monitor

_BLOCK_BYTES = 6 << 20
_PIECE_BYTES = 1 << 20
_PARSE_BYTES = 2 << 20
_LONGEST_HEADER_BYTES = 1 << 16
_BOM = b"\xef\xbb\xbf"


def open_csv(path: Path, *, type: DataType | None = None) -> CsvFile:
    """Open a plain, gzip or zstd CSV file and find its type: *type*, else by its name, else its header.

    Use it as a context manager.

    Raises:
        UsageError: there is no such file, or two types share its header and nothing tells which.
        DataError: it is not CSV, or not of *type*, or of no known type.
        EnvironmentProblem: the system refuses to open or read it.
    """
    source = SourceFile(path)
    try:
        return CsvFile(source, type)
    except BaseException:
        source.close()
        raise


class CsvFile:
    """One vendor file, read once from start to end."""

    def __init__(self, source: SourceFile, asked: DataType | None) -> None:
        """Take over *source*, which :meth:`close` closes, and read as far as the first line."""
        self.path = source.path
        self.rows = 0
        """Rows given by :meth:`batches` so far."""
        self._source = source
        self._stream = text_of(source)
        self._text = b""
        """Text that was unpacked and not yet given."""
        line = self._take_header()
        claimed = claim_of(self.path).type
        self.is_empty = line is None
        """Whether the file holds no text at all, not even a header."""
        self.schema: Schema | None
        """The columns; None for an empty file of which nobody says the type."""
        if line is None:
            known = asked or claimed
            self.schema = SCHEMAS[known] if known else None
        else:
            self.schema = schema_of_header(self.path, line, asked=asked, claimed=claimed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; again is nothing."""
        self._source.close()

    @property
    def source_sha256(self) -> str:
        """SHA-256 of the file as it lies on disk, once :meth:`batches` is exhausted."""
        return self._source.sha256

    @property
    def source_bytes(self) -> int:
        """Size of the file as it lies on disk, once :meth:`batches` is exhausted."""
        return self._source.position

    def batches(self, monitor: Monitor) -> Iterator[pa.RecordBatch]:
        """Yield the rows in file order, in the form of ``market.arrow.inside_schema``.

        A batch comes from about 6 MB of text: some 75,000 rows of a book, 6,000 of 25 levels.
        *monitor* hears the bytes read of the file on disk.

        Raises:
            RowError: a row is refused; the message has its number, column and cell.
            DataError: the gzip or zstd stream is truncated or damaged.
            Cancelled: *monitor* asks to stop.
        """
        if self.schema is None:
            return
        checks = RowChecks(self.schema)
        for block in self._blocks():
            monitor.report(self._source.position, self._source.size)
            batch, fault = _parse(self.schema, block)
            if batch.num_rows:
                fault = checks.first_fault(batch, block) or fault
            if fault is not None:
                self._refuse_damage(monitor)
                raise RowError(self.path, self.rows + fault.index + 1, fault.problem)
            self.rows += batch.num_rows
            yield batch
        monitor.report(self._source.position, self._source.size)

    def _take_header(self) -> bytes | None:
        while b"\n" not in self._text and len(self._text) < _LONGEST_HEADER_BYTES:
            piece = self._stream.read(_PIECE_BYTES)
            if not piece:
                break
            self._text += piece
        if self._stream.damage and b"\n" not in self._text:
            raise self._damage(0)
        self._text = self._text.removeprefix(_BOM)
        if not self._text:
            return None
        line, _, self._text = self._text.partition(b"\n")
        return line.removesuffix(b"\r")

    def _blocks(self) -> Iterator[bytes]:
        """Yield whole lines, about 6 MB at a time."""
        while True:
            pieces = [self._text]
            held = len(self._text)
            piece = b""
            while held < _BLOCK_BYTES and (piece := self._stream.read(_PIECE_BYTES)):
                pieces.append(piece)
                held += len(piece)
            text = b"".join(pieces)
            at_end = held < _BLOCK_BYTES
            end = len(text) if at_end else text.rfind(b"\n") + 1
            if self._stream.damage:
                raise self._damage(self.rows + text.count(b"\n"))
            if not end:
                if text:
                    raise RowError(self.path, self.rows + 1, f"the line is longer than {_BLOCK_BYTES} bytes")
                return
            block, self._text = text[:end], text[end:]
            yield block.replace(b"\r\n", b"\n") if b"\r" in block else block

    def _refuse_damage(self, monitor: Monitor) -> None:
        """Blame a damaged stream, not the row that came out of it; reads on to the end to find out."""
        if self._stream.packing is None:
            return
        while self._stream.read(_PIECE_BYTES):
            monitor.report(self._source.position, self._source.size)
        if self._stream.damage:
            raise self._damage(self.rows)

    def _damage(self, rows: int) -> DataError:
        return DataError(
            f"{self.path}: the {self._stream.packing} stream {self._stream.damage} after row {rows}; "
            "fetch or copy the file again"
        )


def _parse(schema: Schema, block: bytes) -> tuple[pa.RecordBatch, Fault | None]:
    """Parse the well-spelled rows at the start of *block*, and tell the row that ends them, if any does."""
    try:
        batch = _parse_fast(schema, block)
        if not (looks_odd(block) and is_misspelled(schema, block)):
            return batch, None
        fault = first_misspelling(schema, block)
    except pa.ArrowInvalid as error:
        fault = first_misspelling(schema, block)
        if fault is None:
            fault = Fault(0, f"it or a later one cannot be read: {error}")
    if fault is None:
        return batch, None
    good = b"".join(islice(block.splitlines(keepends=True), fault.index))
    batch = _parse_fast(schema, good) if good else pa.RecordBatch.from_pylist([], inside_schema(schema))
    return batch, fault


def _parse_fast(schema: Schema, block: bytes) -> pa.RecordBatch:
    table = pacsv.read_csv(
        pa.BufferReader(block),
        read_options=pacsv.ReadOptions(
            column_names=schema.names, use_threads=False, block_size=min(_PARSE_BYTES, len(block) + 1)
        ),
        parse_options=PARSE_OPTIONS,
        convert_options=_convert_options(schema),
    ).combine_chunks()
    columns = [table.column(position).chunk(0) for position in range(len(schema.columns))]
    for position, column in enumerate(schema.columns):
        words = SIDES.get(column.kind)
        if words is not None:
            codes = pc.index_in(columns[position], value_set=pa.array(words, pa.string()))
            columns[position] = side_array(column, codes.cast(pa.int8()))
    return pa.RecordBatch.from_arrays(columns, schema=inside_schema(schema))


def _convert_options(schema: Schema) -> pacsv.ConvertOptions:
    return pacsv.ConvertOptions(
        column_types={
            column.name: pa.string() if column.kind in SIDES else inside_field(column).type
            for column in schema.columns
        },
        null_values=[""],
        true_values=["true"],
        false_values=["false"],
        strings_can_be_null=False,
    )
