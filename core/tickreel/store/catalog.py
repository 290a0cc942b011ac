"""The catalog: which datasets, days and parts this home holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from tickreel.market.types import GROUPS, DatasetKey, DataType
from tickreel.store.model import Dataset, Day, DayState, Part, Source

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tickreel.store.database import Database

_PARTS = """
    SELECT dataset.exchange, dataset.symbol, dataset.type, day.state, day.rows_sha256 AS day_sha256, segment.*
    FROM segment
    JOIN dataset ON dataset.id = segment.dataset_id
    JOIN day ON day.dataset_id = segment.dataset_id AND day.day = segment.day
    WHERE segment.trashed_us IS NULL {where}
    ORDER BY dataset.exchange, dataset.symbol, dataset.type, segment.day, segment.start_us
"""


@dataclass(frozen=True, slots=True)
class NewPart:
    """A sealed segment that is about to become part of a day."""

    part: Part
    key: DatasetKey
    members: tuple[str, ...]


class Catalog:
    """Queries and changes of the catalog; a change runs inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keys(self) -> list[DatasetKey]:
        """List the datasets with at least one recorded day."""
        rows = self._database.rows(
            "SELECT exchange, symbol, type FROM dataset WHERE id IN (SELECT dataset_id FROM day)"
            " ORDER BY exchange, symbol, type"
        )
        return [_key(row) for row in rows]

    def days(self, key: DatasetKey) -> list[Day]:
        """List the recorded days of a dataset, oldest first."""
        return _to_days(
            self._database.rows(
                _PARTS.format(where="AND exchange = ? AND symbol = ? AND type = ?"),
                (key.exchange, key.symbol, key.type.value),
            )
        )

    def all_days(self) -> list[Day]:
        """List every recorded day, by exchange, symbol, type and day."""
        return _to_days(self._database.rows(_PARTS.format(where="")))

    def datasets(self) -> list[Dataset]:
        """Sum up every dataset, by exchange, symbol and type."""
        return [summarise(key, list(days)) for key, days in groupby(self.all_days(), key=lambda day: day.key)]

    def group_with(self, exchange: str, symbol: str, data_type: DataType) -> DatasetKey | None:
        """Find the grouped dataset in whose files an instrument stands."""
        marks = ", ".join("?" * len(GROUPS))
        rows = self._database.rows(
            f"""SELECT DISTINCT exchange, dataset.symbol, type FROM dataset
                JOIN segment ON segment.dataset_id = dataset.id AND segment.trashed_us IS NULL
                JOIN member ON member.segment_id = segment.id
                WHERE exchange = ? AND type = ? AND member.symbol = ? AND dataset.symbol IN ({marks})
                ORDER BY dataset.symbol""",
            (exchange, data_type.value, symbol, *GROUPS),
        )
        return _key(rows[0]) if rows else None

    def members(self, key: DatasetKey) -> list[str]:
        """List the instruments that stand in a grouped dataset's files."""
        rows = self._database.rows(
            """SELECT DISTINCT member.symbol FROM member
               JOIN segment ON segment.id = member.segment_id AND segment.trashed_us IS NULL
               JOIN dataset ON dataset.id = segment.dataset_id
               WHERE exchange = ? AND dataset.symbol = ? AND type = ? ORDER BY member.symbol""",
            (key.exchange, key.symbol, key.type.value),
        )
        return [row["symbol"] for row in rows]

    def held_segments(self, ids: Iterable[str]) -> set[str]:
        """Tell which of these segments the catalog knows, trashed ones included."""
        wanted = list(ids)
        marks = ", ".join("?" * len(wanted))
        return {
            row["id"]
            for row in self._database.rows(f"SELECT id FROM segment WHERE id IN ({marks})", tuple(wanted))
        }

    def add_part(
        self, connection: sqlite3.Connection, new: NewPart, state: DayState, day_sha256: str
    ) -> None:
        """Record a new part, and its day as *state* with the digest of all its rows."""
        dataset_id = self._dataset_id(connection, new.key)
        part = new.part
        connection.execute(
            "INSERT INTO day (dataset_id, day, state, rows_sha256) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (dataset_id, day) DO UPDATE SET state = excluded.state, "
            "rows_sha256 = excluded.rows_sha256",
            (dataset_id, part.day.isoformat(), state.value, day_sha256),
        )
        connection.execute(
            "INSERT INTO segment (id, dataset_id, day, start_us, end_us, row_count, messages, bytes,"
            " first_local_us, last_local_us, rows_sha256, opens_with_snapshot, source, source_sha256,"
            " imported_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                part.segment_id,
                dataset_id,
                part.day.isoformat(),
                part.start_us,
                part.end_us,
                part.rows,
                part.messages,
                part.bytes,
                part.first_local_us,
                part.last_local_us,
                part.rows_sha256,
                int(part.opens_with_snapshot),
                part.source.value,
                part.source_sha256,
                part.imported_us,
            ),
        )
        connection.executemany(
            "INSERT INTO member (segment_id, symbol) VALUES (?, ?)",
            [(part.segment_id, symbol) for symbol in new.members],
        )

    def trash(self, connection: sqlite3.Connection, parts: Iterable[Part], now_us: int) -> None:
        """Move parts to the trash; their files stay until the trash is emptied."""
        connection.executemany(
            "UPDATE segment SET trashed_us = ? WHERE id = ?",
            [(now_us, part.segment_id) for part in parts],
        )

    def _dataset_id(self, connection: sqlite3.Connection, key: DatasetKey) -> int:
        named = (key.exchange, key.symbol, key.type.value)
        connection.execute(
            "INSERT INTO dataset (exchange, symbol, type) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", named
        )
        row = connection.execute(
            "SELECT id FROM dataset WHERE exchange = ? AND symbol = ? AND type = ?", named
        ).fetchone()
        return int(row["id"])


