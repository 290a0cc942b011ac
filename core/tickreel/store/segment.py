"""Segment files, format version 0: one Parquet file per part of a day.

The rows of a part in file order, without the exchange (and without the symbol unless
the file is grouped), sides as their int8 codes, in row groups that never split a message. The footer's key
``tickreel`` holds a JSON object that names the dataset, the day and the rows' digest,
so that a segment explains itself without the catalog. A segment never changes.

Parquet's pages carry checksums, its footer does not, and a damaged one can pass for
good or end the process: the last eight bytes of a segment, after Parquet's own, are
``TICK`` and the CRC-32 of the footer (little-endian), which is looked at first.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tickreel.errors import DataError
from tickreel.market.arrow import inside_field, side_array
from tickreel.market.types import SCHEMAS, SIDES, DatasetKey, DataType
from tickreel.store.digest import RowsDigest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

FORMAT_VERSION = 0
ROW_GROUP_ROWS = 131_072
_FOOTER_KEY = b"tickreel"
_SEAL = b"TICK"
_SEAL_BYTES = 8
_TAIL_BYTES = 8
"""Parquet's own end: the length of the footer, and four letters."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is known of a segment once its last row is written."""

    path: Path
    key: DatasetKey
    day: date
    rows: int
    messages: int
    bytes: int
    first_local_us: int | None
    last_local_us: int | None
    rows_sha256: str
    opens_with_snapshot: bool
    members: tuple[str, ...]
    """Symbols inside a grouped file, sorted; empty otherwise."""


class SegmentWriter:
    """Write the rows of one day of one dataset, in order, to a new file.

    Rows come as batches of :func:`tickreel.market.arrow.inside_schema`. Nothing is
    visible to readers until the file is moved to its place by the store.
    """

    def __init__(self, path: Path, key: DatasetKey, day: date) -> None:
        self._path = path
        self._key = key
        self._day = day
        self._columns = stored_columns(key)
        self._file = path.open("wb")
        self._writer = pq.ParquetWriter(
            self._file,
            pa.schema([_stored_field(key.type, name) for name in self._columns]),
            compression="zstd",
            compression_level=1,
            write_statistics=["local_timestamp"],
            write_page_checksum=True,
        )
        self._digest = RowsDigest(SCHEMAS[key.type], grouped=key.is_grouped)
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._rows = 0
        self._messages = 0
        self._first_local_us: int | None = None
        self._last_local_us: int | None = None
        self._opens_with_snapshot = False
        self._members: set[str] = set()

    def append(self, batch: pa.RecordBatch) -> None:
        """Take the next rows of the day."""
        if batch.num_rows == 0:
            return
        if self._first_local_us is None:
            self._first_local_us = batch.column("local_timestamp")[0].as_py()
            self._opens_with_snapshot = (
                self._key.type is DataType.INCREMENTAL_BOOK_L2
                and not self._key.is_grouped
                and batch.column("is_snapshot")[0].as_py()
            )
        self._digest.update(batch)
        self._rows += batch.num_rows
        self._waiting.append(_undress(batch, self._key.type, self._columns))
        self._waiting_rows += batch.num_rows
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self._write_whole_messages()

    def _write_whole_messages(self) -> None:
        """Write what waits, but for its last message: the next batch may carry on with it."""
        table = pa.Table.from_batches(self._waiting).combine_chunks()
        local = table.column("local_timestamp").to_numpy()
        whole = int(np.searchsorted(local, local[-1]))
        if whole:
            self._write(table.slice(0, whole))
        rest = table.slice(whole).to_batches()
        self._waiting = rest
        self._waiting_rows = table.num_rows - whole

    def _write(self, table: pa.Table) -> None:
        local = table.column("local_timestamp").to_numpy()
        self._last_local_us = int(local[-1])
        if self._key.is_grouped:
            pairs = table.group_by(["symbol", "local_timestamp"]).aggregate([])
            self._messages += pairs.num_rows
            self._members.update(pc.unique(table.column("symbol")).to_pylist())
        else:
            self._messages += 1 + int(np.count_nonzero(np.diff(local)))
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def seal(self) -> Sealed:
        """Write the rest and the footer, and force the file to the disk."""
        if self._waiting:
            self._write(pa.Table.from_batches(self._waiting).combine_chunks())
        digest = self._digest.hexdigest()
        footer = {
            "format_version": FORMAT_VERSION,
            "exchange": self._key.exchange,
            "symbol": self._key.symbol,
            "type": self._key.type.value,
            "day": self._day.isoformat(),
            "rows": self._rows,
            "messages": self._messages,
            "rows_sha256": digest,
        }
        self._writer.add_key_value_metadata({_FOOTER_KEY.decode(): json.dumps(footer)})
        self._writer.close()
        self._file.flush()
        with pa.memory_map(str(self._path)) as written:
            self._file.write(_SEAL + _footer_checksum(written.read_buffer()))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Sealed(
            path=self._path,
            key=self._key,
            day=self._day,
            rows=self._rows,
            messages=self._messages,
            bytes=self._path.stat().st_size,
            first_local_us=self._first_local_us,
            last_local_us=self._last_local_us,
            rows_sha256=digest,
            opens_with_snapshot=self._opens_with_snapshot,
            members=tuple(sorted(self._members)),
        )

    def discard(self) -> None:
        """Give up: close what is open and remove the file."""
        with suppress(OSError, ValueError):
            self._writer.close()
        with suppress(OSError):  # a full disk fails once more; the handle is closed all the same
            self._file.close()
        self._path.unlink(missing_ok=True)


