"""``tickreel rows``: the rows of a range, as CSV, JSON, Parquet or Arrow."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from tickreel.cli.holdings import refuse_holes
from tickreel.cli.opening import opened_cache
from tickreel.cli.output import opened_output
from tickreel.cli.words import DAYS, TIMES, instrument, split_words
from tickreel.errors import UsageError
from tickreel.market.time import parse_range
from tickreel.market.types import SCHEMAS
from tickreel.store import as_type
from tickreel.vendorcsv import csv_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from tickreel.market.block import Block
    from tickreel.market.types import Schema

    Writer = Callable[[BinaryIO, Schema, Iterable[Block]], None]

USAGE = f"{DAYS} [--format csv|parquet|arrow|json] [-o FILE] [--allow-missing] [--json] [--home DIR]"
DESCRIPTION = (
    "Rows whose local time lies in [FROM, TO), in file order. csv is the vendor's own form, json one "
    f"array of objects, arrow the IPC stream format. {TIMES}"
)
_ROWS_AT_ONCE = 65_536


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's own arguments."""
    parser.add_argument("words", nargs="+", metavar=DAYS, help=argparse.SUPPRESS)
    parser.add_argument("--format", choices=tuple(_WRITERS), help="form of the output (csv)")
    parser.add_argument("-o", dest="output", metavar="FILE", help="write to this file, once all is there")
    parser.add_argument("--allow-missing", action="store_true", help="read over days that are not held")


def run(args: argparse.Namespace) -> int:
    """Do it, and give the exit code."""
    exchange, text, (type_name, start, end) = split_words(args.words, "SYMBOL", "TYPE", "FROM", "TO")
    exchange, symbol = instrument(exchange, text)
    data_type = as_type(type_name)
    start_us, end_us = parse_range(start, end)
    form = _form(args)
    schema = SCHEMAS[data_type]
    with opened_cache(args, only_reads=True) as cache:
        plan = cache.library.plan_read(exchange, symbol, data_type, start_us, end_us)
        refuse_holes([plan], allow_missing=args.allow_missing)
        with opened_output(args.output) as output:
            _WRITERS[form](output, schema, cache.library.rows(plan, schema.names))
    return 0


def _form(args: argparse.Namespace) -> str:
    form: str = args.format or ("json" if args.json else "csv")
    if args.json and form != "json":
        raise UsageError(f"--json and --format {form} contradict each other: give one of them")
    return form


def _write_csv(output: BinaryIO, schema: Schema, blocks: Iterable[Block]) -> None:
    for piece in csv_blocks(schema, _batches(schema, blocks)):
        output.write(piece)


def _write_json(output: BinaryIO, schema: Schema, blocks: Iterable[Block]) -> None:
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


_WRITERS: dict[str, Writer] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "arrow": _write_arrow,
    "json": _write_json,
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
