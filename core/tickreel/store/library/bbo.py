"""Best bid and offer of an instrument as one memory-mapped array, computed once and kept beside the rows.

    derived/<digest>.bbo    a .npy file of the records of whole days, and their checksum after it

A file is named by the digests of the rows that it follows from, so it is right for ever or
never asked for again. All of them may be removed at any time.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from hashlib import sha256
from io import BytesIO
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from isal import isal_zlib
from numpy.lib import format as npy

from tickreel.errors import EnvironmentProblem, NotHeldError, UsageError
from tickreel.market.time import US_PER_DAY, day_start_us, days_touched
from tickreel.market.types import DataType
from tickreel.store.library.plans import refuse_missing
from tickreel.store.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tickreel.book import BookBuilder, L2Rows
    from tickreel.market.block import Block
    from tickreel.store.home import Home
    from tickreel.store.library.plans import RangePlan
    from tickreel.store.library.reading import Library

    Numbers: TypeAlias = NDArray[np.float64]
    Pieces: TypeAlias = Iterator[tuple[NDArray[np.int64], Numbers]]

RECORD = np.dtype(
    [("timestamp", "<i8"), ("bid", "<f8"), ("ask", "<f8"), ("bid_size", "<f8"), ("ask_size", "<f8")]
)
"""*timestamp* is local time; a side that is empty has NaN for its price and its size."""

_SOURCES = (DataType.QUOTES, DataType.BOOK_TICKER, DataType.INCREMENTAL_BOOK_L2)
_QUOTED = ("bid_price", "ask_price", "bid_amount", "ask_amount")
_VERSION = 2
_SUFFIX = ".bbo"
_SEAL_BYTES = 8


class BboFiles:
    """The best-bid-and-offer files of one home; usable from several threads and processes."""

    def __init__(self, home: Home, library: Library) -> None:
        self._home = home
        self._library = library
        self._folder = home.derived

    def open(self, exchange: str, symbol: str, start_us: int, end_us: int) -> np.memmap[Any, Any]:
        """Map the records with *timestamp* in [start_us, end_us), read-only.

        Raises:
            NotHeldError: neither quotes nor an order book of it is held, or days are missing.
            UsageError: the symbol names a group.
            EnvironmentProblem: the file is not there yet and cannot be written, or cannot be read.
        """
        began_ns = perf_counter_ns()
        plan = self._plan(exchange, symbol, start_us, end_us)
        path = self._folder / f"{self._digest(plan)}{_SUFFIX}"
        records = _mapped(path)
        if records is None:
            self._make(path, plan)  # reads the days, which counts as their use
            records = _mapped(path)
            if records is None:
                raise EnvironmentProblem(
                    f"{path} cannot be read although it was just written: check the disk"
                )
        else:
            elapsed_ns = perf_counter_ns() - began_ns
            for day, _ in plan.by_day():
                self._library.count_hit(plan.selection, day, elapsed_ns)
        times = records["timestamp"]
        # Not searchsorted, which would first copy the column.
        part = records[bisect_left(times, start_us) : bisect_left(times, end_us)]
        # An empty part shares no memory with the map, and NumPy takes it for an array of its own.
        return part if isinstance(part, np.memmap) else part.view(np.memmap)

    def _plan(self, exchange: str, symbol: str, start_us: int, end_us: int) -> RangePlan:
        """Choose what the records come from: the first type that misses no day."""
        days = days_touched(start_us, end_us)
        span = (day_start_us(days[0]), day_start_us(days[-1]) + US_PER_DAY) if days else (start_us, end_us)
        selections = [
            self._library.select(exchange, symbol, data_type)
            for data_type in self._library.held_types(exchange, symbol, _SOURCES)
        ]
        if not selections:
            self._library.count_misses(days)
            raise NotHeldError(
                f"neither quotes nor an order book are held of {exchange} {symbol}: {self._library.advice()}"
            )
        for selection in selections:
            if selection.key.is_grouped and selection.member is None:
                raise UsageError(f"{symbol} is a group: name one of its instruments")
        plans = [self._library.plan(selection, *span) for selection in selections]
        for plan in plans:
            if not plan.missing:
                return plan
        self._library.count_misses(plans[0].missing)
        refuse_missing(plans[0].missing, can_be_allowed=False)
        return plans[0]

    def _digest(self, plan: RangePlan) -> str:
        """Name everything on which the records depend."""
        parts = list(plan.parts)
        if plan.selection.key.type is DataType.INCREMENTAL_BOOK_L2:
            parts = self._library.chain_before(plan.selection, plan.start_us) + parts
        basis = [
            _VERSION,
            *(plan.selection.key.exchange, plan.selection.key.symbol, plan.selection.key.type.value),
            plan.selection.member,
            *(plan.start_us, plan.end_us),
            [part.rows_sha256 for part in parts],
            plan.breaks_us,
        ]
        return sha256(json.dumps(basis).encode()).hexdigest()

    def _make(self, path: Path, plan: RangePlan) -> None:
        if self._home.read_only:
            raise EnvironmentProblem(
                f"the home {self._home.root} was opened for reading only, and this array is not there yet: "
                "ask for it once with the home open for writing"
            )
        disk = self._home.disk
        with Staging(self._home) as staging:
            _, unfinished = staging.new_segment()
            try:
                with disk.create(unfinished) as file:
                    rows, crc = 0, 0
                    disk.write(file, _header(rows))
                    for piece in _changes(self._pieces(plan)):
                        records = piece.view(np.uint8).data
                        disk.write(file, records)
                        rows, crc = rows + len(piece), isal_zlib.crc32(records, crc)
                    disk.write(file, _seal(crc))
                    file.seek(0)
                    disk.write(file, _header(rows))
                    disk.sync(file)
                disk.make_folder(self._folder)
                if _mapped(path) is None:  # Windows replaces no file that somebody has mapped
                    disk.move(unfinished, path)
                    disk.sync_folder(self._folder)
            except OSError as error:
                raise EnvironmentProblem(
                    f"{path} cannot be written: {error.strerror or error}; free some space and ask again"
                ) from error

    def _pieces(self, plan: RangePlan) -> Pieces:
        """Give times and values after each message; where a day is not there, that nothing is known."""
        from tickreel.store.library.booktime import L2_COLUMNS, books_before, l2_rows

        builder = None
        if plan.selection.key.type is DataType.INCREMENTAL_BOOK_L2:
            (builder,) = books_before(self._library, plan.selection, plan.start_us).values()
        breaks = list(plan.breaks_us)
        for block in self._library.rows(plan, _QUOTED if builder is None else L2_COLUMNS):
            while breaks and breaks[0] <= int(block.local_us[0]):
                if builder is not None:
                    builder.forget()
                yield _nothing(breaks.pop(0))
            yield _quoted(block) if builder is None else _touched(builder, l2_rows(block))
        for at_us in breaks:
            yield _nothing(at_us)


def _nothing(at_us: int) -> tuple[NDArray[np.int64], Numbers]:
    return np.array([at_us]), np.full((1, 4), np.nan)


def _mapped(path: Path) -> np.memmap[Any, Any] | None:
    """Map a file; None when there is none, or one that is not what was written."""
    try:
        whole = np.memmap(path, np.uint8, mode="r")
    except (FileNotFoundError, ValueError):
        return None
    except OSError as error:
        raise EnvironmentProblem(f"{path} cannot be read: {error.strerror or error}") from error
    rows = max(len(whole) - len(_header(0)) - _SEAL_BYTES, 0) // RECORD.itemsize
    head = _header(rows)
    end = len(head) + rows * RECORD.itemsize
    sealed = bytes(whole[: len(head)]) == head and bytes(whole[end:]) == _seal(
        isal_zlib.crc32(whole[len(head) : end].data)
    )
    if not sealed:
        return None
    return np.memmap(path, RECORD, mode="r", offset=len(head), shape=(rows,))


def _seal(crc: int) -> bytes:
    """Spell what follows the records: the CRC-32 of their bytes."""
    return b"TICK" + crc.to_bytes(4, "little")


def _header(rows: int) -> bytes:
    """Spell the head of a .npy file; NumPy leaves room, so that it is as long for any number of rows."""
    written = BytesIO()
    fields = {"descr": npy.dtype_to_descr(RECORD), "fortran_order": False, "shape": (rows,)}
    npy.write_array_header_1_0(written, fields)
    return written.getvalue()


def _changes(pieces: Pieces) -> Iterator[NDArray[np.void]]:
    """Keep what differs from the record before; the first is one with a price."""
    last = np.full((1, 4), np.nan)
    for time_us, values in pieces:
        chain = np.concatenate((last, values))
        is_new = (chain[1:] != chain[:-1]) & ~(np.isnan(chain[1:]) & np.isnan(chain[:-1]))
        kept = is_new.any(axis=1)
        last = chain[-1:]
        records = np.empty(int(np.count_nonzero(kept)), RECORD)
        records["timestamp"] = time_us[kept]
        for place, name in enumerate(("bid", "ask", "bid_size", "ask_size")):
            records[name] = values[kept, place]
        yield records


def _quoted(block: Block) -> tuple[NDArray[np.int64], Numbers]:
    ends = _message_ends(block.local_us)
    return block.local_us[ends], np.column_stack([block.array(name)[ends] for name in _QUOTED])


def _message_ends(local_us: NDArray[np.int64]) -> NDArray[np.intp]:
    """Give the place of each message's last row."""
    return np.append(np.flatnonzero(local_us[1:] != local_us[:-1]), len(local_us) - 1)


def _touched(builder: BookBuilder, rows: L2Rows) -> tuple[NDArray[np.int64], Numbers]:
    """Apply rows and give best prices and their amounts after each message."""
    time_us, *values = builder.apply_with_touch(rows)
    return time_us, np.column_stack(values)
