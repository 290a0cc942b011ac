"""A time in which nothing is asked of the vendor: kept in the catalog, for every program of the home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tickreel.store.records.database import Database


@dataclass(frozen=True, slots=True)
class Hold:
    """Until when nothing is asked, and why."""

    until_us: int
    reason: str


class HoldRecord:
    """The hold of a home, if there is one; may be read and changed from any process."""

    def __init__(self, database: Database, now_us: Callable[[], int]) -> None:
        self._database = database
        self._now_us = now_us

    def current(self) -> Hold | None:
        """Give the hold; None when the vendor may be asked."""
        rows = self._database.tuples(
            "SELECT until_us, reason FROM fetch_hold WHERE until_us > ?", (self._now_us(),)
        )
        return Hold(*rows[0]) if rows else None

    def extend(self, until_us: int, reason: str) -> None:
        """Hold at least until then; a hold that lasts longer stays as it is."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO fetch_hold (id, until_us, reason) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET until_us = excluded.until_us, reason = excluded.reason"
                " WHERE excluded.until_us > until_us",
                (until_us, reason),
            )

    def lift_in(self, connection: sqlite3.Connection) -> bool:
        """Let the vendor be asked again, inside the caller's transaction; False when nothing was held."""
        is_held = self.current() is not None
        connection.execute("DELETE FROM fetch_hold")
        return is_held
