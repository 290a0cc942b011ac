"""What the catalog tells of jobs and of the days that they want; nothing is changed here."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.errors import NotHeldError
from tickreel.fetch.model import FetchDay, FetchJob
from tickreel.fetch.request import FetchRequest, Origin
from tickreel.fetch.states import FetchState
from tickreel.fetch.wishes import IS_UNDER_WAY
from tickreel.market.types import DatasetKey, DataType

if TYPE_CHECKING:
    import sqlite3

    from tickreel.store.records.database import Database

DAY_COLUMNS = """fetch_day.id, exchange, symbol, type, day, start_us, end_us, source, state, attempts,
    troubles, wait_until_us, reason, evidence, bytes, total_bytes, row_count, file, changed_us"""


class JobRecords:
    """The jobs of a home and their days as they stand; may be asked from any thread."""

    def __init__(self, database: Database) -> None:
        self.database = database

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

    def is_ended(self, job_id: int) -> bool:
        """Tell whether nothing more happens by itself to any day of a job."""
        return not self.database.tuples(
            f"SELECT 1 FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
            f" WHERE job_id = ? AND {IS_UNDER_WAY} LIMIT 1",
            (job_id,),
        )


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
