"""DuckDB's own table: read_csv into CREATE TABLE, closed and opened again."""

from __future__ import annotations

from functools import cache

import duckdb
import duckdb_rows
from contest import Contest

contest = Contest()
path = contest.folder / "day.duckdb"


def _ingest() -> None:
    with duckdb.connect(str(contest.fresh(path.name)), config=duckdb_rows.SETTINGS) as connection:
        connection.execute(f"CREATE TABLE day AS {duckdb_rows.csv_query(contest.csv)}")


@cache
def _opened() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(path), read_only=True, config=duckdb_rows.SETTINGS)


contest.run(
    _ingest,
    lambda: path.stat().st_size,
    lambda: duckdb_rows.scan(_opened(), "day"),
    lambda start_us, end_us: duckdb_rows.minute(_opened(), "day", start_us, end_us),
)
