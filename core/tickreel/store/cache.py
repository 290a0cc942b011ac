"""The cache as its users see it: one object over a home, usable from several threads.

It is long because it is the one surface: every method hands on to the room that does the work.
"""

from __future__ import annotations

import logging
from functools import cached_property
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tickreel.errors import EnvironmentProblem, TickreelError, UsageError
from tickreel.market.time import Instant, days_touched, parse_day, parse_instant, parse_range
from tickreel.market.types import DatasetKey, DataType
from tickreel.progress import UNWATCHED, Monitor
from tickreel.settings import home_dir, load
from tickreel.store.home import Home
from tickreel.store.library.plans import Selection, refuse_missing
from tickreel.store.library.reading import Library
from tickreel.store.model import DayState
from tickreel.store.records.catalog import Catalog
from tickreel.store.records.database import Database
from tickreel.store.records.usage import Tier, UsageMeter, note_shared, tier_usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from tickreel.book import Book
    from tickreel.filesystem import Disk
    from tickreel.store.care.lifecycle import LifeCycle
    from tickreel.store.care.verification import Finding
    from tickreel.store.health import Health
    from tickreel.store.intake.checkup import Checkup
    from tickreel.store.intake.ingest import Ingest
    from tickreel.store.intake.prospect import FileAhead
    from tickreel.store.intake.recording import Ingested
    from tickreel.store.intake.request import ImportRequest
    from tickreel.store.library.exporting import ExportPlan
    from tickreel.store.library.farther import FartherTier
    from tickreel.store.library.forms import RowsForm
    from tickreel.store.library.tables import RangeRead
    from tickreel.store.model import Dataset, Day, DayRange
    from tickreel.store.records.listing import Changes
    from tickreel.store.records.usage import TierUsage

_LOGGER = logging.getLogger(__name__)

# What reads and writes rows is imported by the calls that do so: listing what is held shall
# not wait for NumPy, Arrow and the compiled kernels.


def open_cache(home: str | Path | None = None, *, read_only: bool = False) -> Cache:
    """Open the cache in *home*, making it when it is not there.

    Without *home* it is ``TICKREEL_HOME``, else the system's place for application data.

    Raises:
        EnvironmentProblem: the home cannot be used; the message says why and what to do.
    """
    return Cache(home_dir(flag=home), read_only=read_only)


