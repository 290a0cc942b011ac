"""The queue of days to fetch, kept in the catalog so that no end of any process loses it.

Every change is one transaction that moves a day only from where it stands: whoever comes
second, another process that cancels for instance, finds the day moved and leaves it.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.errors import NotHeldError
from tickreel.fetch.hold import HoldRecord
from tickreel.fetch.model import FetchDay, FetchJob
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.fetch.states import MOVES, FetchState
from tickreel.fetch.wishes import IS_UNDER_WAY, Wanted, keep_paused, wish
from tickreel.market.types import DatasetKey, DataType

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tickreel.store.records.database import Database

DAY_COLUMNS = """fetch_day.id, exchange, symbol, type, day, start_us, end_us, source, state, attempts,
    troubles, wait_until_us, reason, evidence, bytes, total_bytes, row_count, file, changed_us"""


@dataclass(frozen=True, slots=True)
class TakenDay:
    """A day that was begun, and how far those who want it go."""

    day: FetchDay
    may_overspend: bool
    """Whether it may be asked for beyond the calls of the plan."""
    is_refetch: bool
    """Whether it is wanted although it may be held."""


class FetchQueue:
    """Jobs and days; may be used from any thread, and by any number of processes at once."""

    def __init__(self, database: Database, now_us: Callable[[], int]) -> None:
        self.database = database
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
    ) -> int:
        """Ask for days, each as its dataset and local time [start, end) in microseconds.

        A day that is under way already is shared, not fetched twice. Gives the number of the job.
        """
        now_us = self.now_us()
        with self.database.writing() as connection:
            (place,) = connection.execute("SELECT COALESCE(MAX(place), 0) + 1 FROM fetch_job").fetchone()
            job_id = connection.execute(
                "INSERT INTO fetch_job (request, priority, place, created_us, standing_id, over_budget)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (request.to_json(), priority, place, now_us, standing_id, int(allow_over_budget)),
            ).lastrowid
            assert job_id is not None
            for key, span in days:
                wish(connection, job_id, Wanted(key, span, request.origin), now_us)
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

    def is_ended(self, job_id: int) -> bool:
        """Tell whether nothing more happens by itself to any day of a job."""
        return not self.database.tuples(
            f"SELECT 1 FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
            f" WHERE job_id = ? AND {IS_UNDER_WAY} LIMIT 1",
            (job_id,),
        )

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

    def jobs(self) -> list[FetchJob]:
        """List all jobs in the order in which they are done."""
        return self._jobs("", ())

    def job(self, job_id: int) -> FetchJob:
        """Find a job by its number.

        Raises:
            NotHeldError: there is none.
        """
        found = self._jobs("WHERE fetch_job.id = ?", (job_id,))
        if not found:
            raise NotHeldError(f"there is no job {job_id}: `tickreel jobs list` lists those there are")
        return found[0]

    def _jobs(self, where: str, parameters: tuple[Any, ...]) -> list[FetchJob]:
        with self.database.snapshot():
            rows = self.database.rows(
                f"SELECT * FROM fetch_job {where} ORDER BY priority DESC, place", parameters
            )
            sums = self.database.tuples(
                "SELECT job_id, state, COUNT(*), SUM(bytes), SUM(COALESCE(total_bytes, 0)),"
                " SUM(COALESCE(row_count, 0)), MIN(wait_until_us)"
                f" FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
                f" {where.replace('fetch_job.id', 'job_id')} GROUP BY job_id, state",
                parameters,
            )
        of_job: dict[int, list[tuple[Any, ...]]] = {}
        for job_id, *rest in sums:
            of_job.setdefault(job_id, []).append(tuple(rest))
        return [_job(row, of_job.get(row["id"], [])) for row in rows]

    def days(self, job_id: int) -> list[FetchDay]:
        """List the days of a job, by dataset and day."""
        rows = self.database.rows(
            f"SELECT {DAY_COLUMNS} FROM fetch_day JOIN fetch_wish ON day_id = fetch_day.id"
            " WHERE job_id = ? ORDER BY exchange, symbol, type, day",
            (job_id,),
        )
        return [day_of_row(row) for row in rows]

    def foremost(self) -> dict[int, FetchDay]:
        """Give the one day of each job that says most of it: on its way, else held up, else failed."""
        rows = self.database.rows(
            f"SELECT * FROM (SELECT job_id, {DAY_COLUMNS}, ROW_NUMBER() OVER (PARTITION BY job_id ORDER BY"
            " CASE state WHEN 'running' THEN 0 WHEN 'verifying' THEN 1 WHEN 'waiting' THEN 2 ELSE 3 END,"
            " wait_until_us, day) AS place FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
            " WHERE state IN ('running', 'verifying', 'waiting', 'failed')) WHERE place = 1"
        )
        return {row["job_id"]: day_of_row(row) for row in rows}

    def last_changes(self) -> dict[int, int]:
        """Give the moment at which a day of each job changed last, by the number of the job."""
        return dict(
            self.database.tuples(
                "SELECT job_id, MAX(changed_us) FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
                " GROUP BY job_id"
            )
        )

    def reasons(self, job_id: int) -> list[str]:
        """List what days of a job wait for, the soonest first, each once."""
        rows = self.database.tuples(
            "SELECT reason FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
            " WHERE job_id = ? AND state = 'waiting' GROUP BY reason ORDER BY MIN(wait_until_us)",
            (job_id,),
        )
        return [reason for (reason,) in rows]

    def let_alone(self, key: DatasetKey, since_us: int) -> set[date]:
        """List the days of a dataset that are under way, or failed or were cancelled after an instant."""
        rows = self.database.tuples(
            "SELECT DISTINCT day FROM fetch_day WHERE exchange = ? AND symbol = ? AND type = ?"
            f" AND ({IS_UNDER_WAY} OR (state IN ('failed', 'cancelled') AND changed_us >= ?))",
            (key.exchange, key.symbol, key.type.value, since_us),
        )
        return {date.fromisoformat(day) for (day,) in rows}


def _sources(to: FetchState) -> str:
    return ", ".join(f"'{state}'" for state in sorted(MOVES) if to in MOVES[state])


def day_of_row(row: sqlite3.Row) -> FetchDay:
    """Make a day of a row of ``DAY_COLUMNS``."""
    return FetchDay(
        id=row["id"],
        key=DatasetKey(row["exchange"], row["symbol"], DataType(row["type"])),
        day=date.fromisoformat(row["day"]),
        start_us=row["start_us"],
        end_us=row["end_us"],
        origin=Origin(row["source"]),
        state=FetchState(row["state"]),
        attempts=row["attempts"],
        troubles=json.loads(row["troubles"]),
        wait_until_us=row["wait_until_us"],
        reason=row["reason"],
        evidence=None if row["evidence"] is None else Path(row["evidence"]),
        bytes=row["bytes"],
        total_bytes=row["total_bytes"],
        rows=row["row_count"],
        file=None if row["file"] is None else Path(row["file"]),
        changed_us=row["changed_us"],
    )


def _job(row: sqlite3.Row, sums: list[tuple[Any, ...]]) -> FetchJob:
    days: Counter[FetchState] = Counter()
    for state, count, *_ in sums:
        days[FetchState(state)] += count
    waits = [wait for *_, wait in sums if wait is not None]
    return FetchJob(
        id=row["id"],
        request=FetchRequest.from_json(row["request"]),
        priority=row["priority"],
        created_us=row["created_us"],
        standing_id=row["standing_id"],
        days=dict(days),
        bytes=sum(size for _, _, size, *_ in sums),
        total_bytes=sum(total for _, _, _, total, *_ in sums),
        rows=sum(rows for *_, rows, _ in sums),
        wait_until_us=min(waits, default=None),
        is_paused=bool(row["is_paused"]),
    )