def stored_columns(key: DatasetKey) -> list[str]:
    """List the columns that a segment of this dataset holds."""
    left_out = {"exchange"} if key.is_grouped else {"exchange", "symbol"}
    return [name for name in SCHEMAS[key.type].names if name not in left_out]


def read_segment(
    path: Path, key: DatasetKey, start_us: int, end_us: int, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Read the rows whose local time lies in [start_us, end_us), whole messages at a time.

    Batches hold *columns* in that order, in the form of ``inside_schema``; each is one
    row group cut to the range, so no message is ever split over two of them.

    Raises:
        DataError: the file is gone, damaged, or of a newer format.
    """
    wanted = [name for name in dict.fromkeys((*columns, "local_timestamp")) if name in stored_columns(key)]
    try:
        with pq.ParquetFile(_parquet_of(path, key), page_checksum_verification=True) as file:
            _check_version(file, path)
            index = file.schema_arrow.get_field_index("local_timestamp")
            for group in range(file.num_row_groups):
                bounds = file.metadata.row_group(group).column(index).statistics
                if bounds.max < start_us or bounds.min >= end_us:
                    continue
                table = file.read_row_group(group, columns=wanted).combine_chunks()
                if bounds.min < start_us or bounds.max >= end_us:
                    local = table.column("local_timestamp").to_numpy()
                    low, high = np.searchsorted(local, (start_us, end_us))
                    table = table.slice(low, high - low)
                if table.num_rows:
                    yield _dress(table, key, columns)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"segment {path.stem} of {key} cannot be read: {error}") from error


def _parquet_of(path: Path, key: DatasetKey) -> pa.BufferReader:
    """Open the Parquet file inside a segment, once its footer is found as it was sealed."""
    with pa.memory_map(str(path)) as file:
        whole = file.read_buffer()
    parquet = whole.slice(0, max(whole.size - _SEAL_BYTES, 0))
    seal = whole.slice(parquet.size).to_pybytes()
    if seal != _SEAL + _footer_checksum(parquet):
        raise DataError(f"segment {path.stem} of {key} cannot be read: its footer is not what was written")
    return pa.BufferReader(parquet)


def _footer_checksum(parquet: pa.Buffer) -> bytes:
    view = memoryview(parquet)
    footer_bytes = int.from_bytes(view[-_TAIL_BYTES : -_TAIL_BYTES + 4], "little") + _TAIL_BYTES
    return crc32(view[-footer_bytes:]).to_bytes(4, "little")


def _check_version(file: pq.ParquetFile, path: Path) -> None:
    text = (file.metadata.metadata or {}).get(_FOOTER_KEY)
    if text is None:
        raise DataError(f"segment {path.stem} has no footer of ours: it is not a segment")
    version = json.loads(text).get("format_version")
    if version != FORMAT_VERSION:
        raise DataError(
            f"segment {path.stem} has format version {version}, this program reads {FORMAT_VERSION}: "
            "use the version of Tickreel that wrote it"
        )


def _stored_field(data_type: DataType, name: str) -> pa.Field:
    column = SCHEMAS[data_type].column(name)
    return pa.field(name, pa.int8()) if column.kind in SIDES else inside_field(column)


def _undress(batch: pa.RecordBatch, data_type: DataType, columns: Sequence[str]) -> pa.RecordBatch:
    """Keep the stored columns, sides as bare codes and text as plain strings."""
    arrays: list[pa.Array] = []
    for name in columns:
        array = batch.column(name)
        if SCHEMAS[data_type].column(name).kind in SIDES:
            array = array.indices
        elif pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        arrays.append(array)
    schema = pa.schema([_stored_field(data_type, name) for name in columns])
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _dress(table: pa.Table, key: DatasetKey, columns: Sequence[str]) -> pa.RecordBatch:
    """Add the columns that are the same on every row, and the words to the side codes."""
    arrays: list[pa.Array] = []
    fields: list[pa.Field] = []
    for name in columns:
        column = SCHEMAS[key.type].column(name)
        if name in table.column_names:
            array = pa.concat_arrays(table.column(name).chunks)
            if column.kind in SIDES:
                array = side_array(column, array)
        else:
            array = pa.repeat(key.exchange if name == "exchange" else key.symbol, table.num_rows)
        arrays.append(array)
        fields.append(inside_field(column))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
