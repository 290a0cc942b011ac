"""L2 rows for tests: from vendor CSV files, or from rows written out in a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv
from support.dictbook import Row

from tickreel.book import L2Rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def read_l2(*paths: Path) -> L2Rows:
    """Read files of one symbol, in the order given, as one stream."""
    table = pa.concat_tables([pyarrow.csv.read_csv(path) for path in paths])
    return L2Rows(
        local_us=table["local_timestamp"].to_numpy(),
        is_snapshot=table["is_snapshot"].to_numpy(),
        side=(table["side"].to_numpy() == "ask").astype(np.int8),
        price=table["price"].cast(pa.float64()).to_numpy(),
        amount=table["amount"].cast(pa.float64()).to_numpy(),
    )


def l2_rows(rows: Iterable[Row]) -> L2Rows:
    """Turn rows into columns."""
    listed = list(rows)
    return L2Rows(
        local_us=np.array([row.local_us for row in listed], np.int64),
        is_snapshot=np.array([row.is_snapshot for row in listed], np.bool_),
        side=np.array([row.side == "ask" for row in listed], np.int8),
        price=np.array([row.price for row in listed], np.float64),
        amount=np.array([row.amount for row in listed], np.float64),
    )


def listed_rows(rows: L2Rows) -> list[Row]:
    """Turn columns into rows."""
    sides = np.where(rows.side == 1, "ask", "bid").tolist()
    columns = (rows.local_us.tolist(), rows.is_snapshot.tolist(), sides, rows.price.tolist())
    return [Row(*cells) for cells in zip(*columns, rows.amount.tolist(), strict=True)]
