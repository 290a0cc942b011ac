"""The health of days kept up to date, also when what goes before a day changes."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from tickreel.errors import DataError, TickreelError
from tickreel.market.time import day_start_us
from tickreel.market.types import SCHEMAS, DataType
from tickreel.store.booktime import books_before
from tickreel.store.catalog import HealthRecord
from tickreel.store.health import DayWatch, Health
from tickreel.store.reading import Selection

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from tickreel.book import BookBuilder
    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey
    from tickreel.store.catalog import Catalog
    from tickreel.store.database import Database
    from tickreel.store.model import Day, Part
    from tickreel.store.reading import Library

_LOGGER = logging.getLogger(__name__)
_ONE_DAY = timedelta(days=1)


class Checkup:
    """Health of the days of one home.

    A report rests on the rows of the day and, where a book is carried into it, on the rows from
    which that book follows; their digests are kept with it, and a report on others is not used.
    """

    def __init__(self, library: Library, catalog: Catalog, database: Database) -> None:
        self._library = library
        self._catalog = catalog
        self._database = database

    def carried_into(self, key: DatasetKey, day: date) -> tuple[Mapping[str, BookBuilder], tuple[str, ...]]:
        """Build the books with which a day begins, and name the rows from which they follow.

        Nothing is carried where the day before is not held, or cannot be read.
        """
        rests_on = self._rests_on(key, day)
        if not rests_on:
            return {}, ()
        try:
            return books_before(self._library, Selection(key), day_start_us(day)), rests_on
        except DataError:
            return {}, ()

    def _rests_on(self, key: DatasetKey, day: date) -> tuple[str, ...]:
        if key.type is not DataType.INCREMENTAL_BOOK_L2:
            return ()
        chain = self._library.chain_before(Selection(key), day_start_us(day))
        return tuple(part.rows_sha256 for part in chain)

    def of(self, day: Day) -> Health:
        """Give the health of a held day, computing it anew where what is kept rests on other rows.

        Raises:
            DataError: a file of the day is damaged.
        """
        basis = " ".join((day.rows_sha256, *self._rests_on(day.key, day.day)))
        kept = self._catalog.health(day.key, day.day)
        if kept is not None and kept.basis == basis:
            return Health.from_form(json.loads(kept.report))
        carried, _ = self.carried_into(day.key, day.day)
        watch = DayWatch(day.key, carried=carried)
        for part in day.parts:
            watch.begin_part()
            for block in self.rows_of(day.key, part):
                watch.update(block)
        health = watch.finish()
        if not self._database.read_only:
            with self._database.writing() as connection:
                self.keep(connection, day.key, day.day, health, basis)
        return health

    def rows_of(self, key: DatasetKey, part: Part) -> Iterator[Block]:
        """Read a held part with all columns; raises DataError, and marks the day, where it is damaged."""
        return self._library.part_rows(
            Selection(key), part, part.start_us, part.end_us, SCHEMAS[key.type].names
        )

    def keep(
        self, connection: sqlite3.Connection, key: DatasetKey, day: date, health: Health, basis: str
    ) -> None:
        """Record a report, inside the caller's transaction."""
        record = HealthRecord(basis, health.grade, health.issues, json.dumps(health.to_form()))
        self._catalog.save_health(connection, key, day, record)

    def _carried_from(self, key: DatasetKey, day: date) -> set[date]:
        """List the days after *day* whose books follow from its rows."""
        found: set[date] = set()
        while (after := self._catalog.day(key, day + _ONE_DAY)) is not None and after.state.is_held:
            day = after.day
            found.add(day)
            if any(part.opens_with_snapshot for part in after.parts):
                break
        return found

    def renew(self, key: DatasetKey, days: Iterable[date]) -> None:
        """Bring the reports of some days, and of those into which their books are carried, up to date."""
        wanted = set(days)
        if key.type is DataType.INCREMENTAL_BOOK_L2:
            for number in tuple(wanted):
                wanted |= self._carried_from(key, number)
        for number in sorted(wanted):
            day = self._catalog.day(key, number)
            if day is None or not day.state.is_held:
                continue
            try:
                self.of(day)
            except TickreelError as error:
                # What was done to the days is done; that one of them cannot be read is told to its readers.
                _LOGGER.warning("the health of %s %s stays unknown: %s", key, number, error)
