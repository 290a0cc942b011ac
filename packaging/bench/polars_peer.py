"""Parquet by polars: scan_csv into sink_parquet, zstd, groups of 128k; read back lazily."""

from __future__ import annotations

import polars as pl
from contest import COLUMNS, ROWS_OF_GROUP, Contest

contest = Contest()
path = contest.folder / "day.parquet"
_TYPES = {
    "timestamp": pl.Int64,
    "local_timestamp": pl.Int64,
    "is_snapshot": pl.Boolean,
    "side": pl.String,
    "price": pl.Float64,
    "amount": pl.Float64,
}


def _ingest() -> None:
    rows = pl.scan_csv(contest.csv, schema_overrides=_TYPES).select(COLUMNS)
    rows.sink_parquet(
        contest.fresh(path.name), compression="zstd", row_group_size=ROWS_OF_GROUP, statistics=True
    )


def _arrays(frame: pl.DataFrame) -> int:
    """Lay the columns out as NumPy arrays; a side as whether it is a bid."""
    for name in COLUMNS:
        column = frame.get_column(name)
        (column == "bid" if name == "side" else column).to_numpy()
    return int(frame.height)


def _scan() -> int:
    return _arrays(pl.read_parquet(path, columns=list(COLUMNS)))


def _minute(start_us: int, end_us: int) -> int:
    time = pl.col("local_timestamp")
    return _arrays(pl.scan_parquet(path).filter((time >= start_us) & (time < end_us)).collect())


contest.run(_ingest, lambda: path.stat().st_size, _scan, _minute)
