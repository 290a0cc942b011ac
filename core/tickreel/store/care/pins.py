"""Pins: days that are not to leave, by hand or because somebody needs just these rows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError

if TYPE_CHECKING:
    from tickreel.market.types import DatasetKey
    from tickreel.store.home import Home
    from tickreel.store.model import Day, DayRange
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database

BY_HAND = ""
"""The holder of a pin that a person set; it keeps the day, whatever version is held."""


class Pins:
    """Sets and takes pins; raises UsageError in a home that was opened for reading only.

    A pin of another holder, such as a run, keeps the version that was held when it was set:
    also in the trash, when the day is replaced.
    """

    def __init__(self, home: Home, database: Database, catalog: Catalog) -> None:
        self._home = home
        self._database = database
        self._catalog = catalog

    def pin(self, days: DayRange, holder: str = BY_HAND) -> list[Day]:
        """Pin the held days of a range; give them as they then stand.

        Raises:
            NotHeldError: nothing is held of the range.
        """
        self._home.ensure_writable()
        with self._database.writing() as connection:
            held = self._held(days)
            dataset_id = self._catalog.dataset_id(connection, days.key)
            connection.executemany(
                "INSERT INTO pin (dataset_id, day, holder, rows_sha256) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (dataset_id, day, holder) DO UPDATE SET rows_sha256 = excluded.rows_sha256",
                [(dataset_id, day.day.isoformat(), holder, day.rows_sha256) for day in held],
            )
            return self._held(days)

    def unpin(self, days: DayRange, holder: str = BY_HAND) -> list[Day]:
        """Take a holder's pins from a range; give the held days as they then stand.

        Raises:
            NotHeldError: nothing is held of the range, and the holder has no pin in it.
        """
        self._home.ensure_writable()
        with self._database.writing() as connection:
            dataset_id = self._catalog.dataset_id(connection, days.key)
            gone = connection.execute(
                "DELETE FROM pin WHERE dataset_id = ? AND holder = ? AND day BETWEEN ? AND ?",
                (dataset_id, holder, days.first.isoformat(), days.last.isoformat()),
            )
            return self._held(days) if gone.rowcount == 0 else self._recorded(days)

    def days_by_holder(self, key: DatasetKey) -> dict[str, int]:
        """Name who pins days of a dataset, and how many each: :data:`BY_HAND` first, then by name."""
        return dict(
            self._database.tuples(
                "SELECT holder, COUNT(*) FROM pin JOIN dataset ON dataset.id = dataset_id"
                " WHERE exchange = ? AND symbol = ? AND type = ? GROUP BY holder ORDER BY holder",
                (key.exchange, key.symbol, key.type.value),
            )
        )

    def holders(self, days: DayRange) -> dict[date, tuple[str, ...]]:
        """Name who pins what is held of a range, by day; :data:`BY_HAND` comes first."""
        rows = self._database.tuples(
            "SELECT pin.day, holder FROM pin JOIN day"
            " ON day.dataset_id = pin.dataset_id AND day.day = pin.day"
            " AND (holder = '' OR pin.rows_sha256 = day.rows_sha256)"
            " JOIN dataset ON dataset.id = pin.dataset_id"
            " WHERE exchange = ? AND symbol = ? AND type = ? AND pin.day BETWEEN ? AND ?"
            " ORDER BY pin.day, holder",
            (
                days.key.exchange,
                days.key.symbol,
                days.key.type.value,
                days.first.isoformat(),
                days.last.isoformat(),
            ),
        )
        found: dict[date, tuple[str, ...]] = {}
        for text, holder in rows:
            day = date.fromisoformat(text)
            found[day] = (*found.get(day, ()), holder)
        return found

    def _recorded(self, days: DayRange) -> list[Day]:
        return [day for day in self._catalog.days_between(days.key, days.first, days.last) if day.parts]

    def _held(self, days: DayRange) -> list[Day]:
        held = self._recorded(days)
        if not held:
            raise NotHeldError(f"nothing is held of {days}: `tickreel datasets --days` lists what is")
        return held
