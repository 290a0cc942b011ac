"""A vendor's file into the cache: what it is, whether it is what it claims, and its rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tickreel.errors import ConflictError, DataError, EnvironmentProblem, RowError, UsageError
from tickreel.market.time import US_PER_DAY, day_of, day_start_us
from tickreel.market.types import GROUPS, DatasetKey, DataType
from tickreel.store.intake.recording import Ingested, Provenance
from tickreel.vendorcsv import claim_of, group_in, open_csv, vendor_spelling

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tickreel.market.block import Block
    from tickreel.progress import Monitor
    from tickreel.store.intake.ingest import Ingest
    from tickreel.store.intake.request import ImportRequest
    from tickreel.vendorcsv import CsvFile

_GROUP_HELP = f"say which group it is with --symbol {'|'.join(GROUPS)}"


def import_file(
    request: ImportRequest, begin: Callable[[DatasetKey], Ingest], monitor: Monitor
) -> list[Ingested]:
    """Store a file whole or not at all; *begin* opens the cache for one dataset.

    Raises:
        UsageError: the type or the group cannot be told, or nothing names an empty file.
        RowError: a row is not what it must be, or contradicts the request.
        DataError: the file is not a vendor's CSV, or ends early.
        ConflictError: it overlaps what is held.
        EnvironmentProblem: the machine is in the way of this file, and need not be of the next.
        Cancelled: the monitor said so.
    """
    try:
        return _import_rows(request, begin, monitor)
    except (OSError, MemoryError) as error:
        # What is read, written and locked words its own errors; this is what none of them foresaw.
        why = (error.strerror if isinstance(error, OSError) else None) or str(error) or "out of memory"
        raise EnvironmentProblem(
            f"{request.path}: the import failed: {why}; import it again, what is stored stays as it is"
        ) from error


def _import_rows(
    request: ImportRequest, begin: Callable[[DatasetKey], Ingest], monitor: Monitor
) -> list[Ingested]:
    with open_csv(request.path, type=request.type) as csv:
        blocks = csv.blocks(monitor)
        first = next(blocks, None)
        if csv.schema is None or first is None:
            return _import_empty(request, csv, begin)
        rows = RowCheck(request, first)
        with begin(rows.key(csv.schema.type)) as ingest:
            rows.check(first)
            ingest.append(first)
            for block in blocks:
                rows.check(block)
                ingest.append(block)
            return _commit(ingest, request, csv)


def _commit(ingest: Ingest, request: ImportRequest, csv: CsvFile) -> list[Ingested]:
    provenance = Provenance(request.source, csv.source_sha256, csv.source_bytes)
    try:
        return ingest.commit(provenance, replace=request.replace, complete=request.complete)
    except ConflictError as error:
        raise ConflictError(f"{request.path}: {error}") from None


def _import_empty(
    request: ImportRequest, csv: CsvFile, begin: Callable[[DatasetKey], Ingest]
) -> list[Ingested]:
    key, day = key_of_empty(request, csv)
    with begin(key) as ingest:
        ingest.append_empty_day(day)
        return _commit(ingest, replace(request, complete=True), csv)


def key_of_empty(request: ImportRequest, csv: CsvFile) -> tuple[DatasetKey, date]:
    """Find what a file without rows is from the request and its name.

    Raises:
        UsageError: they do not say it.
    """
    claim = claim_of(request.path)
    exchange = request.exchange or claim.exchange
    symbol = request.symbol or claim.symbol
    data_type = request.type or (csv.schema.type if csv.schema else claim.type)
    day = request.day or claim.day
    if exchange is None or symbol is None or data_type is None or day is None:
        raise UsageError(
            f"{request.path} has no rows and its name does not say what it is: "
            "give --exchange, --symbol, --type and --day"
        )
    return DatasetKey(exchange, symbol, data_type), day


class RowCheck:
    """Holds the rows of one file against the request and against the first row."""

    def __init__(self, request: ImportRequest, first: Block) -> None:
        self._request = request
        self._exchange = first.exchange
        self._symbol = first_symbol(first)
        asked = request.symbol if request.symbol in GROUPS else None
        self._group = asked or group_in(request.path)
        self._rows = 0
        self._check_exchange()
        self._check_asked_symbol()

    def key(self, data_type: DataType) -> DatasetKey:
        """Name the dataset that the rows belong to."""
        return DatasetKey(self._exchange, self._group or self._symbol, data_type)

    def _check_exchange(self) -> None:
        asked = self._request.exchange
        if asked is not None and asked != self._exchange:
            raise DataError(
                f"{self._request.path}: the rows are of exchange {self._exchange}, not {asked} as asked"
            )

    def _check_asked_symbol(self) -> None:
        asked = self._request.symbol
        if asked is None or asked in GROUPS:
            return
        if vendor_spelling(asked) != vendor_spelling(self._symbol):
            raise DataError(
                f"{self._request.path}: the rows are of symbol {self._symbol}, not {asked} as asked"
            )
        self._group = None

    def check(self, block: Block) -> None:
        """Refuse a second symbol outside a group, and a day that was not asked for."""
        if self._group is None:
            self._check_one_symbol(block)
        if self._request.day is not None:
            self._check_day(block, self._request.day)
        self._rows += len(block)

    def _check_one_symbol(self, block: Block) -> None:
        index, found = _other_symbol(block, self._symbol)
        if found is None:
            return
        row = self._rows + index + 1
        if self._request.symbol is not None:
            raise RowError(
                self._request.path, row, f"the symbol is {found}, not {self._request.symbol} as asked"
            )
        raise UsageError(
            f"{self._request.path} holds more than one symbol ({self._symbol}, and {found} at row {row}): "
            f"{_GROUP_HELP}"
        )

    def _check_day(self, block: Block, day: date) -> None:
        local = block.local_us
        start_us = day_start_us(day)
        outside = np.flatnonzero((local < start_us) | (local >= start_us + US_PER_DAY))
        if len(outside):
            row = int(outside[0])
            found = day_of(int(local[row]))
            raise RowError(
                self._request.path, self._rows + row + 1, f"local_timestamp lies in {found}, not {day}"
            )


def first_symbol(block: Block) -> str:
    """Name the instrument of a block's first row."""
    return block.symbol if isinstance(block.symbol, str) else block.symbol.words[int(block.symbol.codes[0])]


def _other_symbol(block: Block, symbol: str) -> tuple[int, str | None]:
    """Find the first row of another instrument than *symbol*, and its name."""
    if isinstance(block.symbol, str):
        return 0, None if block.symbol == symbol else block.symbol
    codes, words = block.symbol.codes, block.symbol.words
    others = np.flatnonzero(codes != (words.index(symbol) if symbol in words else -1))
    return (int(others[0]), words[int(codes[others[0]])]) if len(others) else (0, None)