def summarise(key: DatasetKey, days: list[Day]) -> Dataset:
    """Sum up the recorded days (at least one, oldest first) of a dataset."""
    counted = Counter(day.state for day in days)
    span_days = (days[-1].day - days[0].day).days + 1
    counted[DayState.MISSING] += span_days - len(days)
    firsts = [day.first_local_us for day in days if day.first_local_us is not None]
    lasts = [day.last_local_us for day in days if day.last_local_us is not None]
    return Dataset(
        key=key,
        first_day=days[0].day,
        last_day=days[-1].day,
        days={state: counted[state] for state in DayState},
        rows=sum(day.rows for day in days),
        bytes=sum(day.bytes for day in days),
        first_local_us=min(firsts, default=None),
        last_local_us=max(lasts, default=None),
    )


def _key(row: sqlite3.Row) -> DatasetKey:
    return DatasetKey(row["exchange"], row["symbol"], DataType(row["type"]))


def _to_days(rows: list[sqlite3.Row]) -> list[Day]:
    return [
        Day(
            key=key,
            day=date.fromisoformat(day),
            state=DayState(parts[0]["state"]),
            rows_sha256=parts[0]["day_sha256"],
            parts=tuple(_to_part(row) for row in parts),
        )
        for (key, day), group in groupby(rows, key=lambda row: (_key(row), row["day"]))
        for parts in [list(group)]
    ]


def _to_part(row: sqlite3.Row) -> Part:
    return Part(
        segment_id=row["id"],
        day=date.fromisoformat(row["day"]),
        start_us=row["start_us"],
        end_us=row["end_us"],
        rows=row["row_count"],
        messages=row["messages"],
        bytes=row["bytes"],
        first_local_us=row["first_local_us"],
        last_local_us=row["last_local_us"],
        rows_sha256=row["rows_sha256"],
        opens_with_snapshot=bool(row["opens_with_snapshot"]),
        source=Source(row["source"]),
        source_sha256=row["source_sha256"],
        imported_us=row["imported_us"],
    )
