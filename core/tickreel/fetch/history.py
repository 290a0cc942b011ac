"""What this home has fetched so far: the record from which sizes and times are estimated.

Nothing here is assumed: without a record there is no estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tickreel.market.time import US_PER_SECOND
from tickreel.market.types import DatasetKey, DataType

if TYPE_CHECKING:
    import sqlite3
    from datetime import date

    from tickreel.fetch.request import Origin
    from tickreel.store.records.database import Database

_LOOKED_BACK = 200
"""Days fetched last, on which an estimate rests: connections and vendors change."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One day that was fetched."""

    key: DatasetKey
    day: date
    origin: Origin
    began_us: int
    ended_us: int
    download_s: float | None
    """None where the process that downloaded it ended before it was stored."""
    store_s: float
    source_bytes: int
    stored_bytes: int
    """Rows and keyframes on disk."""
    rows: int


@dataclass(frozen=True, slots=True)
class Estimates:
    """What a fetch is likely to take; None where this home has fetched nothing comparable."""

    by_dataset: dict[DatasetKey, int]
    by_type: dict[str, int]
    overall: int | None
    bytes_per_s: float | None
    """Of source files, downloads side by side and storing included."""
    stored_share: float | None
    """Bytes stored for each byte of a source file."""

    def day_bytes(self, key: DatasetKey) -> int | None:
        """Estimate the size of a day's file: the middle one of its dataset, else of its type, else of all."""
        return self.by_dataset.get(key, self.by_type.get(key.type.value, self.overall))

    def seconds(self, size: int | None) -> float | None:
        """Estimate how long it takes to fetch and store *size* bytes."""
        return None if size is None or not self.bytes_per_s else size / self.bytes_per_s

    def stored_bytes(self, size: int | None) -> int | None:
        """Estimate the room that *size* bytes of files take in the cache."""
        return None if size is None or self.stored_share is None else round(size * self.stored_share)


class History:
    """The days that were fetched into a home, and what was asked of the vendor in each month."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: sqlite3.Connection, fetched: Fetched) -> None:
        """Record a day that was fetched, inside the caller's transaction."""
        key = fetched.key
        connection.execute(
            "INSERT INTO fetched (exchange, symbol, type, day, source, began_us, ended_us, download_s,"
            " store_s, source_bytes, stored_bytes, row_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key.exchange, key.symbol, key.type.value, fetched.day.isoformat(), fetched.origin.value),
                *(fetched.began_us, fetched.ended_us, fetched.download_s, fetched.store_s),
                *(fetched.source_bytes, fetched.stored_bytes, fetched.rows),
            ),
        )

    def estimates(self) -> Estimates:
        """Sum up the record for estimates."""
        rows = self._database.tuples(
            "SELECT exchange, symbol, type, source_bytes, stored_bytes, began_us, ended_us FROM fetched"
            " WHERE source = 'datasets' ORDER BY id DESC LIMIT ?",
            (_LOOKED_BACK,),
        )
        by_dataset: dict[DatasetKey, list[int]] = {}
        by_type: dict[str, list[int]] = {}
        for exchange, symbol, data_type, size, *_ in rows:
            by_dataset.setdefault(DatasetKey(exchange, symbol, DataType(data_type)), []).append(size)
            by_type.setdefault(data_type, []).append(size)
        sizes = [row[3] for row in rows]
        busy_s = _covered_us([(row[5], row[6]) for row in rows]) / US_PER_SECOND
        total = sum(sizes)
        return Estimates(
            by_dataset={key: round(median(found)) for key, found in by_dataset.items()},
            by_type={name: round(median(found)) for name, found in by_type.items()},
            overall=round(median(sizes)) if sizes else None,
            bytes_per_s=total / busy_s if total and busy_s else None,
            stored_share=sum(row[4] for row in rows) / total if total else None,
        )


def count_requests(connection: sqlite3.Connection, month: str, requests: int, size: int) -> None:
    """Add requests, and the bytes they brought, to what was asked of the vendor in a UTC month (YYYY-MM)."""
    connection.execute(
        "INSERT INTO origin_month (month, requests, bytes) VALUES (?, ?, ?) ON CONFLICT (month)"
        " DO UPDATE SET requests = requests + excluded.requests, bytes = bytes + excluded.bytes",
        (month, requests, size),
    )


def take_back_request(connection: sqlite3.Connection, month: str) -> None:
    """Uncount a request of a UTC month (YYYY-MM) that never reached the vendor."""
    connection.execute(
        "UPDATE origin_month SET requests = requests - 1 WHERE month = ? AND requests > 0", (month,)
    )


def _covered_us(spans: list[tuple[int, int]]) -> int:
    """Give the time that lies in at least one of the spans: days are fetched side by side."""
    covered, reached = 0, 0
    for begin, end in sorted(spans):
        covered += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return covered
