"""The health of days kept up to date, also when what goes before a day changes."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tickreel.errors import DataError, TickreelError
from tickreel.market.time import day_start_us
from tickreel.market.types import SCHEMAS, DataType
from tickreel.store.health import DayWatch, Health
from tickreel.store.library.booktime import books_before
from tickreel.store.library.plans import Selection
from tickreel.store.records.catalog import HealthRecord

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from tickreel.book import BookBuilder
    from tickreel.market.block import Block
    from tickreel.market.types import DatasetKey
    from tickreel.store.library.reading import Library
    from tickreel.store.model import Day, Part
    from tickreel.store.records.catalog import Catalog
    from tickreel.store.records.database import Database

_LOGGER = logging.getLogger(__name__)
_ONE_DAY = timedelta(days=1)


class _Left(NamedTuple):
    """The books at the end of the day last looked at, and the rows from which they follow."""

    key: DatasetKey
    day: date
    basis: str
    books: Mapping[str, BookBuilder]


class Checkup:
    """Health of the days of one home.

    A report rests on the rows of the day and, where a book is carried into it, on the rows from
    which that book follows; their digests are kept with it, and a report on others is not used.

    A book follows from the last part before that opens with a snapshot, or from all days held in a
    row. Parts of a group never open with the snapshots of all its instruments, so that its days are
    read from the first; imported in their order they are not, as each leaves its books to the next.
    """

    def __init__(self, library: Library, catalog: Catalog, database: Database) -> None:
        self._library = library
        self._catalog = catalog
        self._database = database
        self._left: _Left | None = None

    def carried_into(self, key: DatasetKey, day: date) -> tuple[Mapping[str, BookBuilder], tuple[str, ...]]:
        """Build the books with which a day begins, and name the rows from which they follow.

        Nothing is carried where the day before is not held, or cannot be read.
        """
        if key.type is not DataType.INCREMENTAL_BOOK_L2:
            return {}, ()
        rests_on = self._chain(key, day)
        if not rests_on:
            return {}, ()
        try:
            left = self._left_before(key, day)
            return left or books_before(self._library, Selection(key), day_start_us(day)), rests_on
        except DataError:
            return {}, ()

    def leave(self, key: DatasetKey, day: date, basis: str, books: Mapping[str, BookBuilder]) -> None:
        """Take the books at the end of a day, which nobody changes any more, for the day after it.

        Only those of the last day are kept.
        """
        if key.type is DataType.INCREMENTAL_BOOK_L2:
            self._left = _Left(key, day, basis, books)

    def _left_before(self, key: DatasetKey, day: date) -> Mapping[str, BookBuilder] | None:
        """Copy the books that were left at the end of the day before, if its rows are still those."""
        left, before = self._left, self._catalog.day(key, day - _ONE_DAY)
        if left is None or before is None or (left.key, left.day) != (key, before.day):
            return None
        if not self._is_current(left.basis, before):
            return None
        return {symbol: book.copy() for symbol, book in left.books.items()}

    def _chain(self, key: DatasetKey, day: date) -> tuple[str, ...]:
        chain = self._library.chain_before(Selection(key), day_start_us(day))
        return tuple(part.rows_sha256 for part in chain)

    def _is_current(self, basis: str, day: Day) -> bool:
        """Tell whether the rows on which a report rests are those that are held."""
        if day.key.type is not DataType.INCREMENTAL_BOOK_L2:
            return basis == day.rows_sha256
        return basis == " ".join((day.rows_sha256, *self._chain(day.key, day.day)))

    def of(self, day: Day) -> Health:
        """Give the health of a held day, computing it anew where what is kept rests on other rows.

        Raises:
            DataError: a file of the day is damaged.
        """
        report = self._kept_report(day)
        if report is not None:
            return Health.from_form(json.loads(report))
        return self._computed(day)

    def _kept_report(self, day: Day) -> str | None:
        """Find the report that is kept of a held day, if it rests on the rows that are held."""
        kept = self._catalog.health(day.key, day.day)
        return kept.report if kept is not None and self._is_current(kept.basis, day) else None

    def _computed(self, day: Day) -> Health:
        """Compute the health of a held day, and keep it; raises DataError."""
        carried, rests_on = self.carried_into(day.key, day.day)
        basis = " ".join((day.rows_sha256, *rests_on))
        watch = DayWatch(day.key, carried=carried)
        for part in day.parts:
            watch.begin_part()
            for block in self.rows_of(day.key, part):
                watch.update(block)
        health = watch.finish()
        self.leave(day.key, day.day, basis, watch.books)
        if not self._database.read_only:
            with self._database.writing() as connection:
                now = self._catalog.day(day.key, day.day)
                if now is not None and self._is_current(basis, now):
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

    def _carried_from(self, key: DatasetKey, days: Iterable[date]) -> set[date]:
        """List the days after some days whose books may follow from the rows of those."""
        found: set[date] = set()
        passed: set[date] = set()
        for day in days:
            while day not in passed:
                passed.add(day)
                after = self._catalog.day(key, day + _ONE_DAY)
                if after is None or not after.state.is_held:
                    break
                day = after.day
                found.add(day)
                if any(part.opens_with_snapshot for part in after.parts):
                    break
        return found

    def renew(self, key: DatasetKey, days: Iterable[date]) -> None:
        """Bring the reports of some days, and of those into which their books are carried, up to date."""
        wanted = set(days)
        if key.type is DataType.INCREMENTAL_BOOK_L2:
            wanted |= self._carried_from(key, wanted)
        for number in sorted(wanted):
            day = self._catalog.day(key, number)
            if day is None or not day.state.is_held:
                continue
            try:
                if self._kept_report(day) is None:
                    self._computed(day)
            except TickreelError as error:
                # What was done to the days is done; that one of them cannot be read is told to its readers.
                _LOGGER.warning("the health of %s %s stays unknown: %s", key, number, error)
