"""The catalog: which datasets, days and parts this home holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tickreel.market.types import GROUPS, DatasetKey, DataType
from tickreel.store.model import Dataset, Day, DayState, Grade, Part, state_of_parts
from tickreel.store.records.listing import PART_COLUMNS, list_changes, list_datasets, list_days, part_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from tickreel.store.records.database import Database
    from tickreel.store.records.listing import Changes

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewPart:
    """A sealed segment that is about to become part of a day."""

    part: Part
    key: DatasetKey
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """The health report of a day, and the rows it speaks of."""

    basis: str
    """Digests of the day's rows and of those of the day before it that its book follows from."""
    grade: Grade
    issues: tuple[str, ...]
    """Kinds of what was found, each one word."""
    report: str
    """JSON."""


class Catalog:
    """Queries and changes of the catalog; a change runs inside the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keys(self) -> list[DatasetKey]:
        """List the datasets with at least one recorded day."""
        rows = self._database.rows(
            "SELECT exchange, symbol, type FROM dataset"
            " WHERE EXISTS (SELECT 1 FROM day WHERE dataset_id = dataset.id)"
            " ORDER BY exchange, symbol, type"
        )
        return [_key(row) for row in rows]

    def holds(self, key: DatasetKey) -> bool:
        """Tell whether any day of a dataset is recorded."""
        return bool(
            self._database.rows(
                "SELECT 1 FROM dataset JOIN day ON day.dataset_id = dataset.id"
                " WHERE exchange = ? AND symbol = ? AND type = ? LIMIT 1",
                (key.exchange, key.symbol, key.type.value),
            )
        )

    def day(self, key: DatasetKey, day: date) -> Day | None:
        """Give one day of a dataset, or None when there is no record of it."""
        return next(iter(list_days(self._database, key, day, day)), None)

    def days(self, key: DatasetKey) -> list[Day]:
        """List the recorded days of a dataset, oldest first."""
        return list_days(self._database, key)

    def days_between(self, key: DatasetKey, first: date, last: date) -> list[Day]:
        """List the recorded days of a dataset from *first* to *last*, both included, oldest first."""
        return list_days(self._database, key, first, last)

    def all_days(self) -> list[Day]:
        """List every recorded day, by exchange, symbol, type and day."""
        return list_days(self._database)

    def changes(self, known: Mapping[DatasetKey, int]) -> Changes:
        """List the days of the datasets whose revision is not the *known* one."""
        return list_changes(self._database, known)

    def datasets(self) -> list[Dataset]:
        """Sum up every dataset, by exchange, symbol and type."""
        return list_datasets(self._database)

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

    def health(self, key: DatasetKey, day: date) -> HealthRecord | None:
        """Give the health report that is kept of a day, if there is one."""
        rows = self._database.rows(
            "SELECT basis, grade, issues, report FROM health JOIN day USING (dataset_id, day)"
            " JOIN dataset ON dataset.id = dataset_id"
            " WHERE exchange = ? AND symbol = ? AND type = ? AND day = ?",
            (key.exchange, key.symbol, key.type.value, day.isoformat()),
        )
        if not rows:
            return None
        basis, grade, issues, report = rows[0]
        with self._database.as_written():
            return HealthRecord(basis, Grade(grade), tuple(issues.split()), report)

    def add_part(
        self, connection: sqlite3.Connection, new: NewPart, state: DayState, day_sha256: str
    ) -> None:
        """Record a new part, and its day as *state* with the digest of all its rows.

        A day that stays damaged in another part stays damaged, and one that is mended is not.
        """
        dataset_id = self.dataset_id(connection, new.key)
        part = new.part
        self._record_day(connection, dataset_id, part.day, state, day_sha256)
        connection.execute(
            "INSERT INTO segment (id, dataset_id, day, start_us, end_us, row_count, messages, bytes,"
            " first_local_us, last_local_us, rows_sha256, opens_with_snapshot, source, source_sha256,"
            " imported_us, keyframe_bytes, format, damaged_us, source_bytes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                part.keyframe_bytes,
                part.format,
                part.damaged_us,
                part.source_bytes,
            ),
        )
        connection.executemany(
            "INSERT INTO member (segment_id, symbol) VALUES (?, ?)",
            [(part.segment_id, symbol) for symbol in new.members],
        )
        held = self._held_parts(connection, dataset_id, part.day)
        if state is DayState.DAMAGED or any(one.is_damaged for one in held):
            self._set_state(connection, dataset_id, part.day, state_of_parts(held))

    def record_day(
        self, connection: sqlite3.Connection, key: DatasetKey, day: date, state: DayState, day_sha256: str
    ) -> None:
        """Record how a day stands: one without rows, or one whose parts were put back."""
        self._record_day(connection, self.dataset_id(connection, key), day, state, day_sha256)

    def _record_day(
        self, connection: sqlite3.Connection, dataset_id: int, day: date, state: DayState, day_sha256: str
    ) -> None:
        old = connection.execute(
            "SELECT rows_sha256 FROM day WHERE dataset_id = ? AND day = ?", (dataset_id, day.isoformat())
        ).fetchone()
        if old is None or old["rows_sha256"] != day_sha256:
            self._forget_health(connection, dataset_id, day)
        connection.execute(
            "INSERT INTO day (dataset_id, day, state, rows_sha256, used_order) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (dataset_id, day) DO UPDATE SET state = excluded.state,"
            " rows_sha256 = excluded.rows_sha256, used_order = excluded.used_order",
            (dataset_id, day.isoformat(), state.value, day_sha256, next_used_order(connection)),
        )

    def drop_day(self, connection: sqlite3.Connection, key: DatasetKey, day: date) -> None:
        """Forget a day of which no part is left; it is *missing* from then on."""
        dataset_id = self.dataset_id(connection, key)
        self._forget_health(connection, dataset_id, day)
        connection.execute("DELETE FROM day WHERE dataset_id = ? AND day = ?", (dataset_id, day.isoformat()))

    def trash(
        self, connection: sqlite3.Connection, parts: Iterable[Part], now_us: int, reason: str = "replaced"
    ) -> list[int]:
        """Move held parts to the trash, those of one day as one version; give the versions' ids.

        Their files stay until the trash is emptied. The record of the day stays as it is: the
        caller adds what takes their place, or drops the day.
        """
        of_day: dict[tuple[int, str], list[Part]] = {}
        for part in parts:
            (owner,) = connection.execute(
                "SELECT dataset_id FROM segment WHERE id = ?", (part.segment_id,)
            ).fetchone()
            of_day.setdefault((owner, part.day.isoformat()), []).append(part)
        ids = []
        for (dataset_id, day), gone in of_day.items():
            held = self._held_parts(connection, dataset_id, gone[0].day)
            digest = gone[0].rows_sha256 if len(gone) == 1 else ""
            if len(gone) == len(held):
                (digest,) = connection.execute(
                    "SELECT rows_sha256 FROM day WHERE dataset_id = ? AND day = ?", (dataset_id, day)
                ).fetchone()
            cursor = connection.execute(
                "INSERT INTO trash (dataset_id, day, trashed_us, reason, rows_sha256) VALUES (?, ?, ?, ?, ?)",
                (dataset_id, day, now_us, reason, digest),
            )
            assert cursor.lastrowid is not None
            ids.append(cursor.lastrowid)
            connection.executemany(
                "UPDATE segment SET trashed_us = ?, trash_id = ? WHERE id = ?",
                [(now_us, cursor.lastrowid, part.segment_id) for part in gone],
            )
        return ids

    def forget_segments(self, connection: sqlite3.Connection, ids: Sequence[str]) -> None:
        """Strike segments out of the catalog; whoever calls removes their files afterwards."""
        named = [(segment_id,) for segment_id in ids]
        connection.executemany("DELETE FROM member WHERE segment_id = ?", named)
        connection.executemany("DELETE FROM segment WHERE id = ?", named)

    def mark_damaged(self, connection: sqlite3.Connection, ids: Iterable[str], now_us: int) -> None:
        """Record that segments cannot be read: their days are damaged and no longer served."""
        self._mark(connection, ids, now_us)

    def mark_sound(self, connection: sqlite3.Connection, ids: Iterable[str]) -> None:
        """Take back that segments are damaged."""
        self._mark(connection, ids, None)

    def _mark(self, connection: sqlite3.Connection, ids: Iterable[str], damaged_us: int | None) -> None:
        for segment_id in ids:
            row = connection.execute(
                "UPDATE segment SET damaged_us = ? WHERE id = ? RETURNING dataset_id, day, trashed_us",
                (damaged_us, segment_id),
            ).fetchone()
            if row is not None and row["trashed_us"] is None:
                day = date.fromisoformat(row["day"])
                held = self._held_parts(connection, row["dataset_id"], day)
                self._set_state(connection, row["dataset_id"], day, state_of_parts(held))

    def save_health(
        self, connection: sqlite3.Connection, key: DatasetKey, day: date, record: HealthRecord
    ) -> None:
        """Keep the health report of a recorded day, in place of an older one."""
        place = (self.dataset_id(connection, key), day.isoformat())
        connection.execute(
            "INSERT OR REPLACE INTO health (dataset_id, day, basis, report) VALUES (?, ?, ?, ?)",
            (*place, record.basis, record.report),
        )
        connection.execute(
            "UPDATE day SET grade = ?, issues = ? WHERE dataset_id = ? AND day = ?",
            (record.grade.value, " ".join(record.issues), *place),
        )

    def set_expiry(
        self, connection: sqlite3.Connection, key: DatasetKey, days: Iterable[date], expires_us: int | None
    ) -> None:
        """Let recorded days expire at an instant, or never (None)."""
        dataset_id = self.dataset_id(connection, key)
        connection.executemany(
            "UPDATE day SET expires_us = ? WHERE dataset_id = ? AND day = ?",
            [(expires_us, dataset_id, day.isoformat()) for day in days],
        )

    def dataset_id(self, connection: sqlite3.Connection, key: DatasetKey) -> int:
        """Give the number of a dataset, which is recorded when it is new."""
        named = (key.exchange, key.symbol, key.type.value)
        connection.execute(
            "INSERT INTO dataset (exchange, symbol, type) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", named
        )
        row = connection.execute(
            "SELECT id FROM dataset WHERE exchange = ? AND symbol = ? AND type = ?", named
        ).fetchone()
        return int(row["id"])

    def _held_parts(self, connection: sqlite3.Connection, dataset_id: int, day: date) -> list[Part]:
        rows = connection.execute(
            f"SELECT dataset_id, {PART_COLUMNS} FROM segment"
            " WHERE dataset_id = ? AND day = ? AND trashed_us IS NULL ORDER BY start_us",
            (dataset_id, day.isoformat()),
        )
        return [part_of(tuple(row), day) for row in rows]

    def _set_state(self, connection: sqlite3.Connection, dataset_id: int, day: date, state: DayState) -> None:
        connection.execute(
            "UPDATE day SET state = ? WHERE dataset_id = ? AND day = ?",
            (state.value, dataset_id, day.isoformat()),
        )

    def _forget_health(self, connection: sqlite3.Connection, dataset_id: int, day: date) -> None:
        """Forget what was found in rows that are no longer those of the day.

        Of books the same goes for the days after it, up to one that a snapshot makes independent of it.
        """
        (data_type,) = connection.execute("SELECT type FROM dataset WHERE id = ?", (dataset_id,)).fetchone()
        place: tuple[int, str] | None = (dataset_id, day.isoformat())
        while place is not None:
            connection.execute("DELETE FROM health WHERE dataset_id = ? AND day = ?", place)
            connection.execute(
                "UPDATE day SET grade = NULL, issues = NULL WHERE dataset_id = ? AND day = ?", place
            )
            if data_type != DataType.INCREMENTAL_BOOK_L2:
                return
            opens = place[1] != day.isoformat() and any(
                part.opens_with_snapshot
                for part in self._held_parts(connection, dataset_id, date.fromisoformat(place[1]))
            )
            after = (date.fromisoformat(place[1]) + _ONE_DAY).isoformat()
            row = connection.execute(
                "SELECT 1 FROM day WHERE dataset_id = ? AND day = ?", (dataset_id, after)
            ).fetchone()
            place = None if opens or row is None else (dataset_id, after)


def next_used_order(connection: sqlite3.Connection, count: int = 1) -> int:
    """Take the next *count* places in the order of use; give the first of them."""
    row = connection.execute(
        "UPDATE counter SET value = value + ? WHERE name = 'used_order' RETURNING value", (count,)
    ).fetchone()
    return int(row[0]) - count + 1


def _key(row: sqlite3.Row) -> DatasetKey:
    return DatasetKey(row["exchange"], row["symbol"], DataType(row["type"]))
