"""The queue of days to fetch, kept in the catalog so that no end of any process loses it.

Every change is one transaction that moves a day only from where it stands: whoever comes
second, another process that cancels for instance, finds the day moved and leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.fetch.hold import HoldRecord
from tickreel.fetch.jobrecords import DAY_COLUMNS, JobRecords, day_of_row
from tickreel.fetch.retries import WRONG_DATA
from tickreel.fetch.states import MOVES, FetchState
from tickreel.fetch.wishes import IS_UNDER_WAY, Wanted, keep_paused, wish

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tickreel.fetch.model import FetchDay
    from tickreel.fetch.request import FetchRequest
    from tickreel.market.types import DatasetKey
    from tickreel.store.records.database import Database


@dataclass(frozen=True, slots=True)
class TakenDay:
    """A day that was begun, and how far those who want it go."""

    day: FetchDay
    may_overspend: bool
    """Whether it may be asked for beyond the calls of the plan."""
    is_refetch: bool
    """Whether it is wanted although it may be held."""


class FetchQueue(JobRecords):
    """Jobs and days; may be used from any thread, and by any number of processes at once."""

    def __init__(self, database: Database, now_us: Callable[[], int]) -> None:
        super().__init__(database)
        self.now_us = now_us
        self._own_changes = 0
        self.hold = HoldRecord(database, now_us)

    def version(self) -> tuple[int, int]:
        """Give a value that differs when jobs were stopped, paused or added, here or elsewhere."""
        return self._own_changes, self.database.changes_elsewhere()

    def note_change(self) -> None:
        """Let :meth:`version` tell of a change made through this connection."""
        self._own_changes += 1

    def submit(
        self,
        request: FetchRequest,
        days: Sequence[tuple[DatasetKey, tuple[int, int]]],
        *,
        priority: int = 0,
        standing_id: int | None = None,
        allow_over_budget: bool = False,
        paused: bool = False,
    ) -> int:
        """Ask for days, each as its dataset and local time [start, end) in microseconds.

        A day that is under way already is shared, not fetched twice. With *paused* none is begun before
        the job is resumed. Gives the number of the job.
        """
        now_us = self.now_us()
        with self.database.writing() as connection:
            (place,) = connection.execute("SELECT COALESCE(MAX(place), 0) + 1 FROM fetch_job").fetchone()
            job_id = connection.execute(
                "INSERT INTO fetch_job (request, priority, place, created_us, standing_id, over_budget,"
                " is_paused) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(request.to_json(), priority, place, now_us, standing_id),
                    *(int(allow_over_budget), int(paused)),
                ),
            ).lastrowid
            assert job_id is not None
            for key, span in days:
                wish(connection, job_id, Wanted(key, span, request.origin), now_us)
            if paused:
                keep_paused(connection)
        self.note_change()
        return job_id

    def take(self, count: int, prefer_job: int | None = None) -> list[TakenDay]:
        """Begin with up to *count* days: queued ones and those whose waiting is over, in order.

        Days that *prefer_job* wants go first, then by priority and place of their jobs. While there is a
        hold, only those for which nothing is asked of the vendor.
        """
        if count < 1:
            return []
        now_us = self.now_us()
        is_due = "(state = 'queued' OR (state = 'waiting' AND wait_until_us <= ?))"
        if self.hold.current() is not None:
            is_due += " AND (source = 'machine' OR file IS NOT NULL)"
        if not self.database.tuples(f"SELECT 1 FROM fetch_day WHERE {is_due} LIMIT 1", (now_us,)):
            return []  # the usual case, without waiting for whoever writes
        with self.database.writing(survives_power=False) as connection:
            rows = connection.execute(
                f"SELECT {DAY_COLUMNS}, MAX(over_budget) AS may_overspend,"
                " MAX(json_extract(request, '$.refetch')) AS is_refetch"
                " FROM fetch_day JOIN fetch_wish ON day_id = fetch_day.id"
                " JOIN fetch_job ON fetch_job.id = job_id"
                f" WHERE {is_due} GROUP BY fetch_day.id"
                " ORDER BY MAX(fetch_job.id = ?) DESC, MAX(priority) DESC, MIN(place),"
                " exchange, symbol, type, day LIMIT ?",
                (now_us, prefer_job or 0, count),
            ).fetchall()
            connection.executemany(
                "UPDATE fetch_day SET state = 'running', wait_until_us = NULL, changed_us = ? WHERE id = ?",
                [(now_us, row["id"]) for row in rows],
            )
        return [
            TakenDay(day_of_row(row), bool(row["may_overspend"]), bool(row["is_refetch"])) for row in rows
        ]

    def is_to_be_pinned(self, day_id: int) -> bool:
        """Tell whether a job that wants the day wants it pinned once it is here."""
        rows = self.database.tuples(
            "SELECT 1 FROM fetch_wish JOIN fetch_job ON fetch_job.id = job_id"
            " WHERE day_id = ? AND json_extract(request, '$.pin') LIMIT 1",
            (day_id,),
        )
        return bool(rows)

    def move(self, day_id: int, to: FetchState, **changes: object) -> bool:
        """Move a day, with *changes* to its columns; False when from where it stands it may not go there.

        That is how whoever fetches it learns that it was cancelled or paused meanwhile.
        """
        with self.database.writing(survives_power=False) as connection:
            return self.move_in(connection, day_id, to, **changes)

    def move_in(self, connection: sqlite3.Connection, day_id: int, to: FetchState, **changes: object) -> bool:
        """Move a day as :meth:`move`, inside the caller's transaction."""
        values: dict[str, object] = {
            "wait_until_us": None,
            **{name: str(value) if isinstance(value, Path) else value for name, value in changes.items()},
            "state": to.value,
            "changed_us": self.now_us(),
        }
        # What a caller may change is written here, in the code: no name comes from outside.
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        cursor = connection.execute(
            f"UPDATE fetch_day SET {assignments} WHERE id = :id AND state IN ({_sources(to)})",
            {**values, "id": day_id},
        )
        if to in (FetchState.QUEUED, FetchState.WAITING):
            keep_paused(connection)
        return cursor.rowcount == 1

    def note_progress(self, progress: Mapping[int, tuple[int, int | None]]) -> None:
        """Write down how many bytes of how many have come of days that are on their way."""
        if progress:
            with self.database.writing(survives_power=False) as connection:
                connection.executemany(
                    "UPDATE fetch_day SET bytes = ?, total_bytes = ? WHERE id = ? AND state = 'running'",
                    [(done, total, day_id) for day_id, (done, total) in progress.items()],
                )

    def recover(self, whole: Mapping[int, Path]) -> None:
        """Queue again what a process that is gone had begun; only the owner of the queue may.

        *whole* are the files that have come whole, by the number of the day: none of them is fetched again.
        """
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE fetch_day SET state = 'queued' WHERE state IN ('running', 'verifying')"
            )
            # Of a file that could not get its place the day itself says where it is.
            named = connection.execute(
                f"SELECT id, file FROM fetch_day WHERE {IS_UNDER_WAY} AND file IS NOT NULL"
            ).fetchall()
            connection.executemany(
                "UPDATE fetch_day SET file = NULL WHERE id = ?",
                [(row["id"],) for row in named if not Path(row["file"]).exists()],
            )
            connection.executemany(
                f"UPDATE fetch_day SET file = ? WHERE id = ? AND {IS_UNDER_WAY}",
                [(str(file), day_id) for day_id, file in whole.items()],
            )
            keep_paused(connection)

    def states(self, ids: Collection[int]) -> dict[int, FetchState]:
        """Tell how days stand."""
        marks = ", ".join("?" * len(ids))
        rows = self.database.tuples(f"SELECT id, state FROM fetch_day WHERE id IN ({marks})", tuple(ids))
        return {day_id: FetchState(state) for day_id, state in rows}

    def files_under_way(self) -> set[Path]:
        """List the files that have come whole and wait to be stored."""
        rows = self.database.tuples(f"SELECT file FROM fetch_day WHERE {IS_UNDER_WAY} AND file IS NOT NULL")
        return {Path(file) for (file,) in rows}

    def requests_left(self) -> int:
        """Count the days of the vendor that are still to be asked for."""
        ((count,),) = self.database.tuples(
            f"SELECT COUNT(*) FROM fetch_day WHERE {IS_UNDER_WAY} AND source = 'datasets' AND file IS NULL"
        )
        return int(count)

    def is_idle(self) -> bool:
        """Tell whether nothing is left to do, but for what was paused."""
        return not self.database.rows(
            "SELECT 1 FROM fetch_day WHERE state IN ('queued', 'running', 'waiting', 'verifying') LIMIT 1"
        )

    def let_alone(self, key: DatasetKey, since_us: int) -> set[date]:
        """List the days of a dataset that are under way, or failed or were cancelled after an instant."""
        rows = self.database.tuples(
            "SELECT DISTINCT day FROM fetch_day WHERE exchange = ? AND symbol = ? AND type = ?"
            f" AND ({IS_UNDER_WAY} OR (state IN ('failed', 'cancelled') AND changed_us >= ?))",
            (key.exchange, key.symbol, key.type.value, since_us),
        )
        return {date.fromisoformat(day) for (day,) in rows}

    def refused(self, key: DatasetKey) -> dict[date, str]:
        """Give the days of a dataset whose files were wrong when they were last asked for, and why."""
        rows = self.database.tuples(
            "SELECT day, reason FROM fetch_day WHERE id IN (SELECT MAX(id) FROM fetch_day"
            " WHERE exchange = ? AND symbol = ? AND type = ? GROUP BY day)"
            " AND state = 'failed' AND json_extract(troubles, ?) > 0",
            (key.exchange, key.symbol, key.type.value, f'$."{WRONG_DATA}"'),
        )
        return {date.fromisoformat(day): reason for day, reason in rows}

    def on_the_way(self, key: DatasetKey) -> set[date]:
        """List the days of a dataset that some job is still to fetch."""
        rows = self.database.tuples(
            f"SELECT day FROM fetch_day WHERE exchange = ? AND symbol = ? AND type = ? AND {IS_UNDER_WAY}",
            (key.exchange, key.symbol, key.type.value),
        )
        return {date.fromisoformat(day) for (day,) in rows}


def _sources(to: FetchState) -> str:
    return ", ".join(f"'{state}'" for state in sorted(MOVES) if to in MOVES[state])