class Cache:
    """Datasets of one home: what there is, importing, and reading.

    A context manager. All methods may be called from any thread; once it is closed they raise
    EnvironmentProblem.
    """

    def __init__(self, home: Path, *, read_only: bool = False, disk: Disk | None = None) -> None:
        self._is_closed = False
        self._home = Home(home, read_only=read_only, disk=disk)
        self._database = Database(self._home.catalog, read_only=read_only)
        self._records = Catalog(self._database)
        self._meter = UsageMeter(self._database, self._home.disk, read_only=read_only)
        self._library = Library(self._home, self._records, self._meter, self._on_damage)
        if not read_only:
            self._home.sweep(self._records.held_segments)

    @property
    def home(self) -> Path:
        """The folder in which everything lives."""
        return self._home.root

    def close(self) -> None:
        """Let go of the home; a second call does nothing, any other use raises EnvironmentProblem."""
        self._library.end_coming()  # which still uses the rest
        self._is_closed = True
        self._library.close()  # and with it what it was attached to
        self._meter.close()
        self._database.close()

    def _ensure_open(self) -> None:
        if self._is_closed:
            raise EnvironmentProblem(f"the cache in {self.home} is closed: open it again with open_cache()")

    @property
    def disk(self) -> Disk:
        """The disk of the home, and its clock."""
        return self._home.disk

    @property
    def is_read_only(self) -> bool:
        """Whether nothing may be changed."""
        return self._home.read_only

    def connect(self) -> Database:
        """Open the catalog once more, for what keeps records of its own there; the caller closes it."""
        self._ensure_open()
        return Database(self._home.catalog, read_only=self._home.read_only)

    @property
    def library(self) -> Library:
        """The rows of the home, and the parts that hold them."""
        self._ensure_open()
        return self._library

    def attach(self, farther: FartherTier | None) -> None:
        """Let days that are missing be brought from a tier farther away, or from none any more.

        It is closed with the cache, and when another takes its place: that may take a moment.
        """
        self.library.attach(farther)

    @property
    def farther(self) -> FartherTier | None:
        """The tier from which missing days are brought, if there is one."""
        return self.library.farther

    def note_shared(self, took_ns: Sequence[int], misses: int) -> None:
        """Note for the statistics what the shared tier did: how long each day took that came, and misses.

        Raises:
            EnvironmentProblem: the catalog cannot be written now.
        """
        self._ensure_open()
        if not self.is_read_only:
            note_shared(self._database, self._home.disk.now_us(), took_ns, misses)

    def shared_usage(self) -> TierUsage:
        """Tell what the shared tier did for this home, as far as it was written down."""
        self._ensure_open()
        return tier_usage(self._database, Tier.SHARED)

    @property
    def _catalog(self) -> Catalog:
        self._ensure_open()
        return self._records

    def _on_damage(self, segment_id: str) -> None:
        """Take a segment that could not be read out of service, if it proves damaged."""
        if self._home.read_only:
            return
        from tickreel.store.care.verification import confirm_damage

        confirm_damage(self._home, self._catalog, self._database, segment_id)

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def life(self) -> LifeCycle:
        """What may be done with days once they are stored: pins, trash, eviction, statistics."""
        self._ensure_open()
        return self._life

    @cached_property
    def _life(self) -> LifeCycle:
        from tickreel.store.care.lifecycle import LifeCycle

        settings = load(self.home).values.store
        return LifeCycle(self._home, self._database, self._catalog, settings)

    def renew_settings(self) -> None:
        """Let what is set now hold from here on: quota, policy, times and what is kept free."""
        self._ensure_open()
        self.__dict__.pop("_life", None)

    @cached_property
    def _checkup(self) -> Checkup:
        from tickreel.store.intake.checkup import Checkup

        return Checkup(self.library, self._catalog, self._database)

    def changes_elsewhere(self) -> int:
        """Give a number that moves when another program has changed this home."""
        self._ensure_open()
        return self._database.changes_elsewhere()

    def datasets(self) -> list[Dataset]:
        """Sum up every dataset, by exchange, symbol and type."""
        return self._catalog.datasets()

    def days(self, exchange: str, symbol: str, type: DataType | str) -> list[Day]:
        """List the recorded days of a dataset, oldest first; empty when nothing is held of it."""
        return self._catalog.days(DatasetKey(exchange, symbol, as_type(type)))

    def day(self, exchange: str, symbol: str, type: DataType | str, day: date) -> Day | None:
        """Give one recorded day of a dataset; None where there is no record of it."""
        return self._catalog.day(DatasetKey(exchange, symbol, as_type(type)), day)

    def health(
        self, exchange: str, symbol: str, type: DataType | str, start: Instant, end: Instant
    ) -> list[tuple[Day, Health | None]]:
        """Tell how far the rows of every recorded day that a range touches can be relied on.

        None for a damaged day, of whose rows nothing is known; days without rows are left out. An
        instrument inside a group's files has the health of the group.

        Raises:
            NotHeldError: nothing is held of it.
        """
        key = self.library.select(exchange, symbol, as_type(type)).key
        touched = days_touched(*parse_range(start, end))
        recorded = self._catalog.days_between(key, touched[0], touched[-1]) if touched else []
        return [
            (day, self._checkup.of(day) if day.state.is_held else None)
            for day in recorded
            if day.state.is_held or day.state is DayState.DAMAGED
        ]

    def renew_health(self, *changed: DayRange) -> None:
        """Bring the health of days up to date, and of those into which their books are carried.

        Raises:
            UsageError: the home was opened for reading only.
        """
        self._home.ensure_writable()
        wanted: dict[DatasetKey, set[date]] = {}
        for days in changed:
            recorded = self._catalog.days_between(days.key, days.first, days.last)
            wanted.setdefault(days.key, set()).update((days.last, *(day.day for day in recorded)))
        for key, numbers in wanted.items():
            self._checkup.renew(key, numbers)

    def verify(
        self, ranges: Sequence[DayRange] | None = None, *, deep: bool = False, monitor: Monitor = UNWATCHED
    ) -> list[Finding]:
        """Look through the files of days, by default of all, the trash included, and tell of each.

        Damage is taken out of service, but not in a home that was opened for reading only. *deep*
        decodes every row as well.

        Raises:
            EnvironmentProblem: a file cannot be read for a reason that is no damage.
            Cancelled: the monitor said so; what was found until then stays recorded.
        """
        from tickreel.store.care.verification import verify

        return verify(
            self._home,
            self._catalog,
            self._database,
            ranges,
            deep=deep,
            records=not self.is_read_only,
            monitor=monitor,
        )

    def all_days(self) -> list[Day]:
        """List every recorded day, by exchange, symbol, type and day."""
        return self._catalog.all_days()

    def changes(self, known: Mapping[DatasetKey, int]) -> Changes:
        """List the days of those datasets alone that are not as they were known, by their revisions.

        Without anything *known* that is every recorded day; from then on give it the revisions that it gave.
        """
        return self._catalog.changes(known)

    def ingest(self, key: DatasetKey) -> Ingest:
        """Begin to take rows of a dataset; nothing is stored until its commit.

        Raises:
            UsageError: the home was opened for reading only.
        """
        self._home.ensure_writable()
        from tickreel.store.intake.ingest import Ingest

        return Ingest(self._home, self._database, self._catalog, self._checkup, key, self.life.ensure_room)

    def record_without_rows(self, key: DatasetKey, days: Iterable[date], state: DayState) -> None:
        """Record that the vendor has no rows of days (absent) or has not published them yet (pending).

        Days of which rows are held stay as they are.

        Raises:
            UsageError: the home was opened for reading only.
        """
        self._ensure_open()
        self._home.ensure_writable()
        with self._database.writing() as connection:
            for day in days:
                held = self._catalog.day(key, day)
                if held is None or not held.parts:
                    self._catalog.record_day(connection, key, day, state, "")

    def import_path(self, request: ImportRequest, monitor: Monitor = UNWATCHED) -> list[Ingested]:
        """Import one file and say what became of each of its days.

        Raises:
            UsageError: the home was opened for reading only.
            TickreelError: see :func:`tickreel.store.intake.importing.import_file`; the store is as before.
        """
        self._ensure_open()
        self._home.ensure_writable()
        from tickreel.store.intake.importing import import_file

        done = import_file(request, self.ingest, monitor)
        try:
            self.life.tidy()
        except TickreelError as error:
            # The rows are stored, and the next import tidies up as well.
            _LOGGER.warning("the home could not be tidied after an import: %s", error)
        return done

    def look_ahead(self, request: ImportRequest, monitor: Monitor = UNWATCHED) -> FileAhead:
        """Check the first rows of a file, and tell what an import would do with it; nothing is stored.

        Raises:
            TickreelError: see :func:`tickreel.store.intake.lookahead.look_ahead`.
        """
        self._ensure_open()
        from tickreel.store.intake.lookahead import look_ahead

        return look_ahead(request, self._catalog.day, monitor=monitor)

    def import_file(
        self,
        path: str | Path,
        *,
        exchange: str | None = None,
        symbol: str | None = None,
        type: DataType | str | None = None,
        day: str | date | None = None,
        replace: bool = False,
        complete: bool = False,
    ) -> list[Day]:
        """Import one vendor file, plain, gzip or zstd, and give the days it holds as they now stand.

        What is not given is found from the file. Raises as :meth:`import_path`.
        """
        from tickreel.store.intake.request import ImportRequest

        request = ImportRequest(
            path=Path(path),
            exchange=exchange,
            symbol=symbol,
            type=None if type is None else as_type(type),
            day=parse_day(day) if isinstance(day, str) else day,
            replace=replace,
            complete=complete,
        )
        return [one.day for one in self.import_path(request)]

    def batches(
        self,
        exchange: str,
        symbol: str,
        type: DataType | str,
        start: Instant,
        end: Instant,
        *,
        columns: Sequence[str] | None = None,
        allow_missing: bool = False,
        rows: int = 65_536,
    ) -> Iterator[pa.RecordBatch]:
        """Read rows with local time in [start, end), in file order, at most *rows* at a time.

        Columns have the vendor's names and order: times int64 microseconds, is_snapshot bool,
        prices and amounts float64 (null where the vendor gave none), the rest text.

        Raises:
            NotHeldError: nothing is held of it, or a day of the range is missing and
                *allow_missing* is not set; raised before the first row.
            UsageError: a time or a column that there is not.
        """
        from tickreel.store.library.tables import read_batches

        read = self._range_read(exchange, symbol, type, (start, end), columns, allow_missing)
        return read_batches(self.library, read, _checked_rows(rows))

    async def abatches(
        self,
        exchange: str,
        symbol: str,
        type: DataType | str,
        start: Instant,
        end: Instant,
        *,
        columns: Sequence[str] | None = None,
        allow_missing: bool = False,
        rows: int = 65_536,
    ) -> AsyncIterator[pa.RecordBatch]:
        """Read as :meth:`batches`, each batch in a worker thread."""
        import asyncio

        from tickreel.store.library.tables import read_batches

        read = await asyncio.to_thread(
            self._range_read, exchange, symbol, type, (start, end), columns, allow_missing
        )
        batches = read_batches(self.library, read, _checked_rows(rows))
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            yield batch

    def arrow(
        self,
        exchange: str,
        symbol: str,
        type: DataType | str,
        start: Instant,
        end: Instant,
        *,
        columns: Sequence[str] | None = None,
        allow_missing: bool = False,
    ) -> pa.Table:
        """Read rows as one Arrow table; see :meth:`batches`."""
        from tickreel.store.library.tables import read_table

        read = self._range_read(exchange, symbol, type, (start, end), columns, allow_missing)
        return read_table(self.library, read)

    def frame(
        self,
        exchange: str,
        symbol: str,
        type: DataType | str,
        start: Instant,
        end: Instant,
        *,
        columns: Sequence[str] | None = None,
        allow_missing: bool = False,
    ) -> pd.DataFrame:
        """Read rows as a pandas frame: missing numbers NaN, missing integers ``<NA>`` (Int64)."""
        from tickreel.store.library.tables import read_frame

        read = self._range_read(exchange, symbol, type, (start, end), columns, allow_missing)
        return read_frame(self.library, read)

    def _range_read(
        self,
        exchange: str,
        symbol: str,
        type: DataType | str,
        span: tuple[Instant, Instant],
        columns: Sequence[str] | None,
        allow_missing: bool,
    ) -> RangeRead:
        """Say what a read has to read, or refuse it before the first row."""
        from tickreel.store.library.tables import RangeRead, checked_columns

        data_type = as_type(type)
        start_us, end_us = parse_range(*span)
        names = checked_columns(data_type, columns)
        plan = self.library.plan_read(exchange, symbol, data_type, start_us, end_us)
        if not allow_missing:
            refuse_missing(plan.missing)
        return RangeRead(plan, names)

    def plan_export(
        self, ranges: Iterable[DayRange], form: RowsForm, *, is_per_day: bool
    ) -> tuple[ExportPlan, int]:
        """Say which files days would make, and estimate their size in bytes.

        Raises:
            DataError: a segment that is measured is gone or damaged.
        """
        from tickreel.store.library.exporting import estimate_bytes, plan_export

        plan = plan_export(self.library, ranges, form, is_per_day=is_per_day)
        return plan, estimate_bytes(self.library, plan)

    def export(
        self, plan: ExportPlan, folder: Path, *, replace: bool = False, monitor: Monitor = UNWATCHED
    ) -> list[Path]:
        """Write the files of a plan; see :func:`tickreel.store.library.exporting.export`, also for errors."""
        from tickreel.store.library.exporting import export

        return export(self.library, plan, folder, replace=replace, monitor=monitor)

    def book(self, exchange: str, symbol: str, at: Instant) -> Book:
        """Build the order book at an instant: after all messages with local time up to and including it.

        Raises:
            NotHeldError: the instant's day is not held.
            UsageError: a time that there is not, or a group's name.
        """
        from tickreel.store.library.booktime import book_at

        at_us = parse_instant(at)
        self.library.bring([(exchange, symbol)], [DataType.INCREMENTAL_BOOK_L2], at_us, at_us + 1)
        return book_at(self.library, self.book_selection(exchange, symbol, asked_days=1), at_us).book

    def bbo(self, exchange: str, symbol: str, start: Instant, end: Instant) -> np.memmap[Any, Any]:
        """Map best bid and offer as one read-only array of records, a record for each change.

        Its fields are *timestamp* (local time, int64 microseconds) and *bid*, *ask*, *bid_size*,
        *ask_size* (float64, NaN where that side is empty), after each message with local time in
        [start, end) that changed one of them. It comes from quotes or book_ticker where they are
        held, else from the order book; days are computed once and then mapped from disk.

        Raises:
            NotHeldError: none of these is held, or a day of the range is missing.
            UsageError: a time that there is not, or a group's name.
            EnvironmentProblem: the days are not computed yet and cannot be written.
        """
        from tickreel.store.library.bbo import BboFiles

        files = BboFiles(self._home, self.library)
        return files.open(exchange, symbol, *parse_range(start, end))

    def book_selection(self, exchange: str, symbol: str, *, asked_days: int = 0) -> Selection:
        """Find the order-book dataset of one instrument; *asked_days* as :meth:`Library.select`.

        Raises:
            NotHeldError: none is held.
            UsageError: the symbol names a group, which has one book per instrument.
        """
        selection = self.library.select(exchange, symbol, DataType.INCREMENTAL_BOOK_L2, asked_days=asked_days)
        if selection.key.is_grouped and selection.member is None:
            members = self.library.members(selection)
            raise UsageError(
                f"{symbol} is a group with one book per instrument: name one of {', '.join(members[:5])}"
                + (" ..." if len(members) > 5 else "")
            )
        return selection


def as_type(value: DataType | str) -> DataType:
    """Read a data type by its vendor's name.

    Raises:
        UsageError: there is no such type.
    """
    try:
        return DataType(value)
    except ValueError:
        raise UsageError(f"{value!r} is not a data type: choose from {', '.join(sorted(DataType))}") from None


def _checked_rows(rows: int) -> int:
    try:
        count = index(rows)  # the integers of NumPy as well
    except TypeError:
        raise UsageError(f"a batch holds a whole number of rows, not {rows!r}") from None
    if count < 1:
        raise UsageError(f"a batch holds at least one row, not {count}")
    return count
