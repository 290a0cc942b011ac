"""How both forms of DuckDB read a vendor file and give rows back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contest import COLUMNS, CORES

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

SETTINGS: dict[str, str | bool | int | float | list[str]] = {"threads": CORES}
_LISTED = ", ".join("side = 'bid' AS side" if name == "side" else name for name in COLUMNS)


def csv_query(csv: Path) -> str:
    """Give the query that reads a vendor file."""
    types = (
        "{'exchange': 'VARCHAR', 'symbol': 'VARCHAR', 'timestamp': 'BIGINT', 'local_timestamp': 'BIGINT',"
        " 'is_snapshot': 'BOOLEAN', 'side': 'VARCHAR', 'price': 'DOUBLE', 'amount': 'DOUBLE'}"
    )
    return f"SELECT {', '.join(COLUMNS)} FROM read_csv('{csv}', header = true, columns = {types})"


def scan(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Fetch all rows as NumPy arrays; give their number."""
    return len(connection.execute(f"SELECT {_LISTED} FROM {table}").fetchnumpy()["price"])


def minute(connection: duckdb.DuckDBPyConnection, table: str, start_us: int, end_us: int) -> int:
    """Fetch a range as NumPy arrays; give the number of its rows."""
    query = f"SELECT {_LISTED} FROM {table} WHERE local_timestamp >= ? AND local_timestamp < ?"
    return len(connection.execute(query, [start_us, end_us]).fetchnumpy()["price"])
