"""What people do to jobs of the queue: cancel, pause, resume, retry, put in order, forget.

Each may be done from any process; the one that fetches notices within a moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tickreel.fetch.jobrecords import DAY_COLUMNS, day_of_row
from tickreel.fetch.request import Origin
from tickreel.fetch.states import FetchState
from tickreel.fetch.wishes import IS_UNDER_WAY, Wanted, keep_paused, wish

if TYPE_CHECKING:
    from collections.abc import Collection

    from tickreel.fetch.queue import FetchQueue

# A day that another job wants as well goes on when this one is stopped.
_ONLY_OF_JOB = """id IN (SELECT day_id FROM fetch_wish WHERE job_id = :job)
    AND NOT EXISTS (SELECT 1 FROM fetch_wish WHERE day_id = fetch_day.id AND job_id <> :job)"""


class JobControl:
    """The hand on the jobs of a queue; every method raises NotHeldError for a job there is not."""

    def __init__(self, queue: FetchQueue) -> None:
        self._queue = queue

    def cancel(self, job_id: int) -> int:
        """Give up what a job still wants; a day that another job wants as well goes on for that one.

        Gives the number of days cancelled.
        """
        self._queue.job(job_id)
        now_us = self._queue.now_us()
        given = {"job": job_id, "now": now_us, "to": FetchState.CANCELLED.value}
        with self._queue.database.writing() as connection:
            stopped = connection.execute(
                f"UPDATE fetch_day SET state = :to, wait_until_us = NULL, changed_us = :now"
                f" WHERE {IS_UNDER_WAY} AND {_ONLY_OF_JOB}",
                given,
            ).rowcount
            shared = connection.execute(
                f"SELECT {DAY_COLUMNS} FROM fetch_day JOIN fetch_wish ON day_id = fetch_day.id"
                f" WHERE job_id = :job AND {IS_UNDER_WAY}",
                given,
            ).fetchall()
            for row in shared:  # the job's own record of it ends here, the other's goes on
                copy = connection.execute(
                    "INSERT INTO fetch_day (exchange, symbol, type, day, start_us, end_us, source, state,"
                    " reason, changed_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*tuple(row)[1:8], FetchState.CANCELLED.value, "another job goes on fetching it", now_us),
                ).lastrowid
                connection.execute(
                    "UPDATE fetch_wish SET day_id = ? WHERE job_id = ? AND day_id = ?",
                    (copy, job_id, row["id"]),
                )
        self._queue.note_change()
        return stopped + len(shared)

    def pause(self, job_id: int) -> int:
        """Begin no more days of a job until it is resumed; those on their way come to their end.

        The vendor serves no part of a file, so that stopping one would waste what has come of it. A
        day that another job wants as well goes on for that one. Gives the number of days paused.
        """
        self._queue.job(job_id)
        with self._queue.database.writing() as connection:
            connection.execute("UPDATE fetch_job SET is_paused = 1 WHERE id = ?", (job_id,))
            keep_paused(connection)
            (count,) = connection.execute(
                "SELECT COUNT(*) FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
                " WHERE job_id = ? AND state = 'paused'",
                (job_id,),
            ).fetchone()
        self._queue.note_change()
        return int(count)

    def resume(self, job_id: int) -> int:
        """Go on with what was paused of a job."""
        self._queue.job(job_id)
        with self._queue.database.writing() as connection:
            connection.execute("UPDATE fetch_job SET is_paused = 0 WHERE id = ?", (job_id,))
            cursor = connection.execute(
                "UPDATE fetch_day SET state = 'queued', changed_us = :now WHERE state = 'paused'"
                " AND id IN (SELECT day_id FROM fetch_wish WHERE job_id = :job)",
                {"job": job_id, "now": self._queue.now_us()},
            )
        self._queue.note_change()
        return cursor.rowcount

    def retry(self, job_id: int) -> int:
        """Ask anew for the days of a job that failed or were cancelled, and at once for those that wait.

        A hold ends by it, and the waiting of what other jobs want of the vendor with it: whoever says so
        knows that the vendor may be asked. Gives the number of days of the job.
        """
        self._queue.job(job_id)
        now_us = self._queue.now_us()
        with self._queue.database.writing() as connection:
            again = connection.execute(
                f"SELECT {DAY_COLUMNS} FROM fetch_day JOIN fetch_wish ON day_id = fetch_day.id"
                " WHERE job_id = ? AND state IN ('failed', 'cancelled')",
                (job_id,),
            ).fetchall()
            for row in again:
                connection.execute(
                    "DELETE FROM fetch_wish WHERE job_id = ? AND day_id = ?", (job_id, row["id"])
                )
                day = day_of_row(row)
                wish(
                    connection,
                    job_id,
                    Wanted(day.key, (day.start_us, day.end_us), day.origin),
                    now_us,
                )
            hurried = connection.execute(
                "UPDATE fetch_day SET wait_until_us = :now WHERE state = 'waiting'"
                " AND id IN (SELECT day_id FROM fetch_wish WHERE job_id = :job)",
                {"job": job_id, "now": now_us},
            ).rowcount
            if self._queue.hold.lift_in(connection):
                connection.execute(
                    "UPDATE fetch_day SET wait_until_us = :now WHERE state = 'waiting' AND source = :vendor"
                    " AND wait_until_us > :now",
                    {"now": now_us, "vendor": Origin.DATASETS.value},
                )
        self._queue.note_change()
        return len(again) + hurried

    def place(self, job_id: int, *, first: bool, priority: int | None = None) -> None:
        """Put a job before or after all others of its priority, which may be changed as well."""
        self._queue.job(job_id)
        extreme = "MIN(place) - 1" if first else "MAX(place) + 1"
        with self._queue.database.writing() as connection:
            connection.execute(
                f"UPDATE fetch_job SET place = (SELECT {extreme} FROM fetch_job),"
                " priority = COALESCE(?, priority) WHERE id = ?",
                (priority, job_id),
            )
        self._queue.note_change()

    def shift(self, job_id: int, *, up: bool) -> bool:
        """Let a job change places with the one before or after it; False when there is none.

        Jobs that have ended, and those of another priority, are passed over.
        """
        self._queue.job(job_id)
        before, order = ("<", "DESC") if up else (">", "ASC")
        with self._queue.database.writing() as connection:
            (place, priority) = connection.execute(
                "SELECT place, priority FROM fetch_job WHERE id = ?", (job_id,)
            ).fetchone()
            other = connection.execute(
                f"SELECT id, place FROM fetch_job WHERE priority = ? AND place {before} ? AND EXISTS"
                " (SELECT 1 FROM fetch_wish JOIN fetch_day ON fetch_day.id = day_id"
                f" WHERE job_id = fetch_job.id AND {IS_UNDER_WAY}) ORDER BY place {order} LIMIT 1",
                (priority, place),
            ).fetchone()
            if other is None:
                return False
            connection.execute("UPDATE fetch_job SET place = ? WHERE id = ?", (other["place"], job_id))
            connection.execute("UPDATE fetch_job SET place = ? WHERE id = ?", (place, other["id"]))
        self._queue.note_change()
        return True

    def clear(self, job_ids: Collection[int] | None = None) -> int:
        """Forget the jobs that have ended, all or those named; what they fetched stays. Gives how many."""
        which, given = "", tuple[int, ...]()
        if job_ids is not None:
            which, given = f" AND id IN ({', '.join('?' * len(job_ids))})", tuple(job_ids)
        with self._queue.database.writing() as connection:
            gone = connection.execute(
                "DELETE FROM fetch_job WHERE NOT EXISTS (SELECT 1 FROM fetch_wish JOIN fetch_day"
                f" ON fetch_day.id = day_id WHERE job_id = fetch_job.id AND {IS_UNDER_WAY}){which}",
                given,
            ).rowcount
            connection.execute(
                "DELETE FROM fetch_day WHERE NOT EXISTS"
                " (SELECT 1 FROM fetch_wish WHERE day_id = fetch_day.id)"
            )
        return gone
