"""Parquet by DuckDB: read_csv into COPY, zstd, groups of 128k."""

from __future__ import annotations

import duckdb
import duckdb_rows
from contest import ROWS_OF_GROUP, Contest

contest = Contest()
path = contest.folder / "day.parquet"
connection = duckdb.connect(config=duckdb_rows.SETTINGS)
table = f"read_parquet('{path}')"


def _ingest() -> None:
    contest.fresh(path.name)
    connection.execute(
        f"COPY ({duckdb_rows.csv_query(contest.csv)}) TO '{path}'"
        f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_OF_GROUP})"
    )


contest.run(
    _ingest,
    lambda: path.stat().st_size,
    lambda: duckdb_rows.scan(connection, table),
    lambda start_us, end_us: duckdb_rows.minute(connection, table, start_us, end_us),
)
