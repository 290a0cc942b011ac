"""A home that has fetched: the records that the fetcher leaves, written by the fetcher's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.storedhome import KEY, START_US, day

from tickreel.fetch.history import Fetched, History, count_requests
from tickreel.fetch.request import Origin
from tickreel.store.model import Source

if TYPE_CHECKING:
    from support.storedhome import StoredHome

    from tickreel.store.records.database import Database


def record_fetched(
    database: Database,
    download_s: float | None,
    store_s: float,
    *,
    rows: int = 1000,
    began_us: int = START_US,
    origin: Origin = Origin.DATASETS,
) -> None:
    """Record a day of some dataset that was fetched."""
    fetched = Fetched(
        key=KEY,
        day=day(0),
        origin=origin,
        began_us=began_us,
        ended_us=began_us + round((download_s or 0) + store_s) * 1_000_000,
        download_s=download_s,
        store_s=store_s,
        source_bytes=100,
        stored_bytes=50,
        rows=rows,
    )
    with database.writing() as connection:
        History(database).add(connection, fetched)


def record_requests(database: Database, month: str, requests: int, size: int) -> None:
    """Record what was asked of the vendor in a month."""
    with database.writing() as connection:
        count_requests(connection, month, requests, size)


def hold_fetched(stored: StoredHome, number: int, *, source_bytes: int | None, size: int = 100) -> None:
    """Hold a day that came from the vendor, and name the size of its file where that is known."""
    part = stored.store(number, source=Source.TARDIS, size=size)
    with stored.database.writing() as connection:
        connection.execute(
            "UPDATE segment SET source_bytes = ? WHERE id = ?", (source_bytes, part.segment_id)
        )
