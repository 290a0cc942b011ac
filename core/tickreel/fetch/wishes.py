"""Which job wants which day: a day that several want is fetched once, for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickreel.errors import UsageError
from tickreel.fetch.request import Origin
from tickreel.fetch.states import UNDER_WAY, FetchState
from tickreel.market.time import day_of

if TYPE_CHECKING:
    import sqlite3

    from tickreel.market.types import DatasetKey

IS_UNDER_WAY = f"state IN ({', '.join(repr(str(state)) for state in sorted(UNDER_WAY))})"
"""Condition on a row of fetch_day."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One day that a job asks for, as local time [start, end) in microseconds."""

    key: DatasetKey
    span: tuple[int, int]
    origin: Origin


def wish(connection: sqlite3.Connection, job_id: int, wanted: Wanted, now_us: int) -> None:
    """Let a job want a day: one that is under way is shared, else it is queued.

    Raises:
        UsageError: another part of the same day is under way.
    """
    key, (start_us, end_us), origin = wanted.key, wanted.span, wanted.origin
    named = (key.exchange, key.symbol, key.type.value, day_of(start_us).isoformat())
    row = connection.execute(
        "SELECT id, start_us, end_us, source, state FROM fetch_day"
        f" WHERE exchange = ? AND symbol = ? AND type = ? AND day = ? AND {IS_UNDER_WAY}",
        named,
    ).fetchone()
    if row is None:
        day_id = connection.execute(
            "INSERT INTO fetch_day (exchange, symbol, type, day, start_us, end_us, source, state,"
            " changed_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*named, start_us, end_us, origin.value, FetchState.QUEUED.value, now_us),
        ).lastrowid
    elif (row["start_us"] <= start_us and end_us <= row["end_us"]) and (
        # The vendor's file holds what a machine would replay of the day, and not the other way round.
        row["source"] in (origin.value, Origin.DATASETS.value)
    ):
        day_id = row["id"]
        if row["state"] == FetchState.PAUSED.value:  # somebody wants it now
            connection.execute("UPDATE fetch_day SET state = 'queued' WHERE id = ?", (day_id,))
    else:
        raise UsageError(
            f"another part of {key} {day_of(start_us)} is being fetched: let it end first, or cancel it "
            "(`tickreel jobs list`)"
        )
    connection.execute("INSERT OR IGNORE INTO fetch_wish (job_id, day_id) VALUES (?, ?)", (job_id, day_id))


def keep_paused(connection: sqlite3.Connection) -> None:
    """Pause what waits to be begun and only paused jobs want."""
    connection.execute(
        "UPDATE fetch_day SET state = 'paused', wait_until_us = NULL WHERE state IN ('queued', 'waiting')"
        " AND NOT EXISTS (SELECT 1 FROM fetch_wish JOIN fetch_job ON fetch_job.id = job_id"
        " WHERE day_id = fetch_day.id AND NOT is_paused)"
    )
