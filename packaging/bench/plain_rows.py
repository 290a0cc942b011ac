"""The rows of a vendor file as plain Python has them."""

from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[int, bool, bool, float, float]
"""Local time in microseconds, whether of a snapshot, whether a bid, price, amount."""


def read_rows(path: Path) -> list[Row]:
    """Read all rows into memory."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return [
            (
                int(row["local_timestamp"]),
                row["is_snapshot"] == "true",
                row["side"] == "bid",
                float(row["price"]),
                float(row["amount"]),
            )
            for row in csv.DictReader(text)
        ]
