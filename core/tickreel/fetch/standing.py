"""Standing orders: datasets that are kept complete from a day on, as the vendor publishes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tickreel.errors import NotHeldError
from tickreel.market.types import DatasetKey, DataType

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickreel.store.records.database import Database


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """A dataset that is kept complete from *first_day* on."""

    id: int
    key: DatasetKey
    first_day: date
    created_us: int
    checked_us: int | None
    """When it was last looked what there is to fetch."""
    until_us: int | None
    """End of what the vendor had published then."""
    problem: str
    """Why it could not be looked, or empty."""


class StandingOrders:
    """The standing orders of a home; may be changed from any process."""

    def __init__(self, database: Database, now_us: Callable[[], int]) -> None:
        self._database = database
        self._now_us = now_us

    def add(self, key: DatasetKey, first_day: date) -> StandingOrder:
        """Keep a dataset complete from a day on; one that is kept already gets the new day."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO standing_order (exchange, symbol, type, first_day, created_us)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (exchange, symbol, type)"
                " DO UPDATE SET first_day = excluded.first_day, checked_us = NULL, problem = ''",
                (key.exchange, key.symbol, key.type.value, first_day.isoformat(), self._now_us()),
            )
        return next(order for order in self.all() if order.key == key)

    def remove(self, order_id: int) -> StandingOrder:
        """Keep it complete no longer; what was fetched stays. Gives the order that has ended.

        Raises:
            NotHeldError: there is no such order.
        """
        with self._database.writing() as connection:
            ended = next((order for order in self.all() if order.id == order_id), None)
            connection.execute("DELETE FROM standing_order WHERE id = ?", (order_id,))
        if ended is None:
            raise NotHeldError(f"there is no standing order {order_id}: `tickreel jobs kept` lists them")
        return ended

    def all(self) -> list[StandingOrder]:
        """List them by dataset."""
        rows = self._database.rows("SELECT * FROM standing_order ORDER BY exchange, symbol, type")
        return [
            StandingOrder(
                id=row["id"],
                key=DatasetKey(row["exchange"], row["symbol"], DataType(row["type"])),
                first_day=date.fromisoformat(row["first_day"]),
                created_us=row["created_us"],
                checked_us=row["checked_us"],
                until_us=row["until_us"],
                problem=row["problem"],
            )
            for row in rows
        ]

    def note_check(self, order_id: int, until_us: int | None, problem: str = "") -> None:
        """Write down that it was looked what there is to fetch."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE standing_order SET checked_us = ?, until_us = COALESCE(?, until_us), problem = ?"
                " WHERE id = ?",
                (self._now_us(), until_us, problem, order_id),
            )
