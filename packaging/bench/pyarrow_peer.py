"""Parquet by pyarrow: zstd, dictionaries, row groups of 128k; ranges by an index of the groups."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from contest import COLUMNS, CORES, ROWS_OF_GROUP, Contest

contest = Contest()
path = contest.folder / "day.parquet"
_TYPES = {
    "timestamp": pa.int64(),
    "local_timestamp": pa.int64(),
    "is_snapshot": pa.bool_(),
    "side": pa.dictionary(pa.int32(), pa.string()),
    "price": pa.float64(),
    "amount": pa.float64(),
}


def _ingest() -> None:
    options = pa.csv.ConvertOptions(column_types=_TYPES, include_columns=list(COLUMNS))
    schema = pa.schema(list(_TYPES.items()))
    with (
        pa.csv.open_csv(
            contest.csv, convert_options=options, read_options=pa.csv.ReadOptions(block_size=1 << 23)
        ) as rows,
        pq.ParquetWriter(contest.fresh(path.name), schema, compression="zstd", use_dictionary=True) as writer,
    ):
        held: list[pa.RecordBatch] = []
        count = 0
        for batch in rows:
            held.append(batch)
            count += batch.num_rows
            if count >= 8 * ROWS_OF_GROUP:
                writer.write_table(pa.Table.from_batches(held), row_group_size=ROWS_OF_GROUP)
                held, count = [], 0
        if held:
            writer.write_table(pa.Table.from_batches(held), row_group_size=ROWS_OF_GROUP)


def _arrays(table: pa.Table) -> int:
    """Lay the columns out as NumPy arrays; a side as its code."""
    for name in COLUMNS:
        column = table.column(name)
        if name == "side":
            for chunk in column.chunks:
                chunk.indices.to_numpy(zero_copy_only=False)
        else:
            column.to_numpy()
    return int(table.num_rows)


def _scan() -> int:
    # A group at a time: what comes out may be used and thrown away, as with the others.
    with pq.ParquetFile(path, read_dictionary=["side"]) as file:
        return sum(
            _arrays(file.read_row_groups([group], columns=list(COLUMNS), use_threads=CORES > 1))
            for group in range(file.num_row_groups)
        )


@cache
def _opened() -> tuple[pq.ParquetFile, np.ndarray, np.ndarray]:
    """Open the file once, with the first and last time of each group."""
    file = pq.ParquetFile(path, read_dictionary=["side"], pre_buffer=False)
    place = file.schema_arrow.get_field_index("local_timestamp")
    bounds = [
        (statistics.min, statistics.max)
        for group in range(file.num_row_groups)
        for statistics in [file.metadata.row_group(group).column(place).statistics]
    ]
    lows, highs = np.array(bounds).T
    return file, lows, highs


def _minute(start_us: int, end_us: int) -> int:
    file, lows, highs = _opened()
    first, last = np.searchsorted(highs, start_us), np.searchsorted(lows, end_us)
    if first >= last:
        return 0
    table = file.read_row_groups(list(range(first, last)), columns=list(COLUMNS))
    times = table.column("local_timestamp").to_numpy()
    low, high = np.searchsorted(times, (start_us, end_us))
    return _arrays(table.slice(low, high - low))


contest.run(_ingest, lambda: path.stat().st_size, _scan, _minute)
