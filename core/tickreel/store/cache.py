"""The cache as its users see it: one object over a home, usable from several threads."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from tickreel.errors import UsageError
from tickreel.market.arrow import public_schema
from tickreel.market.time import Instant, parse_day, parse_instant, parse_range
from tickreel.market.types import SCHEMAS, DatasetKey, DataType, Kind
from tickreel.progress import UNWATCHED, Monitor
from tickreel.settings import home_dir
from tickreel.store.catalog import Catalog
from tickreel.store.database import Database
from tickreel.store.home import Home
from tickreel.store.importing import ImportRequest, import_file
from tickreel.store.ingest import Ingest, Ingested
from tickreel.store.reading import Library, Selection, refuse_missing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from datetime import date

    import pandas as pd

    from tickreel.book import Book
    from tickreel.store.model import Dataset, Day


def open_cache(home: str | Path | None = None, *, read_only: bool = False) -> Cache:
    """Open the cache in *home*, making it when it is not there.

    Without *home* it is ``TICKREEL_HOME``, else the system's place for application data.

    Raises:
        EnvironmentProblem: the home cannot be used; the message says why and what to do.
    """
    return Cache(home_dir(flag=home), read_only=read_only)


class Cache:
    """Datasets of one home: what there is, importing, and reading.

    A context manager. All methods may be called from any thread.
    """

    def __init__(self, home: Path, *, read_only: bool = False) -> None:
        self._home = Home(home, read_only=read_only)
        self._read_only = read_only
        self._database = Database(self._home.catalog, read_only=read_only)
        self._catalog = Catalog(self._database)
        self.library = Library(self._home, self._catalog)
        if not read_only:
            self._home.sweep(self._catalog.held_segments)

    @property
    def home(self) -> Path:
        """The folder in which everything lives."""
        return self._home.root

    def close(self) -> None:
        """Let go of the home; a second call does nothing."""
        self._database.close()

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def changes_elsewhere(self) -> int:
        """Give a number that moves when another program has changed this home."""
        return self._database.changes_elsewhere()

    def datasets(self) -> list[Dataset]:
        """Sum up every dataset, by exchange, symbol and type."""
        return self._catalog.datasets()

    def days(self, exchange: str, symbol: str, type: DataType | str) -> list[Day]:
        """List the recorded days of a dataset, oldest first; empty when nothing is held of it."""
        return self._catalog.days(DatasetKey(exchange, symbol, as_type(type)))

    def all_days(self) -> list[Day]:
        """List every recorded day, by exchange, symbol, type and day."""
        return self._catalog.all_days()

    def ingest(self, key: DatasetKey) -> Ingest:
        """Begin to take rows of a dataset; nothing is stored until its commit."""
        if self._read_only:
            raise UsageError(f"the home {self.home} was opened for reading only")
        return Ingest(self._home, self._database, self._catalog, key)

    def import_path(self, request: ImportRequest, monitor: Monitor = UNWATCHED) -> list[Ingested]:
        """Import one file and say what became of each of its days.

        Raises:
            TickreelError: see :func:`tickreel.store.importing.import_file`; the store is as before.
        """
        return import_file(request, self.ingest, monitor)

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
        data_type = as_type(type)
        start_us, end_us = parse_range(start, end)
        if rows < 1:
            raise UsageError(f"a batch holds at least one row, not {rows}")
        selection = self.library.select(exchange, symbol, data_type)
        names = _checked_columns(data_type, columns)
        plan = self.library.plan(selection, start_us, end_us)
        if not allow_missing:
            refuse_missing(plan.missing)
        schema = _public_fields(data_type, names)

        def read() -> Iterator[pa.RecordBatch]:
            for batch in self.library.rows(plan, names):
                for low in range(0, batch.num_rows, rows):
                    yield batch.slice(low, rows).cast(schema)

        return read()

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
        iterator = self.batches(
            exchange,
            symbol,
            type,
            start,
            end,
            columns=columns,
            allow_missing=allow_missing,
            rows=rows,
        )
        while (batch := await asyncio.to_thread(next, iterator, None)) is not None:
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
        found = self.batches(exchange, symbol, type, start, end, columns=columns, allow_missing=allow_missing)
        data_type = as_type(type)
        schema = _public_fields(data_type, _checked_columns(data_type, columns))
        return pa.Table.from_batches(found, schema=schema)

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
        import pandas as pd  # half a second that only users of frames pay

        table = self.arrow(exchange, symbol, type, start, end, columns=columns, allow_missing=allow_missing)
        schema = SCHEMAS[as_type(type)]
        optional = {
            column.name for column in schema.columns if column.kind is Kind.TIME and not column.required
        }
        frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
        whole = {
            name: "int64" for name in frame.columns if frame[name].dtype == "Int64" and name not in optional
        }
        return frame.astype(whole)

    def book(self, exchange: str, symbol: str, at: Instant) -> Book:
        """Build the order book at an instant: after all messages with local time up to and including it.

        Raises:
            NotHeldError: the instant's day is not held.
        """
        from tickreel.store.booktime import book_at

        return book_at(self.library, self.book_selection(exchange, symbol), parse_instant(at)).book

    def book_selection(self, exchange: str, symbol: str) -> Selection:
        """Find the order-book dataset of one instrument.

        Raises:
            NotHeldError: none is held.
            UsageError: the symbol names a group, which has one book per instrument.
        """
        selection = self.library.select(exchange, symbol, DataType.INCREMENTAL_BOOK_L2)
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


def _checked_columns(data_type: DataType, columns: Sequence[str] | None) -> tuple[str, ...]:
    names = SCHEMAS[data_type].names
    if columns is None:
        return names
    unknown = [name for name in columns if name not in names]
    if unknown:
        raise UsageError(f"{data_type} has no column {', '.join(unknown)}: it has {', '.join(names)}")
    return tuple(columns)


def _public_fields(data_type: DataType, names: Sequence[str]) -> pa.Schema:
    schema = public_schema(SCHEMAS[data_type])
    return pa.schema([schema.field(name) for name in names])
